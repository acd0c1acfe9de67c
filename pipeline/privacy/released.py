"""`results.released`: the numbers of the tables that may be shown where small counts are kept back.

Each count of patients is taken for what it is, a set of patients: one that stands in several tables, rows or columns under
several names is one quantity, and hidden in all of them or in none. The sums that a reader knows stand in `sums.csv`; added to
them are the levels of each stratum, what is left of every total, and the difference of any two shown sets of which one holds
the other, where that difference is small.

One system alone is released, the first: two systems grade the same patients nearly alike, and the difference of two of their
counts would be a count of the few in whom they differ.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.database import register
from pipeline.errors import UsageError
from pipeline.privacy.suppression import LEAST, Sum, Unsafe, suppressed
from pipeline.reports import data
from pipeline.sources.parts.columns import literal
from pipeline.statistics import median_rank

TABLE = "results.released"
SENTENCE = "One row per number of the tables under the first system, and whether it is kept back: its value is then empty."

Set = int
"""A set of patients: bit number subject_no is set."""

Group = tuple[str, str]
"""A stratum and one of its levels."""

WHOLE = ("all", "all")
TREATED = "treated"
FIRST = ("treated", "crs", "grade_3_or_more")
"""The result of a run in a few numbers, of the whole cohort: shown before others."""

FAMILIES = (
    ("treated", "crs", "no_crs", "not_evaluable", *(f"grade_{grade}" for grade in range(1, 6)), "ceiling_above_grade",
     *(f"{kind}_{grade}_{side}" for kind in ("at_least", "highest") for grade in range(1, 6) for side in ("proven", "possible"))),
    ("crs", "grade_2_or_more", "fever", "hypotension", "hypoxia"),
)  # fmt: skip
"""Sets that overlap, and of which one can be computed from others all the same (who has hypotension and hypoxia, from either and
both): each is the sum of the smallest parts into which all of them divide the patients."""

STRATA_COLUMNS = {
    1: "treated", 2: "crs", 3: "grade_2_or_more", 4: "grade_3_or_more", 5: "grade_1", 6: "grade_2", 7: "grade_3", 8: "grade_4",
    9: "grade_5", 10: "not_evaluable", 11: "onset_day:measured", 12: "duration_days:measured",
}  # fmt: skip
"""What is counted in each column of the table of strata, or is summarised there."""

EITHER_SIDE = frozenset({"mean", "sd", "median", "time_median", "km_median"})
QUARTERS = frozenset({"q1", "q3", "km_q1", "km_q3", "time_median_low", "time_median_high"})
SINGLE = frozenset({"min", "max"})
PERCENTAGES = frozenset({"percent", "percent_low", "percent_high"})
"""Kinds of statistics, by what they rest on."""


def check(below: int) -> None:
    """Raises UsageError where small counts cannot be kept back below this number."""
    if below and below < LEAST:
        raise UsageError(f"--suppress-below {below}: give 0 (nothing is kept back) or a number of patients from {LEAST} on.")


def release(connection: duckdb.DuckDBPyConnection, below: int) -> None:
    """Write `results.released`. Raises UsageError where the cohort is too small for any of it to be shown."""
    system = data.systems(connection)[0]["system"]
    sets = _sets(connection, system)
    groups = _groups(connection)
    treated = sets.get(TREATED, 0).bit_count()
    if treated < 2 * below:
        raise UsageError(
            f"--suppress-below {below}: the cohort has fewer than {2 * below} patients, twice that number, so that no count of "
            "it can be shown; take a smaller number, or more patients."
        )
    rows = _rows(connection, system)
    resting = [_resting(row, sets, groups) for row in rows]
    shown = {count for row in resting for count in row["counted"]}
    counts, sums = _related(sets, groups, rows, shown)
    try:
        hidden = suppressed(counts, sums, _by_importance(sets, rows, resting), below, {sets[TREATED]})
    except Unsafe as fault:
        raise UsageError(
            f"--suppress-below {below}: a number below it follows from the number of all patients and from zeros, so that "
            "nothing can be shown; take a smaller number, or more patients."
        ) from fault
    several = {sets.get(name, 0) & members for name in ("episodes_2", "episodes_3_or_more") for members in groups.values()}
    some_hidden = bool(several & hidden)
    for row, rests in zip(rows, resting, strict=True):
        row["suppressed"] = _is_held(row, rests, hidden, below) or (row["shown_as"] == "total" and some_hidden)
        if row["suppressed"]:
            row["value"] = row["null_label"] = None
        if rests["of"] in hidden:
            row["n"] = None
    _write(connection, rows)


def _by_importance(
    sets: Mapping[str, Set], rows: Sequence[Mapping[str, Any]], resting: Sequence[Mapping[str, Any]]
) -> list[Set]:
    """The shown sets: the result in a few numbers, then those of all patients, then columns and strata, as in the tables."""
    ordered = sorted(
        ((row["level"] != "all", row["table_id"] == "strata", place), rests["counted"])
        for place, (row, rests) in enumerate(zip(rows, resting, strict=True))
    )
    first = [sets[name] for name in FIRST if name in sets]
    every = dict.fromkeys([*first, *(count for _, counted in ordered for count in counted)])
    return [one for one in every if any(one in counted for _, counted in ordered)]


def _is_held(row: Mapping[str, Any], rests: Mapping[str, Any], hidden: frozenset[Set], below: int) -> bool:
    """Whether a number is kept back: a hidden count, or a statistic that rests on hidden or on too few patients."""
    if any(count in hidden for count in (*rests["counted"], *rests["on"])):
        return True
    statistic, patients = row["statistic"], rests["patients"]
    if statistic in SINGLE:
        return True
    # A limit that is not estimable says that nobody is left: as much as a limit would.
    if (row["value"] is None and row["null_label"] != "NE") or patients is None:
        return False
    if statistic in EITHER_SIDE:
        return patients < 2 * below
    if statistic in QUARTERS:
        return patients < 4 * below
    if statistic in ("median_low", "median_high"):
        return (median_rank(patients) or 0) < below
    return False


# What a number counts, and what it rests on


def _resting(row: Mapping[str, Any], sets: Mapping[str, Set], groups: Mapping[Group, Set]) -> dict[str, Any]:
    """The sets behind a number.

    counted -- sets whose size it is; on -- sets whose size it would tell, or of whom it is taken
    patients -- how many values a statistic is taken of; of -- the set that its column `n` counts
    """
    members = groups.get((row["stratum"], row["level"]), 0)

    def found(name: str | None) -> Set:
        return sets.get(name, 0) & members if name else 0

    statistic, shown_as, measure = row["statistic"], row["shown_as"], row["measure"]
    total = found(row["of"])
    if shown_as in ("count", "share"):
        own = found(measure)
        return _behind(of=total, counted=own) if statistic == "n" else _behind(of=total, on=(own, total))
    if shown_as == "total":
        return _behind(of=0)
    if shown_as == "bounds":
        sides = {side: found(f"{measure}_{side}") for side in ("proven", "possible")}
        if statistic in sides:
            return _behind(of=total, counted=sides[statistic])
        return _behind(of=total, on=(*sides.values(), total))
    if shown_as == "incidence":
        return _of_incidence(row, found, total)
    measured = found(f"{measure}:measured")
    if row["table_id"] == "strata":
        return _behind(of=total, on=(measured, total), patients=measured.bit_count())
    if statistic == "n":
        return _behind(of=measured, counted=measured)
    if statistic == "n_missing":
        return _behind(of=measured, counted=total & ~measured)
    return _behind(of=measured, on=(measured,), patients=measured.bit_count())


def _of_incidence(row: Mapping[str, Any], found, total: Set) -> dict[str, Any]:
    """Events, deaths and the censored are counts; an incidence by a day tells how many events there were by then."""
    measure, line = row["measure"], row["line_no"]
    events = found(f"{measure}:event")
    if row["statistic"] == "n":
        return _behind(of=total, counted=(events, found(f"{measure}:competing"), found(f"{measure}:censored"))[line - 1])
    if row["statistic"].startswith("incidence"):
        return _behind(of=total, counted=found(f"{measure}:by_{line - 4}"), on=(events, total))
    return _behind(of=total, on=(events, total), patients=events.bit_count())


def _behind(of: Set, counted: Set = 0, on: tuple[Set, ...] = (), patients: int | None = None) -> dict[str, Any]:
    return {"of": of, "counted": (counted,) if counted else (), "on": on, "patients": patients}


# The sets and their sums


def _sets(connection: duckdb.DuckDBPyConnection, system: str) -> dict[str, Set]:
    """Every set of patients that the tables count, by name; the empty ones are absent."""
    found: dict[str, Set] = {}

    def add(name: str, numbers: Iterable[int]) -> None:
        found[name] = found.get(name, 0) | sum(1 << number for number in numbers)

    for measure, every, measured in connection.execute(
        "SELECT measure, list(subject_no), list(subject_no) FILTER (value IS NOT NULL) FROM results.facts "
        "WHERE system = ? GROUP BY measure",
        [system],
    ).fetchall():
        add(measure, every)
        add(f"{measure}:measured", measured or ())
    for endpoint, status, numbers in connection.execute(
        "SELECT e.endpoint, e.status, list(s.subject_no) FROM summaries.time_to_event AS e "
        "JOIN staging.subjects AS s ON s.subject_id = e.subject_id WHERE e.system = ? GROUP BY e.endpoint, e.status",
        [system],
    ).fetchall():
        add(f"{endpoint}:{status}", numbers)
    days = connection.execute(
        "SELECT name, value FROM rules.choices WHERE name IN ('incidence_early_d', 'incidence_middle_d', 'incidence_late_d') "
        "ORDER BY name <> 'incidence_early_d', name <> 'incidence_middle_d'"
    ).fetchall()
    for number, (_, day) in enumerate(days, start=1):
        for endpoint, numbers in connection.execute(
            "SELECT e.endpoint, list(s.subject_no) FROM summaries.time_to_event AS e "
            "JOIN staging.subjects AS s ON s.subject_id = e.subject_id "
            "WHERE e.system = ? AND e.status = 'event' AND e.days <= ? GROUP BY e.endpoint",
            [system, day],
        ).fetchall():
            add(f"{endpoint}:by_{number}", numbers)
    return found


def _groups(connection: duckdb.DuckDBPyConnection) -> dict[Group, Set]:
    """The patients of every level of every stratum, the whole cohort first."""
    rows = connection.execute(
        "SELECT l.stratum, l.level, list(s.subject_no) FROM summaries.levels AS l "
        "JOIN staging.subjects AS s ON s.subject_id = l.subject_id "
        "GROUP BY l.stratum, l.level ORDER BY l.stratum <> 'all', l.stratum, l.level"
    ).fetchall()
    return {(stratum, level): sum(1 << number for number in numbers) for stratum, level, numbers in rows}


ROWS = """
WITH every AS (
    SELECT * FROM results.shares WHERE system = $system
    UNION ALL BY NAME SELECT * FROM results.spreads WHERE system = $system
    UNION ALL BY NAME SELECT * FROM results.incidences WHERE system = $system
    UNION ALL BY NAME SELECT * FROM results.bounds WHERE system = $system
),

-- Numbered as in results.results.
placed AS (
    SELECT e.table_id, e.shell_no, e.line_no, e.column_no, e.statistic, s.measure, s.of, s.shown_as, c.stratum, c.level,
           (dense_rank() OVER (PARTITION BY e.table_id ORDER BY e.shell_no, e.line_no))::INTEGER AS row_no
    FROM every AS e
    JOIN rules.shells AS s ON s.table_id = e.table_id AND s.shell_no = e.shell_no
    JOIN results.columns AS c ON c.column_no = e.column_no
)

SELECT r.*, p.line_no, p.measure, p.of, p.shown_as, p.stratum, p.level
FROM results.results AS r
LEFT JOIN placed AS p
    ON p.table_id = r.table_id AND p.row_no = r.row_no AND p.column_no = r.column_no AND p.statistic = r.statistic
WHERE r.system = $system
ORDER BY r.table_no, r.row_no, r.column_no, r.statistic
"""

RELEASED = (
    "system", "table_no", "table_id", "title", "row_no", "section", "row", "indent_grade", "column_no", "column", "statistic",
    "value", "null_label", "unit", "n", "method", "suppressed",
)  # fmt: skip
"""The columns of the table: those of `results.results`, and one."""


def _rows(connection: duckdb.DuckDBPyConnection, system: str) -> list[dict[str, Any]]:
    """Every row of the system's tables, with what it shows."""
    result = connection.execute(ROWS, {"system": system})
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    levels = _levels(connection, system)
    for row in rows:
        if row["table_id"] == "strata":
            counted = STRATA_COLUMNS[row["column_no"]]
            is_count = row["statistic"] == "n" or row["statistic"] in PERCENTAGES
            row["stratum"], row["level"] = levels[row["row_no"]]
            row["measure"] = counted.removesuffix(":measured")
            row["shown_as"] = "share" if is_count else "spread"
            row["of"] = TREATED if is_count else "crs"
    return rows


def _levels(connection: duckdb.DuckDBPyConnection, system: str) -> dict[int, Group]:
    """The stratum and level of each row of the table of strata, by the words that it shows."""
    rows = connection.execute(
        "SELECT row_no, section, row FROM results.strata WHERE system = ? GROUP BY ALL ORDER BY row_no", [system]
    ).fetchall()
    return {number: (section.removeprefix("By "), level) if section else WHOLE for number, section, level in rows}


@cache
def declared() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sums of sums.csv: a whole and parts of it; what they leave over is a part too."""
    with Path(__file__).with_name("sums.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["whole"], tuple(row["parts"].split())) for row in csv.DictReader(file))


def _related(
    sets: Mapping[str, Set], groups: Mapping[Group, Set], rows: Sequence[Mapping[str, Any]], shown: set[Set]
) -> tuple[dict[Set, int], list[Sum]]:
    """The size of every set that is shown or follows from those, and the sums that tie them together."""
    named = [(whole, parts) for whole, parts in declared()]
    named += [(row["of"], (f"{row['measure']}:measured" if row["shown_as"] == "spread" else row["measure"],))
              for row in rows if row["of"] and row["shown_as"] in ("share", "spread")]  # fmt: skip
    columns = {(row["stratum"], row["level"]) for row in rows if row["table_id"] != "strata"}
    sums: dict[Sum, None] = {}

    def add(whole: Set, parts: Iterable[Set]) -> None:
        for one in _sums(whole, [part for part in parts if part]):
            sums[one] = None

    for group, members in groups.items():
        for whole, parts in dict.fromkeys(named):
            if group in columns or set(parts) <= set(STRATA_COLUMNS.values()) or whole == TREATED:
                add(sets.get(whole, 0) & members, [sets.get(part, 0) & members for part in parts])
    for stratum in dict.fromkeys(stratum for stratum, _ in groups if stratum != "all"):
        levels = [members for (name, _), members in groups.items() if name == stratum]
        for everybody in dict.fromkeys(sets.values()):
            if any(everybody & level in shown for level in levels):
                add(everybody, [everybody & level for level in levels])
    for family in FAMILIES:
        for group in columns:
            members = groups[group]
            for whole, parts in _divided([sets.get(name, 0) & members for name in family]):
                add(whole, parts)
    counts = {one: one.bit_count() for one in shown}
    for one in sums:
        counts |= {key: key.bit_count() for key in (one.whole, *one.parts)}
    return counts, list(sums)


def _divided(family: Sequence[Set]) -> Iterator[tuple[Set, list[Set]]]:
    """Each set of a family, and the smallest parts of it that the others divide it into."""
    together = 0
    for one in family:
        together |= one
    atoms = [together]
    for one in family:
        atoms = [part for atom in atoms for part in (atom & one, atom & ~one) if part]
    for one in dict.fromkeys(family):
        yield one, [atom for atom in atoms if atom & one]


def _sums(whole: Set, parts: Sequence[Set]) -> Iterator[Sum]:
    """The sum of parts and what they leave over; where parts overlap or reach beyond the whole, there is none of them."""
    together = 0
    for part in parts:
        if part & together or part & ~whole:
            return
        together |= part
    rest = whole & ~together
    every = tuple(part for part in (*parts, rest) if part)
    if len(every) > 1:
        yield Sum(whole, every)


def _write(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows as a table, with the types and comments of `results.results`."""
    described = connection.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        "WHERE schema_name = 'results' AND table_name = 'results' ORDER BY column_index"
    ).fetchall()
    types = {name: kind for name, kind, _ in described} | {"suppressed": "BOOLEAN"}
    columns = {name: pa.array([row[name] for row in rows]) for name in RELEASED}
    register(connection, "released_arrow", pa.table(columns))
    cast = ", ".join(f'"{name}"::{types[name]} AS "{name}"' for name in RELEASED)
    connection.execute(f"CREATE OR REPLACE TABLE {TABLE} AS SELECT {cast} FROM released_arrow")
    connection.unregister("released_arrow")
    connection.execute(f"COMMENT ON TABLE {TABLE} IS {literal(SENTENCE)}")
    comments = {name: comment for name, _, comment in described if comment} | {
        "suppressed": "Whether the number is kept back, because it or one that follows from it is of few patients"
    }
    for name, comment in comments.items():
        connection.execute(f'COMMENT ON COLUMN {TABLE}."{name}" IS {literal(comment)}')
