"""Columns of every type that a tool writes: read as what they are, the same on every engine, or refused in one sentence."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from unittest import mock

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cohorts import refused, staged, staged_frames, written
from hospital_data import graded

import pipeline
from pipeline.database import register
from pipeline.errors import SourceError

NAN = float("nan")
INFUSED = pa.table({"subject_id": ["A"], "infusion_time": ["2031-05-04T10:00"]})
HOURS_ONLY = pa.table({"subject_id": ["A"]})


def temperatures(**columns: object) -> pa.Table:
    """Temperatures of subject A, an hour after the infusion, as many as the columns given have rows."""
    count = len(next(iter(columns.values())))
    usual = {"subject_id": "A", "concept": "temperature", "value": 38.5, "unit": "degC"}
    if "start_time" not in columns:
        usual["start_hour"] = 1
    return pa.table({**{name: [value] * count for name, value in usual.items() if name not in columns}, **columns})


def as_frame(**columns: object) -> pd.DataFrame:
    """The same as a DataFrame, each column of Python's own values."""
    given = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    frame = temperatures(**{name: [None] * len(values) for name, values in columns.items()}).to_pandas()
    return frame.assign(**given)


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
def test_a_vasopressor_with_no_end_among_others_that_have_one_is_grade_3(kind: pa.DataType, tmp_path: Path) -> None:
    """Refused for an end that cannot be read, the vasopressor left a fever alone, of grade 1."""
    rows = pa.table({
        "subject_id": ["A"] * 4,
        "concept": ["temperature", "norepinephrine", "temperature", "temperature"],
        "start_hour": pa.array([1, 2, 3, 4], kind),
        "end_hour": pa.array([8, NAN, 9, 10], kind),
        "value": pa.array([38.5, 0.1, 38.5, NAN], kind),
        "unit": ["degC", "ug/kg/min", "degC", "degC"],
    })  # fmt: skip
    built = graded("tidy", written(tmp_path, HOURS_ONLY, rows), tmp_path / "out")
    assert built.execute("SELECT max_grade FROM summaries.subjects WHERE system = 'astct_2019'").fetchall() == [(3,)]


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


@pytest.mark.parametrize("first", ["the clock", "the instant"])
@pytest.mark.parametrize(
    ("infused", "minute", "kept"), [("2031-05-04T10:00", 270, "the clock"), ("2031-05-04T10:00Z", 570, "the instant")]
)
def test_a_clock_and_an_instant_in_one_column_of_a_frame_stay_apart(infused: str, minute: int, kept: str, first: str) -> None:
    """Arrow would take the clock for one in UTC, or the instant for a clock, as whichever is first is."""
    clock = datetime(2031, 5, 4, 14, 30)
    times = {"the clock": clock, "the instant": clock.replace(tzinfo=timezone(timedelta(hours=-5)))}
    order = sorted(times, key=lambda name: name != first)
    found = staged_frames(
        pd.DataFrame({"subject_id": ["A"], "infusion_time": [infused]}), as_frame(start_time=[times[name] for name in order])
    )
    row = order.index(kept) + 1
    assert minutes(found) == [(row, minute, None)]
    assert list(found.reasons()) == [3 - row] and "zone offset" in found.reasons()[3 - row]


def test_times_of_a_frame_in_categories_keep_the_zone_in_which_days_are_counted() -> None:
    """21:30 UTC is half past eleven at night in Berlin: minute 1410 of its day, two hours east."""
    infused = pd.Series([pd.Timestamp("2031-05-04T23:30", tz="Europe/Berlin")]).astype("category")
    staged_ = staged_frames(pd.DataFrame({"subject_id": ["A"], "infusion_time": infused}), as_frame(start_hour=[1]))
    select = "SELECT infusion_minute_of_day, infusion_offset FROM staging.subjects JOIN staging.infusions USING (subject_id)"
    assert staged_.rows(select) == [(1410, 120)]


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_time_beyond_the_years_of_a_calendar_is_refused_and_ends_no_run(unit: str, zone: str | None, tmp_path: Path) -> None:
    """The greatest and the least of 64 bits stand for infinity; a row with it was used, at no minute at all."""
    ends = [2**63 - 1, -(2**63) + 1]
    within = {"s": ends, "ms": [*ends, 10**15], "us": [*ends, 2**63 - 2], "ns": ends}[unit]
    rows = temperatures(start_time=pa.array(within, pa.timestamp(unit, zone)))
    infused = pa.table({"subject_id": ["A"], "infusion_time": ["2031-05-04T10:00" + ("Z" if zone else "")]})
    with mock.patch("pipeline.api._to_arrow", lambda name, _: {"subjects": infused, "observations": rows}[name]):
        frames = infused.to_pandas(), rows.drop_columns(["start_time"]).to_pandas()
        if zone and unit in ("s", "ms"):
            with pytest.raises(SourceError, match=r"observations: the columns cannot be read \(.*\); correct them\."):
                staged_frames(*frames)
        else:
            assert list(staged_frames(*frames).reasons()) == list(range(1, len(within) + 1))
    # Parquet has no seconds.
    if unit != "s":
        assert list(staged(written(tmp_path, infused, rows)).reasons()) == list(range(1, len(within) + 1))


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


@pytest.mark.parametrize("kind", ["dictionary", "polars"])
def test_a_duration_is_its_hours_whoever_wrote_it_and_however(kind: str, tmp_path: Path) -> None:
    if kind == "polars":
        polars = pytest.importorskip("polars")
        rows = polars.from_arrow(temperatures(start_hour=pa.array([timedelta(hours=14)])))
        cohort = written(tmp_path, HOURS_ONLY, None)
        rows.write_parquet(cohort / "observations.parquet")
        assert minutes(staged(cohort)) == [(1, 840, None)]
        return
    rows = temperatures(start_hour=pa.array([timedelta(hours=14)], pa.duration("s")).dictionary_encode())
    assert minutes(staged(written(tmp_path, HOURS_ONLY, rows))) == [(1, 840, None)]
    frame = rows.to_pandas().assign(start_hour=pd.Series([timedelta(hours=14)]).astype("category"))
    assert minutes(staged_frames(HOURS_ONLY.to_pandas(), frame)) == [(1, 840, None)]


@pytest.mark.parametrize("column", ["value", "start_time", "concept", "subject_id"])
def test_a_duration_in_a_column_of_anything_but_hours_is_refused_in_one_sentence(column: str, tmp_path: Path) -> None:
    """38 seconds would be 38 degC."""
    rows = temperatures(**{column: pa.array([timedelta(seconds=38)], pa.duration("s"))})
    sentence = (
        f"the column {column!r} holds durations, which only a column of hours may; write it as plain numbers, texts or times."
    )
    assert refused(written(tmp_path, HOURS_ONLY, rows)) == f"observations.parquet: {sentence}"
    with pytest.raises(SourceError) as caught:
        pipeline.grade(HOURS_ONLY.to_pandas(), rows.to_pandas())
    assert str(caught.value) == f"observations: {sentence}"


# Types of a library


PERIODS = pd.Series(pd.period_range("1970-02-08", periods=1, freq="D"))
MADE = {
    "period of pandas": pa.Array.from_pandas(PERIODS),
    "yes or no in a byte": pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1], pa.int8())),
}


@pytest.mark.parametrize("column", ["value", "start_hour"])
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_a_type_that_a_library_made_of_numbers_is_not_read_as_these(made: pa.Array, column: str, tmp_path: Path) -> None:
    """A day of pandas is stored as the days since 1970: 8 February would be 38 degC, or hour 38."""
    sentence = refused(written(tmp_path, HOURS_ONLY, temperatures(**{column: made})))
    assert sentence == (
        f"observations.parquet: the column {column!r} holds values of a type that only the library that wrote it knows; "
        "write them as plain texts, numbers or times."
    )


def test_a_type_of_a_library_in_a_frame_is_refused_where_it_is_read_and_does_no_harm_elsewhere() -> None:
    with pytest.raises(SourceError, match="observations: the column 'start_hour' holds values of a type"):
        pipeline.grade(HOURS_ONLY.to_pandas(), as_frame(value=[38.5]).assign(start_hour=PERIODS))
    with pytest.warns(UserWarning, match="day"):
        assert minutes(staged_frames(HOURS_ONLY.to_pandas(), as_frame(value=[38.5]).assign(day=PERIODS))) == [(1, 60, None)]


def test_decimals_beyond_38_digits_are_refused_in_a_frame_as_in_a_file() -> None:
    wide = pd.Series(pd.arrays.ArrowExtensionArray(pa.array(["38.1"]).cast(pa.decimal256(50, 3))))
    with pytest.raises(SourceError) as caught:
        pipeline.grade(HOURS_ONLY.to_pandas(), as_frame(start_hour=[1]).assign(value=wide))
    assert str(caught.value) == "observations: the column 'value' holds decimals of over 38 digits; write it as double."


@pytest.mark.parametrize("column", ["value", "start_hour", "start_time"])
@pytest.mark.parametrize("kind", ["TIME", "INTERVAL", "UUID", "BOOLEAN", "DOUBLE[]", "MAP(VARCHAR, INTEGER)"])
def test_what_is_no_number_and_no_time_is_refused_row_by_row(kind: str, column: str, tmp_path: Path) -> None:
    given = {"TIME": "'14:00'", "INTERVAL": "'14 hours'", "UUID": "uuid()", "BOOLEAN": "true", "DOUBLE[]": "[38.5]"}
    cells = {"subject_id": "'A'", "concept": "'temperature'", "unit": "'degC'", "value": "38.5", "start_hour": "1"}
    cells |= {column: f"({given.get(kind, 'MAP {chr(97): 1}')})::{kind}"}
    cohort = written(tmp_path, INFUSED, None)
    select = ", ".join(f'{cell} AS "{name}"' for name, cell in cells.items())
    duckdb.connect().execute(f"COPY (SELECT {select}) TO '{cohort / 'observations.parquet'}' (FORMAT parquet)").fetchall()
    assert list(staged(cohort).reasons()) == [1]


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


def test_a_number_of_half_precision_among_others_in_a_frame_is_refused_and_one_of_single_precision_is_its_decimal() -> None:
    """Arrow makes doubles of them all, and 0.1 of four bytes is then 0.10000000149: above a limit of 0.1."""
    found = staged_frames(HOURS_ONLY.to_pandas(), as_frame(value=[np.float32(38.1), 38.2, 38, np.float16(38.1), NAN]))
    assert found.rows("SELECT source_row, value FROM staging.observations ORDER BY 1") == [(1, 38.1), (2, 38.2), (3, 38)]
    assert list(found.reasons()) == [4, 5]


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
