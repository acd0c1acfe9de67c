"""How densely each patient was charted: chartings per day of temperature, systolic pressure and oxygen, as a heat map."""

from collections.abc import Mapping, Sequence
from statistics import median

import duckdb
import plotly.graph_objects as go

from pipeline.reports import data, rounding, words
from pipeline.reports.data import Row
from pipeline.reports.figures import grid, house
from pipeline.reports.figures.house import Figure
from pipeline.reports.tables import Cell, Line, Table

AT_MOST = 120
"""Patients shown; of more, so many from the least to the most densely charted, evenly spaced."""

GROUPS_NAMED = 12
"""Sites up to which the rows are grouped by site."""

VITALS = {"temperature": "temperature", "systolic_bp": "systolic pressure", "oxygen": "saturation or oxygen"}

STEPS = (
    (0, grid.Step("none", house.UNKNOWN, hatched=True)),
    (1, grid.Step("1", "#d9e6f2")),
    (2, grid.Step("2 or 3", "#aecbe2")),
    (4, grid.Step("4 to 7", "#74a5cc")),
    (8, grid.Step("8 to 15", "#3b78ad")),
    (16, grid.Step("16 and more", "#15406b")),
)
"""From how many chartings a day, and the step. A reading every 4 to 6 hours is the middle one."""

Counts = Mapping[tuple[int, str], Mapping[int, int]]
"""Per subject number and vital the chartings of each day under observation."""


# What is asked of the database


def subjects(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per observed subject: temperatures, pressures and chartings of oxygen a day, and the longest intervals."""
    return data.rows(
        connection,
        "WITH a_day AS (PIVOT (SELECT subject_no, vital, avg(chartings_on_day) AS rate FROM quality.days GROUP BY ALL) "
        "ON vital IN ('temperature', 'systolic_bp', 'oxygen') USING any_value(rate)), "
        "longest AS (SELECT i.subject_no, "
        "max(interval_minutes) FILTER (k.concept = 'temperature') AS longest_temperature, "
        "max(interval_minutes) FILTER (k.concept = 'systolic_bp') AS longest_systolic_bp "
        "FROM quality.intervals AS i JOIN staging.concepts AS k USING (concept_no) GROUP BY i.subject_no) "
        "SELECT a.*, s.subject_id, l.level, g.longest_temperature, g.longest_systolic_bp FROM a_day AS a "
        "JOIN staging.subjects AS s USING (subject_no) "
        "JOIN quality.levels AS l ON l.subject_no = a.subject_no AND l.stratum = 'site' "
        "LEFT JOIN longest AS g ON g.subject_no = a.subject_no "
        "ORDER BY a.temperature, a.systolic_bp, a.oxygen, a.subject_no",
    )


def counts(connection: duckdb.DuckDBPyConnection, subject_nos: Sequence[int]) -> Counts:
    """The chartings of these subjects by vital and day."""
    found: dict[tuple[int, str], dict[int, int]] = {}
    query = (
        "SELECT subject_no, vital, day, chartings_on_day FROM quality.days WHERE subject_no IN (SELECT unnest(?)) "
        "ORDER BY subject_no, vital, day"
    )
    for row in data.rows(connection, query, list(subject_nos)):
        found.setdefault((row["subject_no"], row["vital"]), {})[row["day"]] = row["chartings_on_day"]
    return found


# The figure


def figure(connection: duckdb.DuckDBPyConnection) -> Figure:
    """The figure of the charting density with its words."""
    every = subjects(connection)
    shown = _in_rows(evenly(every, AT_MOST))
    found = counts(connection, [row["subject_no"] for row in shown])
    who = f"All {len(every):,} observed patients" if len(every) > 1 else "The one observed patient"
    if len(shown) < len(every):
        who = (
            f"{len(shown)} of {len(every):,} observed patients, evenly spaced from the one with the fewest temperatures a day "
            "to the one with the most"
        )
    rates = {vital: [row[vital] for row in every] for vital in VITALS}
    said = "; ".join(f"{name} {rounding.fixed(median(rates[vital]), 1)}" for vital, name in VITALS.items()) if every else ""
    empty = {vital: sum(1 for (_, of), days in found.items() if of == vital for n in days.values() if n == 0) for vital in VITALS}
    none = "; ".join(f"{VITALS[vital]} {words.count(number)}" for vital, number in empty.items())
    return Figure(
        id="charting-density",
        title="Chartings per patient and day",
        caption=(
            f"{who}, by site where there are few, the most densely charted on top. Each square is a calendar day. Hatched: "
            "no charting that day. Blank: not observed. The first and the last day may be part of a day."
        ),
        alt=(
            f"Three heat maps of {words.plural(len(shown), 'patient')} by day. Chartings a day of half of all patients, at the "
            f"most: {said}. Days without a charting, of the patients shown: {none}."
        ),
        drawing=drawn(shown, found) if shown else None,
        instead="Nobody was observed after the infusion: there is nothing to draw.",
        table=table(shown, found),
        notes=(
            "Chartings that are used, under observation, in the observed window. Oxygen: a saturation, or a device with or "
            "without a flow.",
        ),
        choices=("observed_window_d",),
    )


def evenly(rows: Sequence[Row], at_most: int) -> list[Row]:
    """So many of the rows, the first and the last among them, with as many left out between any two."""
    if len(rows) <= at_most:
        return list(rows)
    return [rows[round(place * (len(rows) - 1) / (at_most - 1))] for place in range(at_most)]


def _in_rows(rows: Sequence[Row]) -> list[Row]:
    """By site, the most densely charted first; of many sites all together."""
    few = len({row["level"] for row in rows}) <= GROUPS_NAMED

    def place(row: Row) -> tuple:
        return (row["level"] if few else "", -row["temperature"], -row["systolic_bp"], row["subject_no"])

    return sorted(rows, key=place)


def step_of(chartings: int) -> int:
    """The number of the step of a count."""
    return max(place for place, (least, _) in enumerate(STEPS) if chartings >= least)


def drawn(rows: Sequence[Row], found: Counts) -> go.Figure:
    """Three panels on one axis of patients."""
    last = max(day for days in found.values() for day in days)
    scale = [step for _, step in STEPS]
    figure, used = go.Figure(), set()
    width = 1 / len(VITALS)
    names = [words.plotly_text(row["subject_id"], 60) for row in rows]
    for panel, (vital, title) in enumerate(VITALS.items()):
        axis = "" if not panel else str(panel + 1)
        of_day = [found[row["subject_no"], vital] for row in rows]
        placed = [[step_of(days[day]) if day in days else None for day in range(last + 1)] for days in of_day]
        for trace in grid.bars(placed, scale, names, f"{{}} a day of {title}"):
            first = trace.name not in used
            used.add(trace.name)
            figure.add_trace(trace.update(xaxis=f"x{axis}", legendgroup=trace.name, showlegend=first))
        grid.part_days(figure, last, f"x{axis}")
        figure.update_layout(
            {
                f"xaxis{axis}": house.axis(
                    domain=[panel * width + (0.012 if panel else 0), (panel + 1) * width], range=[-0.5, last + 0.5], tick0=0,
                    dtick=2 if last <= 32 else 7, showgrid=False, ticks="", title="day (infusion: day 0)",
                )
            }
        )  # fmt: skip
        figure.add_annotation(
            text=f"<b>{title}</b>", xref=f"x{axis} domain", x=0, xanchor="left", yref="paper", y=1, yanchor="bottom", yshift=3,
            showarrow=False, font={"size": 12.5, "color": house.INK},
        )  # fmt: skip
    above = 66
    figure.update_layout(
        house.layout(
            above + grid.row_height(len(rows)) * max(4, len(rows)) + 56,
            margin={"l": 60, "r": 110, "t": above, "b": 56},
            barmode="overlay",
            meta={"patients": [row["subject_id"] for row in rows]},
            yaxis=grid.rows_axis([row["subject_id"] for row in rows]),
            legend={"yref": "container", "y": 1, "yanchor": "top", "traceorder": "normal",
                    "title": {"text": "chartings a day", "font": {"size": 12.5, "color": house.FAINT}}},
        )
    )  # fmt: skip
    levels = [row["level"] for row in rows]
    if 1 < len(set(levels)) <= GROUPS_NAMED:
        says = {level: f"{words.plotly_text(level, 14)}  n = {levels.count(level)}" for level in set(levels)}
        grid.groups(figure, levels, says)
    return figure


def table(rows: Sequence[Row], found: Counts) -> Table:
    """One row per patient: chartings a day, days without any, and the longest interval."""
    lines = []
    for row in rows:
        cells = [Cell(row["level"])]
        for vital in VITALS:
            days = found[row["subject_no"], vital]
            cells += [Cell(rounding.fixed(row[vital], 1)), Cell(words.count(sum(1 for number in days.values() if number == 0)))]
        cells += [Cell(_hours(row[f"longest_{vital}"])) for vital in ("temperature", "systolic_bp")]
        lines.append(Line(row["subject_id"], tuple(cells), about=(row["subject_id"],)))
    heads = (
        "Subject", "Site", "Temperatures a day", "days without", "Pressures a day", "days without", "Oxygen chartings a day",
        "days without", "Longest interval, temperature, h", "pressure, h",
    )  # fmt: skip
    return Table("Charting density of each patient", heads, tuple(lines), texts=frozenset({1}))


def _hours(minutes: int | None) -> str:
    return words.DASH if minutes is None else words.hours(minutes)
