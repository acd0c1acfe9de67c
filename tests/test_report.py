"""The report: what it says is what the tables hold, it asks for nothing outside itself, and no text in it is run."""

import csv
import io
import json
import re
from urllib.parse import unquote

import duckdb
import pytest
from browser import opened
from bs4 import BeautifulSoup

from pipeline import build
from pipeline.build import Request
from pipeline.reports import data, report, words
from pipeline.reports.figures import house, swimmer
from pipeline.reports.rounding import fixed
from pipeline.reports.sections import rules as rules_section
from pipeline.reports.terminal.progress import Progress

WIDTHS = (1280, 1920)
MEGABYTE = 1_000_000
SUBJECT_COLUMNS = (
    "subject_id", "infusion_time", "age_years", "sex", "site", "arm", "product", "death_hour", "death_cause",
    "followup_end_hour",
)  # fmt: skip
OBSERVATION_COLUMNS = ("subject_id", "concept", "start_hour", "end_hour", "value", "unit", "indication")

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    'O\'Brien "Q" & Co',
    '=HYPERLINK("http://example.invalid","click")',
    "😀 patient",
    "%{x} {{ 7 * 7 }} ${8 * 8}",
    '<a href="javascript:alert(3)">a</a><b>bold</b>',
    "<!-- --> ]]> \\u003c",
    "-rf",
    "two\nlines",
    "x" * 300,
)


def write_csv(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def graded(folder, subjects, observations, **request):
    """A cohort written into a folder and graded; returns the folder of the results."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "subjects.csv", SUBJECT_COLUMNS, subjects)
    write_csv(folder / "observations.csv", OBSERVATION_COLUMNS, observations)
    out = folder / "out"
    build.run(Request("tidy", folder, out, **request), Progress(io.StringIO()))
    return out


def reading(subject, hour, value, concept="temperature", unit="degC", **more):
    return {"subject_id": subject, "concept": concept, "start_hour": hour, "value": value, "unit": unit, **more}


def course(subject, highest=39.0):
    """Five days of temperatures; a fever on days 2 and 3 where the highest is one."""
    values = [36.8, 36.9, highest, highest, 36.9, 36.7, 36.8]
    return [reading(subject, 4 + 12 * index, value) for index, value in enumerate(values)]


def subject(name, **more):
    return {"subject_id": name, "infusion_time": "2031-05-04T10:00", "age_years": 54, "followup_end_hour": 700, **more}


def page_of(out):
    return (out / "report.html").read_text(encoding="utf-8")


def parsed(out):
    """The page without its scripts, which are long."""
    text = re.sub(r"<script>.*?</script>", "", page_of(out), flags=re.DOTALL)
    return BeautifulSoup(text, "html.parser")


def listed(page):
    """The rows of the listing of subjects."""
    listing = json.loads(page.select_one("#listing-data").get_text())
    return [dict(zip(listing["columns"], row, strict=True)) for row in listing["rows"]]


def said(node):
    return " ".join(node.get_text(" ").split())


@pytest.fixture(scope="module")
def hostile_build(tmp_path_factory):
    """Subjects, sites, causes, concepts and indications that try to be run."""
    subjects = [
        subject(
            name, site=HOSTILE[0], arm=HOSTILE[1], product=HOSTILE[6], sex="<i>", death_hour=400, death_cause=HOSTILE[1]
        )
        for name in HOSTILE
    ]
    observations = [row for name in HOSTILE for row in course(name)]
    observations += [reading(name, 30, 10, HOSTILE[1], HOSTILE[6]) for name in HOSTILE]
    observations += [reading(name, 31, 10, "dexamethasone", "mg", indication=HOSTILE[1]) for name in HOSTILE]
    return graded(tmp_path_factory.mktemp("hostile"), subjects, observations)


@pytest.fixture(scope="module")
def plain_builds(tmp_path_factory):
    """Small cohorts in which something is missing, by what is special about them."""

    def made(name, *arguments, **request):
        return graded(tmp_path_factory.mktemp(name), *arguments, **request)

    return {
        "one subject": made("one", [subject("S-1")], course("S-1")),
        "no CRS": made("none", [subject("S-1"), subject("S-2")], course("S-1", 37.2) + course("S-2", 37.9)),
        "one system": made("system", [subject("S-1"), subject("S-2")], course("S-1"), systems=("astct_2019",)),
        "only the misprinted system": made(
            "misprint", [subject("S-1")], course("S-1"), systems=("nccn_2022_as_cited",)
        ),
        "nothing evaluable": made("empty", [subject("S-1")], []),
        "a death of CRS with no fever": made(
            "death", [subject("S-1", death_hour=60, death_cause="crs")], course("S-1", 37.0)[:4]
        ),
    }


# What it says


def test_numbers_are_those_of_the_cohort_table(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        result = connection.execute(
            "SELECT c.* FROM summaries.cohort AS c JOIN rules.systems AS s USING (system) WHERE stratum = 'all' "
            "ORDER BY s.misprint <> '', system"
        )
        names = [column[0] for column in result.description]
        cohorts = [dict(zip(names, row)) for row in result.fetchall()]
    # Some systems stand abreast in each table; together they are all.
    table = parsed(sample_build)
    for measure in ("any", *(f"grade_{grade}" for grade in range(1, 6)), "grade_2_or_more", "grade_3_or_more"):
        cells = [said(cell) for cell in table.select(f'table.cohort td[data-measure="n_{measure}"]')]
        assert cells == [
            f"{row[f'n_{measure}']} {fixed(row[f'pct_{measure}'], 1)}% "
            f"{fixed(row[f'pct_{measure}_low'], 1)}–{fixed(row[f'pct_{measure}_high'], 1)}"
            for row in cohorts
        ]
    for measure in ("n_treated", "n_duration_censored"):
        assert [said(cell) for cell in table.select(f'table.cohort td[data-measure="{measure}"]')] == [
            str(row[measure]) for row in cohorts
        ]
    for name in ("onset_day_median", "duration_days_median"):
        stem = name.removesuffix("_median")
        assert [said(cell) for cell in table.select(f'table.cohort td[data-measure="{name}"]')] == [
            f"{row[name]:g} ({row[f'{stem}_q1']:g}–{row[f'{stem}_q3']:g})" for row in cohorts
        ]
    assert [said(cell) for cell in table.select('table.cohort td[data-measure="duration_days_km_median"]')] == [
        f"{row['duration_days_km_median']:g} ({row['duration_days_km_q1']:g}–{row['duration_days_km_q3']:g})"
        for row in cohorts
    ]


def test_the_answer_stands_in_one_paragraph(sample_build):
    page = parsed(sample_build)
    answer = said(page.select_one("#answer .answer"))
    assert answer.startswith(
        "Of 60 treated patients, 49 (81.7%; exact 95% CI 69.6% to 90.5%) had CRS by ASTCT consensus grading 2019; "
        "in 10 (16.7%; exact 95% CI 8.3% to 28.5%) it reached grade 3 or more. The first episode began on day 3"
    )
    assert "Research and audit use; not a medical device, not for bedside use." in said(page.select_one("header"))


def test_every_subject_is_listed_with_its_episodes(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        subjects = connection.execute(
            "SELECT subject_id, status, max_grade FROM summaries.subjects "
            "WHERE system = 'astct_2019' ORDER BY subject_id"
        ).fetchall()
        episodes = connection.execute("SELECT count(*) FROM episodes.episodes").fetchone()[0]
    page = parsed(sample_build)
    status_words = {"crs": "CRS", "no_crs": "no CRS", "not_evaluable": "not evaluable"}
    assert sorted((row["id"], row["status"], row["grade"]) for row in listed(page)) == [
        (name, status_words[status], grade) for name, status, grade in subjects
    ]
    # The episodes stand in the course that a row leads to.
    courses = [json.loads(page.select_one(f"#patient-{row['no']}").get_text()) for row in listed(page)]
    assert sum(len(one["episodes"]) for course in courses for one in course["outcomes"].values()) == episodes
    assert "cytograde explain ID --out DIR" in page.get_text()


def test_every_criterion_stands_beside_the_sql_that_runs_and_the_misprint_is_marked(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        criteria = connection.execute(
            "SELECT criterion, c.words, place, sql, is_misprint, c.system, s.name, is_computable, is_verified "
            "FROM rules.criteria AS c JOIN rules.systems AS s USING (system)"
        ).fetchall()
        misprints = dict(connection.execute("SELECT system, misprint FROM rules.systems").fetchall())
    rows = {
        (said(ladder.caption), said(row.select("code")[0]) + said(row.select_one("p"))): row
        for ladder in parsed(sample_build).select(".ladder")
        for row in ladder.select("tbody tr")
    }
    assert len(rows) == len(criteria)
    for criterion, plain, place, sql, is_misprint, system, name, is_computable, is_verified in criteria:
        row = rows[f"Criteria of {name}", criterion + " ".join(plain.split())]
        assert ("No data decide this" in said(row)) == (not is_computable)
        assert ("Not verified" in said(row)) == (not is_verified)
        assert said(row.select_one("pre")) == " ".join(sql.split())
        assert place in said(row)
        assert ("misprint" in row.get("class", [])) == is_misprint
        if is_misprint:
            assert misprints[system] in said(row)


def test_a_changed_choice_is_marked_and_stands_in_the_footnotes(tmp_path):
    choices = tmp_path / "choices.toml"
    choices.write_text("temperature_holds_h = 8.5\nobserved_window_d = 10\n")
    out = graded(tmp_path / "cohort", [subject("S-1", followup_end_hour=90)], course("S-1")[:3], choices=choices)
    page = parsed(out)
    row = page.select_one("#choice-temperature_holds_h")
    assert "is-changed" in row["class"]
    assert said(row).startswith("temperature_holds_h changed 8.5 hours 14")
    assert len(page.select(".is-changed")) == 2
    for note in ("#answer .footnotes", "#cohort .footnotes", "#highest-grade .footnotes", "#swimmer .footnotes"):
        assert "temperature_holds_h = 8.5 hours changed from 14" in said(page.select_one(note))
    assert "2 choices differ from the default" in said(page.select_one("#answer"))
    flags = json.loads(page.select_one("#listing-data").get_text())["flags"]
    assert flags["short_followup"] == "observed for less than 10 days"


def test_every_choice_is_listed_with_its_reason(sample_build):
    manifest = json.loads((sample_build / "manifest.json").read_text())
    page = parsed(sample_build)
    assert {row["id"].removeprefix("choice-") for row in page.select(".choices tbody tr")} == set(manifest["choices"])
    assert all(said(row.select("td")[2]) and said(row.select("td")[3]) for row in page.select(".choices tbody tr"))


def test_provenance_names_every_input_and_the_digest(sample_build):
    manifest = json.loads((sample_build / "manifest.json").read_text())
    provenance = said(parsed(sample_build).select_one("#provenance"))
    assert manifest["digest"] in provenance
    for one in manifest["inputs"]:
        assert one["file"] in provenance
        assert one["sha256"] in provenance
    for name, version in manifest["versions"].items():
        assert f"{name} {version}" in provenance


def test_refusals_are_counted_by_reason_and_listed_up_to_a_limit(tmp_path):
    wrong = [reading("S-1", hour / 10, 99) for hour in range(report.REFUSALS_SHOWN + 30)]
    page = parsed(graded(tmp_path, [subject("S-1")], course("S-1") + wrong))
    reasons = page.select(".reasons tbody tr")
    assert [said(row) for row in reasons] == [
        "the value is impossible: temperature is kept from 25 to 45 degC refused 230 1 observations.csv row 8"
    ]
    assert len(page.select(".refusals tbody tr")) == report.REFUSALS_SHOWN
    assert "The other 30 rows are in tables/refusals.csv" in said(page.select_one("#loaded"))


def test_a_report_with_nothing_refused_says_so(plain_builds):
    assert "Every row was used" in said(parsed(plain_builds["one subject"]).select_one("#loaded"))


def test_onset_days_carry_the_convention(sample_build):
    page = parsed(sample_build)
    for place in ("#answer", "#cohort", "#onset-day", "#swimmer", "#subjects"):
        assert "the infusion day is day 0" in said(page.select_one(place))


def test_the_figure_of_highest_grades_draws_the_cohort_table(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT n_treated, n_evaluable - n_any, n_grade_1, n_grade_2, n_grade_3, n_grade_4, n_grade_5, "
            "n_not_evaluable FROM summaries.cohort JOIN rules.systems AS s USING (system) WHERE stratum = 'all' "
            "ORDER BY s.misprint <> '', system"
        ).fetchall()
    drawing = json.loads(parsed(sample_build).select_one("#data-highest-grade").get_text())
    drawn = [trace["y"] for trace in drawing["data"]]
    assert drawn == [pytest.approx([100 * count / treated for count in counts]) for treated, *counts in rows]


def test_the_courses_drawn_are_the_grades_parted_where_nothing_is_known(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        numbers = [number for (number,) in connection.execute("SELECT subject_no FROM staging.subjects").fetchall()]
        drawn = data.stretches(connection, "astct_2019", numbers)
        graded_rows = connection.execute(
            "SELECT s.subject_no, g.start_minute, g.end_minute, g.grade, g.ceiling, g.because, g.episode "
            "FROM grading.grades AS g JOIN staging.subjects AS s USING (subject_id) "
            "WHERE g.system = 'astct_2019' ORDER BY ALL"
        ).fetchall()
    joined = []
    for row in drawn:
        verdict = (row["grade"], row["ceiling"], row["because"], row["episode"])
        if joined and joined[-1][0] == row["subject_no"] and joined[-1][3:] == verdict:
            assert joined[-1][2] == row["start_minute"]
            joined[-1] = (*joined[-1][:2], row["end_minute"], *verdict)
        else:
            joined.append((row["subject_no"], row["start_minute"], row["end_minute"], *verdict))
    assert joined == graded_rows
    assert len(drawn) > len(joined)


def test_a_dose_after_death_or_of_nothing_is_not_drawn(tmp_path):
    observations = course("S-1") + [
        reading("S-1", 40, 8, "tocilizumab", "mg/kg"),
        reading("S-1", 41, 0, "dexamethasone", "mg"),
        reading("S-1", 200, 10, "dexamethasone", "mg"),
    ]
    out = graded(tmp_path, [subject("S-1", death_hour=100, death_cause="progression")], observations)
    drawing = json.loads(parsed(out).select_one("#data-swimmer").get_text())
    marks = {trace["name"]: trace for trace in drawing["data"] if trace["type"] == "scatter"}
    assert set(marks) == {"tocilizumab", "other death"}
    assert marks["tocilizumab"]["x"] == [round((40 + 10) / 24, 5)]
    assert marks["other death"]["customdata"][0][2] == "death: progression"


def test_the_kinds_of_stretch_part_every_stretch():
    for grade in range(5):
        for episode in (None, 1):
            for unknown in (True, False):
                row = {"grade": grade, "episode": episode, "is_unknown": unknown}
                if grade or not episode:
                    assert sum(kind.holds(row) for kind in swimmer.KINDS) == 1


def test_a_laid_out_condition_differs_in_white_space_only():
    for condition in ("a >= 1", "(a OR b) AND (c OR (d AND e)) OR f", "a > 6.0 OR NULLIF(b AND c, TRUE)"):
        assert " ".join(rules_section.laid_out(condition).split()) == condition
    assert rules_section.laid_out("(a OR b) AND c") == "(a OR b)\nAND c"


def test_a_flag_of_the_closed_list_has_words(sample_build):
    flags = words.flag_words(dict.fromkeys(_choices(sample_build), {"value": 1.0}))
    assert set(flags) == {
        "late_onset", "late_event", "support_without_fever", "fever_before_infusion", "baseline_support",
        "vasopressin_only", "waiver_used", "single_reading", "presumed_hold", "short_followup",
    }  # fmt: skip


def _choices(out):
    return json.loads((out / "manifest.json").read_text())["choices"]


# How it is made


def test_the_same_cohort_gives_the_same_bytes(sample_build, tmp_path):
    from conftest import SAMPLE

    build.run(Request("tidy", SAMPLE, tmp_path / "again"), Progress(io.StringIO()))
    assert (tmp_path / "again" / "report.html").read_bytes() == (sample_build / "report.html").read_bytes()


def test_the_page_stands_alone(sample_build):
    page = BeautifulSoup(page_of(sample_build), "html.parser")
    assert page.select_one('meta[http-equiv="Content-Security-Policy"]')["content"] == (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    )
    assert page.select("[src], link:not([rel=icon])") == []
    # A link leads to a place in the page or, since the listing, to the course of a patient, which is in the page too.
    places = {link["href"] for link in page.select("a")}
    courses = {place for place in places if place.startswith("#patient=")}
    assert all(place.startswith("#") for place in places)
    assert {unquote(place.removeprefix("#patient=")) for place in courses} <= {row["id"] for row in listed(page)}
    assert len(page.select("script[id^=patient-]")) == len(listed(page)) == 60
    assert sum("plotly.js v" in script.get_text()[:200] for script in page.select("script")) == 1
    ids = [node["id"] for node in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {place.removeprefix("#") for place in places - courses} <= set(ids)


def test_headings_stand_in_order_and_every_figure_has_words_and_numbers(sample_build):
    page = parsed(sample_build)
    levels = [int(heading.name[1]) for heading in page.select("h1, h2, h3, h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:]))
    assert len(page.select("main")) == 1
    assert len(page.select("main figure")) == 20
    for figure in page.select("main figure"):
        assert said(figure.select_one("figcaption"))
        assert len(figure.select_one(".plot")["aria-label"]) > 60
        assert figure.select("details table tbody tr")
        assert "Choices in force" in said(figure.select_one(".footnotes"))


def test_grades_go_from_light_to_dark_and_their_numbers_can_be_read():
    light = [luminance(house.GRADE_COLOURS[grade]) for grade in range(6)]
    assert light == sorted(light, reverse=True)
    for darker, lighter in zip(light[2:], light[1:]):
        assert (lighter + 0.05) / (darker + 0.05) > 1.3
    for grade, colour in house.GRADE_COLOURS.items():
        assert contrast(colour, house.GRADE_INKS[grade]) >= 4.5


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(scope="module")
def large_build(tmp_path_factory):
    """1,000 subjects, each with a course; every third without CRS."""
    names = [f"S-{number:04}" for number in range(1000)]
    observations = [
        row
        for number, name in enumerate(names)
        for row in course(name, 37.0 if number % 3 == 0 else 38.5 + number % 5 / 4)
    ]
    return graded(tmp_path_factory.mktemp("large"), [subject(name, site=name[:4]) for name in names], observations)


def test_a_thousand_subjects_fit_into_the_report(large_build):
    assert (large_build / "report.html").stat().st_size < 15 * MEGABYTE
    page = parsed(large_build)
    assert len(listed(page)) == 1000
    assert page.select("script[id^=patient-]") == []
    assert "The 150 patients with the highest grades, of 1,000" in said(page.select_one("#swimmer figcaption"))
    drawing = json.loads(page.select_one("#data-swimmer").get_text())
    assert len(drawing["layout"]["yaxis"]["ticktext"]) == swimmer.AT_MOST


# In a browser

DRAWN = """() => Array.from(document.querySelectorAll('.plot'), (plot) => ({
    svgs: plot.querySelectorAll('.main-svg').length,
    traces: (plot.data || []).length,
    shapes: plot.querySelectorAll('.points path, .point path, .bars path, .hm image, .js-line').length,
}))"""

TOO_FAINT = """() => {
    const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
    const linear = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (node) => {
        for (; node; node = node.parentElement) {
            const colour = parse(getComputedStyle(node).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const node of document.querySelectorAll('body *')) {
        const own = Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || node.closest('.plot, script, style, .skip') || !node.getClientRects().length) continue;
        const [a, b] = [luminance(parse(getComputedStyle(node).color)), luminance(ground(node))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) found.push(node.outerHTML.slice(0, 120));
    }
    return found;
}"""

OPEN_ALL = "() => document.querySelectorAll('details').forEach((details) => { details.open = true; })"
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


def wrong_with(seen, path):
    """What a page did that it should not have done."""
    outside = [request for request in seen.requests if request != path.resolve().as_uri()]
    return outside + seen.errors + seen.dialogs


@pytest.mark.browser
def test_opens_from_a_file_offline_and_draws_every_figure(browser, sample_build):
    path = sample_build / "report.html"
    with opened(browser, path) as seen:
        seen.draw_all()
        drawn = seen.run(DRAWN)
        assert len(drawn) == 20
        assert all(one["svgs"] > 0 and one["traces"] > 0 and one["shapes"] > 0 for one in drawn)
        seen.page.mouse.wheel(0, 3000)
        seen.page.wait_for_timeout(200)
        assert wrong_with(seen, path) == []


@pytest.mark.browser
def test_no_button_shares_a_figure(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.draw_all()
        titles = seen.run("() => Array.from(document.querySelectorAll('.modebar-btn'), (b) => b.dataset.title || '')")
        assert set(titles) == {"Download plot as a PNG", "Download picture as an SVG", "Zoom", "Pan", "Reset axes"}
        assert seen.page.locator(".modebar a[href], .plotlyjsicon").count() == 0


@pytest.mark.browser
def test_a_figure_is_saved_as_a_picture_without_a_request(browser, sample_build):
    path = sample_build / "report.html"
    with opened(browser, path) as seen:
        seen.draw_all()
        picture = seen.run("() => Plotly.toImage(document.getElementById('plot-swimmer'), { format: 'png' })")
        assert picture.startswith("data:image/png;base64,")
        assert len(picture) > 20_000
        assert [one for one in wrong_with(seen, path) if not one.startswith(("data:", "blob:"))] == []


@pytest.mark.browser
def test_a_hover_says_subject_interval_grade_and_criteria(browser, sample_build):
    with opened(browser, sample_build / "report.html", height=1600) as seen:
        seen.page.locator("#plot-swimmer").scroll_into_view_if_needed()
        seen.page.locator("#plot-swimmer .bars .point").first.hover(force=True)
        seen.page.wait_for_selector("#plot-swimmer .hoverlayer .hovertext")
        text = " ".join(seen.page.locator("#plot-swimmer .hoverlayer").text_content().split())
        for part in ("CG-10", "day ", "after the infusion", "grade ", "in episode"):
            assert part in text


@pytest.mark.browser
def test_the_filter_keeps_the_subjects_with_all_its_words(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        shown = seen.page.locator("#listing tbody tr:visible")
        assert shown.count() == 60
        seen.page.fill("#filter", "cg-1026")
        assert shown.count() == 1
        assert seen.page.inner_text("#filtered") == "1 of 60 shown"
        seen.page.fill("#filter", "Alder not evaluable")
        assert shown.count() == seen.run(
            "() => JSON.parse(document.getElementById('listing-data').textContent).rows.filter((row) => "
            "['alder', 'not', 'evaluable'].every((word) => row.join(' ').toLowerCase().includes(word))).length"
        )
        seen.page.fill("#filter", "no such patient")
        assert shown.count() == 0
        seen.page.fill("#filter", "")
        assert shown.count() == 60


@pytest.mark.browser
def test_a_row_of_the_listing_opens_by_keyboard_to_its_episodes(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.page.locator("#listing tbody a").first.focus()
        seen.page.keyboard.press("Enter")
        seen.page.locator("dialog .episodes tbody tr").first.wait_for(state="visible")


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(browser, sample_build, width):
    with opened(browser, sample_build / "report.html", width=width) as seen:
        assert seen.run(OVERFLOW) <= 0
        seen.run(OPEN_ALL)
        assert seen.run(OVERFLOW) <= 0


@pytest.mark.browser
def test_every_text_stands_out_from_its_ground(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.run(OPEN_ALL)
        assert seen.run(TOO_FAINT) == []


@pytest.mark.browser
def test_texts_that_try_to_be_run_are_shown_as_they_are(browser, hostile_build):
    path = hostile_build / "report.html"
    with opened(browser, path) as seen:
        seen.run(OPEN_ALL)
        seen.draw_all()
        listed = seen.run("() => Array.from(document.querySelectorAll('#listing tbody a'), (id) => id.textContent)")
        assert sorted(listed) == sorted(HOSTILE)
        ticks = seen.run(
            "() => Array.from(document.querySelectorAll('#plot-swimmer .ytick text'), (t) => t.textContent)"
        )
        for name in HOSTILE:
            line = " ".join(name.split())
            assert (line if len(line) <= 22 else line[:21] + "…") in ticks
        refused = seen.page.locator(".refusals").inner_text()
        assert HOSTILE[1] in refused and HOSTILE[6] in refused
        assert seen.page.locator(f"text={HOSTILE[0]}").count() > 0
        for point in seen.page.locator("#plot-swimmer .bars .point").all()[:12]:
            point.hover(force=True)
        seen.page.wait_for_timeout(200)
        assert (
            seen.run("() => document.querySelectorAll('main img, main a[href^=java], main script:not([type])').length")
            == 0
        )
        assert seen.run(OVERFLOW) <= 0
        assert wrong_with(seen, path) == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "figures_drawn", "words"),
    [
        (
            "one subject",
            14,
            "The one treated patient had CRS of grade 1 by ASTCT consensus grading 2019. "
            "The first episode began on day 1 and lasted 2 days.",
        ),
        (
            "no CRS",
            11,
            "None of 2 treated patients had CRS by ASTCT consensus grading 2019 (exact 95% CI 0.0% to 84.2%).",
        ),
        ("one system", 12, "Of 2 treated patients, 1 (50.0%; exact 95% CI 1.3% to 98.7%) had CRS"),
        ("only the misprinted system", 12, "by NCCN v1.2022 as one article prints it (misprint)."),
        ("nothing evaluable", 10, "The one treated patient could not be evaluated by ASTCT consensus grading 2019."),
        (
            "a death of CRS with no fever",
            11,
            "The one treated patient had CRS of grade 5 by ASTCT consensus grading 2019.",
        ),
    ],
)
def test_a_small_cohort_is_reported_whole(browser, plain_builds, name, figures_drawn, words):
    path = plain_builds[name] / "report.html"
    with opened(browser, path) as seen:
        seen.draw_all()
        drawn = seen.run(DRAWN)
        assert [one["svgs"] > 0 and one["traces"] > 0 for one in drawn] == [True] * figures_drawn
        # The figures of agreement, and of the days under the other systems, need two.
        alone = name in ("one system", "only the misprinted system")
        assert seen.page.locator("main figure").count() == (12 if alone else 14)
        assert (seen.page.locator("#between, a[href='#between']").count() == 0) == alone
        assert words in " ".join(seen.page.inner_text("#answer .answer").split())
        assert ("Misprinted ladder" in seen.page.inner_text("#answer")) == (name == "only the misprinted system")
        seen.run(OPEN_ALL)
        assert seen.run(OVERFLOW) <= 0
        assert wrong_with(seen, path) == []


@pytest.mark.browser
def test_a_thousand_subjects_are_drawn_and_filtered(browser, large_build):
    path = large_build / "report.html"
    with opened(browser, path) as seen:
        seen.draw_all()
        assert all(one["svgs"] > 0 and one["traces"] > 0 for one in seen.run(DRAWN))
        seen.page.fill("#filter", "s-0777")
        assert seen.page.inner_text("#filtered") == "1 of 1,000 shown"
        assert seen.run(OVERFLOW) <= 0
        assert wrong_with(seen, path) == []
