"""Every clinical audit finds its planted fault, and is silent on a clean cohort; none of them fails a build."""

import re
from pathlib import Path

import pandas as pd
import pytest
from cohorts import chartings, run, written

import pipeline
from pipeline import audits

COLUMNS = ("subject_id", "concept", "start_hour", "end_hour", "value", "unit")

# Watched every six hours; fever from 30 h to 54 h.
WATCHED = [f"temperature {hour} . {39.0 if 30 <= hour < 54 else 36.8} degC" for hour in range(0, 120, 6)]
WATCHED += [f"systolic_bp {hour} . 120 mmHg" for hour in range(0, 120, 6)]
HIGH_GRADE = ["systolic_bp 31 . 80 mmHg", "systolic_bp 31.5 . 82 mmHg", "norepinephrine 32 38 0.1 ug/kg/min"]
CLEAN = [*WATCHED, *HIGH_GRADE, "tocilizumab 33 . 560 mg"]

LONG = [f"temperature {hour} . 39.0 degC" for hour in range(54, 320, 6)]

# A clean chart with one fault: rows, facts of the subject, and what is found: system, hour, value.
FAULTS = {
    "vasopressor_without_hypotension": (
        [*WATCHED, "tocilizumab 33 . 560 mg", "norepinephrine 32 38 0.1 ug/kg/min"], {},
        [(None, 32, "norepinephrine, 6.0 h")],
    ),
    "support_without_fever": (
        [*[row.replace("39.0", "36.8") for row in WATCHED], "nasal_cannula 60 64 2 L/min"], {}, [(None, 60, "nasal cannula")],
    ),
    "top_grade_on_one_reading": (
        [*WATCHED, "systolic_bp 31 . 80 mmHg", "tocilizumab 33 . 560 mg"], {}, [("astct_2019", 31, "grade 2")],
    ),
    "ceiling_far_above_grade": (
        [*WATCHED, "cpap -20 -10 . .", "cpap 32 40 . ."], {}, [("astct_2019", 32, "grade 1, up to 4")],
    ),
    "device_unknown": (
        [*CLEAN, "oxygen_unspecified 33 35 2 L/min"], {}, [(None, 33, "at most 2 L/min")],
    ),
    "death_during_episode": (
        CLEAN, {"death_hour": 40, "death_cause": "progression"}, [("astct_2019", 40, "progression")],
    ),
    "onset_outside_usual_days": (
        [*CLEAN, "temperature 1 . 38.5 degC", "temperature 2 . 37 degC"], {}, [("astct_2019", 1, "day 0")],
    ),
    "duration_over_usual_days": (
        [row for row in CLEAN if not re.match(r"temperature (5[4-9]|[6-9]\d|1\d\d) ", row)] + LONG, {},
        [("astct_2019", 30, "13 days")],
    ),
    "tocilizumab_below_grade": (
        [*WATCHED, "tocilizumab 33 . 560 mg"], {}, [("astct_2019", 33, "grade 1")],
    ),
    "severe_without_treatment": (
        [*WATCHED, *HIGH_GRADE], {}, [("astct_2019", 32, "grade 3")],
    ),
    "tocilizumab_under_label_age": (
        [row.replace("120 mmHg", "100 mmHg").replace("80 mmHg", "60 mmHg").replace("82 mmHg", "61 mmHg") for row in CLEAN],
        {"age_years": 1.9}, [(None, 33, "1.9 years old")],
    ),
}  # fmt: skip


def graded(charts: dict[str, tuple[list[str], dict]]) -> pipeline.Cohort:
    subjects = [{"subject_id": name, "age_years": 50, "followup_end_hour": 700, **facts} for name, (_, facts) in charts.items()]
    observations = [
        dict(zip(COLUMNS, (name, *("" if cell == "." else cell for cell in row.split()))))
        for name, (chart, _) in charts.items()
        for row in chart
    ]
    return pipeline.grade(pd.DataFrame(subjects), pd.DataFrame(observations), systems=["astct_2019"])


@pytest.fixture(scope="module")
def planted() -> dict[str, list[tuple]]:
    """What each audit finds, in a cohort that holds every fault once beside a clean chart."""
    cohort = graded({name: (chart, facts) for name, (chart, facts, _) in FAULTS.items()} | {"clean": (CLEAN, {})})
    audits.look(cohort.connection)
    found: dict[str, list[tuple]] = {}
    for audit, *rest in cohort.connection.execute(
        "SELECT audit, subject_id, system, minute / 60, value FROM audits.findings"
    ).fetchall():
        found.setdefault(audit, []).append(tuple(rest))
    return found


def test_every_clinical_audit_has_a_planted_fault() -> None:
    assert set(FAULTS) == {path.stem for path in audits.files(audits.CLINICAL)}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_clinical_audit_finds_its_planted_fault(name: str, planted: dict[str, list[tuple]]) -> None:
    own = [tuple(rest) for subject, *rest in planted.get(name, []) if subject == name]
    assert own == FAULTS[name][2]
    assert "clean" not in {subject for subject, *_ in planted.get(name, [])}


def test_clinical_audits_are_silent_on_a_clean_cohort() -> None:
    cohort = graded({"clean": (CLEAN, {}), "well": ([row.replace("39.0", "36.9") for row in WATCHED], {})})
    assert audits.look(cohort.connection) == 0
    asked = cohort.connection.execute("SELECT sum(findings), sum(patients), count(*) FROM audits.asked").fetchone()
    assert asked == (0, 0, len(FAULTS))


def test_vasopressors_that_follow_one_another_are_one_course() -> None:
    second = [*CLEAN, "epinephrine 37 70 0.1 ug/kg/min"]
    cohort = graded({"changed": (second, {})})
    audits.look(cohort.connection)
    assert cohort.connection.execute("FROM audits.findings WHERE audit = 'vasopressor_without_hypotension'").fetchall() == []


@pytest.mark.parametrize(("hour", "listed"), [("25.6", False), ("25.4", True)])
def test_a_pressure_counts_as_the_occasion_of_a_vasopressor_while_it_holds_and_six_hours_more(hour: str, listed: bool) -> None:
    """The low pressure is in force until the next is read at 19.5 h."""
    chart = ["temperature 0 . 36.8 degC", "systolic_bp 6 . 80 mmHg", "systolic_bp 19.5 . 120 mmHg"]
    cohort = graded({"a": ([*chart, f"norepinephrine {hour} 30 0.1 ug/kg/min"], {})})
    audits.look(cohort.connection)
    found = cohort.connection.execute("FROM audits.findings WHERE audit = 'vasopressor_without_hypotension'").fetchall()
    assert bool(found) is not listed


@pytest.mark.parametrize("path", audits.files(audits.CLINICAL), ids=lambda path: path.stem)
def test_a_clinical_audit_says_what_it_lists_and_why_that_is_worth_a_look(path: Path) -> None:
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"-- [A-Z].+\.", first) and re.fullmatch(r"-- Why: .+\.", second)
    # Where nobody is known to have been infused, nothing is called CRS.
    assert "CRS" not in first + second


def test_a_clinical_finding_does_not_change_the_exit_code(tmp_path: Path) -> None:
    observations = chartings("A,temperature,2,38.5,degC", "A,norepinephrine,3,0.1,ug/kg/min")
    done = run(written(tmp_path, observations=observations), tmp_path / "out")
    assert done.code == 0
    listed = pd.read_csv(tmp_path / "out" / "tables" / "findings.csv")
    assert {"vasopressor_without_hypotension", "onset_outside_usual_days"} <= set(listed.audit)
    assert list(listed.columns) == ["audit", "system", "subject_id", "minute", "value"]
    assert re.search(r"^audits\.findings +\d+ rows", done.out, re.M)
