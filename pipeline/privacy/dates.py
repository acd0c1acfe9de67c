"""The one table with calendar dates: it goes when the build is done, unless it was asked for."""

import duckdb

from pipeline.database import arrow, register
from pipeline.sources.parts.columns import literal

TABLE = "staging.infusions"
"""Every other table counts in minutes and days from the infusion."""


def settle(connection: duckdb.DuckDBPyConnection, kept: bool) -> None:
    """Make a table of the view on the infusion times, or take it away. With it any minute can be dated again."""
    described = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE schema_name || '.' || table_name = ?", [TABLE]
    ).fetchall()
    sentence = connection.execute(
        "SELECT comment FROM duckdb_views() WHERE schema_name || '.' || view_name = ?", [TABLE]
    ).fetchone()[0]
    rows = arrow(connection, f"SELECT * FROM {TABLE} ORDER BY subject_id") if kept else None
    connection.execute(f"DROP VIEW {TABLE}")
    if rows is None:
        return
    register(connection, "infusions_arrow", rows)
    connection.execute(f"CREATE TABLE {TABLE} AS FROM infusions_arrow")
    connection.unregister("infusions_arrow")
    connection.execute(f"COMMENT ON TABLE {TABLE} IS {literal(sentence)}")
    for column, comment in described:
        if comment:
            connection.execute(f"COMMENT ON COLUMN {TABLE}.{column} IS {literal(comment)}")
