"""Heat maps of one row per patient and one column per day: cells in steps of colour, hatching, marks, groups of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pipeline.reports import words
from pipeline.reports.figures import house

LONGEST_ID = 18
NAMED = 80
"""Rows up to which each bears the id of its patient; in a longer figure the rows are lower, and hovering tells."""


@dataclass(frozen=True)
class Step:
    """A step of the scale: what it is called, its colour, and whether it is hatched and not filled."""

    name: str
    colour: str
    hatched: bool = False


def row_height(rows: int) -> int:
    """The height of a row in pixels."""
    return 15 if rows <= NAMED else 9


def bars(rows: Sequence[Sequence[int | None]], steps: Sequence[Step], names: Sequence[str], says: str = "{}") -> list[go.Bar]:
    """One trace per step that occurs; the days of one patient that stand together are one bar.

    rows -- per patient and day the number of the step, None where blank
    names -- of the patients, as text for a figure
    says -- what a bar says of its step, with `{}` for the step's name
    """
    traces = []
    for number, step in enumerate(steps):
        found = [(place, start, end) for place, row in enumerate(rows) for start, end in runs(row, number)]
        if not found:
            continue
        traces.append(
            go.Bar(
                orientation="h",
                name=step.name,
                legendrank=number,
                y=[place for place, _, _ in found],
                base=[start - 0.5 for _, start, _ in found],
                x=[end - start for _, start, end in found],
                width=0.9,
                marker=house.hatched() if step.hatched else {"color": step.colour, "line": {"width": 0}},
                customdata=[[names[place], _days(start, end - 1)] for place, start, end in found],
                hovertemplate=f"<b>%{{customdata[0]}}</b><br>%{{customdata[1]}}: {says.format(step.name)}<extra></extra>",
            )
        )
    return traces


def runs(row: Sequence[int | None], number: int) -> list[tuple[int, int]]:
    """First and past-the-last column of each run of cells of this step."""
    edged = [False, *(step == number for step in row), False]
    edges = [place for place in range(len(row) + 1) if edged[place] != edged[place + 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _days(first: int, last: int) -> str:
    return f"day {first}" if first == last else f"days {first} to {last}"


def part_days(figure: go.Figure, last_day: int, axis: str = "x") -> None:
    """A thin white line between each day and the next."""
    figure.update_layout(
        shapes=[
            *figure.layout.shapes,
            *(
                {"type": "line", "xref": axis, "x0": day + 0.5, "x1": day + 0.5, "yref": "paper", "y0": 0, "y1": 1,
                 "line": {"width": 1, "color": "#ffffff"}}
                for day in range(last_day)
            ),
        ]
    )  # fmt: skip


def rows_axis(names: Sequence[str]) -> dict:
    """The axis of the patients, the first on top; ids where there is room for them."""
    named = len(names) <= NAMED
    shown = [words.plotly_text(name, LONGEST_ID) for name in names] if named else []
    return house.axis(
        range=[len(names) - 0.5, -0.5],
        tickvals=list(range(len(shown))),
        ticktext=shown,
        tickfont={"size": 10, "color": house.INK},
        title=None if named else f"{len(names)} patients, one row each",
        showgrid=False,
        fixedrange=True,
        ticks="",
        ticklabelstandoff=5,
    )


def groups(figure: go.Figure, names: Sequence[str], says: Mapping[str, str], at_x: float = 1) -> None:
    """A line above each group of neighbouring rows of one name, and what is said of it at the right edge."""
    start = 0
    for place in range(1, len(names) + 1):
        if place < len(names) and names[place] == names[start]:
            continue
        figure.add_annotation(
            xref="paper", x=at_x, xanchor="left", xshift=8, yref="y", y=(start + place - 1) / 2, yanchor="middle",
            showarrow=False, align="left", text=says[names[start]], font={"size": 11.5, "color": house.FAINT},
        )  # fmt: skip
        if start:
            figure.add_shape(
                type="line", xref="paper", x0=0, x1=at_x, yref="y", y0=start - 0.5, y1=start - 0.5,
                line={"width": 1, "color": house.LINE},
            )  # fmt: skip
        start = place
