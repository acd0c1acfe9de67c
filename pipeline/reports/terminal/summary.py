"""What a run says at its end: the cohort in a few lines, what was refused, and where the files are."""

from pathlib import Path

import duckdb

from pipeline.database import connect
from pipeline.outputs import DATABASE, REPORT, WORD, suppress_below
from pipeline.reports import data, words

COMPLETE = (
    "cohort.duckdb is complete: it shows single patients, and is not to be passed on (nor is manifest.json, which counts rows)."
)
"""What is said of the database where small counts are kept back."""


def text(out: Path) -> str:
    """The summary of a run that has just moved its files in: they need no check against their hashes."""
    below = suppress_below(out)
    with connect(str(out / DATABASE), read_only=True) as connection:
        if below:
            lines = ["", *_released(connection, below), "", *_files(out), "", COMPLETE]
        else:
            lines = ["", *_loaded(connection), "", *_graded(connection), "", *_files(out)]
    return "\n".join(lines)


def _released(connection: duckdb.DuckDBPyConnection, below: int) -> list[str]:
    """The rows read and the first system's result, as the report shows them where small counts are kept back."""
    from pipeline.reports import released

    system = data.systems(connection)[0]
    cohort = released.cohort(connection, system)
    table = released.files(connection, below)
    width = max(30, *(len(line.head) for line in table.lines)) + 2
    lines = [f"{'file':<{width}}{'rows in':>12}", *(f"{line.head:<{width}}{line.cells[0].text:>12}" for line in table.lines)]
    said = " ".join(released.answer(system, cohort)["sentences"])
    return [*lines, "", *_stand_in(connection), said, released.sentence(below)]


def _loaded(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT source_file, rows_in, rows_used, rows_refused, rows_blanked, rows_passed_over FROM staging.load"
    ).fetchall()
    width = max(30, *(len(row[0]) for row in rows)) + 2
    passes_over = any(row[5] for row in rows)
    head = f"{'file':<{width}}{'rows in':>12}{'used':>12}{'refused':>10}{'blanked':>10}"
    lines = [head + (f"{'passed over':>14}" if passes_over else "")]
    for file, given, used, refused, blanked, passed_over in rows:
        line = f"{file:<{width}}{given:>12,}{used:>12,}{refused:>10,}{blanked:>10,}"
        lines.append(line + (f"{passed_over:>14,}" if passes_over else ""))
    return lines


def _graded(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT system, n_treated, n_evaluable, n_any, n_grade_1, n_grade_2, n_grade_3, n_grade_4, n_grade_5, "
        "onset_day_median, duration_days_median, time_zero FROM summaries.cohort WHERE stratum = 'all' ORDER BY system"
    ).fetchall()
    terms = words.terms({"time_zero": rows[0][-1]})
    some = "any CRS" if terms is words.INFUSED else "met"
    lines = [
        f"{'system':<24}{terms.treated:>8}{'evaluable':>10}{some:>9}"
        f"{'g1':>5}{'g2':>5}{'g3':>5}{'g4':>5}{'g5':>5}{'onset day':>11}{'duration d':>12}"
    ]
    for system, treated, evaluable, any_crs, *grades, onset, duration, _ in rows:
        counts = "".join(f"{grade:>5}" for grade in grades)
        lines.append(f"{system:<24}{treated:>8}{evaluable:>10}{any_crs:>9}{counts}{_number(onset):>11}{_number(duration):>12}")
    lines.append("(highest grade of each patient, once; onset and duration: medians of the first episode; infusion = day 0)")
    return [*_stand_in(connection), *lines]


def _stand_in(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What time zero is, where nobody is known to have been infused."""
    sentence = connection.execute("SELECT sentence FROM sources.time_zero WHERE is_stand_in").fetchone()
    return [sentence[0], ""] if sentence else []


def _number(value: float | None) -> str:
    return "-" if value is None else words.number(value)


def _files(out: Path) -> list[str]:
    lines = [f"database   {out / DATABASE}", f"tables     {out / 'tables'}"]
    if (out / REPORT).exists():
        lines.insert(0, f"report     {out / REPORT}")
        lines.append(f"documents  {out / WORD}")
    return lines
