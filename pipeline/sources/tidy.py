"""Source `tidy`: a folder of subjects, observations and, perhaps, recorded_grades, as .csv, .csv.gz or .parquet."""

from pathlib import Path

import duckdb

from pipeline.errors import UsageError
from pipeline.sources.parts import columns, files, registry

LAYOUT = """A folder with these files, each as .csv, .csv.gz or .parquet.
  subjects         subject_id, infusion_time (or every time in hours), age_years, sex, site, arm, product,
                   death_time or death_hour, death_cause, followup_end_time or followup_end_hour
  observations     subject_id, concept, start_time or start_hour, end_time or end_hour, value, unit, indication
  recorded_grades  (optional) subject_id, system, grade, start_time or start_hour, end_time or end_hour, recorder
Times are ISO 8601 with a clock, and with a zone offset on all times of a subject or on none; days are counted in the
offset of the infusion. Hours count from the infusion and may be negative; a duration is its hours. Where both a time and
hours are given, the time is taken.
age_years is at most 90, which stands for 90 or older.
CSV is UTF-8, parted by commas; a blank line is no row, and row 1 is the first after the header."""

SUBJECTS = (
    "subject_id", "infusion_time", "age_years", "sex", "site", "arm", "product", "death_time", "death_hour",
    "death_cause", "followup_end_time", "followup_end_hour",
)  # fmt: skip
OBSERVATIONS = (
    "subject_id", "concept", "start_time", "start_hour", "end_time", "end_hour", "value", "unit", "indication",
)  # fmt: skip
HOURS = ("start_hour", "end_hour", "death_hour", "followup_end_hour")
RECORDED = ("subject_id", "system", "grade", "start_time", "start_hour", "end_time", "end_hour", "recorder")


def read(connection: duckdb.DuckDBPyConnection, folder: Path, anchors: Path | None = None) -> list[str]:
    """Read the folder into the schema `sources`. Returns notices. Raises SourceError in one sentence."""
    if anchors is not None:
        raise UsageError("--anchors: the source tidy has its infusion times in its subjects file; leave --anchors out.")
    tables = {
        "subjects": files.find(folder, "subjects", required=True),
        "observations": files.find(folder, "observations", required=True),
        "recorded_grades": files.find(folder, "recorded_grades", required=False),
    }
    opened = {name: files.open_table(connection, path, name) for name, path in tables.items() if path}
    return build(connection, opened)


def build(connection: duckdb.DuckDBPyConnection, opened: dict[str, files.Table], checked: bool = True) -> list[str]:
    """Make the views of the schema `sources` from opened tables (files, or the DataFrames of the API).

    checked -- whether the columns that must be there are asked for
    """
    registry.register(connection, [registry.File(table.number, table.label, name) for name, table in opened.items()])
    registry.note_time_zero(connection, registry.INFUSION)
    notices, unread = [], []
    for name, known, required in (
        ("subjects", SUBJECTS, [("subject_id",)]),
        ("observations", OBSERVATIONS, [("subject_id",), ("concept",), ("start_time", "start_hour"), ("value",)]),
        ("recorded_grades", RECORDED, [("subject_id",), ("system",), ("grade",)]),
    ):
        if name in opened:
            if checked:
                files.require(opened[name], required)
            files.check_kinds(opened[name], known, HOURS)
            ignored = [column for column in opened[name].columns if column not in known]
            if ignored:
                notices.append(f"{opened[name].label}: columns not known and not read: {files.listed(ignored)}")
            unread += [_unread(opened[name], column) for column in ignored]
    registry.note_unread(connection, unread)
    connection.execute(f"CREATE OR REPLACE VIEW sources.subjects AS {_subjects(opened['subjects'])}")
    connection.execute(f"CREATE OR REPLACE VIEW sources.observations AS {_observations(opened['observations'])}")
    connection.execute(
        f"CREATE OR REPLACE VIEW sources.recorded_grades AS {recorded(opened.get('recorded_grades') or files.NOTHING)}"
    )
    return notices


def _unread(table: files.Table, column: str) -> str:
    """SQL of a column that is not read: the screen for identifiers looks at it."""
    return (
        f"SELECT {table.number}::UTINYINT, {table.row}, {columns.literal(column)}, {columns.text(table.columns, column)} "
        f"FROM {table.relation} WHERE {table.row} <= {registry.UNREAD_ROWS}"
    )


def _subjects(table: files.Table) -> str:
    has = table.columns
    names = ("subject_id", "sex", "site", "arm", "product")
    texts = ", ".join(f"{columns.text(has, name)} AS {name}" for name in names)
    return (
        f"SELECT {table.number}::UTINYINT AS source_file_no, {table.row} AS source_row, {texts}, "
        f"{columns.moment(has, 'infusion_time', '', 'infusion')}, "
        f"{columns.number(has, 'age_years')} AS age_years, {columns.number_fault(has, 'age_years')} AS age_fault, "
        f"{columns.moment(has, 'death_time', 'death_hour', 'death')}, "
        f"lower(trim({columns.text(has, 'death_cause')})) AS death_cause, "
        f"{columns.moment(has, 'followup_end_time', 'followup_end_hour', 'followup_end')} "
        f"FROM {table.relation}"
    )


def _observations(table: files.Table) -> str:
    has = table.columns
    fault = columns.number_fault(has, "value")
    return (
        f"SELECT {table.number}::UTINYINT AS source_file_no, {table.row} AS source_row, "
        f"{columns.text(has, 'subject_id')} AS subject_id, {columns.text(has, 'concept')} AS concept, "
        f"{columns.moment(has, 'start_time', 'start_hour', 'start')}, "
        f"{columns.moment(has, 'end_time', 'end_hour', 'end')}, "
        f"{columns.number(has, 'value')} AS value, "
        f"{columns.text(has, 'value')} AS value_text, {fault} AS value_fault, "
        f"{columns.text(has, 'unit')} AS unit, {columns.text(has, 'indication')} AS indication, "
        "NULL::VARCHAR AS set_aside "
        f"FROM {table.relation}"
    )


def recorded(table: files.Table) -> str:
    """SQL of the recorded grades of a table; of `files.NOTHING`, for a source that has none."""
    has = table.columns
    return (
        f"SELECT {table.number}::UTINYINT AS source_file_no, {table.row} AS source_row, "
        f"{columns.text(has, 'subject_id')} AS subject_id, {columns.text(has, 'system')} AS system, "
        f"CASE WHEN {columns.number_fault(has, 'grade')} IS DISTINCT FROM 'missing' "
        f"THEN {columns.text(has, 'grade')} END AS grade_text, {columns.number(has, 'grade')} AS grade, "
        f"{columns.moment(has, 'start_time', 'start_hour', 'start')}, "
        f"{columns.moment(has, 'end_time', 'end_hour', 'end')}, {columns.text(has, 'recorder')} AS recorder "
        f"FROM {table.relation}"
    )
