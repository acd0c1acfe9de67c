"""The folder that a run leaves: what its files are called, held by one run at a time, exchanged when whole, opened again."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.database import connect
from pipeline.errors import UsageError

DATABASE = "cohort.duckdb"
MANIFEST = "manifest.json"
REPORT = "report.html"
WORD = "tables.docx"
PAGES = "patients"
DRAWN = ("figures", "notebooks")
"""Folders that other commands make from a finished run."""
STALE = ".stale"
BUILDING = ".building"
LOCK = ".lock"
WRONG_NAMED = 20
"""Files that a warning names one by one."""


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Hold the output folder. A killed run lets go of it by itself. Raises UsageError where another run holds it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / LOCK).open("w")
    except OSError as fault:
        raise _unwritable(out, fault) from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise UsageError(
                f"--out {out}: another run is writing there; wait for it, or give another folder."
            ) from fault
        yield


def _unwritable(out: Path, fault: OSError) -> UsageError:
    return UsageError(f"--out {out}: the folder cannot be written ({fault.strerror}); give another folder.")


def empty(folder: Path) -> Path:
    """An empty folder to build in; what a killed run left there goes."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
    except OSError as fault:
        raise _unwritable(folder.parent, fault) from fault
    return folder


def move_in(building: Path, out: Path) -> None:
    """File by file, the manifest last: until it stands there, its absence or its hashes tell of the unfinished move."""
    (out / "tables").mkdir(exist_ok=True)
    for name in (REPORT, WORD):
        if not (building / name).exists():
            (out / name).unlink(missing_ok=True)
    move_in_folder(building, out, PAGES)
    for name in relative_files(building):
        if name != MANIFEST:
            os.replace(building / name, out / name)
    os.replace(building / MANIFEST, out / MANIFEST)


def clear_of_patients(building: Path, out: Path) -> None:
    """What an earlier run left of tables, pictures and notebooks goes where small counts are kept back: it shows patients."""
    for folder in DRAWN:
        shutil.rmtree(out / folder, ignore_errors=True)
    for path in (out / "tables").glob("*"):
        if path.is_file() and not (building / "tables" / path.name).exists():
            path.unlink()


def move_in_folder(building: Path, out: Path, name: str) -> None:
    """A folder of many files is exchanged as a whole, so that none of an earlier run stays."""
    stale = out / f"{name}{STALE}"
    shutil.rmtree(stale, ignore_errors=True)
    if (out / name).exists():
        os.replace(out / name, stale)
    if (building / name).exists():
        os.replace(building / name, out / name)
    shutil.rmtree(stale, ignore_errors=True)


def relative_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def suppress_below(out: Path) -> int:
    """Below which number of patients a finished run keeps counts back in what is to be shown; 0 where it does not."""
    try:
        return int(json.loads((out / MANIFEST).read_text(encoding="utf-8")).get("suppress_below", 0))
    except (OSError, ValueError, TypeError, AttributeError):
        return 0


def open_built(out: Path) -> tuple[duckdb.DuckDBPyConnection, str | None]:
    """Open the database of a finished run, and a warning where its files do not match its manifest.

    Raises UsageError where there is no finished run.
    """
    if not (out / MANIFEST).is_file() or not (out / DATABASE).is_file():
        raise UsageError(f"--out {out}: there is no finished run in this folder; do `cytograde run` into it first.")
    try:
        outputs = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise UsageError(
            f"--out {out}: manifest.json is not that of a run; do `cytograde run` into the folder again."
        ) from fault
    wrong = [
        name
        for name, digest in outputs.items()
        if not (out / name).is_file() or sha256(out / name) != digest
    ]
    warning = None
    if wrong:
        beyond = len(wrong) - WRONG_NAMED
        named = ", ".join([*wrong[:WRONG_NAMED], *([f"and {beyond:,} more"] if beyond > 0 else [])])
        warning = (
            f"{out}: {named} {'does' if len(wrong) == 1 else 'do'} not match manifest.json: "
            "a run was interrupted while it moved its files in, or a file was changed since; run again."
        )
    try:
        return connect(str(out / DATABASE), read_only=True), warning
    except duckdb.Error as fault:
        raise UsageError(f"--out {out}: {DATABASE} cannot be opened; do `cytograde run` into it again.") from fault
