"""The course of a patient: what it holds is what the database holds, every id leads to it, and large cohorts have pages."""

import io
import json
import os
import re
import subprocess
import sys
from urllib.parse import quote

import duckdb
import pytest
from browser import opened
from conftest import ROOT
from test_report import HOSTILE, OVERFLOW, course, graded, reading, subject, wrong_with

from pipeline import build, outputs
from pipeline.build import Request
from pipeline.reports.patients import payload
from pipeline.reports.patients.ways import IN_ONE_FILE, Ways
from pipeline.reports.terminal.explain import explain
from pipeline.reports.terminal.progress import Progress

TOLD = ("CG-1001", "CG-1007", "CG-1010", "CG-1013", "CG-1016", "CG-1024", "CG-1026", "CG-1039", "CG-1045")
"""Grade 1, two vasopressors, recurrence, not evaluable, another cause, CPAP at home, death, no stop, a waiver."""


@pytest.fixture(scope="module")
def database(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def courses(sample_build):
    """The courses that stand in the report, by subject id."""
    page = (sample_build / "report.html").read_text(encoding="utf-8")
    held = re.findall(r'<script type="application/json" id="patient-\d+">(.*?)</script>', page)
    return {one["subject"]["id"]: one for one in map(json.loads, held)}


# What a course holds


def test_every_patient_has_a_course(courses, database):
    asked = database.execute("SELECT subject_id, subject_no, infusion_minute_of_day FROM staging.subjects").fetchall()
    held = [(name, one["subject"]["no"], one["subject"]["zero"]) for name, one in courses.items()]
    assert sorted(held) == sorted(asked) and len(asked) == 60


@pytest.mark.parametrize("name", TOLD)
def test_readings_are_those_charted_from_a_day_before_the_infusion_to_the_end(courses, database, name):
    for concept in ("temperature", "systolic_bp", "spo2"):
        asked = database.execute(
            "SELECT start_minute, round(value, 3), graded FROM staging.observations AS o "
            "JOIN staging.subjects AS s USING (subject_id) WHERE subject_id = ? AND concept = ? AND start_minute >= -1440 "
            "AND start_minute < coalesce(s.cut_minute, 1e9) ORDER BY start_minute, o.source_file, o.source_row",
            [name, concept],
        ).fetchall()
        held = courses[name]["readings"].get(concept)
        if not asked:
            assert held is None
            continue
        assert (held["n"], held["every"]) == (len(asked), None)
        assert held["minutes"] == [minute for minute, *_ in asked]
        assert held["values"] == [value for _, value, _ in asked]
        places = [int(place) for place, _ in held["other"] or []]
        assert places == [place for place, (*_, is_graded) in enumerate(asked) if not is_graded]


def test_of_a_fever_put_down_to_infection_every_reading_says_so(courses):
    other = courses["CG-1016"]["readings"]["temperature"]["other"]
    assert len(other) > 3 and {why for _, why in other} == {"infection"}
    assert "temperature" not in courses["CG-1013"]["readings"]


@pytest.mark.parametrize("name", TOLD)
def test_support_and_doses_are_those_in_force_and_given(courses, database, name):
    support = database.execute(
        "SELECT c.concept, c.start_minute, least(c.end_minute, c.cut_minute), round(c.amount, 5), c.source_row, "
        "u.standing FROM timeline.chartings AS c JOIN staging.subjects AS s USING (subject_no) "
        "LEFT JOIN timeline.support AS u ON u.source_file_no = c.source_file_no AND u.source_row = c.source_row "
        "WHERE s.subject_id = ? AND c.end_minute > -1440",
        [name],
    ).fetchall()
    held = courses[name].get("support", [])
    assert sorted((row[7], row[0], *row[1:4]) for row in held) == sorted((row[4], *row[:4]) for row in support)
    known = {row[4]: row[5] for row in support if row[5]}
    assert {row[7]: row[4] for row in held if row[7] in known} == known
    doses = database.execute(
        "SELECT o.source_row, concept, start_minute FROM staging.observations AS o JOIN staging.concepts USING (concept) "
        "JOIN staging.subjects AS s USING (subject_id) WHERE subject_id = ? AND start_minute >= -1440 "
        "AND start_minute < coalesce(s.cut_minute, 1e9) AND value IS DISTINCT FROM 0 "
        "AND family IN ('anticytokine', 'corticosteroid', 'antipyretic', 'fluid') ORDER BY ALL",
        [name],
    ).fetchall()
    assert sorted((row[5], row[0], row[1]) for row in courses[name].get("doses", [])) == doses


def test_a_course_tells_presumed_baseline_and_uncounted_support_apart(courses):
    standings = {(row[0], row[4]) for one in courses.values() for row in one.get("support", [])}
    assert ("norepinephrine", "presumed") in {(row[0], row[4]) for row in courses["CG-1039"]["support"]}
    assert {row[4] for row in courses["CG-1024"]["support"] if row[0] == "cpap" and row[2] > 0} == {"baseline"}
    assert ("dobutamine", "inotrope") in standings and ("invasive_ventilation", "other cause") in standings


@pytest.mark.parametrize("name", TOLD)
def test_stretches_joined_are_the_grades_of_every_system(courses, database, name):
    reasons = dict(database.execute("SELECT reason_no, because FROM grading.reasons").fetchall())
    for system, held in courses[name]["verdicts"].items():
        joined = []
        for start, grade, ceiling, reason, episode, _ in held["stretches"]:
            verdict = (grade, ceiling, reasons[reason], episode)
            if not joined or joined[-1][1:] != verdict:
                joined.append((start, *verdict))
        ends = [*(start for start, *_ in joined[1:]), held["end"]]
        asked = database.execute(
            "SELECT start_minute, end_minute, grade, ceiling, because, episode FROM grading.grades "
            "WHERE system = ? AND subject_id = ? ORDER BY start_minute",
            [system, name],
        ).fetchall()
        assert [(start, end, *verdict) for (start, *verdict), end in zip(joined, ends, strict=True)] == asked
    assert len(courses[name]["verdicts"]) == 7


def rows_explained(text):
    """The rows that an explanation gives for criteria and links, not those that it sets aside."""
    rows, counts = set(), False
    for line in text.splitlines()[1:]:
        if not line.startswith("      "):
            counts = bool(re.match(r"  (\w+ \(grade \d\)|fever or its waiver) ", line))
        elif counts:
            rows.add(int(line.rsplit(" row ", 1)[1]))
    return rows


@pytest.mark.parametrize("name", ("CG-1007", "CG-1026", "CG-1045", "CG-1047"))
def test_the_reasons_at_each_change_are_those_that_explain_gives(courses, database, name):
    told = courses[name]["changes"]
    for system, changes in told["changes"].items():
        asked = database.execute(
            "SELECT start_minute FROM (SELECT start_minute, grade, lag(grade) OVER (ORDER BY start_minute) AS before "
            "FROM grading.grades WHERE system = ? AND subject_id = ?) WHERE grade IS DISTINCT FROM before ORDER BY 1",
            [system, name],
        ).fetchall()
        assert [minute for minute, *_ in changes] == [minute for (minute,) in asked]
        for minute, met, links, possible, unknown in changes:
            text = explain(database, name, system, hour=minute / 60)
            places = [place for _, those in [*met, *links] for place in those]
            assert {told["rows"][place][4] for place in places} == rows_explained(text)
            assert ("cannot be ruled out" in text) == bool(possible)
            assert all(f"no {vital}" in text for vital in unknown) and ("not known" in text) == bool(unknown)


def test_every_charting_that_decides_stands_in_the_evidence(courses, database):
    evidence = set(
        database.execute("SELECT DISTINCT subject_id, concept, charted_minute, source_row FROM grading.evidence").fetchall()
    )
    held = {
        (name, concept, minute, row)
        for name, one in courses.items()
        for concept, _, minute, _, row in one["changes"]["rows"]
    }
    assert len(held) > 200 and held <= evidence


def test_a_recorded_grade_stands_beside_the_derived_one(courses):
    records = courses["CG-1004"]["records"]
    assert [(row[0], row[1], row[5]) for row in records["records"]] == [("astct_2019", 2, 3)]
    assert [row[0] for row in records["disagreements"]] == ["astct_2019"]
    assert "records" not in courses["CG-1040"] or courses["CG-1040"]["records"]["records"] == []


@pytest.fixture(scope="module")
def dense_build(tmp_path_factory):
    """A temperature every minute for 50 hours, rising in steps, with one peak and one that is put down to infection."""
    values = {minute: round(36.5 + minute % 7 / 10, 1) for minute in range(3000)} | {777: 40.4, 1500: 35.2}
    rows = [reading("S-1", minute / 60, value) for minute, value in values.items()]
    rows[900]["indication"] = "infection"
    return graded(tmp_path_factory.mktemp("dense"), [subject("S-1")], rows)


def dense_course(out):
    page = (out / "report.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'id="patient-1">(.*?)</script>', page).group(1))


def test_a_dense_series_keeps_the_lowest_and_highest_of_each_few_minutes_and_what_is_not_graded(dense_build):
    held = dense_course(dense_build)["readings"]["temperature"]
    assert (held["n"], held["every"]) == (3000, 6)
    assert len(held["values"]) <= payload.DENSE + 1
    drawn = dict(zip(held["minutes"], held["values"], strict=True))
    assert (drawn[777], drawn[1500]) == (40.4, 35.2)
    assert [held["minutes"][int(place)] for place, _ in held["other"]] == [900]
    for first in (0, 600, 1200):
        window = [round(36.5 + minute % 7 / 10, 1) for minute in range(first, first + 6)]
        kept = [value for minute, value in drawn.items() if first <= minute < first + 6]
        assert (min(kept), max(kept)) == (min(window), max(window))


# The way there


def test_an_id_becomes_a_link_and_every_other_text_stays_text():
    ways = Ways({"A<b>": 3, "B": 12}, in_folder=False)
    assert str(ways.linked("A<b> (1 < 2); B; C", ("A<b>", "B", "C"))) == (
        '<a href="#patient=A%3Cb%3E">A&lt;b&gt;</a> (1 &lt; 2); <a href="#patient=B">B</a>; C'
    )
    assert Ways({"A<b>": 3, "B": 12}, in_folder=True).to("A<b>") == "patients/03.html"
    assert ways.to("C") is None and ways.file(3) == "03.html"


def test_every_table_of_the_report_that_names_patients_leads_to_them(sample_build):
    page = (sample_build / "report.html").read_text(encoding="utf-8")
    for caption in (
        "Rows refused or blanked", "Course of each patient", "Disagreements", "Findings to look at",
        "Patients with the most unknown hours",
    ):  # fmt: skip
        table = page[page.index(f"<caption>{caption}</caption>") :]
        named = re.findall(r'href="#patient=([^"]+)">([^<]+)</a>', table[: table.index("</table>")])
        assert named and all(address == name for address, name in named), caption


def test_the_bars_of_the_figures_know_their_patients(sample_build, database):
    page = (sample_build / "report.html").read_text(encoding="utf-8")
    layout = json.loads(re.search(r'id="data-swimmer">(.*?)</script>', page).group(1))["layout"]
    assert layout["meta"]["patients"] == layout["yaxis"]["ticktext"]
    assert len(layout["meta"]["patients"]) == 60


# Pages in a folder


@pytest.fixture(scope="module")
def large_build(tmp_path_factory):
    """400 patients by the generator, under two systems; a page each."""
    folder = tmp_path_factory.mktemp("large")
    command = [sys.executable, "data/generate.py", "sample", "--subjects", "400", "--format", "parquet", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    out = folder / "out"
    build.run(Request("tidy", folder, out, systems=("astct_2019", "lee_2014")), Progress(io.StringIO()))
    return out


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


ASSETS = ["assets/patient.css", "assets/patients.js", "assets/plotly.js"]


def test_a_large_cohort_has_a_page_per_patient_whose_links_lead_somewhere(large_build):
    pages = [f"{number:03}.html" for number in range(1, 401)]
    assert names_in(large_build / "patients") == [*pages, *ASSETS]
    report = (large_build / "report.html").read_text(encoding="utf-8")
    assert 'id="patient-1"' not in report and "#patient=" not in re.sub(r"<script>.*?</script>", "", report, flags=re.DOTALL)
    led = set(re.findall(r'href="(patients/[^"]+)"', report))
    assert len(led) > 150 and all((large_build / one).is_file() for one in led)
    for number in (1, 200, 400):
        page = (large_build / "patients" / f"{number:03}.html").read_text(encoding="utf-8")
        for place in re.findall(r'(?:href|src)="([^"#]+)', page):
            assert place == "data:," or (large_build / "patients" / place).is_file(), place
        assert json.loads(re.search(r'id="patient-data">(.*?)</script>', page).group(1))["subject"]["no"] == number
        assert f"<title>CG-{1000 + number} – course of one patient</title>" in page


def test_the_manifest_holds_every_page(large_build):
    written = json.loads((large_build / "manifest.json").read_text())["outputs"]
    assert sum(name.startswith("patients/") for name in written) == 403
    connection, warning = outputs.open_built(large_build)
    connection.close()
    assert warning is None


def plain_cohort(folder, number, **request):
    names = [f"S-{one:03}" for one in range(number)]
    rows = [reading(name, 4, 38.5) for name in names]
    return graded(folder, [subject(name) for name in names], rows, systems=("astct_2019",), **request)


def test_no_page_of_an_earlier_run_stays(tmp_path):
    out = plain_cohort(tmp_path, IN_ONE_FILE + 3)
    pages = out / "patients"
    assert len(names_in(pages)) == IN_ONE_FILE + 3 + len(ASSETS)
    first = {name: (pages / name).read_bytes() for name in names_in(pages)}
    plain_cohort(tmp_path, IN_ONE_FILE + 3)
    assert {name: (pages / name).read_bytes() for name in names_in(pages)} == first
    plain_cohort(tmp_path, IN_ONE_FILE + 1)
    assert len(names_in(pages)) == IN_ONE_FILE + 1 + len(ASSETS)
    plain_cohort(tmp_path, IN_ONE_FILE + 1, report=False)
    assert not pages.exists() and not (out / "report.html").exists()
    plain_cohort(tmp_path, IN_ONE_FILE + 1)
    plain_cohort(tmp_path, IN_ONE_FILE)
    assert not pages.exists() and f'id="patient-{IN_ONE_FILE}"' in (out / "report.html").read_text(encoding="utf-8")
    assert [path.name for path in out.iterdir() if path.name.startswith("patients")] == []


def test_a_move_that_broke_off_between_the_folders_is_told_in_a_line(tmp_path, monkeypatch):
    out = plain_cohort(tmp_path, IN_ONE_FILE + 1)
    building = out / outputs.BUILDING
    (building / "patients").mkdir(parents=True)
    real, moves = os.replace, []

    def replace(source, target):
        if moves:
            raise KeyboardInterrupt
        moves.append(target)
        real(source, target)

    monkeypatch.setattr(outputs.os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        outputs.move_in_folder(building, out, "patients")
    connection, warning = outputs.open_built(out)
    connection.close()
    beyond = IN_ONE_FILE + 1 + len(ASSETS) - outputs.WRONG_NAMED
    assert f"patients/020.html, and {beyond} more do not match manifest.json" in warning
    assert "patients/021.html" not in warning


# In a browser


def course_title(seen):
    seen.page.locator("dialog #plot-patient .main-svg").first.wait_for(state="attached")
    return seen.page.locator("dialog #patient-title").text_content()


@pytest.mark.browser
def test_a_click_on_a_bar_opens_the_course_of_its_patient_and_back_closes_it(browser, sample_build):
    path = sample_build / "report.html"
    with opened(browser, path, height=1600) as seen:
        seen.draw_all()
        seen.run("() => document.querySelector('#swimmer').scrollIntoView()")
        ids = seen.run("() => document.getElementById('plot-swimmer').layout.meta.patients")
        for place in (0, 3):
            box = seen.run(
                "(place) => { const plot = document.getElementById('plot-swimmer'), axes = plot._fullLayout, "
                "frame = plot.querySelector('.nsewdrag').getBoundingClientRect(); "
                "return [frame.left + axes.xaxis.l2p(4.5), frame.top + axes.yaxis.l2p(place)]; }",
                place,
            )
            seen.page.mouse.move(*box)
            seen.page.locator("#plot-swimmer .hoverlayer").get_by_text(ids[place]).wait_for(state="attached")
            seen.page.mouse.click(*box)
            assert course_title(seen) == ids[place]
            assert seen.page.url.endswith(f"#patient={ids[place]}")
            seen.page.go_back()
            seen.page.locator("dialog[open]").wait_for(state="detached")
        assert wrong_with(seen, path) == []


@pytest.mark.browser
def test_an_address_opens_a_course_and_escape_closes_it(browser, sample_build):
    path = sample_build / "report.html"
    with opened(browser, path) as seen:
        seen.page.goto(path.resolve().as_uri() + "#patient=CG-1007")
        assert course_title(seen) == "CG-1007"
        assert seen.run("() => document.activeElement.id") == "patient-title"
        assert "4" in seen.page.locator("dialog .outcome .grade-4").text_content()
        seen.page.select_option("#patient-system", "lee_2014")
        assert "highest grade 3" in seen.page.locator("dialog .outcome").text_content()
        seen.page.get_by_role("button", name="Next patient").click()
        seen.page.wait_for_function("() => document.querySelector('#patient-title').textContent !== 'CG-1007'")
        assert seen.run("() => document.getElementById('patient-system').value") == "lee_2014"
        seen.page.keyboard.press("Escape")
        seen.page.locator("dialog[open]").wait_for(state="detached")
        assert seen.page.locator("dialog[open]").count() == 0
        assert "#patient" not in seen.page.url


@pytest.mark.browser
def test_by_keyboard_a_listed_subject_opens_and_the_focus_comes_back_to_it(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        link = seen.page.locator("#listing tbody a").nth(4)
        name = link.text_content()
        link.focus()
        seen.page.keyboard.press("Enter")
        assert course_title(seen) == name
        seen.page.keyboard.press("Escape")
        seen.page.locator("dialog[open]").wait_for(state="detached")
        assert seen.run("() => document.activeElement.textContent") == name


@pytest.mark.browser
def test_what_the_page_says_of_a_change_is_what_decides_it(browser, sample_build, courses):
    with opened(browser, sample_build / "report.html") as seen:
        seen.page.goto((sample_build / "report.html").resolve().as_uri() + "#patient=CG-1007")
        course_title(seen)
        rows = seen.page.locator("dialog .reasons-why tbody tr").all()
        assert len(rows) == len(courses["CG-1007"]["changes"]["changes"]["astct_2019"])
        text = next(said for row in rows if "day 2 22:40" in (said := row.inner_text()).split("to ")[0])
        for part in (
            "Two or more vasopressors at once", "Lee 2019, table 2, row Hypotension",
            "norepinephrine 0.28 ug/kg/min, day 2 18:45 observations.csv row 2282",
            "epinephrine 0.05 ug/kg/min, day 2 22:40 observations.csv row 2310",
        ):  # fmt: skip
            assert " ".join(part.split()) in " ".join(text.split())
        ringed = seen.run(
            "() => document.getElementById('plot-patient').data.filter((trace) => trace.legendgroup === 'decides')"
            ".reduce((sum, trace) => sum + trace.x.length, 0)"
        )
        assert ringed == 7


@pytest.mark.browser
def test_filters_together_count_what_sql_counts(browser, sample_build, database):
    counted = database.execute(
        "SELECT count(*) FROM summaries.subjects WHERE system = 'astct_2019' AND max_grade >= 2 AND site = 'Alder' "
        "AND list_contains(flags, 'single_reading')"
    ).fetchone()[0]
    at_alder = database.execute(
        "SELECT count(*) FROM summaries.subjects WHERE system = 'astct_2019' AND max_grade >= 2 AND site = 'Alder'"
    ).fetchone()[0]
    assert 0 < counted < at_alder
    with opened(browser, sample_build / "report.html") as seen:
        output = seen.page.locator("#filtered")
        assert output.get_attribute("aria-live") == "polite"
        seen.page.select_option("#filters [name=grade]", "+2")
        seen.page.select_option("#filters [name=site]", "=Alder")
        assert output.text_content() == f"{at_alder} of 60 shown"
        seen.page.select_option("#filters [name=flag]", "single_reading")
        assert output.text_content() == f"{counted} of 60 shown"
        seen.page.fill("#filter", "no such words")
        assert output.text_content() == "0 of 60 shown"
        seen.page.get_by_role("button", name="Clear").click()
        seen.page.wait_for_function("() => document.getElementById('filtered').textContent === '60 of 60 shown'")
        seen.page.select_option("#filters [name=status]", "not evaluable")
        assert seen.page.locator("#listing tbody a").all_text_contents() == ["CG-1013"]


@pytest.mark.browser
def test_a_column_sorts_up_and_down_with_what_is_missing_last(browser, sample_build, database):
    asked = database.execute(
        "SELECT onset_day FROM summaries.subjects WHERE system = 'astct_2019' ORDER BY onset_day NULLS LAST"
    ).fetchall()
    with opened(browser, sample_build / "report.html") as seen:
        head = seen.page.get_by_role("button", name="Onset day")
        column = "#listing tbody td:nth-child(4)"
        head.click()
        assert seen.page.locator(column).all_text_contents() == ["–" if day is None else str(day) for (day,) in asked]
        head.click()
        known = sorted((day for (day,) in asked if day is not None), reverse=True)
        assert seen.page.locator(column).all_text_contents()[: len(known)] == [str(day) for day in known]
        assert seen.page.locator("#listing th[aria-sort]").get_attribute("aria-sort") == "descending"


DRAWN = "() => Array.from(document.querySelectorAll('.plot[data-figure]'), (plot) => !!plot.querySelector('.main-svg'))"
NEAR = (
    "() => Array.from(document.querySelectorAll('.plot[data-figure]'), "
    "(plot) => plot.getBoundingClientRect().top < window.innerHeight + 300)"
)


@pytest.mark.browser
def test_only_figures_near_the_window_are_drawn_until_the_page_is_printed(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.page.wait_for_timeout(300)
        drawn = seen.run(DRAWN)
        assert drawn == seen.run(NEAR) and sum(drawn) < len(drawn) / 2
        seen.run("() => window.dispatchEvent(new Event('beforeprint'))")
        assert all(seen.run(DRAWN))


@pytest.mark.browser
def test_courses_of_hostile_ids_are_shown_as_they_are(browser, tmp_path):
    observations = [row for name in HOSTILE for row in course(name)]
    observations += [reading(name, 29, 3, "nasal_cannula", "L/min", indication=HOSTILE[1]) for name in HOSTILE]
    out = graded(
        tmp_path,
        [subject(name, site=HOSTILE[0], arm=HOSTILE[6], death_hour=400, death_cause=HOSTILE[1]) for name in HOSTILE],
        observations,
        systems=("astct_2019",),
    )
    path = out / "report.html"
    with opened(browser, path) as seen:
        for name in HOSTILE:
            seen.run("(hash) => { window.location.hash = hash; }", f"patient={quote(name, safe='')}")
            seen.page.wait_for_function("(name) => document.getElementById('patient-title')?.textContent === name", arg=name)
            assert seen.run("() => document.querySelectorAll('dialog img, dialog a, dialog script, dialog b').length") == 0
            assert seen.run(OVERFLOW) <= 0
        assert wrong_with(seen, path) == []


@pytest.mark.browser
def test_a_page_of_a_large_cohort_is_drawn_from_its_folder_alone(browser, large_build):
    path = large_build / "patients" / "007.html"
    with opened(browser, path) as seen:
        seen.page.locator("#plot-patient .main-svg").first.wait_for(state="attached")
        assert seen.page.locator("h1").text_content() == "CG-1007"
        seen.page.select_option("#patient-system", "lee_2014")
        seen.page.get_by_role("link", name="Next patient").click()
        seen.page.locator("#plot-patient .main-svg").first.wait_for(state="attached")
        assert seen.page.locator("h1").text_content() == "CG-1008"
        assert seen.run("() => document.getElementById('patient-system').value") == "lee_2014"
        inside = (large_build / "patients").resolve().as_uri() + "/"
        assert [one for one in seen.requests if not one.startswith(inside)] == [] and seen.errors == []
        seen.page.get_by_role("link", name="All patients").click()
        seen.page.wait_for_url(re.compile("report.html#subjects$"))
        assert seen.page.locator("#listing tbody tr").count() == 100
        seen.page.locator("#pager .after").click()
        assert seen.page.locator("#pager span").text_content() == "101 to 200 of 400"


@pytest.mark.browser
def test_the_address_of_a_patient_in_a_large_cohort_leads_to_its_page(browser, large_build):
    with opened(browser, large_build / "report.html") as seen:
        seen.run("() => { window.location.hash = 'patient=CG-1031'; }")
        seen.page.wait_for_url(re.compile(r"patients/031\.html$"))
        assert seen.page.locator("h1").text_content() == "CG-1031"


@pytest.mark.browser
@pytest.mark.parametrize("width", (1280, 1920))
def test_a_course_is_no_wider_than_the_window_and_axe_finds_nothing_serious(browser, sample_build, width):
    from test_access import grave

    with opened(browser, sample_build / "report.html", width=width) as seen:
        seen.page.goto((sample_build / "report.html").resolve().as_uri() + "#patient=CG-1026")
        course_title(seen)
        assert seen.run("() => { const one = document.querySelector('dialog'); return one.scrollWidth - one.clientWidth; }") <= 0
        assert grave(seen.page) == []




@pytest.mark.browser
def test_an_open_course_is_printed_in_the_page_and_stands_over_it_again(browser, sample_build):
    """What lies over a page is cut to one sheet."""
    with opened(browser, sample_build / "report.html") as seen:
        seen.page.goto((sample_build / "report.html").resolve().as_uri() + "#patient=CG-1026")
        course_title(seen)
        over = "() => [document.querySelector('dialog').open, document.querySelector('dialog').matches(':modal')]"
        assert seen.run(over) == [True, True]
        seen.run("() => window.dispatchEvent(new Event('beforeprint'))")
        assert seen.run(over) == [True, False]
        assert seen.run("() => document.getElementById('plot-patient').layout.width") == 690
        seen.run("() => window.dispatchEvent(new Event('afterprint'))")
        assert seen.run(over) == [True, True]


@pytest.mark.browser
def test_a_click_in_every_figure_of_patients_leads_to_the_patient_it_names(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.draw_all()
        figures = seen.run("() => Array.from(document.querySelectorAll('.plot.leads'), (plot) => plot.id)")
        assert {"plot-swimmer"} < set(figures)
        for figure in figures:
            # As Plotly tells of a click: the first point of the last trace that has one.
            said = seen.run(
                "(id) => { const plot = document.getElementById(id), own = (trace) => trace.meta && trace.meta.patients, "
                "rows = plot.layout.meta && plot.layout.meta.patients, "
                "trace = plot.data.findLast((one) => (own(one) || rows) && one.y && one.y.length && one.y[0] !== null), "
                "named = own(trace) ? own(trace)[0] : rows[Math.round(trace.y[0])]; "
                "plot.emit('plotly_click', { points: [{ data: trace, pointNumber: 0, x: trace.x[0], y: trace.y[0] }] }); "
                "return named; }",
                figure,
            )
            assert course_title(seen) == said
            seen.page.keyboard.press("Escape")
            seen.page.locator("dialog[open]").wait_for(state="detached")
