"""What a source says of itself: the files it read, and what the minute zero of its subjects is."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipeline.sources.parts.columns import insert

INFUSION = "Time zero is the start of the infusion, as it was given."


@dataclass(frozen=True)
class File:
    """A file, or one column of a file whose rows hold several chartings, that a source read.

    name -- the file within the folder, and after a colon the column, where it is one of several
    role -- subjects, observations or recorded_grades; looked_up where it only helps to read another
    passed_over -- rows that speak of nothing that is read: other items, other patients
    rows -- all rows of the file, where they were counted
    """

    number: int
    name: str
    role: str
    passed_over: int = 0
    rows: int = 0


def register(connection: duckdb.DuckDBPyConnection, files: Iterable[File]) -> None:
    """Write `sources.files`: the number, name and role of every file that is read; no column is left unread so far."""
    connection.execute(
        "CREATE OR REPLACE TABLE sources.files "
        "(source_file_no UTINYINT, source_file VARCHAR, role VARCHAR, rows_passed_over BIGINT)"
    )
    insert(connection, "sources.files", [(file.number, file.name, file.role, file.passed_over) for file in files])
    note_unread(connection)


UNREAD_ROWS = 100_000
"""Of a column that is not read, the screen for identifiers looks at the first rows of the file."""


def note_unread(connection: duckdb.DuckDBPyConnection, parts: Iterable[str] = ()) -> None:
    """Make the view `sources.unread`: the texts of columns that are in a file and not read.

    parts -- SQL, each with source_file_no, source_row, column_name and text
    """
    nothing = "SELECT NULL::UTINYINT AS source_file_no, NULL::BIGINT AS source_row, '' AS column_name, '' AS text WHERE FALSE"
    connection.execute(f"CREATE OR REPLACE VIEW sources.unread AS {' UNION ALL '.join([nothing, *parts])}")


def note_time_zero(connection: duckdb.DuckDBPyConnection, sentence: str, is_stand_in: bool = False) -> None:
    """Write `sources.time_zero`: one sentence on what the minute zero is, and whether it stands in for an infusion."""
    connection.execute("CREATE OR REPLACE TABLE sources.time_zero (is_stand_in BOOLEAN, sentence VARCHAR)")
    insert(connection, "sources.time_zero", [(is_stand_in, sentence)])
