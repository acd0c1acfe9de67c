"""Time to onset, grade and resolution: who is at risk, what ends a time, and the incidence against a second library."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

import pipeline
from pipeline.statistics import aalen_johansen, quantile

STATUSES = ("censored", "event", "competing")


def steps_of(*ended: tuple[float, str]) -> list:
    return aalen_johansen([time for time, _ in ended], [status for _, status in ended])


# The estimator


def test_the_worked_example_with_ties() -> None:
    """Ten subjects, by hand (n at risk; S is the share that neither event has met before; F the incidence).

    day 0   n 10   one is censored at once
    day 1   n 9    2 events, 1 competing        F = 1 x 2/9 = 2/9                  S = 6/9
    day 2   n 6    1 event, 1 censored          F = 2/9 + 6/9 x 1/6 = 3/9          S = 6/9 x 5/6 = 5/9
    day 4   n 4    1 competing                  F = 3/9, competing 1/9 + 5/9 x 1/4 = 9/36
                                                                                   S = 5/9 x 3/4 = 15/36
    day 5   n 3    1 event, 1 competing, 1 censored: F = 3/9 + 15/36 x 1/3 = 17/36, competing 9/36 + 5/36 = 14/36

    The variance at day 1 is 2/9 x 7/9 / 9: nobody was censored before it among the nine.
    """
    steps = steps_of(
        (0, "censored"), (1, "event"), (1, "event"), (1, "competing"), (2, "event"), (2, "censored"), (4, "competing"),
        (5, "event"), (5, "competing"), (5, "censored"),
    )  # fmt: skip
    assert [(one.time, one.n_at_risk, one.n_event, one.n_competing, one.n_censored) for one in steps] == [
        (0, 10, 0, 0, 1), (1, 9, 2, 1, 0), (2, 6, 1, 0, 1), (4, 4, 0, 1, 0), (5, 3, 1, 1, 1),
    ]  # fmt: skip
    assert [one.incidence for one in steps] == pytest.approx([0, 2 / 9, 3 / 9, 3 / 9, 17 / 36])
    assert [one.competing for one in steps] == pytest.approx([0, 1 / 9, 1 / 9, 9 / 36, 14 / 36])
    assert steps[1].se == pytest.approx((2 / 9 * 7 / 9 / 9) ** 0.5)


@pytest.mark.parametrize("seed", range(20))
def test_incidence_and_standard_error_equal_those_of_statsmodels_to_six_digits(seed: int) -> None:
    draw = np.random.default_rng(seed)
    times, codes = draw.integers(0, 20, 80).astype(float), draw.choice([0, 1, 1, 2], 80)
    mine = {one.time: one for one in aalen_johansen(times.tolist(), [STATUSES[code] for code in codes])}
    with np.errstate(divide="ignore", invalid="ignore"):
        other = CumIncidenceRight(times, codes)
    for time, event, competing, se in zip(other.times, *other.cinc, other.cinc_se[0]):
        assert mine[time].incidence == pytest.approx(event, rel=1e-6, abs=1e-12)
        assert mine[time].competing == pytest.approx(competing, rel=1e-6, abs=1e-12)
        # The other divides by nobody where all who are left have an event.
        if np.isfinite(se) and se > 1e-7:
            assert mine[time].se == pytest.approx(se, rel=1e-6)


def test_with_nothing_competing_it_is_kaplan_meier_and_greenwood() -> None:
    times, seen = [1, 2, 2, 3, 5, 6, 6, 7.0, 9], [1, 0, 1, 1, 0, 1, 0, 1, 0]
    steps = [one for one in aalen_johansen(times, [STATUSES[one] for one in seen]) if one.n_event]
    other = SurvfuncRight(times, seen)
    assert [1 - one.incidence for one in steps] == pytest.approx(other.surv_prob, rel=1e-6)
    assert [one.se for one in steps] == pytest.approx(other.surv_prob_se, rel=1e-6)
    censored = stats.CensoredData(
        uncensored=[time for time, one in zip(times, seen) if one], right=[time for time, one in zip(times, seen) if not one]
    )
    third = stats.ecdf(censored).sf.evaluate([one.time for one in steps])
    assert [1 - one.incidence for one in steps] == pytest.approx(third, rel=1e-6)


def test_limits_are_those_of_the_log_log_scale_and_stay_within_the_whole() -> None:
    """F = 2/9, se = sqrt(2/9 x 7/9 / 9) = 0.138580, F ln F = -0.334239: 1.959964 x 0.138580 / 0.334239 = 0.812628.

    Limits: F ** exp(0.812628) = exp(-1.504077 x 2.253822) = 0.0337 and F ** exp(-0.812628) = 0.5131.
    """
    ended = [(1, "event")] * 2 + [(2, "censored")] * 6
    steps = steps_of(*ended, (3, "competing"))
    assert (steps[1].low, steps[1].high) == (pytest.approx(0.0337, abs=5e-5), pytest.approx(0.5131, abs=5e-5))
    assert (steps[0].low, steps[0].high) == (None, None)
    assert steps_of((3, "event"))[-1][-4:] == (0.0, None, None, 0.0)


def test_the_median_is_the_middle_of_the_time_at_one_half_and_its_limits_are_those_of_the_curve() -> None:
    """Of twenty, one each day, none censored: F = k/20, se = sqrt(F (1 - F) / 20), on one half from day 10 to day 11.

    Of the incidence the upper limit is 0.4485 on day 5 and 0.5014 on day 6, the lower one 0.4999 on day 15 and 0.5511 on
    day 16. Those of the event-free share mirror them: 0.5 is passed on days 5 and 15, as in R.
    """
    twenty = [(day, "event") for day in range(1, 21)]
    of_incidence = aalen_johansen(*map(list, zip(*twenty)), limits_of_event_free=False)
    assert quantile(of_incidence) == (10.5, 6, 16)
    assert quantile(steps_of(*twenty)) == (10.5, 5, 15)
    assert quantile(steps_of((1, "event"), (2, "competing"), (2, "competing"))) == (None, 1, None)


def test_of_nobody_there_is_nothing() -> None:
    assert aalen_johansen([], []) == []


# The cohort


def reading(subject: str, hour: float, value: float, concept: str = "temperature", unit: str = "degC", **more) -> dict:
    return {"subject_id": subject, "concept": concept, "start_hour": hour, "value": value, "unit": unit, **more}


WARD = {
    "resolves": ({"followup_end_hour": 240}, [(10, 36.8), (36, 38.5), (48, 38.4), (60, 37.0), (72, 36.9)]),
    "dies in CRS of something else": (
        {"death_hour": 60, "death_cause": "progression"}, [(10, 36.8), (36, 38.5), (48, 38.4), (59, 38.9)],
    ),
    "dies of CRS": ({"death_hour": 72, "death_cause": "crs"}, [(36, 38.5), (48, 38.4), (60, 38.4)]),
    "dies of CRS without a fever": ({"death_hour": 30, "death_cause": "crs"}, [(10, 36.8)]),
    "dies without CRS": ({"death_hour": 90, "death_cause": "progression"}, [(10, 36.8)]),
    "never": ({"followup_end_hour": 240}, [(10, 36.8)]),
    "no end is given": ({}, [(10, 36.8)]),
    "cut off": ({"followup_end_hour": 50}, [(36, 38.5), (48, 38.4)]),
    "end not seen": ({"followup_end_hour": 240}, [(36, 38.5)]),
    "not evaluable": ({"followup_end_hour": 240}, []),
    "not evaluable, and dies": ({"death_hour": 90, "death_cause": "progression"}, []),
}  # fmt: skip


@pytest.fixture(scope="module")
def ward() -> pipeline.Cohort:
    subjects = [{"subject_id": name, "age_years": 50, **about} for name, (about, _) in WARD.items()]
    rows = [reading(name, hour, value) for name, (_, readings) in WARD.items() for hour, value in readings]
    rows += [reading("resolves", 40, 0.1, "norepinephrine", "ug/kg/min", end_hour=44)]
    return pipeline.grade(pd.DataFrame(subjects), pd.DataFrame(rows), systems=["astct_2019"])


def times_of(cohort: pipeline.Cohort, endpoint: str) -> dict[str, tuple]:
    rows = cohort.connection.execute(
        "SELECT subject_id, days * 24, status, ended_by FROM summaries.time_to_event WHERE endpoint = ?", [endpoint]
    ).fetchall()
    return {name: (round(hours, 9), status, why) for name, hours, status, why in rows}


def test_onset_competes_with_death_and_who_has_no_temperature_is_never_at_risk(ward: pipeline.Cohort) -> None:
    assert times_of(ward, "crs") == {
        "resolves": (36, "event", "met"),
        "dies in CRS of something else": (36, "event", "met"),
        "dies of CRS": (36, "event", "met"),
        "dies of CRS without a fever": (30, "event", "met"),
        "dies without CRS": (90, "competing", "death before it"),
        "never": (240, "censored", "end of follow-up"),
        # The temperature of hour 10 holds for 14 h.
        "no end is given": (24, "censored", "end of the chart"),
        "cut off": (36, "event", "met"),
        "end not seen": (36, "event", "met"),
        "not evaluable": (0, "censored", "not evaluable"),
        "not evaluable, and dies": (0, "censored", "not evaluable"),
    }


def test_a_grade_is_reached_at_its_first_minute_and_a_death_of_crs_is_every_grade(ward: pipeline.Cohort) -> None:
    severe = times_of(ward, "grade_3_or_more")
    assert severe == times_of(ward, "grade_2_or_more")
    assert {name: hours for name, (hours, status, _) in severe.items() if status == "event"} == {
        "resolves": 40, "dies of CRS": 72, "dies of CRS without a fever": 30,
    }  # fmt: skip
    assert severe["dies in CRS of something else"] == (60, "competing", "death before it")
    assert severe["cut off"] == (50, "censored", "end of follow-up")


def test_resolution_is_counted_from_onset_by_who_has_one(ward: pipeline.Cohort) -> None:
    assert times_of(ward, "resolution") == {
        "resolves": (24, "event", "met"),
        "dies in CRS of something else": (24, "competing", "death before it"),
        "dies of CRS": (36, "competing", "death of CRS"),
        "cut off": (14, "censored", "end of follow-up"),
        "end not seen": (14, "censored", "end not seen"),
    }


def test_the_incidence_of_the_ward_is_that_of_its_times(ward: pipeline.Cohort) -> None:
    """Eleven treated, two never at risk. Day 1 (hour 24): one of nine is censored. Day 1.25: a death of CRS, 1 of 8.
    Day 1.5: 5 of 7, so 12.5 + 87.5 x 5/7 = 75 %. Day 3.75: one of the two left dies: 12.5 %."""
    rows = ward.connection.execute(
        "SELECT days, n_at_risk, n_event, n_competing, n_censored, incidence, competing_incidence "
        "FROM summaries.incidence WHERE endpoint = 'crs' ORDER BY days"
    ).fetchall()
    assert rows == [
        (0, 11, 0, 0, 2, 0, 0), (1, 9, 0, 0, 1, 0, 0), (1.25, 8, 1, 0, 0, 12.5, 0), (1.5, 7, 5, 0, 0, 75, 0),
        (3.75, 2, 0, 1, 0, 75, 12.5), (10, 1, 0, 0, 1, 75, 12.5),
    ]  # fmt: skip


def test_every_subject_has_each_endpoint_once_and_no_time_is_negative(ward: pipeline.Cohort) -> None:
    counted = ward.connection.execute(
        "SELECT endpoint, count(*), count(DISTINCT subject_id), min(days) >= 0 FROM summaries.time_to_event "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert counted == [
        ("crs", 11, 11, True), ("grade_2_or_more", 11, 11, True), ("grade_3_or_more", 11, 11, True), ("resolution", 5, 5, True),
    ]  # fmt: skip


def test_a_cohort_without_crs_has_an_incidence_of_nought_and_no_resolution() -> None:
    cohort = pipeline.grade(pd.DataFrame([{"subject_id": "S", "followup_end_hour": 48}]), pd.DataFrame([reading("S", 3, 36.9)]))
    rows = cohort.connection.execute(
        "SELECT endpoint, days, incidence, incidence_low FROM summaries.incidence WHERE system = 'astct_2019' ORDER BY ALL"
    ).fetchall()
    assert rows == [(name, day, 0, None) for name in ("crs", "grade_2_or_more", "grade_3_or_more") for day in (0, 2)]
