"""Charting errors planted on purpose.

Each function takes the finished chart of one patient and returns it with one slip, placed so that the
course told by the other rows stays as it was. The text after each name says what a loader should do.
"""

from .patient import Patient
from .script import Row

NEVER_ENROLLED = "CG-0999"


def in_time_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.minute)


def first(rows: list[Row], concept: str, after_minute: int = 0) -> int:
    """Index of the first row of a concept charted after a minute."""
    return next(i for i, row in enumerate(rows) if row.concept == concept and row.minute >= after_minute)


def first_febrile(p: Patient, rows: list[Row]) -> int:
    """Index of a temperature well inside the first fever, in the unit of the site."""
    limit = 101.3 if p.site.temperature_unit == "degF" else 38.5
    return next(
        i
        for i, row in enumerate(rows)
        if row.concept == "temperature" and row.minute > 0 and float(row.value) > limit
    )


def beside(rows: list[Row], index: int, **changes) -> list[Row]:
    """The chart with a changed copy of one row, three minutes after it."""
    copy = rows[index]._replace(**{"minute": rows[index].minute + 3, **changes})
    return in_time_order([*rows, copy])


def changed(rows: list[Row], index: int, **changes) -> list[Row]:
    """The chart with one row changed in place."""
    return [row._replace(**changes) if i == index else row for i, row in enumerate(rows)]


def unknown_concept(p: Patient, rows: list[Row]) -> list[Row]:
    """Diphenhydramine, which the list of concepts does not hold: refused."""
    return in_time_order([*rows, Row(-45, "diphenhydramine", "25", "mg")])


def impossible_temperature(p: Patient, rows: list[Row]) -> list[Row]:
    """384 degC, a lost decimal point: refused, never read as 38.4."""
    return beside(rows, first_febrile(p, rows), value="384", unit="degC")


def temperature_without_unit(p: Patient, rows: list[Row]) -> list[Row]:
    """A temperature with no unit: refused, never guessed."""
    return beside(rows, first_febrile(p, rows), unit="")


def text_for_a_pulse(p: Patient, rows: list[Row]) -> list[Row]:
    """A word in place of a heart rate: refused."""
    return beside(rows, first(rows, "heart_rate", 60 * 60), value="irregular")


def text_for_a_flow(p: Patient, rows: list[Row]) -> list[Row]:
    """A word in place of an oxygen flow: the row stays, its flow is blanked."""
    return changed(rows, first(rows, "nasal_cannula"), value="low")


def missing_value(p: Patient, rows: list[Row]) -> list[Row]:
    """A saturation with nothing in it: refused."""
    return beside(rows, first(rows, "spo2", 30 * 60), value="")


def date_without_clock(p: Patient, rows: list[Row]) -> list[Row]:
    """A creatinine with a date and no clock: refused."""
    index = first(rows, "creatinine", 24 * 60)
    day = str((p.infusion + rows[index].minute).astype("datetime64[D]"))
    return beside(rows, index, start_text=day)


def dose_in_vials(p: Patient, rows: list[Row]) -> list[Row]:
    """Tocilizumab as one vial: the dose was given, its amount is blanked."""
    return changed(rows, first(rows, "tocilizumab"), value="1", unit="vial")


def pump_rate_in_millilitres(p: Patient, rows: list[Row]) -> list[Row]:
    """The first norepinephrine rate as the pump shows it, mL/h: it runs, its amount is unknown."""
    return changed(rows, first(rows, "norepinephrine"), value="6", unit="mL/h")


def unknown_subject(p: Patient, rows: list[Row]) -> list[Row]:
    """A pulse filed under a number that was never enrolled: refused."""
    return beside(rows, first(rows, "heart_rate", 24 * 60), subject_id=NEVER_ENROLLED)


def end_before_start(p: Patient, rows: list[Row]) -> list[Row]:
    """A cannula that ends an hour before it starts: refused."""
    minute = rows[first(rows, "heart_rate", 50 * 60)].minute
    return in_time_order([*rows, Row(minute, "nasal_cannula", "2", "L/min", minute - 60)])
