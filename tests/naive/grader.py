"""The naive grader: one subject's chart in, its verdict out, by asking the semantics minute by minute."""

from dataclasses import dataclass, field

from .choices import settle
from .episodes import cdisc_day, course_of, episode_of_minutes, episode_row
from .flags import flags_of
from .moments import observe
from .systems import SYSTEMS
from .verdicts import weigh_minutes

SUMMARY_COLUMNS = (
    "status",
    "max_grade",
    "first_episode_max_grade",
    "max_ceiling",
    "hours_unknown",
    "episodes",
    "onset_minute",
    "onset_day",
    "onset_cdisc_day",
    "end_minute",
    "end_day",
    "duration_days",
    "duration_hours",
    "crs_hours",
    "first_max_minute",
    "resolved",
    "flags",
)
EPISODE_COLUMNS = (
    "episode",
    "onset_minute",
    "onset_day",
    "end_minute",
    "end_day",
    "duration_days",
    "duration_hours",
    "crs_hours",
    "max_grade",
    "first_max_minute",
    "resolved",
)


@dataclass
class Verdict:
    """The row of `summaries.subjects`, the rows of `episodes.episodes`, and the verdict of each minute."""

    status: str
    max_grade: int | None
    first_episode_max_grade: int | None
    max_ceiling: int | None
    hours_unknown: float
    episodes: int
    onset_minute: int | None
    onset_day: int | None
    onset_cdisc_day: int | None
    end_minute: int | None
    end_day: int | None
    duration_days: int | None
    duration_hours: float | None
    crs_hours: float | None
    first_max_minute: int | None
    resolved: bool | None
    flags: list[str]
    episode_rows: list[dict] = field(repr=False)
    grade: list[int] = field(repr=False)
    ceiling: list[int] = field(repr=False)
    because: list[list[str]] = field(repr=False)
    episode: list[int | None] = field(repr=False)

    def summary(self):
        """The summary columns by name."""
        return {column: getattr(self, column) for column in SUMMARY_COLUMNS}


def status_of(course, moments):
    """'`crs`; else `not_evaluable` when no temperature, graded or not, was charted between time zero and the
    end of follow-up; else `no_crs`.'"""
    if course.episodes:
        return "crs"
    thermometer = any(row.concept == "temperature" and row.start >= 0 for row in moments.chart)
    return "no_crs" if thermometer else "not_evaluable"


def max_grade_of(status, rows):
    """'`max_grade` over all episodes (0 for `no_crs`, empty for `not_evaluable`).'"""
    if status == "crs":
        return max(row["max_grade"] for row in rows)
    return 0 if status == "no_crs" else None


def max_ceiling_of(moments, minutes, numbers, max_grade, choices):
    """'Over the stretches of the first 14 days and of every episode in which temperature or pressure is
    known', and at least the highest grade; where nothing is known, a highest grade of 0 bounds nothing."""
    ceilings = [
        minutes.ceiling[minute]
        for minute in range(moments.last)
        if (minute < choices.observed_window or numbers[minute] is not None) and moments.is_known(minute)
    ]
    return max([*ceilings, *([max_grade] if max_grade else [])], default=None)


def hours_unknown_of(moments, choices):
    """'`hours_unknown` (neither known) in the first 14 days.'"""
    observed = range(min(moments.last, choices.observed_window))
    return sum(not moments.is_known(minute) for minute in observed) / 60


def of_first(rows, column):
    """A column of the first episode, empty where there is none."""
    return rows[0][column] if rows else None


def grade(subject, observations, system="astct_2019", choices=None):
    """The verdict of a system on one subject's chart."""
    settled = settle(choices)
    return verdict_of(subject, observe(subject, observations, settled), system, settled)


def grade_by_all(subject, observations, choices=None):
    """The verdict of every system, by name; the chart is walked once."""
    settled = settle(choices)
    moments = observe(subject, observations, settled)
    return {system: verdict_of(subject, moments, system, settled) for system in SYSTEMS}


def verdict_of(subject, moments, system, settled):
    """The verdict of a system on what a chart says."""
    criteria = SYSTEMS[system](moments, settled)
    minutes = weigh_minutes(moments, criteria)
    course = course_of(subject, moments, minutes, settled)
    numbers = episode_of_minutes(course.episodes, moments.last)
    rows = [
        episode_row(number, episode, subject, moments, settled)
        for number, episode in enumerate(course.episodes, start=1)
    ]
    status = status_of(course, moments)
    max_grade = max_grade_of(status, rows)
    onset_day = of_first(rows, "onset_day")
    return Verdict(
        status=status,
        max_grade=max_grade,
        first_episode_max_grade=of_first(rows, "max_grade"),
        max_ceiling=max_ceiling_of(moments, minutes, numbers, max_grade, settled),
        hours_unknown=hours_unknown_of(moments, settled),
        episodes=len(rows),
        onset_cdisc_day=None if onset_day is None else cdisc_day(onset_day),
        **{
            column: of_first(rows, column)
            for column in (
                "onset_minute",
                "onset_day",
                "end_minute",
                "end_day",
                "duration_days",
                "duration_hours",
                "crs_hours",
                "first_max_minute",
                "resolved",
            )
        },
        flags=flags_of(subject, moments, minutes, criteria, course, numbers, settled),
        episode_rows=rows,
        grade=minutes.grade,
        ceiling=minutes.ceiling,
        because=minutes.because,
        episode=numbers,
    )
