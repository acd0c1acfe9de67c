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
    """Write `sources.files`: the number, name and role of every file that is read."""
    connection.execute(
        "CREATE OR REPLACE TABLE sources.files "
        "(source_file_no UTINYINT, source_file VARCHAR, role VARCHAR, rows_passed_over BIGINT)"
    )
    insert(connection, "sources.files", [(file.number, file.name, file.role, file.passed_over) for file in files])


def note_time_zero(connection: duckdb.DuckDBPyConnection, sentence: str, is_stand_in: bool = False) -> None:
    """Write `sources.time_zero`: one sentence on what the minute zero is, and whether it stands in for an infusion."""
    connection.execute("CREATE OR REPLACE TABLE sources.time_zero (is_stand_in BOOLEAN, sentence VARCHAR)")
    insert(connection, "sources.time_zero", [(is_stand_in, sentence)])
