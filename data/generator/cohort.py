"""One patient of the cohort: drawn, scripted, charted and recorded, as rows of text."""

from typing import NamedTuple

import numpy as np

from .charting import chart
from .patient import Patient, draw_patient
from .recording import recorded_grades
from .roster import place
from .script import Row, Script

SUBJECT_COLUMNS = (
    "subject_id",
    "infusion_time",
    "age_years",
    "sex",
    "site",
    "arm",
    "product",
    "death_time",
    "death_cause",
    "followup_end_time",
)
OBSERVATION_COLUMNS = ("subject_id", "concept", "start_time", "end_time", "value", "unit", "indication")
RECORDED_COLUMNS = ("subject_id", "system", "grade", "start_time", "end_time", "recorder")
SCRIPT_COLUMNS = ("subject", "site", "age", "course", "ASTCT as scripted", "episodes", "slip planted")


class Case(NamedTuple):
    """The rows of one patient in the three tables, and the script they were made from."""

    subject: tuple
    observations: list[tuple]
    recorded: list[tuple]
    scripted: tuple
    script: Script


def clock_times(p: Patient, minutes: list[int | None]) -> list[str]:
    """ISO 8601 to the minute, empty where there is no time."""
    known = np.array([0 if minute is None else minute for minute in minutes], dtype="timedelta64[m]")
    texts = np.datetime_as_string(p.infusion + known, unit="m").tolist()
    return ["" if minute is None else text for minute, text in zip(minutes, texts, strict=True)]


def hour_time(p: Patient, hour: float | None) -> str:
    """ISO 8601 of an hour since the infusion."""
    return clock_times(p, [None if hour is None else int(hour * 60)])[0]


def observation_tuples(p: Patient, rows: list[Row]) -> list[tuple]:
    """The rows as the export writes them."""
    starts = clock_times(p, [row.minute for row in rows])
    ends = clock_times(p, [row.end_minute for row in rows])
    return [
        (
            row.subject_id or p.subject_id,
            row.concept,
            row.start_text or start,
            end,
            row.value,
            row.unit,
            row.indication,
        )
        for row, start, end in zip(rows, starts, ends, strict=True)
    ]


def spoken(name: str) -> str:
    """The name of a course or slip as words."""
    return name.replace("_", " ").replace("crs", "CRS")


def case(seed: int, number: int) -> Case:
    """Subject `number` (from 1) of the cohort with this seed."""
    where = place(number)
    p = draw_patient(seed, number, where.site, where.age)
    script = where.scenario(p)
    rows = chart(p, script)
    if where.slip is not None:
        rows = where.slip(p, rows)
    subject = (
        p.subject_id,
        str(p.infusion),
        p.age_years,
        p.sex,
        p.site.name,
        p.arm,
        p.product,
        hour_time(p, script.death_hour),
        script.death_cause,
        hour_time(p, script.last_hour),
    )
    recorded = []
    for row in recorded_grades(p, script, where.recording):
        start, end = clock_times(p, [row.start_minute, row.end_minute])
        recorded.append((p.subject_id, row.system, row.grade, start, end, p.site.recorder))
    scripted = (
        p.subject_id,
        p.site.name,
        p.age_years,
        spoken(where.scenario.__name__),
        script.grade,
        len(script.episodes),
        spoken(where.slip.__name__) if where.slip else "",
    )
    return Case(subject, observation_tuples(p, rows), recorded, scripted, script)
