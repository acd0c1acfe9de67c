"""What the report, the document and the terminal say where small counts are kept back: the numbers of `results.released` alone.

What rests on single patients is left out as a whole, and said to be. A number of the tables is set by `publication`, which
knows the mark of one that is kept back.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from pipeline.privacy.released import TABLE
from pipeline.reports import data, tables, words
from pipeline.reports.data import Row
from pipeline.reports.figures import captioned, published
from pipeline.reports.publication import HELD
from pipeline.reports.tables import Cell, Line, Table

SECTIONS = ("answer", "loaded", "tables", "figures", "ladders", "choices", "provenance")
"""The sections of the page that are shown."""

FIGURES = "This cohort beside published ones"
"""The title of the section of figures, of which only this is left."""

LEFT_OUT = (
    "Left out, since it shows single patients or counts of few: data quality, the other systems and the agreement between them, "
    "grades by day, onset and duration by day, every patient's course and page, the listings of subjects, episodes and refused "
    "rows, recorded grades against derived ones, and what is worth a look."
)

COHORT = {
    (1, "n"): "n_treated",
    **{
        (column, statistic): f"{prefix}_{name}{suffix}"
        for column, name in ((2, "any"), (3, "grade_2_or_more"), (4, "grade_3_or_more"))
        for statistic, prefix, suffix in (
            ("n", "n", ""), ("percent", "pct", ""), ("percent_low", "pct", "_low"), ("percent_high", "pct", "_high"),
        )
    },
    **{(grade + 4, "n"): f"n_grade_{grade}" for grade in (1, 2, 3, 4, 5)},
    (10, "n"): "n_not_evaluable",
    (11, "median"): "onset_day_median", (11, "q1"): "onset_day_q1", (11, "q3"): "onset_day_q3",
    (12, "km_median"): "duration_days_km_median",
}  # fmt: skip
"""Columns of `summaries.cohort` by the column and statistic of the table of strata that hold the same."""


def below(manifest: Mapping) -> int:
    """From 1 to below this number counts of patients are kept back; 0 where none are."""
    return manifest.get("suppress_below", 0)


def sentence(number: int) -> str:
    """What is kept back, for a reader."""
    return (
        f"Numbers of 1 to {number - 1} patients are kept back, others from which one of them could be computed, and "
        f"statistics that rest on too few ({HELD}: mean and median of fewer than {2 * number} patients, quartiles of fewer than "
        f"{4 * number}; limits of a median within {number - 1} patients of either end; least and greatest always). A number that "
        "is kept back is not 0, and need not be small."
    )


def cohort(connection: duckdb.DuckDBPyConnection, system: Row) -> Row:
    """The whole cohort under the first system, as far as it may be shown; `held` names what is kept back."""
    shown = connection.execute(
        f"SELECT column_no, statistic, value, suppressed FROM {TABLE} WHERE table_id = 'strata' AND row_no = 1"
    ).fetchall()
    row: dict[str, Any] = dict.fromkeys(data.cohort(connection, system["system"]))
    held = set()
    for column, statistic, value, suppressed in shown:
        name = COHORT.get((column, statistic))
        if name:
            row[name] = int(value) if name.startswith("n_") and value is not None else value
            held |= {name} if suppressed else set()
    time_zero = data.cohort(connection, system["system"])["time_zero"]
    return row | {"system": system["system"], "time_zero": time_zero, "held": frozenset(held)}


def answer(system: Row, cohort: Row) -> dict:
    """The result in one paragraph."""
    return {"system": system, "cohort": cohort, "sentences": [*_who(system, cohort), *_when(cohort)]}


def _who(system: Row, cohort: Row) -> list[str]:
    terms = words.terms(cohort)
    is_stand_in = terms is words.STAND_IN
    everybody = words.plural(cohort["n_treated"], "patient" if is_stand_in else "treated patient")
    infused = ", none known to have been infused," if is_stand_in else ""
    had = f"met the criteria of {system['name']}" if is_stand_in else f"had CRS by {system['name']}"
    severe = "reached grade 3 or more"
    return [
        f"Of {everybody}{infused} {_share(cohort, 'any')} {had}."
        if "n_any" not in cohort["held"]
        else f"Of {everybody}{infused} how many {had} is kept back.",
        f"{_share(cohort, 'grade_3_or_more')} {severe}."
        if "n_grade_3_or_more" not in cohort["held"]
        else f"How many {severe} is kept back.",
    ]


def _share(cohort: Row, name: str) -> str:
    low, high = cohort[f"pct_{name}_low"], cohort[f"pct_{name}_high"]
    limits = f"{words.percent(low)} to {words.percent(high)}"
    return f"{words.count(cohort[f'n_{name}'])} ({words.percent(cohort[f'pct_{name}'])}; exact 95% CI {limits})"


def _when(cohort: Row) -> list[str]:
    if cohort["onset_day_median"] is None:
        return []
    said = f"The first episode began on day {words.number(cohort['onset_day_median'])} (median)"
    if "duration_days_km_median" in cohort["held"]:
        return [f"{said}."]
    if cohort["duration_days_km_median"] is None:
        return [f"{said}; its median duration was not reached (Kaplan-Meier)."]
    lasted = cohort["duration_days_km_median"]
    return [f"{said} and lasted {words.number(lasted)} {'day' if lasted == 1 else 'days'} (Kaplan-Meier median)."]


def files(connection: duckdb.DuckDBPyConnection, number: int) -> Table:
    """Rows read, file by file. What was refused is left out: a row is that of one patient."""
    lines = [Line(row["source_file"], (Cell(_rows(row["rows_in"], number)),)) for row in data.load(connection)]
    return Table("Rows read", ("File", "Rows in"), tuple(lines))


def _rows(rows: int, number: int) -> str:
    """Rows are not patients, but they are at least as many."""
    return HELD if 0 < rows < number else words.count(rows)


def inputs(manifest: Mapping) -> Table:
    """The input files with their hashes, few rows kept back."""
    number = below(manifest)
    lines = [
        Line(one["file"], (Cell("looked up" if one["rows_in"] is None else _rows(one["rows_in"], number)), tables.hash_cell(one)))
        for one in manifest["inputs"]
    ]
    return Table("Input files", ("File", "Rows", "sha256"), tuple(lines), texts=frozenset({2}))


def figure(cohort: Row):
    """The one figure that is left: the cohort beside published ones."""
    return published.figure({cohort["system"]: cohort}, (*captioned.GRADING, *captioned.EPISODES))
