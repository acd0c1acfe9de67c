"""Opening the files of a source: one table, one file, and one sentence for whatever is wrong with it."""

import codecs
import csv
import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.errors import SourceError

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
    path: Path | None = None


NOTHING = Table("nothing", "nothing", 0, "(SELECT 1 AS row_no WHERE FALSE)", "row_no", {})
"""A table that is not there: no rows, no columns."""

_NUMBERS = {"subjects": 1, "observations": 2, "recorded_grades": 3}


def find(folder: Path, name: str, required: bool) -> Path | None:
    """The file of a table in the folder. Raises SourceError where it is missing or there are two."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise SourceError(f"{folder}: {what}; give the folder that holds subjects and observations.")
    found = [folder / f"{name}{ending}" for ending in ENDINGS if (folder / f"{name}{ending}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise SourceError(f"{folder}: {names} are two files of one table; keep one of them.")
    if not found and required:
        raise SourceError(
            f"{folder}: there is no {name} file ({', '.join(name + ending for ending in ENDINGS)}); "
            "give the folder of a cohort, see `cytograde sources`."
        )
    return found[0] if found else None


def open_table(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    """Open one file as a relation. Raises SourceError where it is empty, not UTF-8 or not what its ending says."""
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is empty; give at least its header line.")
    try:
        if path.name.endswith(".parquet"):
            return _open_parquet(connection, path, name)
        return _open_csv(connection, path, name)
    except duckdb.Error as fault:
        raise SourceError(f"{path.name}: the file cannot be read ({_first_line(fault)}); export it again.") from fault
    except (OSError, EOFError) as fault:
        raise SourceError(f"{path.name}: the file cannot be read ({fault}); check its permissions and that it is whole.") from fault


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    relation = f"read_parquet({literal(path)}, file_row_number = TRUE)"
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
    relation, columns = _lower_cased(path.name, relation, described, "file_row_number")
    return Table(name, path.name, _NUMBERS[name], relation, "file_row_number + 1", columns, path)


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Table:
    _check_utf8(path)
    header = _header(path)
    options = (
        "header = TRUE, delim = ',', quote = '\"', escape = '\"', all_varchar = TRUE, auto_detect = FALSE, "
        "null_padding = FALSE, strict_mode = TRUE"
    )
    names = "{" + ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header) + "}"
    read = f"read_csv({literal(path)}, columns = {names}, {options})"
    try:
        # Kept once as text: a row's number is its place in the file, and a refused row is read again from here.
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_rows AS SELECT row_number() OVER () AS row_no, * FROM {read}")
    except duckdb.InvalidInputException as fault:
        raise SourceError(f"{path.name}: {_csv_fault(str(fault))}") from fault
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (row_no) FROM {name}_rows").fetchall()
    relation, columns = _lower_cased(path.name, f"{name}_rows", described, "row_no")
    return Table(name, path.name, _NUMBERS[name], relation, "row_no", columns, path)


def _lower_cased(label: str, relation: str, described: list, row: str) -> tuple[str, dict[str, str]]:
    """The relation with lower-case, trimmed column names, so that `Subject_ID` is read as `subject_id`."""
    names = [description[0] for description in described]
    lowered = [name.strip().lower() for name in names]
    twice = [name for name in lowered if lowered.count(name) > 1]
    if twice:
        raise SourceError(f"{label}: the column {twice[0]!r} stands twice in the header; keep one of them.")
    selected = ", ".join(f"{_quoted(name)} AS {_quoted(low)}" for name, low in zip(names, lowered, strict=True))
    return f"(SELECT {row}, {selected} FROM {relation})", dict(zip(lowered, (d[1] for d in described), strict=True))


def from_arrow(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> Table:
    """A DataFrame of the API as a table of its own: copied in before anything reads it."""
    numbered = table.append_column("row_no", pa.array(range(1, table.num_rows + 1), pa.int64()))
    connection.register(f"{name}_arrow", numbered)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_rows AS SELECT * FROM {name}_arrow")
    connection.unregister(f"{name}_arrow")
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (row_no) FROM {name}_rows").fetchall()
    relation, columns = _lower_cased(name, f"{name}_rows", described, "row_no")
    return Table(name, name, _NUMBERS[name], relation, "row_no", columns)


def require(table: Table, wanted: list[tuple[str, ...]]) -> None:
    """Raises SourceError where the table has none of the columns of a group."""
    for group in wanted:
        if not any(column in table.columns for column in group):
            raise SourceError(
                f"{table.label}: the column {' or '.join(group)} is missing; "
                f"the file has {', '.join(table.columns) or 'no columns'}."
            )


def register(connection: duckdb.DuckDBPyConnection, tables: list[Table]) -> None:
    """Write `sources.files`: the number and name of every file that is read."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS sources")
    connection.execute("CREATE OR REPLACE TABLE sources.files (source_file_no UTINYINT, source_file VARCHAR)")
    for table in tables:
        connection.execute("INSERT INTO sources.files VALUES (?, ?)", [table.number, table.label])


def literal(path: Path | str) -> str:
    """A text as a SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _open_bytes(path: Path):
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")


def _check_utf8(path: Path) -> None:
    """Raises SourceError with the line of the first byte that is not UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with _open_bytes(path) as file:
        while block := file.read(1 << 20):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                line += block[: fault.start].count(b"\n")
                raise SourceError(f"{path.name}, line {line}: the text is not UTF-8; export the file as UTF-8.") from fault
            line += block.count(b"\n")


def _header(path: Path) -> list[str]:
    """The names in the first line. Raises SourceError where there is none."""
    with _open_bytes(path) as file:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
        header = next(rows, [])
    if not header or not any(name.strip() for name in header):
        raise SourceError(f"{path.name}: the first line is blank; it must name the columns.")
    lowered = [name.strip().lower() for name in header]
    twice = [name for name in lowered if name and lowered.count(name) > 1]
    if twice:
        raise SourceError(f"{path.name}: the column {twice[0]!r} stands twice in the header; keep one of them.")
    if len(header) == 1 and ";" in header[0]:
        raise SourceError(f"{path.name}: the columns are parted by semicolons; export the file with commas.")
    return [name.strip() or f"unnamed_{number}" for number, name in enumerate(header, start=1)]


def _csv_fault(message: str) -> str:
    """DuckDB's report of a broken CSV row, in one sentence."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    place = f"line {line[1]}" if line else "a line"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if counts:
        return f"{place} has {counts[2]} columns where the header has {counts[1]}; quote texts that hold commas."
    if "quote" in message.lower():
        return f"{place} has a quote that is not closed; double the quotes inside a quoted text."
    return f"{place} is not CSV as the header announces it; export the file again."


def _first_line(fault: Exception) -> str:
    return str(fault).splitlines()[0]
