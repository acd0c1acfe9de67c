"""The tables of a cohort as CSV or Parquet, in batches, with the same bytes every time."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .cohort import OBSERVATION_COLUMNS, RECORDED_COLUMNS, SCRIPT_COLUMNS, SUBJECT_COLUMNS, Case, case

SUBJECTS_A_BATCH = 500
NUMBERS = {"age_years": pa.int64(), "grade": pa.int64()}


class CsvTable:
    """Appends rows to a CSV file; line ends are '\\n' on every system."""

    suffix = ".csv"

    def __init__(self, path: Path, columns: tuple[str, ...]):
        self.file = path.open("w", newline="", encoding="utf-8")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow(columns)

    def append(self, rows: list[tuple]) -> None:
        self.writer.writerows(rows)

    def close(self) -> None:
        self.file.close()


class ParquetTable:
    """Appends row groups to a Parquet file; values stay text as charted, empty is null."""

    suffix = ".parquet"

    def __init__(self, path: Path, columns: tuple[str, ...]):
        self.schema = pa.schema([(column, NUMBERS.get(column, pa.string())) for column in columns])
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")

    def append(self, rows: list[tuple]) -> None:
        columns = zip(*rows, strict=True) if rows else ([] for _ in self.schema)
        arrays = [
            pa.array([None if value == "" else value for value in column], field.type)
            for column, field in zip(columns, self.schema, strict=True)
        ]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))

    def close(self) -> None:
        self.writer.close()


FORMATS = {"csv": CsvTable, "parquet": ParquetTable}


def batches(subjects: int, seed: int) -> Iterator[list[Case]]:
    """The cases in order, a batch at a time."""
    for start in range(1, subjects + 1, SUBJECTS_A_BATCH):
        stop = min(start + SUBJECTS_A_BATCH, subjects + 1)
        yield [case(seed, number) for number in range(start, stop)]


def write_cohort(folder: Path, subjects: int, seed: int, form: str = "csv") -> None:
    """Write subjects, observations and recorded_grades of a cohort into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = FORMATS[form]
    with ExitStack() as stack:

        def opened(name: str, columns: tuple[str, ...]) -> CsvTable | ParquetTable:
            made = table(folder / f"{name}{table.suffix}", columns)
            stack.callback(made.close)
            return made

        people = opened("subjects", SUBJECT_COLUMNS)
        chartings = opened("observations", OBSERVATION_COLUMNS)
        recorded = opened("recorded_grades", RECORDED_COLUMNS)
        for batch in batches(subjects, seed):
            people.append([each.subject for each in batch])
            chartings.append([row for each in batch for row in each.observations])
            recorded.append([row for each in batch for row in each.recorded])


def script_table(subjects: int, seed: int) -> str:
    """A Markdown table of what was scripted for each subject."""
    rows = [case(seed, number).scripted for number in range(1, subjects + 1)]
    lines = [SCRIPT_COLUMNS, ["---"] * len(SCRIPT_COLUMNS), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
