"""When CRS began, to the hour: one dot per patient, with the gap to the temperature before it, in which it began."""

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import plotly.graph_objects as go

from pipeline.reports import data, words
from pipeline.reports.data import Row
from pipeline.reports.figures import house
from pipeline.reports.figures.house import Figure
from pipeline.reports.tables import Cell, Line, Table
from pipeline.statistics import quantile_of

GRADES = (1, 2, 3, 4, 5)
FEW = 200
"""Onsets up to which the dots are large."""
BAND = 64
"""The height of the lanes of one grade, in pixels."""


def onsets(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per patient with an onset, the earliest first: minutes of the onset and of the gap before it, highest grade."""
    return data.rows(
        connection,
        "SELECT p.subject_id, p.onset_minute, p.onset_gap_minutes, p.max_grade, s.infusion_minute_of_day "
        "FROM summaries.subjects AS p JOIN staging.subjects AS s USING (subject_id) "
        "WHERE p.system = ? AND p.onset_minute IS NOT NULL ORDER BY p.onset_minute, s.subject_no",
        system,
    )


def figure(connection: duckdb.DuckDBPyConnection, system: Row, choices: Mapping[str, Row]) -> Figure:
    """The figure with its words."""
    rows = onsets(connection, system["system"])
    holds = 60 * choices["temperature_holds_h"]["value"]
    return Figure(
        id="onset-hours",
        title=f"Onset to the hour, and how closely it is known, {system['name']}",
        caption=(
            "A dot is the first fever of a patient's first episode. CRS began at some time on the line before it, since the "
            f"temperature before it was charted.{_gap_sentence(rows)}"
        ),
        alt=f"Dots of {words.plural(len(rows), 'onset')} by highest grade along the hours since the infusion. {_said(rows)}",
        drawing=drawn(rows) if rows else None,
        instead="No patient had an episode with an onset: there is nothing to draw.",
        table=table(rows, holds, int(choices["quartiles"]["value"])),
        notes=(
            "Hours are since the infusion. Open dots: no temperature was charted between the infusion and the onset, so it "
            "may have been at any time since the infusion.",
        ),
        choices=("episode_gap_d", "onset_window_d", "temperature_holds_h", "quartiles"),
    )


def gaps(rows: Sequence[Row]) -> list[int]:
    """The gaps that are known, in minutes."""
    return [row["onset_gap_minutes"] for row in rows if row["onset_gap_minutes"] is not None]


def _gap_sentence(rows: Sequence[Row]) -> str:
    known = gaps(rows)
    if not known:
        return ""
    return f" That gap is {hours(np.median(known))} h in the median, {hours(max(known))} h at the most."


def _said(rows: Sequence[Row]) -> str:
    if not rows:
        return "Nobody has an onset."
    minutes = [row["onset_minute"] for row in rows]
    return (
        f"Median {hours(np.median(minutes))} h, range {hours(min(minutes))} to {hours(max(minutes))} h.{_gap_sentence(rows)}"
    )


def hours(minutes: float) -> str:
    """Minutes as hours with one decimal."""
    return words.hours(minutes)


def drawn(rows: Sequence[Row]) -> go.Figure:
    """One band per highest grade, the lowest on top."""
    present = [grade for grade in GRADES if any(row["max_grade"] == grade for row in rows)]
    drawing, size = go.Figure(), 8 if len(rows) <= FEW else 5.5
    for band, grade in enumerate(present):
        of_grade = [row for row in rows if row["max_grade"] == grade]
        heights = [band + 0.76 * (spread(place + 1) - 0.5) for place in range(len(of_grade))]
        starts = [row["onset_minute"] - (row["onset_gap_minutes"] or 0) for row in of_grade]
        drawing.add_trace(
            go.Scatter(
                x=[x for start, row in zip(starts, of_grade) for x in (start / 60, row["onset_minute"] / 60, None)],
                y=[y for height in heights for y in (height, height, None)],
                mode="lines", line={"color": house.LINE, "width": 2}, hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
        colour = house.GRADE_COLOURS[grade]
        drawing.add_trace(
            go.Scatter(
                x=[row["onset_minute"] / 60 for row in of_grade], y=heights, mode="markers", name=f"grade {grade}",
                showlegend=False, meta={"patients": [row["subject_id"] for row in of_grade]},
                marker={
                    "size": size,
                    "color": ["#ffffff" if row["onset_gap_minutes"] is None else colour for row in of_grade],
                    "line": {"width": [2 if row["onset_gap_minutes"] is None else 0.09 * size for row in of_grade],
                             "color": [colour if row["onset_gap_minutes"] is None else house.INK for row in of_grade]},
                },
                customdata=[_hover(row) for row in of_grade],
                hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}, %{customdata[2]} h after the infusion<br>"
                "%{customdata[3]}<extra></extra>",
            )
        )  # fmt: skip
    _frame(drawing, rows, present)
    return drawing


def spread(place: int) -> float:
    """Between 0 and 1, so that neighbours in a series stand far apart (van der Corput): 1/2, 1/4, 3/4, 1/8, 5/8, ..."""
    digits = f"{place:b}"[::-1]
    return int(digits, 2) / 2 ** len(digits)


def _hover(row: Row) -> list[str]:
    gap = row["onset_gap_minutes"]
    known = "no temperature between the infusion and this" if gap is None else f"{hours(gap)} h after the temperature before it"
    return [
        words.plotly_text(row["subject_id"], 60), words.clock(row["onset_minute"], row["infusion_minute_of_day"]),
        hours(row["onset_minute"]), known,
    ]  # fmt: skip


def _frame(drawing: go.Figure, rows: Sequence[Row], present: Sequence[int]) -> None:
    last = max(row["onset_minute"] for row in rows) / 60
    counts = {grade: sum(row["max_grade"] == grade for row in rows) for grade in present}
    drawing.update_layout(
        house.layout(
            20 + BAND * max(2, len(present)) + 60,
            margin={"l": 90, "r": 16, "t": 20, "b": 60},
            xaxis=house.axis(
                range=[-0.02 * last - 1, last * 1.02 + 2], tick0=0, showline=True, title="hours after the infusion",
                dtick=next((step for step in (6, 12, 24, 48, 96) if last / step <= 16), 168),
            ),
            yaxis=house.axis(
                range=[len(present) - 0.5, -0.5],
                tickvals=list(range(len(present))),
                ticktext=[f"<b>grade {grade}</b><br>n = {counts[grade]:,}" for grade in present],
                tickfont={"size": 12, "color": house.INK},
                showgrid=False,
                ticks="",
                ticklabelstandoff=6,
                fixedrange=True,
            ),
        )
    )  # fmt: skip


def table(rows: Sequence[Row], holds_minutes: float, quartiles: int) -> Table:
    """Return onset and gap in hours by highest grade.

    holds_minutes -- how long a temperature holds; quartiles -- the type of their definition
    """
    lines = [_line("All", rows, holds_minutes, quartiles)]
    lines += [
        _line(f"Grade {grade}", [row for row in rows if row["max_grade"] == grade], holds_minutes, quartiles, grade)
        for grade in GRADES
    ]
    heads = (
        "Highest grade", "Patients with an onset", "Onset, median h", "quartiles", "range", "Gap before it, median h", "longest",
        "longer than a temperature holds", "no temperature before it",
    )  # fmt: skip
    return Table("Onset in hours since the infusion, and the gap to the temperature before it", heads, tuple(lines))


def _line(head: str, rows: Sequence[Row], holds_minutes: float, quartiles: int, grade: int | None = None) -> Line:
    minutes, known = [row["onset_minute"] for row in rows], gaps(rows)
    first, third = (hours(quantile_of(minutes, share, quartiles)) if rows else "" for share in (0.25, 0.75))
    onset = (
        [hours(np.median(minutes)), f"{first}{words.DASH}{third}",
         f"{hours(min(minutes))}{words.DASH}{hours(max(minutes))}"]
        if rows
        else [words.DASH] * 3
    )  # fmt: skip
    gap = [hours(np.median(known)), hours(max(known))] if known else [words.DASH] * 2
    beyond = words.count(sum(1 for one in known if one > holds_minutes))
    cells = (words.count(len(rows)), *onset, *gap, beyond, words.count(len(rows) - len(known)))
    return Line(head, tuple(Cell(text) for text in cells), grade=grade, indented=grade is not None)
