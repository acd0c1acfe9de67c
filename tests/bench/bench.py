"""`make bench`: how fast the pipeline is on a dense invented cohort, and how much memory it takes.

Seconds say more of a machine than of a program, so all is given as a ratio to B, one query that no pipeline can do
without: DuckDB reads the same Parquet and looks up, over its text keys, the reading before each. B, the run, and the
two other programs that look only for runs of fever, low pressure and low saturation take turns, each in a process of
its own, so that a busy moment of the machine meets them all; the fastest of the turns counts. Nothing is asserted.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

THREADS = 2
"""Of B and Polars; the pipeline takes what there is, so every process is held to two cores where that can be done."""

RIVALS = {"B": "baseline", "pandas": "pandas", "polars": "polars"}

STEP = re.compile(r"^(?P<name>\S.*?)\s{2,}(?:(?P<rows>[\d,]+) rows)?\s+(?P<seconds>\d+\.\d\d) s\s*$")
"""A line of the run: what was made, its rows, its seconds."""

LABELS = {
    "B": "B: one CREATE TABLE AS with lag",
    "run": "run without report, whole process",
    "grading": "grading alone, of stored chartings",
    "one": "run with one system alone",
    "pandas": "pandas: runs of three vitals only",
    "polars": "Polars: runs of three vitals only",
}

AIMS = (("run without report", "run", 3.0), ("grading alone", "grading", 1.0))
MEMORY_AIM_GB = 1.5

ONE_SYSTEM = "astct_2019"
SYSTEMS = len(list((ROOT / "pipeline" / "grading" / "systems").glob("*.toml")))
FURTHER_SYSTEM_AIM_PCT = 3.0
"""What a system more may add to a run, in percent of the run."""


@dataclass
class Measured:
    """What the turns of one program gave: seconds, processor seconds, and the most memory of any, in bytes."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: int = 0
    found: int | None = None

    @property
    def best(self) -> float:
        return min(self.seconds)


def main() -> None:
    arguments = parsed()
    print(f"{os.cpu_count()} cores; load of the last minute, by other work: {os.getloadavg()[0]:.1f}", flush=True)
    with kept(arguments.keep) as folder:
        cohort = folder / "cohort"
        show_cohort(cohort, made(cohort, arguments), arguments)
        measured = {name: Measured() for name in LABELS}
        for repeat in range(1, arguments.repeats + 1):
            steps = turn(cohort, folder / "out", measured)
            latest = ", ".join(f"{name} {one.seconds[-1]:.2f} s" for name, one in measured.items())
            print(f"turn {repeat} of {arguments.repeats}: {latest}", flush=True)
    show(measured)
    show_steps(steps, measured)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=positive, default=1000, help="default 1000")
    parser.add_argument("--days", type=positive, default=28, help="days charted, default 28")
    parser.add_argument("--minutes", type=positive, default=15, help="between readings of a vital, default 15")
    parser.add_argument("--repeats", type=positive, default=5, help="turns; the fastest counts, default 5")
    parser.add_argument("--keep", type=Path, help="a folder where the cohort stays, and is taken from if there")
    return parser.parse_args()


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is gone afterwards."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="cytograde_bench_") as temporary:
        yield Path(temporary)


def made(cohort: Path, arguments: argparse.Namespace) -> dict:
    """Make the cohort, or take the one that is there if it was made with the same numbers. Returns what is in it."""
    numbers = [arguments.subjects, arguments.days, arguments.minutes]
    note = cohort / "made.json"
    if note.is_file():
        shape = json.loads(note.read_text(encoding="utf-8"))
        if shape["numbers"] == numbers:
            return shape
    print("making the cohort", flush=True)
    output, *_ = run([sys.executable, HERE / "dense.py", cohort, *map(str, numbers)])
    shape = {**json.loads(output), "numbers": numbers}
    note.write_text(json.dumps(shape), encoding="utf-8")
    return shape


def turn(cohort: Path, out: Path, measured: dict[str, Measured]) -> list[tuple[str, float]]:
    """Every program once, one after the other. Returns the steps of the run with their seconds."""
    for name, rival in RIVALS.items():
        output, _, processor, memory = run([sys.executable, HERE / "rivals.py", rival, cohort])
        told = json.loads(output)
        add(measured[name], told["seconds"], processor, memory)
        measured[name].found = told["found"]
        if name == "B":
            steps = turn_of_the_run(cohort, out, measured)
    return steps


def turn_of_the_run(cohort: Path, out: Path, measured: dict[str, Measured]) -> list[tuple[str, float]]:
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "pipeline", "run", "tidy", cohort, "--out", out, "--no-report"]
    _, seconds, processor, memory = run([*command, "--systems", ONE_SYSTEM])
    add(measured["one"], seconds, processor, memory)
    shutil.rmtree(out)
    output, seconds, processor, memory = run(command)
    steps = [(match["name"], float(match["seconds"])) for match in map(STEP.match, output.splitlines()) if match]
    steps = [(name, seconds) for name, seconds in steps if not name.startswith("done")]
    if not steps:
        sys.exit(f"bench: no step stands in what the run printed:\n{output}")
    add(measured["run"], seconds, processor, memory)
    output, _, processor, memory = run([sys.executable, HERE / "grading.py", out])
    add(measured["grading"], json.loads(output)["seconds"], memory=memory)
    shutil.rmtree(out)
    return steps


def add(measured: Measured, seconds: float, processor: float | None = None, memory: int = 0) -> None:
    measured.seconds.append(seconds)
    measured.memory = max(measured.memory, memory)
    if processor is not None:
        measured.processor.append(processor)


def run(command: list) -> tuple[str, float, float, int]:
    """Run a command to its end: what it printed, its seconds, its processor seconds, its most memory in bytes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": str(THREADS), "COLUMNS": "120"}
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as faults:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=printed, stderr=faults, cwd=ROOT, env=environment
        )
        hold_to_two_cores(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        faults.seek(0)
        if process.returncode:
            sys.exit(f"bench: {' '.join(map(str, command))} ended with {process.returncode}: {faults.read().decode()}")
        # Kilobytes on Linux, bytes on macOS.
        memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return printed.read().decode(), seconds, usage.ru_utime + usage.ru_stime, memory


def hold_to_two_cores(process: int) -> None:
    """Before the child has counted its cores: it is still starting Python."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(process))
        os.sched_setaffinity(process, cores[:THREADS])


def show_cohort(cohort: Path, shape: dict, arguments: argparse.Namespace) -> None:
    size = (cohort / "observations.parquet").stat().st_size / 1e6
    lines = (
        f"{arguments.subjects:,} subjects, {arguments.days} days, five vitals every {arguments.minutes} minutes",
        f"{shape['readings']:,} readings, {shape['rows'] - shape['readings']:,} rows of support for "
        f"{shape['with_support']:,} subjects, {size:.1f} MB of Parquet",
        f"{shape['febrile']:,} subjects have a fever; temperature, pressure and saturation of a subject cross",
        f"their limits {shape['crossings_median']} times (median; quartiles {shape['crossings_q1']} "
        f"and {shape['crossings_q3']})",
    )
    print("cohort: " + "\n        ".join(lines), flush=True)


def show(measured: dict[str, Measured]) -> None:
    base, ratios = measured["B"], {name: one.best / measured["B"].best for name, one in measured.items()}
    turns = f"fastest of {len(base.seconds)}"
    print(f"\n{turns:<36}{'seconds':>9}{'slowest':>9}{'of B':>8}{'processor':>11}{'memory':>10}")
    for name, label in LABELS.items():
        one = measured[name]
        processor = f"{min(one.processor):>9.2f} s" if one.processor else " " * 11
        memory = f"{one.memory / 1e9:>7.2f} GB" if one.memory else ""
        print(f"{label:<36}{one.best:>9.2f}{max(one.seconds):>9.2f}{ratios[name]:>8.2f}{processor}{memory}")
    print(f"grading alone is {measured['grading'].best / measured['pandas'].best:.2f} of pandas and "
          f"{measured['grading'].best / measured['polars'].best:.2f} of Polars")  # fmt: skip
    if measured["pandas"].found != measured["polars"].found:
        print(f"pandas found {measured['pandas'].found} runs, Polars {measured['polars'].found}: one of them is wrong")

    print(f"\n{'':<36}{'aim':>12}{'reached':>12}")
    for label, name, aim in AIMS:
        show_aim(label, f"{aim} B", f"{ratios[name]:.2f} B", ratios[name] <= aim)
    processor = min(measured["run"].processor) / min(base.processor)
    print(f"{'  run, processor time':<36}{'':>12}{f'{processor:.2f} B':>12}")
    added = 100 * (measured["run"].best - measured["one"].best) / (SYSTEMS - 1) / measured["run"].best
    show_aim("a further system", f"{FURTHER_SYSTEM_AIM_PCT} %", f"{added:.1f} %", added <= FURTHER_SYSTEM_AIM_PCT)
    memory = measured["run"].memory / 1e9
    show_aim("peak memory of the run", f"{MEMORY_AIM_GB} GB", f"{memory:.2f} GB", memory <= MEMORY_AIM_GB)


def show_aim(label: str, aim: str, reached: str, is_reached: bool) -> None:
    print(f"{label:<36}{'<= ' + aim:>12}{reached:>12}   {'yes' if is_reached else 'no'}")


def show_steps(steps: list[tuple[str, float]], measured: dict[str, Measured]) -> None:
    """What took longest in the last run: steps are made side by side, so that their seconds are more than the run's."""
    last = measured["run"].seconds[-1]
    dear = [(name, seconds) for name, seconds in sorted(steps, key=lambda step: -step[1]) if seconds >= 0.02 * last]
    spent = ", ".join(f"{name} {seconds:.2f}" for name, seconds in dear)
    print(f"\nwhat took longest in the last run, of {last:.2f} s, much of it at the same time: {spent}")


if __name__ == "__main__":
    main()
