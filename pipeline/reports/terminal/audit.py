"""`cytograde audit`: recorded against derived, how the sites chart, and what is worth a look, in lines of text."""


import duckdb

from pipeline.reports import data, rounding, words
from pipeline.reports.data import Row
from pipeline.reports.sections import quality as quality_section
from pipeline.reports.sections import recorded as recorded_section
from pipeline.reports.sections.quality import lasting
from pipeline.reports.terminal.lines import table
from pipeline.reports.words import DASH

DISCREPANCIES_SHOWN = 40
LINES_SHOWN = 40
COEFFICIENTS = ("kappa_linear", "kappa_quadratic", "ac2_quadratic")
"""The most lines of a table, and the coefficients that are told."""


def text(connection: duckdb.DuckDBPyConnection) -> str:
    """What disagrees first, then each site, then the findings."""
    systems = data.systems(connection)
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


def _level(row: Row) -> str:
    return "all" if row["stratum"] == "all" else row["level"]


def _coefficient(row: data.Row, name: str) -> str:
    """A coefficient, and the interval of a bootstrap over the patients where there is one."""
    if row[name] is None:
        return DASH
    low, high = row.get(f"{name}_resampled_low"), row.get(f"{name}_resampled_high")
    limits = "" if low is None else f" ({rounding.fixed(low, 2)} to {rounding.fixed(high, 2)})"
    return rounding.fixed(row[name], 2) + limits


def _agreement(connection: duckdb.DuckDBPyConnection) -> str:
    """How well recorded and derived agree, system by system."""
    if not connection.execute("SELECT count(*) FROM recorded.records").fetchone()[0]:
        return "RECORDED AGAINST DERIVED\nno grade was recorded"
    parts = []
    for system in recorded_section.systems(connection):
        rows = recorded_section.agreement(connection, system["system"])
        lines = [
            (
                _level(row),
                "" if row["stratum"] == "all" else row["stratum"],
                words.count(row["n_both"]),
                words.count(row["n_same"]),
                words.percent(row["pct_same"]),
                words.count(row["n_recorded_lower"]),
                words.count(row["n_recorded_higher"]),
                *(_coefficient(row, name) for name in COEFFICIENTS),
                words.count(row["n_not_recorded"]),
            )
            for row in rows
        ]
        heads = (
            "", "", "both graded", "same", "", "recorded lower", "recorded higher", "kappa linear", "kappa quadratic", "AC2",
            "derived, not recorded",
        )  # fmt: skip
        shown = table(f"RECORDED AGAINST DERIVED, {system['name']}", heads, lines, texts=2, at_most=LINES_SHOWN)
        found = recorded_section.cells(connection, system["system"])
        parts.append("\n".join([shown, recorded_section.lead(rows[0]), recorded_section.beyond_chance(rows[0], found)]))
    for row in recorded_section.ungraded(connection):
        parts.append(
            f"RECORDED BY {row['system']}\n{words.plural(row['subjects'], 'patient')}, compared with nothing: "
            "this system is not graded in this run"
        )
    return "\n\n".join(parts)


def _discrepancies(connection: duckdb.DuckDBPyConnection) -> str:
    total = connection.execute("SELECT count(*) FROM recorded.discrepancies").fetchone()[0]
    if not total:
        return ""
    shown = recorded_section.discrepancies(connection, DISCREPANCIES_SHOWN)
    lines = [
        line
        for row in shown
        for line in (
            f"{row['subject_id']}  {row['site_level']}{', ' + row['recorder'] if row['recorder'] else ''}  {row['reason_class']}",
            f"    {row['query']}",
        )
    ]
    kinds = "; ".join(f"{row['reason_class']} {words.count(row['n'])}" for row in recorded_section.reasons(connection))
    more = [f"and {words.count(total - len(shown))} more"] if total > len(shown) else []
    title = f"DISAGREEMENTS   ({words.count(total)}: {kinds}; all in tables/discrepancies.csv)"
    return "\n".join([title, *(" " * (len(line) - len(line.lstrip())) + " ".join(line.split()) for line in lines), *more])


def _set_aside(connection: duckdb.DuckDBPyConnection) -> str:
    rows = data.rows(
        connection,
        "SELECT * FROM recorded.set_aside JOIN staging.concepts USING (concept) WHERE stratum = 'site' "
        "ORDER BY level, concept_no, indication",
    )
    lines = [
        (
            row["level"],
            quality_section.named(row["concept"]),
            row["indication"],
            words.count(row["rows_set_aside"]),
            words.count(row["patients"]),
        )
        for row in rows
    ]
    heads = ("site", "concept", "indication", "rows", "patients")
    return table("TAKEN OUT OF GRADING BY AN INDICATION", heads, lines, texts=3, at_most=LINES_SHOWN) if lines else ""


def _refused(connection: duckdb.DuckDBPyConnection) -> str:
    rows = data.rows(
        connection,
        "SELECT * FROM recorded.refused JOIN staging.concepts USING (concept) WHERE stratum = 'site' ORDER BY level, concept_no",
    )
    lines = [
        (
            row["level"],
            quality_section.named(row["concept"]),
            words.count(row["rows_refused"]),
            words.count(row["rows_blanked"]),
            words.count(row["patients"]),
        )
        for row in rows
    ]
    window = words.setting(data.choices(connection)["observed_window_d"]["value"])
    title = f"REFUSED, AND COULD HAVE CHANGED A GRADE   (in the first {window} days; reasons in tables/refusals.csv)"
    heads = ("site", "concept", "refused", "amount blanked", "patients")
    return table(title, heads, lines, texts=2, at_most=LINES_SHOWN) if lines else ""


def _intervals(connection: duckdb.DuckDBPyConnection) -> str:
    rows = [row for row in quality_section.chartings(connection, "site") if row["concept"] in quality_section.HOLDS]
    lines = [
        (
            row["level"],
            quality_section.named(row["concept"]),
            *(lasting(row[f"interval_{name}"]) for name in ("median", "p95", "longest")),
        )
        for row in sorted(rows, key=lambda row: (row["level"], row["concept_no"]))
    ]
    title = "TIME BETWEEN TWO READINGS OF ONE PATIENT"
    heads = ("site", "vital", "median", "95 of 100 within", "longest")
    return table(title, heads, lines, texts=2, at_most=LINES_SHOWN) if lines else ""


def _tocilizumab(connection: duckdb.DuckDBPyConnection, system: Row) -> str:
    rows = data.rows(
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
            *(
                DASH if row[name] is None else f"{rounding.fixed(row[name], 1)} h"
                for name in ("hours_to_dose_median", "hours_to_dose_longest")
            ),
        )
        for row in rows
    ]
    grade = words.setting(data.choices(connection)["tocilizumab_from_grade"]["value"])
    heads = ("site", "patients", "given before", "given after", "not given", "median", "longest")
    return table(f"FROM GRADE {grade} TO TOCILIZUMAB, {system['name']}", heads, lines, at_most=LINES_SHOWN) if lines else ""


def _findings(connection: duckdb.DuckDBPyConnection, system: Row) -> str:
    rows = recorded_section.looked(connection, system["system"])
    lines = []
    for row in rows:
        if row["patients"]:
            lines += [
                f"{words.plural(row['patients'], 'patient')}: {row['sentence']} {words.sentence_case(row['reason'])}",
                f"    {' '.join(recorded_section.named(row).split())}",
            ]
    title = f"WORTH A LOOK, {system['name']}   (all, under every system, in tables/findings.csv)"
    return "\n".join([title, *(lines or ["nothing was found"])])
