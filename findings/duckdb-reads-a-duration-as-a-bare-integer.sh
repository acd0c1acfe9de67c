#!/bin/sh
# DuckDB 1.5.6 and 2.0.1 read an Arrow duration of a Parquet file as BIGINT, in whatever unit it was written, without a word.
# pyarrow and polars write the unit into the Arrow schema of the file, and read it back from there.
# Expected by a good engineer: INTERVAL, as DuckDB gives it from the same Arrow table in memory, or an error.
# Whom it hurts: hours since an infusion that pandas or polars hold as a duration become 50,400 hours for 14.
# Exit code 0 while the behaviour is as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
for version in 1.5.6 2.0.1; do
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" pyarrow==26.0.1
  (cd "$folder" && venv/bin/python - <<'PYTHON'
import datetime
import duckdb, pyarrow as pa, pyarrow.parquet as pq

fourteen_hours = datetime.timedelta(hours=14)
for unit, number in (("s", 50_400), ("ms", 50_400_000)):
    durations = pa.table({"since_infusion": pa.array([fourteen_hours], pa.duration(unit))})
    pq.write_table(durations, "durations.parquet")
    kind, value = duckdb.sql("SELECT typeof(since_infusion), since_infusion FROM 'durations.parquet'").fetchall()[0]
    in_memory = duckdb.sql("SELECT typeof(since_infusion) FROM durations").fetchall()[0][0]
    print(f"duckdb {duckdb.__version__}, duration[{unit}]: {kind} {value} from Parquet, {in_memory} from memory")
    assert (kind, value, in_memory) == ("BIGINT", number, "INTERVAL")
    assert pq.read_table("durations.parquet")["since_infusion"].to_pylist() == [fourteen_hours]
PYTHON
  )
done
