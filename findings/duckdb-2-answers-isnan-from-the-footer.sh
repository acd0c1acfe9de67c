#!/bin/sh
# DuckDB 2.0.1 answers isnan() on a Parquet column from the statistics of the footer, which by the format leave NaN out:
# a filter on isnan() finds nothing where the row group also holds numbers. 1.5.6 finds the row; can_have_nan = true mends it.
# Whom it hurts: numpy and polars write NaN where there is nothing, so an end that nobody charted is taken for a number.
# Exit code 0 while the behaviour is as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
for version in 1.5.6 2.0.1; do
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" pyarrow==26.0.1
  (cd "$folder" && venv/bin/python - <<'PYTHON'
import duckdb, pyarrow as pa, pyarrow.parquet as pq

pq.write_table(pa.table({"end_hour": [float("nan"), 8.0, 9.0, 10.0]}), "ends.parquet")
count = "SELECT count(*) FROM read_parquet('ends.parquet'{}) WHERE isnan(end_hour)"
plain, mended = (duckdb.sql(count.format(option)).fetchall()[0][0] for option in ("", ", can_have_nan = true"))
print(f"duckdb {duckdb.__version__}: {plain} of 1 NaN found, {mended} with can_have_nan = true")
assert (plain, mended) == ((1, 1) if duckdb.__version__ == "1.5.6" else (0, 1))
PYTHON
  )
done
