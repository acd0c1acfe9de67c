"""How the columns of any source file become the columns that staging reads.

A source's `observations` have, besides the texts, for each of start and end: `*_clock` (TIMESTAMP as written),
`*_offset` (minutes east of UTC, NULL where none was written), `*_hour` (hours since the infusion) and `*_fault`
(NULL, 'missing', 'text' for what cannot be read, 'date' for a date with no clock); and for the value `value`
(DOUBLE), `value_text` (what was written, a number or not) and `value_fault` (NULL, 'missing', 'text'); and
`set_aside`: why the source refuses the row (NULL where it does not), such as a dose charted as not given.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb

NUMBER = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
OFFSET = r"(Z|z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
CLOCK = (
    r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\s*" + OFFSET + r"?\s*"
)
DATE = r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*"

Columns = Mapping[str, str]
"""The columns a file has, by lower-case name: their DuckDB types, or one of the kinds below, which DuckDB does not tell."""

HALF = "HALF"
"""Half precision numbers, which DuckDB reads as FLOAT."""

DURATIONS = {
    f"DURATION({unit})": per_hour
    for unit, per_hour in (("s", 3600), ("ms", 3_600_000), ("us", 3_600_000_000), ("ns", 3_600_000_000_000))
}
"""Durations, which DuckDB reads from Parquet as bare integers: how many of each unit make an hour."""

NANOSECONDS_IN_A_ZONE = ("TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE")
"""A type of its own from DuckDB 2 on; before, TIMESTAMP WITH TIME ZONE."""


def _is_text(kind: str) -> bool:
    return kind == "VARCHAR" or kind.startswith("ENUM") or kind == '"NULL"'


def _is_exact(kind: str) -> bool:
    """Is it an integer or a decimal?"""
    return re.fullmatch(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)", kind) is not None


def literal(text: object) -> str:
    """A text, or a path, as a SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[object]]) -> None:
    """Put rows into a table, None as NULL: as literals, which its columns read, since a parameter costs an import of pandas."""
    written = [f"({', '.join('NULL' if value is None else literal(value) for value in row)})" for row in rows]
    if written:
        connection.execute(f"INSERT INTO {table} VALUES {', '.join(written)}")


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(columns: Columns, name: str) -> str:
    """SQL: the column as text, blank as NULL; NULL where the file lacks it."""
    if name not in columns:
        return "NULL::VARCHAR"
    if columns[name] == "VARCHAR":
        return f"nullif({quoted(name)}, '')"
    if columns[name] in ("DOUBLE", "FLOAT"):
        # What is not a number is how some tools write that nothing was charted.
        return f"CASE WHEN NOT isnan({quoted(name)}) THEN {quoted(name)}::VARCHAR END"
    return f"nullif({quoted(name)}::VARCHAR, '')"


def number(columns: Columns, name: str) -> str:
    """SQL: the column as a finite number, else NULL."""
    if name not in columns:
        return "NULL::DOUBLE"
    column, kind = quoted(name), columns[name]
    if _is_text(kind):
        read = f"try_cast({column}::VARCHAR AS DOUBLE)"
        return f"CASE WHEN regexp_full_match({column}::VARCHAR, '{NUMBER}') AND isfinite({read}) THEN {read} END"
    if kind == "DOUBLE":
        return f"CASE WHEN isfinite({column}) THEN {column} END"
    if kind == "FLOAT":
        # By its shortest decimal: 0.1 in four bytes is the same dose as 0.1 in eight.
        return f"CASE WHEN isfinite({column}) THEN {column}::VARCHAR::DOUBLE END"
    return f"{column}::DOUBLE" if _is_exact(kind) else "NULL::DOUBLE"


def number_fault(columns: Columns, name: str) -> str:
    """SQL: NULL where the column is a finite number, 'missing' where it is blank, 'text' where it is neither."""
    if name not in columns:
        return "'missing'"
    column, kind = quoted(name), columns[name]
    blank = f"{column} IS NULL"
    if _is_text(kind):
        blank += f" OR trim({column}::VARCHAR) = ''"
    elif kind in ("DOUBLE", "FLOAT"):
        blank += f" OR isnan({column})"
    elif _is_exact(kind):
        return f"CASE WHEN {blank} THEN 'missing' END"
    return f"CASE WHEN {blank} THEN 'missing' WHEN ({number(columns, name)}) IS NULL THEN 'text' END"


def hours(columns: Columns, name: str) -> tuple[str, str]:
    """SQL of a column of hours, and of what is wrong with it: numbers of hours, or durations of any unit."""
    per_hour = DURATIONS.get(columns.get(name, ""))
    if per_hour is None:
        return number(columns, name), number_fault(columns, name)
    return f"{quoted(name)} / {per_hour}", f"CASE WHEN {quoted(name)} IS NULL THEN 'missing' END"


def moment(columns: Columns, time: str, hour: str, prefix: str) -> str:
    """SQL: the four columns of a moment, from a column of times and a column of hours. The time goes first."""
    clock, offset, clock_fault = _clock(columns, time)
    elapsed, hour_fault = hours(columns, hour)
    fault = f"CASE WHEN {clock_fault} IS DISTINCT FROM 'missing' THEN {clock_fault} ELSE {hour_fault} END"
    return (
        f"{clock} AS {prefix}_clock, {offset} AS {prefix}_offset, "
        f"{elapsed} AS {prefix}_hour, {fault} AS {prefix}_fault"
    )


def _clock(columns: Columns, name: str) -> tuple[str, str, str]:
    """SQL of a clock time: the time as written, its zone offset in minutes, and what is wrong with it."""
    if name not in columns:
        return "NULL::TIMESTAMP", "NULL::INTEGER", "'missing'"
    column, kind = quoted(name), columns[name]
    missing = f"CASE WHEN {column} IS NULL THEN 'missing' END"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {column})", f"CASE WHEN {column} IS NOT NULL THEN 0 END", missing
    if kind in NANOSECONDS_IN_A_ZONE:
        return _cut_to_microseconds(column), f"CASE WHEN {column} IS NOT NULL THEN 0 END", missing
    if kind == "TIMESTAMP_NS":
        return _cut_to_microseconds(column), "NULL::INTEGER", missing
    if kind.startswith("TIMESTAMP"):
        return f"{column}::TIMESTAMP", "NULL::INTEGER", missing
    if kind == "DATE":
        return "NULL::TIMESTAMP", "NULL::INTEGER", f"CASE WHEN {column} IS NULL THEN 'missing' ELSE 'date' END"
    written = f"trim({column}::VARCHAR)"
    local = f"regexp_extract({written}, '^[0-9-]{{10}}[T ][0-9:]+([.,][0-9]+)?')"
    local = f"try_cast(replace(replace({local}, 'T', ' '), ',', '.') AS TIMESTAMP)"
    clock = f"CASE WHEN regexp_full_match({written}, '{CLOCK}') THEN {local} END"
    zone = f"regexp_extract({written}, '[0-9]\\s*{OFFSET}$', 1)"
    sign = f"CASE WHEN starts_with({zone}, '-') THEN -1 ELSE 1 END"
    digits = f"replace({zone}, ':', '')"
    minutes = f"try_cast({digits}[2:3] AS INTEGER) * 60 + coalesce(try_cast({digits}[4:5] AS INTEGER), 0)"
    offset = (
        f"CASE WHEN NOT regexp_full_match({written}, '{CLOCK}') OR {zone} = '' THEN NULL "
        f"WHEN upper({zone}) = 'Z' THEN 0 ELSE {sign} * ({minutes}) END"
    )
    fault = (
        f"CASE WHEN {column} IS NULL OR {written} = '' THEN 'missing' "
        f"WHEN regexp_full_match({written}, '{DATE}') THEN 'date' WHEN {clock} IS NULL THEN 'text' END"
    )
    return clock, offset, fault


def _cut_to_microseconds(column: str) -> str:
    """SQL: a time in nanoseconds as TIMESTAMP, floored: a cast is cut by one version of DuckDB and rounded by another."""
    elapsed = f"epoch_ns({column})"
    return f"make_timestamp(({elapsed} - (({elapsed} % 1000) + 1000) % 1000) // 1000)"
