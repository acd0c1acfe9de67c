"""Cohorts written as files, for tests of what comes in: the command line upon them, or their staging alone.

    folder = written(tmp_path, observations=chartings("A,temperature,2,38.5,degC"))
    said("run", "tidy", folder, "--out", out).sentence(3)       exit code 3 and one sentence on standard error
    staged(folder).reasons()                                    what became of the rows

Every staging asserts that rows in = rows used + rows refused, and that rows in are the rows of the files.
"""

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline import __main__ as command_line
from pipeline import choices, flow, model
from pipeline.database import connect
from pipeline.errors import CytogradeError
from pipeline.grading import rules
from pipeline.sources import tidy

SUBJECTS = "subject_id,infusion_time\nA,2031-05-04T10:00\n"
OBSERVATIONS = "subject_id,concept,start_time,value,unit\nA,temperature,2031-05-04T12:00,38.5,degC\n"
STAGING = [one for one in model.in_order(list(model.read_models())) if one.room == "staging"]


def chartings(*rows: str, columns: str = "subject_id,concept,start_hour,value,unit") -> str:
    """An observations file of these rows."""
    return "".join(f"{row}\n" for row in (columns, *rows))


def written(
    folder: Path, subjects=SUBJECTS, observations=OBSERVATIONS, recorded_grades=None, **others
) -> Path:
    """A folder with these files: texts and bytes as .csv, frames and tables as .parquet; others by name."""
    cohort = folder / "cohort"
    cohort.mkdir(parents=True)
    tables = {"subjects": subjects, "observations": observations, "recorded_grades": recorded_grades}
    for name, held in {**tables, **others}.items():
        if isinstance(held, pd.DataFrame):
            held = pa.Table.from_pandas(held, preserve_index=False)
        if isinstance(held, pa.Table):
            pq.write_table(held, cohort / f"{name}.parquet")
        elif held is not None:
            path = cohort / (f"{name}.csv" if name in tables else name)
            path.write_bytes(held if isinstance(held, bytes) else held.encode())
    return cohort


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    def sentence(self, code: int) -> str:
        """The one sentence on standard error, after the exit code was found to be as expected."""
        assert (self.code, "Traceback" in self.err) == (code, False), self
        return one_sentence(self.err.removeprefix("cytograde: "))

    def done(self) -> "Said":
        assert (self.code, self.err) == (0, ""), self
        return self


def one_sentence(text: str) -> str:
    """The text, found to be one sentence on one line, and no word of Python's."""
    assert re.fullmatch(r"[^\n]+[.?]\n?", text), text
    assert not re.search(r"[.!?] +[A-Z]|Traceback|\w(Error|Exception)\b|defect of Cytograde", text), text
    return text.rstrip("\n")


def said(*words: object) -> Said:
    """What `cytograde WORDS` says, in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["cytograde", *map(str, words)]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            command_line.main()
        except SystemExit as end:
            code = end.code or 0
    return Said(code, out.getvalue(), err.getvalue())


def run(folder: Path, out: Path, *words: object) -> Said:
    return said("run", "tidy", folder, "--out", out, "--no-report", *words)


@dataclass(frozen=True)
class Staged:
    """The staging room of a cohort."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, select: str) -> list[tuple]:
        return self.connection.execute(select).fetchall()

    def load(self) -> dict[str, tuple[int, int, int, int]]:
        """Rows in, used, refused and blanked by file."""
        return {file: tuple(counts) for file, *counts, _ in self.rows("FROM staging.load")}

    def reasons(self, outcome: str = "refused") -> dict[int, str]:
        """Why a row was refused (or blanked), by its number in the file."""
        found = self.rows("SELECT source_row, outcome, reason FROM staging.refusals ORDER BY source_row")
        return {row: reason for row, one, reason in found if one == outcome}

    def minutes(self) -> list[int | None]:
        """The start of every charting, in the order of the file; None where it was refused."""
        found = self.rows("SELECT source_row, start_minute, fault_no FROM staging.charted ORDER BY 1")
        return [minute if fault is None else None for _, minute, fault in found]

    def amounts(self) -> list[float | None]:
        """The amount of every therapy, in the order of the file."""
        return [one for (one,) in self.rows("SELECT amount FROM staging.therapies ORDER BY source_row")]


@cache
def _room() -> duckdb.DuckDBPyConnection:
    """A connection in which all that staging needs stands ready."""
    connection = connect()
    flow.prepare(connection, choices.defaults(), rules.read_systems())
    return connection


@contextmanager
def _staging_alone() -> Iterator[None]:
    """The build stops where staging is done."""
    with (
        mock.patch.object(flow, "ordered_models", lambda systems: STAGING),
        mock.patch.object(flow, "prepare", lambda *_: None),
    ):
        yield


def _checked(staged: Staged) -> Staged:
    for file, (rows_in, used, refused, blanked) in staged.load().items():
        assert rows_in == used + refused and blanked <= used, file
    return staged


def staged(folder: Path) -> Staged:
    """The staging of a folder of `tidy`, whatever its texts look like. The next staging replaces it."""
    room = _room()
    with _staging_alone():
        tidy.read(room, folder)
        flow.build(room, {}, allow_identifiers=True)
    found = _checked(Staged(room))
    for file, (rows_in, *_) in found.load().items():
        assert rows_in == rows_of(folder / file), file
    return found


def staged_frames(*frames: pd.DataFrame) -> Staged:
    """The staging of DataFrames, by way of `pipeline.grade`. The next staging replaces it."""
    room = _room()
    with _staging_alone(), mock.patch("pipeline.api.connect", lambda: room):
        found = _checked(Staged(pipeline.grade(*frames).connection))
    for name, frame in zip(("subjects", "observations", "recorded_grades"), frames):
        assert found.load()[name][0] == len(frame)
    return found


def refused(folder: Path) -> str:
    """The sentence with which a folder is refused as a whole, exit code 3."""
    with pytest.raises(CytogradeError) as caught:
        staged(folder)
    assert caught.value.exit_code == 3
    return one_sentence(str(caught.value))


def rows_of(path: Path) -> int:
    """The rows of a file, counted without DuckDB."""
    if path.suffix == ".parquet":
        return pq.read_metadata(path).num_rows
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as file:
        return sum(1 for row in csv.reader(io.StringIO(file.read(), newline="")) if row) - 1
