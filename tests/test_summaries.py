"""The cohort's numbers: exact intervals, Kaplan-Meier, denominators; each against a second way of getting it."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import pipeline
from pipeline.statistics import exact_interval


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        # 8 of 120: published limits of Clopper and Pearson.
        (8, 120, 2.92, 12.71),
        (0, 10, 0.0, 30.85),
        (10, 10, 69.15, 100.0),
        (1, 1, 2.5, 100.0),
    ],
)
def test_exact_interval(count: int, total: int, low: float, high: float) -> None:
    assert exact_interval(count, total) == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))


@pytest.mark.parametrize("total", [1, 7, 59, 400])
def test_exact_interval_equals_scipys_binomial_test(total: int) -> None:
    for count in {0, 1, total // 3, total - 1, total}:
        other = stats.binomtest(count, total).proportion_ci(0.95, method="exact")
        assert exact_interval(count, total) == (pytest.approx(100 * other.low), pytest.approx(100 * other.high))


def test_no_interval_of_nobody() -> None:
    assert exact_interval(0, 0) == (None, None)


def fever(subject: str, start: float, hours: float, seen: bool) -> list[dict]:
    """Fever for so many hours; where its end is not seen, follow-up ends with it."""
    rows = [{"subject_id": subject, "concept": "temperature", "start_hour": start + hour, "value": 38.5, "unit": "degC"}
            for hour in np.arange(0, hours, 12)]  # fmt: skip
    if seen:
        rows.append({"subject_id": subject, "concept": "temperature", "start_hour": start + hours, "value": 37, "unit": "degC"})
    return rows


# Whole days of fever from day 1 on, and whether the end was seen (else follow-up ends then): ties and censoring.
COURSES = [(1, True), (1, True), (2, False), (2, True), (3, True), (3, False), (5, True), (5, True), (8, False), (9, True)]


@pytest.fixture(scope="module")
def cohort() -> pipeline.Cohort:
    subjects, observations = [], []
    for number, (days, seen) in enumerate(COURSES):
        name = f"S{number}"
        subjects.append({"subject_id": name, "site": "A" if number < 4 else "B", "age_years": 10 + 8 * number,
                         "followup_end_hour": None if seen else 24 + 24 * days})  # fmt: skip
        observations += fever(name, 24, 24 * days, seen)
    subjects += [{"subject_id": "well", "site": "B"}, {"subject_id": "unseen", "site": "B"}]
    observations.append({"subject_id": "well", "concept": "temperature", "start_hour": 3, "value": 36.9, "unit": "degC"})
    observations.append({"subject_id": "unseen", "concept": "systolic_bp", "start_hour": 3, "value": 120, "unit": "mmHg"})
    return pipeline.grade(pd.DataFrame(subjects), pd.DataFrame(observations), systems=["astct_2019"])


def rows_of(cohort: pipeline.Cohort, stratum: str) -> pd.DataFrame:
    return cohort.frame("summaries.cohort", "stratum, level").query("stratum == @stratum").set_index("level")


def test_all_treated_are_the_denominator_and_each_is_counted_once(cohort: pipeline.Cohort) -> None:
    row = rows_of(cohort, "all").loc["all"]
    assert (row.n_treated, row.n_evaluable, row.n_not_evaluable, row.n_any) == (12, 11, 1, 10)
    assert (row.n_grade_1, row.n_grade_2, row.n_grade_3_or_more) == (10, 0, 0)
    assert row.pct_any == pytest.approx(100 * 10 / 12)
    assert (row.pct_any_low, row.pct_any_high) == (pytest.approx(51.586, abs=1e-3), pytest.approx(97.914, abs=1e-3))


def test_strata_add_up_to_the_whole(cohort: pipeline.Cohort) -> None:
    sites = rows_of(cohort, "site")
    assert sites.n_treated.tolist() == [4, 8] and sites.n_any.tolist() == [4, 6]
    ages = rows_of(cohort, "age group")
    assert ages.n_treated.to_dict() == {"18 to 64": 6, "65 and over": 3, "under 18": 1, "not recorded": 2}
    assert ages.n_treated.sum() == rows_of(cohort, "all").loc["all"].n_treated == 12


def test_what_is_recorded_of_nobody_parts_nobody(cohort: pipeline.Cohort) -> None:
    strata = cohort.connection.execute("SELECT DISTINCT stratum FROM summaries.cohort ORDER BY stratum").fetchall()
    assert strata == [("age group",), ("all",), ("site",)]


def test_ages_stand_from_the_youngest_and_who_has_none_last(cohort: pipeline.Cohort) -> None:
    levels = "SELECT level FROM summaries.cohort WHERE stratum = 'age group'"
    assert cohort.connection.execute(levels).fetchall() == [("under 18",), ("18 to 64",), ("65 and over",), ("not recorded",)]
    shown = cohort.connection.execute(
        "SELECT DISTINCT row_no, row FROM results.strata WHERE system = 'astct_2019' AND section = 'By age group' ORDER BY row_no"
    ).fetchall()
    assert [level for _, level in shown] == ["under 18", "18 to 64", "65 and over", "not recorded"]


def test_onset_and_duration_as_seen(cohort: pipeline.Cohort) -> None:
    row = rows_of(cohort, "all").loc["all"]
    assert (row.onset_day_min, row.onset_day_median, row.onset_day_max) == (1, 1, 1)
    # Both the day of onset and the day of the end are counted.
    seen = sorted(days + 1 for days, _ in COURSES)
    assert (row.duration_days_min, row.duration_days_max) == (seen[0], seen[-1])
    assert row.duration_days_median == np.median(seen)
    assert (row.duration_days_q1, row.duration_days_q3) == tuple(np.percentile(seen, [25, 75]))
    assert row.n_duration_censored == 3


def test_kaplan_meier_equals_scipy(cohort: pipeline.Cohort) -> None:
    row = rows_of(cohort, "all").loc["all"]
    durations = np.array([days + 1 for days, _ in COURSES])
    seen = np.array([is_seen for _, is_seen in COURSES])
    survival = stats.ecdf(stats.CensoredData(uncensored=durations[seen], right=durations[~seen])).sf
    for name, share in (("q1", 0.75), ("median", 0.5), ("q3", 0.25)):
        first = survival.quantiles[survival.probabilities <= share + 1e-12].min()
        assert row[f"duration_days_km_{name}"] == first


def test_kaplan_meier_is_empty_where_it_is_not_reached() -> None:
    subjects = pd.DataFrame([{"subject_id": "S1", "followup_end_hour": 48}])
    row = rows_of(pipeline.grade(subjects, pd.DataFrame(fever("S1", 24, 24, False)), systems=["astct_2019"]), "all").loc["all"]
    assert pd.isna(row.duration_days_km_median) and row.duration_days_median == 2


def test_a_cohort_without_crs_has_counts_and_no_times() -> None:
    observations = [{"subject_id": "S1", "concept": "temperature", "start_hour": 3, "value": 36.9, "unit": "degC"}]
    cohort = pipeline.grade(pd.DataFrame([{"subject_id": "S1"}]), pd.DataFrame(observations))
    row = rows_of(cohort, "all").iloc[0]
    assert (row.n_treated, row.n_any, row.pct_any) == (1, 0, 0) and pd.isna(row.onset_day_median)
