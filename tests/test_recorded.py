"""Recorded against derived: small drawn cohorts in which every number is known by hand, and the slips of the sample."""

import dataclasses

import duckdb
import numpy as np
import pandas as pd
import pytest
from bootstrap import bootstrap
from conftest import SAMPLE

import pipeline
from pipeline import model, statistics
from pipeline.grading import rules
from pipeline.reports.sections import recorded as recorded_section

COLUMNS = ("subject_id", "concept", "start_hour", "end_hour", "value", "unit")

# Unless something else is charted: fever from 30 h to 42 h, the pressure known all the while.
FEVER = """
temperature  0   .  36.8  degC
temperature  30  .  39.0  degC
temperature  42  .  37.0  degC
systolic_bp  24  .  120   mmHg
systolic_bp  36  .  118   mmHg
"""
WELL = "\n".join(f"temperature {hour} . 36.8 degC\nsystolic_bp {hour} . 120 mmHg" for hour in range(0, 61, 6))
CHARTS = {
    "same": FEVER,
    "high": FEVER,
    "low": FEVER + "systolic_bp 31 . 80 mmHg\nnorepinephrine 31 36 0.1 ug/kg/min",
    "missed": FEVER,
    "ghost": WELL,
    "no-grade": FEVER,
    "other": FEVER,
    "ctcae": FEVER,
    "edge": FEVER.replace("39.0", "38.0"),
    "nearly": WELL.replace("temperature 24 . 36.8", "temperature 24 . 37.9"),
    "open": "\n".join(line for line in FEVER.splitlines() if "systolic" not in line),
    "never": "heart_rate 3 . 80 1/min",
}
# subject, system, grade, start, end
RECORDS = """
same      astct_2019     1  31  42
high      astct_2019     2  31  42
low       astct_2019     2  31  42
ghost     astct_2019     2  20  30
no-grade  astct_2019     .  31  42
other     institutional  4  31  42
ctcae     ctcae_5        3  31  42
ctcae     astct_2019     1  31  42
nearly    astct_2019     1  24  30
open      astct_2019     2  31  41
never     astct_2019     1  30  40
"""


def charted(charts: dict[str, str]) -> pd.DataFrame:
    """The chartings of these charts; a dot is nothing."""
    rows = [
        dict(zip(COLUMNS, (subject, *("" if cell == "." else cell for cell in line.split()))))
        for subject, chart in charts.items()
        for line in chart.strip().splitlines()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def recorded(drawn: str) -> pd.DataFrame:
    """The recorded grades of a drawn table."""
    names = ("subject_id", "system", "grade", "start_hour", "end_hour", "recorder")
    rows = [["" if cell == "." else cell for cell in line.split()] for line in drawn.strip().splitlines()]
    return pd.DataFrame([dict(zip(names, [*row, "nurse"][:6])) for row in rows], columns=list(names))


def people(names: list[str], **own: object) -> pd.DataFrame:
    return pd.DataFrame([{"subject_id": name, "site": "Birch" if name > "n" else "Alder", "followup_end_hour": 400, **own}
                         for name in names])  # fmt: skip


def graded(charts: dict[str, str], records: str | None, systems=("astct_2019",), **choices: object) -> pipeline.Cohort:
    given = None if records is None else recorded(records)
    return pipeline.grade(people(list(charts)), charted(charts), given, choices=choices, systems=systems)


@pytest.fixture(scope="module")
def cohort() -> pipeline.Cohort:
    return graded(CHARTS, RECORDS)


def rows(cohort: pipeline.Cohort, select: str) -> list[tuple]:
    return cohort.connection.execute(select).fetchall()


# Matching


def test_a_record_matches_the_episode_of_its_own_system_and_a_system_that_is_not_graded_matches_none(cohort) -> None:
    found = rows(
        cohort,
        "SELECT subject_id, system, is_graded, episode, recorded_grade, derived_grade, grade_in_record FROM recorded.records "
        "ORDER BY source_row",
    )
    assert found == [
        ("same", "astct_2019", True, 1, 1, 1, 1),
        ("high", "astct_2019", True, 1, 2, 1, 1),
        # The record begins with the vasopressor, inside the episode.
        ("low", "astct_2019", True, 1, 2, 3, 3),
        ("ghost", "astct_2019", True, None, 2, 0, 0),
        ("no-grade", "astct_2019", True, 1, None, 1, 1),
        ("other", "institutional", False, None, 4, None, None),
        ("ctcae", "ctcae_5", False, None, 3, None, None),
        ("ctcae", "astct_2019", True, 1, 1, 1, 1),
        ("nearly", "astct_2019", True, None, 1, 0, 0),
        ("open", "astct_2019", True, 1, 2, 1, 1),
        ("never", "astct_2019", True, None, 1, None, None),
    ]


@pytest.mark.parametrize(
    ("times", "matches"),
    [
        ("66 70", True), ("66.1 70", False),   # 24 h after the end at 42 h, and more
        ("1 6", True), ("1 5.9", False),       # 24 h before the onset at 30 h, and more
        ("40 .", True), ("67 .", False),       # no end: where it begins
        (". 29", True), (". .", True),         # no start; no time at all stands for the whole course
    ],
)  # fmt: skip
def test_a_record_as_near_as_chosen_is_of_the_episode(times: str, matches: bool) -> None:
    found = graded({"same": FEVER}, f"same astct_2019 1 {times}")
    assert rows(found, "SELECT episode FROM recorded.records") == [(1 if matches else None,)]


def test_how_near_is_a_choice() -> None:
    found = graded({"same": FEVER}, "same astct_2019 1 43 50", record_match_h=0)
    assert rows(found, "SELECT episode FROM recorded.records") == [(None,)]


def test_of_two_episodes_the_one_that_it_overlaps_longer_is_meant() -> None:
    twice = FEVER + "temperature 250 . 38.4 degC\ntemperature 262 . 37 degC"
    found = graded({"same": twice}, "same astct_2019 1 249 260\nsame astct_2019 1 30 42\nsame astct_2019 1 . .")
    # Both are of grade 1: with no time, the first.
    assert rows(found, "SELECT source_row, episode FROM recorded.records ORDER BY 1") == [(1, 2), (2, 1), (3, 1)]


def test_daily_records_of_one_episode_count_as_their_highest_and_each_is_compared_with_its_own_time() -> None:
    found = graded({"low": CHARTS["low"]}, "low astct_2019 3 30 34\nlow astct_2019 1 37 42")
    assert rows(found, "SELECT recorded_grade, derived_grade, grade_in_record FROM recorded.records ORDER BY source_row") == [
        (3, 3, 3), (1, 3, 1),
    ]  # fmt: skip
    assert rows(found, "SELECT records, recorded_grade, derived_grade FROM recorded.episodes") == [(2, 3, 3)]
    assert rows(found, "FROM recorded.discrepancies") == []


# Counts


def test_confusion_holds_every_subject_once_and_unknown_systems_stand_in_rows_of_their_own(cohort) -> None:
    assert rows(cohort, "SELECT * FROM recorded.confusion ORDER BY ALL") == sorted([
        ("astct_2019", "1", "1", 2), ("astct_2019", "2", "1", 2), ("astct_2019", "2", "3", 1), ("astct_2019", "2", "0", 1),
        ("astct_2019", "1", "0", 1), ("astct_2019", "1", "not evaluable", 1), ("astct_2019", "no grade", "1", 1),
        ("astct_2019", "other system", "1", 1), ("astct_2019", "not recorded", "1", 2),
        ("ctcae_5", "3", "not graded", 1), ("institutional", "4", "not graded", 1),
    ])  # fmt: skip


def test_agreement_is_of_those_with_a_grade_on_both_sides_and_the_others_are_counted_beside_them(cohort) -> None:
    (found,) = rows(
        cohort,
        "SELECT n_both, n_same, n_recorded_lower, n_recorded_higher, n_within_one, n_not_recorded, n_neither, n_no_grade, "
        "n_other_system, n_not_evaluable, kappa_linear, kappa_quadratic, ac2_quadratic FROM recorded.agreement "
        "WHERE stratum = 'all'",
    )
    assert found[:10] == (7, 2, 1, 4, 6, 2, 0, 1, 1, 1)
    table = np.zeros((6, 6), dtype=int)
    for one, other in ((1, 1), (1, 1), (2, 1), (2, 1), (2, 3), (2, 0), (1, 0)):
        table[one, other] += 1
    assert found[10:] == pytest.approx([
        statistics.kappa(table, "linear").value, statistics.kappa(table, "quadratic").value,
        statistics.gwet(table, "quadratic").value,
    ])  # fmt: skip


def test_every_row_of_agreement_has_the_bootstrap_over_its_own_subjects(cohort) -> None:
    found = rows(
        cohort,
        "SELECT level, pct_same_resampled_low, pct_same_resampled_high, kappa_linear_resampled_low, "
        "kappa_linear_resampled_high, kappa_quadratic_resampled_low, kappa_quadratic_resampled_high, "
        "ac2_quadratic_resampled_low, ac2_quadratic_resampled_high "
        "FROM recorded.agreement WHERE level IN ('all', 'Alder', 'Birch')",
    )
    pairs = {
        "all": ((1, 1), (1, 1), (2, 1), (2, 1), (2, 3), (2, 0), (1, 0)),
        **{
            site: rows(cohort, f"SELECT recorded_grade, derived_grade FROM recorded.subjects WHERE site_level = '{site}' "
                       "AND recorded_grade IS NOT NULL AND derived_grade IS NOT NULL")
            for site in ("Alder", "Birch")
        },
    }  # fmt: skip
    assert {level: len(some) for level, some in pairs.items()} == {"all": 7, "Alder": 4, "Birch": 3}
    for level, *limits in found:
        subjects = np.zeros((len(pairs[level]), 6, 6), dtype=int)
        for place, (one, other) in enumerate(pairs[level]):
            subjects[place, one, other] = 1
        intervals = [
            bootstrap(subjects, one)
            for one in (
                lambda table: 100 * np.trace(table) / table.sum(),
                lambda table: statistics.kappa(table, "linear").value,
                lambda table: statistics.kappa(table, "quadratic").value,
                lambda table: statistics.gwet(table, "quadratic").value,
            )
        ]
        # Where every sample gives the same, as the linear kappa of Birch does, there is no interval.
        intervals = [(None, None) if abs(high - low) < 1e-12 else (low, high) for low, high in intervals]
        assert limits == [pytest.approx(limit) for interval in intervals for limit in interval], level
    assert dict((level, linear) for level, _, _, linear, *_ in found)["Birch"] is None


def test_agreement_by_site_and_recorder(cohort) -> None:
    found = rows(cohort, "SELECT stratum, level, n_both, n_same FROM recorded.agreement WHERE stratum <> 'all' ORDER BY ALL")
    assert found == [("recorder", "nurse", 7, 2), ("site", "Alder", 4, 1), ("site", "Birch", 3, 1)]


def test_onset_and_duration_are_compared_where_both_are_known() -> None:
    later = FEVER.replace("42  ", "50  ")
    found = graded({"a": FEVER, "b": later, "c": FEVER}, "a astct_2019 1 31 42\nb astct_2019 1 33 50\nc astct_2019 1 . .")
    hour, onset, duration = (
        rows(
            found,
            "SELECT n, n_same, mean_difference, sd_difference, agreement_low FROM recorded.timing "
            f"WHERE stratum = 'all' AND measure = '{measure}'",
        )[0]
        for measure in ("onset_hour", "onset_day", "duration_day")
    )
    # 1 h and 3 h late: mean 2, standard deviation the root of 2.
    assert hour == pytest.approx((2, 0, 2, 2**0.5, 2 - 1.96 * 2**0.5))
    assert onset == (2, 2, 0, 0, 0)
    # The fever of b holds 14 h, to the end of its day; it is recorded for two days.
    assert duration[:3] == (2, 1, 0.5)


# Disagreements


def test_every_disagreement_has_its_reason(cohort) -> None:
    found = rows(cohort, "SELECT subject_id, recorded_grade, derived_grade, reason_class FROM recorded.discrepancies ORDER BY 1")
    assert found == [
        ("edge", None, 1, "boundary value"),
        ("ghost", 2, 0, "nothing in the data"),
        ("high", 2, 1, "recorded too high"),
        ("low", 2, 3, "recorded too low"),
        ("missed", None, 1, "missed episode"),
        ("nearly", 1, 0, "boundary value"),
        ("never", 1, None, "ceiling allows the recorded grade"),
        ("no-grade", None, 1, "no grade recorded"),
        ("open", 2, 1, "ceiling allows the recorded grade"),
    ]


def test_a_record_with_no_grade_is_asked_for_its_grade(cohort) -> None:
    ((query, difference),) = rows(
        cohort, "SELECT query, grade_difference FROM recorded.discrepancies WHERE subject_id = 'no-grade'"
    )
    assert query.startswith("Recorded is an episode with no grade (ASTCT consensus grading 2019, day 1 ")
    assert "; the chart reaches grade 1 at day 1 " in query and query.endswith(". Please send the grade.")
    assert difference is None


def test_a_disagreement_names_the_charting_that_decides_with_file_and_row(cohort) -> None:
    (row,) = rows(cohort, "SELECT source_row FROM staging.observations WHERE concept = 'norepinephrine'")
    (found,) = rows(
        cohort,
        "SELECT recorded_from, derived_from, derived_to, derived_highest_at, chartings, query FROM recorded.discrepancies "
        "WHERE subject_id = 'low'",
    )
    chartings = f"norepinephrine 0.1 ug/kg/min (observations row {row[0]})"
    assert found[:5] == ("day 1 07:00", "day 1 06:00", "day 1 18:00", "day 1 07:00", chartings)
    assert found[5] == (
        "Recorded is grade 2 (ASTCT consensus grading 2019, day 1 07:00 to day 1 18:00); the chart reaches grade 3 "
        f"at day 1 07:00 on {chartings}. Please confirm the recorded grade with its source, or correct it."
    )


def test_queries_are_one_or_two_sentences(cohort) -> None:
    queries = dict(rows(cohort, "SELECT subject_id, query FROM recorded.discrepancies"))
    assert queries["ghost"].endswith(
        "and the chart shows no episode near that time. Please send the chartings it rests on, or correct it."
    )
    assert queries["edge"].endswith("One step decides (temperature 38 degC): please confirm the value and the grade.")
    assert "the chart holds no temperature" in queries["never"] and "up to grade 2 open" in queries["open"]
    assert all(query.count(". ") == 1 and query.endswith(".") for query in queries.values())


def test_chartings_are_those_that_the_evidence_gives_for_that_minute(cohort) -> None:
    asked = (
        "SELECT d.system, d.subject_id, d.entry, v.criterion, v.concept, v.value, v.unit, v.charted_minute, v.source_file, "
        "v.source_row FROM recorded.disagreements AS d JOIN grading.evidence AS v "
        "ON v.system = d.system AND v.subject_id = d.subject_id AND v.start_minute = d.first_max_minute "
        "AND v.grade = d.derived_grade AND v.role IN ('in force', 'death') AND v.charted_minute <= d.first_max_minute"
    )
    assert rows(cohort, f"{asked} ORDER BY ALL") == rows(cohort, "FROM recorded.chartings ORDER BY ALL") != []


@pytest.mark.parametrize(
    ("chart", "record", "reason"),
    [
        # Derived above recorded: 89 mmHg is a step below the limit of 90, 88 is not.
        (FEVER + "systolic_bp 31 . 89 mmHg", "1 31 42", "boundary value"),
        (FEVER + "systolic_bp 31 . 88 mmHg", "1 31 42", "recorded too low"),
        # Recorded above derived: 90 mmHg falls short of it by a step, 91 does not.
        (FEVER + "systolic_bp 31 . 90 mmHg", "2 31 42", "boundary value"),
        (FEVER + "systolic_bp 31 . 91 mmHg", "2 31 42", "recorded too high"),
        # Low flow ends with 6 L/min.
        (FEVER + "nasal_cannula 31 36 6 L/min", "3 31 42", "boundary value"),
        (FEVER + "nasal_cannula 31 36 5 L/min", "3 31 42", "recorded too high"),
        (FEVER + "nasal_cannula 31 36 7 L/min", "2 31 42", "boundary value"),
        (FEVER + "nasal_cannula 31 36 8 L/min", "2 31 42", "recorded too low"),
        # A mask is no matter of a step, whatever flows beside it.
        (FEVER + "nasal_cannula 31 33 7 L/min\nface_mask 33 36 8 L/min", "2 31 42", "recorded too low"),
        # 38.1 is a fever a step lower as well.
        (FEVER.replace("39.0", "38.1"), None, "missed episode"),
        (FEVER.replace("39.0", "38.0"), None, "boundary value"),
        # One of two decides: the fever was 39 beside the low pressure that is at its limit.
        (FEVER + "systolic_bp 31 . 89 mmHg\nsystolic_bp 32 . 70 mmHg", "1 31 42", "recorded too low"),
    ],
)
def test_a_value_within_a_step_of_its_limit_explains_a_disagreement(chart: str, record: str | None, reason: str) -> None:
    found = graded({"a": chart, "z": FEVER}, "z astct_2019 1 31 42" + (f"\na astct_2019 {record}" if record else ""))
    assert rows(found, "SELECT subject_id, reason_class FROM recorded.discrepancies") == [("a", reason)]


def test_steps_are_choices() -> None:
    found = graded({"a": FEVER + "systolic_bp 31 . 86 mmHg"}, "a astct_2019 1 31 42", boundary_pressure_step=5)
    assert rows(found, "SELECT reason_class, boundary FROM recorded.discrepancies") == [
        ("boundary value", "systolic pressure 86 mmHg")
    ]


def test_another_system_that_gives_the_recorded_grade_fits_better_unless_it_is_a_misprint(monkeypatch) -> None:
    chart = {"a": FEVER + "nasal_cannula 31 36 2 L/min"}
    both = ("astct_2019", "nccn_2022_as_cited")
    select = "SELECT reason_class, other_systems FROM recorded.discrepancies WHERE system = 'astct_2019'"
    found = graded(chart, "a astct_2019 3 31 42", systems=both)
    assert rows(found, select) == [("recorded too high", "nccn_2022_as_cited")]
    # The same ladder, were it no misprint.
    read = rules.read_systems()
    sound = {**read, both[1]: dataclasses.replace(read[both[1]], misprint="")}
    monkeypatch.setattr(rules, "read_systems", lambda: sound)
    found = graded(chart, "a astct_2019 3 31 42", systems=both)
    assert rows(found, select) == [("other system fits better", "nccn_2022_as_cited")]


def test_a_death_that_was_adjudicated_decides_by_itself() -> None:
    subjects = people(["a"], death_hour=40, death_cause="crs")
    found = pipeline.grade(subjects, charted({"a": FEVER}), recorded("a astct_2019 4 31 ."), systems=["astct_2019"])
    assert rows(found, "SELECT reason_class, derived_grade, chartings FROM recorded.discrepancies") == [
        ("recorded too low", 5, "death (subjects row 1)")
    ]
    agreed = pipeline.grade(subjects, charted({"a": FEVER}), recorded("a astct_2019 5 31 ."), systems=["astct_2019"])
    assert rows(agreed, "FROM recorded.discrepancies") == []


def test_who_is_recorded_in_another_system_did_not_miss_the_episode(cohort) -> None:
    assert rows(cohort, "SELECT subject_id FROM recorded.episodes WHERE recorded_elsewhere AND records = 0") == [("other",)]


def test_an_episode_that_nobody_recorded_is_one_finding_however_many_systems_grades_were_recorded_in() -> None:
    """Three patients with a fever and no record, one recorded in each of three systems: three findings, not nine.

    The finding is of the system that most patients are recorded in, and names the others by which it is an episode too.
    """
    charts = {name: FEVER for name in ("a", "b", "c", "d", "first", "second", "third")}
    records = """
a  astct_2019  1  31  42
b  astct_2019  1  31  42
c  lee_2014    1  31  42
d  ctcae_5     1  31  42
"""
    cohort = graded(charts, records, systems=("astct_2019", "lee_2014", "ctcae_5"))
    missed = "SELECT subject_id, system, also_missed_by FROM recorded.disagreements WHERE direction = 'missed' ORDER BY 1"
    assert rows(cohort, missed) == [(name, "astct_2019", "ctcae_5, lee_2014") for name in ("first", "second", "third")]
    # The agreement of each system still counts who has nothing in it.
    counted = "SELECT system, n_not_recorded FROM recorded.agreement WHERE stratum = 'all' ORDER BY 1"
    assert rows(cohort, counted) == [("astct_2019", 3), ("ctcae_5", 3), ("lee_2014", 3)]


# Two fevers nine days apart with high transaminases between: by ASTCT and CTCAE two episodes, by Lee (organ toxicity) one.
LONG = "".join(
    [
        FEVER,
        *(f"alt {hour} . 400 U/L\n" for hour in range(36, 330, 12)),
        *(f"temperature {hour} . 36.8 degC\nsystolic_bp {hour} . 120 mmHg\n" for hour in range(48, 250, 6)),
        "temperature 250 . 38.6 degC\ntemperature 260 . 37 degC\nsystolic_bp 252 . 120 mmHg\n",
        *(f"temperature {hour} . 36.8 degC\nsystolic_bp {hour} . 120 mmHg\n" for hour in range(264, 330, 6)),
    ]
)


@pytest.mark.parametrize(
    ("records", "missed"),
    [
        # Nobody recorded anything: asked episode by episode in the system that most patients are recorded in.
        ("y astct_2019 1 31 42\nz astct_2019 1 31 42\nx lee_2014 1 31 42",
         [("astct_2019", 1, "lee_2014"), ("astct_2019", 2, "lee_2014")]),
        ("y lee_2014 1 31 42\nz lee_2014 1 31 42\nx astct_2019 1 31 42", [("lee_2014", 1, "astct_2019")]),
        # Of equals the first by name.
        ("z lee_2014 1 31 42\nx astct_2019 1 31 42\ny ctcae_5 1 31 42",
         [("astct_2019", 1, "ctcae_5, lee_2014"), ("astct_2019", 2, "ctcae_5, lee_2014")]),
        # The first is recorded, the second in no system that takes it for an episode of its own.
        ("a astct_2019 1 31 42\ny ctcae_5 1 31 42\nz ctcae_5 1 31 42", [("ctcae_5", 2, "astct_2019")]),
        # By the system it is recorded in there is one long episode, and that one is recorded.
        ("a lee_2014 3 31 42\ny astct_2019 1 31 42\nz astct_2019 1 31 42\nx lee_2014 1 31 42", []),
    ],
)  # fmt: skip
def test_missed_episodes_of_several_systems_that_overlap_are_one_finding(records: str, missed: list[tuple]) -> None:
    charts = {"a": LONG, **{name: FEVER for name in ("x", "y", "z")}}
    found = graded(charts, records, systems=("astct_2019", "ctcae_5", "lee_2014"))
    asked = "SELECT system, episode, also_missed_by FROM recorded.disagreements WHERE direction = 'missed' AND subject_id = 'a'"
    assert rows(found, f"{asked} ORDER BY ALL") == missed
    episodes = "SELECT system, count(*) FROM episodes.episodes WHERE subject_id = 'a' GROUP BY system ORDER BY system"
    assert rows(found, episodes) == [("astct_2019", 2), ("ctcae_5", 2), ("lee_2014", 1)]


# How the sites chart


def test_indications_refusals_and_time_to_tocilizumab_by_site() -> None:
    charts = {
        "a": FEVER + "systolic_bp 31 . 80 mmHg\ntocilizumab 33 . 560 mg\ntemperature 33 . 384 degC\nface_mask 500 . x L/min",
        "b": FEVER + "systolic_bp 31 . 80 mmHg\ntocilizumab 30 . 560 mg\nnasal_cannula 33 34 low L/min",
        "z": FEVER + "systolic_bp 31 . 80 mmHg",
    }
    observations = charted(charts)
    extra = {"subject_id": "z", "concept": "nasal_cannula", "start_hour": "31", "end_hour": "33", "value": "2", "unit": "L/min"}
    observations = pd.concat([observations.assign(indication=""), pd.DataFrame([{**extra, "indication": "comfort"}])])
    found = pipeline.grade(people(list(charts)), observations, systems=["astct_2019"])
    assert rows(found, "FROM recorded.set_aside") == [
        ("all", "all", "nasal_cannula", "comfort", 1, 1), ("site", "Birch", "nasal_cannula", "comfort", 1, 1),
    ]  # fmt: skip
    assert rows(found, "FROM recorded.refused WHERE stratum = 'site'") == [
        ("site", "Alder", "temperature", 1, 0, 1), ("site", "Alder", "nasal_cannula", 0, 1, 1),
    ]  # fmt: skip
    columns = "level, n_reached, n_given_before, n_given_after, n_not_given, hours_to_dose_median"
    assert rows(found, f"SELECT {columns} FROM recorded.tocilizumab") == [
        ("all", 3, 1, 1, 1, 2), ("Alder", 2, 1, 1, 0, 2), ("Birch", 1, 0, 0, 1, None),
    ]  # fmt: skip


# The whole


def test_with_no_recorded_grade_every_table_of_them_is_empty_and_there_is_no_section() -> None:
    found = graded(CHARTS, None)
    room = [one for one in model.read_models() if one.room == "recorded"]
    tables = {one.name: rows(found, f"SELECT count(*) FROM {one.table}")[0][0] for one in room}
    of_practice = {"refused", "set_aside", "tocilizumab"}
    assert {name for name, count in tables.items() if count} <= of_practice
    assert len(tables) == 13
    assert recorded_section.section(found.connection) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_does_not_matter(seed: int, cohort) -> None:
    observations = charted(CHARTS).sample(frac=1, random_state=seed)
    other = pipeline.grade(people(list(CHARTS)), observations, recorded(RECORDS), systems=["astct_2019"])
    for one in model.read_models():
        if one.room == "recorded" and one.name not in ("chartings", "discrepancies"):
            assert rows(other, f"FROM {one.table}") == rows(cohort, f"FROM {one.table}"), one.table
    reasons = "SELECT subject_id, reason_class, boundary FROM recorded.discrepancies"
    assert rows(other, reasons) == rows(cohort, reasons)


def test_the_key_of_every_table_tells_its_rows_apart(cohort) -> None:
    for one in model.read_models():
        if one.room == "recorded":
            keys = ", ".join(one.key)
            assert rows(cohort, f"SELECT {keys} FROM {one.table} GROUP BY {keys} HAVING count(*) > 1") == [], one.table


# The sample


@pytest.fixture(scope="module")
def sample() -> duckdb.DuckDBPyConnection:
    names = ("subjects", "observations", "recorded_grades")
    frames = [pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, keep_default_na=False) for name in names]
    return pipeline.grade(*frames, systems=["astct_2019"]).connection


def test_the_slips_planted_in_the_recorded_grades_of_the_sample_are_found_and_nothing_else(sample) -> None:
    found = sample.execute("SELECT reason_class, list(subject_id ORDER BY subject_id) FROM recorded.discrepancies GROUP BY ALL")
    assert dict(found.fetchall()) == {
        "recorded too high": ["CG-1005", "CG-1030", "CG-1035", "CG-1049"],
        "recorded too low": ["CG-1004", "CG-1054"],
        "missed episode": ["CG-1040", "CG-1057", "CG-1059"],
        "no grade recorded": ["CG-1011"],
    }


def test_every_record_of_the_sample_is_counted(sample) -> None:
    counted = dict(sample.execute("SELECT system, count(*) FROM recorded.records GROUP BY system").fetchall())
    assert counted == {"astct_2019": 39, "lee_2014": 4, "ctcae_5": 3, "not named": 1, "institutional": 1}
    graded_rows = "SELECT count(*), count(*) FILTER (episode IS NULL) FROM recorded.records WHERE is_graded"
    assert sample.execute(graded_rows).fetchone() == (39, 0)
    no_grade = "SELECT subject_id FROM recorded.subjects WHERE recorded = 'no grade'"
    assert sample.execute(no_grade).fetchall() == [("CG-1011",)]


def test_a_grade_of_another_system_never_fills_in(sample) -> None:
    asked = "FROM recorded.subjects WHERE system = 'astct_2019' AND subject_id = 'CG-1012'"
    found = sample.execute(f"SELECT recorded, recorded_grade {asked}")
    assert found.fetchall() == [("other system", None)]


# The funnel


def test_the_limits_of_the_funnel_are_those_of_the_binomial() -> None:
    # Of 10 with a share of one half: 1 or fewer with 0.0107, 2 or fewer with 0.0547.
    assert recorded_section.limit(0.0107421875, 10, 0.5) == pytest.approx(10)
    assert recorded_section.limit(0.025, 10, 0.5) == pytest.approx(10 * (2 - (0.0546875 - 0.025) / (0.0546875 - 0.0107421875)))
    assert recorded_section.limit(0.025, 10, 1) == 100
    assert recorded_section.limit(0.025, 1, 0.5) == 0
    assert recorded_section.limit(0.975, 10, 0.5) == pytest.approx(100 - recorded_section.limit(0.025, 10, 0.5))
    # Nine of nine come about by chance in one of five such sites, where the share of all is five in six.
    assert recorded_section.limit(0.975, 9, 5 / 6) == 100
