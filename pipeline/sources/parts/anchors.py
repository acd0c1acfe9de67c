"""When each patient of a hospital's data was infused: from the user's file of anchors, or a stand-in that says so.

`anchors` is then a temporary table: subject_id and the clock, offset and fault of the infusion.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.errors import SourceError
from pipeline.sources.parts import columns, files, registry

FIRST_STAY = (
    "Time zero is a stand-in, the start of each patient's first ICU stay: "
    "nobody in these data is known to have been infused, so no grade in them is CRS."
)
NAMED_STAY = (
    "Time zero is a stand-in, the start of the stay that the anchors name: "
    "nobody in these data is known to have been infused, so no grade in them is CRS."
)


@dataclass(frozen=True)
class Keys:
    """How a layout names a patient and a stay, and whether its clocks carry a zone."""

    patient: str = "subject_id"
    stay: str = "stay_id"
    is_zoned: bool = False


def read(connection: duckdb.DuckDBPyConnection, path: Path | None, stays: str, patients: str, keys: Keys = Keys()) -> None:
    """Make the table `anchors` and note what time zero is. Raises SourceError where the file does not fit the data.

    path -- a CSV or Parquet file of patients or stays, and infusion_time; none for the first ICU stay of each patient
    stays -- SQL relation of stay_id, subject_id, start_clock, start_offset and is_icu
    patients -- SQL relation of subject_id
    """
    if path is None:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE anchors AS SELECT subject_id, min(start_clock) AS infusion_clock, "
            "min(start_offset) AS infusion_offset, NULL::VARCHAR AS infusion_fault "
            f"FROM {stays} WHERE is_icu AND start_clock IS NOT NULL GROUP BY subject_id"
        )
        registry.note_time_zero(connection, FIRST_STAY, is_stand_in=True)
        return
    if not path.is_file():
        raise SourceError(f"--anchors {path}: there is no such file; give a file of {keys.patient} and infusion_time.")
    table = files.open_stream(connection, path, path.name)
    patient = "subject_id" if "subject_id" in table.columns else keys.patient
    has_time = "infusion_time" in table.columns
    by_patient = patient in table.columns and (has_time or keys.stay not in table.columns)
    files.require(table, [(patient, keys.stay), *([("infusion_time",)] if by_patient else [])])
    files.check_kinds(table, (patient, keys.stay, "infusion_time"))
    by = patient if by_patient else keys.stay
    known = f"(SELECT DISTINCT subject_id AS key, subject_id, NULL AS start_clock, NULL AS start_offset FROM {patients})"
    if not by_patient:
        known = f"(SELECT stay_id AS key, subject_id, start_clock, start_offset FROM {stays})"
    start = "s.start_clock AS infusion_clock, s.start_offset AS infusion_offset, NULL::VARCHAR AS infusion_fault"
    if has_time:
        start = columns.moment(table.columns, "infusion_time", "", "infusion")
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE anchors AS SELECT a.row_no, a.key, s.subject_id, {start} "
            f"FROM (SELECT *, trim({columns.text(table.columns, by)}) AS key FROM {table.relation}) AS a "
            f"LEFT JOIN {known} AS s USING (key)"
        )
    except duckdb.Error as fault:
        raise files.stream_fault(path, path.name, fault) from fault
    _check(connection, path.name, by, keys.is_zoned)
    registry.note_time_zero(connection, *((registry.INFUSION,) if has_time else (NAMED_STAY, True)))


def _check(connection: duckdb.DuckDBPyConnection, label: str, by: str, is_zoned: bool) -> None:
    """Raises SourceError for the first row of the anchors that no patient can be infused by."""
    first = connection.execute(
        "SELECT row_no, key, CASE "
        "WHEN subject_id IS NULL THEN 'unknown' WHEN times_named > 1 THEN 'twice' "
        "WHEN infusion_fault IS NULL AND infusion_clock IS NULL THEN 'no start' "
        "WHEN infusion_fault IS NULL AND (infusion_offset IS NOT NULL) <> ? THEN 'zone' ELSE infusion_fault END AS fault "
        "FROM (SELECT *, count(*) OVER (PARTITION BY subject_id) AS times_named FROM anchors) "
        "WHERE fault IS NOT NULL ORDER BY row_no LIMIT 1",
        [is_zoned],
    ).fetchone()
    if first is None:
        if connection.execute("SELECT count(*) FROM anchors").fetchone()[0]:
            return
        raise SourceError(f"{label}: there is no patient in it; give one row per patient of the cohort.")
    row, key, fault = first
    reasons = {
        "unknown": f"no patient of the data has this {by}; correct it, or leave the row out",
        "no start": "the stay has no start; give infusion_time, or leave the row out",
        "twice": "the patient is named twice; give one infusion per patient, the first",
        "zone": "infusion_time has a zone offset and the charts have none; write it as the clock on the wall, 2031-05-04T14:30"
        if not is_zoned
        else "infusion_time has no zone offset and the charts are in UTC; write it with its own, 2031-05-04T14:30-05:00",
        "missing": "infusion_time is empty; give it, or leave the row out",
    }
    reason = reasons.get(fault, "infusion_time cannot be read; write ISO 8601 with a time of day, such as 2031-05-04T14:30")
    raise SourceError(f"{label}, row {row}, {by} {key!r}: {reason}.")
