"""Agreement of two gradings: published tables, numbers worked by hand, and a second way of getting each."""

import random

import numpy as np
import pytest
from bootstrap import bootstrap
from scipy import stats

from pipeline.statistics import (
    bowker,
    gwet,
    gwets,
    kappa,
    kappas,
    percentile_interval,
    resampled,
    share,
    shares_same,
    weights_of,
    within,
)  # fmt: skip

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
    """(5-1)^2/6 + (2-0)^2/2 + (4-1)^2/5 on three degrees of freedom."""
    found = bowker([[10, 5, 2], [1, 20, 4], [0, 1, 7]])
    assert (found.statistic, found.df) == (pytest.approx(16 / 6 + 2 + 9 / 5), 3)
    assert found.p == pytest.approx(stats.chi2.sf(16 / 6 + 2 + 9 / 5, 3))


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
