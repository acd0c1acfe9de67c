"""Every audit of the build finds its planted fault, and is silent on a sound build (the sample cohort)."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import pipeline
from pipeline import audits, model

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "tidy"

FAULTS = {
    "rows_lost": "UPDATE staging.load SET rows_used = rows_used - 1 WHERE source_file = 'observations'",
    "refusals_uncounted": "DELETE FROM staging.refusals WHERE outcome = 'blanked'",
    "time_untiled": "DELETE FROM grading.grades WHERE subject_id = 'CG-1003' AND start_minute > 0 AND grade = 1",
    "grade_above_ceiling": "UPDATE grading.grades SET ceiling = 0 WHERE subject_id = 'CG-1003' AND grade = 2",
    "grade_without_reason": "UPDATE grading.grades SET because = [] WHERE subject_id = 'CG-1003' AND grade = 2",
    "grade_without_charting": "DELETE FROM timeline.grounds WHERE concept = 'norepinephrine'",
    "support_unlinked": "DELETE FROM grading.links",
    "highest_grade_elsewhere": "UPDATE summaries.subjects SET max_grade = 4 WHERE subject_id = 'CG-1003'",
    "runs_disordered": "UPDATE timeline.runs SET end_minute = end_minute + 5000 WHERE subject_no = 3",
    "chains_disordered": "UPDATE grading.chains SET end_minute = end_minute + 500000",
    "subjects_missing": "DELETE FROM summaries.subjects WHERE subject_id = 'CG-1003' AND system = 'astct_2019'",
}


@pytest.fixture(scope="module")
def cohort() -> pipeline.Cohort:
    frames = [pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, keep_default_na=False) for name in ("subjects", "observations")]
    return pipeline.grade(*frames)


def test_every_audit_has_a_planted_fault() -> None:
    assert set(FAULTS) == {path.stem for path in audits.files()}


def test_audits_are_silent_on_a_sound_build(cohort: pipeline.Cohort) -> None:
    assert audits.run(cohort.connection) == []


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_an_audit_finds_its_planted_fault(name: str, cohort: pipeline.Cohort) -> None:
    cohort.connection.execute("BEGIN")
    try:
        cohort.connection.execute(FAULTS[name])
        found = {finding.name: finding.rows for finding in audits.run(cohort.connection)}
    finally:
        cohort.connection.execute("ROLLBACK")
    assert found.get(name, 0) >= 1


@pytest.mark.parametrize("stored", ["start_minute", "subject_no DESC, system, start_minute DESC"])
@pytest.mark.parametrize(
    ("read", "made", "audit"),
    [("grading.graded", "grading.grades", "time_untiled"), ("grading.verdicts", "grading.chains", "chains_disordered")],
)
def test_verdicts_stored_out_of_order_are_found(read: str, made: str, audit: str, stored: str, cohort: pipeline.Cohort) -> None:
    """What makes stretches and chains takes the verdicts as they are stored."""
    maker = next(one for one in model.read_models() if one.table == made)
    cohort.connection.execute("BEGIN")
    try:
        cohort.connection.execute(f"CREATE OR REPLACE TABLE {read} AS FROM {read} ORDER BY {stored}")
        cohort.connection.execute(f"CREATE OR REPLACE TABLE {made} AS {maker.select}")
        found = {finding.name for finding in audits.run(cohort.connection)}
    finally:
        cohort.connection.execute("ROLLBACK")
    assert audit in found


@pytest.mark.parametrize("window", [0, 0.02, 24])
def test_support_during_a_fever_is_linked_by_it_however_short_a_fever_counts_as_recent(window: float) -> None:
    """Norepinephrine at hour 4: the fever read at hour 1 is still in force, and leads to its row."""
    rows = [("temperature", 1, None, 38.6, "degC"), ("temperature", 6, None, 36.9, "degC"), ("systolic_bp", 1, None, 120, "mmHg"),
            ("norepinephrine", 4, 5, 0.05, "ug/kg/min")]  # fmt: skip
    observations = pd.DataFrame(
        [("a", *row) for row in rows], columns=["subject_id", "concept", "start_hour", "end_hour", "value", "unit"]
    )
    subjects = pd.DataFrame({"subject_id": ["a"], "followup_end_hour": [24]})
    connection = pipeline.grade(subjects, observations, choices={"fever_window_h": window}, systems=["astct_2019"]).connection
    assert audits.run(connection) == []
    found = connection.execute("SELECT kind, minute, source_row FROM grading.links WHERE start_minute = 240").fetchall()
    assert found == [("fever", 60, 1)]


def test_a_build_that_breaks_a_law_ends_with_exit_code_4_and_says_which(tmp_path: Path) -> None:
    """An audit that always finds something stands in for a broken law."""
    broken = tmp_path / "audits"
    broken.mkdir()
    (broken / "always.sql").write_text("-- Things that are always there.\n-- Law: none.\nSELECT 7 AS thing\n")
    run = (
        "import sys; from pathlib import Path; from pipeline import audits, __main__; found = audits.run; "
        f"audits.run = lambda connection: found(connection, Path({str(broken)!r})); __main__.main()"
    )
    command = [sys.executable, "-c", run, "run", "tidy", SAMPLE, "--out", tmp_path / "out", "--no-report"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 4
    assert "always (Things that are always there) found 1 rows, the first {'thing': 7}" in done.stderr
    assert (tmp_path / "out" / "cohort.duckdb").is_file() and (tmp_path / "out" / "manifest.json").is_file()
