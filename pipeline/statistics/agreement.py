"""The agreement of two gradings of the same patients, from a square table of counts.

A table counts patients: its row is the grade of the first grading, its column that of the second, both in the order of the
scale, every grade of the scale having its row and column whether or not somebody has it.

Cohen J. Educ Psychol Meas 1960;20:37-46 (kappa); Psychol Bull 1968;70:213-220 (weighted kappa).
Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327 (standard error of both).
Gwet KL. Br J Math Stat Psychol 2008;61:29-48 (AC1); Handbook of inter-rater reliability, 4th ed. 2014 (AC2: with weights).
Bowker AH. J Am Stat Assoc 1948;43:572-574 (symmetry).
Efron B. Ann Stat 1979;7:1-26 (bootstrap).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from pipeline.statistics.intervals import LEVEL, Share, share

Weights = str | ArrayLike
"""none, linear or quadratic; or a square table of weights of agreement, 1 where both say the same."""

DRAWS = 2000
SEED = 20190301
ENOUGH = 0.95
"""Samples of a bootstrap, where they begin, and the share of them in which the statistic must be defined."""


class Estimate(NamedTuple):
    """A coefficient with its 95 % confidence interval; what is not defined is None."""

    value: float | None
    low: float | None
    high: float | None


class Symmetry(NamedTuple):
    """A test of symmetry; None where no two patients differ.

    df, p -- over the pairs of grades that some patient moved between
    df_all, p_all -- over all pairs of the grades that occur, as SAS and R take them
    """

    statistic: float | None
    df: int
    p: float | None
    df_all: int
    p_all: float | None


UNDEFINED = Estimate(None, None, None)


def weights_of(size: int, weights: Weights = "none") -> np.ndarray:
    """The weight of agreement of every pair of grades: 1 for the same, 0 for the two ends of the scale.

    none      -- only the same grade agrees
    linear    -- 1 - |i - j| / (size - 1)
    quadratic -- 1 - (i - j)^2 / (size - 1)^2
    """
    if not isinstance(weights, str):
        return np.asarray(weights, dtype=float)
    if weights == "none":
        return np.eye(size)
    power = {"linear": 1, "quadratic": 2}[weights]
    grades = np.arange(size)
    return 1 - (np.abs(grades[:, None] - grades) / max(size - 1, 1)) ** power


def kappa(table: ArrayLike, weights: Weights = "none") -> Estimate:
    """Cohen's kappa, (po - pe) / (1 - pe): the share of agreement beyond what the two margins give by chance.

    The interval is that of the standard error of Fleiss, Cohen and Everitt, cut at -1 and 1. Undefined where everybody
    has one and the same grade in both (pe = 1): nothing could have differed. No interval where all agree, since
    the standard error is then 0 whatever their number. A grade that nobody has keeps its place in the weights; sklearn and
    psych, given raw ratings, leave it out.
    """
    counts = _counts(table)
    if _is_one_category(counts):
        return UNDEFINED
    shares = counts / counts.sum()
    weight = weights_of(len(counts), weights)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    agreed, by_chance = (weight * shares).sum(), rows @ weight @ columns
    value = (agreed - by_chance) / (1 - by_chance)
    mean_weight = (weight @ columns)[:, None] + rows @ weight
    spread = (shares * (weight - mean_weight * (1 - value)) ** 2).sum() - (value - by_chance * (1 - value)) ** 2
    return _estimate(counts, value, spread / (counts.sum() * (1 - by_chance) ** 2))


def gwet(table: ArrayLike, weights: Weights = "none") -> Estimate:
    """Gwet's AC1, with weights AC2: chance agreement from how evenly the grades of both together are spread.

    Unlike kappa it stays near the share of agreement where nearly everybody has one grade. It depends on how many grades
    the scale has, used or not: irrCAC counts those that occur, and takes its limits from the t distribution. Interval as with
    `kappa`, of the normal distribution, from Gwet's standard error; undefined in the same case, in which the formula gives 1
    without any evidence for it.
    """
    counts = _counts(table)
    if _is_one_category(counts):
        return UNDEFINED
    size, shares = len(counts), counts / counts.sum()
    weight = weights_of(size, weights)
    used = (shares.sum(axis=1) + shares.sum(axis=0)) / 2
    scale = weight.sum() / (size * (size - 1))
    agreed, by_chance = (weight * shares).sum(), scale * (used * (1 - used)).sum()
    value = (agreed - by_chance) / (1 - by_chance)
    mean_used = 1 - (used[:, None] + used) / 2
    spread = (shares * (weight - 2 * (1 - value) * scale * mean_used) ** 2).sum()
    spread -= (agreed - 2 * (1 - value) * by_chance) ** 2
    return _estimate(counts, value, spread / (counts.sum() * (1 - by_chance) ** 2))


def within(table: ArrayLike, steps: int = 0) -> Share:
    """Patients whose two grades are at most so many steps apart; 0 steps: the same."""
    counts = _counts(table)
    grades = np.arange(len(counts))
    near = int(counts[np.abs(grades[:, None] - grades) <= steps].sum())
    return share(near, int(counts.sum()))


def bowker(table: ArrayLike) -> Symmetry:
    """Bowker's test: do as many patients move from one grade to another as back? With two grades it is McNemar's.

    The statistic is the sum over pairs of grades of (n_ij - n_ji)^2 / (n_ij + n_ji), without a correction for continuity;
    pairs that nobody moved between add neither to it nor to the degrees of freedom. SAS (PROC FREQ, AGREE) and R
    (mcnemar.test, which gives NaN where one of these pairs is empty) count all pairs of the grades that occur, r (r - 1) / 2,
    which gives a larger p: both are returned. p is of the chi-squared distribution, rough where few patients differ.
    """
    from scipy.special import chdtrc

    counts = _counts(table)
    above = np.triu_indices(len(counts), 1)
    there, back = counts[above], counts.T[above]
    moved = there + back > 0
    df, occurring = int(moved.sum()), int(((counts.sum(axis=0) + counts.sum(axis=1)) > 0).sum())
    df_all = occurring * (occurring - 1) // 2
    if not df:
        return Symmetry(None, 0, None, df_all, None)
    there, back = there[moved], back[moved]
    statistic = float(((there - back) ** 2 / (there + back)).sum())
    return Symmetry(statistic, df, float(chdtrc(df, statistic)), df_all, float(chdtrc(df_all, statistic)))


def resampled(table: ArrayLike, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """Tables of as many patients as the table has, drawn from it with replacement: draws x size x size, whole numbers.

    Each patient counts once, in one cell. The same table gives the same draws.
    """
    counts = np.asarray(table, dtype=np.int64)
    # From the last cell to the first: in another order the same seed would draw other tables.
    cells = np.flatnonzero(counts)[::-1]
    tables = np.zeros((draws, counts.size), dtype=np.int64)
    patients = counts.sum()
    if patients:
        # The older generator: its numbers are promised to stay the same in every version of numpy.
        tables[:, cells] = np.random.RandomState(seed).multinomial(patients, counts.ravel()[cells] / patients, size=draws)
    return tables.reshape(draws, *counts.shape)


def shares_same(tables: np.ndarray) -> np.ndarray:
    """Of many tables: the percentage with the same grade in both; not a number of nobody."""
    with np.errstate(invalid="ignore"):
        return 100 * np.trace(tables, axis1=1, axis2=2) / tables.sum(axis=(1, 2))


def kappas(tables: np.ndarray, weights: str) -> np.ndarray:
    """Of many tables: Cohen's kappa with linear or quadratic weights; not a number where all have one grade in both.

    By disagreement (Cohen 1968), 1 - n * sum(d * observed) / sum(d * row * column), where d = |i - j| or its square: whole
    numbers to the last division.
    """
    grades = np.arange(tables.shape[1])
    apart = np.abs(grades[:, None] - grades) ** {"linear": 1, "quadratic": 2}[weights]
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    observed = (tables * apart).sum(axis=(1, 2))
    by_chance = (rows[:, :, None] * columns[:, None, :] * apart).sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return 1 - rows.sum(axis=1) * observed / by_chance


def gwets(tables: np.ndarray, weights: str) -> np.ndarray:
    """Of many tables: Gwet's AC2 with linear or quadratic weights; not a number where all have one grade in both."""
    size, patients = tables.shape[1], tables.sum(axis=(1, 2))
    weight = weights_of(size, weights)
    with np.errstate(invalid="ignore"):
        shares = tables / patients[:, None, None]
        used = (shares.sum(axis=2) + shares.sum(axis=1)) / 2
        agreed = (shares * weight).sum(axis=(1, 2))
        by_chance = weight.sum() / (size * (size - 1)) * (used * (1 - used)).sum(axis=1)
        values = (agreed - by_chance) / (1 - by_chance)
    one_grade = np.trace(tables, axis1=1, axis2=2) == patients
    one_grade &= tables.max(axis=(1, 2)) == patients
    return np.where(one_grade, np.nan, values)


def percentile_interval(values: np.ndarray) -> tuple[float | None, float | None]:
    """The middle 95 % of a statistic over its samples, those without a number left out.

    No interval where fewer than 95 of 100 samples have one, or all have the same: that is so however few the patients are.
    """
    found = values[~np.isnan(values)]
    if len(found) < ENOUGH * len(values) or found.min() == found.max():
        return None, None
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(found, [tail, 100 - tail])
    return float(low), float(high)


def _counts(table: ArrayLike) -> np.ndarray:
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"a square table of counts is needed, not one of shape {counts.shape}")
    return counts


def _is_one_category(counts: np.ndarray) -> bool:
    """Nobody, or everybody of one and the same grade in both."""
    return np.count_nonzero(counts) == 0 or counts.max() == np.trace(counts) == counts.sum()


def _estimate(counts: np.ndarray, value: float, variance: float) -> Estimate:
    from scipy.special import ndtri

    if np.trace(counts) == counts.sum():
        return Estimate(1.0, None, None)
    margin = ndtri(1 - (1 - LEVEL) / 2) * max(variance, 0) ** 0.5
    return Estimate(float(value), float(max(value - margin, -1)), float(min(value + margin, 1)))
