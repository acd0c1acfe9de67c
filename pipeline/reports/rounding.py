"""The one rule by which printed numbers are rounded: half away from zero, on the decimal value. Pure functions, no data.

A share is a ratio of whole numbers and a time is whole minutes: 1 of 16 is 6.25% and 15 min are 0.25 h exactly, which by hand
and in SAS print as 6.3% and 0.3 h. Python's formats round what the computer holds, and a tie to the even digit: 6.25 to 6.2,
and 2.675, which is held as 2.67499999999999982, to 2.67.

The decimal value is the number to 12 significant digits. Tables hold no more, so it is what is stored; of a number that is
computed where it is printed (minutes / 60) it leaves out the noise of the last bits. `page/rounding.js` has the same rule.
"""

from decimal import ROUND_HALF_UP, Decimal

HELD = 12
"""The significant digits of a number that count."""


def fixed(value: float, decimals: int) -> str:
    """The number to so many decimals: 6.25 to one is 6.3, 2.5 to none 3, -0.05 to one -0.1, -0.04 to one 0.0."""
    rounded = _decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{abs(rounded) if rounded.is_zero() else rounded:f}"


def short(value: float, decimals: int) -> str:
    """The number as short as it is, to so many decimals at most, never with an exponent: 3, 2.5; 2.675 to two is 2.68."""
    text = fixed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def digits(value: float, significant: int) -> str:
    """The number to so many significant digits at most, as short as it is; of whole digits none is left out.

    To four digits 38.254 is 38.25, 0.21355 is 0.2136, 2.0 is 2 and 12345.6 is 12346.
    """
    return short(value, max(0, significant - 1 - _decimal(value).adjusted()))


def _decimal(value: float) -> Decimal:
    return Decimal(f"{float(value):.{HELD}g}")
