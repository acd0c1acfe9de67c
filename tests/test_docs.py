"""The documents say what is so: commands, examples and the worked explanation of the README are run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pipeline import api, audits, build, choices, model, sources
from pipeline.__main__ import app
from pipeline.grading import rules
from pipeline.reports.terminal import listings
from pipeline.reports.terminal.progress import Progress

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_every_command_is_in_the_readme() -> None:
    names = [name for name in typer.main.get_command(app).commands]
    assert [name for name in names if f"cytograde {name}" not in README] == []


def test_every_room_has_its_line_in_the_readme() -> None:
    rooms = {path.name for path in model.PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {room for room in rooms if f"| `pipeline/{room}` |" not in README} == set()


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join([*blocks("sh"), *re.findall(r"`make [a-z]+`", README)])))
    assert {"run", "test", "notebooks", "bench"} <= targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)] == []


def test_every_file_the_readme_names_exists() -> None:
    named = re.findall(r"`((?:data|pipeline|notebooks|tests)/[\w./]+)`", README) + re.findall(r"\]\(([\w/.]+)\)", README)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_input_of_the_readme_is_graded(tmp_path: Path) -> None:
    subjects, observations = blocks("csv")
    (tmp_path / "subjects.csv").write_text(subjects, encoding="utf-8")
    (tmp_path / "observations.csv").write_text(observations, encoding="utf-8")
    with Progress(stream=(tmp_path / "log").open("w")) as progress:
        request = build.Request("tidy", tmp_path, tmp_path / "out", systems=("astct_2019",), report=False)
        manifest = build.run(request, progress)
    assert [entry["rows_refused"] for entry in manifest["inputs"]] == [0, 0]
    with api.connect(str(tmp_path / "out" / "cohort.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT subject_id, status, max_grade, onset_day FROM summaries.subjects").fetchall()
    # The ventilation of S-01 protects the airway: not hypoxia, so grade 3 and not 4.
    assert rows == [("S-01", "crs", 3, 2), ("S-02", "not_evaluable", None, None)]


def test_the_worked_explanation_of_the_readme_is_what_the_command_prints(tmp_path: Path) -> None:
    sample = ROOT / "data" / "sample" / "tidy"
    with Progress(stream=(tmp_path / "log").open("w")) as progress:
        build.run(build.Request("tidy", sample, tmp_path / "out", report=False), progress)
    words = ["explain", "CG-1007", "--out", tmp_path / "out", "--system", "astct_2019"]
    done = subprocess.run([sys.executable, "-m", "pipeline", *words], capture_output=True, text=True)
    assert done.stdout == blocks("text")[0]


@pytest.mark.parametrize("system", rules.read_systems().values(), ids=lambda system: system.id)
def test_the_listing_of_systems_gives_every_criterion_in_words_with_its_place(system: rules.System) -> None:
    listed = listings.systems()
    assert system.citation in listed and system.name in listed
    for criterion in system.criteria:
        assert criterion.words in listed and f"[{criterion.place}]" in listed and criterion.when in listed


def test_every_choice_and_source_is_listed_with_its_reason() -> None:
    assert all(one.reason in listings.choices() and one.name in listings.choices() for one in choices.defaults().values())
    assert all(sources.get(name).LAYOUT in listings.sources() for name in sources.names())


def test_contributing_names_every_room_of_the_data_flow() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [room for room in model.ROOMS if room != "rules" and f"`{room}`" not in contributing] == []


def test_every_audit_is_named_for_a_fault() -> None:
    assert [path.stem for path in audits.files() if not re.fullmatch(r"[a-z]+(_[a-z]+)+", path.stem)] == []


def test_the_sample_says_that_it_is_invented() -> None:
    assert "invented" in (ROOT / "data" / "sample" / "README.md").read_text(encoding="utf-8").lower()
