"""What hospital layouts have around the plain cohort: admissions of other times, and a patient who was never infused."""

from datetime import datetime

from .plain import Charting, Plain, Subject

DAY = 1440
NEVER_INFUSED = Subject("CG-9001", datetime(2032, 6, 1, 12), 50, "F", None, 5 * DAY)


def first_minute(rows: list[Charting]) -> int:
    """When the first thing is charted, at the infusion at the latest."""
    return min([0, *(one.start_minute for one in rows)])


def stays(subject: Subject, number: int, first: int) -> list[tuple[int, int | None]]:
    """From when to when the subject is in hospital, by minute; the stay of the infusion is the second.

    Every fourth goes home after a week and comes back for the visits, as long as these are within the window of CRS. An
    admission a year before and, for every third, one two months after are none of the cohort's business.
    """
    end, lives = subject.followup_end_minute, subject.death_minute is None
    stay = [(first, end)]
    if number % 4 == 0 and lives and end is not None and end > 14 * DAY:
        stay = [(first, 7 * DAY), (14 * DAY, end)]
    after = [(60 * DAY, 61 * DAY)] if number % 3 == 0 and lives else []
    return [(-365 * DAY, -360 * DAY), *stay, *after]


def charted(plain: Plain) -> dict[str, list[Charting]]:
    """What is charted of each subject, in time."""
    rows: dict[str, list[Charting]] = {one.subject_id: [] for one in plain.subjects}
    for one in plain.observations:
        rows[one.subject_id].append(one)
    return rows


def arterial_minutes(rows: list[Charting]) -> set[int]:
    """The minutes whose pressures come from an arterial line: those with a mean pressure, in intensive care."""
    return {one.start_minute for one in rows if one.concept == "mean_bp"}
