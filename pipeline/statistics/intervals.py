"""Exact intervals of a share, and of a median.

Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
Conover WJ. Practical nonparametric statistics, 3rd ed. Wiley 1999, section 3.2 (the median by order statistics).
"""

from functools import cache
from typing import NamedTuple

LEVEL = 0.95
"""Of every confidence interval."""


class Share(NamedTuple):
    """A count of a total, and the percentage with its exact 95 % confidence interval; None of nobody."""

    count: int
    total: int
    percent: float | None
    low: float | None
    high: float | None


@cache
def exact_interval(count: int, total: int) -> tuple[float | None, float | None]:
    """Clopper-Pearson 95 % interval of count / total, in percent. Nothing where total is 0.

    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413: limits from quantiles of the beta distribution.
    """
    from scipy.special import betaincinv

    if total == 0:
        return None, None
    tail = (1 - LEVEL) / 2
    low = 0.0 if count == 0 else 100 * float(betaincinv(count, total - count + 1, tail))
    high = 100.0 if count == total else 100 * float(betaincinv(count + 1, total - count, 1 - tail))
    return low, high


def share(count: int, total: int) -> Share:
    """A count of a total with its exact interval (Clopper-Pearson)."""
    low, high = exact_interval(count, total)
    return Share(count, total, 100 * count / total if total else None, low, high)


@cache
def median_rank(count: int) -> int | None:
    """The rank from either end of so many ordered values between which the median lies with at least 95 % confidence.

    The number of values below the median is binomial with one half; None where even all of them are too few (below 6).
    """
    tail, term, rank = 0, 1, 0
    # Terms of (1 + 1) ** count, in whole numbers: the tail may hold no more than 2.5 of 100.
    while 40 * (tail + term) <= 2**count and rank < count:
        tail += term
        rank += 1
        term = term * (count - rank + 1) // rank
    return rank or None
