"""Columns of every type that a tool writes: read as what they are, the same on every engine, or refused in one sentence."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cohorts import refused, staged, staged_frames, written

import pipeline
from pipeline.database import register
from pipeline.errors import SourceError

NAN = float("nan")
INFUSED = pa.table({"subject_id": ["A"], "infusion_time": ["2031-05-04T10:00"]})
HOURS_ONLY = pa.table({"subject_id": ["A"]})


def grade_of(subjects: pa.Table, observations: pa.Table) -> int:
    cohort = pipeline.grade(subjects.to_pandas(), observations.to_pandas(), systems=["astct_2019"])
    return cohort.subjects().max_grade.iloc[0]


def minutes(found) -> list[tuple]:
    return found.rows("SELECT source_row, start_minute, end_minute FROM staging.observations ORDER BY source_row")


# Not a number


def test_nan_in_parquet_is_no_end_and_no_value(tmp_path: Path) -> None:
    """numpy and polars write NaN where there is nothing; the footer of a file leaves it out, and DuckDB 2 answers from it."""
    rows = pa.table({
        "subject_id": ["A"] * 5,
        "concept": ["temperature", "norepinephrine", "norepinephrine", "norepinephrine", "temperature"],
        "start_hour": [1.0, 2.0, 8.5, 9.5, 3.0],
        "end_hour": [NAN, NAN, 9.0, 10.0, 8.0],
        "value": [38.5, 0.1, 0.1, 0.1, NAN],
        "unit": ["degC", "ug/kg/min", "ug/kg/min", "ug/kg/min", "degC"],
    })  # fmt: skip
    found = staged(written(tmp_path, HOURS_ONLY, rows))
    assert list(found.reasons()) == [5]
    assert minutes(found) == [(1, 60, None), (2, 120, None), (3, 510, 540), (4, 570, 600)]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()], ids=str)
@pytest.mark.parametrize("column", ["age_years", "death_hour", "followup_end_hour"])
def test_nan_of_one_subject_beside_numbers_of_others_is_nothing(column: str, kind: pa.DataType, tmp_path: Path) -> None:
    subjects = pa.table({"subject_id": ["A", "B"], column: pa.array([NAN, 50.0], kind)})
    rows = pa.table({"subject_id": ["A"], "concept": ["temperature"], "start_hour": [1.0], "value": [38.5], "unit": ["degC"]})
    found = staged(written(tmp_path, subjects, rows))
    own = {"death_hour": "death_minute / 60", "followup_end_hour": "followup_end_minute / 60"}.get(column, column)
    assert found.rows(f"SELECT subject_id, {own} FROM staging.subjects ORDER BY 1") == [("A", None), ("B", 50)]


# Times


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_a_time_of_any_unit_and_zone_is_the_minute_of_its_instant(unit: str, zone: str | None, tmp_path: Path) -> None:
    """Infused at 10:00 UTC. A fever at 14:30 in New York (summer, 4 h behind) is at 18:30 UTC: minute 510."""
    infusion = "2031-05-04T10:00" + ("" if zone is None else "Z")
    clock = pd.Timestamp("2031-05-04T14:30") if zone is None else pd.Timestamp("2031-05-04T14:30", tz=zone)
    expected = {None: 270, "UTC": 270, "America/New_York": 510}[zone]
    subjects = pa.table({"subject_id": ["A"], "infusion_time": [infusion]})
    rows = pa.table({
        "subject_id": ["A"], "concept": ["temperature"], "start_time": pa.array([clock], pa.timestamp(unit, zone)),
        "value": [38.5], "unit": ["degC"],
    })  # fmt: skip
    assert minutes(staged(written(tmp_path, subjects, rows))) == [(1, expected, None)]
    assert minutes(staged_frames(subjects.to_pandas(), rows.to_pandas())) == [(1, expected, None)]


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_time_with_a_zone_against_an_infusion_without_one_is_refused_whatever_its_unit(unit: str, tmp_path: Path) -> None:
    clock = pd.Timestamp("2031-05-04T14:30", tz="America/New_York")
    rows = pa.table({
        "subject_id": ["A"], "concept": ["temperature"], "start_time": pa.array([clock], pa.timestamp(unit, "America/New_York")),
        "value": [38.5], "unit": ["degC"],
    })  # fmt: skip
    assert list(staged(written(tmp_path, INFUSED, rows)).reasons()) == [1]


@pytest.mark.parametrize(
    ("time", "minute"),
    [
        # From the end of 1969 to the infusion of 2008 are 14,122 days and 16 h: 20,336,640 minutes.
        # 29.999999999 s is below the half minute, 30 s on it; a cast that rounds would make them one.
        (pd.Timestamp("2031-05-04T12:00:29.999999999"), 120), (pd.Timestamp("2031-05-04T12:00:30"), 121),
        (pd.Timestamp("1969-12-31T23:59:29.999999999"), -20336641), (pd.Timestamp("1969-12-31T23:59:30"), -20336640),
    ],
)  # fmt: skip
def test_nanoseconds_are_cut_to_whole_microseconds_on_both_sides_of_1970(time: pd.Timestamp, minute: int, tmp_path: Path) -> None:
    infused = pa.table({"subject_id": ["A"], "infusion_time": ["2031-05-04T10:00" if minute > 0 else "2008-08-31T16:00"]})
    rows = pa.table({
        "subject_id": ["A"], "concept": ["temperature"], "start_time": pa.array([time], pa.timestamp("ns")), "value": [38.5],
        "unit": ["degC"],
    })  # fmt: skip
    assert minutes(staged(written(tmp_path, infused, rows))) == [(1, minute, None)]


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_text_with_an_offset_keeps_it_on_every_way_in(as_frame: bool, tmp_path: Path) -> None:
    """DuckDB casts '2031-05-06T14:30-05:00' to TIMESTAMP as 14:30, without a word: a charting would move by five hours."""
    subjects = "subject_id,infusion_time\nA,2031-05-06T10:00Z\n"
    rows = "subject_id,concept,start_time,value,unit\nA,temperature,2031-05-06T14:30-05:00,38.5,degC\n"
    tables = [pd.DataFrame([line.split(",") for line in text.splitlines()[1:]], columns=text.split("\n")[0].split(","))
              for text in (subjects, rows)]  # fmt: skip
    found = staged_frames(*tables) if as_frame else staged(written(tmp_path, subjects, rows))
    assert minutes(found) == [(1, 570, None)]
    assert minutes(staged(written(tmp_path / "parquet", *(pa.Table.from_pandas(one) for one in tables)))) == [(1, 570, None)]


def test_times_of_different_zones_in_one_column_of_a_frame_are_their_instants() -> None:
    subjects = pd.DataFrame({"subject_id": ["A"], "infusion_time": [datetime(2031, 5, 6, 10, tzinfo=UTC)]})
    times = [datetime(2031, 5, 6, 14, 30, tzinfo=timezone(timedelta(hours=hours))) for hours in (-5, 0, 2)]
    rows = pd.DataFrame({"subject_id": "A", "concept": "temperature", "start_time": times, "value": 38.5, "unit": "degC"})
    assert minutes(staged_frames(subjects, rows)) == [(1, 570, None), (2, 270, None), (3, 150, None)]


# Durations


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_duration_is_its_hours_in_parquet_and_in_a_frame(unit: str, tmp_path: Path) -> None:
    """DuckDB reads a duration as a bare integer: 14 h in seconds would be hour 50,400."""
    durations = pa.array([timedelta(hours=14), timedelta(minutes=-90), None], pa.duration(unit))
    ends = pa.array([None, None, timedelta(hours=20)], pa.duration(unit))
    rows = pa.table({
        "subject_id": ["A"] * 3, "concept": ["temperature"] * 3, "start_hour": durations, "end_hour": ends,
        "value": [38.5] * 3, "unit": ["degC"] * 3,
    })  # fmt: skip
    subjects = pa.table({"subject_id": ["A"], "followup_end_hour": pa.array([timedelta(days=3)], pa.duration(unit))})
    for found in (staged(written(tmp_path, subjects, rows)), staged_frames(subjects.to_pandas(), rows.to_pandas())):
        assert minutes(found) == [(1, 840, None), (2, -90, None)]
        assert list(found.reasons()) == [3]
        assert found.rows("SELECT followup_end_minute FROM staging.subjects") == [(4320,)]


def test_a_duration_as_a_value_is_refused_and_not_read_as_its_seconds(tmp_path: Path) -> None:
    rows = pa.table({
        "subject_id": ["A"], "concept": ["temperature"], "start_hour": [1], "unit": ["degC"],
        "value": pa.array([timedelta(seconds=38)], pa.duration("s")),
    })  # fmt: skip
    assert list(staged(written(tmp_path, HOURS_ONLY, rows)).reasons()) == [1]


# Half precision


HALF = np.array([100.4], dtype=np.float16)


def test_half_precision_is_refused_since_it_cannot_hold_a_temperature(tmp_path: Path) -> None:
    """100.4 degF, a fever, is 100.375 in half precision, and none."""
    rows = pa.table({
        "subject_id": ["A"], "concept": ["temperature"], "start_hour": [1], "value": pa.array(HALF), "unit": ["degF"],
    })  # fmt: skip
    sentence = "the column 'value' holds half precision numbers (float16), in which 100.4 is 100.375"
    assert refused(written(tmp_path, HOURS_ONLY, rows)).startswith(f"observations.parquet: {sentence}")
    with pytest.raises(SourceError, match="observations: the column 'value' holds half precision numbers"):
        pipeline.grade(HOURS_ONLY.to_pandas(), rows.to_pandas())


def test_half_precision_in_a_column_that_is_not_read_does_no_harm(tmp_path: Path) -> None:
    rows = pa.table({
        "subject_id": ["A"], "concept": ["temperature"], "start_hour": [1], "value": [100.4], "unit": ["degF"],
        "Pain Score": pa.array(HALF),
    })  # fmt: skip
    assert staged(written(tmp_path, HOURS_ONLY, rows)).reasons() == {}
    with pytest.warns(UserWarning, match="pain score"):
        cohort = pipeline.grade(HOURS_ONLY.to_pandas(), rows.to_pandas(), systems=["astct_2019"])
    assert cohort.subjects().max_grade.iloc[0] == 1


def test_an_open_result_on_the_connection_stops_no_frame_and_no_table() -> None:
    """DuckDB 2 refuses a relation while rows of the last result have not been fetched."""
    subjects = pd.DataFrame({"subject_id": ["A", "B"]})
    rows = pd.DataFrame({"subject_id": "A", "concept": "temperature", "start_hour": [1, 2], "value": 38.5, "unit": "degC"})
    cohort = pipeline.grade(subjects, rows, systems=["astct_2019"])
    assert cohort.connection.execute("SELECT range FROM range(10000)").fetchone() == (0,)
    assert len(cohort.subjects()) == 2
    cohort.connection.execute("SELECT range FROM range(10000)").fetchone()
    assert len(cohort.evidence("A")) == 2
    cohort.connection.execute("SELECT range FROM range(10000)").fetchone()
    register(cohort.connection, "more", pa.table({"n": [1, 2, 3]}))
    assert cohort.connection.execute("SELECT sum(n) FROM more").fetchall() == [(6,)]
