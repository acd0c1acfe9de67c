"""The quality of the charting: what the report and `cytograde quality` say of the room `quality`, in tables and figures."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

import duckdb
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pipeline.reports import data, rounding, words
from pipeline.reports.data import Row
from pipeline.reports.figures import density, house
from pipeline.reports.figures.house import Figure
from pipeline.reports.tables import Cell, Line, Table
from pipeline.reports.words import DASH

SITES_SHOWN = 20
SUBJECTS_SHOWN = 20
TEXTS_SHOWN = 12
LINES_SHOWN = 200
"""The most of each that stand in the report; of more sites, subjects and texts those with the most to look at."""

HOLDS = {"temperature": "temperature_holds_h", "systolic_bp": "blood_pressure_holds_h"}
"""The vitals that hold until the next reading, and the choice that says how long at most."""

TITLES = {"temperature": "temperature", "systolic_bp": "systolic pressure"}

WINDOW = ("observed_window_d", "temperature_holds_h", "blood_pressure_holds_h")

TICKS = {
    1: "1 min", 5: "5 min", 15: "15 min", 60: "1 h", 120: "2 h", 240: "4 h", 480: "8 h", 1440: "1 d", 4320: "3 d", 10080: "7 d",
    40320: "28 d", 161280: "112 d",
}  # fmt: skip
ROW = 25
"""The height of one row of a figure, in pixels."""


# What is asked of the database


def chartings(connection: duckdb.DuckDBPyConnection, stratum: str) -> list[Row]:
    """One row per level and concept."""
    query = (
        "SELECT c.*, k.concept_no FROM quality.chartings AS c JOIN staging.concepts AS k USING (concept) "
        "WHERE c.stratum = ? ORDER BY c.level, k.concept_no"
    )
    return data.rows(connection, query, stratum)


def hints(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per site, concept and unit that looks wrong, those with the most impossible values first."""
    return data.rows(
        connection,
        "SELECT * FROM quality.units WHERE stratum = 'site' AND hint IS NOT NULL "
        "ORDER BY rows_impossible DESC, concept, level, unit_written",
    )


def units(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per site, concept and unit, of the concepts written in more than one unit or with values that are impossible."""
    return data.rows(
        connection,
        "SELECT u.* FROM quality.units AS u JOIN staging.concepts AS k USING (concept) "
        "WHERE u.stratum = 'site' AND u.concept IN (SELECT concept FROM quality.units WHERE stratum = 'all' "
        "GROUP BY concept HAVING count(*) > 1 OR sum(rows_impossible) > 0) ORDER BY k.concept_no, u.level, u.unit_written",
    )


def units_together(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The same with the sites together: one row per concept and unit, and who writes so."""
    return data.rows(
        connection,
        "WITH written AS (SELECT concept, unit_written, list(level ORDER BY level) AS levels FROM quality.units "
        "WHERE stratum = 'site' GROUP BY ALL) "
        "SELECT u.*, coalesce(w.levels, []) AS levels FROM quality.units AS u JOIN staging.concepts AS k USING (concept) "
        "LEFT JOIN written AS w USING (concept, unit_written) "
        "WHERE u.stratum = 'all' AND u.concept IN (SELECT concept FROM quality.units WHERE stratum = 'all' "
        "GROUP BY concept HAVING count(*) > 1 OR sum(rows_impossible) > 0) ORDER BY k.concept_no, u.unit_written",
    )


def sites(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per site, all together first."""
    return data.rows(connection, "SELECT * FROM quality.sites ORDER BY stratum <> 'all', level")


def subjects(connection: duckdb.DuckDBPyConnection, at_most: int) -> list[Row]:
    """The subjects with the most hours without a temperature, then without a pressure."""
    return data.rows(
        connection,
        "SELECT * FROM quality.subjects WHERE hours_without_temperature > 0 OR hours_without_pressure > 0 "
        "ORDER BY hours_without_temperature DESC, hours_without_pressure DESC, subject_no LIMIT ?",
        at_most,
    )


def support(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per device or infusion, all sites together."""
    return data.rows(
        connection,
        "SELECT s.* FROM quality.support AS s JOIN staging.concepts AS k USING (concept) "
        "WHERE s.stratum = 'all' ORDER BY k.concept_no",
    )


def unmapped(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per text that is not known, the most frequent first."""
    return data.rows(
        connection,
        "SELECT *, rows_refused + rows_blanked AS n FROM quality.unmapped "
        "ORDER BY n DESC, patients DESC, part, concept_written, unit_written",
    )


# In words


def lasting(minutes: float | None) -> str:
    """45 min, 2.3 h, 4.5 d: as short as it can be read."""
    if minutes is None:
        return DASH
    if minutes < 120:
        return f"{words.number(minutes)} min"
    return f"{rounding.digits(minutes / 60, 3)} h" if minutes < 2880 else f"{rounding.digits(minutes / 1440, 3)} d"


def hint_sentence(row: Row) -> str:
    """Birch, temperature in degC: 3 of 3 values that are impossible would be in the kept range as degF."""
    return f"{row['level']}, {named(row['concept'])} in {row['unit_written']}: {row['hint']}."


def named(concept: str) -> str:
    """A concept in words."""
    return concept.replace("_", " ")


def known(value: int | None) -> str:
    """A count; a dash where it was not counted."""
    return DASH if value is None else words.count(value)


def hours(value: float) -> str:
    """1,994.7"""
    return f"{Decimal(rounding.fixed(value, 1)):,}"


# The section


def section(connection: duckdb.DuckDBPyConnection, choices: Mapping[str, Row]) -> dict:
    """Everything the section says."""
    by_site, texts, mixed = chartings(connection, "site"), unmapped(connection), units(connection)
    found = hints(connection)
    several = len({row["level"] for row in by_site}) > 1
    return {
        "hints": [hint_sentence(row) for row in found[:TEXTS_SHOWN]],
        "hints_beyond": max(0, len(found) - TEXTS_SHOWN),
        "figures": [_interval_figure(connection, choices), _unknown_figure(connection, choices), density.figure(connection)],
        "chartings": chartings_table(chartings(connection, "all"), "What was charted, all sites together"),
        "by_site": chartings_table(by_site[:LINES_SHOWN], "What was charted, by site", by_level=True) if several else None,
        "by_site_cut": len(by_site) > LINES_SHOWN,
        "units": units_table(mixed[:LINES_SHOWN]) if mixed else None,
        "units_cut": len(mixed) > LINES_SHOWN,
        "sites": sites_table(worst_sites(sites(connection))),
        "support": support_table(support(connection)),
        "unmapped": unmapped_table(texts[:TEXTS_SHOWN]) if texts else None,
        "unmapped_beyond": max(0, len(texts) - TEXTS_SHOWN),
    }


# Tables


def charting_cells(row: Row) -> tuple[str, ...]:
    """The numbers of a row of `quality.chartings` in words."""
    return (
        words.count(row["rows_used"]),
        words.count(row["patients"]),
        lasting(row["interval_median"]),
        lasting(row["interval_p95"]),
        lasting(row["interval_longest"]),
        words.count(row["rows_impossible"]),
        words.count(row["rows_refused_otherwise"]),
        known(row["rows_duplicate"]),
        known(row["minutes_in_conflict"]),
    )


def chartings_table(rows: Sequence[Row], caption: str, by_level: bool = False) -> Table:
    """One row per concept, under the heading of its site."""
    lines, previous = [], None
    for row in rows:
        if by_level and row["level"] != previous:
            previous = row["level"]
            lines.append(Line(previous, group=True))
        lines.append(Line(named(row["concept"]), tuple(Cell(cell) for cell in charting_cells(row)), indented=by_level))
    heads = (
        "Concept", "Rows used", "Patients", "Interval, median", "95 of 100 within", "Longest", "Impossible values",
        "Refused otherwise", "Duplicate rows", "Minutes in conflict",
    )  # fmt: skip
    return Table(caption, heads, tuple(lines))


def units_table(rows: Sequence[Row]) -> Table:
    """One row per site and unit, under the heading of its concept."""
    lines, previous = [], None
    for row in rows:
        if row["concept"] != previous:
            previous = row["concept"]
            lines.append(Line(named(previous), group=True))
        median = DASH if row["value_median"] is None else f"{rounding.digits(row['value_median'], 4)} {row['unit']}"
        cells = (
            row["unit_written"],
            words.count(row["rows_used"]),
            words.count(row["patients"]),
            median,
            words.count(row["rows_impossible"]),
            row["hint"] or "",
        )
        lines.append(Line(row["level"], tuple(Cell(cell) for cell in cells), indented=True))
    heads = ("Site", "Unit as written", "Rows used", "Patients", "Median, converted", "Impossible values", "What looks wrong")
    return Table("Units as written, by site", heads, tuple(lines), texts=frozenset({1, 6}))


def worst_sites(rows: Sequence[Row]) -> list[Row]:
    """All together, then the sites with the largest share without a temperature, in their order."""
    whole, own = rows[0], rows[1:]
    if len(own) == 1:
        return [whole]
    dear = sorted(own, key=lambda row: (-(row["pct_without_temperature"] or 0), row["level"]))[:SITES_SHOWN]
    return [whole, *sorted(dear, key=lambda row: row["level"])]


def sites_table(rows: Sequence[Row]) -> Table:
    """One row per site: hours in which a vital is unknown, with their share."""
    kinds = ("temperature", "pressure", "both")
    lines = [
        Line(
            "All sites" if row["stratum"] == "all" else row["level"],
            (
                Cell(words.count(row["patients"])),
                Cell(hours(row["hours_observed"])),
                *(
                    Cell(text)
                    for kind in kinds
                    for text in (hours(row[f"hours_without_{kind}"]), words.percent(row[f"pct_without_{kind}"]))
                ),
            ),
        )
        for row in rows
    ]
    heads = (
        "Site", "Patients", "Hours observed", "Without temperature", "share", "Without pressure", "share",
        "Without either", "share",
    )  # fmt: skip
    return Table("Hours without a temperature or a systolic pressure in force", heads, tuple(lines))


def support_table(rows: Sequence[Row]) -> Table | None:
    """One row per device or infusion: chartings without a flow, and without a stop. None where there is none."""
    if not rows:
        return None
    lines = [
        Line(
            named(row["concept"]),
            (
                Cell(words.count(row["rows_used"])),
                Cell(words.count(row["patients"])),
                *(
                    Cell(text)
                    for kind in ("flow", "stop")
                    for text in (
                        known(row[f"rows_without_{kind}"]),
                        words.percent(row[f"pct_without_{kind}"]),
                        known(row[f"patients_without_{kind}"]),
                    )
                ),
            ),
        )
        for row in rows
    ]
    heads = (
        "Device or infusion", "Chartings", "Patients", "No flow", "share", "patients", "No charted stop", "share", "patients",
    )  # fmt: skip
    return Table("Devices without a flow, support without a charted stop", heads, tuple(lines))


def unmapped_table(rows: Sequence[Row]) -> Table:
    """One row per text of a concept or unit that is not known."""
    lines = [
        Line(
            row["concept_written"] if row["part"] == "concept" else row["unit_written"],
            (
                Cell("concept" if row["part"] == "concept" else f"unit of {row['concept_written']}"),
                Cell(words.count(row["rows_refused"])),
                Cell(words.count(row["rows_blanked"])),
                Cell(words.count(row["patients"])),
            ),
        )
        for row in rows
    ]
    heads = ("Text", "Written as", "Rows refused", "Rows blanked", "Patients")
    return Table("Texts that are not known", heads, tuple(lines), texts=frozenset({1}))


# Figures


def _interval_figure(connection: duckdb.DuckDBPyConnection, choices: Mapping[str, Row]) -> Figure:
    """How far apart two readings stand, by site, beside how long a reading holds."""
    found = [
        row
        for row in [*chartings(connection, "all"), *chartings(connection, "site")]
        if row["concept"] in HOLDS and row["interval_median"] is not None
    ]
    levels = _levels(found)
    shown = [row for row in found if (row["stratum"], row["level"]) in levels]
    limits = {concept: 60 * choices[name]["value"] for concept, name in HOLDS.items()}
    said = " ".join(
        f"{TITLES[row['concept']].capitalize()}, all sites: half within {lasting(row['interval_median'])}, "
        f"95 of 100 within {lasting(row['interval_p95'])}, longest {lasting(row['interval_longest'])}."
        for row in shown
        if row["stratum"] == "all"
    )
    cut = sum(1 for one in {(row["stratum"], row["level"]) for row in found} if one not in levels) if len(levels) > 1 else 0
    more = f" The {SITES_SHOWN} sites with the longest intervals are shown." if cut else ""
    return Figure(
        id="intervals",
        title="Time between two chartings of one patient",
        caption=(
            "A dot is the median, the end of its line what 95 of 100 intervals do not exceed. Beyond the broken line a "
            f"reading no longer holds: the vital is unknown there, not normal.{more}"
        ),
        alt=f"Lines from the median to the 95th percentile of the interval between readings, by site, on a log axis. {said}",
        drawing=_intervals_drawn(shown, levels, limits) if shown else None,
        instead="No patient had two readings of temperature or systolic pressure: there is nothing to draw.",
        table=_interval_table(shown),
        notes=("Intervals between readings that are used, under observation from the infusion on; those of one minute are one.",),
        choices=tuple(HOLDS.values()),
    )


def _levels(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The levels to show: all together, then the sites with the longest intervals, in their order."""
    longest: dict[str, int] = {}
    for row in rows:
        if row["stratum"] == "site":
            longest[row["level"]] = max(longest.get(row["level"], 0), row["interval_p95"])
    if len(longest) < 2:
        return [("all", "all")]
    dear = sorted(longest, key=lambda level: (-longest[level], level))[:SITES_SHOWN]
    return [("all", "all"), *(("site", level) for level in sorted(dear))]


def _interval_table(rows: Sequence[Row]) -> Table:
    lines = [
        Line(
            "All sites" if row["stratum"] == "all" else row["level"],
            (
                Cell(TITLES[row["concept"]]),
                Cell(words.count(row["rows_used"])),
                *(Cell(lasting(row[f"interval_{name}"])) for name in ("median", "p95", "longest")),
            ),
        )
        for row in rows
    ]
    heads = ("Site", "Vital", "Rows used", "Median", "95 of 100 within", "Longest")
    return Table("Intervals between readings", heads, tuple(lines), texts=frozenset({1}))


def _intervals_drawn(rows: Sequence[Row], levels: Sequence[tuple[str, str]], limits: Mapping[str, float]) -> go.Figure:
    """One small figure per vital, a line per site."""
    titles = [TITLES[concept] for concept in HOLDS]
    figure = make_subplots(rows=1, cols=len(HOLDS), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.05)
    height = 78 + 62 + ROW * max(3, len(levels))
    figure.update_layout(house.layout(height, margin={"l": 60, "r": 16, "t": 78, "b": 62}))
    figure.update_layout(legend={"yref": "container", "y": 1, "yanchor": "top", "traceorder": "normal"})
    figure.update_annotations(font={"size": 13.5, "color": house.INK}, yshift=6)
    ends = [row["interval_p95"] for row in rows] + [row["interval_median"] for row in rows] + [*limits.values()]
    low, high = max(1, min(ends)) / 1.6, max(ends) * 1.6
    ticks = {minute: text for minute, text in TICKS.items() if low <= minute <= high}
    for column, (concept, limit) in enumerate(limits.items(), start=1):
        own = [row for row in rows if row["concept"] == concept]
        for trace in _interval_traces(own, levels, in_legend=column == 1):
            figure.add_trace(trace, row=1, col=column)
        figure.update_xaxes(
            house.axis(title="time between two readings (log scale)", showline=True, type="log"),
            row=1,
            col=column,
        )
        figure.add_shape(
            type="line", x0=limit, x1=limit, y0=-0.6, y1=len(levels) - 0.4,
            line={"color": house.INK, "width": 1.3, "dash": "dash"}, row=1, col=column,
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[None], y=[None], mode="lines", name="how long a reading holds",
            line={"color": house.INK, "width": 1.3, "dash": "dash"},
        ),
        row=1, col=1,
    )  # fmt: skip
    figure.update_xaxes(range=[_log(low), _log(high)], tickvals=list(ticks), ticktext=list(ticks.values()))
    names = ["all sites" if stratum == "all" else words.plotly_text(level, 22) for stratum, level in levels]
    figure.update_yaxes(house.axis(range=[len(levels) - 0.4, -0.6], showgrid=False, ticks="", ticklabelstandoff=6))
    figure.update_yaxes(tickvals=list(range(len(levels))), ticktext=names, tickfont={"size": 12.5, "color": house.INK})
    return figure


def _log(minutes: float) -> float:
    return math.log10(minutes)


def _interval_traces(rows: Sequence[Row], levels: Sequence[tuple[str, str]], in_legend: bool) -> list[go.Scatter]:
    places = {level: place for place, level in enumerate(levels)}
    at = [places[row["stratum"], row["level"]] for row in rows]
    lines_x = [x for row in rows for x in (row["interval_median"], row["interval_p95"], None)]
    lines_y = [y for place in at for y in (place, place, None)]
    told = [
        [
            words.plotly_text("All sites" if row["stratum"] == "all" else row["level"], 40),
            lasting(row["interval_median"]),
            lasting(row["interval_p95"]),
            lasting(row["interval_longest"]),
            words.count(row["rows_used"]),
        ]
        for row in rows
    ]
    hover = (
        "<b>%{customdata[0]}</b>, %{customdata[4]} rows<br>half within %{customdata[1]}<br>"
        "95 of 100 within %{customdata[2]}<br>longest %{customdata[3]}<extra></extra>"
    )
    return [
        go.Scatter(
            x=lines_x, y=lines_y, mode="lines", line={"color": house.OUTSIDE, "width": 5}, hoverinfo="skip",
            name="to the 95th percentile", showlegend=in_legend, legendrank=2,
        ),
        go.Scatter(
            x=[row["interval_p95"] for row in rows], y=at, mode="markers", showlegend=False, customdata=told,
            marker={"symbol": "line-ns", "size": 13, "line": {"color": house.RESOLVED, "width": 2.5}},
            hovertemplate=hover,
        ),
        go.Scatter(
            x=[row["interval_median"] for row in rows], y=at, mode="markers", name="median", showlegend=in_legend,
            legendrank=1, customdata=told, marker={"color": house.RESOLVED, "size": 10}, hovertemplate=hover,
        ),
    ]  # fmt: skip


def _unknown_figure(connection: duckdb.DuckDBPyConnection, choices: Mapping[str, Row]) -> Figure:
    """The subjects with the most hours in which a vital is unknown."""
    shown = subjects(connection, SUBJECTS_SHOWN)
    total = connection.execute("SELECT count(*) FROM quality.subjects").fetchone()[0]
    window = words.number(choices["observed_window_d"]["value"])
    who = (
        f"The {words.plural(len(shown), 'patient')} with the most such hours, of {words.count(total)}, those without a "
        "temperature first."
        if shown
        else f"None of {words.plural(total, 'patient')} has such hours."
    )
    worst = ", ".join(
        f"{row['subject_id']} {hours(row['hours_without_temperature'])} h and {hours(row['hours_without_pressure'])} h"
        for row in shown[:3]
    )
    return Figure(
        id="unknown-hours",
        title="Hours without a temperature or a systolic pressure in force",
        caption=(
            f"{who} Counted in the first {window} days. In these hours a fever or a low pressure can be neither proven nor "
            "ruled out."
        ),
        alt=f"Two marks per patient, the hours without a temperature and without a pressure in force. The highest: {worst}.",
        drawing=_unknown_drawn(shown) if shown else None,
        instead="Temperature and systolic pressure were in force at every hour of every patient: there is nothing to draw.",
        table=_unknown_table(shown),
        choices=WINDOW,
    )


def _unknown_table(rows: Sequence[Row]) -> Table:
    names = ("hours_observed", "hours_without_temperature", "hours_without_pressure", "hours_without_both")
    lines = [
        Line(
            row["subject_id"],
            (Cell(row["level"]), *(Cell(rounding.fixed(row[name], 1)) for name in names)),
            about=(row["subject_id"],),
        )
        for row in rows
    ]
    heads = ("Subject", "Site", "Hours observed", "Without temperature", "Without pressure", "Without either")
    return Table("Patients with the most unknown hours", heads, tuple(lines), texts=frozenset({1}))


def _unknown_drawn(rows: Sequence[Row]) -> go.Figure:
    """Two marks per subject, joined by a line."""
    at = list(range(len(rows)))
    figure = go.Figure(layout=house.layout(46 + 58 + ROW * max(3, len(rows)), margin={"l": 60, "r": 16, "t": 46, "b": 58}))
    pairs = [(row["hours_without_temperature"], row["hours_without_pressure"]) for row in rows]
    figure.add_trace(
        go.Scatter(
            x=[x for pair in pairs for x in (*pair, None)], y=[y for place in at for y in (place, place, None)],
            mode="lines", line={"color": house.OUTSIDE, "width": 3}, hoverinfo="skip", showlegend=False,
        )
    )  # fmt: skip
    marks = {
        "temperature": ("without a temperature", {"color": house.RESOLVED, "size": 8, "symbol": "circle"}),
        "pressure": (
            "without a systolic pressure",
            {"color": house.INK, "size": 13, "symbol": "diamond-open", "line": {"width": 1.5}},
        ),
    }
    for kind, (name, marker) in marks.items():
        figure.add_trace(
            go.Scatter(
                x=[row[f"hours_without_{kind}"] for row in rows], y=at, mode="markers", name=name, marker=marker,
                customdata=[
                    [words.plotly_text(row["subject_id"], 40), words.plotly_text(row["level"], 40),
                     hours(row[f"hours_without_{kind}"]), hours(row["hours_observed"])]
                    for row in rows
                ],
                hovertemplate="<b>%{customdata[0]}</b>, %{customdata[1]}<br>"
                f"%{{customdata[2]}} of %{{customdata[3]}} h {name}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(meta={"patients": [row["subject_id"] for row in rows]})
    names = [words.plotly_text(row["subject_id"], 22) for row in rows]
    figure.update_xaxes(house.axis(title="hours", showline=True, rangemode="tozero"))
    figure.update_yaxes(
        house.axis(range=[len(rows) - 0.4, -0.6], tickvals=at, ticktext=names, showgrid=False, ticks="", ticklabelstandoff=6),
        tickfont={"size": 12.5, "color": house.INK},
    )
    figure.update_layout(legend={"yref": "container", "y": 1, "yanchor": "top"})
    return figure
