"""Recorded against derived, and what a clinician should look at: what the report and `cytograde audit` say of them."""

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import plotly.graph_objects as go

from pipeline import statistics
from pipeline.reports import data, rounding, words
from pipeline.reports.data import Row
from pipeline.reports.figures import house
from pipeline.reports.figures.house import Figure
from pipeline.reports.tables import Cell, Line, Table
from pipeline.reports.words import DASH

GRADES = tuple(str(grade) for grade in range(6))
RECORDED = (*GRADES, "no grade", "other system", "not recorded")
DERIVED = (*GRADES, "not evaluable")
DISCREPANCIES_SHOWN = 200
SUBJECTS_NAMED = 3
LEVELS = {"all": "All", "site": "By site", "recorder": "By recorder"}

STATISTICS = (
    "Cohen J. Psychol Bull 1968;70:213-220 (weighted kappa).",
    "Gwet KL. Br J Math Stat Psychol 2008;61:29-48 (agreement coefficients).",
    "Efron B. Ann Stat 1979;7:1-26 (bootstrap).",
    "Bowker AH. J Am Stat Assoc 1948;43:572-574 (symmetry).",
    "Bland JM, Altman DG. Lancet 1986;1:307-310 (limits of agreement).",
    "Spiegelhalter DJ. Stat Med 2005;24:1185-1202 (funnel plots).",
)

MATCHING = ("record_match_h",)
STEPS = ("record_match_h", "boundary_temperature_step", "boundary_pressure_step", "boundary_flow_step")
LOOKS = (
    "late_onset_d", "early_onset_d", "long_duration_d", "ceiling_above_grade", "hypotension_near_vasopressor_h",
    "tocilizumab_from_grade", "tocilizumab_looks_back_h", "severe_from_grade",
)  # fmt: skip
LIMITS = ((0.025, "95%"), (0.001, "99.8%"))
"""The lower tails of the limits of a funnel, and what they are called."""


# What is asked of the database


def systems(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The graded systems that grades were recorded in, those with the most subjects first."""
    return data.rows(
        connection,
        "SELECT y.system, y.name, count(*) FILTER (b.recorded IN ('0', '1', '2', '3', '4', '5', 'no grade')) AS subjects "
        "FROM recorded.subjects AS b JOIN rules.systems AS y ON y.system = b.system "
        "GROUP BY y.system, y.name ORDER BY subjects DESC, y.system",
    )


def ungraded(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The systems that grades were recorded in and that this run does not grade by, with their subjects."""
    return data.rows(
        connection,
        "SELECT system, count(*) AS subjects FROM recorded.subjects WHERE derived = 'not graded' GROUP BY system ORDER BY system",
    )


def cells(connection: duckdb.DuckDBPyConnection, system: str) -> dict[tuple[str, str], int]:
    """How many subjects are recorded and derived so."""
    found = data.rows(connection, "SELECT * FROM recorded.confusion WHERE system = ?", system)
    return {(row["recorded"], row["derived"]): row["subjects"] for row in found}


def agreement(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per stratum: all, the sites, the recorders."""
    return data.rows(
        connection,
        "SELECT * FROM recorded.agreement WHERE system = ? ORDER BY stratum <> 'all', stratum <> 'site', level",
        system,
    )


def timing(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per measure of time, of all sites together."""
    return data.rows(
        connection,
        "SELECT * FROM recorded.timing WHERE system = ? AND stratum = 'all' ORDER BY measure DESC",
        system,
    )


def discrepancies(connection: duckdb.DuckDBPyConnection, at_most: int) -> list[Row]:
    """The disagreements, widest apart first."""
    return data.rows(
        connection,
        "SELECT * FROM recorded.discrepancies "
        "ORDER BY abs(coalesce(recorded_grade, 0) - coalesce(derived_grade, 0)) DESC, system, subject_id, entry LIMIT ?",
        at_most,
    )


def reasons(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many disagreements of each kind, the most frequent first."""
    return data.rows(
        connection,
        "SELECT reason_class, count(*) AS n FROM recorded.discrepancies GROUP BY reason_class ORDER BY n DESC, reason_class",
    )


def looked(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per clinical audit: its patients under a system (or whatever the system), and the first of them."""
    result = connection.execute(
        """
        WITH first AS (
            SELECT audit, subject_id, min_by(value, (minute, value)) AS value
            FROM audits.findings
            WHERE coalesce(system, $system) = $system
            GROUP BY audit, subject_id
        ),
        counted AS (
            SELECT audit, count(*) AS patients,
                   list((subject_id || ' (' || value || ')') ORDER BY subject_id)[:$named] AS named,
                   list(subject_id ORDER BY subject_id)[:$named] AS named_ids
            FROM first GROUP BY audit
        )
        SELECT a.audit, a.sentence, a.reason, coalesce(c.patients, 0) AS patients, coalesce(c.named, []) AS named,
               coalesce(c.named_ids, []) AS named_ids
        FROM audits.asked AS a LEFT JOIN counted AS c USING (audit) ORDER BY a.audit
        """,
        {"system": system, "named": SUBJECTS_NAMED},
    )
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


# Agreement beyond chance, of all subjects


COEFFICIENTS = {
    "kappa_linear": "kappa, linear weights",
    "kappa_quadratic": "kappa, quadratic weights",
    "ac2_quadratic": "AC2, quadratic weights",
}
"""The coefficients of `recorded.agreement` and what they are called."""


def beyond_chance(row: Row, found: Mapping[tuple[str, str], int]) -> str:
    """Kappa and AC2 of a row of the agreement with their bootstrap intervals, and Bowker's test, in words."""
    if not row["n_both"]:
        return "Nobody has a grade on both sides: there is no agreement to tell."
    said = []
    for column, name in COEFFICIENTS.items():
        value, low, high = (row[f"{column}{limit}"] for limit in ("", "_resampled_low", "_resampled_high"))
        if value is not None:
            limits = ""
            if low is not None:
                limits = f" (95% CI {rounding.fixed(low, 2)} to {rounding.fixed(high, 2)}, bootstrap)"
            said.append(f"{name} {rounding.fixed(value, 2)}{limits}")
    if not said:
        return "All have one and the same grade: no agreement beyond chance can be told."
    test = statistics.bowker(np.array([[found.get((recorded, derived), 0) for derived in GRADES] for recorded in GRADES]))
    direction = ""
    if test.p is not None and test.p_all is not None:
        direction = (
            f" Bowker's test of direction: p = {rounding.fixed(test.p, 2)} on {words.plural(test.df, 'degree')} of freedom "
            f"(pairs of grades that a patient moved between), p = {rounding.fixed(test.p_all, 2)} on {test.df_all} (all pairs "
            "of the grades that occur, as SAS and R count them)."
        )
    return f"Agreement beyond chance: {'; '.join(said)}.{direction}"


# The section


def section(connection: duckdb.DuckDBPyConnection) -> dict | None:
    """Everything the section says; None where no grade was recorded."""
    if not connection.execute("SELECT count(*) FROM recorded.records").fetchone()[0]:
        return None
    graded, others = systems(connection), ungraded(connection)
    total = connection.execute("SELECT count(*) FROM recorded.discrepancies").fetchone()[0]
    shown = discrepancies(connection, DISCREPANCIES_SHOWN)
    blocks = []
    for place, system in enumerate(graded):
        found, rows = cells(connection, system["system"]), agreement(connection, system["system"])
        sites = [row for row in rows if row["stratum"] == "site" and row["n_both"]]
        blocks.append(
            {
                "name": system["name"],
                "lead": lead(rows[0]),
                "beyond_chance": beyond_chance(rows[0], found),
                "figures": [
                    _confusion_figure(system, found, place),
                    *([_funnel_figure(system, rows[0], sites, place)] if len(sites) > 1 else []),
                ],
                "agreement": agreement_table(rows),
                "timing": timing_table(timing(connection, system["system"])),
            }
        )
    return {
        "blocks": blocks,
        "others": ", ".join(f"{row['system']} ({words.plural(row['subjects'], 'patient')})" for row in others),
        "reasons": "; ".join(f"{row['reason_class']} {words.count(row['n'])}" for row in reasons(connection)),
        "discrepancies": discrepancies_table(shown) if shown else None,
        "shown": len(shown),
        "total": total,
    }


def lead(row: Row) -> str:
    """The agreement of all, in one or two sentences."""
    if not row["n_both"]:
        return "No patient has both a recorded and a derived grade."
    same = f"{words.count(row['n_same'])} of {words.plural(row['n_both'], 'patient')} with a grade on both sides"
    interval = f"{words.percent(row['pct_same'])}; exact 95% CI {words.interval(row['pct_same_low'], row['pct_same_high'])}"
    if row["pct_same_resampled_low"] is not None:
        interval += f"; bootstrap {words.interval(row['pct_same_resampled_low'], row['pct_same_resampled_high'])}"
    apart = [
        f"{words.count(row[name])} {said}"
        for name, said in (
            ("n_recorded_lower", "recorded lower"),
            ("n_recorded_higher", "recorded higher"),
            ("n_not_recorded", "with a grade derived and nothing recorded"),
            ("n_no_grade", "recorded without a grade"),
            ("n_other_system", "recorded in another system only"),
        )
        if row[name]
    ]
    return f"The highest grade is the same in {same} ({interval}). {_listed(apart)}".strip()


def _listed(parts: Sequence[str]) -> str:
    return f"{words.sentence_case('; '.join(parts))}." if parts else ""


# Tables


def _coefficient(row: Row, name: str, kind: str = "") -> Cell:
    """A coefficient and its interval: by formula, or with kind `_resampled` by bootstrap."""
    value, low, high = row[name], row[f"{name}{kind}_low"], row[f"{name}{kind}_high"]
    if value is None:
        return Cell(DASH)
    limits = DASH if low is None else f"{rounding.fixed(low, 2)}{DASH}{rounding.fixed(high, 2)}"
    return Cell(rounding.fixed(value, 2), "", limits)


def agreement_table(rows: Sequence[Row]) -> Table:
    """One row per stratum; sites and recorders under their headings, where there are several."""
    lines, previous = [], "all"
    for row in rows:
        if row["stratum"] != previous:
            previous = row["stratum"]
            lines.append(Line(LEVELS[previous], group=True))
        cells_ = (
            Cell(words.count(row["n_both"])),
            Cell(
                words.count(row["n_same"]),
                words.percent(row["pct_same"]),
                words.interval(row["pct_same_low"], row["pct_same_high"]),
            ),
            Cell(words.count(row["n_within_one"]), words.percent(row["pct_within_one"])),
            Cell(words.count(row["n_recorded_lower"])),
            Cell(words.count(row["n_recorded_higher"])),
            _coefficient(row, "kappa_linear", "_resampled"),
            _coefficient(row, "kappa_quadratic", "_resampled"),
            _coefficient(row, "ac2_quadratic"),
            Cell(words.count(row["n_not_recorded"])),
        )
        head = "All" if row["stratum"] == "all" else row["level"]
        lines.append(Line(head, cells_, indented=row["stratum"] != "all"))
    heads = (
        "", "Grade on both sides", "Same grade", "Within one", "Recorded lower", "Recorded higher", "Kappa, linear",
        "Kappa, quadratic", "AC2", "Derived, not recorded",
    )  # fmt: skip
    return Table("Agreement of the recorded with the derived highest grade", heads, tuple(lines), shares=True)


MEASURES = {
    "onset_hour": ("Onset, hours", ".1f"),
    "onset_day": ("Onset, calendar days", ".2f"),
    "duration_day": ("Duration, days", ".2f"),
}


def timing_table(rows: Sequence[Row]) -> Table | None:
    """One row per measure of time. None where no episode has both."""
    lines = []
    for row in rows:
        name, form = MEASURES[row["measure"]]
        limits = DASH if row["agreement_low"] is None else f"{row['agreement_low']:{form}} to {row['agreement_high']:{form}}"
        cells_ = (words.count(row["n"]), words.count(row["n_same"]), f"{row['mean_difference']:+{form}}", limits)
        lines.append(Line(name, tuple(Cell(cell) for cell in cells_)))
    heads = ("Recorded less derived", "Episodes", "Equal", "Mean difference", "95% limits of agreement")
    return Table("Onset and duration of episodes recorded and derived", heads, tuple(lines)) if lines else None


def discrepancies_table(rows: Sequence[Row]) -> Table:
    """One row per disagreement."""
    lines = [
        Line(
            row["subject_id"],
            (
                Cell(row["site_level"] + (f", {row['recorder']}" if row["recorder"] else "")),
                _grade(row["recorded_grade"], "none" if row["recorded_from"] is None and row["recorder"] is None else "no grade"),
                _grade(row["derived_grade"], "not evaluable"),
                Cell(row["reason_class"]),
                Cell(row["query"]),
            ),
            about=(row["subject_id"],),
        )
        for row in rows
    ]
    heads = ("Subject", "Site, recorder", "Recorded", "Derived", "Why", "Query for the site")
    return Table("Disagreements", heads, tuple(lines), texts=frozenset({1, 4, 5}))


def _grade(grade: int | None, none: str) -> Cell:
    return Cell(none) if grade is None else Cell(str(grade), grade=grade or None)


# Worth a look


def findings(connection: duckdb.DuckDBPyConnection, system: str) -> dict:
    """What the clinical audits list: a table of those that found something, and the names of the others."""
    rows = looked(connection, system)
    found = [row for row in rows if row["patients"]]
    return {
        "table": findings_table(found) if found else None,
        "silent": [row["sentence"].rstrip(".")[:1].lower() + row["sentence"].rstrip(".")[1:] for row in rows if row not in found],
    }


def findings_table(rows: Sequence[Row]) -> Table:
    """One row per clinical audit that found something."""
    lines = [
        Line(
            row["sentence"].rstrip("."),
            (
                Cell(words.count(row["patients"])),
                Cell(named(row), about=tuple(row["named_ids"])),
                Cell(words.sentence_case(row["reason"])),
            ),
        )
        for row in rows
    ]
    heads = ("What was found", "Patients", "The first of them", "Why it is worth a look")
    return Table("Findings to look at", heads, tuple(lines), texts=frozenset({2, 3}))


def named(row: Row) -> str:
    """The first subjects of an audit with what was found, and how many more there are."""
    beyond = row["patients"] - len(row["named"])
    return "; ".join([*row["named"], *([f"and {words.count(beyond)} more"] if beyond > 0 else [])])


# Figures


def _confusion_figure(system: Row, found: Mapping[tuple[str, str], int], place: int) -> Figure:
    """Recorded down, derived across; every subject in one square."""
    rows = [name for name in RECORDED if name in GRADES or any(one == name for one, _ in found)]
    columns = [name for name in DERIVED if name in GRADES or any(one == name for _, one in found)]
    table = Table(
        "Patients by recorded and derived highest grade",
        ("Recorded", *(f"derived {name}" if name in GRADES else name for name in columns)),
        tuple(
            Line(_named(row), tuple(Cell(words.count(found.get((row, column), 0))) for column in columns)) for row in rows
        ),
    )
    same = sum(n for (recorded, derived), n in found.items() if recorded == derived)
    return Figure(
        id="confusion" if not place else f"confusion-{place}",
        title=f"Recorded against derived highest grade, {system['name']}",
        caption=(
            "Each patient is in one square, with the highest grade on both sides. Outlined: the same grade. "
            "Right of the outline the chart gives more than was recorded, left of it less."
        ),
        alt=f"Heat map of {words.plural(sum(found.values()), 'patient')}; {same} have the same grade on both sides.",
        drawing=_confusion_drawn(rows, columns, found),
        table=table,
        notes=(
            "Not recorded: nobody recorded a grade in any system. Other system: recorded in another system only, which never "
            "fills in for this one. No grade: recorded without one.",
        ),
        choices=MATCHING,
    )


def _named(name: str) -> str:
    return f"grade {name}" if name in GRADES else name


def _confusion_drawn(rows: Sequence[str], columns: Sequence[str], found: Mapping[tuple[str, str], int]) -> go.Figure:
    counts = [[found.get((row, column), 0) for column in columns] for row in rows]
    most = max(max(line) for line in counts)
    height = 66 + 16 + 34 * len(rows)
    figure = go.Figure(layout=house.layout(height, margin={"l": 110, "r": 16, "t": 66, "b": 16}))
    figure.add_trace(
        go.Heatmap(
            x=list(range(len(columns))), y=list(range(len(rows))), z=[[n or None for n in line] for line in counts],
            zmin=0, zmax=max(most, 1), colorscale=[[0, "#f1f5f8"], [1, house.RESOLVED]], showscale=False, xgap=3, ygap=3,
            customdata=[[[_named(row), _named(column)] for column in columns] for row in rows],
            hovertemplate="<b>%{z} patients</b><br>recorded: %{customdata[0]}<br>derived: %{customdata[1]}<extra></extra>",
            hoverongaps=False,
        )
    )  # fmt: skip
    for at_y, line in enumerate(counts):
        for at_x, n in enumerate(line):
            alike = rows[at_y] == columns[at_x]
            figure.add_shape(
                type="rect", x0=at_x - 0.47, x1=at_x + 0.47, y0=at_y - 0.46, y1=at_y + 0.46, layer="above" if alike else "below",
                line={"color": house.INK if alike else house.RULE, "width": 1.6 if alike else 0.6},
            )  # fmt: skip
            if n:
                ink = "#ffffff" if n > 0.6 * most else house.INK
                figure.add_annotation(x=at_x, y=at_y, text=words.count(n), showarrow=False, font={"size": 14, "color": ink})
    split, rule = len(GRADES) - 0.5, {"color": house.LINE, "width": 1}
    if len(rows) > len(GRADES):
        figure.add_shape(type="line", x0=-0.6, x1=len(columns) - 0.4, y0=split, y1=split, line=rule)
    if len(columns) > len(GRADES):
        figure.add_shape(type="line", x0=split, x1=split, y0=-0.6, y1=len(rows) - 0.4, line=rule)
    figure.update_xaxes(
        house.axis(
            title="derived from the chart", side="top", tickvals=list(range(len(columns))),
            ticktext=[_named(one) for one in columns], showgrid=False, ticks="", range=[-0.6, len(columns) - 0.4],
        )
    )  # fmt: skip
    figure.update_yaxes(
        house.axis(
            title="recorded", tickvals=list(range(len(rows))), ticktext=[_named(one) for one in rows], showgrid=False, ticks="",
            range=[len(rows) - 0.4, -0.6], ticklabelstandoff=6,
        )
    )  # fmt: skip
    return figure


def _funnel_figure(system: Row, whole: Row, sites: Sequence[Row], place: int) -> Figure:
    """The share that agrees against how many there are, site by site."""
    outside = [row["level"] for row in sites if _outside(row["n_same"], row["n_both"], whole)]
    said = f"Outside the 95% limits: {', '.join(outside)}." if outside else "No site is outside the 95% limits."
    table = Table(
        "Sites: recorded and derived grade the same",
        ("Site", "Grade on both sides", "Same grade", "share"),
        tuple(
            Line(
                row["level"],
                (Cell(words.count(row["n_both"])), Cell(words.count(row["n_same"])), Cell(words.percent(row["pct_same"]))),
            )
            for row in sites
        ),
    )
    return Figure(
        id="funnel" if not place else f"funnel-{place}",
        title=f"Sites: share of patients with the same grade, {system['name']}",
        caption=(
            "A dot is a site. Between the limits a site differs from all sites together no more than chance lets sites of "
            f"its size differ. {said}"
        ),
        alt=f"Funnel of {len(sites)} sites about {words.percent(whole['pct_same'])}. {said}",
        drawing=_funnel_drawn(whole, sites),
        table=table,
        notes=("Limits are of the exact binomial distribution about the share of all sites, interpolated between counts.",),
        choices=MATCHING,
    )


def limit(tail: float, total: int, share: float) -> float:
    """The limit of a funnel, in percent: below it (above it, where `tail` is an upper one) chance leads no oftener than that.

    By the exact binomial, interpolated so that a count is outside exactly if it and all beyond it are rarer than the tail.
    """
    from scipy.special import bdtr

    if tail > 0.5:
        return 100 - limit(1 - tail, total, 1 - share)

    if share in (0, 1):
        return 100 * share
    counts = np.arange(total + 1)
    upto = bdtr(counts, total, share)
    least = int(np.searchsorted(upto, tail, side="right"))
    below = float(upto[least - 1]) if least else 0.0
    over = (float(upto[least]) - tail) / (float(upto[least]) - below)
    return 100 * max(least - over, 0) / total


def _outside(same: int, total: int, whole: Row) -> bool:
    share, tail = whole["pct_same"] / 100, LIMITS[0][0]
    return not limit(tail, total, share) <= 100 * same / total <= limit(1 - tail, total, share)


def _funnel_drawn(whole: Row, sites: Sequence[Row]) -> go.Figure:
    share, most = whole["pct_same"] / 100, max(row["n_both"] for row in sites)
    totals = sorted({*np.unique(np.linspace(1, most * 1.15 + 1, 90).round().astype(int)).tolist()})
    figure = go.Figure(layout=house.layout(340, margin={"l": 62, "r": 16, "t": 46, "b": 56}))
    for (tail, name), dash in zip(LIMITS, ("solid", "dot")):
        for side in (tail, 1 - tail):
            figure.add_trace(
                go.Scatter(
                    x=totals, y=[limit(side, total, share) for total in totals], mode="lines", name=f"{name} limits",
                    legendgroup=name, showlegend=side == tail, hoverinfo="skip",
                    line={"color": house.LINE, "width": 1.4, "dash": dash},
                )
            )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[totals[0], totals[-1]], y=[100 * share] * 2, mode="lines", name=f"all sites, {words.percent(whole['pct_same'])}",
            line={"color": house.INK, "width": 1.3, "dash": "dash"}, hoverinfo="skip",
        )
    )  # fmt: skip
    names = [words.plotly_text(row["level"], 22) for row in sites]
    labelled = len(sites) <= 12
    figure.add_trace(
        go.Scatter(
            x=[row["n_both"] for row in sites], y=[row["pct_same"] for row in sites], name="site", showlegend=False,
            mode="markers+text" if labelled else "markers", text=names, textfont={"size": 12},
            textposition=["top center" if row["pct_same"] >= 100 * share else "bottom center" for row in sites],
            marker={"size": 11, "color": house.RESOLVED, "line": {"color": "#ffffff", "width": 1}}, cliponaxis=False,
            customdata=[[name, row["n_same"], words.percent(row["pct_same"])] for name, row in zip(names, sites)],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} of %{x} the same (%{customdata[2]})<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(house.axis(title="patients with a recorded and a derived grade", showline=True, range=[0, totals[-1]]))
    figure.update_yaxes(house.axis(title="same grade, %", range=[0, 108], tickvals=[0, 20, 40, 60, 80, 100]))
    figure.update_layout(legend={"yref": "container", "y": 1, "yanchor": "top"})
    return figure
