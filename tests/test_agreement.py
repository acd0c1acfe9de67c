"""How far the systems agree: every number of a small ward by hand, the reason of every difference, and a published cohort.

A third system is invented here: any oxygen device is 3, a systolic pressure below 60 is 4, and neither a vasopressor nor a
pressure that is merely low has a place in it.
"""

import csv
import io
import re
import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import ROOT
from rich.console import Console

import pipeline.api
from pipeline import choices, flow, model
from pipeline.grading import rules
from pipeline.reports import data, notebooks
from pipeline.reports.sections import agreement as agreement_section

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "agreement"

ASTCT, INVENTED, MISPRINT = SYSTEMS = ("astct_2019", "invented", "nccn_2022_as_cited")

INVENTED_SYSTEM = """
name = "An invented system"
citation = "Nobody. Invented for a test."
fever = "temperature >= 38.0"
linking = true

[[criteria]]
grade = 1
id = "fever"
words = "fever"
place = "nowhere"
when = "temperature >= 38.0"
needs_link = false

[[criteria]]
grade = 3
id = "any_oxygen"
words = "any oxygen"
place = "nowhere"
when = "oxygen_device >= 1"

[[criteria]]
grade = 4
id = "very_low_pressure"
words = "systolic pressure below 60 mmHg"
place = "nowhere"
when = "systolic_bp < 60.0"

[[examples]]
state = { temperature = 38.0, systolic_bp = 59, oxygen_device = 1 }
grade = 4
ceiling = 4
because = ["fever", "any_oxygen", "very_low_pressure"]

[[examples]]
state = { temperature = 38.0, systolic_bp = 60 }
grade = 1
ceiling = 1
because = ["fever"]
"""

# Everybody but the first two has a fever from hour 10 to hour 14, with a pressure of 118 read now and then.
WARD = {
    "well": "temperature 3 36.9",
    "unseen": "systolic_bp 3 118",
    "fever": "",
    "cannula": "nasal_cannula 11-13 2",
    "low pressure": "systolic_bp 11 84, systolic_bp 12 118",
    "pressor": "norepinephrine 11-13 0.05",
    "low later": "systolic_bp 20 84, systolic_bp 21 118",
    "low unseen": "systolic_bp 30 84, systolic_bp 31 118",
    "oxygen later": "temperature 59 37.0, systolic_bp 59 118, nasal_cannula 60-62 2",
    "death": "",
}
FEBRILE = "temperature 10 38.6, systolic_bp 9 118, temperature 14 37.0"

# The highest grade by ASTCT, by the invented system, and by the misprinted ladder.
GRADES = {
    "well": (0, 0, 0),
    "unseen": (None, None, None),
    "fever": (1, 1, 1),
    "cannula": (2, 3, 3),
    "low pressure": (2, 1, 1),
    "pressor": (3, 1, 3),
    "low later": (2, 1, 1),
    "low unseen": (2, 1, 1),
    "oxygen later": (1, 1, 2),
    "death": (5, 5, 5),
}


def charted(name: str) -> list[dict]:
    """The chart of a patient, from the words above."""
    text = WARD[name] if name in ("well", "unseen") else f"{FEBRILE}, {WARD[name]}"
    rows = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        concept, when, value = entry.split()
        start, _, end = when.partition("-")
        unit = {"temperature": "degC", "systolic_bp": "mmHg", "nasal_cannula": "L/min", "norepinephrine": "ug/kg/min"}[concept]
        rows.append({"subject_id": name, "concept": concept, "start_hour": float(start),
                     "end_hour": float(end) if end else None, "value": float(value), "unit": unit})  # fmt: skip
    return rows


def graded(names: list[str], **keywords: object) -> pipeline.Cohort:
    subjects = [
        {"subject_id": name, "followup_end_hour": 96 if name != "death" else None, "age_years": 50,
         "death_hour": 30 if name == "death" else None, "death_cause": "crs" if name == "death" else None}
        for name in names
    ]  # fmt: skip
    observations = [row for name in names for row in charted(name)]
    return pipeline.grade(pd.DataFrame(subjects), pd.DataFrame(observations), **keywords)


@pytest.fixture(scope="module", autouse=True)
def three_systems(tmp_path_factory: pytest.TempPathFactory, sample_build: Path):
    """Two systems as published and the invented one; the sample, which all tests share, is graded before it is there."""
    path = tmp_path_factory.mktemp("systems") / "invented.toml"
    path.write_text(INVENTED_SYSTEM, encoding="utf-8")
    known = rules.read_systems()
    three = {ASTCT: known[ASTCT], INVENTED: rules.read_system(path), MISPRINT: known[MISPRINT]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "read_systems", lambda: three)
        yield


@pytest.fixture(scope="module")
def ward(three_systems) -> pipeline.Cohort:
    return graded(list(WARD))


def asked(cohort: pipeline.Cohort, query: str, *parameters: object) -> list[tuple]:
    return cohort.connection.execute(query, list(parameters)).fetchall()


# ---- how often ----------------------------------------------------------------------------------------


def test_the_ward_is_graded_as_it_was_meant(ward: pipeline.Cohort) -> None:
    found = {name: {} for name in WARD}
    for system, name, grade in asked(ward, "SELECT system, subject_id, max_grade FROM summaries.subjects"):
        found[name][system] = grade
    assert {name: tuple(by[system] for system in SYSTEMS) for name, by in found.items()} == GRADES


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_every_patient_is_in_one_cell_of_every_pair_of_systems(ward: pipeline.Cohort, one: int, other: int) -> None:
    cells: dict[tuple, int] = {}
    for grades in GRADES.values():
        cells[grades[one], grades[other]] = cells.get((grades[one], grades[other]), 0) + 1
    found = asked(
        ward,
        "SELECT grade_a, grade_b, subjects FROM summaries.agreement WHERE system_a = ? AND system_b = ?",
        SYSTEMS[one],
        SYSTEMS[other],
    )
    assert {(a, b): n for a, b, n in found} == cells and sum(cells.values()) == 10


def test_same_lower_higher_and_within_one_grade(ward: pipeline.Cohort) -> None:
    rows = asked(
        ward, "SELECT system_a, system_b, n_both, n_same, n_lower, n_higher, n_within_one FROM summaries.pairs ORDER BY ALL"
    )
    assert rows == [
        (ASTCT, INVENTED, 9, 4, 4, 1, 8),  # the pressor is two grades apart
        (ASTCT, MISPRINT, 9, 4, 3, 2, 9),
        (INVENTED, MISPRINT, 9, 7, 0, 2, 8),
    ]


def test_shares_have_exact_intervals_and_add_up(ward: pipeline.Cohort) -> None:
    (row,) = asked(
        ward,
        "SELECT pct_same, pct_same_low, pct_same_high, pct_lower, pct_higher, pct_within_one FROM summaries.pairs "
        "WHERE system_a = ? AND system_b = ?",
        ASTCT,
        INVENTED,
    )
    # 4 of 9: Clopper and Pearson's limits.
    assert row == tuple(pytest.approx(value, abs=1e-3) for value in (44.444, 13.700, 78.799, 44.444, 11.111, 88.889))


def test_coefficients_of_a_pair_by_hand(ward: pipeline.Cohort) -> None:
    """Nine patients: ASTCT gives 0 to one, 1 to two, 2 to four, 3 to one, 5 to one; invented 0, 1 to six, 3, 5."""
    a, b = {0: 1, 1: 2, 2: 4, 3: 1, 5: 1}, {0: 1, 1: 6, 3: 1, 5: 1}
    pairs = [(grades[0], grades[1]) for grades in GRADES.values() if grades[0] is not None]
    row = ward.frame("summaries.pairs", "system_a, system_b").iloc[0]
    for name, power in (("kappa", 0), ("kappa_linear", 1), ("kappa_quadratic", 2)):
        seen = sum((x != y) * abs(x - y) ** power for x, y in pairs) / 9
        by_chance = sum((x != y) * abs(x - y) ** power * a[x] * b[y] for x in a for y in b) / 81
        assert row[name] == pytest.approx(1 - seen / by_chance)
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
    used = [(a.get(grade, 0) + b.get(grade, 0)) / 18 for grade in range(6)]
    chance = sum(share * (1 - share) for share in used)
    assert row["ac1"] == pytest.approx((4 / 9 - chance / 5) / (1 - chance / 5))
    weight = sum(1 - abs(x - y) / 5 for x in range(6) for y in range(6)) / 30
    agreed = 1 - sum(abs(x - y) for x, y in pairs) / 45
    assert row["ac2_linear"] == pytest.approx((agreed - weight * chance) / (1 - weight * chance))


def test_the_same_grade_in_every_system_with_and_without_the_misprint(ward: pipeline.Cohort) -> None:
    rows = asked(ward, "SELECT systems_compared, systems, steps_apart, subjects, n_evaluable FROM summaries.agreement_spread")
    assert sorted(rows) == [
        ("all", 3, 0, 3, 9),
        ("all", 3, 1, 5, 9),
        ("all", 3, 2, 1, 9),
        ("without misprints", 2, 0, 4, 9),
        ("without misprints", 2, 1, 4, 9),
        ("without misprints", 2, 2, 1, 9),
    ]


def test_hours_are_those_of_the_grades_in_force_minute_by_minute() -> None:
    cohort = graded(["cannula"])
    found = {(one, other): [] for one in SYSTEMS for other in SYSTEMS if one < other}
    for one, other, *cell in asked(cohort, "SELECT * FROM summaries.agreement_hours ORDER BY ALL"):
        found[one, other].append(tuple(cell))
    # Fever of hour 10 to 14, with oxygen from hour 11 to 13; 96 hours are observed.
    assert found[ASTCT, INVENTED] == [(0, 0, 92), (1, 1, 2), (2, 3, 2)]
    assert found[ASTCT, MISPRINT] == [(0, 0, 92), (1, 1, 2), (2, 3, 2)]
    assert found[INVENTED, MISPRINT] == [(0, 0, 92), (1, 1, 2), (3, 3, 2)]


def test_hours_of_every_pair_are_all_the_hours_observed(ward: pipeline.Cohort) -> None:
    ((observed,),) = asked(
        ward, "SELECT sum(end_minute - start_minute) FROM grading.grades WHERE system = ?", ASTCT
    )
    found = asked(ward, "SELECT sum(round(hours * 60)) FROM summaries.agreement_hours GROUP BY system_a, system_b")
    assert found == [(observed,)] * 3


def test_nobody_evaluable_leaves_every_coefficient_empty() -> None:
    row = graded(["unseen"]).frame("summaries.pairs", "system_a, system_b").iloc[0]
    assert (row.n_both, row.n_same) == (0, 0)
    assert row[["pct_same", "kappa", "kappa_linear", "ac1", "ac2_quadratic_low"]].isna().all()


def test_everybody_of_one_grade_leaves_kappa_empty_and_not_one() -> None:
    row = graded(["fever"]).frame("summaries.pairs", "system_a, system_b").iloc[0]
    assert (row.n_both, row.n_same, row.pct_same) == (1, 1, 100)
    assert row[["kappa", "kappa_linear", "kappa_quadratic", "ac1"]].isna().all()


# ---- why ----------------------------------------------------------------------------------------------

CRITERIA = {
    "pressure": "hypotension not requiring vasopressors (the low pressure itself)",
    "cannula": "hypoxia requiring oxygen by nasal cannula (low flow: at most 6 L/min) or by blow-by",
    "pressor": "a vasopressor, with or without vasopressin",
    "misprint 3": "fever with hypotension requiring a vasopressor, with or without vasopressin, and/or hypoxia",
}
ASTCT_NAME, MISPRINT_NAME = "ASTCT consensus grading 2019", "NCCN v1.2022 as one article prints it (misprint)"


@pytest.mark.parametrize(
    ("one", "other", "name", "minute", "standing", "sentence"),
    [
        (ASTCT, INVENTED, "cannula", 660, "met",
         f'An invented system counts "any oxygen" as 3; {ASTCT_NAME} counts "{CRITERIA["cannula"]}" as 2.'),
        (ASTCT, MISPRINT, "cannula", 660, "met",
         f'{MISPRINT_NAME} counts "{CRITERIA["misprint 3"]}" as 3; {ASTCT_NAME} counts "{CRITERIA["cannula"]}" as 2.'),
        (ASTCT, INVENTED, "low pressure", 660, "met",
         f'{ASTCT_NAME} counts "{CRITERIA["pressure"]}" as 2; An invented system counts "fever" as 1.'),
        (ASTCT, INVENTED, "pressor", 660, "met",
         f'{ASTCT_NAME} counts "{CRITERIA["pressor"]}" as 3; An invented system counts "fever" as 1.'),
        (INVENTED, MISPRINT, "pressor", 660, "met",
         f'{MISPRINT_NAME} counts "{CRITERIA["misprint 3"]}" as 3; An invented system counts "fever" as 1.'),
        # Six hours after the fever the pressure still counts as of CRS by ASTCT; to the others it is nothing.
        (ASTCT, INVENTED, "low later", 1200, "no fever",
         f'{ASTCT_NAME} counts "{CRITERIA["pressure"]}" as 2; An invented system finds no criterion met, '
         "and no fever is in force."),
        # At hour 30 the temperature of hour 14 holds no longer.
        (ASTCT, MISPRINT, "low unseen", 1800, "unknown",
         f'{ASTCT_NAME} counts "{CRITERIA["pressure"]}" as 2; {MISPRINT_NAME} finds no criterion met, and cannot rule out 1.'),
        # Two days after the fever no system that links oxygen to a fever counts it.
        (INVENTED, MISPRINT, "oxygen later", 3600, "not linked",
         f'{MISPRINT_NAME} counts "hypotension requiring a vasopressor, with or without vasopressin, and/or hypoxia (misprint: '
         "the guideline has hypotension not requiring vasopressors and low-flow oxygen here)\" as 2; An invented system does "
         'not count "any oxygen", which no fever links.'),
    ],
)  # fmt: skip
def test_a_difference_is_told_in_the_words_of_both_systems(
    ward: pipeline.Cohort, one: str, other: str, name: str, minute: int, standing: str, sentence: str
) -> None:
    assert asked(
        ward,
        "SELECT minute, other_standing, sentence FROM summaries.differences "
        "WHERE system_a = ? AND system_b = ? AND subject_id = ?",
        one,
        other,
        name,
    ) == [(minute, standing, sentence)]


def test_every_patient_whose_grades_differ_is_explained_once_per_pair(ward: pipeline.Cohort) -> None:
    expected = {
        (SYSTEMS[one], SYSTEMS[other], name, grades[one], grades[other])
        for name, grades in GRADES.items()
        for one in range(3)
        for other in range(one + 1, 3)
        if grades[one] != grades[other]
    }
    rows = asked(ward, "SELECT system_a, system_b, subject_id, grade_a, grade_b FROM summaries.differences")
    assert len(rows) == len(expected) == 12 and set(rows) == expected


def test_the_criterion_and_the_minute_are_those_of_the_higher_grade(ward: pipeline.Cohort) -> None:
    """What decided is among the criteria that hold at that minute, and no minute before has that grade."""
    unfounded = asked(
        ward,
        """
        SELECT d.subject_id
        FROM summaries.differences AS d
        JOIN grading.grades AS g ON g.system = d.higher_system AND g.subject_id = d.subject_id AND g.episode IS NOT NULL
        GROUP BY d.system_a, d.system_b, d.subject_id, d.minute, d.criterion
        HAVING min(g.start_minute) FILTER (g.grade = greatest(d.grade_a, d.grade_b)) <> d.minute
            OR NOT bool_or(g.start_minute = d.minute AND list_contains(g.because, d.criterion))
        """,
    )
    assert unfounded == []


def test_of_several_criteria_of_one_grade_the_other_answers_with_the_one_on_the_same_chartings() -> None:
    """Hypotension and oxygen are both 2 by ASTCT; what the invented system counts is the oxygen."""
    observations = pd.DataFrame([*charted("cannula"), *[row | {"subject_id": "cannula"} for row in charted("low pressure")[3:]]])
    cohort = pipeline.grade(pd.DataFrame([{"subject_id": "cannula", "followup_end_hour": 96}]), observations)
    assert asked(
        cohort, "SELECT criterion, other_criterion FROM summaries.differences WHERE system_b = ?", INVENTED
    ) == [("any_oxygen", "low_flow_oxygen")]


def test_a_grade_outside_any_episode_of_the_other_system_says_so(three_systems) -> None:
    """Planted: the stretch in which the lower system counts something is taken out of its episode."""
    cohort = graded(["cannula"])
    cohort.connection.execute("UPDATE grading.graded SET episode = NULL WHERE system = ?", [ASTCT])
    differences = next(one for one in model.read_models() if one.table == "summaries.differences")
    flow.make(cohort.connection, differences)
    ((standing, sentence),) = asked(
        cohort, "SELECT other_standing, sentence FROM summaries.differences WHERE system_b = ?", INVENTED
    )
    assert standing == "outside an episode"
    assert sentence.endswith(f'{ASTCT_NAME} counts "{CRITERIA["cannula"]}" as 2, but in no episode.')


def test_what_the_other_system_cannot_rule_out_is_said() -> None:
    """With no pressure read at all, the invented system might have found a very low one."""
    observations = pd.DataFrame([row for row in charted("pressor") if row["concept"] != "systolic_bp"])
    cohort = pipeline.grade(pd.DataFrame([{"subject_id": "pressor", "followup_end_hour": 96}]), observations)
    ((sentence,),) = asked(cohort, "SELECT sentence FROM summaries.differences WHERE system_a = ? AND system_b = ?",
                           ASTCT, INVENTED)  # fmt: skip
    assert sentence == (
        f'{ASTCT_NAME} counts "{CRITERIA["pressor"]}" as 3; An invented system counts "fever" as 1, and cannot rule out 4.'
    )


# ---- the same whatever the order and the threads -------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 4])
def test_neither_threads_nor_the_order_of_patients_change_a_digit(
    ward: pipeline.Cohort, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = pipeline.api.connect

    def with_threads(*arguments: object, **keywords: object) -> duckdb.DuckDBPyConnection:
        connection = connect(*arguments, **keywords)
        connection.execute(f"SET threads = {threads}")
        return connection

    monkeypatch.setattr(pipeline.api, "connect", with_threads)
    again = graded(list(WARD)[::-1])
    for table in ("agreement", "agreement_hours", "agreement_spread", "pairs", "differences"):
        query = f"SELECT * FROM summaries.{table}"
        assert repr(asked(ward, query)) == repr(asked(again, query)), table


# ---- against the world --------------------------------------------------------------------------------


def pair_of(cells: dict[tuple[int, int], int], one: str, other: str) -> pd.Series:
    """`summaries.pairs` of patients known only by their highest grades under two systems."""
    with duckdb.connect() as connection:
        flow.prepare(connection, choices.defaults(), rules.read_systems())
        people = [pair for pair, n in cells.items() for _ in range(n)]
        connection.execute("CREATE TABLE summaries.subjects (system VARCHAR, subject_id VARCHAR, max_grade TINYINT)")
        for number, grades in enumerate(people):
            for system, grade in zip((one, other), grades):
                connection.execute("INSERT INTO summaries.subjects VALUES (?, ?, ?)", [system, f"P{number}", grade])
        known = {found.table: found for found in model.read_models()}
        for table in ("summaries.agreement", "summaries.pairs"):
            flow.make(connection, known[table])
        return connection.execute("SELECT * FROM summaries.pairs").df().iloc[0]


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs ../shared/data/agreement, which is not here")
def test_59_patients_of_lichtenstein_2021() -> None:
    """45 the same; under ASTCT 13 higher and 1 lower than under Lee 2014."""
    with (PUBLISHED / "lichtenstein_2021.csv").open(encoding="utf-8") as file:
        cells = {(int(row["astct_2019"]), int(row["lee_2014"])): int(row["patients"]) for row in csv.DictReader(file)}
    row = pair_of(cells, "astct_2019", "lee_2014")
    assert (row.system_a, row.system_b) == ("astct_2019", "lee_2014")
    # The second system of the pair is Lee's: 13 lower under it, 1 higher.
    assert (row.n_both, row.n_same, row.n_lower, row.n_higher, row.n_within_one) == (59, 45, 13, 1, 59)
    assert (row.pct_same, row.pct_same_low, row.pct_same_high) == tuple(
        pytest.approx(value, abs=0.005) for value in (76.27, 63.41, 86.38)
    )
    # Margins by hand: ASTCT 7, 21, 19, 10, 2 of grades 0 to 4, Lee 7, 26, 21, 3, 2.
    by_chance = (7 * 7 + 21 * 26 + 19 * 21 + 10 * 3 + 2 * 2) / 59**2
    assert row.kappa == pytest.approx((45 / 59 - by_chance) / (1 - by_chance))
    a, b = (7, 21, 19, 10, 2), (7, 26, 21, 3, 2)
    apart = sum(abs(x - y) * a[x] * b[y] for x in range(5) for y in range(5)) / 59**2
    assert row.kappa_linear == pytest.approx(1 - 14 / 59 / apart)


# ---- the section of the report ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def section(ward: pipeline.Cohort) -> dict:
    return agreement_section.section(ward.connection, data.systems(ward.connection))


def test_one_system_alone_has_no_section(ward: pipeline.Cohort) -> None:
    assert agreement_section.section(ward.connection, data.systems(ward.connection)[:1]) is None


def test_the_section_leads_with_the_share_of_the_same_grade_in_every_system(section: dict) -> None:
    assert section["lead"] == (
        "Of 9 evaluable patients, 4 (44.4%; exact 95% CI 13.7% to 78.8%) have the same highest grade by both systems; "
        "with the misprinted ladder too it is 3 (33.3%)."
    )


def test_one_patient_or_none_is_said_in_words() -> None:
    said = {}
    for name in ("fever", "pressor", "unseen"):
        connection = graded([name]).connection
        said[name] = agreement_section.section(connection, data.systems(connection))["lead"]
    assert said == {
        "fever": "The one evaluable patient has the same highest grade by all 3 systems.",
        "pressor": "The one evaluable patient does not have the same highest grade by all 3 systems.",
        "unseen": "No patient was evaluable, so all 3 systems have nothing to agree on.",
    }


def test_the_matrix_has_shares_above_the_diagonal_and_kappa_below(section: dict, ward: pipeline.Cohort) -> None:
    (kappa,) = asked(ward, "SELECT kappa_linear FROM summaries.pairs WHERE system_a = ? AND system_b = ?", ASTCT, INVENTED)[0]
    names = [name for name, _ in section["matrix"]]
    squares = [[square.text for square in line] for _, line in section["matrix"]]
    assert names == [ASTCT_NAME, "An invented system", MISPRINT_NAME]
    assert squares[0] == ["", "44.4%", "44.4%"] and squares[1][2] == "77.8%"
    assert squares[1][0] == f"{kappa:.2f}" and squares[2][2] == ""


def test_the_cells_of_the_figure_hold_every_patient_once(section: dict) -> None:
    drawn = [trace for trace in section["figure"].drawing.data if trace.type == "heatmap" and trace.text is not None]
    counted = sum(int(text) for trace in drawn for line in trace.text for text in line if text)
    assert counted == 2 * 10
    assert "An invented system: 4 same, 1 higher, 4 lower." in section["figure"].alt


def test_the_reasons_are_counted_and_name_a_patient(section: dict) -> None:
    lines = section["reasons"].lines
    heads = [line.head for line in lines if line.group]
    assert heads == ["An invented system: 5 of 9 differ", f"{MISPRINT_NAME}: 5 of 9 differ"]
    assert sum(int(line.cells[4].text) for line in lines if not line.group) == 10
    first = lines[1]
    assert first.head in (ASTCT_NAME, "An invented system") and first.cells[4].text == "1"
    assert any(line.cells and line.cells[5].text == "low later, day 0 20:00" for line in lines)


def test_a_reason_is_given_also_where_the_first_system_is_the_second_of_the_pair(ward: pipeline.Cohort) -> None:
    """Pairs stand in the order of their ids; the report asks from the first of its systems."""
    there = agreement_section.counts(ward.connection, ASTCT, MISPRINT)
    back = agreement_section.counts(ward.connection, MISPRINT, ASTCT)
    assert back == {(b, a): n for (a, b), n in there.items()}
    reasons = agreement_section.differences(ward.connection, MISPRINT, ASTCT)
    assert sum(row["subjects"] for row in reasons) == 5


# ---- the sample, against what was published


def highest(connection: duckdb.DuckDBPyConnection, other: str, criterion: str) -> Counter:
    """Of the sample: grades by ASTCT and by another system, where that criterion of either makes the difference."""
    rows = connection.execute(
        "SELECT grade_a, grade_b FROM summaries.differences WHERE system_a = 'astct_2019' AND system_b = ? AND criterion = ?",
        [other, criterion],
    ).fetchall()
    return Counter(rows)


def test_one_low_dose_vasopressor_is_higher_by_astct_than_by_lee(sample_build: Path) -> None:
    with duckdb.connect(sample_build / "cohort.duckdb", read_only=True) as connection:
        assert highest(connection, "lee_2014", "vasopressor") == {(3, 2): 4}
        (sentence,) = connection.execute(
            "SELECT sentence FROM summaries.differences WHERE system_b = 'lee_2014' AND subject_id = 'CG-1012' "
            "AND system_a = 'astct_2019'"
        ).fetchone()
    assert "as 3; NCI consensus grading 2014 (Lee) counts" in sentence and "low dose of one vasopressor" in sentence


def test_low_flow_oxygen_is_lower_by_astct_than_by_penn(sample_build: Path) -> None:
    with duckdb.connect(sample_build / "cohort.duckdb", read_only=True) as connection:
        assert set(highest(connection, "penn_2018", "oxygen")) == {(2, 3)}
        higher = connection.execute(
            "SELECT n_higher, n_lower FROM summaries.pairs WHERE system_a = 'astct_2019' AND system_b = 'penn_2018'"
        ).fetchone()
    assert higher == (18, 2)


# ---- the notebook -------------------------------------------------------------------------------------


def test_the_notebook_says_what_the_database_holds(sample_build: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "notebooks", tmp_path / "out"
    folder.mkdir()
    shutil.copy(ROOT / "notebooks" / "systems_compared.ipynb", folder)
    shutil.copytree(sample_build, out)
    (page,) = notebooks.run(out, folder, Console(file=io.StringIO()))
    text = " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8").split("</head>", 1)[1]).split())
    with duckdb.connect(out / "cohort.duckdb", read_only=True) as connection:
        (same,) = connection.execute(
            "SELECT subjects FROM summaries.agreement_spread WHERE systems_compared = 'all' AND steps_apart = 0"
        ).fetchone()
        (reasons,) = connection.execute(
            "SELECT count(DISTINCT (system_a, system_b, sentence)) FROM summaries.differences WHERE system_a = 'astct_2019'"
        ).fetchone()
        frequent, patients = connection.execute(
            "SELECT sentence, count(*) AS n FROM summaries.differences WHERE system_a = 'astct_2019' "
            "GROUP BY system_a, system_b, sentence ORDER BY n DESC, system_b, sentence LIMIT 1"
        ).fetchone()
    assert f"{same} of 59 evaluable patients" in text
    assert f"most frequent of {reasons} reasons" in text
    assert re.search(re.escape(frequent.replace('"', "&quot;")) + rf" {patients} CG-", text.replace('"', "&quot;"))
