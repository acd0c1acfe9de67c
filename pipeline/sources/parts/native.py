"""The tables of a hospital's own layout: found, opened in a stream, and kept only as far as they are asked for.

The rows that are kept stand in temporary tables `native.<table>`; the SELECTs beside a source read them there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipeline.errors import SourceError, first_line
from pipeline.sources.parts import columns, files, registry

KEPT = "native_{}"
"""The temporary table that holds what is kept of a table."""


@dataclass(frozen=True)
class Native:
    """What is read of one table of the layout.

    columns -- the columns that must be there
    also -- those that are read where they are there
    moments -- of these columns of times the clock, offset and fault are read, under the prefix given
    asked -- SQL: is the row asked for? The others are passed over
    """

    name: str
    number: int
    role: str
    columns: Sequence[str]
    also: Sequence[str] = ()
    moments: Mapping[str, str] = field(default_factory=dict)
    asked: str = "TRUE"


def keep(connection: duckdb.DuckDBPyConnection, native: Native, path: Path, folder: Path) -> registry.File:
    """Read one table from end to end and keep the rows that are asked for. Raises SourceError in one sentence."""
    label = str(path.relative_to(folder))
    table = files.open_stream(connection, path, label)
    files.require(table, [(column,) for column in (*native.columns, *native.moments.values())])
    kept = KEPT.format(native.name)
    texts = [f"{columns.text(table.columns, name)} AS {name}" for name in (*native.columns, *native.also)]
    moments = [columns.moment(table.columns, time, "", prefix) for prefix, time in native.moments.items()]
    selected = ", ".join(["row_no AS source_row", *texts, *moments])
    try:
        # The last row is kept in any case: its number tells how many rows the file has.
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {kept} AS SELECT {selected}, coalesce({native.asked}, FALSE) AS is_asked "
            f"FROM {table.relation} WHERE is_asked OR is_last"
        )
    except duckdb.InvalidInputException as fault:
        raise SourceError(files.csv_fault(path, str(fault))) from fault
    except (duckdb.IOException, duckdb.ConversionException) as fault:
        raise SourceError(f"{label}: the file cannot be read ({first_line(fault)}); export it again.") from fault
    rows = connection.execute(f"SELECT coalesce(max(source_row), 0) FROM {kept}").fetchone()[0]
    connection.execute(f"DELETE FROM {kept} WHERE NOT is_asked")
    asked = connection.execute(f"SELECT count(*) FROM {kept}").fetchone()[0]
    return registry.File(native.number, label, native.role, rows - asked)


def keep_nothing(connection: duckdb.DuckDBPyConnection, native: Native) -> None:
    """A table that the folder does not have: no rows."""
    texts = [f"NULL::VARCHAR AS {name}" for name in (*native.columns, *native.also)]
    moments = [columns.moment({}, time, "", prefix) for prefix, time in native.moments.items()]
    selected = ", ".join(["NULL::BIGINT AS source_row", *texts, *moments])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {KEPT.format(native.name)} AS SELECT {selected} WHERE FALSE")


def load_mapping(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The mapping of a source as the temporary table `mapping`, every column text, words in lower case beside them."""
    read = f"read_csv({files.pattern(path)}, header = TRUE, all_varchar = TRUE, delim = ',', quote = '\"', escape = '\"')"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE mapping AS SELECT *, lower(text) AS word FROM {read}")


def make(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """One SELECT beside the source as the temporary table of its name."""
    select = (folder / f"{name}.sql").read_text(encoding="utf-8")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
