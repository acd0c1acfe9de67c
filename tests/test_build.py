"""A whole run: what it leaves, that the same input gives the same bytes, and what the manifest says of it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline import build, database

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "tidy"
TABLES = (
    "subjects", "episodes", "grades", "cohort", "refusals", "quality_chartings", "quality_units",
    "discrepancies", "findings", "pairs", "differences", "results", "listing",
)  # fmt: skip


def command(*words: object) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "pipeline", *map(str, words)], capture_output=True, text=True)


def run(out: Path, *words: object) -> subprocess.CompletedProcess:
    done = command("run", "tidy", SAMPLE, "--out", out, "--no-report", *words)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "out"
    run(folder)
    return folder


def manifest_of(out: Path) -> dict:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def test_a_run_leaves_database_tables_and_manifest_and_nothing_of_its_building(out: Path) -> None:
    left = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    wanted = [f"tables/{name}.{ending}" for name in TABLES for ending in ("csv", "parquet")]
    assert left == sorted([".lock", "cohort.duckdb", "manifest.json", *wanted])


def test_the_manifest_names_inputs_with_their_hash_and_rows(out: Path) -> None:
    inputs = {entry["file"]: entry for entry in manifest_of(out)["inputs"]}
    assert inputs["observations.csv"] == {
        "file": "observations.csv",
        "sha256": hashlib.sha256((SAMPLE / "observations.csv").read_bytes()).hexdigest(),
        "rows_in": 21399, "rows_used": 21391, "rows_refused": 8, "rows_blanked": 2, "rows_passed_over": 0,
    }  # fmt: skip
    assert inputs["subjects.csv"]["rows_in"] == inputs["subjects.csv"]["rows_used"] == 60
    assert inputs["recorded_grades.csv"]["rows_in"] == 48


def test_the_manifest_matches_the_files_it_names(out: Path) -> None:
    outputs = manifest_of(out)["outputs"]
    assert set(outputs) == {"cohort.duckdb", *(f"tables/{n}.{e}" for n in TABLES for e in ("csv", "parquet"))}
    assert all(hashlib.sha256((out / name).read_bytes()).hexdigest() == digest for name, digest in outputs.items())


def test_the_same_input_gives_the_same_tables_and_digest(out: Path, tmp_path: Path) -> None:
    run(tmp_path / "again")
    assert manifest_of(tmp_path / "again")["digest"] == manifest_of(out)["digest"]
    for name in TABLES:
        for ending in ("csv", "parquet"):
            again = (tmp_path / "again" / "tables" / f"{name}.{ending}").read_bytes()
            assert again == (out / "tables" / f"{name}.{ending}").read_bytes(), name


def test_another_folder_time_zone_and_language_give_the_same_digest(out: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere and with a blank"
    shutil.copytree(SAMPLE, moved)
    environment = os.environ | {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C"}
    words = [sys.executable, "-m", "pipeline", "run", "tidy", moved, "--out", tmp_path / "out", "--no-report"]
    subprocess.run(words, check=True, capture_output=True, env=environment)
    assert manifest_of(tmp_path / "out")["digest"] == manifest_of(out)["digest"]


def test_the_same_cohort_as_parquet_gives_the_same_grades(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parquet"
    folder.mkdir()
    for name in ("subjects", "observations", "recorded_grades"):
        pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, keep_default_na=False).to_parquet(folder / f"{name}.parquet")
    done = command("run", "tidy", folder, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0, done.stderr
    for name in ("subjects", "episodes", "grades", "cohort"):
        assert (tmp_path / "out" / "tables" / f"{name}.csv").read_bytes() == (out / "tables" / f"{name}.csv").read_bytes()


def test_another_choice_changes_the_digest_and_stands_in_the_manifest(out: Path, tmp_path: Path) -> None:
    (tmp_path / "choices.toml").write_text("hypotension_sbp_below = 100\n")
    run(tmp_path / "out", "--choices", tmp_path / "choices.toml")
    changed = manifest_of(tmp_path / "out")
    assert changed["digest"] != manifest_of(out)["digest"]
    assert changed["choices_changed"] == ["hypotension_sbp_below"] and changed["choices"]["hypotension_sbp_below"] == 100


def test_the_manifest_holds_no_time_and_no_path(out: Path) -> None:
    text = (out / "manifest.json").read_text(encoding="utf-8")
    assert str(SAMPLE.parent) not in text and str(out.parent) not in text


def test_only_the_asked_systems_are_graded(tmp_path: Path) -> None:
    run(tmp_path / "out", "--systems", "astct_2019")
    with duckdb.connect(str(tmp_path / "out" / "cohort.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT system FROM grading.grades").fetchall() == [("astct_2019",)]
        assert connection.execute("SELECT count(*) FROM summaries.subjects").fetchone() == (60,)


def test_a_large_table_is_exported_in_its_order(tmp_path: Path) -> None:
    """More rows than one thread takes at a time; every hundredth text would run as a formula."""
    rows = 400_000
    with database.connect() as connection:
        connection.execute(
            "CREATE TABLE many AS SELECT CASE WHEN i % 100 = 0 THEN '=' ELSE '' END || i::VARCHAR AS written, i "
            f"FROM (SELECT ({rows} - range)::INTEGER AS i FROM range({rows}))"
        )
        digest = build._export(connection, tmp_path / "tables", {"many": ("many", "t.i")})
    written = (tmp_path / "tables" / "many.csv").read_bytes()
    lines = [f"{'' if i % 100 else chr(39) + '='}{i},{i}" for i in range(1, rows + 1)]
    assert written.decode().splitlines() == ["written,i", *lines]
    assert digest == hashlib.sha256(b"many\0" + written).hexdigest()
    assert pd.read_parquet(tmp_path / "tables" / "many.parquet")["i"].tolist() == list(range(1, rows + 1))


def test_parquet_and_csv_hold_the_same_subjects(out: Path) -> None:
    csv = pd.read_csv(out / "tables" / "subjects.csv", keep_default_na=False)
    parquet = pd.read_parquet(out / "tables" / "subjects.parquet")
    assert csv.subject_id.tolist() == parquet.subject_id.tolist() and len(csv) == 60 * 7
    assert [" ".join(flags) for flags in parquet["flags"]] == csv["flags"].tolist()


def test_the_database_is_read_by_plain_duckdb_evidence_included(out: Path) -> None:
    """Somebody opens it with DuckDB alone: no variable is set, no function of ours is there, no input file either."""
    with duckdb.connect(str(out / "cohort.duckdb"), read_only=True) as connection:
        views = connection.execute("SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        counts = {f"{schema}.{view}": connection.execute(f"SELECT count(*) FROM {schema}.{view}").fetchone()[0]
                  for schema, view in views}  # fmt: skip
        fever = connection.execute(
            "SELECT DISTINCT role FROM grading.evidence WHERE subject_id IN ('CG-1012', 'CG-1026') ORDER BY role"
        ).fetchall()
    assert counts["staging.observations"] == 21391 and counts["staging.recorded_grades"] == 48
    assert set(counts) == {"staging.observations", "staging.recorded_grades", "grading.evidence", "results.facts"}
    assert fever == [("death",), ("fever within window",), ("in force",), ("waiver",)]


def test_the_contract_of_the_tables(out: Path) -> None:
    """The columns that checks from outside rely on, in their types."""
    with duckdb.connect(str(out / "cohort.duckdb"), read_only=True) as connection:
        types = {
            (f"{schema}.{table}", column): kind
            for schema, table, column, kind in connection.execute(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
            ).fetchall()
        }
    wanted = {
        "summaries.subjects": "system subject_id status max_grade first_episode_max_grade max_ceiling hours_unknown episodes "
        "onset_minute onset_day onset_cdisc_day end_minute end_day duration_days duration_hours crs_hours first_max_minute "
        "resolved flags age_years sex site arm product time_zero",
        "episodes.episodes": "system subject_id episode onset_minute onset_day end_minute end_day duration_days "
        "duration_hours crs_hours max_grade first_max_minute resolved",
        "grading.grades": "system subject_id start_minute end_minute grade ceiling because episode",
        "grading.evidence": "system subject_id start_minute end_minute grade criterion role concept value unit "
        "charted_minute source_file source_row",
        "staging.refusals": "source_file source_row subject_id concept value unit outcome reason",
        "staging.load": "source_file rows_in rows_used rows_refused rows_blanked rows_passed_over",
    }
    for table, columns in wanted.items():
        assert [column for column in columns.split() if (table, column) not in types] == []
    assert types["summaries.subjects", "resolved"] == "BOOLEAN"
    assert types["summaries.subjects", "flags"] == types["grading.grades", "because"] == "VARCHAR[]"
    for column in ("onset_minute", "onset_day", "end_minute", "end_day", "duration_days", "episodes", "first_max_minute"):
        assert types["summaries.subjects", column] == "INTEGER", column
    for column in ("duration_hours", "crs_hours", "hours_unknown"):
        assert types["summaries.subjects", column] == "DOUBLE", column


def test_lists_and_help_name_what_there_is() -> None:
    assert "astct_2019" in command("systems").stdout and "MISPRINT" in command("systems").stdout
    assert "hypotension_confirm_readings = 1" in command("choices").stdout
    assert "subject_id, concept, start_time or start_hour" in command("sources").stdout
    tables = command("tables").stdout
    assert "summaries.subjects   One row per system and subject of the cohort" in tables
    assert all(word in tables for word in ("norepinephrine", "mcg/kg/min", "vasopressin_alone", "hours_unknown"))
    shown = command("--help").stdout
    assert all(name in shown for name in ("run", "explain", "systems", "choices", "tables", "sources"))


def test_a_pipe_sees_plain_lines_with_rows_and_seconds(tmp_path: Path) -> None:
    lines = run(tmp_path / "out").stdout.splitlines()
    assert "\x1b" not in "".join(lines)
    assert any(line.startswith("staging.charted") and "21,399 rows" in line and line.endswith(" s") for line in lines)
    assert any(line.startswith("astct_2019") and line.split()[1:9] == ["60", "59", "49", "21", "18", "7", "2", "1"]
               for line in lines)  # fmt: skip
