"""When a nurse charts, and the rows that come of it."""

from typing import NamedTuple

import numpy as np

from . import physiology
from .care import POUNDS_PER_KG, acetaminophen, minute_of, room_air
from .patient import Patient
from .script import Row, Script, Span

ADMISSION_HOUR = -24
UMOL_PER_MG_CREATININE = 88.4
LABORATORY_DAYS = (-1, 3, 7, 14)
CHECK_REPLACES_ROUND_MIN = 15
DIARY_DAYS = 15


class Rounds(NamedTuple):
    """Chartings by minute since the infusion: a full set or a temperature alone, and hourly ones."""

    minutes: np.ndarray
    full: np.ndarray
    hourly: np.ndarray


def ill_spans(script: Script) -> list:
    """Every fever, low pressure and support of the script."""
    breathing = [span for span, _ in script.breathing_support]
    return [*script.fevers, *script.low_pressure, *script.on_vasopressor, *breathing]


def discharge_hour(p: Patient, script: Script) -> float:
    """A week in hospital, and until two days after a first episode that is still going on then."""
    stay = 7 * 24 + float(p.rng.uniform(0, 24))
    readmitted = min((span.start for span in script.readmissions), default=np.inf)
    first_stay = [span.end for span in ill_spans(script) if span.start < readmitted]
    return max([stay, *(end + 40 for end in first_stay)])


def hour_grid(p: Patient, last_hour: float) -> np.ndarray:
    """The full clock hours from admission on, as hours since the infusion."""
    past_the_hour = (p.infusion_minute % 60) / 60
    return np.arange(ADMISSION_HOUR, last_hour) - past_the_hour


def visit_hours(p: Patient, after: float, last_hour: float) -> np.ndarray:
    """Clinic visits in the morning of the visit days that follow discharge."""
    mornings = np.array([24.0 * day + 10 - p.infusion_minute / 60 for day in p.site.visit_days])
    mornings = mornings + p.rng.uniform(-1, 2, len(mornings))
    return mornings[(mornings > after) & (mornings < last_hour)]


def diary_hours(p: Patient, after: float, last_hour: float) -> np.ndarray:
    """Temperatures a patient takes at home at eight, morning and evening, until day 14; not at every site."""
    if not p.site.keeps_home_diary:
        return np.array([])
    days = np.arange(DIARY_DAYS)
    hours = np.sort(np.concatenate([24 * days + 8, 24 * days + 20])) - p.infusion_minute / 60
    hours = hours + p.rng.uniform(-0.5, 0.8, len(hours))
    return hours[(hours > after) & (hours < last_hour)]


def watched_spans(script: Script) -> list[Span]:
    """The infusion, and every fever and support until a day after it: charted on every ward round."""
    return [Span(0, 24), *(Span(span.start, span.end + 24) for span in ill_spans(script))]


def spot_checks(script: Script) -> np.ndarray:
    """Checks made because something happened: a chill, a low pressure, a falling saturation."""
    checks = [fever.start + 0.3 for fever in script.fevers]
    for spell in script.low_pressure:
        checks += [*np.arange(spell.start + 0.1, spell.end, 0.75), spell.end + 0.1]
    for fall in script.desaturations:
        checks += [fall.start + 0.2, fall.end + 0.3]
    return np.array(checks)


def scheduled_rounds(p: Patient, script: Script, home: float) -> Rounds:
    """Ward rounds, hourly intensive care, temperatures between rounds in a fever; some minutes off."""
    grid = hour_grid(p, script.last_hour)
    clock = np.round(p.clock(grid)).astype(int) % 24
    in_hospital = (grid < home) | physiology.within_any(grid, script.readmissions)
    watched = physiology.within_any(grid, watched_spans(script))
    on_round = np.isin(clock, p.site.stable_hours) | (watched & np.isin(clock, p.site.ward_hours))
    intensive = physiology.within_any(grid, script.intensive_care)
    febrile = physiology.within_any(grid, script.fevers)
    staffed = p.site.charts_at_night | np.isin(clock, range(6, 23))
    between = febrile & staffed & (clock % p.site.febrile_every_h == 0)
    full = (in_hospital & on_round) | intensive
    late = np.where(intensive, p.rng.integers(0, 3, len(grid)), p.rng.integers(-8, 14, len(grid)))
    minutes = np.round(grid * 60).astype(int) + late
    kept = full | (in_hospital & between)
    return Rounds(minutes[kept], full[kept], (intensive & ~on_round)[kept])


def rounds(p: Patient, script: Script) -> Rounds:
    """Every charting in time order; a check, visit or diary entry replaces a round due just then."""
    home = discharge_hour(p, script)
    planned = scheduled_rounds(p, script, home)
    visits = visit_hours(p, home, script.last_hour)
    diary = diary_hours(p, home, script.last_hour)
    called = np.round(np.concatenate([spot_checks(script), visits, diary]) * 60).astype(int)
    needless = (np.abs(planned.minutes[:, None] - called) < CHECK_REPLACES_ROUND_MIN).any(axis=1)
    by_a_nurse = np.arange(len(called)) < len(called) - len(diary)
    extra = Rounds(called, by_a_nurse, np.zeros(len(called), bool))
    merged = Rounds(
        *(np.concatenate([one[~needless], other]) for one, other in zip(planned, extra, strict=True))
    )
    hours = merged.minutes / 60
    charted = (hours < script.last_hour) & ~physiology.within_any(hours, script.uncharted)
    order = np.argsort(merged.minutes[charted], kind="stable")
    return Rounds(*(column[charted][order] for column in merged))


def temperature_texts(p: Patient, degrees: np.ndarray) -> list[str]:
    """One decimal, in the unit of the site's thermometers."""
    shown = degrees * 9 / 5 + 32 if p.site.temperature_unit == "degF" else degrees
    return [f"{value:.1f}" for value in shown]


def reading_rows(
    minutes: np.ndarray, concept: str, texts: list[str], unit: str, indications: list[str] | None = None
) -> list[Row]:
    """Point readings of one concept."""
    indications = indications or [""] * len(texts)
    return [
        Row(minute, concept, text, unit, indication=indication)
        for minute, text, indication in zip(minutes.tolist(), texts, indications, strict=True)
    ]


def whole(values: np.ndarray) -> list[str]:
    return [str(value) for value in values.astype(int).tolist()]


def fever_causes(script: Script, hours: np.ndarray) -> list[str]:
    """The cause charted with each temperature, empty outside a fever put down to something else."""
    causes = np.full(len(hours), "", dtype=object)
    for fever in script.fevers:
        causes[physiology.within(hours, fever.start, fever.end)] = fever.cause
    return causes.tolist()


def vital_rows(p: Patient, script: Script) -> list[Row]:
    """Every charted vital sign.

    A ward round takes temperature, pressure, pulse and saturation, and the breaths in a hypoxic patient
    or every third round; intensive care adds the mean pressure and takes the temperature every two hours.
    """
    minutes, full, hourly = rounds(p, script)
    hours = minutes / 60
    degrees = physiology.temperature(p, script, hours)
    high = physiology.systolic(p, script, hours, degrees)
    low = physiology.diastolic(p, script, hours, high)
    pulse = physiology.heart_rate(p, script, hours, degrees)
    saturation = physiology.spo2(p, script, hours)
    breaths = physiology.respiratory_rate(p, script, hours, degrees)
    intensive = physiology.within_any(hours, script.intensive_care)
    hypoxic = physiology.within_any(
        hours, script.desaturations + [span for span, _ in script.breathing_support]
    )
    count = np.arange(len(minutes))
    rate_unit = "1/min" if p.site.rate_unit_charted else ""
    rows = []
    if script.temperature_charted:
        warm = ~hourly | (count % 2 == 0)
        rows += reading_rows(
            minutes[warm],
            "temperature",
            temperature_texts(p, degrees[warm]),
            p.site.temperature_unit,
            fever_causes(script, hours[warm]),
        )
    for concept, values, unit, where in (
        ("systolic_bp", high, "mmHg", full),
        ("diastolic_bp", low, "mmHg", full),
        ("mean_bp", physiology.mean_pressure(high, low), "mmHg", full & intensive),
        ("heart_rate", pulse, rate_unit, full),
        ("respiratory_rate", breaths, rate_unit, full & (hypoxic | (count % 3 == 0))),
        ("spo2", saturation, "%", full),
    ):
        rows += reading_rows(minutes[where], concept, whole(values[where]), unit)
    return rows


def laboratory_rows(p: Patient, script: Script) -> list[Row]:
    """Creatinine, transaminases, and now and then bilirubin, in the morning of a few days.

    Mild changes in every fever; a scripted organ injury raises one result above three times the upper
    limit for creatinine (mg/dL) and above five times for the transaminases (U/L).
    """
    creatinine = (0.4 if p.age_years < 12 else 0.8) * float(p.rng.uniform(0.85, 1.15))
    ast, alt = float(p.rng.uniform(16, 32)), float(p.rng.uniform(14, 36))
    hours = [24.0 * day + 6.5 - p.infusion_minute / 60 for day in LABORATORY_DAYS]
    if script.organ_injury_hour is not None:
        hours.append(script.organ_injury_hour)
    rows = []
    for hour in sorted(hour for hour in hours if hour < script.last_hour):
        injured = hour == script.organ_injury_hour
        ill = any(fever.start <= hour < fever.end + 24 for fever in script.fevers)
        factor = 5.5 if injured else (1.25 if ill else 1.0) * float(p.rng.uniform(0.94, 1.06))
        liver = 14.0 if injured else (1.8 if ill else 1.0) * float(p.rng.uniform(0.9, 1.1))
        milligrams = creatinine * factor
        in_umol = p.site.creatinine_unit == "umol/L"
        shown = f"{milligrams * UMOL_PER_MG_CREATININE:.0f}" if in_umol else f"{milligrams:.2f}"
        minute = round(hour * 60)
        rows.append(Row(minute, "creatinine", shown, p.site.creatinine_unit))
        rows.append(Row(minute, "ast", f"{ast * liver:.0f}", "U/L"))
        rows.append(Row(minute, "alt", f"{alt * liver:.0f}", "U/L"))
        if p.rng.random() < 0.5:
            rows.append(Row(minute, "bilirubin", f"{0.6 * (1.3 if ill else 1.0):.1f}", "mg/dL"))
    return rows


def admission_rows(p: Patient, script: Script) -> list[Row]:
    """Weight and breathing at admission, and the acetaminophen two sites give before the infusion."""
    admission = Script()
    in_pounds = p.site.weight_unit == "lb"
    weight = p.weight_kg * POUNDS_PER_KG if in_pounds else p.weight_kg
    weighed = Row(minute_of(ADMISSION_HOUR + 1.5), "weight", f"{weight:.1f}", p.site.weight_unit)
    on_oxygen = any(span.start < 0 for span, _ in script.breathing_support)
    if not on_oxygen:
        room_air(admission, ADMISSION_HOUR + 1.5)
    if p.site.premedicates:
        acetaminophen(p, admission, -0.75)
    return [weighed, *admission.rows]


def cut(rows: list[Row], last_minute: int) -> list[Row]:
    """Nothing is charted from the last minute on; what was running then has no charted end."""
    return [
        row._replace(end_minute=None) if row.end_minute is not None and row.end_minute > last_minute else row
        for row in rows
        if row.minute < last_minute
    ]


def chart(p: Patient, script: Script) -> list[Row]:
    """All rows of one patient in the order of an export: by time, then as charted."""
    rows = [
        *admission_rows(p, script),
        *vital_rows(p, script),
        *script.rows,
        *laboratory_rows(p, script),
    ]
    return sorted(cut(rows, int(script.last_hour * 60)), key=lambda row: row.minute)
