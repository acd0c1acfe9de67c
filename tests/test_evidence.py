"""Every word leads to the rows it rests on: one patient in whom each criterion of every system is met."""

import pandas as pd
import pytest

import pipeline

COLUMNS = ("concept", "start_hour", "end_hour", "value", "unit")

OBSERVATIONS = pd.DataFrame(
    [
        # rows 1 to 6: before the infusion and vitals
        ("weight", -24, None, 70, "kg"),
        ("creatinine", -20, None, 0.9, "mg/dL"),
        ("ast", -20, None, 30, "U/L"),
        ("temperature", 0, None, 38.6, "degC"),
        ("systolic_bp", 2, None, 84, "mmHg"),
        ("systolic_bp", 12, None, 110, "mmHg"),
        # rows 7 to 9: boluses and laboratory results
        ("fluid_bolus", 2, None, 500, "mL"),
        ("fluid_bolus", 4, None, 500, "mL"),
        ("creatinine", 3, None, 7.3, "mg/dL"),
        # rows 10 to 13: vasopressors, with a stop of ten minutes at hour 10
        ("norepinephrine", 5, 10, 0.3, "ug/kg/min"),
        ("norepinephrine", 10.5, 16, 0.3, "ug/kg/min"),
        ("vasopressin", 6, 9, 0.03, "U/min"),
        ("alt", 3, None, 900, "U/L"),
        # rows 14 to 17: oxygen
        ("nasal_cannula", 2, 8, 4, "L/min"),
        ("fio2", 3, None, 0.5, "fraction"),
        ("invasive_ventilation", 12, 14, None, None),
        ("norepinephrine", 16.5, 30, 0.05, "ug/kg/min"),
    ],
    columns=COLUMNS,
).assign(subject_id="S-1")


@pytest.fixture(scope="module")
def cohort() -> pipeline.Cohort:
    return pipeline.grade(
        pd.DataFrame({"subject_id": ["S-1"], "followup_end_hour": [40]}), OBSERVATIONS, choices={"high_dose_dip_min": 30}
    )


def rows_behind(cohort: pipeline.Cohort, system: str, criterion: str, hour: float) -> set[tuple[str, int]]:
    """(concept, row) of the evidence for a criterion in the stretch that holds at an hour."""
    found = cohort.connection.execute(
        "SELECT DISTINCT concept, source_row FROM grading.evidence WHERE system = ? AND criterion = ? "
        "AND start_minute <= ? AND end_minute > ?",
        [system, criterion, hour * 60, hour * 60],
    ).fetchall()
    return set(found)


@pytest.mark.parametrize(
    ("system", "criterion", "hour", "rows"),
    [
        ("lee_2014", "organ_toxicity_4", 3.5, {("creatinine", 9)}),
        ("lee_2014", "organ_toxicity_3", 3.5, {("creatinine", 9), ("alt", 13)}),
        ("penn_2018", "transaminases_4", 3.5, {("alt", 13)}),
        ("penn_2018", "several_boluses", 4.5, {("fluid_bolus", 7), ("fluid_bolus", 8)}),
        ("lee_2014", "high_oxygen", 3.5, {("nasal_cannula", 14), ("fio2", 15)}),
        ("lee_2014", "oxygen", 2.5, {("nasal_cannula", 14)}),
        ("lee_2014", "ventilation", 13, {("invasive_ventilation", 16)}),
        ("lee_2014", "several_vasopressors", 7, {("norepinephrine", 10), ("vasopressin", 12)}),
        ("cartox_2018", "hypotension", 3.5, {("systolic_bp", 5)}),
        # A high dose and a course go on while the drug is off for a short time: the rows before the gap are behind it.
        ("penn_2018", "high_dose_vasopressor", 10.25, {("norepinephrine", 10)}),
        ("mskcc_2018", "vasopressor_24_h", 16.25, {("norepinephrine", 11)}),
        ("mskcc_2018", "vasopressor_24_h", 20, {("norepinephrine", 17), ("norepinephrine", 11)}),
    ],
)
def test_a_criterion_leads_to_its_rows(
    cohort: pipeline.Cohort, system: str, criterion: str, hour: float, rows: set[tuple[str, int]]
) -> None:
    assert rows_behind(cohort, system, criterion, hour) == rows


@pytest.fixture(scope="module")
def devices() -> pipeline.Cohort:
    """Hours 2 to 6 a low-flow cannula, a mask joins at 3; 8 to 10 two cannulas at 6 and 8 L/min, another with no flow."""
    charted = pd.DataFrame(
        [
            ("temperature", 1, None, 38.6, "degC", "S-1"),
            ("nasal_cannula", 2, 6, 4, "L/min", "S-1"),
            ("face_mask", 3, 6, 10, "L/min", "S-1"),
            ("nasal_cannula", 8, 10, 6, "L/min", "S-1"),
            ("nasal_cannula", 8, 10, 8, "L/min", "S-1"),
            ("high_flow_nasal_cannula", 12, 14, None, None, "S-1"),
            ("oxygen_unspecified", 12, 14, 3, "L/min", "S-1"),
        ],
        columns=[*COLUMNS, "subject_id"],
    )
    return pipeline.grade(pd.DataFrame({"subject_id": ["S-1"], "followup_end_hour": [40]}), charted)


@pytest.mark.parametrize(
    ("criterion", "hour", "rows"),
    [
        ("low_flow_oxygen", 2.5, {("nasal_cannula", 2)}),
        ("high_flow_or_mask", 4, {("face_mask", 3)}),
        ("high_flow_or_mask", 9, {("nasal_cannula", 5)}),
        ("low_flow_oxygen", 9, {("nasal_cannula", 4), ("nasal_cannula", 5)}),
        ("high_flow_or_mask", 13, {("high_flow_nasal_cannula", 6)}),
    ],
)
def test_a_flow_is_evidence_only_of_a_criterion_that_it_can_have_met(
    devices: pipeline.Cohort, criterion: str, hour: float, rows: set[tuple[str, int]]
) -> None:
    assert rows_behind(devices, "astct_2019", criterion, hour) == rows


def test_every_criterion_met_has_evidence(cohort: pipeline.Cohort) -> None:
    missing = cohort.connection.execute(
        "SELECT g.system, g.start_minute, c.criterion FROM grading.grades AS g "
        "JOIN rules.criteria AS c ON c.system = g.system AND list_contains(g.because, c.criterion) "
        "ANTI JOIN grading.evidence AS e ON e.system = g.system AND e.start_minute = g.start_minute "
        "AND e.criterion = c.criterion"
    ).fetchall()
    assert missing == []


def test_all_but_the_undecided_criteria_are_met_in_this_patient_somewhere(cohort: pipeline.Cohort) -> None:
    """So the test above speaks of every word. Of ASTCT and the misprint other tests speak."""
    never = cohort.connection.execute(
        "SELECT c.system, c.criterion FROM rules.criteria AS c "
        "WHERE c.is_computable AND c.system NOT IN ('astct_2019', 'nccn_2022_as_cited') "
        "AND NOT EXISTS (SELECT 1 FROM grading.grades AS g WHERE g.system = c.system AND list_contains(g.because, c.criterion))"
    ).fetchall()
    assert never == []


def test_explain_names_the_rows_of_a_high_dose_while_the_drug_is_off(cohort: pipeline.Cohort) -> None:
    told = cohort.explain("S-1", system="penn_2018", hour=10.25)
    assert "high_dose_vasopressor (grade 4)" in told
    assert "observations row 10" in told.split("high_dose_vasopressor")[1].split("\n  fever")[0]
