"""`figures`: every figure of the report as a picture, drawn by one headless browser, written aside and moved in when whole."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline import outputs
from pipeline.errors import UsageError, first_line
from pipeline.reports import report
from pipeline.reports.figures.house import Figure
from pipeline.reports.patients.ways import Ways

FORMATS = ("png", "svg")
FOLDER = "figures"
WIDTH = 1280
"""In CSS pixels; the height is that of the figure."""
SCALE = {"png": 2, "svg": 1}
"""Pixels of the picture to one of CSS."""

Told = Callable[[str, int | None, float], None]
"""What is told after each figure: its name, no rows, seconds."""


def formats(text: str) -> tuple[str, ...]:
    """The formats in `--format A,B`. Raises UsageError where there is none, or one that is not known."""
    named = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    wrong = [name for name in named if name not in FORMATS]
    if wrong or not named:
        said = f"{wrong[0]!r} is not a format" if wrong else "no format is named"
        raise UsageError(f"--format: {said}; give png, svg, or both parted by a comma.")
    return named


def figures(connection: duckdb.DuckDBPyConnection, manifest: Mapping) -> list[Figure]:
    """Every figure of the report that is drawn, each once, in the order in which the report's parts are made."""
    found: dict[str, Figure] = {}
    for figure in _within(report.context(connection, manifest, Ways({}, in_folder=False))):
        if figure.drawing is not None:
            found.setdefault(figure.id, figure)
    return list(found.values())


def _within(held: object) -> Iterator[Figure]:
    """The figures in what a page says, however deep."""
    if isinstance(held, Figure):
        yield held
    elif isinstance(held, Mapping):
        for one in held.values():
            yield from _within(one)
    elif isinstance(held, (list, tuple)):
        for one in held:
            yield from _within(one)


def write(connection: duckdb.DuckDBPyConnection, out: Path, kinds: Sequence[str], told: Told) -> list[Path]:
    """Write the pictures of a finished run to OUT/figures; pictures of an earlier time there are replaced.

    connection -- to the database of the run
    Returns their paths. Raises UsageError where there is no browser, or no room.
    """
    browser = _browser()
    manifest = json.loads((out / outputs.MANIFEST).read_text(encoding="utf-8"))
    drawn = figures(connection, manifest)
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=out))
        try:
            asyncio.run(_draw(browser, drawn, kinds, aside, told))
            return _move_in(aside, out / FOLDER)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as fault:
        raise UsageError(
            f"--out {out}: the pictures cannot be written ({fault.strerror or first_line(fault)}); make room, or give "
            "a folder that can be written."
        ) from fault


def _browser() -> str:
    """The path of the browser. Raises UsageError where there is none."""
    from choreographer.browsers.chromium import Chromium

    named = os.environ.get("BROWSER_PATH")
    path = named or Chromium.find_browser(skip_local=False)
    if path and os.access(path, os.X_OK) and Path(path).is_file():
        return path
    missing = f"BROWSER_PATH names {named}, where none is" if named else "none was found"
    raise UsageError(
        f"pictures are drawn by Chrome or Chromium, and {missing}; install one (on Debian, apt install chromium), "
        "or give its path in BROWSER_PATH."
    )


async def _draw(browser: str, drawn: Sequence[Figure], kinds: Sequence[str], folder: Path, told: Told) -> None:
    """Each figure in each format, one after another in one tab that asks for nothing outside this machine."""
    import kaleido
    from choreographer import errors

    broken = (errors.BrowserClosedError, errors.BrowserDepsError, errors.BrowserFailedError, errors.ChannelClosedError,
              errors.DevtoolsProtocolError, TimeoutError)  # fmt: skip
    try:
        async with kaleido.Kaleido(path=browser, mathjax=False) as tab:
            for figure in drawn:
                started = time.perf_counter()
                content = json.loads(figure.json())
                for kind in kinds:
                    options = {"format": kind, "width": WIDTH, "height": figure.drawing.layout.height, "scale": SCALE[kind]}
                    picture = await tab.calc_fig(content, opts=options)
                    (folder / f"{figure.id}.{kind}").write_bytes(picture)
                told(f"figure {figure.id}", None, time.perf_counter() - started)
    except broken as fault:
        if asyncio.current_task().cancelling():  # Ctrl-C ends the browser too, and is what it is to be called
            raise asyncio.CancelledError from fault
        raise UsageError(
            f"the browser {browser} ended or hung before the figures were drawn; give the path of another in BROWSER_PATH."
        ) from fault


def _move_in(aside: Path, folder: Path) -> list[Path]:
    """The pictures into their folder, one by one; those of an earlier time that are not among them go."""
    folder.mkdir(exist_ok=True)
    fresh = sorted(path.name for path in aside.iterdir())
    for name in fresh:
        os.replace(aside / name, folder / name)
    for path in folder.iterdir():
        if path.suffix.lstrip(".") in FORMATS and path.name not in fresh:
            path.unlink()
    return [folder / name for name in fresh]
