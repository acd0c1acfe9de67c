"""Statistics given to SQL: exact intervals, the agreement of two gradings, cumulative incidence."""

import duckdb

from pipeline import statistics
from pipeline.statistics import exact_interval

GRADES = 6
"""The grades of a scale, 0 (no CRS) to 5, whether or not a cohort has them all."""

COEFFICIENTS = ("kappa", "kappa_linear", "kappa_quadratic", "ac1", "ac2_linear", "ac2_quadratic")
"""What `agreement_of` gives, each with the limits of its interval (_low, _high)."""


def exact_low(count: int, total: int) -> float | None:
    """The lower limit, in percent."""
    return exact_interval(count, total)[0]


def exact_high(count: int, total: int) -> float | None:
    """The upper limit, in percent."""
    return exact_interval(count, total)[1]


def agreement_of(
    grades_a: list[int] | None, grades_b: list[int] | None, subjects: list[int] | None
) -> dict[str, float | None]:
    """The coefficients of agreement from pairs of grades and how many subjects have each."""
    import numpy as np

    table = np.zeros((GRADES, GRADES), dtype=np.int64)
    for grade_a, grade_b, n in zip(grades_a or (), grades_b or (), subjects or ()):
        table[grade_a, grade_b] += n
    found = {}
    for name in COEFFICIENTS:
        kind, _, weights = name.partition("_")
        coefficient = statistics.kappa if kind == "kappa" else statistics.gwet
        estimate = coefficient(table, weights or "none")
        found |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return found


STEP = {
    "days": "DOUBLE", "n_at_risk": "BIGINT", "n_event": "BIGINT", "n_competing": "BIGINT", "n_censored": "BIGINT",
    "incidence": "DOUBLE", "incidence_se": "DOUBLE", "incidence_low": "DOUBLE", "incidence_high": "DOUBLE",
    "competing_incidence": "DOUBLE",
}  # fmt: skip
"""What `incidence_of` gives of every time; incidences in percent."""

DIGITS = 10
"""Decimals kept of a percentage: fewer than a double has, so that one half is one half."""


def incidence_of(days: list[float] | None, statuses: list[str] | None) -> list[dict[str, float | None]]:
    """The cumulative incidence from the days at which subjects' times end, and how they end."""
    names = tuple(STEP)
    counted = names.index("incidence")
    return [
        dict(zip(names, (*step[:counted], *map(_percent, step[counted:])), strict=True))
        for step in statistics.aalen_johansen(days or (), statuses or ())
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, DIGITS)


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection exact_low(count, total), exact_high(count, total), agreement_of(grades, grades, subjects),
    incidence_of(days, statuses) and median_rank(count)."""
    connection.create_function("median_rank", statistics.median_rank, ["BIGINT"], "BIGINT", null_handling="special")
    for function in (exact_low, exact_high):
        connection.create_function(
            function.__name__, function, ["BIGINT", "BIGINT"], "DOUBLE", null_handling="special"
        )
    fields = ", ".join(f"{name}{limit} DOUBLE" for name in COEFFICIENTS for limit in ("", "_low", "_high"))
    connection.create_function(
        "agreement_of", agreement_of, ["TINYINT[]", "TINYINT[]", "BIGINT[]"], f"STRUCT({fields})", null_handling="special"
    )
    steps = ", ".join(f"{name} {kind}" for name, kind in STEP.items())
    connection.create_function(
        "incidence_of", incidence_of, ["DOUBLE[]", "VARCHAR[]"], f"STRUCT({steps})[]", null_handling="special"
    )
