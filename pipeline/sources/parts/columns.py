"""How the columns of any source file become the columns that staging reads.

A source's `observations` have, besides the texts, for each of start and end: `*_clock` (TIMESTAMP as written),
`*_offset` (minutes east of UTC, NULL where none was written), `*_hour` (hours since the infusion) and `*_fault`
(NULL, 'missing', 'text' for what cannot be read, 'date' for a date with no clock); and for the value `value`
(DOUBLE), `value_text` (what was written, where it is not a number) and `value_fault` (NULL, 'missing', 'text').
"""

from collections.abc import Mapping

NUMBER = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
CLOCK = r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\s*(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)?\s*"
DATE = r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*"

Columns = Mapping[str, str]
"""The columns a file has, by lower-case name: their DuckDB types."""


def _is_text(kind: str) -> bool:
    return kind.startswith(("VARCHAR", "ENUM")) or kind == '"NULL"'


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(columns: Columns, name: str) -> str:
    """SQL: the column as text, blank as NULL; NULL where the file lacks it."""
    if name not in columns:
        return "NULL::VARCHAR"
    if columns[name] == "VARCHAR":
        return f"nullif({quoted(name)}, '')"
    return f"nullif({quoted(name)}::VARCHAR, '')"


def number(columns: Columns, name: str) -> str:
    """SQL: the column as a finite number, else NULL."""
    if name not in columns:
        return "NULL::DOUBLE"
    column = quoted(name)
    if _is_text(columns[name]):
        return f"CASE WHEN regexp_full_match({column}::VARCHAR, '{NUMBER}') THEN try_cast({column}::VARCHAR AS DOUBLE) END"
    if columns[name] in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN isfinite({column}) THEN {column}::DOUBLE END"
    return f"try_cast({column} AS DOUBLE)"


def number_fault(columns: Columns, name: str) -> str:
    """SQL: NULL where the column is a finite number, 'missing' where it is blank, 'text' where it is neither."""
    if name not in columns:
        return "'missing'"
    column = quoted(name)
    if _is_text(columns[name]):
        return (
            f"CASE WHEN {column} IS NULL OR trim({column}::VARCHAR) = '' THEN 'missing' "
            f"WHEN NOT coalesce(isfinite({number(columns, name)}), FALSE) THEN 'text' END"
        )
    if columns[name] in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN {column} IS NULL OR isnan({column}) THEN 'missing' WHEN NOT isfinite({column}) THEN 'text' END"
    return f"CASE WHEN {column} IS NULL THEN 'missing' END"


def moment(columns: Columns, time: str, hour: str, prefix: str) -> str:
    """SQL: the four columns of a moment, from a column of times and a column of hours. The time goes first."""
    clock, offset, clock_fault = _clock(columns, time)
    hours, hours_fault = number(columns, hour), number_fault(columns, hour)
    return (
        f"{clock} AS {prefix}_clock, {offset} AS {prefix}_offset, {hours} AS {prefix}_hour, "
        f"CASE WHEN {clock_fault} IS DISTINCT FROM 'missing' THEN {clock_fault} ELSE {hours_fault} END AS {prefix}_fault"
    )


def _clock(columns: Columns, name: str) -> tuple[str, str, str]:
    """SQL of a clock time: the time as written, its zone offset in minutes, and what is wrong with it."""
    if name not in columns:
        return "NULL::TIMESTAMP", "NULL::INTEGER", "'missing'"
    column, kind = quoted(name), columns[name]
    missing = f"CASE WHEN {column} IS NULL THEN 'missing' END"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {column})", f"CASE WHEN {column} IS NOT NULL THEN 0 END", missing
    if kind.startswith("TIMESTAMP"):
        return f"{column}::TIMESTAMP", "NULL::INTEGER", missing
    if kind == "DATE":
        return "NULL::TIMESTAMP", "NULL::INTEGER", f"CASE WHEN {column} IS NULL THEN 'missing' ELSE 'date' END"
    written = f"trim({column}::VARCHAR)"
    local = f"try_cast(replace(replace(regexp_extract({written}, '^[0-9-]{{10}}[T ][0-9:]+([.,][0-9]+)?'), 'T', ' '), ',', '.') AS TIMESTAMP)"
    clock = f"CASE WHEN regexp_full_match({written}, '{CLOCK}') THEN {local} END"
    zone = f"regexp_extract({written}, '[0-9]\\s*(Z|z|[+-][0-9]{{2}}:?([0-9]{{2}})?)$', 1)"
    sign = f"CASE WHEN starts_with({zone}, '-') THEN -1 ELSE 1 END"
    minutes = f"try_cast({zone}[2:3] AS INTEGER) * 60 + coalesce(try_cast(replace({zone}, ':', '')[4:5] AS INTEGER), 0)"
    offset = (
        f"CASE WHEN NOT regexp_full_match({written}, '{CLOCK}') OR {zone} = '' THEN NULL "
        f"WHEN upper({zone}) = 'Z' THEN 0 ELSE {sign} * ({minutes}) END"
    )
    fault = (
        f"CASE WHEN {column} IS NULL OR {written} = '' THEN 'missing' "
        f"WHEN regexp_full_match({written}, '{DATE}') THEN 'date' WHEN {clock} IS NULL THEN 'text' END"
    )
    return clock, offset, fault
