"""Where nobody is known to have been infused, nothing is called CRS: not in the report, the terminal or an explanation."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from cohorts import said
from conftest import ROOT

SAMPLE = ROOT / "data" / "sample" / "mimic_iv"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the sample cohort as MIMIC-IV, with no anchors."""
    folder = tmp_path_factory.mktemp("stand-in") / "out"
    printed = said("run", "mimic_iv", SAMPLE, "--out", folder)
    assert printed.code == 0, printed.err
    (folder.parent / "printed.txt").write_text(printed.out, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def page(out: Path) -> BeautifulSoup:
    return BeautifulSoup((out / "report.html").read_text(encoding="utf-8"), "html.parser")


SENTENCE = "Time zero is a stand-in, the start of each patient's first ICU stay: nobody in these data is known"


def test_the_terminal_says_it_and_counts_charts_that_meet_criteria(out: Path) -> None:
    printed = (out.parent / "printed.txt").read_text(encoding="utf-8")
    assert SENTENCE in printed
    assert re.search(r"^system +patients evaluable +met +g1", printed, re.M)
    assert "any CRS" not in printed and "treated" not in printed
    assert re.search(r"^done, with \d+\.\d\d GB of memory at the most +\d", printed, re.M)


def test_the_report_says_it_on_every_page(page: BeautifulSoup) -> None:
    note = page.select_one("main > p.stand-in")
    assert note.get_text().startswith("Not a result on CRS. " + SENTENCE)
    style = page.select_one("style").get_text()
    assert re.search(r"\.stand-in \{ position: sticky;", style)
    assert "@top-center { content: \"Not a result on CRS: time zero is a stand-in" in style


def test_the_report_calls_nobody_treated_and_nothing_crs(page: BeautifulSoup) -> None:
    assert page.select_one("h1").get_text() == "Criteria of cytokine release syndrome, applied to charts with no known infusion"
    shown = " ".join(page.select_one(f"#{name}").get_text(" ") for name in ("answer", "cohort", "figures", "subjects"))
    assert not re.search(r"\b(had|no|any|have|with) CRS\b|\btreated\b", shown, re.I)
    # The sixty of the sample, and one more whom its anchors leave out.
    assert re.search(r"Of 61 patients, none known to have been infused, the charts of \d+ \([^)]+\) meet the criteria", shown)
    assert {"Criteria met", "Criteria not met", "Patients"} <= {cell.get_text() for cell in page.select("table.cohort th")}
    listing = json.loads(page.select_one("#listing-data").get_text())
    statuses = {row[listing["columns"].index("status")] for row in listing["rows"]}
    assert statuses <= {"criteria met", "criteria not met", "not evaluable"} and "criteria met" in statuses
    drawn = " ".join(script.get_text() for script in page.select("figure script"))
    assert '"no CRS"' not in drawn and "of treated" not in drawn


def test_an_explanation_and_the_manifest_say_it(out: Path) -> None:
    explained = said("explain", "CG-1007", "--out", out, "--system", "astct_2019").out
    assert SENTENCE in explained and "of CRS" not in explained
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["time_zero"].startswith(SENTENCE)
    assert re.fullmatch(r"[0-9a-f]{64}", manifest["mapping"])
