"""The open hospital data beside this project, where they are: the MIMIC-IV demo, and the same people as CLIF.

Nobody in them was infused, and none had CRS: they test loading, messy charting and false positives. The minute zero of a
run upon them is a stand-in, the start of the first ICU stay.
"""

import io
from pathlib import Path

import duckdb
import pytest

from pipeline import build, outputs
from pipeline.reports.terminal.progress import Progress

DATA = Path(__file__).parents[2] / "shared" / "data"
MIMIC = DATA / "mimic_iv_demo"
CLIF = DATA / "clif_demo" / "clif_demo_30"

needs_mimic = pytest.mark.skipif(not MIMIC.is_dir(), reason="needs ../shared/data/mimic_iv_demo, which is not here")
needs_clif = pytest.mark.skipif(not CLIF.is_dir(), reason="needs ../shared/data/clif_demo, which is not here")


def graded(
    source: str,
    folder: Path,
    out: Path,
    anchors: Path | None = None,
    choices: Path | None = None,
    absolute_dates: bool = False,
) -> duckdb.DuckDBPyConnection:
    """The database of a run over a folder."""
    request = build.Request(
        source, folder, out, anchors=anchors, choices=choices, report=False, absolute_dates=absolute_dates
    )
    build.run(request, Progress(io.StringIO()))
    return duckdb.connect(str(out / outputs.DATABASE), read_only=True)
