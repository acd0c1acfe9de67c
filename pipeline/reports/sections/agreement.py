"""The section "Between systems" of the report: how far the systems agree on a patient, and why where they do not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import duckdb
import plotly.graph_objects as go

from pipeline.reports import rounding, words
from pipeline.reports.data import Row, rows
from pipeline.reports.figures import captioned, house
from pipeline.reports.figures import cohort as cohort_figures
from pipeline.reports.figures.house import Figure
from pipeline.reports.tables import Cell, Line, Table
from pipeline.reports.words import DASH

REASONS_SHOWN = 8
"""Reasons of one pair that stand in the report; the others are in the database."""

GRADES = (0, 1, 2, 3, 4, 5)
NOT_EVALUABLE = "not eval."
ALONE = 0.6
"""How much of the width one small figure takes that stands alone."""

TINTS = 5
"""Steps of the tint behind a share or a coefficient; report.css has a class for each."""

KAPPA = (
    "Same: patients with the same highest grade under both systems, with exact 95% confidence interval, of those evaluable "
    "under both. It counts those of grade 0 too: where they are many, most of the agreement is on them.",
    "Kappa is the agreement beyond what the two distributions of grades give by chance: 1 is complete, 0 no better than "
    "chance. Linear weights: two grades apart counts as twice one grade apart; the interval is approximate. Kappa falls "
    "where nearly everybody has one grade, however well two systems agree; Gwet's coefficients, below, do not. It does not "
    "say which system is right, nor which is higher, and no value of it is good enough by itself.",
    "Systems that share criteria agree by construction, and all of them read the same charts: two raters at the bedside "
    "would agree less.",
)

STATISTICS = (
    "Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46; Weighted kappa. "
    "Psychol Bull 1968;70:213-220.",
    "Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. Psychol Bull 1969;72:323-327.",
    "Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement. "
    "Br J Math Stat Psychol 2008;61:29-48 (AC1, and with weights AC2).",
)


class Square(NamedTuple):
    """A cell of the matrix: what it says, its small print, and how strong its tint is (0: none)."""

    text: str = ""
    below: str = ""
    tint: int = 0
    kind: str = ""


def section(connection: duckdb.DuckDBPyConnection, systems: Sequence[Row]) -> dict | None:
    """All that the section says; None where there is one system alone."""
    if len(systems) < 2:
        return None
    found = pairs(connection)
    reference, others = systems[0], systems[1:]
    reasons = {other["system"]: differences(connection, reference["system"], other["system"]) for other in others}
    return {
        "lead": _lead(connection, systems),
        "systems": [system["name"] for system in systems],
        "matrix": matrix(systems, found),
        "kappa": KAPPA,
        "pairs": pairs_table(systems, found, same_hours(connection)),
        "figure": _flow_figure(connection, reference, others, found),
        "reasons": reasons_table(reference, others, reasons, found),
        "beyond": sum(max(0, len(of_pair) - REASONS_SHOWN) for of_pair in reasons.values()),
        "reference": reference["name"],
    }


# What is asked of the database


def pairs(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Row]:
    """`summaries.pairs`, by the two systems."""
    found = rows(connection, "SELECT * FROM summaries.pairs ORDER BY system_a, system_b")
    return {(row["system_a"], row["system_b"]): row for row in found}


def spread(connection: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    """How many patients have the same grade in every system, by which systems are compared."""
    found = rows(connection, "SELECT * FROM summaries.agreement_spread WHERE steps_apart = 0")
    return {row["systems_compared"]: row for row in found}


def same_hours(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], float | None]:
    """Of the hours that either of two systems grades 1 or more, the share with the same grade, percent."""
    found = rows(
        connection,
        "SELECT system_a, system_b, 100 * sum(round(hours * 60)::BIGINT) FILTER (grade_a = grade_b) "
        "/ nullif(sum(round(hours * 60)::BIGINT), 0) AS share FROM summaries.agreement_hours "
        "WHERE grade_a + grade_b > 0 GROUP BY system_a, system_b",
    )
    return {(row["system_a"], row["system_b"]): row["share"] for row in found}


def counts(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> dict[tuple[int | None, int | None], int]:
    """Patients by their highest grades under two systems, whichever is named first."""
    found = rows(
        connection,
        "SELECT CASE WHEN system_a = $1 THEN grade_a ELSE grade_b END AS grade_one, "
        "CASE WHEN system_a = $1 THEN grade_b ELSE grade_a END AS grade_other, subjects FROM summaries.agreement "
        "WHERE (system_a = $1 AND system_b = $2) OR (system_a = $2 AND system_b = $1)",
        one,
        other,
    )
    return {(row["grade_one"], row["grade_other"]): row["subjects"] for row in found}


def differences(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[Row]:
    """Why two systems differ: one row per reason, the most frequent first, with the first patient of it."""
    return rows(
        connection,
        """
        WITH reasons AS (
            SELECT d.higher_system, c.words, c.grade, d.other_standing, o.words AS other_words, d.other_grade, d.other_ceiling,
                   count(*) AS subjects, min(d.subject_id) AS subject_id, min_by(d.minute, d.subject_id) AS minute
            FROM summaries.differences AS d
            JOIN rules.criteria AS c ON c.system = d.higher_system AND c.criterion = d.criterion
            LEFT JOIN rules.criteria AS o ON o.system = d.lower_system AND o.criterion = d.other_criterion
            WHERE (d.system_a = $1 AND d.system_b = $2) OR (d.system_a = $2 AND d.system_b = $1)
            GROUP BY ALL
        )

        SELECT r.*, s.infusion_minute_of_day
        FROM reasons AS r
        JOIN staging.subjects AS s ON s.subject_id = r.subject_id
        ORDER BY r.subjects DESC, r.higher_system <> $1, r.grade, r.words, r.other_words, r.other_grade, r.other_ceiling
        """,
        one,
        other,
    )


# Sentences, matrix and tables


def _lead(connection: duckdb.DuckDBPyConnection, systems: Sequence[Row]) -> str:
    """In how many patients every system gives the same grade."""
    same = spread(connection)
    published = [system for system in systems if not system["is_misprint"]]
    misprints = len(systems) - len(published)
    whole = same["all"]
    if len(published) < 2 or not misprints or whole["n_evaluable"] < 2:
        return _same_in_all(whole, "both systems" if len(systems) == 2 else f"all {len(systems)} systems") + "."
    ladder = "misprinted ladder" if misprints == 1 else "misprinted ladders"
    kept = "both systems" if len(published) == 2 else f"all {len(published)} systems"
    return (
        f"{_same_in_all(same['without misprints'], kept)}; with the {ladder} too it is "
        f"{words.count(whole['subjects'])} ({words.percent(whole['pct_subjects'])})."
    )


def _same_in_all(row: Row, which: str) -> str:
    if not row["n_evaluable"]:
        return f"No patient was evaluable, so {which} have nothing to agree on"
    if row["n_evaluable"] == 1:
        answer = "has" if row["subjects"] else "does not have"
        return f"The one evaluable patient {answer} the same highest grade by {which}"
    limits = f"{words.percent(row['pct_subjects_low'])} to {words.percent(row['pct_subjects_high'])}"
    return (
        f"Of {words.plural(row['n_evaluable'], 'evaluable patient')}, {words.count(row['subjects'])} "
        f"({words.percent(row['pct_subjects'])}; exact 95% CI {limits}) have the same highest grade by {which}"
    )


def matrix(systems: Sequence[Row], found: Mapping[tuple[str, str], Row]) -> list[tuple[str, list[Square]]]:
    """One row per system: the share with the same grade above the diagonal, linear kappa below it."""
    lines = []
    for place, one in enumerate(systems):
        squares = []
        for column, other in enumerate(systems):
            if column == place:
                squares.append(Square(kind="self"))
                continue
            row = found[tuple(sorted((one["system"], other["system"])))]
            squares.append(_same(row) if column > place else _kappa(row))
        lines.append((one["name"], squares))
    return lines


def _same(row: Row) -> Square:
    limits = words.interval(row["pct_same_low"], row["pct_same_high"])
    return Square(words.percent(row["pct_same"]), limits, _tint((row["pct_same"] or 0) / 100), "same")


def _kappa(row: Row) -> Square:
    value = row["kappa_linear"]
    return Square(coefficient(value), _limits(row, "kappa_linear"), _tint(value or 0), "kappa")


def _tint(share: float) -> int:
    return max(0, min(TINTS, int(share * TINTS + 1e-9)))


def coefficient(value: float | None) -> str:
    """0.77; a dash where it is not defined."""
    return DASH if value is None else rounding.fixed(value, 2)


def _limits(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return DASH if low is None else f"{coefficient(low)}{DASH}{coefficient(high)}"


COEFFICIENTS = {
    "kappa": "Kappa",
    "kappa_linear": "Kappa, linear",
    "kappa_quadratic": "Kappa, quadratic",
    "ac1": "AC1",
    "ac2_linear": "AC2, linear",
    "ac2_quadratic": "AC2, quadratic",
}


def pairs_table(
    systems: Sequence[Row], found: Mapping[tuple[str, str], Row], hours: Mapping[tuple[str, str], float | None]
) -> Table:
    """One row per pair of systems: every number of `summaries.pairs`."""
    names = {system["system"]: system["name"] for system in systems}
    lines = []
    previous = None
    for pair, row in found.items():
        if row["system_a"] != previous:
            previous = row["system_a"]
            lines.append(Line(names[previous], group=True))
        cells = [
            Cell(words.count(row["n_both"])),
            *(
                Cell(
                    words.count(row[f"n_{name}"]),
                    words.percent(row[f"pct_{name}"]),
                    words.interval(row[f"pct_{name}_low"], row[f"pct_{name}_high"]),
                )
                for name in ("same", "lower", "higher", "within_one")
            ),
            *(Cell(coefficient(row[name]), below=_limits(row, name)) for name in COEFFICIENTS),
            Cell(words.percent(hours.get(pair))),
        ]
        lines.append(Line(names[row["system_b"]], tuple(cells), indented=True))
    heads = (
        "First system, and second", "Patients", "Same", "Second lower", "Second higher", "Within one grade",
        *COEFFICIENTS.values(), "Same, of the hours graded",
    )  # fmt: skip
    return Table("Agreement of every pair of systems", heads, tuple(lines), shares=True)


def reasons_table(
    reference: Row, others: Iterable[Row], reasons: Mapping[str, Sequence[Row]], found: Mapping[tuple[str, str], Row]
) -> Table | None:
    """Why the other systems differ from the first, the most frequent reasons of each; None where none does."""
    lines = []
    for other in others:
        of_pair = reasons[other["system"]]
        if not of_pair:
            continue
        row = found[tuple(sorted((reference["system"], other["system"])))]
        differ = row["n_both"] - row["n_same"]
        lines.append(Line(f"{other['name']}: {words.count(differ)} of {words.count(row['n_both'])} differ", group=True))
        names = {reference["system"]: reference["name"], other["system"]: other["name"]}
        lines += [_reason_line(reason, names) for reason in of_pair[:REASONS_SHOWN]]
    if not lines:
        return None
    heads = ("Higher by", "It counts", "as", "The other", "Grade", "Patients", "For example")
    return Table(
        f"Why the highest grade is not that of {reference['name']}", heads, tuple(lines), texts=frozenset({1, 3, 6})
    )


def _reason_line(reason: Row, names: Mapping[str, str]) -> Line:
    answers = {
        "met": f"counts {reason['other_words']}",
        "outside an episode": f"counts {reason['other_words']}, but in no episode",
        "not linked": f"does not count {reason['other_words']}, which no fever links",
        "unknown": "finds no criterion met",
        "no fever": "finds no criterion met, and no fever is in force",
    }
    answer = answers[reason["other_standing"]]
    if reason["other_standing"] == "unknown" or reason["other_ceiling"] >= reason["grade"]:
        answer += f", and cannot rule out {reason['other_ceiling']}"
    cells = (
        Cell(reason["words"]),
        Cell(str(reason["grade"]), grade=reason["grade"]),
        Cell(answer),
        Cell(str(reason["other_grade"]), grade=reason["other_grade"] or None),
        Cell(words.count(reason["subjects"])),
        Cell(
            f"{reason['subject_id']}, {words.clock(reason['minute'], reason['infusion_minute_of_day'])}",
            about=(reason["subject_id"],),
        ),
    )
    return Line(names[reason["higher_system"]], cells, indented=True)


# The figure


def _flow_figure(
    connection: duckdb.DuckDBPyConnection,
    reference: Row,
    others: Sequence[Row],
    found: Mapping[tuple[str, str], Row],
) -> Figure:
    """Patients by their grades under the first system and each other one."""
    by_name = {other["name"]: counts(connection, reference["system"], other["system"]) for other in others}
    said = " ".join(f"{name}: {_moved(cells)}." for name, cells in by_name.items())
    return Figure(
        id="between-grades",
        title=f"Where the patients of {reference['name']} stand by another system",
        caption=(
            "A cell is the number of patients with the two grades. On the diagonal both give the same; above it the other "
            "system gives the higher grade, below it the lower."
        ),
        alt=f"Squares of patients by two highest grades, one small figure per system. {said}",
        drawing=_flow_drawn(reference["name"], by_name),
        table=_flow_table(reference["name"], by_name),
        notes=("Each patient is counted once, at the highest grade over all episodes.",),
        choices=(*captioned.GRADING, *captioned.EPISODES),
    )


def _moved(cells: Mapping[tuple[int | None, int | None], int]) -> str:
    known = {pair: n for pair, n in cells.items() if None not in pair}
    kinds = {"same": 0, "higher": 0, "lower": 0}
    for pair, n in known.items():
        kinds[_kind(*pair)] += n
    return ", ".join(f"{n} {kind}" for kind, n in kinds.items())


def _kind(one: int | None, other: int | None) -> str:
    if one == other or None in (one, other):
        return "same"
    return "higher" if other > one else "lower"


COLOURS = {"same": house.RESOLVED, "higher": "#b4541a", "lower": "#6b5aa8"}
"""Of a cell of the figure; none of them is the colour of a grade."""
LEGEND = {"same": "the same grade", "higher": "higher by the other system", "lower": "lower by the other system"}
EMPTY = "#f3f6f8"
STYLE = {"zmin": 0, "zmax": 1, "xgap": 2, "ygap": 2, "colorscale": [[0, EMPTY], [1, EMPTY]], "showscale": False}
"""Of a cell with nobody in it."""


def _flow_drawn(reference: str, by_name: Mapping[str, Mapping[tuple[int | None, int | None], int]]) -> go.Figure:
    """One small figure per system, the grades of the first along its foot."""
    figure = cohort_figures.facets(
        cohort_figures.titles(by_name), "by the system named above", f"highest grade by {words.plotly_text(reference, 40)}", 70
    )
    with_unknown = any(None in pair for cells in by_name.values() for pair in cells)
    scale = (*GRADES, None) if with_unknown else GRADES
    names = [NOT_EVALUABLE if grade is None else f"{grade}" for grade in scale]
    most = max((n for cells in by_name.values() for n in cells.values()), default=1)
    ground = [[0] * len(scale) for _ in scale]
    for index, (name, cells) in enumerate(by_name.items()):
        where = cohort_figures.place(index, len(by_name))
        figure.add_trace(go.Heatmap(z=ground, hoverinfo="skip", **STYLE), **where)
        for kind, colour in COLOURS.items():
            figure.add_trace(_flow_cells(kind, colour, cells, scale, most, (reference, name)), **where)
    ticks = {"tickvals": list(range(len(scale))), "ticktext": names, "range": [-0.5, len(scale) - 0.5]}
    figure.update_xaxes(ticks | {"showgrid": False, "ticks": "", "showline": False})
    figure.update_yaxes(ticks | {"showgrid": False, "ticks": ""})
    for kind, colour in COLOURS.items():
        figure.add_trace(
            go.Scatter(
                x=[None], y=[None], mode="markers", name=LEGEND[kind],
                marker={"symbol": "square", "size": 12, "color": colour},
            ),
            row=1, col=1,
        )  # fmt: skip
    figure.update_layout(legend={"traceorder": "normal"})
    if len(by_name) == 1:
        figure.update_xaxes(domain=[0, ALONE])
        figure.update_annotations(x=ALONE / 2)
    return figure


def _flow_cells(
    kind: str,
    colour: str,
    cells: Mapping[tuple[int | None, int | None], int],
    scale: Sequence[int | None],
    most: int,
    named: tuple[str, str],
) -> go.Heatmap:
    """The cells of one kind: tinted by the root of their number, so that one patient is still seen."""
    shown = [[cells.get((one, other)) if _kind(one, other) == kind else None for one in scale] for other in scale]
    told = [["not evaluable" if grade is None else f"grade {grade}" for grade in scale] for _ in scale]
    first, second = (words.plotly_text(name, 40) for name in named)
    return go.Heatmap(
        z=[[None if n is None else (n / most) ** 0.5 for n in line] for line in shown],
        text=[["" if n is None else f"{n:,}" for n in line] for line in shown],
        texttemplate="%{text}",
        textfont={"size": 12.5},
        hoverongaps=False,
        **STYLE | {"colorscale": [[0, EMPTY], [1, colour]]},
        customdata=[[[told[0][x], told[0][y]] for x in range(len(scale))] for y in range(len(scale))],
        hovertemplate=f"{first}: %{{customdata[0]}}<br>{second}: %{{customdata[1]}}<br>"
        "<b>%{text}</b> patients<extra></extra>",
    )


def _flow_table(reference: str, by_name: Mapping[str, Mapping[tuple[int | None, int | None], int]]) -> Table:
    """The numbers of the figure: a line per grade of the first system and each other one."""
    lines = []
    for name, cells in by_name.items():
        lines.append(Line(name, group=True))
        for one in (*GRADES, None):
            of_grade = {other: n for (grade, other), n in cells.items() if grade == one}
            if of_grade:
                head = "not evaluable" if one is None else f"grade {one} by {reference}"
                numbers = tuple(Cell(words.count(of_grade.get(other, 0))) for other in (*GRADES, None))
                lines.append(Line(head, numbers, indented=True, grade=one or None))
    heads = ("By the system named", *(f"grade {grade}" for grade in GRADES), "not evaluable")
    return Table(f"Patients by their grade under {reference} and under each other system", heads, tuple(lines))
