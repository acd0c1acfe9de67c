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


def cells(rows: Sequence[Sequence[int | None]], steps: Sequence[Step], texts: Sequence[Sequence[str]]) -> go.Heatmap:
    """The filled cells. rows -- per patient and day the number of the step, None where blank; texts -- what a cell says."""
    filled = [[None if step is None or steps[step].hatched else step for step in row] for row in rows]
    last = len(steps) - 1
    scale = [[edge, step.colour] for place, step in enumerate(steps) for edge in (place / len(steps), (place + 1) / len(steps))]
    return go.Heatmap(
        z=filled,
        customdata=texts,
        zmin=-0.5,
        zmax=last + 0.5,
        colorscale=scale,
        showscale=False,
        xgap=1,
        ygap=1,
        hoverongaps=False,
        hovertemplate="%{customdata}<extra></extra>",
    )


def hatching(rows: Sequence[Sequence[int | None]], steps: Sequence[Step], texts: Sequence[str]) -> go.Bar | None:
    """The hatched cells, those that stand together as one bar. None where there is none. texts -- one per patient"""
    found = [(place, start, end) for place, row in enumerate(rows) for start, end in _runs(row, steps)]
    if not found:
        return None
    step = next(step for step in steps if step.hatched)
    return go.Bar(
        orientation="h",
        y=[place for place, _, _ in found],
        base=[start - 0.48 for _, start, _ in found],
        x=[end - start - 0.04 for _, start, end in found],
        width=0.9,
        marker=house.hatched(),
        customdata=[[texts[place], _days(start, end - 1), step.name] for place, start, end in found],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}: %{customdata[2]}<extra></extra>",
        showlegend=False,
    )


def _runs(row: Sequence[int | None], steps: Sequence[Step]) -> list[tuple[int, int]]:
    """First and past-the-last column of each run of hatched cells."""
    hatched = [step is not None and steps[step].hatched for step in row]
    edged = [False, *hatched, False]
    edges = [place for place in range(len(row) + 1) if edged[place] != edged[place + 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _days(first: int, last: int) -> str:
    return f"day {first}" if first == last else f"days {first} to {last}"


def legend(steps: Sequence[Step]) -> list[go.Scatter | go.Bar]:
    """One entry per step, drawn as a square of its colour, or hatched."""
    entries = []
    for rank, step in enumerate(steps):
        shared = {"name": step.name, "legendrank": rank, "showlegend": True, "hoverinfo": "skip"}
        if step.hatched:
            entries.append(go.Bar(x=[None], y=[None], marker=house.hatched(), **shared))
        else:
            marker = {"symbol": "square", "size": 12, "color": step.colour, "line": {"width": 0.8, "color": house.LINE}}
            entries.append(go.Scatter(x=[None], y=[None], mode="markers", marker=marker, **shared))
    return entries


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
