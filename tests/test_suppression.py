"""Small numbers are kept back, and nothing that is shown gives one away: by hand, by an attacker, and over a whole run."""

import io
import itertools
import json
import random
import re
import zipfile

import duckdb
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, SAMPLE
from scipy.optimize import linprog

from pipeline import build, outputs
from pipeline.__main__ import app
from pipeline.errors import UsageError
from pipeline.privacy import released
from pipeline.privacy.suppression import Sum, Unsafe, suppressed
from pipeline.reports import pictures
from pipeline.reports.publication import HELD
from pipeline.reports.terminal import summary
from pipeline.reports.terminal.progress import Progress

N = 5


def run(out, **more) -> None:
    build.run(build.Request("tidy", SAMPLE, out, **more), Progress(io.StringIO()))


@pytest.fixture(scope="module")
def kept_back(tmp_path_factory):
    """The folder of a run over the sample cohort that keeps back numbers below 5; before it, a complete one was there."""
    out = tmp_path_factory.mktemp("kept") / "out"
    run(out)
    (out / "figures").mkdir()
    (out / "figures" / "swimmer.png").write_bytes(b"an earlier picture")
    run(out, suppress_below=N)
    return out


# By hand


def test_the_other_part_of_a_sum_is_hidden_with_a_small_one() -> None:
    counts = {"all": 20, "few": 2, "many": 18}
    assert suppressed(counts, [Sum("all", ("few", "many"))], list(counts), N) == {"few", "many"}


def test_two_small_parts_that_together_are_small_take_a_third_with_them() -> None:
    """2 + 1 of 20 would follow from 20 - 10 - 7: the smallest of those that may be hidden goes too, being the last in rank."""
    counts = {"all": 20, "g1": 10, "g2": 7, "g3": 2, "g4": 1}
    assert suppressed(counts, [Sum("all", ("g1", "g2", "g3", "g4"))], list(counts), N) == {"g2", "g3", "g4"}


def test_two_small_parts_that_could_each_be_the_large_one_are_enough() -> None:
    """4 + 4 = 8 admits 5 + 3: with a mark of its own for small numbers both would be known to be 4."""
    counts = {"all": 20, "g1": 12, "g2": 4, "g3": 4}
    assert suppressed(counts, [Sum("all", ("g1", "g2", "g3"))], list(counts), N) == {"g2", "g3"}


def test_a_nought_is_shown_and_takes_nobody_with_it() -> None:
    counts = {"all": 20, "none": 0, "some": 20}
    assert suppressed(counts, [Sum("all", ("none", "some"))], list(counts), N) == frozenset()


def test_what_is_left_of_a_total_is_kept_back_though_it_stands_nowhere() -> None:
    """58 of 60 with a fever are 2 without: 60 is always shown, so 58 is not."""
    counts = {"all": 60, "fever": 58, "no fever": 2}
    assert suppressed(counts, [Sum("all", ("fever", "no fever"))], ["all", "fever"], N, always={"all"}) == {"fever"}


def test_rows_and_columns_of_a_table_are_hidden_in_a_rectangle() -> None:
    """One small cell, arm A grade 2: a second in its row and in its column, and the fourth corner."""
    counts = {("A", 1): 10, ("A", 2): 2, ("A", 3): 30, ("B", 1): 10, ("B", 2): 8, ("B", 3): 40}
    sums = []
    for grade in (1, 2, 3):
        counts["all", grade] = counts["A", grade] + counts["B", grade]
        sums.append(Sum(("all", grade), (("A", grade), ("B", grade))))
    for arm in ("A", "B", "all"):
        counts[arm, 0] = sum(counts[arm, grade] for grade in (1, 2, 3))
        sums.append(Sum((arm, 0), tuple((arm, grade) for grade in (1, 2, 3))))
    sums.append(Sum(("all", 0), (("A", 0), ("B", 0))))
    ranked = sorted(counts, key=lambda key: (key[0] != "all", key[1] != 0, -counts[key]))
    assert suppressed(counts, sums, ranked, N) == {("A", 1), ("A", 2), ("B", 1), ("B", 2)}


def test_a_small_number_that_follows_from_what_is_always_shown_is_refused() -> None:
    counts = {"all": 6, "a": 6, "b": 0, "few": 3, "rest": 3}
    sums = [Sum("all", ("few", "rest")), Sum("all", ("a", "b"))]
    with pytest.raises(Unsafe, match="3"):
        suppressed({"all": 3, "few": 3}, [Sum("all", ("few",))], ["all", "few"], N, always={"all"})
    assert suppressed(counts, sums, list(counts), N, always={"all"}) >= {"few", "rest"}


def test_a_sum_that_does_not_hold_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no sum"):
        suppressed({"all": 3, "a": 1, "b": 1}, [Sum("all", ("a", "b"))], ["all"], N)


# An attacker who knows every sum


def reach(counts: dict, sums: list[Sum], shown: set, hidden: frozenset, key) -> tuple[float, float]:
    """The least and most that a count may be, by linear programming over all of them at once."""
    keys = list(counts)
    place = {one: number for number, one in enumerate(keys)}
    matrix = np.zeros((max(1, len(sums)), len(keys)))
    for row, one in enumerate(sums):
        matrix[row, place[one.whole]] += 1
        for part in one.parts:
            matrix[row, place[part]] -= 1
    bounds = [
        (counts[one], counts[one]) if one in shown and one not in hidden else (1 if one in shown else 0, None) for one in keys
    ]
    ends = []
    for sign in (1, -1):
        objective = np.zeros(len(keys))
        objective[place[key]] = sign
        found = linprog(objective, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds)
        ends.append(sign * found.fun if found.status == 0 else np.inf)
    return ends[0], ends[1]


def random_table(seed: int) -> tuple[dict, list[Sum], list]:
    """Patients drawn into arms, sites and grades, with totals and a cumulative row; some cells stand nowhere."""
    draw = random.Random(seed)
    cells = {key: draw.choice((0, 0, 1, 2, 3, 4, 6, 9, 15)) for key in itertools.product(("A", "B"), (1, 2, 3, 4))}
    counts, sums = dict(cells), []
    for grade in (1, 2, 3, 4):
        counts["all", grade] = cells["A", grade] + cells["B", grade]
        sums.append(Sum(("all", grade), (("A", grade), ("B", grade))))
    for arm in ("A", "B", "all"):
        counts[arm, "3+"] = counts[arm, 3] + counts[arm, 4]
        counts[arm, "any"] = counts[arm, 1] + counts[arm, 2] + counts[arm, "3+"]
        sums += [Sum((arm, "3+"), ((arm, 3), (arm, 4))), Sum((arm, "any"), ((arm, 1), (arm, 2), (arm, "3+")))]
    shown = [key for key in counts if key == ("all", "any") or draw.random() < 0.85]
    draw.shuffle(shown)
    return counts, sums, shown


@pytest.mark.parametrize("seed", range(60))
def test_in_random_tables_no_small_number_is_known_to_be_small(seed: int) -> None:
    counts, sums, shown = random_table(seed)
    hidden = suppressed(counts, sums, shown, N)
    assert hidden >= {key for key in shown if 0 < counts[key] < N}
    assert not {key for key in hidden if counts[key] == 0}
    for key, count in counts.items():
        if 0 < count < N:
            least, most = reach(counts, sums, set(shown), hidden, key)
            assert most >= N and least <= count, (key, count, least, most)


@pytest.mark.parametrize("seed", range(12))
def test_no_number_is_hidden_that_could_be_shown(seed: int) -> None:
    """Each hidden number of 5 or more, shown besides, would give some small one away."""
    counts, sums, shown = random_table(seed)
    hidden = suppressed(counts, sums, shown, N)
    small = [key for key, count in counts.items() if 0 < count < N]
    for key in hidden:
        if counts[key] >= N:
            less = hidden - {key}
            assert min(reach(counts, sums, set(shown), less, one)[1] for one in small) < N, key


def test_by_trying_every_filling_small_numbers_stay_open() -> None:
    """All whole numbers tried: of 2 + 1 + 7 hidden in 10, each small one may be 5."""
    counts = {"all": 20, "g1": 10, "g2": 7, "g3": 2, "g4": 1}
    sums = [Sum("all", ("g1", "g2", "g3", "g4"))]
    hidden = sorted(suppressed(counts, sums, list(counts), N))
    fillings = [
        dict(zip(hidden, filling, strict=True))
        for filling in itertools.product(range(1, 20), repeat=len(hidden))
        if sum(filling) + sum(counts[key] for key in ("g1", "g2", "g3", "g4") if key not in hidden) == 20
    ]
    for key in ("g3", "g4"):
        assert {filling[key] for filling in fillings} >= {1, 2, 3, 4, 5}


# A whole run


def results(out) -> pd.DataFrame:
    return pd.read_csv(out / "tables" / "results.csv")


COUNTS = ("n", "n_missing", "proven", "possible")


def test_every_number_of_patients_in_the_results_is_nought_or_not_small(kept_back) -> None:
    rows = results(kept_back)
    counts = rows[rows.statistic.isin(COUNTS) & (rows.unit == "patients")]
    shown = counts[~counts.suppressed]
    assert ((shown.value == 0) | (shown.value >= N)).all() and len(shown) > 150
    assert counts[counts.suppressed].value.isna().all() and len(counts[counts.suppressed]) > 100
    assert (rows.n.isna() | (rows.n == 0) | (rows.n >= N)).all()
    assert rows[rows.statistic.isin(["min", "max"])].value.isna().all()
    assert set(rows.system) == {"astct_2019"}


def test_what_is_shown_is_what_a_complete_run_shows(kept_back, sample_build) -> None:
    key = ["system", "table_id", "row_no", "column_no", "statistic"]
    both = results(kept_back).merge(results(sample_build), on=key, suffixes=("", "_complete"))
    shown = both[~both.suppressed]
    assert len(both) == len(results(kept_back))
    pd.testing.assert_series_equal(shown.value, shown.value_complete, check_names=False)


def test_the_result_of_the_sample_is_shown_and_its_deaths_are_not(kept_back) -> None:
    rows = results(kept_back)
    total = rows[(rows.table_id == "overview") & (rows.column == "Total") & (rows.statistic == "n") & (rows.row_no <= 12)]
    shown = {row: None if pd.isna(value) else int(value) for row, value in zip(total.row, total.value, strict=True)}
    assert shown == {
        "Treated": 60, "Evaluable": None, "Not evaluable": None, "No CRS": None, "Any CRS": 49, "Grade 1": 21, "Grade 2": 18,
        "Grade 3": None, "Grade 4": None, "Grade 5": None, "Grade 2 or more": 28, "Grade 3 or more": 10,
    }  # fmt: skip


OVERVIEW = [
    ("Treated", "Evaluable", "Not evaluable"), ("Evaluable", "No CRS", "Any CRS"), ("Any CRS", "Grade 1", "Grade 2 or more"),
    ("Grade 2 or more", "Grade 2", "Grade 3 or more"), ("Grade 3 or more", "Grade 3", "Grade 4", "Grade 5"),
]  # fmt: skip


def from_the_page(out) -> tuple[dict, list[Sum], set, frozenset]:
    """What a reader has: numbers by table, row and column, and the sums that the heads tell; with the true numbers beside."""
    with duckdb.connect(str(out / "cohort.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            'SELECT r.table_id, r.section, r."row", r."column", r.statistic, a.value::INTEGER, r.suppressed '
            "FROM results.released AS r JOIN results.results AS a USING (system, table_id, row_no, column_no, statistic) "
            "WHERE r.statistic IN ('n', 'n_missing', 'proven', 'possible') AND r.unit = 'patients'"
        ).fetchall()
    counts = {row[:5]: row[5] for row in rows}
    hidden = frozenset(row[:5] for row in rows if row[6])
    sums = []

    def add(whole, *parts) -> None:
        if whole in counts and all(part in counts for part in parts):
            sums.append(Sum(whole, parts))

    arms = ("dose level 1", "dose level 2")
    grade = "Highest grade of CRS"
    for table, section, row, column, statistic in list(counts):
        if column == "Total":
            add((table, section, row, column, statistic), *((table, section, row, arm, statistic) for arm in arms))
        if (table, column) == ("strata", "Treated") or table == "strata":
            levels = [key for key in counts if key[0] == "strata" and key[3] == column and key[1].startswith("By ")]
            if section == "":
                for stratum in sorted({key[1] for key in levels}):
                    add((table, section, row, column, statistic), *(key for key in levels if key[1] == stratum))
    for column in (*arms, "Total"):
        def of(name, column=column):
            return ("overview", "" if name in ("Treated", "Evaluable", "Not evaluable") else grade, name, column, "n")

        for whole, *parts in OVERVIEW:
            add(of(whole), *map(of, parts))
        at_least = "At least this grade, from what is proven to what cannot be ruled out"
        highest = "As highest grade, from what is proven to what cannot be ruled out"
        # Whose highest grade may be 1 and who is proven to have 2 are all those in whom 1 cannot be ruled out.
        add(("missing", at_least, "Any CRS", column, "possible"), ("missing", highest, "Grade 1", column, "possible"),
            ("missing", at_least, "Grade 2 or more", column, "proven"))  # fmt: skip
        add(("missing", at_least, "Grade 2 or more", column, "possible"), ("missing", highest, "Grade 2", column, "possible"),
            ("missing", at_least, "Grade 3 or more", column, "proven"))  # fmt: skip
        for endpoint in ("CRS", "grade 2 or more", "grade 3 or more"):
            curve = f"Cumulative incidence of {endpoint}"
            ends = (("onset", curve, name, column, "n") for name in ("Events", "Deaths before it", "Censored"))
            add(of("Treated"), *ends)
        ends = ("Resolved, end seen", "Died in it, adjudicated as its cause", "Died in it, of another cause",
                "End not seen (censored)")  # fmt: skip
        add(("duration", "", "Onset observed", column, "n"), *(("duration", "Of these", name, column, "n") for name in ends))
        doses = ("One dose", "Two doses", "Three doses or more")
        given = [("treatment", "Tocilizumab", name, column, "n") for name in doses]
        add(("treatment", "Tocilizumab", "Any", column, "n"), *given)
        # The same number under several names.
        for section in ("Calendar day of onset, first episode", "Hours from the infusion to onset"):
            without = ("onset", section, "Onset not observed", column, "n_missing")
            add(of("Any CRS"), ("onset", section, "n", column, "n"), without)
        for one, other in (("Any CRS", ("recurrence", "", "Any CRS")), ("Any CRS", ("onset", "", "Any CRS"))):
            add(of(one), (*other, column, "n"))
        # What is left of all treated.
        for key in [key for key in counts if key[3] == column and key[0] in ("symptoms", "treatment") and key[2] != "n"]:
            if key[4] == "n" and key[2] in ("Fever", "Hypotension", "Hypoxia", "Any", "Any device", "Corticosteroid"):
                rest = ("rest", *key[1:])
                counts[rest] = counts[of("Treated")] - counts[key]
                sums.append(Sum(of("Treated"), (key, rest)))
    shown = {key for key in counts if key[0] != "rest"}
    return counts, sums, shown, hidden


def test_an_attacker_finds_no_small_number_in_the_results(kept_back) -> None:
    counts, sums, shown, hidden = from_the_page(kept_back)
    assert all(counts[one.whole] == sum(counts[part] for part in one.parts) for one in sums) and len(sums) > 150
    small = [key for key, count in counts.items() if 0 < count < N]
    assert len(small) > 100
    for key in small:
        assert reach(counts, sums, shown, hidden, key)[1] >= N, key


def test_a_number_hidden_in_one_table_is_hidden_in_every_table(kept_back) -> None:
    rows = results(kept_back)
    total = rows[(rows.statistic == "n") & ((rows.column == "Total") | (rows.section.isna() & (rows.table_id == "strata")))]
    grade_3 = total[total.row.eq("Grade 3") & total.table_id.eq("overview")]
    strata = rows[(rows.table_id == "strata") & (rows.row_no == 1) & (rows.column == "Grade 3") & (rows.statistic == "n")]
    assert grade_3.suppressed.all() and strata.suppressed.all() and len(strata) == len(grade_3) == 1


def texts(out) -> dict[str, str]:
    """What is to be shown, as text, by file."""
    with zipfile.ZipFile(out / "tables.docx") as parts:
        document = " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    tables = "\n".join(path.read_text() for path in sorted((out / "tables").glob("*.csv")))
    return {"report": (out / "report.html").read_text(), "document": document, "tables": tables, "summary": summary.text(out)}


def test_no_subject_id_is_anywhere_in_what_is_shown(kept_back) -> None:
    subjects = pd.read_csv(SAMPLE / "subjects.csv").subject_id
    for name, text in texts(kept_back).items():
        assert not [subject for subject in subjects if subject in text], name
    with duckdb.connect() as connection:
        columns = connection.execute(f"DESCRIBE SELECT * FROM '{kept_back}/tables/results.parquet'").fetchall()
    assert "subject_id" not in [column[0] for column in columns]


def small_counts(cells: list[str]) -> list[str]:
    """Cells that begin with a number of 1 to 4 patients: it alone, with a share, or a bound."""
    return [cell for cell in cells if re.match(r"^[1-4]( \(\d|$| to )", cell) or re.search(r"to [1-4]( \(|$)", cell)]


def test_no_cell_of_the_page_or_the_document_counts_few_patients(kept_back) -> None:
    page = BeautifulSoup((kept_back / "report.html").read_text(), "html.parser")
    cells = []
    for row in page.select("#tables tbody tr"):
        head = row.th.get_text()
        if not re.match(r"Median|Q1", head):
            cells += [cell.get_text(" ", strip=True) for cell in row.find_all("td")[:10]]
    assert len(cells) > 300 and HELD in cells and small_counts(cells) == []
    assert [row.th.get_text() for row in page.select("#tables tbody tr") if row.th.get_text() == "Range"] == []
    import docx

    document = docx.Document(kept_back / "tables.docx")
    cells = [
        cell.text
        for table in document.tables
        for row in table.rows
        if not re.match(r"Median|Q1", row.cells[0].text)
        for cell in row.cells[1:11]
    ]
    assert len(cells) > 300 and HELD in cells and small_counts(cells) == []


def test_every_stratum_keeps_its_row_though_its_median_is_kept_back(kept_back) -> None:
    page = BeautifulSoup((kept_back / "report.html").read_text(), "html.parser")
    heads = [row.th.get_text() for row in page.select("#tables table")[-1].select("tbody tr")]
    assert {"under 18", "Birch", "Cedar", "dose level 1", "F"} <= set(heads)


def test_the_report_names_what_it_leaves_out_and_has_only_the_rest(kept_back) -> None:
    page = BeautifulSoup((kept_back / "report.html").read_text(), "html.parser")
    sections = [section["id"] for section in page.select("main section")]
    assert sections == ["answer", "loaded", "tables", "figures", "ladders", "choices", "provenance"]
    assert [link["href"] for link in page.select("nav a")] == [f"#{name}" for name in sections]
    said = page.select_one("#answer").get_text(" ", strip=True)
    assert "Of 60 treated patients 49 (81.7%" in said and "Left out" in said
    assert "Numbers of 1 to 4 patients are kept back" in said


def test_tables_and_pictures_of_an_earlier_run_are_gone(kept_back) -> None:
    assert sorted(path.name for path in (kept_back / "tables").iterdir()) == ["results.csv", "results.parquet"]
    assert not (kept_back / "figures").exists() and not (kept_back / "patients").exists()
    assert json.loads((kept_back / "manifest.json").read_text())["suppress_below"] == N


def test_the_only_figure_is_that_of_the_report(kept_back) -> None:
    connection, warning = outputs.open_built(kept_back)
    manifest = json.loads((kept_back / "manifest.json").read_text())
    assert warning is None
    assert [figure.id for figure in pictures.figures(connection, manifest)] == ["published"]
    connection.close()


def test_commands_that_show_patients_say_so(kept_back) -> None:
    from typer.testing import CliRunner

    for command in (["explain", "CG-1007"], ["quality"], ["audit"]):
        done = CliRunner().invoke(app, [*command, "--out", str(kept_back)])
        assert done.exit_code == 0
        assert "notice: numbers below 5 are kept back in the report" in done.stderr and "not to be passed on" in done.stderr


def test_the_summary_of_the_run_counts_no_few(kept_back) -> None:
    said = summary.text(kept_back)
    assert "Of 60 treated patients 49 (81.7%" in said and "cohort.duckdb is complete" in said
    assert "g1" not in said and "refused" not in said


def test_the_same_input_gives_the_same_suppression(kept_back, tmp_path) -> None:
    run(tmp_path / "out", suppress_below=N)
    for name in ("report.html", "tables.docx", "tables/results.csv", "tables/results.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (kept_back / name).read_bytes()


def test_nothing_is_kept_back_unasked(sample_build) -> None:
    assert "suppressed" not in results(sample_build).columns
    assert HELD not in BeautifulSoup((sample_build / "report.html").read_text(), "html.parser").select_one("#tables").get_text()
    assert json.loads((sample_build / "manifest.json").read_text())["suppress_below"] == 0


@pytest.mark.parametrize("wrong", [1, -3])
def test_a_number_that_keeps_nothing_back_is_refused(tmp_path, wrong: int) -> None:
    with pytest.raises(UsageError, match=f"--suppress-below {wrong}: give 0"):
        run(tmp_path / "out", suppress_below=wrong)


def test_a_cohort_too_small_to_be_shown_stops_the_run(tmp_path) -> None:
    with pytest.raises(UsageError, match="fewer than 80 patients"):
        run(tmp_path / "out", suppress_below=40)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_every_sum_declared_names_what_the_tables_count() -> None:
    shells = pd.read_csv(ROOT / "pipeline" / "results" / "shells.csv")
    known = set(shells.measure) | set(shells.of.dropna()) | {"no_crs"}
    for whole, parts in released.declared():
        for name in (whole, *parts):
            measure, _, kind = name.partition(":")
            assert measure in known and kind in ("", "event", "competing", "censored", "by_1", "by_2", "by_3"), name


def test_the_page_runs_without_a_fault_and_draws_its_figure(kept_back, browser) -> None:
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto((kept_back / "report.html").as_uri())
    page.locator("#figures").scroll_into_view_if_needed()
    page.wait_for_selector("#plot-published .main-svg")
    page.close()
    assert faults == []
