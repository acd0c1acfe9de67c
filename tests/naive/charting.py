"""Sections 1 and 2: what a charted row is once its minute, its unit and its range have been looked at."""

import math
from dataclasses import dataclass
from fractions import Fraction

from . import vocabulary as v

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Charting:
    """One row that was not refused.

    `value` is in the canonical unit and None where nothing usable was charted; `number` is the figure as
    charted. `end` is None where no end was charted, and for readings, whose end is ignored. Of a vasopressor
    `per_minute` is the rate for the whole patient (ug/min) and `kilograms` the weight it would be converted with.
    """

    concept: str
    start: int
    end: int | None
    number: Fraction | None
    value: Fraction | None
    indication: str
    per_minute: Fraction | None = None
    kilograms: Fraction | None = None

    @property
    def graded(self):
        """'`indication` empty or `crs`: counts. Anything else: kept, shown, not graded.'"""
        return self.indication in ("", "crs")

    @property
    def given(self):
        """'A rate, dose or flow of 0 is not running or given (a flow of 0 on CPAP, BiPAP, ventilation or ECMO
        says nothing).'"""
        return self.number != 0 or self.concept in v.POSITIVE_PRESSURE

    @property
    def has_rate(self):
        """'A number above 0 is a rate in any unit, convertible or not.'"""
        return self.number is not None and self.number > 0


def is_missing(cell):
    """An empty cell, in any of the shapes that a table gives it."""
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def exact(number):
    """The number as it is written, so that no arithmetic on doubles moves it."""
    return Fraction(repr(number))


def minute_of(hours):
    """'Whole minutes since time zero, integers, nearest minute (halves up).'"""
    return math.floor(exact(hours) * 60 + HALF)


def minutes_of_hours(hours):
    """A duration in hours, in whole minutes."""
    return math.floor(exact(hours) * 60 + HALF)


def minutes_of_days(days):
    """A duration in days of 24 h, in whole minutes."""
    return math.floor(exact(days) * 1440 + HALF)


def tidy(text):
    """'`concept`, `indication` and units are trimmed and read in any case.'"""
    return "" if is_missing(text) else str(text).strip().lower()


def readable_number(cell):
    """The number in a cell, or None where the cell is empty or holds no number."""
    if is_missing(cell):
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    return exact(number) if math.isfinite(number) else None


def measured_value(concept, number, unit):
    """The measurement in its canonical unit; None where the row must be refused.

    'An unknown concept or unit, an impossible or missing value [...]: the row is refused. Nothing is
    clipped.'
    """
    factor_and_offset = v.MEASUREMENT_UNITS[concept].get(unit or v.UNIT_WHEN_MISSING.get(concept))
    if factor_and_offset is None or number is None:
        return None
    factor, offset = factor_and_offset
    value = number * factor + offset
    low, high = v.KEPT_RANGE[concept]
    return value if value >= low and (high is None or value <= high) else None


def oxygen_flow(concept, number, unit):
    """The flow in L/min, or None where it is not known.

    'An unknown unit, an unreadable or impossible amount blanks the value, and the row stays'; a flow of 0 on
    positive pressure 'says nothing'.
    """
    if number is None or unit not in ("", "l/min") or not 0 <= number <= v.HIGHEST_FLOW:
        return None
    if number == 0 and concept in v.POSITIVE_PRESSURE:
        return None
    return number


def infusion_rate(concept, number, unit, weight):
    """The rate in ug/kg/min (vasopressin: U/min), or None where the amount is not known.

    'A number above 0 is a rate in any unit, convertible or not (mL/h, per-minute rates with no weight, an
    unknown unit): the infusion runs, its amount unknown.'
    """
    if number is None or number < 0:
        return None
    if concept == "vasopressin":
        return number * v.UNITS_PER_MINUTE[unit or "u/min"] if (unit or "u/min") in v.UNITS_PER_MINUTE else None
    unit = unit or "ug/kg/min"
    if unit in v.PER_KILOGRAM:
        return number * v.PER_KILOGRAM[unit]
    if unit in v.PER_PATIENT and weight is not None:
        return number * v.PER_PATIENT[unit] / weight
    return None


def rate_per_minute(concept, number, unit, weight):
    """The rate in ug/min for the whole patient, or None where it is not known: 'weight converts', and what was
    charted so needs none."""
    if number is None or number < 0 or concept == "vasopressin":
        return None
    unit = unit or "ug/kg/min"
    if unit in v.PER_PATIENT:
        return number * v.PER_PATIENT[unit]
    if unit in v.PER_KILOGRAM and weight is not None:
        return number * v.PER_KILOGRAM[unit] * weight
    return None


def weight_at(weights, minute):
    """'Weight: last before, else first after' (`weights` are (minute, kg) in order of time)."""
    before = [kilograms for charted, kilograms in weights if charted <= minute]
    after = [kilograms for charted, kilograms in weights if charted > minute]
    return before[-1] if before else after[0] if after else None


def row_times(row):
    """Start and end in minutes, or None where the row is refused for its times.

    'No time: refused. An end before its start (compared before rounding) refuses any row.'
    """
    start, end = row.get("start_hour"), row.get("end_hour")
    if is_missing(start) or (not is_missing(end) and end < start):
        return None
    return minute_of(start), None if is_missing(end) else minute_of(end)


def read_row(row, weights):
    """The charting in a row, or None where the row is refused."""
    concept, unit, times = tidy(row["concept"]), tidy(row.get("unit")), row_times(row)
    if concept not in v.CONCEPTS or times is None:
        return None
    start, end = times
    number = value = readable_number(row.get("value"))
    if concept in v.MEASUREMENTS:
        end, value = None, measured_value(concept, number, unit)
        if value is None:
            return None
    elif concept in v.OXYGEN:
        value = oxygen_flow(concept, number, unit)
    weight = per_minute = None
    if concept in v.INFUSIONS:
        weight = weight_at(weights, start)
        value = infusion_rate(concept, number, unit, weight)
        per_minute = rate_per_minute(concept, number, unit, weight)
    return Charting(concept, start, end, number, value, tidy(row.get("indication")), per_minute, weight)


def end_of_observation(subject):
    """The minute of death or of the end of follow-up, whichever is first; None where neither is given."""
    cuts = [subject.get("death_hour"), subject.get("followup_end_hour")]
    return min((minute_of(hours) for hours in cuts if not is_missing(hours)), default=None)


def read_chart(subject, observations):
    """All chartings that exist.

    'Nothing from the minute of death or of the end of follow-up on exists: readings there are dropped.'
    """
    cut = end_of_observation(subject)

    def exists(charting):
        return charting is not None and (cut is None or charting.start < cut)

    weighed = [read_row(row, []) for row in observations if tidy(row["concept"]) == "weight"]
    weights = sorted((row.start, row.value) for row in weighed if exists(row))
    return [row for row in (read_row(observation, weights) for observation in observations) if exists(row)]
