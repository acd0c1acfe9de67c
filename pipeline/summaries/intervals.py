"""Statistics given to SQL: exact intervals, the agreement of two gradings and its bootstrap, cumulative incidence.

What they return is rounded to the significant digits that are stored (`pipeline.statistics.rounding`).
"""

from typing import TYPE_CHECKING

import duckdb

from pipeline import statistics
from pipeline.statistics import exact_interval, significant

if TYPE_CHECKING:
    import numpy as np

GRADES = 6
"""The grades of a scale, 0 (no CRS) to 5, whether or not a cohort has them all."""

COEFFICIENTS = ("kappa", "kappa_linear", "kappa_quadratic", "ac1", "ac2_linear", "ac2_quadratic")
"""What `agreement_of` gives, each with the limits of its interval (_low, _high)."""


RESAMPLED = {
    "pct_same": statistics.shares_same,
    "kappa_linear": lambda tables: statistics.kappas(tables, "linear"),
    "kappa_quadratic": lambda tables: statistics.kappas(tables, "quadratic"),
    "ac2_quadratic": lambda tables: statistics.gwets(tables, "quadratic"),
}
"""What `resampled_of` gives an interval of (_low, _high)."""


def exact_low(count: int, total: int) -> float | None:
    """The lower limit, in percent."""
    return significant(exact_interval(count, total)[0])


def exact_high(count: int, total: int) -> float | None:
    """The upper limit, in percent."""
    return significant(exact_interval(count, total)[1])


def agreement_of(
    grades_a: list[int] | None, grades_b: list[int] | None, subjects: list[int] | None
) -> dict[str, float | None]:
    """The coefficients of agreement from pairs of grades and how many subjects have each."""
    table = _table(grades_a, grades_b, subjects)
    found = {}
    for name in COEFFICIENTS:
        kind, _, weights = name.partition("_")
        coefficient = statistics.kappa if kind == "kappa" else statistics.gwet
        estimate = coefficient(table, weights or "none")
        found |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return {name: significant(value) for name, value in found.items()}


def resampled_of(
    grades_a: list[int] | None, grades_b: list[int] | None, subjects: list[int] | None
) -> dict[str, float | None]:
    """Percentile intervals of agreement, drawing the subjects with replacement, from the same arguments."""
    tables = statistics.resampled(_table(grades_a, grades_b, subjects))
    found = {}
    for name, statistic in RESAMPLED.items():
        low, high = statistics.percentile_interval(statistic(tables))
        found |= {f"{name}_low": significant(low), f"{name}_high": significant(high)}
    return found


def _table(grades_a: list[int] | None, grades_b: list[int] | None, subjects: list[int] | None) -> "np.ndarray":
    """How many subjects have each pair of grades, as a square table."""
    import numpy as np

    table = np.zeros((GRADES, GRADES), dtype=np.int64)
    for grade_a, grade_b, n in zip(grades_a or (), grades_b or (), subjects or ()):
        table[grade_a, grade_b] += n
    return table


STEP = {
    "days": "DOUBLE", "n_at_risk": "BIGINT", "n_event": "BIGINT", "n_competing": "BIGINT", "n_censored": "BIGINT",
    "incidence": "DOUBLE", "incidence_se": "DOUBLE", "incidence_low": "DOUBLE", "incidence_high": "DOUBLE",
    "competing_incidence": "DOUBLE",
}  # fmt: skip
"""What `incidence_of` gives of every time; incidences in percent."""

SHARES = tuple(STEP).index("incidence")
"""Where in a step the percentages begin."""


def incidence_steps(
    days: list[float] | None, statuses: list[str] | None, limits: int
) -> list[list[float | None]]:
    """Return the cumulative incidence from the days at which subjects' times end, and how they end: what STEP names, per time.

    limits -- the choice incidence_limits: 1 for those of the event-free share where no event competes
    In percent, in plain lists of numbers: DuckDB takes structs from Python at several times the cost.
    """
    steps = statistics.aalen_johansen(days or (), statuses or (), limits_of_event_free=limits == 1)
    return [[*step[:SHARES], *(_percent(share) for share in step[SHARES:])] for step in steps]


def _percent(share: float | None) -> float | None:
    """Return a share of 1 in percent. What is left of 100 after rounding errors of a sum is 0 or 100 itself."""
    return None if share is None else significant(round(100 * share, 10))


def time_reached(days: list[float] | None, curve: list[float | None] | None, percent: float) -> float | None:
    """Return the time at which a rising curve in percent reaches a percentage; its middle where the curve stays on it."""
    shares = [None if value is None else value / 100 for value in curve or ()]
    return significant(statistics.time_reached(days or (), shares, percent / 100))


def incidence_macro() -> str:
    """What makes `incidence_of(days, statuses, limits)`: the same with names. Temporary, as what it calls is."""
    named = (f"'{name}': step[{place + 1}]::{kind}" for place, (name, kind) in enumerate(STEP.items()))
    return (
        "CREATE OR REPLACE TEMP MACRO incidence_of(days, statuses, limits) AS "
        "list_transform(incidence_steps(days, statuses, limits::INTEGER), "
        f"lambda step: {{{', '.join(named)}}})"
    )


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection exact_low and exact_high(count, total), agreement_of and resampled_of(grades, grades, subjects),
    incidence_of(days, statuses, limits), time_reached(days, curve, percent) and median_rank(count)."""
    connection.create_function("median_rank", statistics.median_rank, ["BIGINT"], "BIGINT", null_handling="special")
    for function in (exact_low, exact_high):
        connection.create_function(
            function.__name__, function, ["BIGINT", "BIGINT"], "DOUBLE", null_handling="special"
        )
    fields = {
        agreement_of: [f"{name}{limit}" for name in COEFFICIENTS for limit in ("", "_low", "_high")],
        resampled_of: [f"{name}{limit}" for name in RESAMPLED for limit in ("_low", "_high")],
    }
    for function, names in fields.items():
        kind = f"STRUCT({', '.join(f'{name} DOUBLE' for name in names)})"
        connection.create_function(
            function.__name__, function, ["TINYINT[]", "TINYINT[]", "BIGINT[]"], kind, null_handling="special"
        )
    connection.create_function(
        "incidence_steps", incidence_steps, ["DOUBLE[]", "VARCHAR[]", "INTEGER"], "DOUBLE[][]", null_handling="special"
    )
    connection.create_function(
        "time_reached", time_reached, ["DOUBLE[]", "DOUBLE[]", "DOUBLE"], "DOUBLE", null_handling="special"
    )
    connection.execute(incidence_macro())
