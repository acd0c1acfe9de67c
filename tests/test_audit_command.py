"""`cytograde audit`, the files it names, and the sections of the report: a small cohort at two sites."""

import csv
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from cohorts import chartings, said, written

SITES = {"A1": "Alder", "A2": "Alder", "B1": "Birch", "B2": "Birch"}
SUBJECTS = "subject_id,infusion_time,site,followup_end_hour\n"
SUBJECTS += "".join(f"{name},2031-05-04T10:00,{site},400\n" for name, site in SITES.items())
FEVER = ("temperature,30,39.0,degC", "temperature,42,37.0,degC", "systolic_bp,24,120,mmHg", "systolic_bp,36,118,mmHg")
ROWS = [f"{name},{row}" for name in SITES for row in FEVER]
ROWS += ["A2,systolic_bp,31,80,mmHg", "A2,tocilizumab,34,560,mg", "B2,temperature,33,384,degC"]
RECORDED = (
    "subject_id,system,grade,start_hour,end_hour,recorder\n"
    "A1,astct_2019,1,31,42,=1+1\n"
    "A2,astct_2019,1,31,42,nurse\n"
    "B1,astct_2019,3,31,42,nurse\n"
    "B2,lee_1999,1,31,42,nurse\n"
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    cohort = written(folder, SUBJECTS, chartings(*ROWS), RECORDED)
    assert said("run", "tidy", cohort, "--out", folder / "out", "--systems", "astct_2019").code == 0
    return folder / "out"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with nothing recorded."""
    folder = tmp_path_factory.mktemp("bare")
    cohort = written(folder, SUBJECTS, chartings(*ROWS))
    assert said("run", "tidy", cohort, "--out", folder / "out", "--systems", "astct_2019").code == 0
    return folder / "out"


def section(folder: Path, name: str) -> BeautifulSoup | None:
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser").select_one(f"section#{name}")


def test_the_command_tells_what_disagrees_first_and_then_each_site(out: Path) -> None:
    printed = said("audit", "--out", out).done().out
    words = [line.split() for line in printed.splitlines()]
    assert "all 3 1 33.3% 1 1".split() == words[2][:6]
    assert "Birch site 1 0 0.0% 0 1".split() == words[4][:7]
    assert re.findall(r"^[A-Z]{4,}", printed, re.M) == [
        "RECORDED", "RECORDED", "DISAGREEMENTS", "REFUSED", "TIME", "FROM", "WORTH",
    ]  # fmt: skip
    assert "RECORDED BY lee_1999\n1 patient, compared with nothing: this system is not graded in this run" in printed
    assert "DISAGREEMENTS   (2: recorded too high 1; recorded too low 1; all in tables/discrepancies.csv)" in printed
    assert "B1 Birch, nurse recorded too high\n    Recorded is grade 3 (ASTCT consensus grading 2019, day 1 17:00 to " in printed
    assert "Birch temperature 1 0 1".split() in words
    assert "Alder 1 0 1 0 3.0 h 3.0 h".split() in words
    assert "4 patients: Highest grades that rest on one single reading." in printed
    assert "\n    A1 (grade 1); A2 (grade 2); B1 (grade 1); and 1 more\n" in printed


def test_the_command_with_nothing_recorded(bare: Path) -> None:
    printed = said("audit", "--out", bare).done().out
    assert printed.startswith("RECORDED AGAINST DERIVED\nno grade was recorded\n\nREFUSED")
    assert "DISAGREEMENTS" not in printed and "WORTH A LOOK" in printed


def test_the_command_needs_a_finished_run(tmp_path: Path) -> None:
    assert "there is no finished run in this folder" in said("audit", "--out", tmp_path / "nothing").sentence(2)


def test_discrepancies_are_exported_and_no_cell_can_act_as_a_formula(tmp_path: Path) -> None:
    recorded = RECORDED.replace("A2,astct_2019,1,31,42,nurse", "A2,astct_2019,1,31,42,=1+1")
    cohort = written(tmp_path, SUBJECTS, chartings(*ROWS), recorded)
    assert said("run", "tidy", cohort, "--out", tmp_path / "out", "--no-report", "--systems", "astct_2019").code == 0
    with (tmp_path / "out" / "tables" / "discrepancies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["subject_id"], row["reason_class"], row["recorder"]) for row in rows] == [
        ("A2", "recorded too low", "'=1+1"), ("B1", "recorded too high", "nurse"),
    ]  # fmt: skip
    assert not [cell for row in rows for name, cell in row.items() if cell[:1] in "=@\t" and cell]
    assert (tmp_path / "out" / "tables" / "discrepancies.parquet").is_file()


def test_the_report_has_a_section_of_recorded_grades_with_every_disagreement(out: Path) -> None:
    shown = section(out, "recorded")
    text = " ".join(shown.get_text(" ").split())
    assert "The highest grade is the same in 1 of 3 patients with a grade on both sides (33.3%" in text
    assert "2 in all: recorded too high 1; recorded too low 1." in text
    assert "compared with nothing: lee_1999 (1 patient)." in text
    captions = [caption.get_text() for caption in shown.select("caption")]
    assert captions == [
        "Patients by recorded and derived highest grade",
        "Sites: recorded and derived grade the same",
        "Agreement of the recorded with the derived highest grade",
        "Onset and duration of episodes recorded and derived",
        "Disagreements",
    ]
    lines = shown.select(".disputed tbody tr")
    disputed = [[" ".join(cell.get_text(" ").split()) for cell in line.select("th, td")] for line in lines]
    assert [row[:5] for row in disputed] == [
        ["B1", "Birch, nurse", "3", "1", "recorded too high"], ["A2", "Alder, nurse", "1", "2", "recorded too low"],
    ]  # fmt: skip


def test_a_report_with_nothing_recorded_has_no_such_section_and_still_the_findings(out: Path, bare: Path) -> None:
    assert section(bare, "recorded") is None
    contents = BeautifulSoup((bare / "report.html").read_text(encoding="utf-8"), "html.parser").select(".contents a")
    assert "#recorded" not in [link["href"] for link in contents] and "#findings" in [link["href"] for link in contents]
    for folder in (out, bare):
        shown = section(folder, "findings")
        lines = [" ".join(row.get_text(" ").split()) for row in shown.select("tbody tr")]
        named = "4 A1 (grade 1); A2 (grade 2); B1 (grade 1); and 1 more"
        why = "One slip of the pen or the cuff would have made it."
        assert f"Highest grades that rest on one single reading {named} {why}" in lines
        assert "Nothing found: " in shown.get_text()


def test_figures_of_the_report_are_numbered_without_a_gap(out: Path, bare: Path) -> None:
    for folder in (out, bare):
        page = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
        numbers = [int(re.match(r"Figure (\d+)\.", caption.get_text().strip()).group(1)) for caption in page.select("figcaption")]
        assert numbers == list(range(1, len(numbers) + 1))
