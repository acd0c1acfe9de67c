"""The figures of the report with their words: caption, alternative in text, numbers, notes and choices."""

from collections.abc import Callable, Mapping, Sequence

import duckdb

from pipeline.reports import data, rounding, tables, words
from pipeline.reports.data import Row
from pipeline.reports.figures import cohort as cohort_figures
from pipeline.reports.figures import days, incidence, onset, published, swimmer
from pipeline.reports.figures.house import Figure

GRADING = (
    "temperature_holds_h",
    "blood_pressure_holds_h",
    "open_support_holds_h",
    "hypotension_sbp_below",
    "fever_window_h",
    "multiple_vasopressors_overlap_min",
)
EPISODES = ("episode_gap_d", "onset_window_d")
ENDS = ("resolved_within_h",)
"""The choices that matter to grades, to episodes, and to their ends."""


def of_cohort(
    connection: duckdb.DuckDBPyConnection, systems: Sequence[Row], cohorts: Mapping[str, Row], subjects: Sequence[Row],
    choices: Mapping[str, Row],
) -> list[Figure]:
    """Highest grade, grades by day, onset, duration, and the cohort beside published ones.

    subjects -- under the first system, the highest grade first
    """
    names = {system["name"]: system["system"] for system in systems}
    by_name = {name: cohorts[system] for name, system in names.items()}
    onsets = {name: data.onsets(connection, system) for name, system in names.items()}
    durations = {name: data.durations(connection, system) for name, system in names.items()}
    return [
        _highest_grade_figure(by_name),
        incidence.figure(connection, systems, words.terms(cohorts[systems[0]["system"]]), days.last_day_shown(connection)),
        *days.figures(connection, systems, cohorts, subjects),
        _onset_figure(by_name, onsets),
        onset.figure(connection, systems[0], choices),
        _duration_figure(by_name, durations),
        published.figure(cohorts, (*GRADING, *EPISODES)),
    ]


def _each(cohorts: Mapping[str, Row], said: Callable[[Row], str]) -> str:
    """One sentence per system."""
    return " ".join(f"{name}: {said(cohort)}." for name, cohort in cohorts.items())


def _highest_grade_figure(cohorts: Mapping[str, Row]) -> Figure:
    def said(cohort: Row) -> str:
        counts = ", ".join(f"{outcome['name']} {outcome['n']}" for outcome in tables.highest_grades(cohort))
        return f"of {cohort['n_treated']} {words.terms(cohort).treated}, {counts}"

    return Figure(
        id="highest-grade",
        title="Patients by highest grade",
        caption="Bars are shares of all patients; whiskers are exact 95% confidence intervals.",
        alt=f"Bars of the share of patients by highest grade. {_each(cohorts, said)}",
        drawing=cohort_figures.highest_grade(cohorts),
        table=tables.highest_grade_table(cohorts),
        notes=(f"{words.ONCE} {words.EXACT}",),
        choices=GRADING,
    )


def _onset_figure(cohorts: Mapping[str, Row], onsets: Mapping[str, list[Row]]) -> Figure:
    def said(cohort: Row) -> str:
        span = words.span(cohort["onset_day_min"], cohort["onset_day_max"])
        return f"median day {words.number(cohort['onset_day_median'])}, range {span}"

    return Figure(
        id="onset-day",
        title="Patients by day of onset",
        caption="The day of the first fever of the first episode; coloured by the patient's highest grade.",
        alt=f"Bars of patients by day of onset. {_each(cohorts, said)}",
        drawing=cohort_figures.onset_day(onsets),
        instead="No patient had an episode with an onset: there is nothing to draw.",
        table=tables.onset_table(onsets),
        notes=(words.DAYS, f"{words.FIRST} {words.ONCE}"),
        choices=EPISODES,
    )


def _duration_figure(cohorts: Mapping[str, Row], durations: Mapping[str, list[Row]]) -> Figure:
    def said(cohort: Row) -> str:
        median = cohort["duration_days_km_median"]
        reached = "not reached" if median is None else words.plural(median, "day")
        return f"Kaplan-Meier median {reached}, {words.plural(cohort['n_duration_censored'], 'end')} not seen"

    medians = {name: said(cohort) for name, cohort in cohorts.items()}
    return Figure(
        id="duration",
        title="Duration of the first episode",
        caption="Solid: the end was seen. Hatched: it was not, and the episode lasted at least so long.",
        alt=f"Bars of patients by duration in days. {_each(cohorts, said)}",
        drawing=cohort_figures.duration(durations, medians),
        instead="No patient had an episode with an onset: there is nothing to draw.",
        table=tables.duration_table(durations),
        notes=(f"{words.FIRST} {words.INCLUSIVE} {words.CENSORED}",),
        choices=(*EPISODES, *ENDS),
    )


def course(
    connection: duckdb.DuckDBPyConnection, system: Row, subjects: Sequence[Row], choices: Mapping[str, Row]
) -> Figure:
    """The figure of courses: all patients, or those with the highest grades where there are too many."""
    shown = subjects[: swimmer.AT_MOST]
    numbers = [subject["subject_no"] for subject in shown]
    stretches = data.stretches(connection, system["system"], numbers)
    doses = data.doses(connection, numbers)
    last_day = swimmer.axis_end(shown, choices["onset_window_d"]["value"], _last_episode_day(shown, stretches))
    every = f"All {len(subjects):,} patients." if len(subjects) > 1 else "The one patient."
    if len(shown) < len(subjects):
        every = f"The {len(shown)} patients with the highest grades, of {len(subjects):,}; the listing below has all."
    return Figure(
        id="swimmer",
        title=f"Grades over time, {system['name']}",
        caption=(
            f"{every} One bar per patient, sorted by highest grade, then by onset; it begins at the infusion. "
            "Hover over a stretch for its grade, the highest grade that cannot be ruled out, and the criteria met; "
            "click for the patient's course; drag to enlarge some days, double-click to go back."
        ),
        alt=(
            f"One horizontal bar per patient for {len(shown)} patients over {rounding.fixed(last_day, 0)} days from day 0, "
            "coloured by grade over time, with doses of tocilizumab and corticosteroids, deaths and ends of follow-up. "
            "The table below has the hours at each grade for every bar."
        ),
        drawing=swimmer.swimmer(shown, stretches, doses, last_day),
        table=tables.course_table(shown, stretches, doses),
        notes=(
            words.DAYS,
            "Pale: no criterion is met. Darker grey: a criterion is met outside any episode, before a first fever or "
            "too late for CRS. Hatched, vitals unknown: neither a temperature nor a pressure is in force, and "
            "no criterion is met.",
            "All doses of anticytokines and corticosteroids from day 0 on are marked, whatever they were given for.",
        ),
        choices=(*GRADING, *EPISODES),
    )


def _last_episode_day(subjects: Sequence[Row], stretches: Sequence[Row]) -> float | None:
    """The last day on which any of them was in an episode."""
    offsets = {subject["subject_no"]: subject["infusion_minute_of_day"] for subject in subjects}
    ends = [row["end_minute"] + offsets[row["subject_no"]] for row in stretches if row["episode"] is not None]
    return max(ends) / words.MINUTES_PER_DAY if ends else None
