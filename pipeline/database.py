"""How DuckDB is opened: with no extension fetched, in UTC, in silence."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipeline.sources.parts.columns import literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa


def connect(database: str = ":memory:", read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that fetches no extension, counts time in UTC and draws no progress."""
    connection = duckdb.connect(database, read_only=read_only)
    connection.execute("SET autoinstall_known_extensions = FALSE")
    connection.execute("SET autoload_known_extensions = FALSE")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = FALSE")
    return connection


def arrow(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()) -> "pa.Table":
    """Return what a query gives as an Arrow table: as a relation, since DuckDB 2 warns of Arrow from a result of execute()."""
    _end_last_result(connection)
    return connection.sql(query, params=list(parameters)).to_arrow_table()


def register(connection: duckdb.DuckDBPyConnection, name: str, table: "pa.Table") -> None:
    """Make an Arrow table readable by its name."""
    _end_last_result(connection)
    connection.register(name, table)


def _end_last_result(connection: duckdb.DuckDBPyConnection) -> None:
    """End what the last execute() left open, such as all rows but the first: DuckDB 2 refuses relations beside it."""
    connection.execute("SELECT NULL WHERE FALSE").fetchall()


def create(path: Path) -> duckdb.DuckDBPyConnection:
    """A new database in a file that a break does not have to be mended after: it is whole once it is closed.

    It is filled aside and thrown away where the filling breaks off. So nothing is written twice, first to a log and then
    to the database, and nothing waits for the disk before the end.
    """
    connection = connect()
    connection.execute(f"ATTACH {literal(path)} AS {quoted(path.stem)} (RECOVERY_MODE no_wal_writes)")
    connection.execute(f"USE {quoted(path.stem)}")
    connection.execute("SET checkpoint_threshold = '1TB'")
    return connection


def another(connection: duckdb.DuckDBPyConnection, macros: Iterable[str] = ()) -> duckdb.DuckDBPyConnection:
    """A second connection to the same database, with the variables of the first: for a thread of its own.

    macros -- statements that make the temporary macros, which a connection has for itself
    """
    path, variables = connection.execute(
        "SELECT current_setting('search_path'), "
        "(SELECT string_agg('SET VARIABLE ' || name || ' = ' || value || ';', '') FROM duckdb_variables())"
    ).fetchone()
    other = connection.cursor()
    other.execute("SET TimeZone = 'UTC'")
    other.execute("SET enable_progress_bar = FALSE")
    if path:
        other.execute(f"SET search_path = {literal(path)}")
    other.execute("".join([variables or "", *macros]))
    return other
