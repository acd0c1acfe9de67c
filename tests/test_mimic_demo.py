"""The MIMIC-IV demo, read and graded whole: every row accounted for, and the counts that must not drift.

None of these people had CRS. The grades are of what the criteria met in ICU charts from the first ICU stay on: false
positives, in a cohort that is ventilated, on vasopressors, infected and operated on.
"""

from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hospital_data import MIMIC, graded, needs_mimic

pytestmark = needs_mimic

STAND_IN = (
    "Time zero is a stand-in, the start of each patient's first ICU stay: "
    "nobody in these data is known to have been infused, so no grade in them is CRS."
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return graded("mimic_iv", MIMIC, tmp_path_factory.mktemp("mimic") / "out")


def test_every_row_of_every_file_is_used_refused_or_passed_over(demo: duckdb.DuckDBPyConnection) -> None:
    assert demo.execute("FROM staging.load").fetchall() == [
        # file, rows in, used, refused, blanked, passed over
        ("patients.csv.gz", 100, 100, 0, 0, 0),
        ("chartevents.csv.gz", 96072, 95295, 777, 0, 2739),
        ("inputevents.csv.gz", 2243, 2243, 0, 0, 4290),
        ("procedureevents.csv.gz", 140, 140, 0, 0, 0),
        ("emar.csv.gz", 1892, 1250, 642, 84, 47),
    ]
    counted = demo.execute("SELECT source_file, rows_in + rows_passed_over FROM staging.load").fetchall()
    for file, rows in counted:
        count = f"SELECT count(*) FROM read_csv('{MIMIC / file}', all_varchar = TRUE)"
        assert demo.execute(count).fetchall() == [(rows,)]


def test_why_rows_were_refused_or_blanked(demo: duckdb.DuckDBPyConnection) -> None:
    reasons = demo.execute("SELECT outcome, split_part(reason, ':', 1), count(*) FROM staging.refusals GROUP BY ALL").fetchall()
    assert {(outcome, reason): rows for outcome, reason, rows in reasons} == {
        ("refused", "no device is written"): 676,
        ("refused", "the mapping sets it aside"): 22 + 434 + 86 + 25,
        ("refused", "the value is impossible"): 79,
        ("refused", "the dose was not given"): 95,
        ("refused", "it is not charted whether the dose was given"): 2,
        ("blanked", "the unit is not one that is known for acetaminophen"): 84,
    }


def test_three_degf_in_the_degc_item_are_refused_and_nothing_is_converted_in_silence(demo: duckdb.DuckDBPyConnection) -> None:
    refused = demo.execute("SELECT value FROM staging.refusals WHERE concept = 'temperature' ORDER BY value").fetchall()
    assert refused == [("97.2",), ("98.9",), ("99",)]
    # 250 of degF, 54 of degC and 7 of blood are at or above 38.0 degC; 100.4 degF is one of them.
    assert demo.execute(
        "SELECT count(*), count(*) FILTER (value >= 38.0) FROM staging.observations WHERE concept = 'temperature'"
    ).fetchone() == (3862, 311)


def test_what_was_charted_of_oxygen(demo: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        demo.execute(
            "SELECT o.concept, count(*) FROM staging.observations AS o JOIN staging.concepts AS k USING (concept) "
            "WHERE k.family = 'oxygen' GROUP BY o.concept"
        ).fetchall()
    )
    assert found == {
        "bipap": 66,
        "cpap": 9,
        "face_mask": 16,
        "high_flow_nasal_cannula": 90,
        "invasive_ventilation": 2696,
        "nasal_cannula": 1776,
        "non_rebreather_mask": 38,
        "other_mask": 459,
        "oxygen_unspecified": 125,
        "venturi_mask": 10,
    }


def test_one_infusion_of_many_rate_changes_is_one_run_of_its_agent(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.execute("SELECT count(*) FROM staging.observations WHERE concept = 'norepinephrine'").fetchone()[0]
    assert rows == 947
    assert demo.execute("SELECT count(*) FROM timeline.agents WHERE concept = 'norepinephrine'").fetchone()[0] < rows / 3


def test_whom_the_criteria_would_grade(demo: duckdb.DuckDBPyConnection) -> None:
    found = demo.execute("SELECT status, max_grade FROM summaries.subjects WHERE system = 'astct_2019'").fetchall()
    assert Counter(found) == {("no_crs", 0): 70, ("crs", 2): 6, ("crs", 3): 8, ("crs", 4): 16}


def test_the_stand_in_is_said_in_every_row_and_once_in_words(demo: duckdb.DuckDBPyConnection) -> None:
    assert demo.execute("FROM sources.time_zero").fetchall() == [(True, STAND_IN)]
    assert demo.execute("SELECT DISTINCT time_zero FROM summaries.subjects").fetchall() == [("stand-in",)]
    assert demo.execute("SELECT DISTINCT time_zero FROM summaries.cohort").fetchall() == [("stand-in",)]


def test_nobody_is_said_to_have_died_of_crs(demo: duckdb.DuckDBPyConnection) -> None:
    assert demo.execute(
        "SELECT count(*), count(death_cause) FROM staging.subjects WHERE death_minute IS NOT NULL"
    ).fetchone() == (15, 0)


PRESSURES = {
    # concept: items of cuffs, items of arterial lines, kept range in mmHg
    "systolic": ((220179, 224167, 227243), (220050, 225309), (20, 300)),
    "diastolic": ((220180, 224643, 227242), (220051, 225310), (5, 250)),
    "mean": ((220181,), (220052, 225312), (10, 275)),
}


def beaten(losing: int) -> int:
    """Rows of one method in whose minute the other method has a possible pressure. losing -- 0 the cuff, 1 the line."""
    charted = pd.read_csv(MIMIC / "chartevents.csv.gz", usecols=["subject_id", "charttime", "itemid", "valuenum"])
    rows = 0
    for *methods, (low, high) in PRESSURES.values():
        losers, winners = (charted[charted["itemid"].isin(methods[which])] for which in (losing, 1 - losing))
        winners = winners[winners["valuenum"].between(low, high)][["subject_id", "charttime"]].drop_duplicates()
        rows += len(losers.merge(winners))
    return rows


@pytest.mark.parametrize(("first", "winner", "refused"), [(1, "an arterial", 900), (2, "a cuff", 905)])
def test_cuff_and_arterial_of_one_minute_by_choice(tmp_path: Path, first: int, winner: str, refused: int) -> None:
    (tmp_path / "choices.toml").write_text(f"blood_pressure_first = {first}\n")
    built = graded("mimic_iv", MIMIC, tmp_path / "out", choices=tmp_path / "choices.toml")
    reason = f"{winner} pressure of the same minute%"
    assert built.execute("SELECT count(*) FROM staging.refusals WHERE reason LIKE ?", [reason]).fetchone() == (refused,)
    assert beaten(first - 1) == refused
