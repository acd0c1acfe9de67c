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

WIDE = "DECIMAL256"
"""Decimals of over 38 digits, which DuckDB reads as DOUBLE or not at all."""

OF_A_LIBRARY = "EXTENSION"
"""A type that a library made of a plainer one, and that DuckDB reads as that one: the days of a period as bare integers."""

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
    if kind.startswith("TIMESTAMP"):
        clock, is_zoned = _typed(column, kind)
        offset = f"CASE WHEN {column} IS NOT NULL THEN 0 END" if is_zoned else "NULL::INTEGER"
        return clock, offset, f"CASE WHEN {column} IS NULL THEN 'missing' WHEN ({clock}) IS NULL THEN 'text' END"
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


def _typed(column: str, kind: str) -> tuple[str, bool]:
    """SQL of a column of timestamps as TIMESTAMP, NULL where it is of no year that a text may have; is it an instant?"""
    is_zoned = kind == "TIMESTAMP WITH TIME ZONE" or kind in NANOSECONDS_IN_A_ZONE
    if kind == "TIMESTAMP_NS" or kind in NANOSECONDS_IN_A_ZONE:
        # Nanoseconds reach from 1677 to 2262; what is at their ends stands for infinity.
        clock, first, last = _cut_to_microseconds(column), "'1677-09-22'", "'2262-04-11'"
        return f"CASE WHEN {clock} BETWEEN TIMESTAMP {first} AND TIMESTAMP {last} THEN {clock} END", is_zoned
    # Before the cast, which stops at a time that it cannot hold.
    within = f"{column} BETWEEN '0001-01-01 00:00:00+00'::{kind} AND '9999-12-31 23:59:59+00'::{kind}"
    clock = f"timezone('UTC', {column})" if is_zoned else f"{column}::TIMESTAMP"
    return f"CASE WHEN {within} THEN {clock} END", is_zoned


def _cut_to_microseconds(column: str) -> str:
    """SQL: a time in nanoseconds as TIMESTAMP, floored: a cast is cut by one version of DuckDB and rounded by another."""
    elapsed = f"epoch_ns({column})"
    return f"make_timestamp({elapsed} // 1000 - CASE WHEN {elapsed} % 1000 < 0 THEN 1 ELSE 0 END)"
