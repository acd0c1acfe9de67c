"""Exact binomial confidence intervals (Clopper-Pearson), given to SQL as exact_low and exact_high."""

from functools import cache

import duckdb

LEVEL = 0.95


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


def exact_low(count: int, total: int) -> float | None:
    """The lower limit, in percent."""
    return exact_interval(count, total)[0]


def exact_high(count: int, total: int) -> float | None:
    """The upper limit, in percent."""
    return exact_interval(count, total)[1]


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection exact_low(count, total) and exact_high(count, total)."""
    for function in (exact_low, exact_high):
        connection.create_function(
            function.__name__, function, ["BIGINT", "BIGINT"], "DOUBLE", null_handling="special"
        )
