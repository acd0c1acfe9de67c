"""`cytograde audit`: recorded against derived, how the sites chart, and what is worth a look, in lines of text."""

from collections.abc import Sequence

import duckdb

from pipeline.reports import report_data, report_quality, report_recorded
from pipeline.reports import report_words as words
from pipeline.reports.report_data import Row
from pipeline.reports.report_quality import lasting
from pipeline.reports.report_words import DASH

DISCREPANCIES_SHOWN = 40
LINES_SHOWN = 40
CELL = 40
COEFFICIENTS = ("kappa_linear", "kappa_quadratic", "ac2_quadratic")
"""The most lines of a table, the most characters of a text in a column, and the coefficients that are told."""


def text(connection: duckdb.DuckDBPyConnection) -> str:
    """What disagrees first, then each site, then the findings."""
    systems = report_data.systems(connection)
    parts = [
        _agreement(connection),
        _discrepancies(connection),
        _set_aside(connection),
        _refused(connection),
        _intervals(connection),
        _tocilizumab(connection, systems[0]),
        _findings(connection, systems[0]),
    ]
    return "\n\n".join(part for part in parts if part)


def _lines(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """A table of text: the first columns to the left, the others to the right, each as wide as it must be."""
    cut = [[_one_line(cell) if place < texts else cell for place, cell in enumerate(row)] for row in rows[:LINES_SHOWN]]
    widths = [max(len(row[place]) for row in (heads, *cut)) for place in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        sized = enumerate(zip(row, widths))
        return "  ".join(cell.ljust(width) if place < texts else cell.rjust(width) for place, (cell, width) in sized).rstrip()

    more = [f"and {words.count(len(rows) - LINES_SHOWN)} more"] if len(rows) > LINES_SHOWN else []
    return "\n".join([title, line(heads), *(line(row) for row in cut), *more])


def _one_line(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= CELL else line[: CELL - 1] + "…"


def _level(row: Row) -> str:
    return "all" if row["stratum"] == "all" else row["level"]


def _agreement(connection: duckdb.DuckDBPyConnection) -> str:
    """How well recorded and derived agree, system by system."""
    if not connection.execute("SELECT count(*) FROM recorded.records").fetchone()[0]:
        return "RECORDED AGAINST DERIVED\nno grade was recorded"
    parts = []
    for system in report_recorded.systems(connection):
        rows = report_recorded.agreement(connection, system["system"])
        lines = [
            (
                _level(row),
                "" if row["stratum"] == "all" else row["stratum"],
                words.count(row["n_both"]),
                words.count(row["n_same"]),
                words.percent(row["pct_same"]),
                words.count(row["n_recorded_lower"]),
                words.count(row["n_recorded_higher"]),
                *(DASH if row[name] is None else f"{row[name]:.2f}" for name in COEFFICIENTS),
                words.count(row["n_not_recorded"]),
            )
            for row in rows
        ]
        heads = (
            "", "", "both graded", "same", "", "recorded lower", "recorded higher", "kappa linear", "kappa quadratic", "AC2",
            "derived, not recorded",
        )  # fmt: skip
        table = _lines(f"RECORDED AGAINST DERIVED, {system['name']}", heads, lines, texts=2)
        found = report_recorded.cells(connection, system["system"])
        parts.append("\n".join([table, report_recorded.lead(rows[0]), report_recorded.beyond_chance(found)]))
    for row in report_recorded.ungraded(connection):
        parts.append(
            f"RECORDED BY {row['system']}\n{words.plural(row['subjects'], 'patient')}, compared with nothing: "
            "this system is not graded in this run"
        )
    return "\n\n".join(parts)


def _discrepancies(connection: duckdb.DuckDBPyConnection) -> str:
    total = connection.execute("SELECT count(*) FROM recorded.discrepancies").fetchone()[0]
    if not total:
        return ""
    shown = report_recorded.discrepancies(connection, DISCREPANCIES_SHOWN)
    lines = [
        line
        for row in shown
        for line in (
            f"{row['subject_id']}  {row['site_level']}{', ' + row['recorder'] if row['recorder'] else ''}  {row['reason_class']}",
            f"    {row['query']}",
        )
    ]
    kinds = "; ".join(f"{row['reason_class']} {words.count(row['n'])}" for row in report_recorded.reasons(connection))
    more = [f"and {words.count(total - len(shown))} more"] if total > len(shown) else []
    title = f"DISAGREEMENTS   ({words.count(total)}: {kinds}; all in tables/discrepancies.csv)"
    return "\n".join([title, *(" " * (len(line) - len(line.lstrip())) + " ".join(line.split()) for line in lines), *more])


def _set_aside(connection: duckdb.DuckDBPyConnection) -> str:
    rows = report_data.rows(
        connection,
        "SELECT * FROM recorded.set_aside JOIN staging.concepts USING (concept) WHERE stratum = 'site' "
        "ORDER BY level, concept_no, indication",
    )
    lines = [
        (
            row["level"],
            report_quality.named(row["concept"]),
            row["indication"],
            words.count(row["rows_set_aside"]),
            words.count(row["patients"]),
        )
        for row in rows
    ]
    heads = ("site", "concept", "indication", "rows", "patients")
    return _lines("TAKEN OUT OF GRADING BY AN INDICATION", heads, lines, texts=3) if lines else ""


def _refused(connection: duckdb.DuckDBPyConnection) -> str:
    rows = report_data.rows(
        connection,
        "SELECT * FROM recorded.refused JOIN staging.concepts USING (concept) WHERE stratum = 'site' ORDER BY level, concept_no",
    )
    lines = [
        (
            row["level"],
            report_quality.named(row["concept"]),
            words.count(row["rows_refused"]),
            words.count(row["rows_blanked"]),
            words.count(row["patients"]),
        )
        for row in rows
    ]
    window = report_data.choices(connection)["observed_window_d"]["value"]
    title = f"REFUSED, AND COULD HAVE CHANGED A GRADE   (in the first {window:g} days; reasons in tables/refusals.csv)"
    return _lines(title, ("site", "concept", "refused", "amount blanked", "patients"), lines, texts=2) if lines else ""


def _intervals(connection: duckdb.DuckDBPyConnection) -> str:
    rows = [row for row in report_quality.chartings(connection, "site") if row["concept"] in report_quality.HOLDS]
    lines = [
        (
            row["level"],
            report_quality.named(row["concept"]),
            *(lasting(row[f"interval_{name}"]) for name in ("median", "p95", "longest")),
        )
        for row in sorted(rows, key=lambda row: (row["level"], row["concept_no"]))
    ]
    title = "TIME BETWEEN TWO READINGS OF ONE PATIENT"
    return _lines(title, ("site", "vital", "median", "95 of 100 within", "longest"), lines, texts=2) if lines else ""


def _tocilizumab(connection: duckdb.DuckDBPyConnection, system: Row) -> str:
    rows = report_data.rows(
        connection,
        "SELECT * FROM recorded.tocilizumab WHERE system = ? ORDER BY stratum <> 'all', level",
        system["system"],
    )
    lines = [
        (
            _level(row),
            words.count(row["n_reached"]),
            words.count(row["n_given_before"]),
            words.count(row["n_given_after"]),
            words.count(row["n_not_given"]),
            *(DASH if row[name] is None else f"{row[name]:.1f} h" for name in ("hours_to_dose_median", "hours_to_dose_longest")),
        )
        for row in rows
    ]
    grade = report_data.choices(connection)["tocilizumab_from_grade"]["value"]
    heads = ("site", "patients", "given before", "given after", "not given", "median", "longest")
    return _lines(f"FROM GRADE {grade:g} TO TOCILIZUMAB, {system['name']}", heads, lines) if lines else ""


def _findings(connection: duckdb.DuckDBPyConnection, system: Row) -> str:
    rows = report_recorded.looked(connection, system["system"])
    lines = []
    for row in rows:
        if row["patients"]:
            lines += [
                f"{words.plural(row['patients'], 'patient')}: {row['sentence']} {words.sentence_case(row['reason'])}",
                f"    {' '.join(report_recorded.named(row).split())}",
            ]
    title = f"WORTH A LOOK, {system['name']}   (all, under every system, in tables/findings.csv)"
    return "\n".join([title, *(lines or ["nothing was found"])])
