"""Exact intervals of a share.

Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
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
