"""`make` on machines that have, and have not, what it needs: the Pythons here are shell scripts."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import versions

ROOT = Path(__file__).resolve().parent.parent
MAKE = shutil.which("make") or shutil.which("gmake")
TOOLS = ["awk", "cat", "cp", "echo", "find", "ls", "mkdir", "rm", "sh"]
TARGETS = ["setup", "run", "test", "test-newest", "test-oldest", "notebooks", "bench", "lint", "wheel", "clean"]

STUB = """#!/bin/sh
case "$*" in
  *version_info*) echo {version} ;;
  -V) echo "Python {version}.1" ;;
  *ensurepip*) {venv} ;;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo made {version} >> commands.log ;;
  "-m venv .venv-"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo "made $3" >> commands.log ;;
  "tests/versions.py "*) echo "requirements of $2" ;;
  *" install "*) echo "$*" >> commands.log; {pip} ;;
  *) echo "$*" >> commands.log ;;
esac
"""
NO_VENV = "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1"
NO_PIP = "echo 'ERROR: No matching distribution found' >&2; exit 1"
NOT_INSTALLED = "#!/bin/sh\necho 'shim: command not found' >&2\nexit 127\n"

pytestmark = pytest.mark.skipif(MAKE is None, reason="GNU make is not installed")


@dataclass
class Machine:
    """A checkout in a folder whose name has a space, and a PATH with a few tools and the Pythons given."""

    folder: Path
    bin: Path = field(init=False)
    checkout: Path = field(init=False)

    def __post_init__(self):
        self.bin = self.folder / "bin"
        self.checkout = self.folder / "a check out"
        self.bin.mkdir()
        self.checkout.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name in ["Makefile", "requirements.lock", "pyproject.toml"]:
            shutil.copy(ROOT / name, self.checkout)

    def has(self, name, version, venv=True, pip=True):
        return self.holds(
            name,
            STUB.format(version=version, venv="exit 0" if venv else NO_VENV, pip="exit 0" if pip else NO_PIP),
        )

    def holds(self, name, script):
        path = self.bin / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    def make(self, *arguments):
        return subprocess.run(
            [MAKE, *arguments],
            cwd=self.checkout,
            env={"PATH": str(self.bin), "HOME": str(self.folder), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def commands(self):
        log = self.checkout / "commands.log"
        said = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return said


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def own_lines(result):
    """What stderr holds besides make's closing line."""
    return [line for line in result.stderr.splitlines() if not re.match(r"g?make: \*\*\* ", line)]


def assert_one_sentence(result, *parts):
    assert result.returncode != 0
    lines = own_lines(result)
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("cytograde: ") and lines[0].endswith(".")
    assert not re.search(r"[.!?] [A-Z]", lines[0])
    assert "Traceback" not in result.stdout + result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert result.stdout == ""
    for part in parts:
        assert part in lines[0]


def test_make_alone_lists_every_target_in_one_line_each(machine):
    result = machine.make()
    assert result.returncode == 0 and result.stderr == ""
    title, *lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == TARGETS
    assert all(len(line) <= 110 and len(line.split()) > 2 for line in lines)


def test_every_phony_target_is_listed_or_internal():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M).group(1).split()
    assert set(phony) == {*TARGETS, "help", "rebuild"}


def test_no_python_at_all_is_one_sentence(machine):
    assert_one_sentence(machine.make("run"), "3.11", "none was found", "make PYTHON=")


def test_only_an_old_python_is_one_sentence_that_names_it(machine):
    machine.has("python3", "3.9")
    assert_one_sentence(machine.make("run"), "python3 is Python 3.9", "install")
    assert machine.commands() == []


def test_a_python_newer_than_the_lock_is_one_sentence_that_names_it(machine):
    machine.has("python3", "3.15")
    assert_one_sentence(machine.make("setup"), "python3 is Python 3.15", "3.14")


def test_a_python_without_venv_is_one_sentence_with_the_package_to_install(machine):
    machine.has("python3.12", "3.12", venv=False)
    assert_one_sentence(machine.make("test"), "python3.12", "apt install python3.12-venv")


def test_an_older_python_with_venv_is_taken_before_a_newer_one_without(machine):
    machine.has("python3.13", "3.13", venv=False)
    machine.has("python3.11", "3.11")
    assert machine.make("setup").returncode == 0
    assert "made 3.11" in machine.commands()


@pytest.mark.parametrize(
    "versions, newest",
    [
        (["3.11", "3.12", "3.13", "3.14"], "3.14"),
        (["3.9", "3.11", "3.13"], "3.13"),
        (["3.10", "3.12"], "3.12"),
        (["3.11"], "3.11"),
    ],
)
def test_the_newest_python_is_picked(machine, versions, newest):
    for version in versions:
        machine.has(f"python{version}", version)
    machine.has("python3", versions[0])
    result = machine.make("setup")
    assert result.returncode == 0 and result.stderr == ""
    assert f"made {newest}" in machine.commands()
    assert len(result.stdout.splitlines()) == 1
    assert f"python{newest}" in result.stdout and "minute" in result.stdout


def test_plain_python3_is_picked_where_no_other_name_is_there(machine):
    machine.has("python3", "3.13")
    assert machine.make("setup").returncode == 0
    assert "made 3.13" in machine.commands()


def test_a_shim_that_stands_for_no_python_is_passed_over(machine):
    machine.holds("python3.14", NOT_INSTALLED)
    machine.has("python3.12", "3.12")
    result = machine.make("setup")
    assert result.returncode == 0 and result.stderr == ""
    assert "made 3.12" in machine.commands()


def test_a_python_named_by_the_user_is_taken_before_a_newer_one(machine):
    machine.has("python3.14", "3.14")
    named = machine.has("own pythons/python", "3.12")
    assert machine.make("setup", f"PYTHON={named}").returncode == 0
    assert "made 3.12" in machine.commands()


def test_a_named_python_that_is_not_there_is_one_sentence_and_leaves_the_environment(machine):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    assert_one_sentence(machine.make("setup", "PYTHON=/nowhere/python"), "/nowhere/python does not start")
    machine.commands()
    assert machine.make("setup").returncode == 0
    assert machine.commands() == []


def test_naming_another_python_rebuilds_the_environment_with_it(machine):
    machine.has("python3.14", "3.14")
    machine.has("python3.12", "3.12")
    machine.make("setup")
    machine.commands()
    assert machine.make("setup", "PYTHON=python3.12").returncode == 0
    assert "made 3.12" in machine.commands()
    assert machine.make("setup").returncode == 0
    assert machine.commands() == []


def test_setup_installs_the_lock_by_hash_and_then_the_project_alone(machine):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    made, lock, project = machine.commands()
    assert made == "made 3.12"
    assert "--require-hashes -r requirements.lock" in lock
    assert "--no-deps --no-build-isolation -e ." in project


def test_a_failing_pip_is_one_sentence_after_its_own_words(machine):
    machine.has("python3.12", "3.12", pip=False)
    result = machine.make("setup")
    assert result.returncode != 0
    pips, ours = own_lines(result)
    assert pips == "ERROR: No matching distribution found"
    assert ours.startswith("cytograde: pip ") and ours.endswith(".") and "index" in ours


def test_a_setup_that_was_cut_short_is_made_anew(machine):
    machine.has("python3.12", "3.12", pip=False)
    machine.make("setup")
    left_over = machine.checkout / ".venv" / "half"
    left_over.touch()
    machine.commands()
    machine.has("python3.12", "3.12")
    assert machine.make("setup").returncode == 0
    assert "made 3.12" in machine.commands()
    assert not left_over.exists()


def test_a_second_setup_does_nothing(machine):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    machine.commands()
    result = machine.make("setup")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert machine.commands() == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_file_is_installed_into_the_environment_that_is_there(machine, name):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    machine.commands()
    stamp = (machine.checkout / ".venv" / ".cytograde").stat().st_mtime
    os.utime(machine.checkout / name, (stamp + 5, stamp + 5))
    assert machine.make("setup").returncode == 0
    lock, project = machine.commands()
    assert "requirements.lock" in lock and "-e ." in project


def test_a_moved_checkout_makes_its_environment_anew(machine):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    machine.commands()
    machine.checkout = machine.checkout.rename(machine.folder / "moved")
    assert machine.make("setup").returncode == 0
    assert "made 3.12" in machine.commands()


def test_an_environment_whose_python_is_gone_is_made_anew(machine):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    machine.commands()
    (machine.checkout / ".venv" / "bin" / "python").unlink()
    assert machine.make("setup").returncode == 0
    assert "made 3.12" in machine.commands()


@pytest.mark.parametrize(
    "target, command",
    [
        ("run", "-m pipeline run tidy data/sample/tidy --out results/sample"),
        ("test", "-m pytest -n auto --dist loadfile"),
        ("notebooks", "-m pipeline.reports.notebooks --out results/sample"),
        ("bench", "tests/bench/bench.py"),
        ("lint", "-m ruff check ."),
    ],
)
def test_a_target_sets_up_and_then_runs_its_command(machine, target, command):
    machine.has("python3.12", "3.12")
    result = machine.make(target)
    assert result.returncode == 0, result.stderr
    *setup, last = machine.commands()
    assert setup[0] == "made 3.12" and last == command


@pytest.mark.parametrize("end", ["newest", "oldest"])
def test_the_tests_run_on_either_end_of_the_versions_in_an_environment_beside_the_locks(machine, end):
    machine.has("python3.12", "3.12")
    assert machine.make(f"test-{end}", "ARGS=-k fever").returncode == 0
    *_, made, packages, tests = machine.commands()
    assert made == f"made .venv-{end}"
    assert packages.endswith(f"install --no-compile --upgrade --upgrade-strategy eager -r .venv-{end}/requirements.txt")
    assert tests == "-m pytest -n auto --dist loadfile -k fever"
    assert (machine.checkout / f".venv-{end}" / "requirements.txt").read_text() == f"requirements of {end}\n"
    # The environment stays, and is brought up to date at the next call.
    machine.make(f"test-{end}")
    assert "--upgrade" in machine.commands()[0]


def test_an_end_of_the_versions_follows_the_locks_environment_to_another_python(machine):
    machine.has("python3.14", "3.14")
    machine.has("python3.12", "3.12")
    machine.make("test-oldest", "PYTHON=python3.12")
    machine.commands()
    machine.make("test-oldest")
    assert "made .venv-oldest" not in machine.commands()
    machine.make("setup", "PYTHON=python3.14")
    machine.make("test-oldest")
    assert machine.commands().count("made .venv-oldest") == 1


def test_a_pip_that_finds_no_newest_package_is_one_sentence(machine):
    machine.has("python3.12", "3.12")
    machine.make("setup")
    machine.commands()
    machine.holds("python3.12", STUB.format(version="3.12", venv="exit 0", pip=NO_PIP))
    shutil.copy(machine.bin / "python3.12", machine.checkout / ".venv" / "bin" / "python")
    result = machine.make("test-newest")
    assert result.returncode != 0
    assert result.stderr.splitlines()[:2] == [
        "ERROR: No matching distribution found",
        "cytograde: pip could not install the newest packages, for the reason above: check that this machine reaches a "
        "package index, then run make again.",
    ]


def test_the_oldest_versions_are_the_lower_bounds_and_the_newest_what_is_written():
    project = {
        "dependencies": ["duckdb>=1.5.6,!=2.0.0,<3", "rich>=15", "old<26 ; sys_platform == 'darwin'", "scipy"],
        "optional-dependencies": {"dev": ["pytest>=9.2,<10 ; python_version < '4'"]},
    }
    wanted = versions.requirements(project)
    assert wanted == [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert [versions.at_lower_bound(one) for one in wanted] == [
        "duckdb==1.5.6", "rich==15", "old<26 ; sys_platform == 'darwin'", "scipy", "pytest==9.2 ; python_version < '4'",
    ]  # fmt: skip


def test_run_says_where_the_results_are(machine):
    machine.has("python3.12", "3.12")
    assert "results/sample/report.html" in machine.make("run").stdout.splitlines()[-1]


def test_clean_keeps_results_that_make_did_not_make(machine):
    machine.has("python3.12", "3.12")
    machine.make("test-newest")
    for kept in ["results/mine/cohort.duckdb", "results/sample/cohort.duckdb", "pipeline/__pycache__/a.pyc"]:
        path = machine.checkout / kept
        path.parent.mkdir(parents=True)
        path.touch()
    assert machine.make("clean").returncode == 0
    assert (machine.checkout / "results/mine/cohort.duckdb").exists()
    for gone in [".venv", ".venv-newest", "results/sample", "pipeline/__pycache__"]:
        assert not (machine.checkout / gone).exists()


def test_the_makefile_keeps_to_what_gnu_make_3_81_knows():
    text = (ROOT / "Makefile").read_text()
    for newer in [".ONESHELL", ".RECIPEPREFIX", "$(file ", "$(guile ", "$(let ", "$(intcmp ", "&:", "::="]:
        assert newer not in text
    assert not re.search(r"^\w+\s*!=|^(undefine|load)\b", text, re.M)
