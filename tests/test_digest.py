"""The digest of a run is that of its results: the same on every engine, with one or many threads, in any order of the rows."""

import json
import os
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import ROOT, SAMPLE

import pipeline
from pipeline import audits, build

NAMES = ("subjects", "observations", "recorded_grades")
WITHOUT_ROWS_OF_FILES = ("subjects", "episodes", "grades", "cohort", "pairs", "results", "listing", "quality_chartings")
"""Tables that do not name the rows of the files, which are others where the rows stand in another order."""


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, keep_default_na=False) for name in NAMES}


def digest_of(frames: dict[str, pd.DataFrame], folder: Path) -> str:
    connection = pipeline.grade(*(frames[name] for name in NAMES)).connection
    audits.look(connection)
    return build._export(connection, folder, {name: build.EXPORTS[name] for name in WITHOUT_ROWS_OF_FILES})


@pytest.fixture(scope="module")
def digest(frames: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> str:
    return digest_of(frames, tmp_path_factory.mktemp("digest") / "tables")


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_the_number_of_threads_changes_no_byte(
    threads: int, frames: dict, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = pipeline.api.flow.prepare

    def prepared(connection: duckdb.DuckDBPyConnection, *more) -> None:
        connection.execute(f"SET threads = {threads}")
        prepare(connection, *more)

    monkeypatch.setattr(pipeline.api.flow, "prepare", prepared)
    assert digest_of(frames, tmp_path / "tables") == digest


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_changes_no_byte(seed: int, frames: dict, digest: str, tmp_path: Path) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=seed) for name, frame in frames.items()}
    assert digest_of(shuffled, tmp_path / "tables") == digest


def digest_of_a_run(python: Path | str, out: Path) -> tuple[str, str]:
    """Run the sample with an environment's Python; returns its version of DuckDB and the digest."""
    subprocess.run(
        [python, "-m", "pipeline", "run", "tidy", SAMPLE, "--out", out, "--no-report"],
        cwd=ROOT, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest["versions"]["duckdb"], manifest["digest"]


@pytest.mark.parametrize("environment", [".venv", ".venv-newest", ".venv-oldest"])
def test_every_environment_gives_the_digest_of_this_one(environment: str, sample_build: Path, tmp_path: Path) -> None:
    """DuckDB 1.5.6 and 2.0.1 gave 106.37499999999999 and 106.375 for one quartile."""
    python = ROOT / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{environment} is not here: `make test-newest` and `make test-oldest` make the two others")
    own = json.loads((sample_build / "manifest.json").read_text(encoding="utf-8"))
    version, digest = digest_of_a_run(python, tmp_path / "out")
    assert digest == own["digest"], f"DuckDB {version} beside {duckdb.__version__}"
