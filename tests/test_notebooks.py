"""The notebooks: stored without outputs, run on the sample cohort, shown as pages that hold all they need."""

import ast
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys

import duckdb
import nbformat
import numpy as np
import pandas as pd
import pytest
from browser import grave, opened
from bs4 import BeautifulSoup
from conftest import ROOT, SAMPLE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console

from pipeline.errors import CytogradeError, UsageError
from pipeline.reports import notebooks

FOLDER = ROOT / "notebooks"
STORED = sorted(FOLDER.glob("*.ipynb"))
NAME = "onset_duration_grade"
SYSTEM = "astct_2019"

DRAWN = ".bars path, .scatterlayer path, .hm image"
"""What Plotly draws for a bar, a line, a mark or a square."""

HOSTILE = "</script><img src=x onerror=alert(1)><!-- <script>alert(2)</script>"


def command(*arguments, cwd=ROOT):
    """The command as `make notebooks` calls it."""
    call = [sys.executable, "-m", "pipeline.reports.notebooks", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(call, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


def quiet():
    return Console(file=io.StringIO())


def write_notebook(folder, *sources, name="one"):
    """A notebook of code cells under a heading, in a folder of its own."""
    folder.mkdir(exist_ok=True)
    cells = [new_markdown_cell("# A heading"), *(new_code_cell(source) for source in sources)]
    nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    return folder


def listing(folder):
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.iterdir()}


@pytest.fixture(scope="module")
def out(sample_build, tmp_path_factory):
    """A copy of the graded sample cohort, to put pages into."""
    return shutil.copytree(sample_build, tmp_path_factory.mktemp("notebooks") / "sample")


@pytest.fixture(scope="module")
def ran(out):
    """The one run of the stored notebooks: what it printed, and the folder before and after."""
    before = listing(FOLDER)
    result = command("--out", out)
    assert result.returncode == 0, result.stderr
    return result, before, listing(FOLDER)


@pytest.fixture(scope="module")
def page(out, ran):
    return out / "notebooks" / f"{NAME}.html"


@pytest.fixture(scope="module")
def text(page):
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def soup(text):
    """The page without the script that draws."""
    return BeautifulSoup(re.sub(r"<head>.*?</head>", "", text, flags=re.DOTALL), "html.parser")


@pytest.fixture(scope="module")
def figures(text):
    """The figures of the page by title, as Plotly is given them."""
    drawn = [
        json.loads(match) for match in re.findall(r'Plotly\.newPlot\("[^"]+", (\{.*\})\);</script>', text)
    ]
    return {figure["layout"]["title"]["text"]: figure for figure in drawn}


@pytest.fixture(scope="module")
def ask(out):
    """A question to the build: rows of SQL."""
    with duckdb.connect(out / "cohort.duckdb", read_only=True) as connection:
        yield lambda query, **named: connection.execute(query, named or None).fetchall()


def table(soup, *headings):
    """The one table of the page with these headings, as rows of text."""
    found = []
    for candidate in soup.find_all("table"):
        rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in candidate.find_all("tr")]
        if set(headings) <= set(rows[0]):
            found.append(rows[1:])
    assert len(found) == 1, headings
    return found[0]


def figure(figures, start):
    (found,) = [drawing for title, drawing in figures.items() if title.startswith(start)]
    return found


def numbers(values):
    """A list as it stands in the JSON of a figure, packed or not."""
    if isinstance(values, dict):
        flat = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
        shape = values.get("shape")
        return flat.reshape([int(size) for size in shape.split(",")]).tolist() if shape else flat.tolist()
    return list(values)


# ---- as they are stored ------------------------------------------------------------------------


def test_there_is_a_notebook_and_the_readme_lists_every_one():
    assert STORED
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(\w+\.ipynb)`", readme)) == {path.name for path in STORED}


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_notebook_holds_no_output_and_nothing_of_the_machine_it_was_written_on(path):
    stored = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(stored)
    assert (stored.nbformat, stored.nbformat_minor) >= (4, 5)
    assert set(stored.metadata) == {"kernelspec"} and stored.metadata.kernelspec.name == "python3"
    for cell in stored.cells:
        assert not cell.metadata, cell.id
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id), f"{cell.id}: name the cell"
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.id
    assert not re.search(r"/(home|Users|root|tmp|work)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_no_function_is_defined_in_a_notebook(path):
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, definitions)], (
                cell.id
            )


@pytest.mark.parametrize("start", [".", "notebooks"])
def test_the_build_is_found_from_the_root_and_from_the_notebooks_folder(
    start, sample_build, tmp_path, monkeypatch
):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "sample").symlink_to(sample_build)
    monkeypatch.chdir(tmp_path / start)
    monkeypatch.delenv("CYTOGRADE_OUT", raising=False)
    cells = {cell.id: cell.source for cell in nbformat.read(FOLDER / f"{NAME}.ipynb", as_version=4).cells}
    names = {}
    exec("import json, os, duckdb\nfrom pathlib import Path\n" + cells["open-build"], names)
    with names["connection"]:
        assert names["manifest"]["cytograde"] and names["system"] == SYSTEM


# ---- what the run says and leaves ----------------------------------------------------------------


def test_a_run_prints_a_plain_line_per_notebook_and_leaves_the_notebooks_alone(ran, out):
    result, before, after = ran
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert len(lines) == len(STORED)
    line = lines[[path.stem for path in STORED].index(NAME)]
    assert re.fullmatch(rf"{NAME}\.ipynb +\d+ cells +\d+\.\d\d s   .*{NAME}\.html", line)
    assert before == after
    assert sorted(path.name for path in (out / "notebooks").iterdir()) == [
        f"{path.stem}.html" for path in STORED
    ]


def test_the_page_names_the_build_its_choices_and_that_the_sample_is_invented(soup, out):
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    said = soup.get_text(" ")
    assert manifest["digest"][:16] in said
    assert "observations.csv: 21,399 rows, 8 refused, 2 blanked" in said
    assert "none: every choice at its default" in said
    assert "invented" in said


def test_counts_of_the_page_are_those_of_the_build(soup, ask):
    rows = {row[0]: row[1:] for row in table(soup, "highest grade", "% of treated")}
    for grade in range(1, 6):
        ((count,),) = ask(
            "SELECT count(*) FROM (SELECT subject_id, max(max_grade) AS grade FROM episodes.episodes "
            "WHERE system = $system GROUP BY subject_id) WHERE grade = $grade",
            system=SYSTEM,
            grade=grade,
        )
        assert rows[f"grade {grade}"][:2] == [str(count), f"{100 * count / 60:.1f}"]
    assert rows["any CRS"] == ["49", "81.7", "69.6 to 90.5"]
    assert rows["grade 3 or more"] == ["10", "16.7", "8.3 to 28.5"]
    assert "60 treated, 59 of them evaluable." in soup.get_text()


def test_onset_bars_hold_every_first_episode_once(figures, soup, ask):
    shown = {
        (int(day), int(bars["name"].removeprefix("grade "))): count
        for bars in figure(figures, "Day of onset")["data"]
        for day, count in zip(numbers(bars["x"]), numbers(bars["y"]), strict=True)
        if count
    }
    asked = ask(
        "SELECT onset_day, max_grade, count(*) FROM episodes.episodes "
        "WHERE system = $system AND episode = 1 GROUP BY ALL",
        system=SYSTEM,
    )
    assert shown == {(day, grade): count for day, grade, count in asked}
    assert sum(shown.values()) == 49
    assert table(soup, "highest grade", "earliest day")[0] == ["1", "22", "1", "2.0", "3.0", "4.0", "16"]


def test_durations_tell_unseen_ends_and_deaths_from_seen_ends(figures, ask):
    traces = figure(figures, "Length of the first episode")["data"]
    marked = {trace["name"]: sorted(numbers(trace["y"])) for trace in traces if trace["type"] == "scatter"}
    assert marked["end not seen: at least this long"] == ["CG-1031", "CG-1034"]
    assert marked["death adjudicated to CRS"] == ["CG-1026"]
    assert len(marked["end seen"]) == 46
    hours = {
        subject: days * 24
        for trace in traces
        if trace["type"] == "bar"
        for subject, days in zip(numbers(trace["y"]), numbers(trace["x"]), strict=True)
    }
    asked = dict(
        ask(
            "SELECT subject_id, (end_minute - onset_minute) / 60 FROM episodes.episodes "
            "WHERE system = $system AND episode = 1",
            system=SYSTEM,
        )
    )
    assert hours == pytest.approx(asked)


def test_incidence_of_resolution_passes_one_half_at_the_median_of_the_build(figures, soup, ask):
    traces = {trace["name"]: trace for trace in figure(figures, "Resolution of the first episode")["data"] if "name" in trace}
    days, resolved = numbers(traces["resolved"]["x"]), numbers(traces["resolved"]["y"])
    rows = ask(
        "SELECT days, incidence, competing_incidence FROM summaries.incidence "
        "WHERE system = $system AND endpoint = 'resolution' ORDER BY days",
        system=SYSTEM,
    )
    assert list(zip(days, resolved, numbers(traces["died before"]["y"]), strict=True)) == rows
    assert round(min(day for day, share in zip(days, resolved, strict=True) if share >= 50), 1) == 3.9
    assert table(soup, "duration of the first episode")[0][1:] == ["3.9", "3.6", "4.2"]
    assert "In whole calendar days, both ends included, the Kaplan-Meier median is 5." in soup.get_text()


def test_share_of_each_day_is_what_a_look_at_every_minute_gives(figures, ask):
    """A day of which nothing is known (-1 here) is a bar of its own: it used to count as a day without CRS."""
    bars = {trace["name"]: trace for trace in figure(figures, "Highest grade of the day")["data"]}
    stretches = ask(
        "SELECT subject_id, g.start_minute + infusion_minute_of_day, g.end_minute + infusion_minute_of_day, "
        "CASE WHEN g.episode IS NOT NULL AND g.grade >= 1 THEN g.grade "
        "WHEN g.temperature_known OR g.pressure_known THEN 0 ELSE -1 END, g.ceiling > g.grade "
        "FROM grading.graded AS g JOIN staging.subjects AS s USING (subject_no) WHERE g.system = $system",
        system=SYSTEM,
    )
    highest, minutes = {}, np.zeros((2, 15))
    for subject, start, end, grade, is_open in stretches:
        clock = np.arange(start, min(end, 15 * 1440)) // 1440
        for day in np.unique(clock):
            highest[subject, day] = max(grade, highest.get((subject, day), -1))
            minutes[:, day] += np.array([1, is_open]) * (clock == day).sum()
    highest["CG-1026", 6] = 5  # the death
    for grade in range(-1, 6):
        name = {-1: "nothing known", 0: "0: none shown"}.get(grade, f"grade {grade}")
        days = [day for (_, day), one in highest.items() if one == grade]
        counted = [days.count(day) for day in range(15)]
        assert numbers(bars[name]["y"]) == pytest.approx([100 * count / 60 for count in counted])
    assert sum(numbers(bars["nothing known"]["y"])) > 0
    assert numbers(bars["higher not ruled out"]["y"]) == pytest.approx(
        (100 * minutes[1] / minutes[0]).tolist()
    )


def test_ceiling_against_grade_counts_every_subject_once(figures, soup, ask):
    squares = figure(figures, "Highest grade proved")["data"][0]
    shown = {
        (grade, ceiling): count
        for grade, row in zip(squares["y"], numbers(squares["z"]), strict=True)
        for ceiling, count in zip(squares["x"], row, strict=True)
        if count
    }
    asked = ask(
        "SELECT coalesce(max_grade::VARCHAR, 'not evaluable'), max_ceiling::VARCHAR, count(*) "
        "FROM summaries.subjects WHERE system = $system GROUP BY ALL",
        system=SYSTEM,
    )
    assert shown == {(grade, ceiling): count for grade, ceiling, count in asked}
    assert sum(shown.values()) == 60
    unsettled = [row[0] for row in table(soup, "not ruled out")]
    asked = ask(
        "SELECT subject_id FROM summaries.subjects WHERE system = $system "
        "AND max_ceiling IS DISTINCT FROM max_grade ORDER BY subject_id",
        system=SYSTEM,
    )
    assert unsettled == [subject for (subject,) in asked]


def test_what_could_not_be_ruled_out_is_named(soup):
    rows = {row[0]: row for row in table(soup, "not ruled out")}
    assert rows["CG-1013"][2:5] == ["not evaluable", "1", "fever (232 h)"]
    assert rows["CG-1017"][2:5] == ["2", "3", "high flow or mask (6 h)"]  # a cannula with no readable flow
    assert rows["CG-1024"][2:5] == ["1", "4", "positive pressure (38 h)"]  # CPAP of their own
    assert all(row[4] for row in rows.values())


def test_deciding_chartings_stand_in_the_file_where_the_page_says(soup):
    charted = pd.read_csv(SAMPLE / "observations.csv", dtype=str)
    told = next(one.get_text() for one in soup.find_all("pre") if one.get_text().startswith("CG-1007"))
    found = re.findall(r"^ +(\w+) +([\d.]+) \S+ .* observations\.csv row (\d+)$", told, re.MULTILINE)
    assert [concept for concept, *_ in found] == [
        "epinephrine", "norepinephrine", "epinephrine", "norepinephrine", "nasal_cannula", "temperature",
    ]  # fmt: skip
    for concept, amount, number in found:
        row = charted.iloc[int(number) - 1]
        assert (row.subject_id, row.concept) == ("CG-1007", concept)
        assert float(amount) == pytest.approx(float(row.value))


def test_frames_graded_in_the_notebook_show_grade_and_ceiling(soup):
    rows = {row[0]: row for row in table(soup, "subject_id", "max_ceiling")}
    assert rows["at home"][2:4] == ["1", "2"]
    assert rows["watched"][2:4] == ["3", "3"]


# ---- the page ------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.ipynb")))
def test_axe_finds_nothing_serious_in_a_page(browser, ran, out, name):
    with opened(browser, out / "notebooks" / f"{name}.html") as seen:
        assert grave(seen.page) == []


@pytest.mark.browser
def test_page_opens_offline_asks_for_nothing_and_draws_every_figure(browser, page, figures):
    with opened(browser, page) as seen:
        for number in range(len(figures)):
            seen.page.locator("figure").nth(number).locator(DRAWN).first.wait_for(state="attached")
        assert seen.requests == [page.resolve().as_uri()]
        assert seen.errors == []
        assert seen.run("document.querySelectorAll('figure .js-plotly-plot').length") == len(figures) == 5
        assert (
            seen.run(
                "Math.min(...[...document.querySelectorAll('figure .main-svg')].map(one => one.clientWidth))"
            )
            > 600
        )
        assert seen.run("document.documentElement.scrollWidth") <= 1280
        buttons = seen.run("[...document.querySelectorAll('.modebar-btn')].map(one => one.dataset.title)")
        assert buttons and not [title for title in buttons if re.search(r"cloud|share|plotly", title, re.I)]


def test_page_holds_plotly_once_and_names_no_address_to_fetch(text):
    assert text.count("plotly.js v") == 1
    assert "default-src 'none'" in text
    outside = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", outside)
    assert "Warning" not in outside


@pytest.mark.browser
def test_text_of_a_figure_cannot_leave_its_script_and_a_bar_moves_where_a_person_watches(
    browser, out, tmp_path
):
    folder = write_notebook(
        tmp_path / "hostile",
        f"import os, sys, plotly.graph_objects as go, plotly.io as pio\nhostile = {HOSTILE!r}\n"
        "pio.renderers.default = 'plotly_mimetype'\n"
        "go.Figure(go.Bar(x=[hostile], y=[1]), layout={'title': {'text': hostile}})",
        "print(hostile, os.environ['CYTOGRADE_OUT'], os.getcwd(), sys.prefix)",
    )
    screen = io.StringIO()
    (page,) = notebooks.run(out, folder, Console(file=screen, force_terminal=True, width=120))
    assert "0/3" in screen.getvalue()
    with opened(browser, page) as seen:
        seen.page.wait_for_selector(".main-svg .bars path")
        assert (seen.dialogs, seen.errors, seen.requests) == ([], [], [page.resolve().as_uri()])
        said = seen.run("document.querySelector('.output_stdout').textContent")
    for known in (HOSTILE, str(out.resolve()), str(folder.resolve()), sys.prefix):
        assert known in said
    page.unlink()


# ---- what goes wrong -----------------------------------------------------------------------------


def test_a_failing_cell_gives_notebook_cell_and_error_and_leaves_the_page_that_was_there(out, tmp_path):
    folder = write_notebook(tmp_path / "failing", "a = 1", "", "raise ValueError('one\\ntwo')", "b = 2")
    pages = out / "notebooks"
    pages.mkdir(exist_ok=True)
    (pages / "one.html").write_text("as it was")
    with pytest.raises(CytogradeError) as caught:
        notebooks.run(out, folder, quiet())
    assert caught.value.exit_code == 1
    assert str(caught.value) == (
        f"{folder / 'one.ipynb'}, code cell 3: ValueError: one; open the notebook in Jupyter to mend it."
    )
    assert (pages / "one.html").read_text() == "as it was"
    assert not list(pages.glob(".*"))
    (pages / "one.html").unlink()


def test_a_missing_build_is_one_sentence_and_code_2(tmp_path):
    result = command("--out", "results/sample", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == (
        "cytograde: --out results/sample: there is no finished run in this folder; do `make run` first.\n"
    )
    result = command("--out", "elsewhere", cwd=tmp_path)
    assert result.returncode == 2
    assert "do `cytograde run SOURCE FOLDER --out elsewhere` first" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_build_whose_files_were_changed_is_warned_of(sample_build, tmp_path):
    out = shutil.copytree(sample_build, tmp_path / "out")
    (out / "tables" / "cohort.csv").write_text("changed")
    assert "tables/cohort.csv does not match manifest.json" in notebooks._check_build(out)


@pytest.mark.parametrize(
    ("made", "said"),
    [(None, "there is no such folder"), ([], "there is no notebook"), (["{"], "no readable notebook")],
)
def test_a_folder_without_a_readable_notebook_is_one_sentence_and_code_2(out, tmp_path, made, said):
    folder = tmp_path / "folder"
    if made is not None:
        folder.mkdir()
        for content in made:
            (folder / "one.ipynb").write_text(content)
    with pytest.raises(UsageError, match=said) as caught:
        notebooks.run(out, folder, quiet())
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)
