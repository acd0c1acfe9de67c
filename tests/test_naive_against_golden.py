"""Every worked case of the semantics through the naive grader."""

import json
from pathlib import Path

import pytest

from tests.naive.grader import grade

CASES = Path(__file__).resolve().parents[1] / ".." / "shared" / "golden" / "cases.jsonl"


def golden_is_missing():
    """Are the worked cases not beside this repository?"""
    return not CASES.is_file()


def golden_cases():
    """The cases, one a line; none where the file is missing."""
    if golden_is_missing():
        return []
    with CASES.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def in_hours(minute):
    """A minute as the cases give it."""
    return None if minute is None else minute / 60


@pytest.mark.skipif(
    golden_is_missing(), reason="the worked cases (../shared/golden/cases.jsonl) are not here"
)
@pytest.mark.parametrize("case", golden_cases(), ids=lambda case: case["id"])
def test_naive_grader_agrees_with_golden_case(case):
    """All expected fields of the case."""
    verdict = grade(case["subject"], case["observations"], case["system"], case["choices"])
    found = {
        **verdict.summary(),
        "onset_hour": in_hours(verdict.onset_minute),
        "end_hour": in_hours(verdict.end_minute),
    }
    assert {name: found[name] for name in case["expect"]} == pytest.approx(case["expect"])
