"""The worked cases shared with this project, through the command line: a folder in, a database out."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import duckdb
import pandas as pd
import pytest

CASES = Path(__file__).parents[2] / "shared" / "golden" / "cases.jsonl"

pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="needs ../shared/golden/cases.jsonl, which is not here")

HOURS = {"onset_hour": "onset_minute", "end_hour": "end_minute"}


def read_cases() -> list[dict]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()] if CASES.is_file() else []


def write_cohort(folder: Path, cases: list[dict]) -> None:
    """One subject per case; a clock is written for the infusion so that its minute of the day is known."""
    subjects, observations = [], []
    for case in cases:
        subject = dict(case["subject"])
        minute = subject.pop("infusion_minute_of_day", 0)
        clock = f"2031-05-04T{minute // 60:02d}:{minute % 60:02d}:00"
        subjects.append({"subject_id": case["id"], "infusion_time": clock, **subject})
        observations += [{"subject_id": case["id"], **row} for row in case["observations"]]
    folder.mkdir(parents=True)
    pd.DataFrame(subjects).to_csv(folder / "subjects.csv", index=False)
    pd.DataFrame(observations).to_csv(folder / "observations.csv", index=False)


@pytest.fixture(scope="module")
def summaries(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict]:
    """The summary row of every case, by system and id: one run of the command per set of choices."""
    by_choices = defaultdict(list)
    for case in read_cases():
        by_choices[json.dumps(case["choices"])].append(case)
    rows = {}
    for choices, cases in by_choices.items():
        folder = tmp_path_factory.mktemp("golden")
        write_cohort(folder / "in", cases)
        lines = [f"{name} = {value}\n" for name, value in json.loads(choices).items()]
        (folder / "choices.toml").write_text("".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "pipeline", "run", "tidy", folder / "in", "--out", folder / "out",
                   "--choices", folder / "choices.toml", "--no-report"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        with duckdb.connect(str(folder / "out" / "cohort.duckdb"), read_only=True) as connection:
            relation = connection.execute("SELECT * FROM summaries.subjects")
            names = [column[0] for column in relation.description]
            for row in relation.fetchall():
                summary = dict(zip(names, row, strict=True))
                rows[summary["system"], summary["subject_id"]] = summary
    return rows


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case["id"])
def test_worked_case(case: dict, summaries: dict[tuple[str, str], dict]) -> None:
    summary = summaries[case["system"], case["id"]]
    got = {}
    for name in case["expect"]:
        value = summary[HOURS.get(name, name)]
        got[name] = value / 60 if name in HOURS and value is not None else value
    assert got == case["expect"], case["title"]
