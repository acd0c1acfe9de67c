"""What the pipeline is measured against, each in a process of its own: `python rivals.py NAME FOLDER` prints JSON.

baseline -- B: one `CREATE TEMP TABLE AS` of every column and the value and time before, over text keys, in DuckDB
pandas   -- only the runs of fever, low pressure and low saturation of each subject, vectorised
polars   -- the same, lazily
Times are taken around the reading and the work; starting Python and importing the library are not in them.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

THREADS = 2

LIMITS = {"temperature": 38.0, "systolic_bp": 90.0, "spo2": 90.0}
"""A fever is at or above its limit; a pressure and a saturation are low below theirs."""

COLUMNS = ["subject_id", "concept", "start_hour", "value"]


def baseline(file: str) -> Callable[[], int]:
    import duckdb

    connection = duckdb.connect(config={"threads": THREADS})

    def work() -> int:
        connection.execute(
            "CREATE TEMP TABLE baseline AS SELECT *, lag(value) OVER before AS value_before, "
            f"lag(start_hour) OVER before AS hour_before FROM '{file}' "
            "WINDOW before AS (PARTITION BY subject_id, concept ORDER BY start_hour)"
        )
        return connection.execute("SELECT count(*) FROM baseline").fetchone()[0]

    return work


def pandas(file: str) -> Callable[[], int]:
    import pandas as pd

    def runs(readings: pd.DataFrame, concept: str) -> pd.DataFrame:
        one = readings[readings["concept"] == concept].sort_values(["subject_id", "start_hour"])
        beyond = one["value"] >= LIMITS[concept] if concept == "temperature" else one["value"] < LIMITS[concept]
        goes_on = beyond.shift(fill_value=False) & (one["subject_id"] == one["subject_id"].shift())
        run = (beyond & ~goes_on).cumsum()
        grouped = one[beyond].groupby(run[beyond])
        return grouped.agg(
            subject_id=("subject_id", "first"), start_hour=("start_hour", "first"), end_hour=("start_hour", "last")
        )

    def work() -> int:
        readings = pd.read_parquet(file, columns=COLUMNS, filters=[("concept", "in", list(LIMITS))])
        readings["subject_id"] = readings["subject_id"].astype("category")
        return sum(len(runs(readings, concept)) for concept in LIMITS)

    return work


def polars(file: str) -> Callable[[], int]:
    import polars as pl

    def runs(concept: str) -> pl.LazyFrame:
        value, limit = pl.col("value"), LIMITS[concept]
        return (
            pl.scan_parquet(file)
            .select(COLUMNS)
            .filter(pl.col("concept") == concept)
            .sort("subject_id", "start_hour")
            .with_columns(beyond=value >= limit if concept == "temperature" else value < limit)
            .with_columns(
                goes_on=pl.col("beyond").shift(fill_value=False)
                & (pl.col("subject_id") == pl.col("subject_id").shift()).fill_null(False)
            )
            .with_columns(run=(pl.col("beyond") & ~pl.col("goes_on")).cum_sum())
            .filter("beyond")
            .group_by("run")
            .agg(
                pl.col("subject_id").first(),
                pl.col("start_hour").min(),
                end_hour=pl.col("start_hour").max(),
            )
        )

    def work() -> int:
        return sum(frame.height for frame in pl.collect_all([runs(concept) for concept in LIMITS]))

    return work


def main(name: str, folder: Path) -> None:
    prepared = {"baseline": baseline, "pandas": pandas, "polars": polars}[name](str(folder / "observations.parquet"))
    started = time.perf_counter()
    found = prepared()
    print(json.dumps({"seconds": time.perf_counter() - started, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
