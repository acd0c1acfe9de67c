"""Grades day by day: the share of patients at each grade, and every patient's days as a heat map."""

from collections.abc import Mapping, Sequence

import duckdb
import plotly.graph_objects as go

from pipeline.reports import data, words
from pipeline.reports.data import Row
from pipeline.reports.figures import cohort as cohort_figures
from pipeline.reports.figures import grid, house
from pipeline.reports.figures.house import GRADE_COLOURS, Figure
from pipeline.reports.tables import Cell, Line, Table

AT_MOST = 150
"""Patients shown in the heat map."""

GRADES = (1, 2, 3, 4, 5)
BEYOND = {
    "n_unknown": "nothing known",
    "n_died": "died before",
    "n_not_observed": "no longer observed",
}
"""What a patient with no grade on a day is, and how it is called."""


# What is asked of the database


def by_day(connection: duckdb.DuckDBPyConnection, system: str, last_day: int) -> list[Row]:
    """One row per day up to the last: patients by the highest grade of that day."""
    return data.rows(
        connection, "SELECT * FROM summaries.grades_by_day WHERE system = ? AND day <= ? ORDER BY day", system, last_day
    )


def last_day_shown(connection: duckdb.DuckDBPyConnection) -> int:
    """Where the axes of days end: with the observed window, or two days after the last day of CRS under any system."""
    return connection.execute(
        "SELECT least(max(day), greatest(any_value(c.value), 2 + coalesce(max(day) FILTER (max_grade >= 1), 0)))::INTEGER "
        "FROM summaries.days, (SELECT value FROM rules.choices WHERE name = 'observed_window_d') AS c"
    ).fetchone()[0] or 0


def cells_of(connection: duckdb.DuckDBPyConnection, system: str, subject_nos: Sequence[int]) -> dict[int, dict[int, int | None]]:
    """Per subject the highest grade of each day under observation; None where nothing is known."""
    found: dict[int, dict[int, int | None]] = {}
    query = (
        "SELECT subject_no, day, max_grade FROM summaries.days WHERE system = ? AND subject_no IN (SELECT unnest(?)) "
        "ORDER BY subject_no, day"
    )
    for row in data.rows(connection, query, system, list(subject_nos)):
        found.setdefault(row["subject_no"], {})[row["day"]] = row["max_grade"]
    return found


# The share of patients at each grade


def figures(
    connection: duckdb.DuckDBPyConnection, systems: Sequence[Row], cohorts: Mapping[str, Row], subjects: Sequence[Row]
) -> list[Figure]:
    """The days of the cohort under the first system, then under the others, then those of every patient."""
    last = last_day_shown(connection)
    days = {system["name"]: by_day(connection, system["system"], last) for system in systems}
    terms = words.terms(next(iter(cohorts.values())))
    first, others = systems[0]["name"], [system["name"] for system in systems[1:]]
    return [
        share_figure({first: days[first]}, terms, "grades-by-day", f"Patients at each grade, day by day, {first}"),
        *(
            [
                share_figure(
                    {name: days[name] for name in others}, terms, "grades-by-day-others",
                    "Patients at each grade, day by day, under the other systems",
                )  # fmt: skip
            ]
            if others
            else []
        ),
        heat_figure(connection, systems[0], subjects, last),
    ]


def share_figure(days: Mapping[str, Sequence[Row]], terms: words.Terms, name: str, title: str) -> Figure:
    """Stacked bars of the share of patients by their highest grade on each day. days -- by name of the system"""
    return Figure(
        id=name,
        title=title,
        caption=(
            "Each bar is a calendar day and all patients, each at the highest grade of that day; the worst stands lowest. "
            "On hatched days a patient was under observation, and neither a temperature nor a pressure was known all day: "
            "such a day is not a day without a grade."
        ),
        alt=f"Stacked bars of the share of patients at each grade by day. {' '.join(_peak(*one) for one in days.items())}",
        drawing=share_drawn(days, terms) if any(days.values()) else None,
        instead="Nobody was observed after the infusion: there is nothing to draw.",
        table=share_table(days, terms),
        notes=(
            words.DAYS,
            "A grade counts where it is in an episode. Grade 5 is the day of a death adjudicated to CRS.",
        ),
        choices=("observed_window_d", "episode_gap_d", "onset_window_d", "temperature_holds_h", "blood_pressure_holds_h"),
    )


def _peak(name: str, rows: Sequence[Row]) -> str:
    """When the most patients had a grade, and a grade of 3 or more."""
    if not rows:
        return f"{name}: nobody was observed."
    most = max(rows, key=lambda row: (_at_least(row, 1), -row["day"]))
    severe = max(rows, key=lambda row: (_at_least(row, 3), -row["day"]))
    if not _at_least(most, 1):
        return f"{name}: no patient has a grade on any day."
    said = f"{name}: most patients with a grade on day {most['day']}, {_at_least(most, 1)} of {most['n_treated']}"
    if _at_least(severe, 3):
        said += f"; most of grade 3 or more on day {severe['day']}, {_at_least(severe, 3)}"
    return f"{said}."


def _at_least(row: Row, grade: int) -> int:
    return sum(row[f"n_on_day_{one}"] for one in GRADES if one >= grade)


def kinds(terms: words.Terms) -> list[tuple[str, str, dict]]:
    """What a patient can be on a day, from the foot of a bar: column, name, and how it is filled."""
    return [
        *((f"n_on_day_{grade}", f"grade {grade}", {"color": GRADE_COLOURS[grade]}) for grade in reversed(GRADES)),
        ("n_on_day_0", terms.no_crs, {"color": GRADE_COLOURS[0]}),
        ("n_unknown", BEYOND["n_unknown"], house.hatched()),
        ("n_died", BEYOND["n_died"], {"color": "#8b97a3"}),
        ("n_not_observed", BEYOND["n_not_observed"], {"color": "#ffffff"}),
    ]


def share_drawn(days: Mapping[str, Sequence[Row]], terms: words.Terms) -> go.Figure:
    """One small figure per system; of one system a large one."""
    alone = len(days) == 1
    figure = cohort_figures.facets(["" for _ in days] if alone else cohort_figures.titles(days), f"% {terms.of_treated}",
                                   "day (infusion: day 0)", 52 if alone else 76)  # fmt: skip
    last = max(row["day"] for rows in days.values() for row in rows)
    for rank, (column, name, fill) in enumerate(kinds(terms)):
        if not any(row[column] for rows in days.values() for row in rows):
            continue
        for index, rows in enumerate(days.values()):
            figure.add_trace(
                go.Bar(
                    x=[row["day"] for row in rows],
                    y=[100 * row[column] / row["n_treated"] for row in rows],
                    name=name,
                    legendgroup=column,
                    legendrank=rank,
                    showlegend=index == 0,
                    marker={**fill, "line": {"width": 0.6, "color": house.RULE}},
                    customdata=[
                        [row[column], row["n_treated"], words.percent(100 * row[column] / row["n_treated"])] for row in rows
                    ],
                    hovertemplate=f"<b>day %{{x}}</b><br>{name}: %{{customdata[0]}} of %{{customdata[1]}} (%{{customdata[2]}})"
                    "<extra></extra>",
                ),
                **cohort_figures.place(index, len(days)),
            )
    figure.update_layout(barmode="stack", bargap=0.08, legend={"traceorder": "normal"})
    if alone:
        figure.update_layout(height=400)
    figure.update_xaxes(range=[-0.6, last + 0.6], tick0=0, dtick=cohort_figures.day_step(last, len(days)))
    figure.update_yaxes(range=[0, 100], ticksuffix="%")
    return figure


def share_table(days: Mapping[str, Sequence[Row]], terms: words.Terms) -> Table:
    """The number of patients by day and grade, under the heading of the system where there are several."""
    columns = [(column, name) for column, name, _ in sorted(kinds(terms), key=lambda kind: kind[0] != "n_on_day_0")]
    order = ["n_on_day_0", *(f"n_on_day_{grade}" for grade in GRADES), *BEYOND]
    columns.sort(key=lambda column: order.index(column[0]))
    lines = []
    for name, rows in days.items():
        if len(days) > 1:
            lines.append(Line(name, group=True))
        lines += [
            Line(f"day {row['day']}", tuple(Cell(words.count(row[column])) for column, _ in columns), indented=len(days) > 1)
            for row in rows
        ]
    heads = ("Day", *(words.sentence_case(name) for _, name in columns))
    return Table("Patients by their highest grade on each day", heads, tuple(lines))


# Every patient's days


def heat_figure(connection: duckdb.DuckDBPyConnection, system: Row, subjects: Sequence[Row], last_day: int) -> Figure:
    """The heat map of patients and days. subjects -- the highest grade first; of too many the first are shown."""
    shown = sorted(subjects[:AT_MOST], key=_by_onset)
    found = cells_of(connection, system["system"], [subject["subject_no"] for subject in shown])
    who = f"All {len(subjects):,} patients" if len(subjects) > 1 else "The one patient"
    if len(shown) < len(subjects):
        who = f"The {len(shown)} patients with the highest grades, of {len(subjects):,}"
    days = sum(1 for one in found.values() for day, grade in one.items() if grade and day <= last_day)
    unknown = sum(1 for one in found.values() for day, grade in one.items() if grade is None and day <= last_day)
    return Figure(
        id="heat-map",
        title=f"Highest grade of each patient and day, {system['name']}",
        caption=(
            f"{who}, sorted by the day of onset, then by the highest grade. Hatched: neither a temperature nor a pressure "
            "was known all day. Blank: not observed."
        ),
        alt=(
            f"Heat map of {words.plural(len(shown), 'patient')} by {last_day + 1} days, coloured by the highest grade of the "
            f"day: {words.plural(days, 'day')} with a grade of 1 or more, {words.plural(unknown, 'day')} on which nothing is "
            f"known. {_where(shown)}"
        ),
        drawing=heat_drawn(shown, found, last_day, words.terms(subjects[0])) if found else None,
        instead="Nobody was observed after the infusion: there is nothing to draw.",
        table=heat_table(shown, found, last_day),
        notes=(words.DAYS,),
        choices=("episode_gap_d", "onset_window_d", "temperature_holds_h", "blood_pressure_holds_h"),
    )


def _by_onset(subject: Row) -> tuple:
    """By day of onset, then the highest grade first; who has none comes last, and who is not evaluable after them."""
    day, grade = subject["onset_day"], subject["max_grade"]
    return (grade is None, day is None, day if day is not None else 0, -(grade or 0), subject["onset_minute"] or 0,
            subject["subject_no"])  # fmt: skip


def _where(subjects: Sequence[Row]) -> str:
    onsets = [subject["onset_day"] for subject in subjects if subject["onset_day"] is not None]
    if not onsets:
        return "Nobody has an onset."
    return f"Onset in {words.plural(len(onsets), 'patient')}, from day {min(onsets)} to day {max(onsets)}."


def steps(terms: words.Terms) -> list[grid.Step]:
    """The scale: no grade, grades 1 to 5, nothing known."""
    return [
        grid.Step(terms.no_crs, GRADE_COLOURS[0]),
        *(grid.Step(f"grade {grade}", GRADE_COLOURS[grade]) for grade in GRADES),
        grid.Step(BEYOND["n_unknown"], house.UNKNOWN, hatched=True),
    ]


def heat_drawn(
    subjects: Sequence[Row], found: Mapping[int, Mapping[int, int | None]], last_day: int, terms: words.Terms
) -> go.Figure:
    """Rows of patients, columns of days."""
    scale = steps(terms)
    unknown = len(scale) - 1
    rows = []
    for subject in subjects:
        of_day = found.get(subject["subject_no"], {})
        rows.append([(unknown if of_day[day] is None else of_day[day]) if day in of_day else None for day in range(last_day + 1)])
    names = [subject["subject_id"] for subject in subjects]
    figure = go.Figure()
    figure.add_traces(grid.bars(rows, scale, [words.plotly_text(name, 60) for name in names]))
    figure.add_traces(_deaths(subjects, last_day))
    above = 62
    days = house.axis(range=[-0.5, last_day + 0.5], tick0=0, dtick=1 if last_day <= 32 else 7, showgrid=False, ticks="")
    figure.update_layout(
        house.layout(
            above + grid.row_height(len(rows)) * max(4, len(rows)) + 56,
            margin={"l": 60, "r": 118, "t": above, "b": 56},
            barmode="overlay",
            meta={"patients": names},
            xaxis={**days, "title": {"text": "day (infusion: day 0)"}},
            yaxis=grid.rows_axis(names),
            legend={"yref": "container", "y": 1, "yanchor": "top", "traceorder": "normal"},
        )
    )
    grid.part_days(figure, last_day)
    labels = [_group(subject, terms) for subject in subjects]
    sizes = {label: labels.count(label) for label in labels}
    grid.groups(figure, labels, {label: f"{label}  n = {size}" for label, size in sizes.items()})
    return figure


def _group(subject: Row, terms: words.Terms) -> str:
    if subject["max_grade"] is None:
        return "not evaluable"
    if subject["onset_day"] is not None:
        return f"onset day {subject['onset_day']}"
    return terms.no_crs if subject["max_grade"] == 0 else "no onset"


def _deaths(subjects: Sequence[Row], last_day: int) -> list[go.Scatter]:
    """A cross on the day of each death, of CRS and of other causes."""
    traces = []
    for name, is_crs, colour in (("death of CRS", True, "#ffffff"), ("other death", False, house.INK)):
        marked = [
            (place, (subject["death_minute"] + subject["infusion_minute_of_day"]) // words.MINUTES_PER_DAY, subject)
            for place, subject in enumerate(subjects)
            if subject["death_minute"] is not None and (subject["death_cause"] == "crs") == is_crs
        ]
        marked = [one for one in marked if 0 <= one[1] <= last_day]
        if marked:
            traces.append(
                go.Scatter(
                    x=[day for _, day, _ in marked], y=[place for place, _, _ in marked], mode="markers", name=name,
                    legendrank=20 + (not is_crs),
                    marker={"symbol": "x", "size": 8 if len(subjects) <= grid.NAMED else 6, "color": colour,
                            "line": {"width": 1, "color": house.INK if is_crs else "#ffffff"}},
                    customdata=[[words.plotly_text(subject["subject_id"], 60), day] for _, day, subject in marked],
                    hovertemplate=f"<b>%{{customdata[0]}}</b><br>{name} on day %{{customdata[1]}}<extra></extra>",
                )
            )  # fmt: skip
    return traces


def heat_table(subjects: Sequence[Row], found: Mapping[int, Mapping[int, int | None]], last_day: int) -> Table:
    """One row per patient, one column per day: the highest grade of the day, ? where nothing is known."""
    lines = []
    for subject in subjects:
        of_day = found.get(subject["subject_no"], {})
        cells = tuple(
            Cell(("?" if of_day[day] is None else str(of_day[day])) if day in of_day else "")
            for day in range(last_day + 1)
        )
        lines.append(Line(subject["subject_id"], cells, about=(subject["subject_id"],)))
    heads = ("Subject", *(f"{day}" for day in range(last_day + 1)))
    caption = "Highest grade by day since the infusion; ? where nothing is known, empty where not observed"
    return Table(caption, heads, tuple(lines))
