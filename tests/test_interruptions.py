"""Runs that are killed, stopped or disturbed: the results that stood there are as they were, or are told of."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cohorts import Said, chartings, run, said, written

from pipeline import outputs

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "tidy"
TORN = "do not match manifest.json: a run was interrupted while it moved its files in, or a file was changed since; run"


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder of results by name, the lock aside."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != outputs.LOCK)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A folder with the results of a finished run over one subject."""
    folder = tmp_path_factory.mktemp("results")
    run(written(folder), folder / "out").done()
    return folder / "out"


def listen_to_ctrl_c() -> None:
    """A shell's background job ignores Ctrl-C, and so would all that it starts; a person's run does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def under_way(out: Path, step: str) -> Iterator[subprocess.Popen]:
    """A run over the sample cohort, once it has told of a step."""
    words = [sys.executable, "-m", "pipeline", "run", "tidy", SAMPLE, "--out", out, "--no-report"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes, preexec_fn=listen_to_ctrl_c) as process:
        assert any(line.startswith(step) for line in process.stdout), process.stderr.read()
        yield process


def end_of(process: subprocess.Popen) -> Said:
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


@pytest.mark.parametrize("step", ["read tidy", "timeline.runs"])
def test_a_killed_run_leaves_the_results_as_they_were_and_the_next_run_goes_on(step, results, tmp_path):
    before = contents(results)
    with under_way(results, step) as process:
        process.kill()
        assert end_of(process).code == -signal.SIGKILL
    assert (results / outputs.BUILDING / outputs.DATABASE).exists()
    after = contents(results)
    assert {name: held for name, held in after.items() if not name.startswith(outputs.BUILDING)} == before
    assert said("explain", "A", "--out", results).done().out.startswith("A  day 0 12:00")
    run(written(tmp_path), results).done()
    assert set(contents(results)) == set(before) and not (results / outputs.BUILDING).exists()


@pytest.mark.parametrize("step", ["staging.charted", "summaries.subjects"])
def test_ctrl_c_is_one_sentence_and_leaves_the_results_as_they_were(step, results):
    before = contents(results)
    with under_way(results, step) as process:
        process.send_signal(signal.SIGINT)
        sentence = end_of(process).sentence(130)
    assert sentence == "stopped; the results of the last finished run are as they were."
    assert contents(results) == before


def test_the_second_of_two_runs_into_one_folder_is_sent_away_and_the_first_is_done(tmp_path):
    out = tmp_path / "out"
    with under_way(out, "staging.charted") as process:
        sentence = run(written(tmp_path), out).sentence(2)
        assert end_of(process).code == 0
    assert sentence == f"--out {out}: another run is writing there; wait for it, or give another folder."
    assert (out / "tables" / "subjects.csv").read_text(encoding="utf-8").count("\n") == 60 * 7 + 1


def test_a_closed_pipe_ends_a_run_in_silence_and_leaves_the_results_as_they_were(results):
    before = contents(results)
    with under_way(results, "read tidy") as process:
        process.stdout.close()
        process.stdout = None
        done = end_of(process)
    assert (done.code, done.err) == (1, "")
    assert contents(results) == before


def test_a_closed_pipe_ends_a_listing_in_silence():
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "pipeline", "choices"]
    done = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


class Killed(BaseException):
    """Nothing catches it, as nothing catches a SIGKILL."""


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory) -> tuple[Path, Path]:
    """The results of one run, and those of another, which are to be moved over them."""
    folder = tmp_path_factory.mktemp("two")
    run(written(folder / "one"), folder / "old").done()
    cooler = chartings("A,temperature,2,37.5,degC", "A,pulse,2,80,1/min")
    run(written(folder / "other", observations=cooler), folder / "new").done()
    return folder / "old", folder / "new"


def moved(old: Path, new: Path, out: Path, moves: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Move new results over old ones, killed after so many moves; returns how many were done."""
    if old:
        shutil.copytree(old, out)
    out.mkdir(exist_ok=True)
    shutil.copytree(new, out / outputs.BUILDING, ignore=shutil.ignore_patterns(outputs.LOCK))
    done = []

    def replace(source: Path, target: Path) -> None:
        if len(done) == moves:
            raise Killed
        done.append(target)
        os.rename(source, target)

    monkeypatch.setattr(outputs.os, "replace", replace)
    try:
        outputs.move_in(out / outputs.BUILDING, out)
    except Killed:
        pass
    return len(done)


def test_a_run_killed_between_its_moves_is_told_by_every_command_that_reads_the_folder(
    two_builds, tmp_path, monkeypatch
):
    old, new = two_builds
    every = len(contents(new))
    for moves in range(every + 1):
        out = tmp_path / str(moves)
        assert moved(old, new, out, moves, monkeypatch) == moves
        told = said("explain", "A", "--out", out)
        assert told.code == 0
        if moves in (0, every):
            assert told.err == ""
        else:
            assert told.err.startswith(f"warning: {out}: cohort.duckdb") and told.err.count("\n") == 1
            assert TORN.split("match")[1] in told.err
        assert told.out.startswith("A  day 0 12:00" if moves == 0 else "A  day 0")
        shutil.rmtree(out)


def test_a_first_run_killed_between_its_moves_is_no_finished_run(two_builds, tmp_path, monkeypatch):
    assert moved(None, two_builds[1], tmp_path / "out", 3, monkeypatch) == 3
    sentence = said("explain", "A", "--out", tmp_path / "out").sentence(2)
    assert "there is no finished run in this folder; do `cytograde run` into it first" in sentence


def test_results_that_were_changed_by_hand_are_told_by_their_names(two_builds, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(two_builds[0], out)
    (out / "tables" / "grades.csv").write_text("mine")
    (out / "tables" / "cohort.csv").unlink()
    told = said("explain", "A", "--out", out)
    assert (told.code, told.err.count("\n")) == (0, 1)
    assert f"tables/cohort.csv, tables/grades.csv {TORN}" in told.err


def test_a_report_of_an_earlier_run_does_not_outlive_a_run_without_one(two_builds, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(two_builds[0], out)
    (out / outputs.REPORT).write_text("of an earlier run")
    run(written(tmp_path), out).done()
    assert not (out / outputs.REPORT).exists()
