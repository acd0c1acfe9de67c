"""The wheel holds the whole pipeline and works far from the repository; the lock pins all it needs, by
hash."""

import csv
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()

SHIPPED = {".py", ".sql", ".toml", ".csv", ".html", ".css", ".js", ".j2", ".md"}
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info")

SUBJECTS = """\
subject_id,followup_end_hour,age_years
feverish,720,54
well,720,61
"""
OBSERVATIONS = """\
subject_id,concept,start_hour,value,unit
feverish,temperature,2,36.9,degC
feverish,temperature,30,38.6,degC
feverish,temperature,36,37.1,degC
feverish,temperature,44,36.8,degC
well,temperature,2,36.7,degC
well,temperature,30,36.8,degC
"""


def run(*command, cwd):
    """Run a command as a shell outside the repository would; fail with what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MAKE", "COV_"))}
    result = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source archive, and the wheel built from it, of a clean copy of the repository."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    source.mkdir()
    shutil.copytree(ROOT / "pipeline", source / "pipeline", ignore=NOT_SHIPPED)
    for name in ["pyproject.toml", "LICENSE", "README.md"]:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source, cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """The wheel in an environment of its own that borrows this one's libraries, not its checkout."""
    wheel, _ = archives
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    # A .pth file met in a borrowed folder is not obeyed, so an editable install there stays unseen.
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(site, "borrowed.pth").write_text("".join(f"{path}\n" for path in sorted(libraries)))
    return folder


def shipped_files():
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pipeline").rglob("*")
        if path.suffix in SHIPPED and "__pycache__" not in path.parts
    )


def requirements():
    """The requirements of the lock, each with its hashes."""
    for entry in LOCK.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", entry.strip())
        yield Requirement(requirement), hashes


def direct_dependencies():
    project = PROJECT["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(text) for group in [*groups, PROJECT["build-system"]["requires"]] for text in group]


# The archives


def test_the_wheel_holds_every_file_of_the_pipeline(archives):
    wheel, _ = archives
    assert set(shipped_files()) - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_source_archive_holds_every_file_of_the_pipeline(archives):
    _, sdist = archives
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {*shipped_files(), "LICENSE", "pyproject.toml"} - held == set()


def test_the_wheel_holds_the_pipeline_and_its_licence_and_nothing_else(archives):
    wheel, _ = archives
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"pipeline", "cytograde-0.1.0.dist-info"}
    assert "cytograde-0.1.0.dist-info/licenses/LICENSE" in names
    assert wheel.name == "cytograde-0.1.0-py3-none-any.whl"


def test_the_wheel_installed_elsewhere_is_what_runs_there(installed):
    where = run(
        installed / "venv/bin/python", "-c", "import pipeline; print(pipeline.__file__)", cwd=installed
    )
    assert Path(where.strip()).is_relative_to(installed)


def test_the_installed_command_lists_the_grading_systems(installed):
    assert "astct_2019" in run(installed / "venv/bin/cytograde", "systems", cwd=installed)


def test_the_installed_command_grades_a_cohort(installed):
    cohort = installed / "cohort"
    cohort.mkdir()
    (cohort / "subjects.csv").write_text(SUBJECTS)
    (cohort / "observations.csv").write_text(OBSERVATIONS)
    run(installed / "venv/bin/cytograde", "run", "tidy", cohort, "--out", "graded", cwd=installed)

    graded = installed / "graded"
    for name in ["cohort.duckdb", "manifest.json", "report.html", "tables/episodes.parquet"]:
        assert (graded / name).stat().st_size > 0
    with open(graded / "tables" / "subjects.csv", newline="") as file:
        grades = {row["subject_id"]: row for row in csv.DictReader(file) if row["system"] == "astct_2019"}
    assert (grades["feverish"]["status"], grades["feverish"]["max_grade"]) == ("crs", "1")
    assert (grades["well"]["status"], grades["well"]["max_grade"]) == ("no_crs", "0")


# The lock


def test_every_line_of_the_lock_is_a_pinned_requirement_or_a_hash_of_one():
    for requirement, hashes in requirements():
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(requirement.specifier)), requirement
        assert not requirement.url and not requirement.extras
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


def test_the_lock_names_no_host_and_no_index():
    assert "://" not in LOCK
    assert not re.search(r"\bindex\b|^-", LOCK, re.M)


def test_every_direct_dependency_is_in_the_lock_at_a_version_the_project_admits():
    locked = {}
    for requirement, _ in requirements():
        (pin,) = requirement.specifier
        locked.setdefault(canonicalize_name(requirement.name), []).append(Version(pin.version))
    for wanted in direct_dependencies():
        versions = locked.get(canonicalize_name(wanted.name), [])
        assert versions and all(version in wanted.specifier for version in versions), wanted


def test_makefile_and_project_name_the_same_pythons():
    makefile = (ROOT / "Makefile").read_text()
    project = PROJECT["project"]
    tried = re.findall(r"python(3\.\d+)", re.search(r"^PYTHONS = .*$", makefile, re.M).group())
    taken = re.search(r"^\s*([0-9.|]+)\) ;;", makefile, re.M).group(1).split("|")
    named = [c.rpartition(" ")[2] for c in project["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert tried[::-1] == taken == named
    assert project["requires-python"] == f">={named[0]}"
