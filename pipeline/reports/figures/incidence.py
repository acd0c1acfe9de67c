"""Cumulative incidence of CRS, of its grades and of its resolution, with death as the competing event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import plotly.graph_objects as go

from pipeline.reports import data, rounding, words
from pipeline.reports.data import Row
from pipeline.reports.figures import house
from pipeline.reports.figures.house import GRADE_COLOURS, Figure
from pipeline.reports.tables import Cell, Line, Table

ESTIMATE = (
    "What is estimated is the share of all treated patients who have had the event by a day, whatever they were given for it: "
    "tocilizumab, corticosteroids and other treatment end nobody's time. Death is a competing event (Aalen-Johansen), the "
    "end of observation censors; limits are log(-log) of the event-free share where no death competes, as SAS and R give them "
    "with a Kaplan-Meier curve, and of the incidence where one does (choice incidence_limits)."
)
TABLE_DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 28)
LINE = 17
"""The height of a line of numbers at risk, in pixels."""
TICKS = {"": 10, "2": 6}
"""How many times the numbers at risk are printed along each axis, at the most."""


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: its key, its name, its short name beside the numbers at risk, its colour."""

    key: str
    name: str
    short: str
    colour: str


def endpoints(terms: words.Terms) -> tuple[Endpoint, ...]:
    """Those counted from the infusion, the most frequent first."""
    return (
        Endpoint("crs", words.sentence_case(terms.any_crs), "any", house.INK),
        Endpoint("grade_2_or_more", "Grade 2 or more", "≥ 2", GRADE_COLOURS[2]),
        Endpoint("grade_3_or_more", "Grade 3 or more", "≥ 3", GRADE_COLOURS[3]),
    )


def _within(endpoint: Endpoint) -> str:
    """The name within a sentence: CRS stays as it is."""
    return endpoint.name if endpoint.name.isupper() else endpoint.name.lower()


RESOLUTION = Endpoint("resolution", "Resolution", "not resolved", house.RESOLVED)


# What is asked of the database


def steps(connection: duckdb.DuckDBPyConnection, system: str) -> dict[str, list[Row]]:
    """The steps of each endpoint in time, by its key."""
    found: dict[str, list[Row]] = {}
    for row in data.rows(connection, "SELECT * FROM summaries.incidence WHERE system = ? ORDER BY endpoint, days", system):
        found.setdefault(row["endpoint"], []).append(row)
    return found


def at(rows: Sequence[Row], day: float) -> Row | None:
    """The last step up to a day; None before the first."""
    return next((row for row in reversed(rows) if row["days"] <= day), None)


def at_risk(rows: Sequence[Row], day: float) -> int:
    """How many are at risk at a day: whose time has not ended before it."""
    return next((row["n_at_risk"] for row in rows if row["days"] >= day), 0)


def events(rows: Sequence[Row], day: float) -> int:
    """How many had the event up to a day."""
    return sum(row["n_event"] for row in rows if row["days"] <= day)


# The figure


def figure(connection: duckdb.DuckDBPyConnection, systems: Sequence[Row], terms: words.Terms, last_day: int) -> Figure:
    """The figure with its words: curves of the first system, numbers of all. last_day -- where the first axis ends"""
    by_system = {system["name"]: steps(connection, system["system"]) for system in systems}
    name, first = systems[0]["name"], by_system[systems[0]["name"]]
    return Figure(
        id="cumulative-incidence",
        title=f"Cumulative incidence of {_what(terms)}, and of its resolution, {name}",
        caption=(
            "Left: from the infusion. Right: from the onset of the first episode to its end. Bands are 95% confidence limits; "
            "death is a competing event, drawn as a dotted line where there is any. Below: the number still at risk."
        ),
        alt=f"Rising step curves with bands. {_said(first, terms, last_day)}",
        drawing=drawn(first, terms, last_day) if first else None,
        instead="Nobody was treated: there is nothing to draw.",
        table=table(by_system, terms),
        notes=(ESTIMATE if terms is words.INFUSED else ESTIMATE.replace("treated patients", "patients"),),
        choices=("episode_gap_d", "onset_window_d", "resolved_within_h"),
    )


def _what(terms: words.Terms) -> str:
    return "CRS" if terms is words.INFUSED else terms.any_crs


def _said(found: Mapping[str, Sequence[Row]], terms: words.Terms, last_day: float) -> str:
    """Each endpoint at the end of its axis, in words."""
    said = []
    for endpoint in (*endpoints(terms), RESOLUTION):
        rows = found.get(endpoint.key)
        if not rows:
            said.append(f"{endpoint.name}: nobody can reach it.")
            continue
        end = resolution_end(rows) if endpoint is RESOLUTION else last_day
        row = at(rows, end)
        limits = f" (95% CI {words.interval(row['incidence_low'], row['incidence_high'])})" if row["incidence"] else ""
        said.append(
            f"{endpoint.name}: {words.percent(row['incidence'])}{limits} by day {words.number(end)}, "
            f"{events(rows, end)} of {rows[0]['n_at_risk']}."
        )
    return " ".join(said)


def resolution_end(rows: Sequence[Row]) -> int:
    """Where the axis of days since the onset ends: past the last end of an episode."""
    return max(1, int(max((row["days"] for row in rows), default=0)) + 1)


def drawn(found: Mapping[str, Sequence[Row]], terms: words.Terms, last_day: int) -> go.Figure:
    """Two panels of steps, each with the numbers at risk below it."""
    left = [endpoint for endpoint in endpoints(terms) if found.get(endpoint.key)]
    right = [RESOLUTION] if found.get(RESOLUTION.key) else []
    drawing = go.Figure()
    last_right = resolution_end(found[RESOLUTION.key]) if right else 1
    panels = [("", left, last_day, [0, 0.58] if right else [0, 1])]
    if right:
        panels.append(("2", right, last_right, [0.67, 1]))
    below = 62 + LINE * (len(left) + 1)
    for axis, shown, last, domain in panels:
        for endpoint in shown:
            drawing.add_traces(_curve(endpoint, found[endpoint.key], last, axis))
        _competing(drawing, shown[0], found[shown[0].key], last, axis)
        _numbers_at_risk(drawing, shown, found, last, axis)
        title = "days since the onset" if axis else "days since the infusion"
        step = tick_step(last, axis)
        drawing.update_layout(
            {
                f"xaxis{axis}": house.axis(domain=domain, range=[0, last], tick0=0, dtick=step, showline=True, title=title,
                                           anchor=f"y{axis}"),
                f"yaxis{axis}": house.axis(
                    range=[0, 102], ticksuffix="%", anchor=f"x{axis}", title="% resolved" if axis else f"% {terms.of_treated}"
                ),
            }
        )  # fmt: skip
    above = 62
    drawing.update_layout(
        house.layout(
            above + 300 + below,
            margin={"l": 76, "r": 22, "t": above, "b": below},
            legend={"yref": "container", "y": 1, "yanchor": "top", "traceorder": "normal"},
        )
    )
    return drawing


def tick_step(last: float, axis: str) -> int:
    """How far apart the ticks stand, in days."""
    return next((step for step in (1, 2, 4, 7, 14, 28) if last / step <= TICKS[axis]), 91)


def _path(rows: Sequence[Row], last: float) -> list[Row]:
    """Where the curves begin and change within the axis, and the last of these again where the axis ends."""
    within = [row for row in rows if row["days"] <= last]
    changes = [row for place, row in enumerate(within) if not place or row["n_event"] or row["n_competing"]]
    return [*changes, {**changes[-1], "days": last, "n_at_risk": at_risk(rows, last)}]


def _curve(endpoint: Endpoint, rows: Sequence[Row], last: float, axis: str) -> list[go.Scatter]:
    """The band, then the line over it."""
    path = _path(rows, last)
    banded = [row for row in path if row["incidence_low"] is not None and row["incidence_high"] is not None]
    shared = {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "mode": "lines", "legendgroup": endpoint.key}
    edge = {"line": {"width": 0, "shape": "hv", "color": endpoint.colour}, "hoverinfo": "skip", "showlegend": False}
    days = [row["days"] for row in banded]
    traces = [
        go.Scatter(x=days, y=[row["incidence_low"] for row in banded], **edge, **shared),
        go.Scatter(x=days, y=[row["incidence_high"] for row in banded], fill="tonexty", fillcolor=_pale(endpoint.colour),
                   **edge, **shared),
    ]  # fmt: skip
    line = go.Scatter(
        x=[row["days"] for row in path],
        y=[row["incidence"] for row in path],
        name=f"{endpoint.name}: {words.percent(path[-1]['incidence'])} by day {words.number(last)}",
        line={"width": 2.2, "shape": "hv", "color": endpoint.colour},
        customdata=[
            [words.interval(row["incidence_low"], row["incidence_high"]), row["n_at_risk"], *_point(row, "incidence")]
            for row in path
        ],
        hovertemplate=f"<b>{endpoint.name}</b><br>%{{customdata[2]}}: %{{customdata[3]}}<br>95% CI %{{customdata[0]}}<br>"
        "at risk: %{customdata[1]}<extra></extra>",
        **shared,
    )  # fmt: skip
    return [*(traces if banded else []), line]


def _point(row: Row, name: str) -> tuple[str, str]:
    """Where a curve is, in words: the day and the incidence."""
    return f"day {rounding.fixed(row['days'], 2)}", words.percent(row[name])


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"


def _competing(drawing: go.Figure, endpoint: Endpoint, rows: Sequence[Row], last: float, axis: str) -> None:
    """The dotted line of deaths without the first endpoint of the panel, where there is one."""
    path = _path(rows, last)
    if not path[-1]["competing_incidence"]:
        return
    name = f"Death without {_within(endpoint)}"
    drawing.add_trace(
        go.Scatter(
            x=[row["days"] for row in path], y=[row["competing_incidence"] for row in path], mode="lines",
            name=name, xaxis=f"x{axis}", yaxis=f"y{axis}",
            line={"width": 1.6, "shape": "hv", "dash": "dot", "color": "#6b7783"},
            hovertemplate=f"<b>{name}</b><br>%{{customdata[0]}}: %{{customdata[1]}}<extra></extra>",
            customdata=[_point(row, "competing_incidence") for row in path],
        )
    )  # fmt: skip


def _numbers_at_risk(
    drawing: go.Figure, shown: Sequence[Endpoint], found: Mapping[str, Sequence[Row]], last: float, axis: str
) -> None:
    """One line per endpoint, a number under each tick."""

    def write(text: str, x: float, line: int, anchor: str, shift: int = 0) -> None:
        drawing.add_annotation(
            text=text, x=x, xref=f"x{axis}", xanchor=anchor, xshift=shift, y=0, yref=f"y{axis} domain", yanchor="top",
            yshift=-52 - LINE * line, showarrow=False, font={"size": 11.5, "color": house.FAINT},
        )  # fmt: skip

    most = max(at_risk(found[endpoint.key], 0) for endpoint in shown)
    aside = -8 - round(3.4 * len(words.count(most)))
    write("at risk", 0, 0, "right", aside)
    for line, endpoint in enumerate(shown, start=1):
        if len(shown) > 1:
            write(f"<b>{endpoint.short}</b>", 0, line, "right", aside)
        place = line if len(shown) > 1 else 0
        for day in range(0, int(last) + 1, tick_step(last, axis)):
            write(words.count(at_risk(found[endpoint.key], day)), day, place, "center")


def table(by_system: Mapping[str, Mapping[str, Sequence[Row]]], terms: words.Terms) -> Table:
    """Per system and endpoint the numbers at some days."""
    lines = []
    for name, found in by_system.items():
        for endpoint in (*endpoints(terms), RESOLUTION):
            rows = found.get(endpoint.key)
            if not rows:
                continue
            since = "days since the onset" if endpoint is RESOLUTION else "days since the infusion"
            lines.append(Line(f"{name}: {_within(endpoint)}, {since}", group=True))
            lines += [_line(rows, day) for day in TABLE_DAYS if day <= max(1, rows[-1]["days"])]
    heads = ("Day", "At risk", "Events so far", "Cumulative incidence", "95% CI", "Death first")
    return Table("Cumulative incidence, death competing", heads, tuple(lines))


def _line(rows: Sequence[Row], day: int) -> Line:
    row = at(rows, day)
    cells = (
        words.count(at_risk(rows, day)), words.count(events(rows, day)), words.percent(row["incidence"]),
        words.interval(row["incidence_low"], row["incidence_high"]), words.percent(row["competing_incidence"]),
    )  # fmt: skip
    return Line(f"{day}", tuple(Cell(text) for text in cells), indented=True)
