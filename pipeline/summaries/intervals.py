"""Statistics given to SQL: exact intervals, and the agreement of two gradings."""

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


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection exact_low(count, total), exact_high(count, total) and agreement_of(grades, grades, subjects)."""
    for function in (exact_low, exact_high):
        connection.create_function(
            function.__name__, function, ["BIGINT", "BIGINT"], "DOUBLE", null_handling="special"
        )
    fields = ", ".join(f"{name}{limit} DOUBLE" for name in COEFFICIENTS for limit in ("", "_low", "_high"))
    connection.create_function(
        "agreement_of", agreement_of, ["TINYINT[]", "TINYINT[]", "BIGINT[]"], f"STRUCT({fields})", null_handling="special"
    )
