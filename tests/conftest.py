"""What several tests share: the graded sample cohort, and a browser to look at the report with."""

import io
import os
import shutil
from pathlib import Path

import pytest

from pipeline import build
from pipeline.reports.terminal.progress import Progress

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "tidy"

CHROMIUMS = ("chromium", "google-chrome", "chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory):
    """The folder of a finished run over the sample cohort."""
    out = tmp_path_factory.mktemp("sample") / "out"
    build.run(build.Request("tidy", SAMPLE, out), Progress(io.StringIO()))
    return out


@pytest.fixture(scope="session")
def browser():
    """Chromium, driven by Playwright. With none on this machine the test is skipped, or fails where it must run."""
    executable = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if executable is None:
        _absent(f"no browser: none of {', '.join(CHROMIUMS)} is on this machine (on Debian, apt install chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("no browser: the package playwright is not installed (make setup)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


def _absent(reason):
    if os.environ.get("CYTOGRADE_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}; CYTOGRADE_REQUIRE_BROWSER=1 asks for one")
    pytest.skip(reason)
