"""What becomes of every row that comes in: read, refused or blanked, at which minute, with which amount.

Every staging asserts that rows in = rows used + rows refused, and that rows in are the rows of the files.
"""

import datetime
import decimal
import gzip
from math import inf, nan, nextafter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cohorts import (
    OBSERVATIONS,
    SUBJECTS,
    chartings,
    one_sentence,
    refused,
    run,
    staged,
    staged_frames,
    written,
)

import pipeline
from pipeline.errors import SourceError

ZONED = SUBJECTS.replace("10:00", "10:00Z")
HOURS = "subject_id\nA\n"
TIMED = "subject_id,concept,start_time,end_time,start_hour,end_hour,value,unit"


def timed(folder, *rows, subjects=SUBJECTS):
    """The staging of rows `concept,start_time,end_time,start_hour,end_hour,value,unit` of subject A."""
    rows = [f"A,{row}" for row in rows]
    return staged(written(folder, subjects, chartings(*rows, columns=TIMED)))


# ---- measurements: refused with the reason


def test_a_reading_of_nobody_and_of_nothing_is_refused(tmp_path):
    rows = [
        "A,temperature,1,37,degC",
        "B,temperature,1,37,degC",
        "a,temperature,1,37,degC",
        ",temperature,1,37,degC",
    ]
    rows += ["A,pulse,1,80,1/min", "A,,1,80,1/min", "A, Temperature ,1,37,DEGC", "A,TEMPERATURE,1,37, c "]
    found = staged(written(tmp_path, observations=chartings(*rows)))
    nobody = "the subject is not in the subjects file: add the subject there or correct the id"
    nothing = "the concept is not one that is known: see `cytograde tables` for the list"
    assert found.reasons() == {2: nobody, 3: nobody, 4: nobody, 5: nothing, 6: nothing}
    assert found.load() == {"subjects.csv": (1, 1, 0, 0), "observations.csv": (8, 3, 5, 0)}


def test_a_unit_that_is_not_known_is_refused_and_one_that_is_missing_is_guessed_but_for_a_temperature(
    tmp_path,
):
    rows = ["temperature,1,37,K", "temperature,1,37,", "temperature,1,37, ", "systolic_bp,1,100,kPa"]
    rows += [
        "systolic_bp,1,100,",
        "spo2,1,97,",
        "spo2,1,0.97,fraction",
        "fio2,1,0.4,",
        "fio2,1,40,%",
        "weight,1,154,LBS",
    ]
    found = staged(written(tmp_path, observations=chartings(*(f"A,{row}" for row in rows))))
    unknown = "the unit is not one that is known for {}: see `cytograde tables`"
    guess = "no unit: for a temperature it is never guessed, write degC or degF"
    assert found.reasons() == {
        1: unknown.format("temperature"), 2: guess, 3: guess, 4: unknown.format("systolic_bp")
    }  # fmt: skip
    read = found.rows("SELECT source_row, value FROM staging.observations ORDER BY 1")
    assert read == [(5, 100), (6, 97), (7, 97), (8, 0.4), (9, 0.4), (10, 154 * 0.45359237)]


NUMBERS = {
    "38.5": 38.5, " 38.5 ": 38.5, "+38.5": 38.5, "3.85e1": 38.5, "38.": 38, "038": 38,
    "nan": "text", "NaN": "text", "inf": "text", "-Infinity": "text", '"38,5"': "text", "3_8": "text",
    "38.5 C": "text",
    "0x26": "text", "high": "text", "\u0663\u0668": "text", "1e400": "text", "38.5.1": "text",
    "--38": "text", ">38": "text",
    "": "none", "  ": "none", '""': "none",
    "1e2": "impossible", "-38.5": "impossible",
}  # fmt: skip
REASONS = {
    "text": "the value is not a number: write it with digits and a decimal point",
    "none": "no value: a measurement needs one, give it",
    "impossible": "the value is impossible: temperature is kept from 25 to 45 degC",
}


def test_a_value_is_a_number_or_the_reading_is_refused(tmp_path):
    rows = [f"A,temperature,1,{value},degC" for value in NUMBERS]
    found = staged(written(tmp_path, observations=chartings(*rows)))
    expected = {row: one for row, one in enumerate(NUMBERS.values(), start=1)}
    assert found.reasons() == {row: REASONS[one] for row, one in expected.items() if one in REASONS}
    read = dict(found.rows("SELECT source_row, value FROM staging.observations"))
    assert read == {row: one for row, one in expected.items() if one not in REASONS}


def test_the_refusals_show_what_was_written(tmp_path):
    rows = [
        "A,temperature,1,46,degC",
        "A,temperature,1,1E2,degC",
        'A,temperature,1," 38,5 ",degC',
        "A,x, 1,<b>,=1",
    ]
    found = staged(written(tmp_path, observations=chartings(*rows)))
    assert found.rows("SELECT concept, value, unit FROM staging.refusals ORDER BY source_row") == [
        ("temperature", "46", "degC"), ("temperature", "1E2", "degC"), ("temperature", " 38,5 ", "degC"),
        ("x", "<b>", "=1"),
    ]  # fmt: skip


# ---- therapies: the exposure is the fact


def test_an_amount_that_is_none_is_blanked_and_the_row_stays(tmp_path):
    values = ["nan", "inf", '"0,1"', "1_000", "fast", "1e400", "-0.1", "", " 0.1 ", "1e-1", "0"]
    rows = [f"A,norepinephrine,{hour},{value},ug/kg/min" for hour, value in enumerate(values)]
    found = staged(written(tmp_path, observations=chartings(*rows)))
    blank = "the amount is not a number: the exposure is kept with no amount"
    below = "the amount is impossible: norepinephrine is kept from 0 to any ug/kg/min; "
    below += "the exposure is kept with no amount"
    assert (
        found.reasons("blanked") == {**dict.fromkeys(range(1, 7), blank), 7: below} and found.reasons() == {}
    )
    assert found.load()["observations.csv"] == (11, 11, 0, 7)
    assert found.amounts() == [None] * 8 + [0.1, 0.1, 0]
    runs = found.rows("SELECT source_row FROM staging.therapies WHERE runs ORDER BY 1")
    assert runs == [(9,), (10,)]


def test_a_number_above_zero_runs_in_any_unit_and_zero_is_zero_in_any(tmp_path):
    rows = ["norepinephrine,1,5,drops/h", "norepinephrine,2,0,drops/h", "norepinephrine,3,,drops/h"]
    rows += [
        "norepinephrine,4,5,mL/h",
        "norepinephrine,5,7,ug/min",
        "nasal_cannula,6,2,cm",
        "nasal_cannula,7,150,L/min",
    ]
    rows += [
        "norepinephrine,8,-5,drops/h",
        "nasal_cannula,9,2,",
        "acetaminophen,10,1,spoon",
        "acetaminophen,11,1,g",
    ]
    found = staged(written(tmp_path, observations=chartings(*(f"A,{row}" for row in rows))))
    assert sorted(found.reasons("blanked")) == [1, 6, 7, 8, 10] and found.reasons() == {}
    assert found.amounts() == [None, 0, None, None, None, None, None, None, 2, None, 1000]
    runs = found.rows("SELECT source_row FROM staging.therapies WHERE runs ORDER BY 1")
    assert [row for (row,) in runs] == [1, 4, 5, 6, 7, 9, 10, 11]


# ---- the kept range of every concept

ANY_AMOUNT = (
    "acetaminophen", "ibuprofen", "metamizole", "other_antipyretic", "tocilizumab", "siltuximab", "anakinra",
    "other_anticytokine", "dexamethasone", "methylprednisolone", "hydrocortisone", "prednisone",
    "other_corticosteroid",
)  # fmt: skip
OXYGEN = (
    "room_air", "nasal_cannula", "high_flow_nasal_cannula", "blow_by", "face_mask", "venturi_mask",
    "non_rebreather_mask",
    "other_mask", "cpap", "bipap", "invasive_ventilation", "ecmo", "oxygen_unspecified",
)  # fmt: skip
WEIGHT_RATES = (
    "norepinephrine", "epinephrine", "phenylephrine", "dopamine", "angiotensin_ii", "metaraminol",
    "other_vasopressor",
    "dobutamine", "milrinone",
)  # fmt: skip
READINGS = {
    "temperature": (25, 45, "degC"), "systolic_bp": (20, 300, "mmHg"), "diastolic_bp": (5, 250, "mmHg"),
    "mean_bp": (10, 275, "mmHg"), "spo2": (30, 100, "%"), "fio2": (0.15, 1, "fraction"),
    "heart_rate": (10, 350, "1/min"),
    "respiratory_rate": (1, 120, "1/min"), "creatinine": (0, inf, "mg/dL"), "bilirubin": (0, inf, "mg/dL"),
    "ast": (0, inf, "U/L"), "alt": (0, inf, "U/L"), "weight": (1, 400, "kg"),
}  # fmt: skip
THERAPIES = {
    **{concept: (0, 100, "L/min") for concept in OXYGEN},
    **{concept: (0, inf, "ug/kg/min") for concept in WEIGHT_RATES},
    **{concept: (-inf, inf, "mg") for concept in ANY_AMOUNT},
    "vasopressin": (0, inf, "U/min"),
    "fluid_bolus": (0, inf, "mL"),
}


def just_outside(limit: float, towards: float) -> float:
    """The next number that is not the limit; a ten-millionth where that would be too small to write."""
    return nextafter(limit, towards) if limit else -1e-7


def test_every_concept_is_kept_to_its_limits_and_not_one_step_beyond(tmp_path):
    rows, outside = [], {"refused": set(), "blanked": set()}
    for concept, (low, high, unit) in {**READINGS, **THERAPIES}.items():
        for limit, towards in ((low, -inf), (high, inf)):
            if limit in (inf, -inf):
                rows.append(f"A,{concept},1,{1e6 if limit > 0 else -1e6},{unit}")
                continue
            rows.append(f"A,{concept},1,{limit!r},{unit}")
            rows.append(f"A,{concept},1,{just_outside(limit, towards)!r},{unit}")
            outside["refused" if concept in READINGS else "blanked"].add(len(rows))
    found = staged(written(tmp_path, observations=chartings(*rows)))
    assert len({**READINGS, **THERAPIES}) == 50 and found.rows("SELECT count(*) FROM staging.concepts") == [
        (50,)
    ]
    assert set(found.reasons()) == outside["refused"]
    assert set(found.reasons("blanked")) == outside["blanked"]
    assert all("impossible" in reason for reason in {**found.reasons(), **found.reasons("blanked")}.values())


def test_the_limits_hold_after_conversion(tmp_path):
    rows = [
        "temperature,1,77,degF",
        "temperature,1,113,F",
        "temperature,1,76.99,degF",
        "temperature,1,113.01,F",
    ]
    rows += [
        "spo2,1,0.3,fraction",
        "spo2,1,1,fraction",
        "spo2,1,1.001,fraction",
        "fio2,1,15,%",
        "fio2,1,100,%",
    ]
    rows += ["fio2,1,14.9,%", "fio2,1,21,fraction", "spo2,1,0.97,%", "weight,1,2.2,lb", "weight,1,882,lb"]
    found = staged(written(tmp_path, observations=chartings(*(f"A,{row}" for row in rows))))
    assert sorted(found.reasons()) == [3, 4, 7, 10, 11, 12, 13, 14]


# ---- minutes

CLOCKS = {
    "2031-05-04T10:00": 0, "2031-05-04 10:00:29": 0, "2031-05-04T10:00:29.999999": 0,
    "2031-05-04T10:00:30": 1,
    '"2031-05-04T10:01:29,9"': 1, "2031-05-04T10:01:30": 2, "2031-05-04T09:59:30": 0,
    "2031-05-04T09:59:29.999": -1,
    "2031-05-04T09:58:30": -1, "2031-05-04T09:58:29": -2, " 2031-05-04T10:05 ": 5, "2031-05-05T00:00": 840,
    "2031-05-04T24:00": 840, "2032-02-29T10:00": 301 * 1440,
}  # fmt: skip
HOUR_MINUTES = {
    "0": 0, "1": 60, " 1.5 ": 90, "0.0083": 0, "0.008333333333333333": 1, "0.025": 2,
    "-0.008333333333333333": 0,
    "-0.0084": -1, "-0.025": -1, "-0.0251": -2, "1e2": 6000, "-24": -1440, "0.3": 18,
    "1.1083333333333334": 67,
}  # fmt: skip


def test_a_time_and_an_hour_are_rounded_to_the_nearest_minute_halves_up_below_zero_too(tmp_path):
    rows = [f"temperature,{clock},,,,37,degC" for clock in CLOCKS]
    rows += [f"temperature,,,{hour},,37,degC" for hour in HOUR_MINUTES]
    assert timed(tmp_path, *rows).minutes() == [*CLOCKS.values(), *HOUR_MINUTES.values()]


def test_times_are_subtracted_before_they_are_rounded(tmp_path):
    subjects = SUBJECTS.replace("10:00", "10:00:40")
    clocks = {
        "10:01:09": 0,
        "10:01:10": 1,
        "10:00:10": 0,
        "10:00:09": -1,
        "09:59:10": -1,
        "10:02:09.999999": 1,
    }
    rows = [f"temperature,2031-05-04T{clock},,,,37,degC" for clock in clocks]
    assert timed(tmp_path, *rows, subjects=subjects).minutes() == list(clocks.values())


def test_offsets_are_elapsed_time_and_days_are_those_of_the_infusion(tmp_path):
    times = {
        "2031-05-04T10:00Z": 0, "2031-05-04T10:00z": 0, "2031-05-04T12:00+02:00": 0,
        "2031-05-04T12:00+0200": 0,
        "2031-05-04T12:00 +02": 0, "2031-05-04T15:45+05:45": 0, "2031-05-04T06:30-03:30": 0,
        "2031-05-04T23:59-0930": 1409,
        "2031-05-04T10:00:30+00:00": 1, "2031-05-05T00:00+14:00": 0,
    }  # fmt: skip
    rows = [f"temperature,{time},,,,37,degC" for time in times]
    assert timed(tmp_path / "utc", *rows, subjects=ZONED).minutes() == list(times.values())
    subjects = (
        "subject_id,infusion_time\nA,2031-05-04T10:00Z\nB,2031-05-04T23:30-05:00\nC,2031-05-04T23:59:59\n"
    )
    found = staged(written(tmp_path / "zones", subjects))
    assert found.rows("SELECT infusion_minute_of_day FROM staging.subjects") == [(600,), (1410,), (1439,)]


@pytest.mark.parametrize("zoned", [True, False], ids=["infusion with an offset", "infusion without one"])
def test_an_offset_on_some_times_only_is_refused(zoned, tmp_path):
    bare, offset = "2031-05-04T12:00", "2031-05-04T12:00+00:00"
    right, wrong = (offset, bare) if zoned else (bare, offset)
    rows = [f"temperature,{right},,,,37,degC", f"temperature,{wrong},,,,37,degC", "temperature,,,1,,37,degC"]
    rows += [f"norepinephrine,{right},{wrong},,,1,ug/kg/min", f"temperature,{right},{wrong},,,37,degC"]
    found = timed(tmp_path, *rows, subjects=ZONED if zoned else SUBJECTS)
    reason = "the {} time and the infusion time of the subject do not both have a zone offset: "
    reason += "give it on all times of a subject or on none"
    assert found.reasons() == {2: reason.format("start"), 4: reason.format("end")}


def test_what_cannot_be_read_as_a_time_is_refused_with_what_can(tmp_path):
    texts = [
        "04.05.2031 12:00",
        "2031-05-04T1200",
        "20310504T1200",
        "2031-13-04T12:00",
        "2031-02-30T12:00",
        "noon",
    ]
    texts += [
        "2031-05-04T12:00+25:00",
        "2031-05-04T12:00+02:60",
        "2031-05-04T12:00 CET",
        "2031-05-04T12",
        "1e3",
        "nan",
    ]
    rows = [f"temperature,{text},,1,,37,degC" for text in texts]
    rows += ["temperature,2031-05-04,,1,,37,degC", "temperature,,,,,37,degC", "temperature,,,noon,,37,degC"]
    rows += [
        "temperature,,,inf,,37,degC",
        "norepinephrine,,2031-05-04,1,,1,ug/kg/min",
        "norepinephrine,,x,1,,1,ug/kg/min",
    ]
    rows += ["norepinephrine,,,1,x,1,ug/kg/min", "temperature,,x,1,,37,degC"]
    found = timed(tmp_path, *rows)
    start = "the start time cannot be read: write ISO 8601, such as YYYY-MM-DDThh:mm, or hours as a number"
    end = start.replace("start", "end")
    expected = {row: start for row in range(1, 17)}
    expected |= {13: "the start time is a date with no clock: give the time of day"}
    expected |= {14: "no start time: give start_time or start_hour"}
    expected |= {17: "the end time is a date with no clock: give the time of day", 18: end, 19: end}
    assert found.reasons() == expected and found.load()["observations.csv"] == (20, 1, 19, 0)


def test_the_time_goes_before_the_hour(tmp_path):
    rows = [
        "norepinephrine,2031-05-04T12:00,2031-05-04T14:00,7,8,1,ug/kg/min",
        "norepinephrine,,,7,8,1,ug/kg/min",
    ]
    rows += [
        "norepinephrine,2031-05-04T12:00,,7,8,1,ug/kg/min",
        "norepinephrine,,2031-05-04T14:00,1,8,1,ug/kg/min",
    ]
    found = timed(tmp_path, *rows)
    spans = found.rows("SELECT start_minute, end_minute FROM staging.charted ORDER BY source_row")
    assert spans == [(120, 240), (420, 480), (120, 480), (60, 240)]


def test_an_end_before_its_start_refuses_any_row_by_ten_seconds_too(tmp_path):
    spans = [
        "2031-05-04T12:00:20,2031-05-04T12:00:10,,", "2031-05-04T12:00:20,2031-05-04T12:00:20,,",
        ",,1.002,1.001",
        ",,1,1", "2031-05-04T12:00,,,1.99", ",2031-05-04T12:00,2.01,", "2031-05-04T12:00,2031-05-04T11:00,,",
    ]  # fmt: skip
    kinds = {"temperature": "37,degC", "norepinephrine": "1,ug/kg/min"}
    rows = [f"{concept},{span},{amount}" for span in spans for concept, amount in kinds.items()]
    found = timed(tmp_path, *rows)
    before = "the end lies before the start: correct one of them"
    assert found.reasons() == dict.fromkeys((1, 2, 5, 6, 9, 10, 11, 12, 13, 14), before)


def test_a_reading_is_a_point_and_its_end_is_ignored(tmp_path):
    found = timed(
        tmp_path, "temperature,2031-05-04T12:00,2031-05-04T14:00,,,37,degC", "temperature,,,1,3,37,degC"
    )
    assert found.rows("SELECT start_minute, end_minute FROM staging.charted ORDER BY source_row") == [
        (120, None),
        (60, None),
    ]


def test_a_time_a_century_away_is_a_slip(tmp_path):
    rows = [
        "temperature,2231-05-04T12:00,,,,37,degC",
        "temperature,,,1000000,,37,degC",
        "temperature,,,1000001,,37,degC",
    ]
    rows += ["temperature,,,-1e308,,37,degC", "norepinephrine,,9999-12-31T00:00,1,,1,ug/kg/min"]
    rows += ["temperature,,9999-12-31T00:00,1,,37,degC"]
    found = timed(tmp_path, *rows)
    far = "the {} time lies more than a century from the infusion: correct it"
    start, end = far.format("start"), far.format("end") + ", or leave it empty"
    assert found.reasons() == {1: start, 3: start, 4: start, 5: end}


def test_days_are_floored_below_zero_too_and_an_empty_interval_is_its_minute():
    clocks = {"A": "2031-05-04T10:00", "B": "2031-05-04T23:59:59", "C": "2031-05-04T23:30-05:00"}
    rows = [
        ("A", "temperature", "2031-05-04T10:00", None, 38.5, "degC"),
        ("A", "norepinephrine", "2031-05-04T10:00:10", "2031-05-04T10:00:20", 0.1, "ug/kg/min"),
        ("B", "temperature", "2031-05-05T00:00:29", None, 38.5, "degC"),
        ("C", "temperature", "2031-05-05T05:00Z", None, 38.5, "degC"),
    ]
    frame = pd.DataFrame(rows, columns=["subject_id", "concept", "start_time", "end_time", "value", "unit"])
    subjects = pd.DataFrame({"subject_id": list(clocks), "infusion_time": list(clocks.values())})
    cohort = pipeline.grade(subjects, frame, systems=["astct_2019"])
    grades = cohort.grades()
    first = grades[(grades.subject_id == "A") & (grades.start_minute == 0)].iloc[0]
    assert (first.end_minute, first.grade) == (1, 3)
    onsets = cohort.episodes().set_index("subject_id")
    assert onsets.onset_minute.to_dict() == {"A": 0, "B": 1, "C": 30}
    assert onsets.onset_day.to_dict() == {"A": 0, "B": 1, "C": 1}
    minutes = "unnest([-2041, -2040, -601, -600, 839, 840])"
    days = f"SELECT day_of(m, 600), cdisc_day_of(day_of(m, 600)) FROM {minutes} AS t(m)"
    found = cohort.connection.execute(days).fetchall()
    assert found == [(-2, -2), (-1, -1), (-1, -1), (0, 1), (0, 1), (1, 2)]


# ---- subjects: a row that cannot be read stops the run

WITH_DEATH = (
    "subject_id,infusion_time,age_years,death_time,death_hour,death_cause,followup_end_time,followup_end_hour"
)
NO_ID = "subject_id is empty: give every subject an id"
INFUSION = "infusion_time cannot be read: write ISO 8601"
NO_INFUSION = "infusion_time is missing, but death or end of follow-up is a clock time: give infusion_time"
AGE_TEXT = "age_years is not a number: write it as a number, or leave it empty"
AGE = "age_years is impossible: write the age in years, or leave it empty"
DEATH = "the time of death cannot be read: write ISO 8601"
FOLLOWUP = "the end of follow-up cannot be read: write ISO 8601"
OFFSET = "a zone offset on some times only: give it on all times"
EARLY_DEATH = "death lies before the infusion: correct one of the two times"
EARLY_END = "the end of follow-up lies before the infusion: correct one of the two times"
NO_DEATH = "death_cause is crs, but no time of death is given: give death_time or death_hour"
FAR_DEATH = "death lies more than a century after the infusion: correct it"
FAR_END = "the end of follow-up lies more than a century after the infusion: correct it"
CROOKED = {
    "no id": (",2031-05-04T10:00,,,,,,", NO_ID),
    "a blank id": ("  ,2031-05-04T10:00,,,,,,", NO_ID),
    "infusion on a date": ("A,2031-05-04,,,,,,", INFUSION),
    "infusion in words": ("A,noon,,,,,,", INFUSION),
    "age in words": ("A,,old,,,,,", AGE_TEXT),
    "age with a comma": ('A,,"1,5",,,,,', AGE_TEXT),
    "a negative age": ("A,,-0.1,,,,,", AGE),
    "an age in days": ("A,,4000,,,,,", AGE),
    "death on a date": ("A,2031-05-04T10:00,,2031-05-09,,,,", DEATH),
    "death in words": ("A,,,,soon,,,", DEATH),
    "follow-up in words": ("A,,,,,,,later", FOLLOWUP),
    "death with no infusion": ("A,,,2031-05-09T10:00,,,,", NO_INFUSION),
    "follow-up with no infusion": ("A,,,,,,2031-05-09T10:00,", NO_INFUSION),
    "an offset on death only": ("A,2031-05-04T10:00,,2031-05-09T10:00Z,,,,", OFFSET),
    "none on death only": ("A,2031-05-04T10:00Z,,2031-05-09T10:00,,,,", OFFSET),
    "an offset on follow-up only": ("A,2031-05-04T10:00,,,,,2031-05-09T10:00Z,", OFFSET),
    "none on follow-up only": ("A,2031-05-04T10:00Z,,,,,2031-05-09T10:00,", OFFSET),
    "death just before": ("A,2031-05-04T10:00,,2031-05-04T09:59:50,,,,", EARLY_DEATH),
    "death hours before": ("A,,,,-0.001,,,", EARLY_DEATH),
    "death before, zoned": ("A,2031-05-04T10:00Z,,2031-05-04T11:00+02:00,,,,", EARLY_DEATH),
    "follow-up just before": ("A,2031-05-04T10:00,,,,,2031-05-04T09:59:50,", EARLY_END),
    "follow-up hours before": ("A,,,,,,,-1", EARLY_END),
    "a death of CRS, no time": ("A,2031-05-04T10:00,,,, CRS ,,", NO_DEATH),
    "death never": ("A,2031-05-04T10:00,,9999-12-31T00:00,,,,", FAR_DEATH),
    "follow-up never": ("A,2031-05-04T10:00,,,,,9999-12-31T00:00,", FAR_END),
    "follow-up forever": ("A,,,,,,,1e300", FAR_END),
}  # fmt: skip


@pytest.mark.parametrize(("row", "reason"), CROOKED.values(), ids=CROOKED)
def test_a_subject_that_cannot_be_read_stops_the_run(row, reason, tmp_path):
    sentence = refused(written(tmp_path, f"{WITH_DEATH}\nZ,,,,,,,\n{row}\n"))
    assert sentence.startswith("subjects.csv, row 2, subject ") and sentence.count(": ") == 2
    assert reason in sentence


def test_every_subject_that_cannot_be_read_is_counted(tmp_path):
    sentence = refused(written(tmp_path, "subject_id,age_years\nA,x\nB,3\nB,4\nC,-1\n"))
    assert sentence.endswith("(4 rows of this file cannot be read).")


def test_a_death_at_the_infusion_and_an_age_at_its_limits_can_be_read(tmp_path):
    rows = [
        "A,2031-05-04T10:00,0,2031-05-04T10:00,,crs,,",
        "B,,130,,0, CRS ,,0",
        "C,2031-05-04T10:00Z,,2031-05-04T12:30+02:00,,,,",
    ]
    found = staged(written(tmp_path, "\n".join([WITH_DEATH, *rows])))
    assert found.rows("SELECT subject_id, death_minute, death_cause, age_years FROM staging.subjects") == [
        ("A", 0, "crs", 0), ("B", 0, "crs", 130), ("C", 30, None, None)
    ]  # fmt: skip


def test_clock_times_need_an_infusion_and_hours_do_not(tmp_path):
    rows = ["A,temperature,1,37,degC", "A,temperature,2,37,degC"]
    assert staged(written(tmp_path / "hours", HOURS, chartings(*rows))).minutes() == [60, 120]
    sentence = refused(written(tmp_path / "clocks", HOURS))
    assert sentence == (
        "observations.csv, row 1: a clock time, but subject 'A' has no infusion_time in the subjects file; "
        "give it there, or give times in hours since the infusion."
    )
    ends = chartings(
        "A,norepinephrine,1,2031-05-04T12:00", columns="subject_id,concept,start_hour,end_time,value"
    )
    assert "row 1: a clock time" in refused(
        written(tmp_path / "ends", HOURS, ends.replace("12:00", "12:00,1"))
    )


def test_a_clock_time_of_somebody_unknown_does_not_ask_for_an_infusion(tmp_path):
    assert list(staged(written(tmp_path, HOURS, OBSERVATIONS.replace("A,", "B,"))).reasons()) == [1]


# ---- recorded grades

RECORDED = "subject_id,system,grade,start_time,start_hour,end_time,end_hour"


def test_a_recorded_grade_that_cannot_be_one_is_refused_and_an_empty_one_is_crs_without_a_grade(tmp_path):
    grades = {
        "0": 0, "5": 5, " 3 ": 3, "2.0": 2, "": None, " ": None,
        "7": "bad", "-1": "bad", "2.5": "bad", "two": "bad", "nan": "bad", "1e300": "bad",
        "99999999999": "bad",
    }  # fmt: skip
    rows = "".join(f"A,astct_2019,{grade},,1,,2\n" for grade in grades)
    found = staged(written(tmp_path, recorded_grades=f"{RECORDED}\n{rows}"))
    expected = dict(enumerate(grades.values(), start=1))
    bad = "the recorded grade is not a whole number from 0 to 5: correct it, "
    bad += "or leave it empty for CRS without a grade"
    assert found.reasons() == {row: bad for row, grade in expected.items() if grade == "bad"}
    read = found.rows("SELECT source_row, grade, start_minute, end_minute FROM staging.recorded_grades")
    assert sorted(read) == [(row, grade, 60, 120) for row, grade in expected.items() if grade != "bad"]


def test_a_recorded_grade_of_nobody_or_at_no_time_is_refused(tmp_path):
    rows = [
        "B,x,1,,1,,",
        "A,x,1,2031-05-04,,,",
        "A,x,1,,1,noon,",
        "A,x,1,2031-05-04T12:00Z,,,",
        "A,x,1,,2,,1.999",
    ]
    rows += ["A,x,1,,1e12,,", "C,x,1,2031-05-04T12:00,,,", "A,x,1,,,,"]
    subjects = f"{SUBJECTS}C,\n"
    found = staged(written(tmp_path, subjects, recorded_grades="\n".join([RECORDED, *rows])))
    words = {
        1: "not in the subjects file",
        2: "start time cannot be read",
        3: "end time cannot be read",
        4: "offset",
    }
    words |= {5: "end lies before the start", 6: "more than a century", 7: "has no infusion_time: give"}
    assert set(found.reasons()) == set(words)
    assert all(words[row] in reason and ": " in reason for row, reason in found.reasons().items())
    assert found.load()["recorded_grades.csv"] == (8, 1, 7, 0)


# ---- CSV as people export it

ODD = {
    "upper-case and padded names": OBSERVATIONS.replace("subject_id,concept", " Subject_ID ,CONCEPT\t"),
    "a byte order mark": "\ufeff" + OBSERVATIONS,
    "a byte order mark before a quote": "\ufeff" + OBSERVATIONS.replace("subject_id", '"subject_id"'),
    "CRLF": OBSERVATIONS.replace("\n", "\r\n"),
    "CR": OBSERVATIONS.replace("\n", "\r"),
    "no last line end": OBSERVATIONS.rstrip("\n"),
    "blank lines": OBSERVATIONS.replace("\nA", "\n\n\nA") + "\n\n",
    "another order of columns": "unit,value,start_hour,subject_id,concept\ndegC,38.5,2,A,temperature",
    "quotes everywhere": '"' + OBSERVATIONS.strip().replace(",", '","').replace("\n", '"\n"') + '"\n',
    "unknown columns": OBSERVATIONS.replace("unit", "unit,__row x,row_no,").replace(
        "degC", 'degC,"a,\n""b""",7,'
    ),
    "an empty column at the end": OBSERVATIONS.replace("degC", "degC,"),
}


@pytest.mark.parametrize("held", ODD.values(), ids=ODD)
def test_a_file_that_is_written_oddly_is_read_all_the_same(held, tmp_path):
    found = staged(written(tmp_path, observations=held))
    assert (found.minutes(), found.reasons()) == ([120], {})
    assert found.rows("SELECT value, source_file, source_row FROM staging.observations") == [
        (38.5, "observations.csv", 1)
    ]


def test_rows_are_numbered_from_the_first_after_the_header_and_blank_lines_are_none(tmp_path):
    rows = ["A,temperature,1,37,degC", "", 'A,temperature,1,"3\n7",degC', "A,temperature,1,99,degC"]
    found = staged(written(tmp_path, observations=chartings(*rows)))
    assert set(found.reasons()) == {2, 3} and found.load()["observations.csv"] == (3, 1, 2, 0)


def test_gzip_is_read_to_its_end_in_one_piece_and_in_several(tmp_path):
    header, row = OBSERVATIONS.splitlines(keepends=True)
    pieces = gzip.compress((header + row).encode()) + gzip.compress((row * 3).encode())
    found = staged(written(tmp_path, observations=None, **{"observations.csv.gz": pieces}))
    assert found.load()["observations.csv.gz"] == (4, 4, 0, 0)


@pytest.mark.parametrize(
    "name", ["cohort[1]", "coh*", "c?hort", "site=Elm", "it's", "a b", "ö", "back\\slash"]
)
def test_a_folder_is_itself_whatever_its_name_and_no_pattern(name, tmp_path):
    for neighbour in ("cohort1", "cohort", name):
        folder = tmp_path / neighbour
        folder.mkdir()
        (folder / "subjects.csv").write_text(
            f"subject_id,site\n{'A' if neighbour == name else 'other'},Oak\n"
        )
        pq.write_table(pa.table({"subject_id": ["A"], "concept": ["x"], "start_hour": [1], "value": [1]}),
                       folder / "observations.parquet")  # fmt: skip
    assert staged(tmp_path / name).rows("SELECT subject_id, site FROM staging.subjects") == [("A", "Oak")]


def test_ids_are_texts(tmp_path):
    ids = ["007", "7", "7.0", "1e3", "0x7", " 7", "NULL", "True", "2031-05-04"]
    rows = [f"{one},temperature,1,37,degC" for one in ids]
    found = staged(written(tmp_path, "subject_id\n" + "\n".join(ids) + "\n", chartings(*rows)))
    assert [one for (one,) in found.rows("SELECT subject_id FROM staging.subjects")] == sorted(ids)
    assert found.load()["observations.csv"] == (9, 9, 0, 0)


# ---- Parquet of every type

NOON = datetime.datetime(2031, 5, 4, 12)
INFUSED = pa.table({"subject_id": ["A"], "infusion_time": pa.array([datetime.datetime(2031, 5, 4, 10)])})
VALUES = {
    "int8": (pa.array([38, None], pa.int8()), 38.0),
    "uint64": (pa.array([38, None], pa.uint64()), 38.0),
    "decimal": (pa.array([decimal.Decimal("38.10"), None]), 38.1),
    "double": (pa.array([38.1, nan, inf, None]), 38.1),
    "float": (pa.array([38.1, nan, -inf, None], pa.float32()), 38.1),
    "text": (pa.array([" 38.1 ", "x", "", None]), 38.1),
    "long text": (pa.array(["38.1", None], pa.large_string()), 38.1),
    "bytes": (pa.array([b"38.1", b"x", None]), 38.1),
    "dictionary": (pa.array(["38.1", "x", None]).dictionary_encode(), 38.1),
    "dictionary of numbers": (pa.array([38, None]).dictionary_encode(), 38.0),
    "nothing": (pa.array([None, None], pa.null()), None),
    "yes or no": (pa.array([True, None]), None),
    "date": (pa.array([datetime.date(2031, 5, 4), None]), None),
    "time": (pa.array([datetime.time(1), NOON.time()]), None),
    "timestamp": (pa.array([NOON, None]), None),
    "list": (pa.array([[38.5], None]), None),
    "struct": (pa.array([{"value": 38.5}, None]), None),
}


@pytest.mark.parametrize(("values", "first"), VALUES.values(), ids=VALUES)
def test_a_value_of_any_type_is_a_number_or_refused(values, first, tmp_path):
    columns = {"subject_id": ["A"], "concept": ["temperature"], "unit": ["degC"], "start_hour": [1]}
    table = pa.table({name: one * len(values) for name, one in columns.items()} | {"Value ": values})
    found = staged(written(tmp_path, INFUSED, table))
    kept = [] if first is None else [(1, first)]
    assert found.rows("SELECT source_row, value FROM staging.observations") == kept
    assert len(found.reasons()) == len(values) - len(kept)


def test_decimals_beyond_38_digits_are_not_read_wrongly(tmp_path):
    wide = pa.array([decimal.Decimal("38.1")], pa.decimal256(50, 3))
    table = pa.table({"subject_id": ["A"], "concept": ["temperature"], "start_hour": [1], "value": wide})
    sentence = refused(written(tmp_path, INFUSED, table))
    assert (
        sentence
        == "observations.parquet: the column 'value' holds decimals of over 38 digits; write it as double."
    )


TIMES = {
    "seconds": (pa.array([NOON], pa.timestamp("s")), 120),
    "nanoseconds": (pa.array([pd.Timestamp(NOON).value + 29_999_999_999], pa.timestamp("ns")), 120),
    "text": (pa.array(["2031-05-04T12:00:30"]), 121),
    "dictionary": (pa.array(["2031-05-04 12:00"]).dictionary_encode(), 120),
    "zoned": (pa.array([NOON], pa.timestamp("us", "Europe/Berlin")), "zone offset"),
    "date": (pa.array([NOON.date()]), "date with no clock"),
    "nothing": (pa.array([None], pa.null()), "no start time"),
    "number": (pa.array([12]), "cannot be read"),
    "time of day": (pa.array([NOON.time()]), "cannot be read"),
}


@pytest.mark.parametrize(("times", "expected"), TIMES.values(), ids=TIMES)
def test_a_time_of_any_type_is_a_minute_or_refused(times, expected, tmp_path):
    table = pa.table(
        {
            "subject_id": ["A"],
            "concept": ["temperature"],
            "value": [38],
            "unit": ["degC"],
            "start_time": times,
        }
    )
    found = staged(written(tmp_path, INFUSED, table))
    if isinstance(expected, int):
        assert found.minutes() == [expected]
    else:
        assert found.minutes() == [None] and expected in found.reasons()[1]


def test_ids_that_are_numbers_match_ids_that_are_texts(tmp_path):
    subjects = pa.table({"subject_id": pa.array([7, 8], pa.int32())})
    rows = ["7,temperature,1,37,degC", "8,temperature,1,37,degC", "07,temperature,1,37,degC"]
    assert staged(written(tmp_path, subjects, chartings(*rows))).minutes() == [60, 60, None]


def test_a_recorded_grade_that_is_not_a_number_in_parquet_is_an_empty_one(tmp_path):
    grades = pa.table({"subject_id": ["A"] * 4, "system": ["x"] * 4, "grade": [2.0, nan, None, 2.5]})
    found = staged(written(tmp_path, recorded_grades=grades))
    assert found.rows("SELECT source_row, grade FROM staging.recorded_grades ORDER BY 1") == [
        (1, 2),
        (2, None),
        (3, None),
    ]


OF_INFUSIONS = (
    "SELECT infusion_minute_of_day, infusion_offset "
    "FROM staging.subjects JOIN staging.infusions USING (subject_id) ORDER BY subject_id"
)
ZONES = {"Europe/Berlin": (1410, 120), "+05:30": (180, 330), "UTC": (1290, 0)}


@pytest.mark.parametrize("zone", ZONES)
def test_the_days_of_a_zoned_infusion_are_those_of_its_zone_in_a_frame_and_in_a_file(zone, tmp_path):
    infused = pd.to_datetime(pd.Series(["2031-05-04T21:30Z"])).dt.tz_convert(zone)
    subjects = pd.DataFrame({"subject_id": ["A"], "infusion_time": infused})
    observations = frame([37], start_time=infused.dt.tz_convert("UTC") + pd.Timedelta(90, "s"))
    for found in (staged_frames(subjects, observations), staged(written(tmp_path, subjects, observations))):
        assert found.rows(OF_INFUSIONS) == [
            ZONES[zone]
        ]
        assert found.minutes() == [2]


# ---- DataFrames

PATIENTS = pd.DataFrame({"subject_id": ["A"], "infusion_time": [pd.Timestamp("2031-05-04T10:00")]})


def frame(values, **columns):
    """Temperatures of subject A, an hour after the infusion."""
    rows = {"subject_id": "A", "concept": "temperature", "start_hour": 1, "value": values, "unit": "degC"}
    return pd.DataFrame({**rows, **columns})


def test_a_column_of_mixed_types_is_read_as_it_would_stand_in_a_file():
    mixed = [38.5, "37", 36, pd.NA, None, nan, "high", decimal.Decimal("37.5"), True, inf, 1 + 2j]
    given = frame(mixed, subject_id=pd.Series(["A"] * 11, dtype=object))
    given.index = [5, 5, *range(9)]
    before = given.copy(deep=True)
    found = staged_frames(PATIENTS, given)
    pd.testing.assert_frame_equal(given, before)
    assert found.rows("SELECT source_row, value FROM staging.observations ORDER BY 1") == [
        (1, 38.5),
        (2, 37),
        (3, 36),
        (8, 37.5),
    ]
    missing, text = REASONS["none"], REASONS["text"]
    assert found.reasons() == {4: missing, 5: missing, 6: missing, 7: text, 9: text, 10: text, 11: text}


def test_times_of_mixed_types_are_read_one_by_one():
    times = [NOON, pd.Timestamp(NOON), "2031-05-04T12:00", None, pd.NaT, NOON.date()]
    found = staged_frames(
        PATIENTS, frame(38.5, start_time=pd.Series(times, dtype=object), start_hour=[None] * 6)
    )
    assert found.minutes() == [120, 120, 120, None, None, None] and "date with no clock" in found.reasons()[6]


def test_categories_nullable_integers_and_slices_keep_their_rows():
    values = pd.array([38] * 1500 + [None] * 1500, dtype="Int64")
    whole = frame(
        values, concept=pd.Categorical(["temperature"] * 3000), unit=pd.Categorical(["degC"] * 3000)
    )
    for part, used in (
        (whole, 1500),
        (whole.iloc[::3], 500),
        (whole.iloc[::-7], 214),
        (whole[whole.value.notna()], 1500),
    ):
        found = staged_frames(PATIENTS, part)
        assert found.load()["observations"] == (len(part), used, len(part) - used, 0)
        refused_rows = [row for row, missing in enumerate(part.value.isna(), start=1) if missing]
        assert sorted(found.reasons()) == refused_rows


def test_subjects_infused_in_different_zones_each_have_their_own_days():
    times = [pd.Timestamp("2031-05-04T23:30+02:00"), pd.Timestamp("2031-05-04T23:30-05:00"), None]
    subjects = pd.DataFrame({"subject_id": ["A", "B", "C"], "infusion_time": pd.Series(times, dtype=object)})
    found = staged_frames(subjects, frame([37.0], start_time=pd.to_datetime(["2031-05-04T22:00Z"])))
    assert found.minutes() == [30]
    assert found.rows(OF_INFUSIONS) == [
        (1410, 120),
        (1410, -300),
        (0, None),
    ]


def test_zones_on_one_side_only_are_refused():
    zoned = pd.to_datetime(["2031-05-04T12:00+02:00"])
    assert "zone offset" in staged_frames(PATIENTS, frame([37.0], start_time=zoned)).reasons()[1]
    other = PATIENTS.assign(infusion_time=PATIENTS.infusion_time.dt.tz_localize("Asia/Tokyo"))
    assert "zone offset" in staged_frames(other, frame([37.0], start_time=[NOON])).reasons()[1]


def test_floats_of_four_bytes_are_the_numbers_they_were_written_as():
    rates = frame(np.array([0.1, 0.3], np.float32), concept="norepinephrine", unit="ug/kg/min")
    assert staged_frames(PATIENTS, rates).amounts() == [0.1, 0.3]


FRAMES = {
    "no frame": ((None, frame([37])), "subjects: this is a NoneType, not a pandas DataFrame; convert it."),
    "a list": ((PATIENTS, [1]), "observations: this is a list, not a pandas DataFrame; convert it."),
    "no value": (
        (PATIENTS, frame([37]).drop(columns="value")),
        "observations: the column value is missing; add it, or rename the one that holds it "
        "(there is subject_id, concept, start_hour, unit).",
    ),
    "the id as index": ((PATIENTS.set_index("subject_id"), frame([37])), "subjects: the column subject_id is"),
    "a name twice": ((PATIENTS, frame([37]).rename(columns={"unit": "value"})), "observations: a column stands"),
    "nearly twice": ((PATIENTS, frame([37], Value=1)), "observations: the column 'value' stands twice"),
    "nobody": ((PATIENTS.iloc[:0], frame([37])), "subjects: there is no subject in it; give"),
    "twice": ((pd.concat([PATIENTS] * 2), frame([37])), "subjects, row 1, subject 'A': the subject is"),
}  # fmt: skip


@pytest.mark.parametrize(("frames", "words"), FRAMES.values(), ids=FRAMES)
def test_frames_that_are_no_cohort_are_told_why(frames, words):
    with pytest.raises(SourceError) as caught:
        staged_frames(*frames)
    assert one_sentence(str(caught.value)).startswith(words)


def test_unknown_columns_and_no_rows_do_no_harm():
    assert staged_frames(PATIENTS, frame([37]).assign(row_no=7, note="=1")).minutes() == [60]
    assert staged_frames(PATIENTS, frame([37]).iloc[:0]).minutes() == []
    recorded = pd.DataFrame({"subject_id": ["A"] * 3, "system": "x", "grade": [1, nan, 7]})
    assert staged_frames(PATIENTS, frame([37]), recorded).load()["recorded_grades"] == (3, 2, 1, 0)


# ---- a whole run over every fault at once


def test_rows_in_are_rows_used_and_refused_in_the_files_of_a_run_too(tmp_path):
    rows = [f"A,temperature,1,{value},degC" for value in NUMBERS] + [
        f"A,norepinephrine,1,{value},x" for value in NUMBERS
    ]
    cohort = written(
        tmp_path, observations=chartings(*rows), recorded_grades="subject_id,system,grade\nA,x,1\nA,x,9\n"
    )
    run(cohort, tmp_path / "out").done()
    refusals = pd.read_csv(tmp_path / "out" / "tables" / "refusals.csv", dtype=str, keep_default_na=False)
    manifest = pd.read_json(tmp_path / "out" / "manifest.json", typ="series")
    loaded = {one["file"]: one for one in manifest["inputs"]}
    assert {file: one["rows_in"] for file, one in loaded.items()} == {
        "subjects.csv": 1, "observations.csv": 2 * len(NUMBERS), "recorded_grades.csv": 2
    }  # fmt: skip
    for file, one in loaded.items():
        listed = refusals[refusals.source_file == file].outcome.value_counts()
        assert one["rows_in"] == one["rows_used"] + one["rows_refused"]
        assert (listed.get("refused", 0), listed.get("blanked", 0)) == (
            one["rows_refused"],
            one["rows_blanked"],
        )
    assert loaded["observations.csv"]["rows_refused"] == sum(one in REASONS for one in NUMBERS.values())


def test_columns_of_a_frame_that_are_not_known_are_told_as_a_warning() -> None:
    with pytest.warns(UserWarning, match="^observations: columns not known and not read: note, ward$") as told:
        pipeline.grade(PATIENTS, frame([37], note="x", ward="9"))
    assert [warning.filename for warning in told] == [__file__]
