"""The quality of the charting: two sites and a patient with none, in which every number is known by hand."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from cohorts import said

import pipeline.api
from pipeline import build, model
from pipeline.reports.sections import quality as quality_section
from pipeline.reports.terminal import quality as quality_text
from pipeline.reports.terminal.progress import Progress

SUBJECTS = [
    {"subject_id": name, "site": site, "followup_end_hour": 48}
    for name, site in (("A1", "Alder"), ("A2", "Alder"), ("B1", "Birch"), ("N1", ""))
]

# subject, concept, start, end, value, unit
CHART = """
A1  temperature    0      .   37.0  degC
A1  temperature    4      .   37.5  degC
A1  temperature    8      .   38.0  degC
A1  temperature    8      .   38.0  degC
A1  temperature    12     .   37.0  degC
A1  temperature    24     .   37.0  degC
A2  temperature    0      .   36.5  degC
A2  temperature    10     .   37.0  degC
A2  temperature    10     .   37.9  degC
A2  temperature    40     .   37.1  degC
A2  temperature    40     .   37.1  degC
A2  temperature    40     .   37.4  degC
A2  temperature    30     .   37.2  .
B1  temperature    2      .   100.4 degF
B1  temperature    6      .   98.6  degC
B1  temperature    12     .   101.3 degC
B1  temperature    18     .   102.2 degC
B1  temperature    19     .   384   degC
B1  temperature    20     .   37.2  degC
N1  temperature    -5     .   36.9  degC
N1  temperature    1      .   36.8  degC
N1  temperature    3      .   36.9  degC
X9  temperature    3      .   36.9  degC
A1  systolic_bp    0      .   120   mmHg
A1  systolic_bp    20     .   118   mmHg
A1  heart_rate     0      .   80    1/min
A1  heart_rate     0      .   80    1/min
B1  heart_rate     1      .   80    Hz
A1  puls           1      .   80    1/min
A1  puls           2      .   82    1/min
B1  puls           1      .   90    1/min
B1  fio2           3      .   0.4   %
B1  fio2           4      .   40    %
A1  creatinine     5      .   0.9   mg/dL
A2  creatinine     5      .   1.1   mg/dL
B1  creatinine     5      .   80    mg/dL
B1  creatinine     29     .   90    mg/dL
A1  nasal_cannula  1      5   .     .
A1  nasal_cannula  5      9   2     L/min
B1  face_mask      1      .   .     .
A2  bipap          40     .   .     .
A1  norepinephrine 3      .   0.05  ug/kg/min
A2  norepinephrine 2      .   0.1   ug/kg/min
A2  norepinephrine 6      .   0     ug/kg/min
B1  norepinephrine 4      6   5     drops
"""
COLUMNS = ("subject_id", "concept", "start_hour", "end_hour", "value", "unit")
OBSERVATIONS = [
    dict(zip(COLUMNS, ("" if cell == "." else cell for cell in line.split()))) for line in CHART.strip().splitlines()
]


def frames(observations: list[dict] = OBSERVATIONS) -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.DataFrame(SUBJECTS), pd.DataFrame(observations)


@pytest.fixture(scope="module")
def cohort() -> pipeline.Cohort:
    return pipeline.grade(*frames())


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run."""
    folder = tmp_path_factory.mktemp("quality")
    for name, rows in (("subjects", SUBJECTS), ("observations", OBSERVATIONS)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    build.run(build.Request("tidy", folder, folder / "out"), Progress(io.StringIO()))
    return folder / "out"


def rows(cohort: pipeline.Cohort, select: str) -> list[tuple]:
    return cohort.connection.execute(select).fetchall()


def charted(cohort: pipeline.Cohort, concept: str, columns: str) -> dict[str, tuple]:
    found = rows(cohort, f"SELECT level, {columns} FROM quality.chartings WHERE concept = '{concept}'")
    return {level: tuple(values) for level, *values in found}


def test_rows_are_counted_by_site_and_those_of_nobody_with_all_only(cohort: pipeline.Cohort) -> None:
    columns = "rows_used, patients, rows_impossible, rows_refused_otherwise"
    # The reading before the infusion is charted and used as well; X9 is in no subjects file.
    assert charted(cohort, "temperature", columns) == {
        "Alder": (12, 2, 0, 1), "Birch": (2, 1, 4, 0), "not given": (3, 1, 0, 0), "all": (17, 4, 4, 2),
    }  # fmt: skip
    assert charted(cohort, "fio2", columns) == {"Birch": (1, 1, 1, 0), "all": (1, 1, 1, 0)}
    assert charted(cohort, "norepinephrine", columns)["Birch"] == (1, 1, 0, 0)


def test_intervals_stand_between_minutes_charted_from_the_infusion_on(cohort: pipeline.Cohort) -> None:
    columns = "interval_median, interval_p95, interval_longest"
    # Alder: 4, 4, 4 and 12 h, then 10 and 30 h. All: these, 18 h at Birch and 2 h.
    assert charted(cohort, "temperature", columns) == {
        "Alder": (240, 1800, 1800), "Birch": (1080, 1080, 1080), "not given": (120, 120, 120), "all": (240, 1800, 1800),
    }  # fmt: skip
    assert charted(cohort, "systolic_bp", columns)["all"] == (1200, 1200, 1200)
    assert charted(cohort, "creatinine", columns) == {
        "Alder": (None, None, None), "Birch": (1440, 1440, 1440), "all": (1440, 1440, 1440),
    }  # fmt: skip
    assert charted(cohort, "norepinephrine", columns)["Alder"] == (240, 240, 240)
    # Two of one minute are no interval.
    assert charted(cohort, "heart_rate", columns)["Alder"] == (None, None, None)


@pytest.mark.parametrize(("concept", "unit"), [("temperature", "degC"), ("spo2", "%"), ("weight", "kg")])
def test_the_95th_percentile_is_the_shortest_that_95_of_100_do_not_exceed(concept: str, unit: str) -> None:
    hours = [0]
    for interval in [1] * 18 + [2, 5]:
        hours.append(hours[-1] + interval)
    readings = [
        {"subject_id": "A1", "concept": concept, "start_hour": hour, "value": 37, "unit": unit} for hour in hours
    ]
    found = charted(pipeline.grade(*frames(readings)), concept, "interval_median, interval_p95, interval_longest")
    assert found["all"] == (60, 120, 300)


def test_duplicates_and_conflicts_of_one_minute_are_told_apart(cohort: pipeline.Cohort) -> None:
    # 38.0 twice; 37.0 and 37.9 at once; 37.1 twice beside 37.4.
    assert charted(cohort, "temperature", "rows_duplicate, minutes_in_conflict") == {
        "Alder": (2, 2), "Birch": (0, 0), "not given": (0, 0), "all": (2, 2),
    }  # fmt: skip
    assert charted(cohort, "heart_rate", "rows_duplicate, minutes_in_conflict")["all"] == (1, 0)
    assert charted(cohort, "creatinine", "rows_duplicate, minutes_in_conflict")["all"] == (0, 0)


def test_duplicates_are_of_what_was_read_where_low_pressures_must_be_confirmed() -> None:
    pressures = [
        {"subject_id": "A1", "concept": "systolic_bp", "start_hour": hour, "value": value, "unit": "mmHg"}
        for hour, value in ((1, 80), (1, 84), (2, 100), (3, 85), (3, 85))
    ]
    built = pipeline.grade(*frames(pressures), choices={"hypotension_confirm_readings": 2})
    assert charted(built, "systolic_bp", "rows_duplicate, minutes_in_conflict")["all"] == (1, 1)


def test_units_as_written_with_the_median_of_the_values_used(cohort: pipeline.Cohort) -> None:
    found = rows(
        cohort,
        "SELECT level, unit_written, rows_used, value_median, rows_impossible FROM quality.units "
        "WHERE concept = 'temperature' ORDER BY ALL",
    )
    assert found == [
        ("Alder", "degC", 12, 37.1, 0),
        ("Alder", "not given", 0, None, 0),
        ("Birch", "degC", 1, 37.2, 4),
        ("Birch", "degF", 1, 38.0, 0),
        ("all", "degC", 16, 37.0, 4),
        ("all", "degF", 1, 38.0, 0),
        ("all", "not given", 0, None, 0),
        ("not given", "degC", 3, 36.9, 0),
    ]
    norepinephrine = "SELECT unit_written, value_median FROM quality.units WHERE concept = 'norepinephrine' AND level = 'all'"
    amounts = rows(cohort, norepinephrine)
    # 0, 0.05 and 0.1; of drops no amount is known.
    assert amounts == [("drops", None), ("ug/kg/min", 0.05)]


def test_a_value_that_is_impossible_names_the_unit_in_which_it_would_be_possible(cohort: pipeline.Cohort) -> None:
    found = rows(
        cohort,
        "SELECT concept, level, unit_written, rows_impossible, other_unit, rows_possible, hint FROM quality.units "
        "WHERE hint IS NOT NULL AND stratum = 'site' ORDER BY ALL",
    )
    assert found == [
        ("creatinine", "Birch", "mg/dL", 0, None, None,
         "the median, 80 mg/dL, lies outside all that 1 of 1 other sites hold, and inside it when read as umol/L"),
        ("fio2", "Birch", "%", 1, "fraction", 1, "1 of 1 values that are impossible would be in the kept range as fraction"),
        # 384 is impossible in either.
        ("temperature", "Birch", "degC", 4, "degF", 3,
         "3 of 4 values that are impossible would be in the kept range as degF"),
    ]  # fmt: skip
    whole = rows(cohort, "SELECT concept FROM quality.units WHERE hint IS NOT NULL AND stratum = 'all' ORDER BY ALL")
    assert whole == [("fio2",), ("temperature",)]


def test_one_site_of_three_in_another_unit_is_found_and_no_other() -> None:
    subjects = pd.DataFrame({"subject_id": list("abcd"), "site": ["P", "Q", "R", "S"]})
    values = {"a": (0.7, 0.8, 1.3), "b": (0.6, 0.9, 2.0), "c": (62, 71, 106), "d": (0.8, 0.8, 0.9)}
    observations = pd.DataFrame(
        {"subject_id": name, "concept": "creatinine", "start_hour": hour, "value": value, "unit": "mg/dL"}
        for name, own in values.items()
        for hour, value in enumerate(own)
    )
    cohort = pipeline.grade(subjects, observations)
    # 71 umol/L are 0.803 mg/dL: among the values of all three others.
    assert rows(cohort, "SELECT level, hint FROM quality.units WHERE hint IS NOT NULL") == [
        ("R", "the median, 71 mg/dL, lies outside all that 3 of 3 other sites hold, and inside it when read as umol/L")
    ]


def test_hours_without_a_vital_by_subject_and_site(cohort: pipeline.Cohort) -> None:
    subjects = rows(
        cohort,
        "SELECT subject_id, level, hours_observed, hours_without_temperature, hours_without_pressure, hours_without_both "
        "FROM quality.subjects ORDER BY ALL",
    )
    assert subjects == [
        ("A1", "Alder", 48, 10, 20, 10),
        ("A2", "Alder", 48, 16, 48, 16),
        ("B1", "Birch", 48, 20, 48, 20),
        ("N1", "not given", 48, 32, 48, 32),
    ]
    sites = rows(
        cohort,
        "SELECT level, patients, hours_observed, hours_without_temperature, round(pct_without_temperature, 4), "
        "hours_without_pressure, round(pct_without_pressure, 4), hours_without_both FROM quality.sites ORDER BY ALL",
    )
    assert sites == [
        ("Alder", 2, 96, 26, 27.0833, 68, 70.8333, 26),
        ("Birch", 1, 48, 20, 41.6667, 48, 100, 20),
        ("all", 4, 192, 78, 40.625, 164, 85.4167, 78),
        ("not given", 1, 48, 32, 66.6667, 48, 100, 32),
    ]


def test_hours_are_counted_in_the_window_that_is_chosen() -> None:
    built = pipeline.grade(*frames(), choices={"observed_window_d": 1})
    assert rows(built, "SELECT hours_observed, hours_without_temperature FROM quality.sites WHERE stratum = 'all'") == [(96, 14)]


def test_devices_without_a_flow_and_support_without_a_stop(cohort: pipeline.Cohort) -> None:
    found = rows(
        cohort,
        "SELECT concept, level, rows_used, patients, rows_without_flow, patients_without_flow, pct_without_flow, "
        "rows_without_stop, patients_without_stop, pct_without_stop FROM quality.support WHERE stratum = 'site' ORDER BY ALL",
    )
    assert found == [
        # Observation ends within the hold: it has its stop.
        ("bipap", "Alder", 1, 1, None, None, None, 0, 0, 0),
        ("face_mask", "Birch", 1, 1, 1, 1, 100, 1, 1, 100),
        ("nasal_cannula", "Alder", 2, 1, 1, 1, 50, 0, 0, 0),
        # A rate of 0 is the stop of A2, and nothing itself; A1 has none.
        ("norepinephrine", "Alder", 2, 2, None, None, None, 1, 1, 50),
        ("norepinephrine", "Birch", 1, 1, None, None, None, 0, 0, 0),
    ]


def test_texts_that_are_not_known_by_rows_and_patients_most_first(cohort: pipeline.Cohort) -> None:
    assert rows(cohort, "FROM quality.unmapped") == [
        ("concept", "puls", "", 3, 0, 2),
        ("unit", "heart_rate", "Hz", 1, 0, 1),
        ("unit", "norepinephrine", "drops", 0, 1, 1),
        ("unit", "temperature", "not given", 1, 0, 1),
    ]


def test_rows_used_and_refused_are_those_of_the_load(cohort: pipeline.Cohort) -> None:
    counted = rows(
        cohort,
        "SELECT sum(rows_charted) FILTER (outcome IS DISTINCT FROM 'refused'), sum(rows_charted) FILTER (outcome = 'refused') "
        "FROM staging.tallies LEFT JOIN quality.flaws USING (fault_no)",
    )
    assert counted == rows(cohort, "SELECT rows_used, rows_refused FROM staging.load WHERE source_file = 'observations'")
    whole = rows(cohort, "SELECT sum(rows_used) FROM quality.chartings WHERE stratum = 'all'")
    assert whole == [(counted[0][0],)]


def test_every_fault_has_its_flaw(cohort: pipeline.Cohort) -> None:
    found = rows(
        cohort,
        "SELECT flaw, list(reason ORDER BY fault_no) FROM quality.flaws JOIN staging.faults USING (fault_no) "
        "WHERE flaw <> 'other' GROUP BY flaw ORDER BY flaw",
    )
    said_of = {flaw: reasons for flaw, reasons in found}
    assert set(said_of) == {"impossible", "unknown concept", "unknown unit"}
    assert all("is impossible" in reason for reason in said_of["impossible"]) and len(said_of["impossible"]) == 2
    assert all("the concept is not one that is known" in reason for reason in said_of["unknown concept"])
    assert all("unit" in reason for reason in said_of["unknown unit"]) and len(said_of["unknown unit"]) == 3


@pytest.mark.parametrize("threads", [1, 3])
def test_the_order_of_rows_and_the_number_of_threads_do_not_matter(
    threads: int, cohort: pipeline.Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = pipeline.api.connect

    def with_threads(*arguments: object, **keywords: object):
        connection = connect(*arguments, **keywords)
        connection.execute(f"SET threads = {threads}")
        return connection

    monkeypatch.setattr(pipeline.api, "connect", with_threads)
    subjects, observations = frames()
    other = pipeline.grade(subjects.sample(frac=1, random_state=3), observations.sample(frac=1, random_state=threads))
    compared = 0
    for one in model.read_models():
        if one.room == "quality" and "source_row" not in one.key or one.table == "staging.tallies":
            assert rows(other, f"FROM {one.table}") == rows(cohort, f"FROM {one.table}"), one.table
            compared += 1
    assert compared == 14


def test_a_cohort_without_a_charting_has_hours_and_nothing_else() -> None:
    built = pipeline.grade(pd.DataFrame(SUBJECTS), pd.DataFrame(columns=list(COLUMNS)))
    assert rows(built, "SELECT count(*) FROM quality.chartings") == [(0,)]
    assert rows(built, "SELECT hours_without_both FROM quality.sites WHERE stratum = 'all'") == [(192,)]
    assert quality_text.text(built.connection).startswith("UNITS THAT LOOK WRONG\nnone\n")


def test_a_site_that_is_named_all_is_not_all() -> None:
    subjects = pd.DataFrame([{**SUBJECTS[0], "site": "all"}, SUBJECTS[2]])
    built = pipeline.grade(subjects, pd.DataFrame(OBSERVATIONS))
    assert rows(built, "SELECT stratum, level, patients FROM quality.sites") == [
        ("all", "all", 2), ("site", "Birch", 1), ("site", "all", 1),
    ]  # fmt: skip


# In words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(None, "–"), (1, "1 min"), (119, "119 min"), (120, "2 h"), (137, "2.28 h"), (840, "14 h"), (2880, "2 d"), (10228, "7.1 d")],
)
def test_a_length_of_time_is_as_short_as_it_can_be_read(minutes: int | None, words: str) -> None:
    assert quality_section.lasting(minutes) == words


def test_the_command_tells_what_looks_wrong_first(out: Path) -> None:
    lines = said("quality", "--out", out).done().out.splitlines()
    assert lines[:10] == [
        "UNITS THAT LOOK WRONG",
        "Birch, temperature in degC: 3 of 4 values that are impossible would be in the kept range as degF.",
        "Birch, fio2 in %: 1 of 1 values that are impossible would be in the kept range as fraction.",
        "Birch, creatinine in mg/dL: the median, 80 mg/dL, lies outside all that 1 of 1 other sites hold, "
        "and inside it when read as umol/L.",
        "",
        "TEXTS THAT ARE NOT KNOWN",
        "text       written as              refused  blanked  patients",
        "puls       concept                       3        0         2",
        "Hz         unit of heart_rate            1        0         1",
        "drops      unit of norepinephrine        0        1         1",
    ]
    words = [line.split() for line in lines]
    assert "temperature all sites 17 4 4 h 30 h 30 h 4 2 2 2".split() in words
    assert "temperature Alder 12 2 4 h 30 h 30 h 0 1 2 2".split() in words
    assert "all sites 4 patients 192.0 78.0 164.0 78.0 40.6% 85.4%".split() in words
    assert "N1 not given 48.0 32.0 48.0 32.0".split() in words
    assert "nasal cannula 2 1 1 50.0% 0 0.0%".split() in words
    assert "temperature degC Alder, Birch, not given 16 37 degC 4".split() in words


def test_the_command_needs_a_finished_run(tmp_path: Path) -> None:
    assert "there is no finished run in this folder" in said("quality", "--out", tmp_path / "nothing").sentence(2)


def test_the_report_has_a_section_with_the_hints_first(out: Path) -> None:
    section = BeautifulSoup((out / "report.html").read_text(encoding="utf-8"), "html.parser").select_one("#quality")
    words = " ".join(section.get_text(" ").split())
    hints = [" ".join(item.get_text().split()) for item in section.select(".hints li")]
    assert hints[0] == "Birch, temperature in degC: 3 of 4 values that are impossible would be in the kept range as degF."
    assert len(hints) == 3
    assert "Figure 1. Time between two chartings of one patient." in words
    assert "Figure 2. Hours without a temperature or a systolic pressure in force." in words
    assert "The 4 patients with the most such hours, of 4" in words
    captions = [caption.get_text() for caption in section.select("caption")]
    assert captions == [
        "Texts that are not known",
        "Intervals between readings",
        "Patients with the most unknown hours",
        "Charting density of each patient",
        "Hours without a temperature or a systolic pressure in force",
        "Devices without a flow, support without a charted stop",
        "What was charted, all sites together",
        "What was charted, by site",
        "Units as written, by site",
    ]
    lines = [" ".join(line.get_text(" ").split()) for line in section.select("tr")]
    assert "All sites 4 192.0 78.0 40.6% 164.0 85.4% 78.0 40.6%" in lines
    assert "temperature 17 4 4 h 30 h 30 h 4 2 2 2" in lines
    assert "face mask 1 1 1 100.0% 1 1 100.0% 1" in lines


def test_many_sites_and_subjects_leave_the_worst_in_the_figures() -> None:
    numbers = range(60)
    subjects = pd.DataFrame({"subject_id": [f"S{n:02}" for n in numbers], "site": [f"Site {n:02}" for n in numbers],
                             "followup_end_hour": 100})  # fmt: skip
    observations = pd.DataFrame(
        {"subject_id": f"S{n:02}", "concept": "temperature", "start_hour": hour, "value": 37, "unit": "degC"}
        for n in numbers
        for hour in (0, 20 + n)
    )
    built = pipeline.grade(subjects, observations)
    section = quality_section.section(built.connection, _choices(built))
    intervals, unknown, _ = section["figures"]
    # The longest intervals are those of the last sites; in their order below all sites.
    assert list(intervals.drawing.layout.yaxis.ticktext) == ["all sites", *(f"Site {n:02}" for n in range(40, 60))]
    assert "The 20 sites with the longest intervals are shown." in intervals.caption
    assert len(unknown.drawing.layout.yaxis.ticktext) == 20
    assert len(section["sites"].lines) == 21
    assert "The 20 patients with the most such hours, of 60" in unknown.caption


def test_nothing_unknown_and_nothing_between_is_said_in_words() -> None:
    subjects = pd.DataFrame([{"subject_id": "A1", "followup_end_hour": 10}])
    observations = pd.DataFrame(
        {"subject_id": "A1", "concept": concept, "start_hour": 0, "value": value, "unit": unit}
        for concept, value, unit in (("temperature", 37, "degC"), ("systolic_bp", 120, "mmHg"))
    )
    built = pipeline.grade(subjects, observations)
    intervals, unknown, _ = quality_section.section(built.connection, _choices(built))["figures"]
    assert (intervals.drawing, unknown.drawing) == (None, None)
    assert unknown.caption.startswith("None of 1 patient has such hours.")


def _choices(built: pipeline.Cohort) -> dict:
    from pipeline.reports import data

    return data.choices(built.connection)
