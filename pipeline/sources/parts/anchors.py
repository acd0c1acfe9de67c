"""When each patient of a hospital's data was infused: from the user's file of anchors, or a stand-in that says so.

`anchors` is then a temporary table: subject_id and the clock, offset and fault of the infusion.
"""

from pathlib import Path

import duckdb

from pipeline.errors import SourceError
from pipeline.sources.parts import columns, files, registry

FIRST_STAY = (
    "Time zero is a stand-in, the start of each patient's first ICU stay: "
    "nobody in these data is known to have been infused, so no grade in them is CRS."
)
NAMED_STAY = (
    "Time zero is a stand-in, the start of the ICU stay that the anchors name: "
    "nobody in these data is known to have been infused, so no grade in them is CRS."
)


def read(connection: duckdb.DuckDBPyConnection, path: Path | None, stays: str, patients: str) -> None:
    """Make the table `anchors` and note what time zero is. Raises SourceError where the file does not fit the data.

    path -- a CSV or Parquet file of subject_id or stay_id, and infusion_time; none for the first stay of each patient
    stays -- SQL relation of stay_id, subject_id, start_clock, start_offset
    patients -- SQL relation of subject_id
    """
    if path is None:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE anchors AS SELECT subject_id, min(start_clock) AS infusion_clock, "
            "min(start_offset) AS infusion_offset, NULL::VARCHAR AS infusion_fault "
            f"FROM {stays} WHERE start_clock IS NOT NULL GROUP BY subject_id"
        )
        registry.note_time_zero(connection, FIRST_STAY, is_stand_in=True)
        return
    if not path.is_file():
        raise SourceError(f"--anchors {path}: there is no such file; give a file of subject_id and infusion_time.")
    table = files.open_stream(connection, path, path.name)
    files.require(table, [("subject_id", "stay_id"), *([] if "stay_id" in table.columns else [("infusion_time",)])])
    by, moment = _columns(table)
    found = f"LEFT JOIN {stays} AS s ON s.stay_id = a.key" if by == "stay_id" else f"LEFT JOIN {patients} AS s ON s.subject_id = a.key"
    start = moment or "s.start_clock AS infusion_clock, s.start_offset AS infusion_offset, NULL::VARCHAR AS infusion_fault"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE anchors AS SELECT a.row_no, a.key, s.subject_id, {start} "
        f"FROM (SELECT *, trim({columns.text(table.columns, by)}) AS key FROM {table.relation}) AS a {found}"
    )
    _check(connection, path.name, by)
    if moment is None:
        registry.note_time_zero(connection, NAMED_STAY, is_stand_in=True)
    else:
        registry.note_time_zero(connection, registry.INFUSION)


def _columns(table: files.Table) -> tuple[str, str | None]:
    """Which column names the patient, and SQL of the time; None where the start of the stay is taken."""
    by = "subject_id" if "subject_id" in table.columns else "stay_id"
    if "infusion_time" not in table.columns:
        return "stay_id", None
    return by, columns.moment(table.columns, "infusion_time", "", "infusion")


def _check(connection: duckdb.DuckDBPyConnection, label: str, by: str) -> None:
    """Raises SourceError for the first row of the anchors that no patient can be infused by."""
    first = connection.execute(
        "SELECT row_no, key, CASE "
        "WHEN subject_id IS NULL THEN 'unknown' WHEN times_named > 1 THEN 'twice' ELSE infusion_fault END AS fault "
        "FROM (SELECT *, count(*) OVER (PARTITION BY subject_id) AS times_named FROM anchors) "
        "WHERE fault IS NOT NULL ORDER BY row_no LIMIT 1"
    ).fetchone()
    if first is None:
        if connection.execute("SELECT count(*) FROM anchors").fetchone()[0]:
            return
        raise SourceError(f"{label}: there is no patient in it; give one row per patient of the cohort.")
    row, key, fault = first
    reasons = {
        "unknown": f"no patient of the data has this {by}; correct it, or leave the row out",
        "twice": "the patient is named twice; give one infusion per patient, the first",
        "missing": "infusion_time is empty; give it, or leave the row out",
    }
    reason = reasons.get(fault, "infusion_time cannot be read; write ISO 8601 with a time of day, such as 2031-05-04T14:30")
    raise SourceError(f"{label}, row {row}, {by} {key!r}: {reason}.")
