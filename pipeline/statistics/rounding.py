"""To how many digits a computed number is stored: fewer than a double has, so that its last digit is never a result.

The last digits of a double depend on the version of the engine, on how many threads it used and in which order it added.
The macro `significant` of macros.sql is the same rule in SQL.
"""

DIGITS = 12
"""Significant digits of every number that is computed in floating point and stored in a table that is exported."""


def significant(value: float | None) -> float | None:
    """Return the number rounded to DIGITS significant digits; None for none."""
    return None if value is None else float(f"{value:.{DIGITS}g}")
