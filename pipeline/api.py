"""The pipeline from pandas: `grade(subjects, observations)` gives a Cohort."""

import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from pipeline import choices as choices_
from pipeline import flow
from pipeline.database import arrow, connect
from pipeline.errors import SourceError
from pipeline.grading import rules
from pipeline.sources import tidy
from pipeline.sources.parts import files

if TYPE_CHECKING:
    import pandas as pd


class Cohort:
    """A graded cohort. `connection` is the DuckDB connection that holds every table of the build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def subjects(self) -> "pd.DataFrame":
        """One row per system and subject (`summaries.subjects`): minutes since infusion as Int64, hours as float."""
        return self.frame("summaries.subjects", "system, subject_id")

    def episodes(self) -> "pd.DataFrame":
        """One row per episode (`episodes.episodes`)."""
        return self.frame("episodes.episodes", "system, subject_id, episode")

    def grades(self) -> "pd.DataFrame":
        """One row per stretch of constant verdict (`grading.grades`); `because` holds lists of criterion ids."""
        return self.frame("grading.grades", "system, subject_id, start_minute")

    def evidence(self, subject: str) -> "pd.DataFrame":
        """One row per criterion met and charting behind it, for one subject (`grading.evidence`)."""
        return _frame(arrow(
            self.connection,
            "SELECT * FROM grading.evidence WHERE subject_id = ? ORDER BY system, start_minute, criterion, charted_minute",
            [subject],
        ))  # fmt: skip

    def refusals(self) -> "pd.DataFrame":
        """One row per refused or blanked row and why (`staging.refusals`)."""
        return self.frame("staging.refusals", "source_file, source_row")

    def explain(self, subject: str, system: str | None = None, *, day: int | None = None, hour: float | None = None) -> str:
        """The grade of a subject at a moment (or at its highest) and the rows behind it, as text."""
        from pipeline.reports.terminal import explain

        return explain.explain(self.connection, subject, system=system, day=day, hour=hour)

    def frame(self, table: str, order: str) -> "pd.DataFrame":
        """A table as a DataFrame with nullable integers and booleans, in the given order."""
        return _frame(arrow(self.connection, f"SELECT * FROM {table} ORDER BY {order}"))


def grade(
    subjects: "pd.DataFrame",
    observations: "pd.DataFrame",
    recorded_grades: "pd.DataFrame | None" = None,
    choices: Mapping[str, object] | None = None,
    systems: Iterable[str] | None = None,
    allow_identifiers: bool = False,
) -> Cohort:
    """Grade a cohort held in DataFrames with the columns of the source `tidy`.

    subjects, observations, recorded_grades -- one row per subject, charting, recorded grade
    choices -- names and values that differ from the defaults
    systems -- ids of grading systems; all where none are named
    allow_identifiers -- whether to go on, with a warning, where a text looks like a direct identifier of a person
    Columns that are not known are not read: a UserWarning names them.
    Raises UsageError for a wrong choice or system, SourceError where the frames cannot be read or hold such a text.
    """
    taken = choices_.changed(choices)
    graders = rules.chosen(rules.read_systems(), None if systems is None else list(systems))
    connection = connect()
    flow.prepare(connection, taken, graders)
    frames = {"subjects": subjects, "observations": observations}
    if recorded_grades is not None:
        frames["recorded_grades"] = recorded_grades
    opened = {name: files.from_arrow(connection, name, _to_arrow(name, frame)) for name, frame in frames.items()}
    unread = tidy.build(connection, opened)
    for notice in (*unread, *flow.build(connection, graders, allow_identifiers=allow_identifiers)):
        warnings.warn(notice, stacklevel=2)
    return Cohort(connection)


def _to_arrow(name: str, frame: "pd.DataFrame") -> pa.Table:
    """A DataFrame as Arrow. Raises SourceError where it is none, or a column stands in it twice."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise SourceError(f"{name}: this is a {type(frame).__name__}, not a pandas DataFrame; convert it.")
    names = [str(column) for column in frame.columns]
    if len(set(names)) < len(names):
        raise SourceError(f"{name}: a column stands twice in the DataFrame; keep one of them.")
    columns = (frame.iloc[:, number].reset_index(drop=True) for number in range(len(names)))
    return pa.table([_array(column, zones=name == "subjects") for column in columns], names=names)


def _array(column: "pd.Series", zones: bool) -> pa.Array:
    """A column as Arrow. What is of mixed types becomes text, as it would stand in a file.

    zones -- whether times in different zones are mixed types: days are counted in the zone of the infusion
    """
    import pandas as pd

    mixed = column.dtype == object and _is_mixed(column, zones)
    try:
        if not mixed:
            return pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        pass
    empty = [pd.api.types.is_scalar(value) and pd.isna(value) for value in column]
    texts = [None if none else _text(value) for value, none in zip(column, empty, strict=True)]
    return pa.array(texts, pa.string())


def _is_mixed(column: "pd.Series", zones: bool) -> bool:
    """Would Arrow change values to make one type of several: a clock with no zone to UTC, or 0.1 to 0.10000000149?"""
    import numpy as np
    import pandas as pd

    zoned = {value.tzinfo is not None for value in column if isinstance(value, datetime) and value is not pd.NaT}
    short = {isinstance(value, np.float16 | np.float32) for value in column if isinstance(value, int | float | np.number)}
    return len(zoned) > 1 or len(short) > 1 or (zones and True in zoned)


def _text(value: object) -> str:
    """Return a value as it would stand in a file; one of half precision by Python's name for it, which is read as no number."""
    import numpy as np

    return repr(value) if isinstance(value, np.float16) else str(value)


def _frame(table: pa.Table) -> "pd.DataFrame":
    """An Arrow table as a DataFrame: integers and booleans that may be missing keep their type, lists stay lists."""
    frame = table.to_pandas(types_mapper=_nullable_type)
    for column in ("because", "flags"):
        if column in frame:
            frame[column] = [list(value) for value in frame[column]]
    return frame


def _nullable_type(kind: pa.DataType) -> object:
    """The pandas type of an Arrow type, where pandas' own choice would turn missing integers into floats."""
    import pandas as pd

    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    return None
