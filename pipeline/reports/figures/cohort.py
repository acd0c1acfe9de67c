"""Figures of the cohort: highest grade, day of onset, duration; one small figure per grading system."""

from collections.abc import Iterable, Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pipeline.reports import words
from pipeline.reports.data import Row
from pipeline.reports.figures import house
from pipeline.reports.figures.house import GRADE_COLOURS, RESOLVED
from pipeline.reports.tables import GRADES, highest_grades

PLOT_HEIGHT = 210
GAP = 118
"""Of one small figure, and between two rows of them with their titles, in pixels."""


def facets(titles: Sequence[str], y_title: str, x_title: str, above: int) -> go.Figure:
    """Empty small figures, one per system, on shared axes. above -- room for titles and legend, in pixels"""
    columns = house.columns_of_facets(len(titles))
    count = -(-len(titles) // columns)
    plots = PLOT_HEIGHT * count + GAP * (count - 1)
    figure = make_subplots(
        rows=count,
        cols=columns,
        subplot_titles=list(titles),
        shared_yaxes=True,
        horizontal_spacing=0.05,
        vertical_spacing=GAP / plots if count > 1 else 0,
    )
    figure.update_layout(house.layout(plots + above + 60, margin={"l": 60, "r": 16, "t": above, "b": 60}))
    figure.update_layout(legend={"yref": "container", "y": 1, "yanchor": "top"})
    figure.update_annotations(font={"size": 13.5, "color": house.INK}, yshift=6)
    figure.update_xaxes(house.axis(title=x_title, showgrid=False, showline=True))
    figure.update_yaxes(house.axis())
    for row in range(1, count + 1):
        figure.update_yaxes(house.axis(title=y_title), row=row, col=1)
    return figure


def titles(names: Iterable[str]) -> list[str]:
    """Names of systems as the titles of the small figures."""
    return [words.plotly_text(name, 60) for name in names]


def place(index: int, systems: int) -> dict[str, int]:
    """The row and column of the small figure of a system."""
    columns = house.columns_of_facets(systems)
    return {"row": index // columns + 1, "col": index % columns + 1}


def highest_grade(cohorts: Mapping[str, Row]) -> go.Figure:
    """Share of patients by highest grade, with exact intervals. cohorts -- the whole cohort by name of the system."""
    of_treated = words.terms(next(iter(cohorts.values()))).of_treated
    figure = facets(titles(cohorts), f"% {of_treated}", "highest grade, and number of patients", 36)
    counted = "n = " if house.columns_of_facets(len(cohorts)) < 3 else ""
    top = 10.0
    for index, cohort in enumerate(cohorts.values()):
        outcomes = highest_grades(cohort)
        where = place(index, len(cohorts))
        figure.add_trace(_share_bars(outcomes, of_treated), **where)
        figure.update_xaxes(
            tickvals=list(range(len(outcomes))),
            ticktext=[f"{_short(outcome)}<br>{counted}{outcome['n']:,}" for outcome in outcomes],
            tickangle=0,
            **where,
        )
        top = max([top, *(outcome["high"] or 0 for outcome in outcomes)])
    figure.update_yaxes(range=[0, min(100, top) + 4], ticksuffix="%")
    figure.update_layout(bargap=0.35, showlegend=False)
    return figure


def _short(outcome: dict) -> str:
    names = {0: outcome["name"].replace("criteria ", ""), None: "not eval."}
    return names.get(outcome["grade"], f"<b>{outcome['grade']}</b>")


def _share_bars(outcomes: list[dict], of_treated: str) -> go.Bar:
    return go.Bar(
        x=list(range(len(outcomes))),
        y=[outcome["pct"] for outcome in outcomes],
        marker={
            "color": [GRADE_COLOURS.get(outcome["grade"], "#ffffff") for outcome in outcomes],
            "pattern": {
                "shape": ["/" if outcome["grade"] is None else "" for outcome in outcomes],
                "fgcolor": house.UNKNOWN,
                "size": 6,
                "solidity": 0.28,
            },
            "line": {"width": 1, "color": house.LINE},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [(outcome["high"] or 0) - (outcome["pct"] or 0) for outcome in outcomes],
            "arrayminus": [(outcome["pct"] or 0) - (outcome["low"] or 0) for outcome in outcomes],
            "color": house.INK,
            "thickness": 1.4,
            "width": 5,
        },
        customdata=[
            [
                outcome["name"],
                words.plural(outcome["n"], "patient"),
                words.percent(outcome["pct"]),
                words.interval(outcome["low"], outcome["high"]),
            ]
            for outcome in outcomes
        ],
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>%{{customdata[1]}}, %{{customdata[2]}} {of_treated}"
        "<br>95% CI %{customdata[3]}<extra></extra>",
        showlegend=False,
    )


def onset_day(onsets: Mapping[str, list[Row]]) -> go.Figure | None:
    """Patients by day of onset, coloured by highest grade. onsets -- rows of day, grade and n by name of the system."""
    days = [row["onset_day"] for rows in onsets.values() for row in rows]
    if not days:
        return None
    figure = facets(titles(onsets), "patients", "day of onset (infusion: day 0)", 70)
    shown: set[int] = set()
    for index, rows in enumerate(onsets.values()):
        for grade in GRADES:
            of_grade = [row for row in rows if row["max_grade"] == grade]
            if of_grade:
                figure.add_trace(_onset_bars(grade, of_grade, grade not in shown), **place(index, len(onsets)))
                shown.add(grade)
    figure.update_layout(barmode="stack", bargap=0.12)
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_xaxes(range=[min(0, *days) - 0.6, max(days) + 0.6], dtick=day_step(max(days), len(onsets)), tick0=0)
    figure.update_yaxes(rangemode="tozero", tickformat="d")
    return figure


def _onset_bars(grade: int, rows: list[Row], in_legend: bool) -> go.Bar:
    return go.Bar(
        x=[row["onset_day"] for row in rows],
        y=[row["n"] for row in rows],
        name=f"grade {grade}",
        legendgroup=str(grade),
        legendrank=grade,
        showlegend=in_legend,
        marker={"color": GRADE_COLOURS[grade], "line": {"width": 0.8, "color": "#ffffff"}},
        hovertemplate=f"day %{{x}}: %{{y}} of highest grade {grade}<extra></extra>",
    )


def duration(durations: Mapping[str, list[Row]], medians: Mapping[str, str]) -> go.Figure | None:
    """Patients by length of the first episode, those whose end was not seen hatched.

    durations -- rows of days, resolved and censored, by name of the system
    medians -- the Kaplan-Meier median in words, by name of the system
    """
    lengths = [row["duration_days"] for rows in durations.values() for row in rows]
    if not lengths:
        return None
    said = [
        f"{title}<br><span style='font-size:12px'>{medians[name]}</span>"
        for name, title in zip(durations, titles(durations))
    ]
    figure = facets(said, "patients", "days, both ends included", 88)
    shown: set[str] = set()
    for index, rows in enumerate(durations.values()):
        for kind in ("resolved", "censored"):
            if any(row[kind] for row in rows):
                figure.add_trace(_duration_bars(kind, rows, kind not in shown), **place(index, len(durations)))
                shown.add(kind)
    figure.update_layout(barmode="stack", bargap=0.12)
    figure.update_xaxes(range=[0.4, max(lengths) + 0.6], dtick=day_step(max(lengths), len(durations)), tick0=0)
    figure.update_yaxes(rangemode="tozero", tickformat="d")
    return figure


def _duration_bars(kind: str, rows: list[Row], in_legend: bool) -> go.Bar:
    words_of = {"resolved": "end seen", "censored": "end not seen (at least so long)"}
    style = {"color": RESOLVED} if kind == "resolved" else house.hatched(RESOLVED)
    return go.Bar(
        x=[row["duration_days"] for row in rows],
        y=[row[kind] for row in rows],
        name=words_of[kind],
        legendgroup=kind,
        showlegend=in_legend,
        marker={**style, "line": {"width": 1, "color": RESOLVED}},
        hovertemplate=f"%{{x}} days: %{{y}}, {words_of[kind]}<extra></extra>",
    )


def day_step(last: float, systems: int) -> int:
    """How far apart the ticks of an axis of days stand, so that there are 20 at most, or 10 on the narrow ones."""
    most = 20 if house.columns_of_facets(systems) < 3 else 10
    return next((step for step in (1, 2, 7, 28) if last / step <= most), 91)
