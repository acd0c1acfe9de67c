"""Medians, quartiles and limits beside those of R 4.2.2 (survival 3.5-3, cmprsk): its calls in comments, its numbers in tests.

The numbers of R were printed by the calls quoted here; R is not needed to run the tests.
"""

from math import sqrt

import duckdb
import pandas as pd
import pytest

import pipeline
from pipeline.database import connect
from pipeline.model import PACKAGE
from pipeline.statistics import aalen_johansen, quantile, quantile_of, significant, time_reached
from pipeline.summaries import intervals

NAMES = ("censored", "event", "competing")


def curve(times: list[float], codes: list[int], **more) -> list:
    return aalen_johansen(times, [NAMES[code] for code in codes], **more)


# Kaplan-Meier: the median where the curve is on one half for a while, and its limits


# R: summary(survfit(Surv(t, s) ~ 1, conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")]
MEDIANS = {
    "four, all seen": ([3, 5, 7, 9], [1, 1, 1, 1], (6, 3, None)),
    "ten, all seen": (list(range(1, 11)), [1] * 10, (5.5, 1, 8)),
    "twelve, all seen": (list(range(1, 13)), [1] * 12, (6.5, 2, 10)),
    "twenty, all seen": (list(range(1, 21)), [1] * 20, (10.5, 5, 15)),
    "an odd number": ([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1], (4, 1, None)),
    "ties and censored": ([1, 1, 2, 3, 5, 8, 13, 21], [1, 1, 1, 0, 1, 1, 0, 1], (5, 1, None)),
    "the curve ends on a half": ([2, 4, 6, 8], [1, 1, 0, 0], (4, 2, None)),
    "half of eight, then nobody seen": (list(range(1, 9)), [1, 1, 1, 1, 0, 0, 0, 0], (4, 1, None)),
}


@pytest.mark.parametrize(("times", "codes", "expected"), MEDIANS.values(), ids=MEDIANS)
def test_the_median_time_and_its_limits_are_those_of_r(times: list, codes: list, expected: tuple) -> None:
    assert quantile(curve(times, codes)) == expected


# R: quantile(survfit(Surv(t, s) ~ 1), c(.25, .5, .75))$quantile
QUARTILES = {
    "four, all seen": ([3, 5, 7, 9], [1, 1, 1, 1], (4, 6, 8)),
    "ten, all seen": (list(range(1, 11)), [1] * 10, (3, 5.5, 8)),
    "twelve, all seen": (list(range(1, 13)), [1] * 12, (3.5, 6.5, 9.5)),
    "twenty, all seen": (list(range(1, 21)), [1] * 20, (5.5, 10.5, 15.5)),
    "some censored": ([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1], (3, 4, 6)),
    "ties and censored": ([1, 1, 2, 3, 5, 8, 13, 21], [1, 1, 1, 0, 1, 1, 0, 1], (1.5, 5, 21)),
}


@pytest.mark.parametrize(("times", "codes", "expected"), QUARTILES.values(), ids=QUARTILES)
def test_quartiles_of_a_curve_are_those_of_r(times: list, codes: list, expected: tuple) -> None:
    steps = curve(times, codes)
    assert tuple(quantile(steps, share)[0] for share in (0.25, 0.5, 0.75)) == expected


def test_a_half_that_a_product_of_doubles_misses_by_its_last_bit_is_a_half() -> None:
    """Of 2, 4, ... 200 all seen, the middle is 101 for every even number, whichever way the last bit of the product falls."""
    for n in range(2, 101, 2):
        times = list(range(1, n + 1))
        assert quantile(curve(times, [1] * n))[0] == (n + 1) / 2, n
    assert time_reached([1, 2, 3], [0.2, 0.5 - 1e-15, 0.8], 0.5) == 2.5
    assert time_reached([1, 2, 3], [0.2, 0.5 + 1e-15, 0.8], 0.5) == 2.5
    assert time_reached([1, 2, 3], [0.2, 0.501, 0.8], 0.5) == 2


def test_limits_with_no_competing_event_are_those_of_the_event_free_share() -> None:
    """R: f <- survfit(Surv(1:10, rep(1, 10)) ~ 1, conf.type = "log-log"); cbind(f$time, f$surv, f$lower, f$upper)"""
    survival = {
        1: (0.9, 0.47300927136205, 0.985281393367), 2: (0.8, 0.40869078163340, 0.945872645839),
        5: (0.5, 0.18360559061901, 0.753174076998), 9: (0.1, 0.00572345637433, 0.358127460508),
    }  # fmt: skip
    steps = {step.time: step for step in curve(list(range(1, 11)), [1] * 10)}
    for time, (share, low, high) in survival.items():
        assert 1 - steps[time].incidence == pytest.approx(share, rel=1e-10)
        assert (1 - steps[time].high, 1 - steps[time].low) == (pytest.approx(low, rel=1e-10), pytest.approx(high, rel=1e-10))
    # R gives NA for both limits where nobody is left.
    assert (steps[10].low, steps[10].high) == (None, None)


def test_the_other_choice_takes_limits_of_the_incidence_itself() -> None:
    """Of ten, the first event: F = 0.1, se = sqrt(0.09 / 10); F ** exp(+-1.959964 x se / (F ln F)) = 0.0057 and 0.3581.

    The event-free share 0.9 gives 0.0147 and 0.5270 for the same event. The median of ten is 5.5 either way.
    """
    ten = (list(range(1, 11)), [1] * 10)
    step = curve(*ten, limits_of_event_free=False)[1]
    assert (step.low, step.high) == (pytest.approx(0.0057234564, rel=1e-8), pytest.approx(0.3581274605, rel=1e-8))
    step = curve(*ten)[1]
    assert (step.low, step.high) == (pytest.approx(0.014718606633, rel=1e-8), pytest.approx(0.526990728638, rel=1e-8))
    assert quantile(curve(*ten, limits_of_event_free=False)) == (5.5, 3, None)


def test_with_a_competing_event_limits_are_of_the_incidence_as_survfit_and_the_error_is_not_that_of_cuminc() -> None:
    """R: survfit(Surv(t, factor(s, 0:2, c("c", "e", "d"))) ~ 1, conf.type = "log-log"): pstate, std.err, lower, upper of "e";
    cmprsk: timepoints(cuminc(t, s), t)$var of "1 1", whose square roots are larger at 1, 5 and 9.
    """
    steps = curve([1, 2, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 2, 1, 0, 1, 2, 1, 0, 1])
    by_time = {step.time: step for step in steps}
    survfit = {
        1: (0.10, 0.09486832981, 0.005723456374, 0.3581274605), 3: (0.30, 0.14491376746, 0.071134492323, 0.5778673306),
        5: (0.42, 0.16211107303, 0.125569352681, 0.6957977998), 7: (0.54, 0.16649324311, 0.193406474504, 0.7936615353),
        9: (0.78, 0.13813037320, 0.366227093189, 0.9403939545),
    }  # fmt: skip
    for time, expected in survfit.items():
        step = by_time[time]
        assert (step.incidence, step.se, step.low, step.high) == pytest.approx(expected, rel=1e-9)
    for time, variance in ((1, 0.01), (5, 0.03064288234), (9, 0.08105671454)):
        assert by_time[time].se < sqrt(variance) - 0.004


# Quartiles of what was measured


# R: x <- (1:n)^2; quantile(x, c(.25, .5, .75), type = 2), and type = 7
SQUARES = {
    1: ((1, 1, 1), (1, 1, 1)), 2: ((1, 2.5, 4), (1.75, 2.5, 3.25)), 3: ((1, 4, 9), (2.5, 4, 6.5)),
    4: ((2.5, 6.5, 12.5), (3.25, 6.5, 10.75)), 5: ((4, 9, 16), (4, 9, 16)), 6: ((4, 12.5, 25), (5.25, 12.5, 22.75)),
    7: ((4, 16, 36), (6.5, 16, 30.5)), 8: ((6.5, 20.5, 42.5), (7.75, 20.5, 39.25)), 9: ((9, 25, 49), (9, 25, 49)),
}  # fmt: skip


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    connection = connect()
    connection.execute((PACKAGE / "macros.sql").read_text(encoding="utf-8"))
    intervals.register(connection)
    return connection


@pytest.mark.parametrize("n", SQUARES)
def test_quartiles_of_both_types_are_those_of_r(n: int, sql: duckdb.DuckDBPyConnection) -> None:
    squares = [float(i * i) for i in range(1, n + 1)]
    found = {
        kind: sql.execute(
            f"SELECT quantile_of($1, 0.25, {kind}), quantile_of($1, 0.5, {kind}), quantile_of($1, 0.75, {kind})", [squares]
        ).fetchone()
        for kind in (2, 7)
    }
    assert (found[2], found[7]) == SQUARES[n]
    in_python = {kind: tuple(quantile_of(squares, share, kind) for share in (0.25, 0.5, 0.75)) for kind in (2, 7)}
    assert (in_python[2], in_python[7]) == SQUARES[n]


def test_quartiles_of_nothing_are_nothing(sql: duckdb.DuckDBPyConnection) -> None:
    found = sql.execute("SELECT quantile_of([]::DOUBLE[], 0.25, 2), quantile_of(NULL::DOUBLE[], 0.5, 7)").fetchone()
    assert found == (None, None)


def test_a_stored_number_has_twelve_significant_digits_by_the_same_rule_in_sql_and_python(sql: duckdb.DuckDBPyConnection) -> None:
    numbers = [106.37499999999999, 1 / 3, 200 / 3, 1e-7 / 3, 2.5e15 / 7, -1 / 7, 0.0, 6.25, 99.99999999999999, 1e22 / 3]
    found = [sql.execute("SELECT significant(?)", [number]).fetchone()[0] for number in numbers]
    assert found == [significant(number) for number in numbers]
    assert found[:2] == [106.375, 0.333333333333] and found[8] == 100
    assert significant(None) is None and sql.execute("SELECT significant(NULL)").fetchone() == (None,)


# In the tables


def resolving(days: dict[str, int], open_ended: tuple[str, ...] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Patients infused at midnight with a fever from hour 24 that lasts so many calendar days, and its end seen or not."""
    subjects = [{"subject_id": name, "age_years": 50, "followup_end_hour": 24 * 40} for name in days]
    rows = []
    for name, lasts in days.items():
        last = 24 + 24 * (lasts - 1)
        hours = [(hour, 38.5) for hour in range(24, last + 1, 12)]
        hours += [] if name in open_ended else [(last + 6, 37.0), (last + 12, 36.8)]
        rows += [
            {"subject_id": name, "concept": "temperature", "start_hour": hour, "value": value, "unit": "degC"}
            for hour, value in hours
        ]
    return pd.DataFrame(subjects), pd.DataFrame(rows)


def graded(days: dict[str, int], open_ended: tuple[str, ...] = (), **choices: float) -> duckdb.DuckDBPyConnection:
    subjects, observations = resolving(days, open_ended)
    return pipeline.grade(subjects, observations, choices=choices, systems=["astct_2019"]).connection


def statistic(connection: duckdb.DuckDBPyConnection, table: str, name: str, row: str = "%", section: str = "%") -> tuple:
    return connection.execute(
        'SELECT value, null_label, method FROM results.results WHERE table_id = ? AND statistic = ? AND "row" LIKE ? '
        'AND section LIKE ? AND column_no = (SELECT max(column_no) FROM results.results WHERE table_id = ?) '
        "ORDER BY row_no LIMIT 1",
        [table, name, row, section, table],
    ).fetchone()  # fmt: skip


FOUR = {"a": 3, "b": 5, "c": 7, "d": 9}


def test_durations_of_3_5_7_and_9_days_have_a_median_of_6_and_quartiles_of_4_and_8() -> None:
    """The same by Kaplan-Meier and as far as seen, since every end was seen; before, the former was 5 (3 to 7)."""
    connection = graded(FOUR)
    assert connection.execute(
        "SELECT duration_days_km_median, duration_days_km_q1, duration_days_km_q3, duration_days_median, duration_days_q1, "
        "duration_days_q3 FROM summaries.cohort WHERE stratum = 'all'"
    ).fetchone() == (6, 4, 8, 6, 4, 8)


def test_the_choice_of_quartiles_moves_them_and_is_named_in_every_row() -> None:
    """Of 3, 5, 7, 9: type 7 gives 3 + 0.75 x 2 = 4.5 and 7 + 0.25 x 2 = 7.5."""
    section = "Length as far as seen%"
    by_default, linear = graded(FOUR), graded(FOUR, quartiles=7)
    assert statistic(by_default, "duration", "q1", section=section)[::2] == (4, "quantile of type 2, as SAS with PCTLDEF=5")
    assert statistic(by_default, "duration", "q3", section=section)[0] == 8
    assert statistic(linear, "duration", "q1", section=section)[::2] == (4.5, "quantile of type 7, linear between values")
    assert statistic(linear, "duration", "q3", section=section)[0] == 7.5
    assert statistic(linear, "duration", "median", section=section)[0] == 6
    of_cohort = "SELECT duration_days_q1, duration_days_q3 FROM summaries.cohort WHERE stratum = 'all'"
    assert linear.execute(of_cohort).fetchone() == (4.5, 7.5)


def test_a_limit_that_nobody_is_left_to_reach_is_not_estimable_and_one_that_some_may_reach_is_not_reached() -> None:
    """All four ends seen: R gives no upper limit, whatever comes. One end not seen: somebody may still be ill."""
    seen = statistic(graded(FOUR), "duration", "time_median_high", section="Time from onset%")
    assert seen == (None, "NE", "Brookmeyer-Crowley, log(-log) of the event-free share, 95 %")
    last_open = graded(FOUR, open_ended=("d",))
    assert statistic(last_open, "duration", "time_median_high", section="Time from onset%")[:2] == (None, "NR")
    three_open = graded(FOUR, open_ended=("b", "c", "d"))
    assert statistic(three_open, "duration", "time_median", section="Time from onset%")[:2] == (None, "NR")
    assert statistic(three_open, "strata", "km_median")[:2] == (None, "NR")


def test_limits_of_an_onset_in_each_of_ten_days_are_those_of_r_by_default_and_those_of_the_incidence_by_choice() -> None:
    """Onset on days 1 to 10: R gives 5.5 [1 to 8]; the incidence itself gives 5.5 [3 to none]."""
    subjects = pd.DataFrame([{"subject_id": f"p{day}", "age_years": 50, "followup_end_hour": 24 * 40} for day in range(1, 11)])
    observations = pd.DataFrame([
        {"subject_id": f"p{day}", "concept": "temperature", "start_hour": hour, "value": value, "unit": "degC"}
        for day in range(1, 11) for hour, value in ((24 * day - 6, 37.0), (24 * day, 38.5), (24 * day + 12, 37.0))
    ])  # fmt: skip
    found = {}
    for choice in (1, 0):
        connection = pipeline.grade(
            subjects, observations, choices={"incidence_limits": choice}, systems=["astct_2019"]
        ).connection
        section = "Cumulative incidence of CRS%"
        names = ("time_median", "time_median_low", "time_median_high")
        found[choice] = [statistic(connection, "onset", name, section=section) for name in names]
    assert [value for value, *_ in found[1]] == [5.5, 1, 8]
    assert [value for value, *_ in found[0]] == [5.5, 3, None]
    assert found[0][2][1:] == ("NE", "Brookmeyer-Crowley, log(-log) of the incidence, 95 %")
