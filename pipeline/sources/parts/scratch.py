"""Where a source puts what only the build needs: a database of its own beside the results, or the memory of the API."""

from pathlib import Path

import duckdb

from pipeline.sources.parts.columns import literal

NAME = "scratch"


def attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Keep what the source reads in a file, compressed, so that a large cohort needs little memory."""
    connection.execute(f"ATTACH {literal(path)} AS {NAME}")
    own = connection.execute("SELECT current_database()").fetchone()[0]
    connection.execute(f"SET search_path = '{own}.main,{NAME}.main'")


def table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """What follows CREATE OR REPLACE for such a table; it is read by its bare name."""
    attached = connection.execute(f"SELECT count(*) FROM duckdb_databases() WHERE database_name = '{NAME}'").fetchone()[0]
    return f"TABLE {NAME}.main.{name}" if attached else f"TEMP TABLE {name}"
