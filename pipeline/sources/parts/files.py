"""Opening the files of a source: one table, one file, and one sentence for whatever is wrong with it."""

import base64
import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import database
from pipeline.errors import SourceError, first_line
from pipeline.sources.parts import scratch
from pipeline.sources.parts.columns import DURATIONS, HALF, OF_A_LIBRARY, WIDE, literal, quoted

ENDINGS = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class Table:
    """One opened table: what it is called in messages, its relation in SQL, and its columns with their types.

    row -- SQL of the row's number in the file, the first row after the header being 1
    """

    name: str
    label: str
    number: int
    relation: str
    row: str
    columns: dict[str, str]


NOTHING = Table("nothing", "nothing", 0, "(SELECT 1 AS row_no WHERE FALSE)", "row_no", {})
"""A table that is not there: no rows, no columns."""

ROW = "__row"
"""The column in which a table that is copied in keeps its row numbers."""

PARTINGS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What a CSV file may have in place of commas."""

_NUMBERS = {"subjects": 1, "observations": 2, "recorded_grades": 3}


def find(folder: Path, name: str, required: bool) -> Path | None:
    """The file of a table in the folder. Raises SourceError where it is missing or there are two."""
    try:
        if not folder.is_dir():
            what = "is a file, not a folder" if folder.exists() else "does not exist"
            raise SourceError(f"{folder}: {what}; give the folder that holds subjects and observations.")
        found = [folder / f"{name}{ending}" for ending in ENDINGS if (folder / f"{name}{ending}").is_file()]
    except OSError as fault:
        raise SourceError(
            f"{folder}: the folder cannot be read ({fault.strerror}); check its name and permissions."
        ) from fault
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise SourceError(f"{folder}: {names} are two files of one table; keep one of them.")
    if not found and required:
        raise SourceError(
            f"{folder}: there is no {name} file ({', '.join(name + ending for ending in ENDINGS)}) in it; "
            "give the folder of a cohort, see `cytograde sources`."
        )
    return found[0] if found else None


def open_table(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    """Open one file as a relation. Raises SourceError where it is empty, not UTF-8 or not what its ending says."""
    try:
        if path.stat().st_size == 0:
            raise SourceError(f"{path.name}: the file is empty; give at least its header line.")
        if path.name.endswith(".parquet"):
            return _open_parquet(connection, path, name)
        return _open_csv(connection, path, name)
    except (duckdb.Error, pa.ArrowException) as fault:
        raise SourceError(f"{path.name}: the file cannot be read ({first_line(fault)}); export it again.") from fault
    except (OSError, EOFError, zlib.error) as fault:
        raise SourceError(
            f"{path.name}: the file cannot be read ({fault}); check that it is whole and may be read."
        ) from fault


def check_whole(path: Path) -> None:
    """Read a Parquet file to its end. Raises SourceError where that fails: only its columns tell of a damage."""
    try:
        with duckdb.connect() as connection:
            connection.execute(f"SELECT max(hash(COLUMNS(*))) FROM {_read_parquet(path)}").fetchall()
    except duckdb.Error as fault:
        raise SourceError(f"{path.name}: the file is damaged ({first_line(fault)}); export it again.") from fault


def _read_parquet(path: Path) -> str:
    return (
        f"read_parquet({pattern(path)}, file_row_number = TRUE, hive_partitioning = FALSE, "
        # A footer says nothing of NaN, and DuckDB 2 answers isnan() from it.
        "binary_as_string = TRUE, can_have_nan = TRUE)"
    )


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    relation = _read_parquet(path)
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
    schema = _arrow_schema(path)
    _check_names(path.name, schema.names)
    if name == "subjects" and any(_is_zoned(_plain(field.type)) for field in schema):
        return from_arrow(connection, name, pq.ParquetFile(path).read(), path.name)
    relation, columns = _lower_cased(path.name, relation, described, "file_row_number")
    return Table(name, path.name, _NUMBERS[name], relation, "file_row_number + 1", columns | _kinds(schema))


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    _check_utf8(path)
    try:
        return _copied(connection, name, path.name, f"SELECT row_number() OVER () AS {ROW}, * FROM {_read_csv(path)}")
    except duckdb.InvalidInputException as fault:
        raise SourceError(csv_fault(path, str(fault))) from fault


def _read_csv(path: Path) -> str:
    """SQL that reads a CSV file as texts, by the names of its header."""
    header = _header(path)
    options = (
        "header = TRUE, delim = ',', quote = '\"', escape = '\"', all_varchar = TRUE, auto_detect = FALSE, "
        "null_padding = FALSE, strict_mode = TRUE, hive_partitioning = FALSE"
    )
    names = "{" + ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header) + "}"
    return f"read_csv({pattern(path)}, columns = {names}, {options})"


def open_stream(connection: duckdb.DuckDBPyConnection, path: Path, label: str) -> Table:
    """Open a file to be read once, from its first row to its last, however large it is.

    Beside its own columns the relation has `row_no`, and `is_last` in the last row. Raises SourceError where the file
    is empty or not what its ending says.
    """
    try:
        if path.stat().st_size == 0:
            raise SourceError(f"{label}: the file is empty; give at least its header line.")
        if path.name.endswith(".parquet"):
            rows = pq.read_metadata(path).num_rows
            read, row, last = _read_parquet(path), "file_row_number + 1", f"file_row_number + 1 = {rows}"
        else:
            read, row, last = _read_csv(path), "row_number() OVER ()", "lead(1) OVER () IS NULL"
        described = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
    except (duckdb.Error, pa.ArrowException) as fault:
        raise SourceError(f"{label}: the file cannot be read ({first_line(fault)}); export it again.") from fault
    except (OSError, EOFError, zlib.error) as fault:
        raise SourceError(f"{label}: the file cannot be read ({fault}); check that it is whole and may be read.") from fault
    given = [one for one in described if one[0] != "file_row_number"]
    lowered = _check_names(label, [one[0] for one in given])
    named = ", ".join(f"{quoted(one[0])} AS {quoted(low)}" for one, low in zip(given, lowered, strict=True))
    relation = f"(SELECT {row} AS row_no, {last} AS is_last, {named} FROM {read})"
    columns = dict(zip(lowered, (one[1] for one in given), strict=True))
    if path.name.endswith(".parquet"):
        columns |= _kinds(_arrow_schema(path))
    return Table(label, label, 0, relation, "row_no", columns)


def _arrow_schema(path: Path) -> pa.Schema:
    """Return the schema of a Parquet file, durations in a dictionary too: of these only the note of its writer tells."""
    schema, noted = pq.read_schema(path), (pq.read_metadata(path).metadata or {}).get(b"ARROW:schema")
    if noted is None:
        return schema
    fields = pa.ipc.read_schema(pa.BufferReader(base64.b64decode(noted)))
    durations = {field.name: field for field in fields if pa.types.is_duration(_plain(field.type))}
    return pa.schema([durations.get(field.name, field) for field in schema])


def _kinds(schema: pa.Schema) -> dict[str, str]:
    """Return the kinds that DuckDB does not tell, by the lower-case name of the column."""
    kinds = {field.name.strip().lower(): _kind(field) for field in schema}
    return {name: kind for name, kind in kinds.items() if kind}


def _kind(field: pa.Field) -> str | None:
    """Return the kind of a column where DuckDB does not tell it."""
    plain = _plain(field.type)
    if pa.types.is_duration(plain):
        return f"DURATION({plain.unit})"
    if pa.types.is_float16(plain):
        return HALF
    if pa.types.is_decimal256(plain):
        return WIDE
    made = getattr(field.type, "extension_name", None) or (field.metadata or {}).get(b"ARROW:extension:name", b"").decode()
    # These two stay what they are: an id, and a text.
    return OF_A_LIBRARY if made and made not in ("arrow.uuid", "arrow.json") else None


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values themselves, where a column is a dictionary of them."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_zoned(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and kind.tz is not None


def _copied(connection: duckdb.DuckDBPyConnection, name: str, label: str, select: str) -> Table:
    """A table kept as it was given: a row's number is its place there, and a refused row is read again from here."""
    copy = f"{name}_rows"
    connection.execute(f"CREATE OR REPLACE {scratch.table(connection, copy)} AS {select}")
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE ({ROW}) FROM {copy}").fetchall()
    relation, columns = _lower_cased(label, copy, described, ROW)
    return Table(name, label, _NUMBERS[name], relation, ROW, columns)


def _lower_cased(label: str, relation: str, described: list, row: str) -> tuple[str, dict[str, str]]:
    """The relation with lower-case, trimmed column names, so that `Subject_ID` is read as `subject_id`."""
    names = [description[0] for description in described]
    lowered = _check_names(label, names)
    selected = ", ".join(f"{quoted(name)} AS {quoted(low)}" for name, low in zip(names, lowered, strict=True))
    return f"(SELECT {row}, {selected} FROM {relation})", dict(zip(lowered, (d[1] for d in described), strict=True))


def _check_names(label: str, names: list[str]) -> list[str]:
    """The names trimmed and in lower case. Raises SourceError where two of them are then the same."""
    lowered = [name.strip().lower() for name in names]
    twice = [name for name in lowered if name and lowered.count(name) > 1]
    if twice:
        raise SourceError(f"{label}: the column {twice[0]!r} stands twice in the header; keep one of them.")
    return lowered


def from_arrow(
    connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, label: str | None = None
) -> Table:
    """A DataFrame of the API as a table of its own: copied in before anything reads it."""
    _check_names(label or name, table.column_names)
    kinds = _kinds(table.schema)
    table = _readable(table)
    if name == "subjects":
        table = _with_offsets(table)
    numbered = table.append_column(ROW, pa.array(range(1, table.num_rows + 1), pa.int64()))
    database.register(connection, f"{name}_arrow", numbered)
    try:
        copied = _copied(connection, name, label or name, f"SELECT * FROM {name}_arrow")
    except duckdb.ConversionException as fault:
        raise SourceError(f"{label or name}: the columns cannot be read ({first_line(fault)}); correct them.") from fault
    finally:
        connection.unregister(f"{name}_arrow")
    return replace(copied, columns=copied.columns | kinds)


def _readable(table: pa.Table) -> pa.Table:
    """Return the table with columns that DuckDB reads from Arrow: durations as integers, half precision numbers as floats.

    Dictionaries of anything but texts are undone: DuckDB makes texts of them, and a time in a zone would lose it.
    """
    for number, field in enumerate(table.schema):
        plain, column = _plain(field.type), table.column(number)
        if plain != field.type and not (pa.types.is_string(plain) or pa.types.is_large_string(plain)):
            column = column.cast(plain)
        if pa.types.is_duration(plain):
            column = column.cast(pa.int64())
        if pa.types.is_float16(plain):
            column = column.cast(pa.float32())
        if pa.types.is_decimal256(plain):
            column = column.cast(pa.string())
        if column.type != field.type:
            table = table.set_column(number, field.name, column)
    return table


def _with_offsets(table: pa.Table) -> pa.Table:
    """Times in a zone as ISO 8601 with their offset there: DuckDB keeps no zone, and days are counted in it."""
    for number, field in enumerate(table.schema):
        if _is_zoned(field.type):
            times = [None if time is None else time.isoformat() for time in table.column(number).to_pylist()]
            table = table.set_column(number, field.name, pa.array(times, pa.string()))
    return table


def require(table: Table, wanted: list[tuple[str, ...]]) -> None:
    """Raises SourceError where the table has none of the columns of a group."""
    for group in wanted:
        if not any(column in table.columns for column in group):
            raise SourceError(
                f"{table.label}: the column {' or '.join(group)} is missing; add it, or rename the one "
                f"that holds it (there is {listed(table.columns) or 'no column'})."
            )


def check_kinds(table: Table, read: Iterable[str], hours: Iterable[str] = ()) -> None:
    """Raises SourceError where a column that is read is of a kind that DuckDB would take for plain numbers.

    hours -- the columns among them that count hours, which durations may
    """
    reasons = {
        HALF: (
            "half precision numbers (float16), in which 100.4 is 100.375; "
            "write it as float or double from the source, not from these"
        ),
        WIDE: "decimals of over 38 digits; write it as double",
        OF_A_LIBRARY: "values of a type that only the library that wrote it knows; write them as plain texts, numbers or times",
        **dict.fromkeys(DURATIONS, "durations, which only a column of hours may; write it as plain numbers, texts or times"),
    }
    for name in read:
        kind = table.columns.get(name)
        if kind in reasons and not (kind in DURATIONS and name in hours):
            raise SourceError(f"{table.label}: the column {name!r} holds {reasons[kind]}.")


def listed(names: Iterable[str]) -> str:
    """Names of columns in a sentence: on one line, whatever they hold."""
    return ", ".join(" ".join(name.split()) for name in names)


def pattern(path: Path) -> str:
    """A path as the SQL literal of a pattern that matches it alone, even in a folder `cohort[1]`."""
    return literal(re.sub(r"([*?[])", r"[\1]", str(path)))


def _open_bytes(path: Path):
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")


def stream_fault(path: Path, label: str, fault: duckdb.Error) -> SourceError:
    """Why a file could not be read to its end, in one sentence. DuckDB is not asked what else is wrong with the text."""
    try:
        if not path.name.endswith(".parquet"):
            _check_utf8(path)
    except SourceError as found:
        return found
    except (OSError, EOFError, zlib.error) as found:
        return SourceError(f"{label}: the file cannot be read ({found}); check that it is whole and may be read.")
    if isinstance(fault, duckdb.InvalidInputException):
        return SourceError(csv_fault(path, str(fault)))
    return SourceError(f"{label}: the file cannot be read ({first_line(fault)}); export it again.")


@contextmanager
def checked_beside(path: Path, label: str) -> Iterator[None]:
    """Unpack a .gz file to its end while it is read: one that was cut off is read as far as it goes, with no word.

    Raises SourceError where it was.
    """
    with ThreadPoolExecutor(1) as beside:
        check = beside.submit(_unpack, path)
        yield
        try:
            check.result()
        except (OSError, EOFError, zlib.error) as fault:
            raise SourceError(
                f"{label}: the file cannot be read ({fault}); check that it is whole and may be read."
            ) from fault


def _unpack(path: Path) -> None:
    if path.name.endswith(".gz"):
        with gzip.open(path, "rb") as file:
            while file.read(1 << 22):
                pass


def _check_utf8(path: Path) -> None:
    """Raises SourceError with the line of the first byte that is not UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with _open_bytes(path) as file:
        block = b"-"
        while block:
            block = file.read(1 << 20)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as fault:
                line += fault.object[: fault.start].count(b"\n")
                raise SourceError(
                    f"{path.name}, line {line}: the text is not UTF-8; export the file as UTF-8."
                ) from fault
            line += block.count(b"\n")


def _header(path: Path) -> list[str]:
    """The names in the first line. Raises SourceError where there is none."""
    with _open_bytes(path) as file:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=""), strict=True)
        try:
            header = next(rows, None)
        except csv.Error as fault:
            raise SourceError(
                f"{path.name}, line 1: the header has a quote that is not closed; close it, or leave it out."
            ) from fault
    if header is None:
        raise SourceError(f"{path.name}: the file is empty; give at least its header line.")
    if not any(name.strip() for name in header):
        raise SourceError(f"{path.name}, line 1: the line is blank; name the columns there.")
    _check_names(path.name, header)
    for parting, word in PARTINGS.items():
        if len(header) == 1 and parting in header[0]:
            raise SourceError(f"{path.name}: the columns are parted by {word}; export the file with commas.")
    return [name.strip() or f"unnamed_{number}" for number, name in enumerate(header, start=1)]


def csv_fault(path: Path, message: str) -> str:
    """DuckDB's report of a broken CSV row, in one sentence."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    place = f"{path.name}, line {line[1]}" if line else path.name
    counts = re.search(r"^Expected Number of Columns: (\d+) Found: (\d+)", message, re.M)
    if counts:
        return (
            f"{place}: the row has {counts[2]} columns where the header has {counts[1]}; "
            "give every row as many, and quote texts that hold commas."
        )
    if re.search(r"unicode|utf-8", message, re.I):
        return f"{place}: the text is not UTF-8; export the file as UTF-8."
    if re.search(r"^Value with unterminated quote", message, re.M):
        return f"{place}: a quote is not closed; close it, and double the quotes inside a quoted text."
    if re.search(r"^Maximum line size", message, re.M):
        return f"{place}: the row is longer than 2,000,000 bytes; close its quotes, or shorten its texts."
    return f"{place}: the row is not CSV as its header announces it; export the file again, with one kind of line end."
