"""The plain cohort as the source `tidy` reads it: two CSV files, every number in canonical units."""

import csv
from pathlib import Path

from .plain import Plain, at, text

NOT_CARRIED: dict[str, str] = {}
"""It has a word for every concept."""

SUBJECTS = ("subject_id", "infusion_time", "age_years", "sex", "death_time", "followup_end_time")
OBSERVATIONS = ("subject_id", "concept", "start_time", "end_time", "value", "unit")


def write(plain: Plain, folder: Path) -> None:
    """Write subjects.csv and observations.csv."""

    def clock(subject_id: str, minute: int | None) -> str:
        return "" if minute is None else at(subjects[subject_id], minute).isoformat(timespec="minutes")

    subjects = {one.subject_id: one for one in plain.subjects}
    people = [
        (
            one.subject_id,
            clock(one.subject_id, 0),
            "" if one.age_years is None else one.age_years,
            one.sex,
            clock(one.subject_id, one.death_minute),
            clock(one.subject_id, one.followup_end_minute),
        )
        for one in plain.subjects
    ]
    chartings = [
        (
            one.subject_id,
            one.concept,
            clock(one.subject_id, one.start_minute),
            clock(one.subject_id, one.end_minute),
            text(one.value),
            one.unit,
        )
        for one in plain.observations
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, rows in (("subjects", SUBJECTS, people), ("observations", OBSERVATIONS, chartings)):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([columns, *rows])
