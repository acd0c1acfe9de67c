"""How numbers, days, statuses and flags are said in the report. Pure functions, no data."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from pipeline.reports import rounding

MINUTES_PER_DAY = 1440
DASH = "–"

DAYS = (
    "Days are calendar days counted from the infusion: the infusion day is day 0 "
    "(as a CDISC study day, which has no day 0, add 1 from the infusion day on)."
)
ONCE = "Each patient is counted once, at the highest grade over all episodes; percentages are of all of them, evaluable or not."
EXACT = "Confidence intervals are exact (Clopper-Pearson), 95%."
ROUNDED = "Printed numbers are rounded half away from zero on their decimal value: 6.25% is 6.3%."
FIRST = "Onset and duration are those of the first episode."
INCLUSIVE = "A duration includes both its first and its last day."
CENSORED = (
    "An episode whose end was not seen (death, end of follow-up, or nothing charted soon after it) counts as at least "
    "as long as it was seen; the Kaplan-Meier figures allow for that, the others do not. NR: not reached."
)



@dataclass(frozen=True)
class Terms:
    """What patients and their outcomes are called."""

    treated: str
    of_treated: str
    highest: str
    any_crs: str
    no_crs: str

    def status(self, status: str) -> str:
        """The status of a subject in words."""
        return {"crs": self.any_crs, "no_crs": self.no_crs}.get(status, "not evaluable")


INFUSED = Terms("treated", "of treated", "Highest grade of CRS", "CRS", "no CRS")
STAND_IN = Terms("patients", "of patients", "Highest grade by the criteria", "criteria met", "criteria not met")


def terms(row: Mapping) -> Terms:
    """The terms of a row of `summaries.subjects` or `summaries.cohort`: with no infusion known, nothing is called CRS."""
    return STAND_IN if row["time_zero"] == "stand-in" else INFUSED


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def flag_words(choices: Mapping[str, Mapping]) -> dict[str, str]:
    """Each flag in words, with the numbers in force."""

    def value(name: str) -> str:
        return setting(choices[name]["value"])

    return {
        "late_onset": f"onset after day {value('late_onset_d')}",
        "late_event": f"a fever later than {value('onset_window_d')} days, not counted as CRS",
        "support_without_fever": "support without any fever, not counted as CRS",
        "fever_before_infusion": f"fever in the {value('fever_before_infusion_h')} h before the infusion",
        "baseline_support": "support already in use before the infusion, set aside",
        "vasopressin_only": "vasopressin with no other vasopressor",
        "waiver_used": "fever hidden by treatment: a grade rests on the waiver alone",
        "single_reading": "highest grade rests on one reading",
        "presumed_hold": "support with no charted end, presumed to go on",
        "short_followup": f"observed for less than {value('observed_window_d')} days",
    }


def count(number: int) -> str:
    """12,345"""
    return f"{number:,}"


def number(value: float | None) -> str:
    """A number as short as it is, to two decimals at most: 3, 2.5; a dash where there is none."""
    return DASH if value is None else rounding.short(value, 2)


def setting(value: float) -> str:
    """A number that somebody chose, with every digit of it: 24, 0.04."""
    return rounding.digits(value, rounding.HELD)


def percent(value: float | None) -> str:
    """81.7%; a dash where there is none."""
    return DASH if value is None else f"{rounding.fixed(value, 1)}%"


def interval(low: float | None, high: float | None) -> str:
    """69.6–90.5, the limits of a share in percent."""
    return DASH if low is None or high is None else f"{rounding.fixed(low, 1)}{DASH}{rounding.fixed(high, 1)}"


def span(low: float | None, high: float | None) -> str:
    """2–4, quartiles or a range."""
    return DASH if low is None or high is None else f"{number(low)}{DASH}{number(high)}"


def plural(number_of: int, one: str, many: str | None = None) -> str:
    """1 patient, 2 patients."""
    return f"{count(number_of)} {one if number_of == 1 else many or one + 's'}"


def clock(minute: int | None, minute_of_day: int) -> str:
    """day 2 10:00, on the clock of the infusion."""
    if minute is None:
        return DASH
    day, rest = divmod(minute + minute_of_day, MINUTES_PER_DAY)
    return f"day {day} {rest // 60:02d}:{rest % 60:02d}"


def hours(minutes: float) -> str:
    """4.5, the hours of so many minutes."""
    return rounding.fixed(minutes / 60, 1)


def days_and_hours(start: int, end: int, minute_of_day: int) -> str:
    """day 2 10:00 to day 2 14:30 (4.5 h), from 45.2 h after the infusion."""
    return (
        f"{clock(start, minute_of_day)} to {clock(end, minute_of_day)} ({hours(end - start)} h), "
        f"from {hours(start)} h after the infusion"
    )


def criteria(because: list[str]) -> str:
    """The criteria met, in their ids without underscores."""
    return ", ".join(criterion.replace("_", " ") for criterion in because) or "no criterion met"


def ending(resolved: bool | None, is_fatal: bool | None) -> str:
    """Whether the end of an episode was seen."""
    if resolved is None:
        return DASH
    if is_fatal:
        return "died of CRS"
    return "yes" if resolved else "end not seen"


def plotly_text(text: str, longest: int | None = None) -> str:
    """Text for a figure: Plotly reads a little HTML in it, so that is written out; one line, cut where too long."""
    line = " ".join(text.split())
    if longest is not None and len(line) > longest:
        line = line[: longest - 1] + "…"
    return escape(line, quote=False)
