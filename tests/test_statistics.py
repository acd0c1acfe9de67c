"""Statistics by hand, as published, by a second way, and as R gives them.

Agreement of two gradings first; then medians, quartiles and limits of times, beside those of R 4.2.2 (survival 3.5-3,
cmprsk): its calls stand in comments, its numbers in the tests. R is not needed to run them.
"""

import random
from math import sqrt

import duckdb
import numpy as np
import pandas as pd
import pytest
from bootstrap import bootstrap
from scipy import stats

import pipeline
from pipeline.database import connect
from pipeline.model import PACKAGE
from pipeline.statistics import (
    aalen_johansen,
    bowker,
    gwet,
    gwets,
    kappa,
    kappas,
    percentile_interval,
    quantile,
    quantile_of,
    resampled,
    share,
    shares_same,
    significant,
    time_reached,
    weights_of,
    within,
)  # fmt: skip
from pipeline.summaries import intervals

# Cohen 1960, table 1, as counts of 200; agreement .29, by chance .35.
COHEN_1960 = [[50, 26, 24], [24, 4, 32], [6, 30, 4]]
# Cohen 1968, table 1, as counts of 100; disagreement weighs 1, 3 and 6.
COHEN_1968 = [[44, 7, 9], [5, 20, 5], [1, 3, 6]]
COHEN_1968_WEIGHTS = 1 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6
# Gwet 2008 and before: 118 of 125 agree on one grade, none on the other.
PARADOX = [[118, 5], [2, 0]]
# Four grades, 100 patients, no pair of them empty.
WARD = [[22, 3, 2, 1], [4, 18, 5, 2], [1, 6, 14, 3], [2, 1, 4, 12]]

TABLES = {
    "Cohen 1960": COHEN_1960,
    "Cohen 1968": COHEN_1968,
    "paradox": PARADOX,
    "ward": WARD,
    "grades that nobody has": [[9, 2, 0, 0], [1, 7, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]],
}
WEIGHTS = ("none", "linear", "quadratic")


# ---- as published -----------------------------------------------------------------------------------


def test_kappa_of_cohen_1960() -> None:
    assert kappa(COHEN_1960).value == pytest.approx((0.29 - 0.35) / (1 - 0.35))


def test_kappa_and_weighted_kappa_of_cohen_1968() -> None:
    assert kappa(COHEN_1968).value == pytest.approx(0.492, abs=5e-4)
    assert kappa(COHEN_1968, COHEN_1968_WEIGHTS).value == pytest.approx(0.348, abs=5e-4)


def test_ac1_stays_where_kappa_falls_although_94_of_100_agree() -> None:
    assert kappa(PARADOX).value == pytest.approx(-0.0234, abs=5e-5)
    assert gwet(PARADOX).value == pytest.approx(0.9408, abs=5e-5)


# ---- by hand ----------------------------------------------------------------------------------------


def test_weights_by_hand() -> None:
    assert weights_of(4, "linear")[0].tolist() == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert weights_of(4, "quadratic")[0].tolist() == pytest.approx([1, 8 / 9, 5 / 9, 0])
    assert weights_of(3).tolist() == np.eye(3).tolist()


def test_two_grades_by_hand() -> None:
    """20 and 15 agree, 5 and 10 do not: po 0.7; margins 25/25 and 30/20 give pe 0.5."""
    found = kappa([[20, 5], [10, 15]])
    assert found.value == pytest.approx(0.4)
    # Fleiss, Cohen and Everitt, term by term: the cells with their weights less the mean weights times 1 - kappa.
    cells = 0.4 * (1 - 1.1 * 0.6) ** 2 + 0.1 * (1.1 * 0.6) ** 2 + 0.2 * (0.9 * 0.6) ** 2 + 0.3 * (1 - 0.9 * 0.6) ** 2
    error = ((cells - (0.4 - 0.5 * 0.6) ** 2) / (50 * 0.5**2)) ** 0.5
    assert (found.low, found.high) == (pytest.approx(0.4 - 1.959964 * error), pytest.approx(0.4 + 1.959964 * error))
    # Both gradings together use the first grade in 0.55, the second in 0.45.
    assert gwet([[20, 5], [10, 15]]).value == pytest.approx((0.7 - 2 * 0.55 * 0.45) / (1 - 2 * 0.55 * 0.45))


def test_linear_weighted_kappa_by_hand() -> None:
    """Mean distance seen over mean distance by chance, from the three patients out of ten that are one apart."""
    table = [[4, 1, 0], [1, 2, 1], [0, 0, 1]]
    rows, columns = np.array([5, 4, 1]) / 10, np.array([5, 3, 2]) / 10
    by_chance = sum(abs(i - j) * rows[i] * columns[j] for i in range(3) for j in range(3))
    assert kappa(table, "linear").value == pytest.approx(1 - 0.3 / by_chance)


def test_grades_that_nobody_has_do_not_change_kappa_but_change_ac1() -> None:
    wide = np.zeros((6, 6), dtype=int)
    wide[:2, :2] = [[20, 5], [10, 15]]
    for weights in WEIGHTS:
        assert kappa(wide, weights).value == pytest.approx(kappa([[20, 5], [10, 15]], weights).value)
    # Six grades instead of two: chance agreement is a fifth.
    assert gwet(wide).value == pytest.approx((0.7 - 2 * 0.55 * 0.45 / 5) / (1 - 2 * 0.55 * 0.45 / 5))


def test_within_counts_neighbours_with_an_exact_interval() -> None:
    assert within(WARD, 0)[:3] == (66, 100, 66.0)
    assert within(WARD, 1)[:3] == (91, 100, 91.0)
    assert within(WARD, 3)[:3] == (100, 100, 100.0)
    exact = stats.binomtest(91, 100).proportion_ci(0.95, method="exact")
    assert within(WARD, 1)[3:] == (pytest.approx(100 * exact.low), pytest.approx(100 * exact.high))
    assert share(0, 0) == (0, 0, None, None, None)


def test_bowker_by_hand() -> None:
    """(5-1)^2/6 + (2-0)^2/2 + (4-1)^2/5 on three degrees of freedom, counted either way.

    R 4.2.2: mcnemar.test(matrix(c(10, 5, 2, 1, 20, 4, 0, 1, 7), 3, byrow = TRUE)): 6.4667, df = 3, p-value = 0.09099
    """
    found = bowker([[10, 5, 2], [1, 20, 4], [0, 1, 7]])
    assert (found.statistic, found.df) == (pytest.approx(16 / 6 + 2 + 9 / 5), 3)
    assert found.p == pytest.approx(stats.chi2.sf(16 / 6 + 2 + 9 / 5, 3))
    assert (found.df_all, found.p_all) == (3, pytest.approx(0.09099, abs=5e-6))


def test_bowker_of_two_grades_is_mcnemars_test() -> None:
    """R: mcnemar.test(matrix(c(7, 13, 1, 38), 2, byrow = TRUE), correct = FALSE): 10.286, df = 1, p-value = 0.001341"""
    found = bowker([[7, 13], [1, 38]])
    assert (found.statistic, found.df, found.df_all) == (pytest.approx(12**2 / 14), 1, 1)
    assert found.p == found.p_all == pytest.approx(0.001341, abs=5e-7)


def test_pairs_of_grades_that_nobody_moved_between_are_no_degree_of_freedom() -> None:
    wide = np.zeros((6, 6), dtype=int)
    wide[:3, :3] = [[10, 5, 0], [1, 20, 4], [0, 1, 7]]
    assert bowker(wide)[:2] == (pytest.approx(16 / 6 + 9 / 5), 2)


def test_bowker_over_all_pairs_of_the_grades_that_occur_is_given_beside_it() -> None:
    """Of six grades four occur: six pairs, as SAS counts them; patients moved between three of these.

    (4-1)^2/5 + (3-0)^2/3 + (2-1)^2/3 = 1.8 + 3 + 0.3333 = 5.1333; chi-squared: p = .1623 on 3, .5268 on 6.
    """
    wide = np.zeros((6, 6), dtype=int)
    wide[1:5, 1:5] = [[10, 4, 0, 0], [1, 20, 3, 0], [0, 0, 7, 2], [0, 0, 1, 5]]
    found = bowker(wide)
    assert (found.statistic, found.df, found.df_all) == (pytest.approx(1.8 + 3 + 1 / 3), 3, 6)
    assert (found.p, found.p_all) == (pytest.approx(0.1623, abs=5e-5), pytest.approx(0.5268, abs=5e-5))


# ---- a second way of getting it ---------------------------------------------------------------------


def coefficient(name: str, shares: np.ndarray, weight: np.ndarray) -> float:
    """The coefficient cell by cell, from shares that need not add up to 1 exactly."""
    size = len(shares)
    grades = range(size)
    rows = [sum(shares[i, j] for j in grades) for i in grades]
    columns = [sum(shares[i, j] for i in grades) for j in grades]
    agreed = sum(weight[i, j] * shares[i, j] for i in grades for j in grades)
    if name == "kappa":
        chance = sum(weight[i, j] * rows[i] * columns[j] for i in grades for j in grades)
    else:
        used = [(rows[i] + columns[i]) / 2 for i in grades]
        chance = sum(map(sum, weight)) / size / (size - 1) * sum(one * (1 - one) for one in used)
    return (agreed - chance) / (1 - chance)


def standard_error(name: str, table: np.ndarray, weight: np.ndarray) -> float:
    """By the delta method: how the coefficient changes with each cell, measured, and the variance of the cells."""
    total = table.sum()
    shares = table / total
    slopes = np.zeros(shares.shape)
    for cell in np.ndindex(*shares.shape):
        step = np.zeros(shares.shape)
        step[cell] = 1e-6
        slopes[cell] = (coefficient(name, shares + step, weight) - coefficient(name, shares - step, weight)) / 2e-6
    return float(((shares * slopes**2).sum() - (shares * slopes).sum() ** 2) / total) ** 0.5


@pytest.mark.parametrize("name", ["kappa", "gwet"])
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_coefficients_and_intervals_equal_those_worked_cell_by_cell(name: str, weights: str, table: list) -> None:
    counts, weight = np.array(table), weights_of(len(table), weights)
    found = {"kappa": kappa, "gwet": gwet}[name](table, weights)
    value = coefficient(name, counts / counts.sum(), weight)
    margin = 1.959964 * standard_error(name, counts, weight)
    assert found.value == pytest.approx(value)
    assert found.low == pytest.approx(max(-1, value - margin), abs=1e-6)
    assert found.high == pytest.approx(min(1, value + margin), abs=1e-6)


def test_kappa_and_bowker_equal_those_of_statsmodels() -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="statsmodels is not installed")
    contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
    for weights, named in zip(WEIGHTS, (None, "linear", "quadratic")):
        other = inter_rater.cohens_kappa(np.array(WARD), wt=named)
        assert kappa(WARD, weights) == pytest.approx((other.kappa, other.kappa_low, other.kappa_upp))
    other = contingency.SquareTable(np.array(WARD), shift_zeros=False).symmetry()
    assert bowker(WARD)[:3] == (pytest.approx(other.statistic), other.df, pytest.approx(other.pvalue))


# ---- what cannot be said ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", [[[0, 0], [0, 0]], [[12, 0], [0, 0]], [[0, 0, 0], [0, 5, 0], [0, 0, 0]], [[7]]])
@pytest.mark.parametrize("coefficient_of", [kappa, gwet])
def test_one_grade_alone_is_undefined_and_not_complete_agreement(table: list, coefficient_of) -> None:
    for weights in WEIGHTS:
        assert coefficient_of(table, weights) == (None, None, None)


@pytest.mark.parametrize("coefficient_of", [kappa, gwet])
def test_complete_agreement_is_one_without_an_interval(coefficient_of) -> None:
    for weights in WEIGHTS:
        assert coefficient_of([[3, 0], [0, 1]], weights) == (1.0, None, None)


def test_agreement_never_better_than_chance_is_below_zero() -> None:
    assert kappa([[0, 5], [5, 0]]).value == -1
    assert kappa([[0, 5], [0, 0]]).value == 0


def test_symmetry_of_nobody_who_moved_is_undefined() -> None:
    assert bowker(np.eye(6) * 4) == (None, 0, None, 15, None)


def test_a_table_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="a square table of counts"):
        kappa([[1, 2, 3], [4, 5, 6]])


# ---- bootstrap, patient by patient (bootstrap.py) ------------------------------------------------------------------


def patients(table: list) -> list[np.ndarray]:
    """One table per patient."""
    alone = []
    for cell in np.ndindex(*np.shape(table)):
        one = np.zeros(np.shape(table), dtype=int)
        one[cell] = 1
        alone += [one] * int(np.array(table)[cell])
    return alone


def agreed(table: np.ndarray) -> float:
    return np.trace(table) / table.sum()


def test_bootstrap_of_a_share_is_that_of_the_binomial_distribution() -> None:
    low, high = bootstrap(patients(WARD), agreed)
    # The interval of a share is known without drawing: that of 100 throws with chance 0.66.
    assert low == pytest.approx(stats.binom.ppf(0.025, 100, 0.66) / 100, abs=0.0101)
    assert high == pytest.approx(stats.binom.ppf(0.975, 100, 0.66) / 100, abs=0.0101)


def test_bootstrap_of_kappa_is_near_the_interval_of_its_standard_error() -> None:
    large = (np.array(WARD) * 10).tolist()
    low, high = bootstrap(patients(large), lambda table: kappa(table, "linear").value)
    known = kappa(large, "linear")
    assert (low, high) == (pytest.approx(known.low, abs=0.006), pytest.approx(known.high, abs=0.006))


def test_bootstrap_is_the_same_every_time_and_in_any_order_of_the_patients() -> None:
    drawn = patients(WARD)
    once = bootstrap(drawn, agreed)
    assert once == bootstrap(drawn, agreed) == bootstrap(drawn[::-1], agreed)
    assert once != bootstrap(drawn, agreed, seed=1)


def test_what_repeats_within_a_patient_does_not_pass_for_so_many_patients() -> None:
    """Four patients of 25 events each, two always right, two always wrong: as wide as four events."""
    right, wrong = np.diag([25, 0]), np.array([[0, 25], [0, 0]])
    assert bootstrap([right, right, wrong, wrong], agreed) == (0, 1)
    low, high = bootstrap(patients((2 * right + 2 * wrong).tolist()), agreed)
    assert 0.39 < low < 0.42 and 0.58 < high < 0.61


def test_bootstrap_has_no_interval_where_there_is_nobody_or_the_statistic_is_mostly_undefined() -> None:
    assert bootstrap([], agreed) == (None, None)
    # With 19 of 20 patients alike, more than a third of the samples hold one grade alone.
    nearly = [np.diag([1, 0])] * 19 + [np.diag([0, 1])]
    assert bootstrap(nearly, lambda table: kappa(table).value) == (None, None)


# ---- bootstrap of many tables at once ---------------------------------------------------------------


SITE = [[9, 2, 0, 0], [1, 6, 3, 0], [0, 2, 4, 1], [0, 0, 1, 2]]


@pytest.mark.parametrize(
    ("many", "one"),
    [
        (shares_same, lambda table: 100 * np.trace(table) / table.sum()),
        (lambda tables: kappas(tables, "linear"), lambda table: kappa(table, "linear").value),
        (lambda tables: kappas(tables, "quadratic"), lambda table: kappa(table, "quadratic").value),
        (lambda tables: gwets(tables, "linear"), lambda table: gwet(table, "linear").value),
        (lambda tables: gwets(tables, "quadratic"), lambda table: gwet(table, "quadratic").value),
    ],
    ids=["share", "linear", "quadratic", "AC2, linear", "AC2, quadratic"],
)
def test_many_tables_at_once_give_the_interval_of_the_bootstrap_patient_by_patient(many, one) -> None:
    assert many(np.array([SITE]))[0] == pytest.approx(one(np.array(SITE)), abs=1e-12)
    found = percentile_interval(many(resampled(SITE)))
    assert found == pytest.approx(bootstrap(patients(SITE), one), abs=1e-9)


def test_the_interval_is_near_that_of_patients_drawn_one_by_one() -> None:
    """31 patients, 21 the same: drawn with another generator, by hand, a patient at a time."""
    drawn = random.Random(7)
    pairs = [(i, j) for i, row in enumerate(SITE) for j, n in enumerate(row) for _ in range(n)]
    values = []
    for _ in range(4000):
        sample = [drawn.choice(pairs) for _ in pairs]
        off = sum((i - j) ** 2 for i, j in sample)
        by_chance = sum((i - j) ** 2 for i, _ in sample for _, j in sample) / len(sample)
        values.append(1 - off / by_chance)
    values.sort()
    low, high = percentile_interval(kappas(resampled(SITE), "quadratic"))
    assert (low, high) == pytest.approx((values[100], values[3899]), abs=0.02)
    assert (low, high) == pytest.approx((0.674, 0.900), abs=0.02)


def test_all_alike_or_nobody_has_no_interval() -> None:
    for table in (np.zeros((3, 3), dtype=int), np.diag([4, 5, 0])):
        tables = resampled(table)
        assert percentile_interval(shares_same(tables)) == percentile_interval(kappas(tables, "linear")) == (None, None)
        assert percentile_interval(gwets(tables, "linear")) == (None, None)


def test_ac2_of_tables_in_which_all_have_one_grade_is_not_a_number() -> None:
    alike, mixed, nobody = np.diag([5, 0, 0]), np.diag([4, 1, 0]), np.zeros((3, 3), dtype=int)
    assert np.isnan(gwets(np.array([alike, mixed, nobody]), "quadratic")).tolist() == [True, False, True]


def test_kappa_has_no_interval_where_too_many_samples_hold_one_grade_alone() -> None:
    """One of 20 differs: it is in no sample in 36 of 100."""
    tables = resampled([[19, 1], [0, 0]])
    assert percentile_interval(kappas(tables, "linear")) == (None, None)
    assert percentile_interval(shares_same(tables)) == (85, 100)


# ==== times, beside R ====

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
    for time, (event_free, low, high) in survival.items():
        assert 1 - steps[time].incidence == pytest.approx(event_free, rel=1e-10)
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
