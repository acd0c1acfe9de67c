"""How DuckDB is opened: with no extension fetched, in UTC, in silence."""

import duckdb


def connect(database: str = ":memory:", read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that fetches no extension, counts time in UTC and draws no progress."""
    connection = duckdb.connect(database, read_only=read_only)
    connection.execute("SET autoinstall_known_extensions = FALSE")
    connection.execute("SET autoload_known_extensions = FALSE")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = FALSE")
    return connection
