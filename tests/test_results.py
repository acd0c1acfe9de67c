"""The tables to publish: numbers by hand and by a second way, one row for every number, the same in the page and the document."""

import io
import json
import re
import zipfile
from itertools import product
from pathlib import Path

import docx
import duckdb
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from cohorts import said
from conftest import ROOT, SAMPLE
from scipy import stats

import pipeline
from pipeline import build
from pipeline.reports import data, publication, rounding, word
from pipeline.reports.terminal.progress import Progress
from pipeline.statistics import median_rank

MANIFEST = {"cytograde": "0", "digest": "0" * 64}


def charted(subject: str, concept: str, hour: float, value: float | None = None, unit: str = "", **more) -> dict:
    return {"subject_id": subject, "concept": concept, "start_hour": hour, "value": value, "unit": unit, **more}


def temperatures(subject: str, *readings: tuple[float, float]) -> list[dict]:
    return [charted(subject, "temperature", hour, value, "degC") for hour, value in readings]


def graded(subjects: list[dict], rows: list[dict], **more) -> pipeline.Cohort:
    return pipeline.grade(pd.DataFrame(subjects), pd.DataFrame(rows), **{"systems": ["astct_2019"], **more})


def values(cohort: pipeline.Cohort, table: str, column: str = "Total") -> dict[tuple[str, str], dict[str, float]]:
    """The statistics of a table, by section and row."""
    found: dict = {}
    for section, row, statistic, value in cohort.connection.execute(
        'SELECT section, "row", statistic, value FROM results.results WHERE table_id = ? AND "column" = ? ORDER BY row_no',
        [table, column],
    ).fetchall():
        found.setdefault((section, row), {})[statistic] = value
    return found


# By hand

WARD = [
    {"subject_id": "fever", "arm": "A", "site": "Elm", "sex": "F", "age_years": 30, "followup_end_hour": 240},
    {"subject_id": "pressure", "arm": "A", "site": "Elm", "sex": "M", "age_years": 40, "followup_end_hour": 240},
    {"subject_id": "oxygen", "arm": "B", "site": "Elm", "sex": "F", "age_years": 70, "followup_end_hour": 480},
    {"subject_id": "well", "arm": "B", "site": "Oak", "sex": "M", "age_years": 17, "followup_end_hour": 240},
    {"subject_id": "unseen", "arm": "B", "site": "Oak", "sex": "M", "age_years": 50, "followup_end_hour": 240},
]  # fmt: skip

CHARTED = [
    # Grade 1 from hour 24 to 36.
    *temperatures("fever", (20, 36.8), (24, 38.5), (36, 37.0), (48, 36.8)),
    # Grade 1 at hour 30, 2 at 31 (low pressure), 3 from 32 to 40 (norepinephrine), over at 44; two doses, 500 and 520 minutes on.
    *temperatures("pressure", (28, 36.9), (30, 38.9), (40, 38.2), (44, 37.1), (50, 36.9)),
    charted("pressure", "systolic_bp", 29, 110, "mmHg"),
    charted("pressure", "systolic_bp", 31, 82, "mmHg"),
    charted("pressure", "systolic_bp", 33, 105, "mmHg"),
    charted("pressure", "norepinephrine", 32, 0.1, "ug/kg/min", end_hour=40),
    charted("pressure", "tocilizumab", 33, 560, "mg"),
    charted("pressure", "tocilizumab", 41, 560, "mg"),
    charted("pressure", "dexamethasone", 35, 10, "mg"),
    # Two episodes: grade 2 from hour 48 to 60 (cannula from 50 to 56), grade 1 from hour 300 to 306.
    *temperatures("oxygen", (44, 36.9), (48, 39.0), (60, 37.2), (70, 36.9), (296, 36.8), (300, 38.1), (306, 37.0), (310, 36.8)),
    charted("oxygen", "nasal_cannula", 50, 2, "L/min", end_hour=56),
    charted("oxygen", "dexamethasone", 4, 10, "mg"),
    charted("oxygen", "tocilizumab", 52, 0, "mg"),
    charted("oxygen", "tocilizumab", 53, 560, "mg", indication="infection"),
    *temperatures("well", (3, 36.9), (30, 37.1)),
    charted("unseen", "systolic_bp", 3, 120, "mmHg"),
]


@pytest.fixture(scope="module")
def ward() -> pipeline.Cohort:
    return graded(WARD, CHARTED)


def test_each_patient_is_counted_once_of_all_treated_and_of_evaluable(ward: pipeline.Cohort) -> None:
    overview = values(ward, "overview")
    counts = {row: found["n"] for (section, row), found in overview.items() if section != "Of evaluable patients"}
    assert counts == {
        "Treated": 5, "Evaluable": 4, "Not evaluable": 1, "No CRS": 1, "Any CRS": 3, "Grade 1": 1, "Grade 2": 1, "Grade 3": 1,
        "Grade 4": 0, "Grade 5": 0, "Grade 2 or more": 2, "Grade 3 or more": 1,
    }  # fmt: skip
    any_crs = overview["Highest grade of CRS", "Any CRS"]
    assert any_crs["percent"] == 60
    # 3 of 5: published limits of Clopper and Pearson.
    assert (any_crs["percent_low"], any_crs["percent_high"]) == (pytest.approx(14.66, abs=5e-3), pytest.approx(94.73, abs=5e-3))
    assert overview["Of evaluable patients", "Any CRS"]["percent"] == 75


def test_a_column_stands_for_every_arm(ward: pipeline.Cohort) -> None:
    assert ward.connection.execute('SELECT "column" FROM results.columns ORDER BY column_no').fetchall() == [
        ("A",),
        ("B",),
        ("Total",),
    ]
    for column, treated, any_crs in (("A", 2, 2), ("B", 3, 1)):
        overview = values(ward, "overview", column)
        assert overview["", "Treated"]["n"] == treated
        assert overview["Highest grade of CRS", "Any CRS"]["n"] == any_crs


def test_onset_and_the_time_since_the_temperature_before(ward: pipeline.Cohort) -> None:
    """Onsets at hours 24, 30, 48 (days 1, 1, 2); the temperatures before at 20, 28 and 44: 4, 2 and 4 h."""
    onset = values(ward, "onset")
    hours = "Hours from the infusion to onset"
    assert onset[hours, "n"]["n"] == 3 and onset[hours, "Onset not observed"]["n_missing"] == 0
    assert onset[hours, "Mean (SD)"] == {"mean": 34, "sd": pytest.approx(np.std([24, 30, 48], ddof=1))}
    # Three values are too few for an interval by order statistics.
    assert onset[hours, "Median [95% CI]"] == {"median": 30, "median_low": None, "median_high": None}
    assert onset[hours, "Q1–Q3"] == {"q1": 24, "q3": 48} and onset[hours, "Range"] == {"min": 24, "max": 48}
    gap = "Hours from the temperature before to onset"
    assert onset[gap, "Range"] == {"min": 2, "max": 4} and onset[gap, "Median [95% CI]"]["median"] == 4
    assert onset["Calendar day of onset, first episode", "Range"] == {"min": 1, "max": 2}


def test_the_incidence_of_onset_is_that_of_the_summary(ward: pipeline.Cohort) -> None:
    """Four at risk (one has no temperature): 1/4 at day 1, 2/4 at 1.25, 3/4 at 2, the last censored at day 10.

    The incidence is one half from day 1.25 to day 2: the median is their middle, as R's survfit and SAS's LIFETEST give it.
    """
    onset = values(ward, "onset")
    curve = "Cumulative incidence of CRS"
    assert [onset[curve, row]["n"] for row in ("Events", "Deaths before it", "Censored")] == [3, 0, 2]
    assert onset[curve, "Median time [95% CI], days"]["time_median"] == 1.625
    assert onset[curve, "Incidence by 7 days"]["incidence"] == 75
    # After day 10 nobody is observed.
    assert onset[curve, "Incidence by 14 days"] == {"incidence": None, "incidence_low": None, "incidence_high": None}


def test_the_highest_grade_is_waited_for_from_onset(ward: pipeline.Cohort) -> None:
    """0 h (grade 1 throughout), 2 h (grade 3 at hour 32) and 2 h (cannula at hour 50)."""
    highest = values(ward, "time_to_highest")
    assert highest["Hours from onset to the highest grade", "Mean (SD)"]["mean"] == pytest.approx(4 / 3)
    assert highest["Of those whose grade rose after onset", "Grade rose after onset"]["n"] == 2
    assert highest["Hours from onset to the highest grade, where it rose", "Range"] == {"min": 2, "max": 2}


def test_duration_in_calendar_days_hours_and_hours_graded(ward: pipeline.Cohort) -> None:
    """12, 14 and 12 h; calendar days: hours 24 to 36 are day 1, 30 to 44 day 1, 48 to 60 day 2."""
    duration = values(ward, "duration")
    assert duration["Of these", "Resolved, end seen"]["n"] == 3
    assert duration["Length as far as seen, calendar days", "Range"] == {"min": 1, "max": 1}
    assert duration["Hours from onset to end, as far as seen", "Range"] == {"min": 12, "max": 14}
    assert duration["Hours graded 1 or more", "Mean (SD)"]["mean"] == pytest.approx(38 / 3)
    assert duration["Time from onset to resolution", "Median time [95% CI], days"]["time_median"] == 0.5


def test_signs_are_those_in_episodes(ward: pipeline.Cohort) -> None:
    symptoms = values(ward, "symptoms")
    assert [symptoms[sign, sign]["n"] for sign in ("Fever", "Hypotension", "Hypoxia")] == [3, 1, 1]
    # Low pressure from hour 31, norepinephrine from 32 to 40: 9 h. The cannula 6 h. Fever: 12, 14, and 12 + 6 h.
    assert symptoms["Hypotension: hours in force", "Range"] == {"min": 9, "max": 9}
    assert symptoms["Hypotension: days from the infusion to its first minute", "Range"] == {
        "min": 1.29166666667, "max": 1.29166666667,
    }
    assert symptoms["Hypoxia: hours in force", "Range"] == {"min": 6, "max": 6}
    assert symptoms["Fever: hours in force", "Range"] == {"min": 12, "max": 18}


def test_treatment_counts_doses_given_for_crs_and_the_time_to_the_first(ward: pipeline.Cohort) -> None:
    treatment = values(ward, "treatment")
    # The dose of 0 and the one for an infection count for nothing.
    assert [treatment["Tocilizumab", row]["n"] for row in ("Any", "One dose", "Two doses", "Three doses or more")] == [1, 0, 1, 0]
    assert treatment["Tocilizumab: hours from onset to the first after it", "Range"] == {"min": 3, "max": 3}
    assert treatment["Other drugs", "Corticosteroid"]["n"] == 2
    # One was given it on the day of the infusion and not again: no time from the onset.
    steroid = "Corticosteroid: hours from onset to the first after it"
    assert treatment[steroid, "n"]["n"] == 1 and treatment[steroid, "No onset, or none after it"]["n_missing"] == 1
    assert treatment["Vasopressors", "One at a time"]["n"] == 1 and treatment["Vasopressors", "Two or more at once"]["n"] == 0
    assert treatment["Oxygen", "Nasal cannula"]["n"] == 1 and treatment["Oxygen", "Any device"]["n"] == 1


def test_recurrence_counts_episodes(ward: pipeline.Cohort) -> None:
    recurrence = values(ward, "recurrence")
    assert {row: found["n"] for (_, row), found in recurrence.items()} == {
        "Any CRS": 3, "One episode": 2, "Two episodes": 1, "Three episodes or more": 0, "More than one episode": 1,
        "More than one, of those with any": 1, "Episodes in all": 4,
    }  # fmt: skip


def test_bounds_reach_from_the_grade_to_the_ceiling(ward: pipeline.Cohort) -> None:
    subjects = ward.connection.execute(
        "SELECT coalesce(max_grade, 0), coalesce(max_ceiling, 4) FROM summaries.subjects"
    ).fetchall()
    missing = values(ward, "missing")
    for grade, row in ((1, "Any CRS"), (2, "Grade 2 or more"), (3, "Grade 3 or more")):
        found = missing["At least this grade, from what is proven to what cannot be ruled out", row]
        assert found["proven"] == sum(low >= grade for low, _ in subjects)
        assert found["possible"] == sum(high >= grade for _, high in subjects)
    # Nobody charted a pressure of three of the feverish: of all that are known of, none is ruled out to be of grade 2.
    assert missing["At least this grade, from what is proven to what cannot be ruled out", "Any CRS"]["possible"] == 5
    for grade in range(1, 6):
        found = missing["As highest grade, from what is proven to what cannot be ruled out", f"Grade {grade}"]
        assert found["proven"] == sum(low == high == grade for low, high in subjects)
        assert found["possible"] == sum(low <= grade <= high for low, high in subjects)
        assert found["proven"] <= values(ward, "overview")["Highest grade of CRS", f"Grade {grade}"]["n"] <= found["possible"]


def test_strata_are_rows_and_each_kind_adds_up(ward: pipeline.Cohort) -> None:
    treated = values(ward, "strata", "Treated")
    assert treated["", "All: all treated patients"]["n"] == 5
    for kind, parts in (("site", [3, 2]), ("arm", [2, 3]), ("sex", [2, 3]), ("age group", [1, 3, 1])):
        assert [found["n"] for (section, _), found in treated.items() if section == f"By {kind}"] == parts


def test_the_listing_says_of_every_episode_what_was_given_and_what_decided(ward: pipeline.Cohort) -> None:
    rows = ward.connection.execute(
        "SELECT subject_id, episode, max_grade, onset_hours, treatments, because, episode_outcome FROM results.listing "
        "ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("fever", 1, 1, 24, [], ["fever"], "resolved"),
        ("oxygen", 1, 2, 48, ["nasal cannula"], ["fever", "low_flow_oxygen"], "resolved"),
        ("oxygen", 2, 1, 300, [], ["fever"], "resolved"),
        (
            "pressure",
            1,
            3,
            30,
            ["corticosteroid", "tocilizumab x2", "vasopressor"],
            ["fever", "hypotension", "vasopressor"],
            "resolved",
        ),
    ]


@pytest.mark.parametrize(("count", "rank"), [(5, None), (6, 1), (8, 1), (9, 2), (20, 6), (100, 40)])
def test_the_median_lies_between_order_statistics_with_at_least_95_percent(count: int, rank: int | None) -> None:
    assert median_rank(count) == rank
    if rank:
        outside = [2 * stats.binom.cdf(one - 1, count, 0.5) for one in (rank, rank + 1)]
        assert outside[0] <= 0.05 < outside[1]


# The sample cohort, a second way


@pytest.fixture(scope="module")
def sample(sample_build: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(sample_build / "tables" / f"{name}.csv") for name in ("results", "subjects", "episodes", "listing")}


def test_grades_add_up_to_the_treated_under_every_system_and_in_every_column(sample: dict) -> None:
    overview = sample["results"].query("table_id == 'overview' and statistic == 'n' and section != 'Of evaluable patients'")
    for _, rows in overview.groupby(["system", "column_no"]):
        n = rows.set_index("row").value
        assert n["No CRS"] + n["Any CRS"] + n["Not evaluable"] == n["Treated"]
        assert n["Any CRS"] == sum(n[f"Grade {grade}"] for grade in range(1, 6))
        assert n["Grade 2 or more"] == n["Any CRS"] - n["Grade 1"]
    for _, rows in overview.groupby(["system", "row"]):
        n = rows.set_index("column").value
        assert n["Total"] == n["dose level 1"] + n["dose level 2"]


def test_the_overview_is_that_of_pandas_and_scipy(sample: dict) -> None:
    rows = (
        sample["results"]
        .query("table_id == 'overview'")
        .set_index(["system", "column", "section", "row", "statistic"])
        .value.sort_index()
    )
    section = "Highest grade of CRS"
    for system, column in product(sample["subjects"].system.unique(), ("dose level 1", "dose level 2", "Total")):
        own = sample["subjects"][sample["subjects"].system == system]
        own = own if column == "Total" else own[own.arm == column]
        for grade in range(1, 6):
            n = int((own.max_grade == grade).sum())
            limits = stats.binomtest(n, len(own)).proportion_ci(0.95, "exact")
            found = rows[system, column, section, f"Grade {grade}"]
            assert (found["n"], found["percent"]) == (n, pytest.approx(100 * n / len(own)))
            assert (found["percent_low"], found["percent_high"]) == pytest.approx((100 * limits.low, 100 * limits.high))


def type_2(measured: pd.Series, share: float) -> float:
    """A quantile as SAS gives it by default (PCTLDEF=5)."""
    return float(np.quantile(measured, share, method="averaged_inverted_cdf"))


@pytest.mark.parametrize(
    ("table", "section", "column", "per"),
    [
        ("onset", "Calendar day of onset, first episode", "onset_day", 1),
        ("onset", "Hours from the infusion to onset", "onset_minute", 60),
        ("duration", "Length as far as seen, calendar days", "duration_days", 1),
        ("duration", "Hours graded 1 or more", "crs_hours", 1),
    ],
)
def test_measurements_are_those_of_pandas_and_numpy(sample: dict, table: str, section: str, column: str, per: float) -> None:
    rows = sample["results"].query("table_id == @table and section == @section")
    for (system, arm), found in rows.groupby(["system", "column"]):
        own = sample["subjects"][sample["subjects"].system == system]
        own = own if arm == "Total" else own[own.arm == arm]
        measured = own[column].dropna() / per
        value = found.set_index("statistic").value
        assert value["n"] == len(measured)
        assert value["n_missing"] == (own.status == "crs").sum() - len(measured)
        for name, other in (
            ("mean", measured.mean()), ("sd", measured.std()), ("median", measured.median()), ("q1", type_2(measured, 0.25)),
            ("q3", type_2(measured, 0.75)), ("min", measured.min()), ("max", measured.max()),
        ):  # fmt: skip
            assert value[name] == pytest.approx(other)
        ordered, rank = sorted(measured), int(stats.binom.ppf(0.025, len(measured), 0.5))
        assert value["median_low"] == pytest.approx(ordered[rank - 1]) and value["median_high"] == pytest.approx(ordered[-rank])


def test_every_episode_is_listed_once(sample: dict) -> None:
    columns = ["system", "subject_id", "episode", "max_grade", "onset_day", "duration_days"]
    pd.testing.assert_frame_equal(sample["listing"][columns], sample["episodes"][columns])


def test_a_number_has_its_unit_n_and_method_and_no_statistic_stands_twice(sample: dict) -> None:
    results = sample["results"]
    assert results.unit.notna().all() and results.method.notna().all()
    assert not results.duplicated(["system", "table_id", "row_no", "column_no", "statistic"]).any()
    assert results.groupby("table_id").row_no.min().eq(1).all()


# The page and the document


def said_by(node) -> str:
    return " ".join(node.get_text(" ").replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def pages(sample_build: Path) -> list[list[list[str]]]:
    """The tables of the page: rows of cells, headings left out."""
    text = re.sub(r"<script>.*?</script>", "", (sample_build / "report.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    tables = BeautifulSoup(text, "html.parser").select("#tables table")
    return [[[said_by(cell) for cell in row.select("th, td")] for row in table.select("tr:not(.group)")] for table in tables]


def test_every_number_of_the_page_is_a_row_of_the_results(sample_build: Path, sample: dict, pages: list) -> None:
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        systems = [system["system"] for system in data.systems(connection)]
    titles = sample["results"].drop_duplicates("table_no").sort_values("table_no").table_id.tolist()
    assert len(pages) == len(systems) * len(titles) == 63
    results = {name: rows for name, rows in sample["results"].groupby(["system", "table_id"])}
    seen = 0
    for (system, title), page in zip(product(systems, titles), pages):
        rows = results[system, title]
        heads = rows.drop_duplicates("column_no").column.tolist()
        assert [head.partition(" (N")[0] for head in page[0][1:]] == heads
        for head, *cells in page[1:]:
            for column, cell in zip(heads, cells, strict=True):
                numbers = {float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*\.?\d*", cell)}
                own = rows[(rows.row == head) & (rows.column == column)].value.dropna()
                # Rounded half away from zero to one decimal, or to two where days are half or quarter days.
                printed = {float(rounding.fixed(value, decimals)) for value in own for decimals in (0, 1, 2)}
                assert numbers <= printed, (system, title, head, column, cell)
                seen += len(numbers)
    assert seen > 5000


def test_the_document_says_what_the_page_says(sample_build: Path, pages: list, sample: dict) -> None:
    document = docx.Document(str(sample_build / "tables.docx"))
    *tables, listing = [
        [[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows] for table in document.tables
    ]
    assert len(tables) == 9
    for page, table in zip(pages, tables):
        # A heading is one cell across all columns, given once for each.
        assert [row for row in table if len(set(row)) > 1 or len(row) == 1] == [row for row in page if len(set(row)) > 1]
    episodes = sample["episodes"].query("system == 'astct_2019'")
    assert [row[0] for row in listing] == ["Subject", *episodes.subject_id]


def test_the_document_has_captions_repeated_heads_and_sheets_across(sample_build: Path) -> None:
    document = docx.Document(str(sample_build / "tables.docx"))
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Caption"]
    assert captions[0] == "Table 1. Cytokine release syndrome: overview, ASTCT consensus grading 2019"
    assert len(captions) == 10 and captions[-1].startswith("Listing.")
    for table in document.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml and "w:tblHeader" not in table.rows[1]._tr.xml
    assert [section.page_width > section.page_height for section in document.sections] == [False, True]
    text = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert text.count("What is estimated: ") == 9 and "Choices in force: episode_gap_d = 7 days" in text
    assert document.styles["Normal"].font.name == "Arial"


def test_the_same_cohort_gives_the_same_document_and_no_date_is_in_it(sample_build: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        manifest = json.loads((sample_build / "manifest.json").read_text(encoding="utf-8"))
        word.write(connection, tmp_path / "again.docx", manifest)
    assert (tmp_path / "again.docx").read_bytes() == (sample_build / "tables.docx").read_bytes()
    assert "tables.docx" in manifest["outputs"]
    with zipfile.ZipFile(sample_build / "tables.docx") as parts:
        assert {part.date_time for part in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT", parts.read("docProps/core.xml"))) == {b"2000-01-01T"}


def test_every_table_says_what_it_estimates_and_what_competes(sample_build: Path) -> None:
    text = re.sub(r"<script>.*?</script>", "", (sample_build / "report.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    notes = [said_by(note) for note in BeautifulSoup(text, "html.parser").select("#tables .footnotes")]
    assert len(notes) == 63 and all(note.startswith("What is estimated: ") for note in notes)
    assert "treatment policy: tocilizumab, corticosteroids and a further dose of the product end no time" in notes[1]
    assert "Death before it competes" in notes[1] and "Death in the episode competes with resolution" in notes[3]


def test_without_a_report_there_is_no_document_and_none_is_left_from_before(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "tables.docx").write_text("of an earlier run")
    build.run(build.Request("tidy", SAMPLE, out, systems=("astct_2019",), report=False), Progress(io.StringIO()))
    assert not (out / "tables.docx").exists() and (out / "tables" / "results.csv").exists()


# What is missing


def documents(cohort: pipeline.Cohort, path: Path) -> list[list[list[str]]]:
    word.write(cohort.connection, path, MANIFEST)
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(path)).tables]


FIRST, NONE = "1 (100.0%) [2.5–100.0]", "0 (0.0%) [0.0–97.5]"


@pytest.mark.parametrize(
    ("rows", "overview", "episodes"),
    [
        (temperatures("S", (3, 38.6), (9, 37.0), (20, 36.8)), {"Any CRS": FIRST, "No CRS": NONE}, 1),
        (temperatures("S", (3, 36.9)), {"Any CRS": NONE, "No CRS": FIRST}, 0),
        ([charted("S", "systolic_bp", 3, 120, "mmHg")], {"Not evaluable": FIRST, "Evaluable": NONE}, 0),
    ],
    ids=["one patient", "nobody with CRS", "not evaluable"],
)
def test_a_cohort_of_one_has_all_its_tables(tmp_path: Path, rows: list, overview: dict, episodes: int) -> None:
    cohort = graded([{"subject_id": "S", "followup_end_hour": 48}], rows)
    tables = documents(cohort, tmp_path / "tables.docx")
    assert len(tables) == 9 + (episodes > 0)
    assert tables[0][0] == ["", "Total (N\u00a0=\u00a01)"]
    found = dict(row for row in tables[0][1:] if len(row) == 2 and row[0] in overview and row[0] != row[1])
    assert {name: found[name] for name in overview} == overview
    onset = [row for row in tables[1] if row[0] == "Median time [95% CI], days"][0]
    assert onset[1] == ("0.1 [NE–NE]" if episodes else "NR [NR–NR]")
    # Of evaluable patients, where there is none, no share is given.
    if "Not evaluable" in overview:
        assert [row[1] for row in tables[0] if row[0] == "Any CRS"] == ["0 (0.0%) [0.0–97.5]", "0"]


def test_a_death_of_crs_without_onset_is_counted_as_one_not_observed(tmp_path: Path) -> None:
    cohort = graded([{"subject_id": "S", "death_hour": 30, "death_cause": "crs"}], temperatures("S", (10, 36.8)))
    assert values(cohort, "overview")["Highest grade of CRS", "Grade 5"]["n"] == 1
    assert values(cohort, "onset")["Calendar day of onset, first episode", "Onset not observed"]["n_missing"] == 1
    listed = cohort.connection.execute("SELECT onset_day, treatments, because, episode_outcome FROM results.listing").fetchall()
    assert listed == [(None, [], [], "died, adjudicated as its cause")]
    assert documents(cohort, tmp_path / "tables.docx")[-1][1][-4:-1] == ["none", "death", "died, adjudicated as its cause"]


def test_too_many_arms_stand_in_the_strata_alone() -> None:
    subjects = [{"subject_id": f"S{number}", "arm": f"arm {number}", "followup_end_hour": 48} for number in range(5)]
    cohort = graded(subjects, [row for one in subjects for row in temperatures(one["subject_id"], (3, 36.9))])
    assert cohort.connection.execute('SELECT "column" FROM results.columns').fetchall() == [("Total",)]
    assert len([row for row in values(cohort, "strata", "Treated") if row[0] == "By arm"]) == 5


def test_texts_that_a_document_cannot_hold_are_left_out_of_it(tmp_path: Path) -> None:
    subjects = [
        {"subject_id": "S\x01<b>&", "arm": "a\x07<w:p/>", "followup_end_hour": 48},
        {"subject_id": "T", "arm": "b", "followup_end_hour": 48},
    ]
    rows = temperatures("S\x01<b>&", (3, 38.6), (9, 37.0), (20, 36.8))
    tables = documents(graded(subjects, rows), tmp_path / "tables.docx")
    assert tables[0][0][1] == "a<w:p/> (N\u00a0=\u00a01)"
    assert tables[-1][1][0] == "S<b>&"


def test_with_no_infusion_known_nothing_is_called_crs_or_treated(tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = said("run", "mimic_iv", ROOT / "data" / "sample" / "mimic_iv", "--out", out, "--systems", "astct_2019")
    assert printed.code == 0, printed.err
    results = pd.read_csv(out / "tables" / "results.csv")
    texts = {text for name in ("title", "section", "row", "column") for text in results[name].dropna()}
    document = docx.Document(str(out / "tables.docx"))
    texts |= {paragraph.text for paragraph in document.paragraphs}
    called = {text for text in texts if re.search(r"\bCRS\b|Cytokine|\b[Tt]reated\b|infusion\b", text)}
    assert all(text.startswith("Not a result on CRS. Time zero is a stand-in") for text in called), called
    assert {"Criteria met", "Criteria not met", "Patients"} <= texts


def test_a_cell_is_written_from_its_statistics() -> None:
    def cell(unit: str = "hours", of: int = 7, **statistics: float | str | None) -> str:
        return publication.text(
            [
                {"statistic": name, "value": None if value in ("NR", "NE") else value, "unit": unit, "n": of,
                 "null_label": value if value in ("NR", "NE") else None}
                for name, value in statistics.items()
            ]  # fmt: skip
        )

    assert cell(n=1234.0) == "1,234"
    assert cell(n=12.0, percent=40.0, percent_low=22.66, percent_high=59.4) == "12 (40.0%) [22.7–59.4]"
    assert cell(mean=3.24, sd=1.06) == "3.2 (1.1)" and cell(mean=3.0, sd=None) == "3.0" and cell(mean=None, sd=None) == "–"
    assert cell("day", median=2.5, median_low=2.0, median_high=4.0) == "2.5 [2–4]"
    assert cell(q1=1.0, q3=None) == "1.0––" and cell(q1=None, q3=None) == "–"
    assert cell(time_median="NR", time_median_low=3.04, time_median_high="NR") == "NR [3.0–NR]"
    assert cell(time_median=5.5, time_median_low=1.0, time_median_high="NE") == "5.5 [1.0–NE]"
    assert cell(incidence=None, incidence_low=None, incidence_high=None) == "–"
    assert cell(km_median=5.0, km_q1=4.0, km_q3="NR") == "5 (4–NR)"
    assert cell(of=0, km_median=None, km_q1=None, km_q3=None) == "–"
