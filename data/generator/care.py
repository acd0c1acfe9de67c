"""The orders a ward writes, each as the rows its site would chart.

Times are hours since the infusion, charted to the nearest five minutes.
"""

from .patient import Patient
from .script import Fever, Row, Script, Span

SHIFT_H = 8.0
POUNDS_PER_KG = 2.20462
INTENSIVE_DEVICES = ("high_flow_nasal_cannula", "non_rebreather_mask", "bipap", "invasive_ventilation")


def minute_of(hour: float) -> int:
    """Minute since the infusion, to the nearest five as therapies are charted."""
    return 5 * round(hour * 12)


def amount(value: float) -> str:
    """A number as a person types it: three decimals at most, no trailing zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def fever(script: Script, start: float, hours: float, peak: float, cause: str = "") -> Fever:
    """A fever of so many hours, peak in degC."""
    course = Fever(start, start + hours, peak, cause)
    script.fevers.append(course)
    return course


def hypotension(script: Script, start: float, hours: float, depth: float = 7) -> None:
    """Systolic pressure `depth` mmHg under the limit for the patient's age, for so many hours."""
    script.low_pressure.append(Span(start, start + hours, depth))


def in_intensive_care(script: Script, start: float, end: float) -> None:
    """Monitored hourly from start to end."""
    script.intensive_care.append(Span(start, end))


def give(script: Script, hour: float, drug: str, value: float, unit: str, indication: str = "") -> None:
    """One dose at one time."""
    script.rows.append(Row(minute_of(hour), drug, amount(value), unit, indication=indication))


def acetaminophen(p: Patient, script: Script, hour: float) -> None:
    """1 g in adults, 15 mg/kg in children; one site charts grams."""
    milligrams = 15 * p.weight_kg if p.is_child else 1000
    if p.site.antipyretic_unit == "g":
        give(script, hour, "acetaminophen", milligrams / 1000, "g")
    else:
        give(script, hour, "acetaminophen", 5 * round(milligrams / 5), "mg")


def tocilizumab(p: Patient, script: Script, hour: float) -> None:
    """8 mg/kg, at most 800 mg, over one hour; 12 mg/kg below 30 kg."""
    milligrams = min(800, (12 if p.weight_kg < 30 else 8) * p.weight_kg)
    dose = amount(10 * round(milligrams / 10))
    script.rows.append(Row(minute_of(hour), "tocilizumab", dose, "mg", minute_of(hour + 1), "crs"))


def dexamethasone(p: Patient, script: Script, hour: float, doses: int, every_h: float = 12) -> None:
    """10 mg a dose, 0.5 mg/kg in children."""
    milligrams = min(10, 0.5 * p.weight_kg) if p.is_child else 10
    for dose in range(doses):
        give(script, hour + dose * every_h, "dexamethasone", milligrams, "mg")


def fluid_bolus(p: Patient, script: Script, hour: float) -> None:
    """500 mL, 20 mL/kg in a small child, over half an hour."""
    millilitres = min(500, 10 * round(2 * p.weight_kg)) if p.is_child else 500
    script.rows.append(Row(minute_of(hour), "fluid_bolus", amount(millilitres), "mL", minute_of(hour + 0.5)))


def fio2_row(p: Patient, hour: float, fraction: float, indication: str) -> Row:
    """Inspired oxygen, as a fraction or in per cent by site."""
    value = fraction if p.site.fio2_unit == "fraction" else 100 * fraction
    return Row(minute_of(hour), "fio2", amount(value), p.site.fio2_unit, indication=indication)


def device_rows(
    p: Patient, start: float, end: float, device: str, flow: float | None, fio2: float | None, indication: str
) -> list[Row]:
    """One device from start to end, charted again every shift; some sites leave the end open."""
    rows = []
    hour = start
    while hour < end:
        piece_end = min(hour + SHIFT_H, end)
        rows.append(
            Row(
                minute_of(hour),
                device,
                "" if flow is None else amount(flow),
                "" if flow is None else "L/min",
                minute_of(piece_end) if p.site.support_ends_charted else None,
                indication,
            )
        )
        if fio2 is not None:
            rows.append(fio2_row(p, hour, fio2, indication))
        hour = piece_end
    return rows


def room_air(script: Script, hour: float) -> None:
    """Breathing room air: this charting is what ends a device with no charted stop."""
    script.rows.append(Row(minute_of(hour), "room_air"))


def oxygen(
    p: Patient,
    script: Script,
    start: float,
    steps: list[tuple],
    indication: str = "",
    then_room_air: bool = True,
) -> float:
    """Give oxygen in steps of (hours, device, flow L/min or None, FiO2 or None); return the end hour."""
    hour = start
    for hours, device, flow, fio2 in steps:
        end = hour + hours
        script.rows += device_rows(p, hour, end, device, flow, fio2, indication)
        script.breathing_support.append((Span(hour, end), device))
        if device in INTENSIVE_DEVICES:
            in_intensive_care(script, hour - 1, end + 2)
        hour = end
    if then_room_air:
        room_air(script, hour)
    return hour


def oxygen_for_hypoxia(
    p: Patient, script: Script, start: float, steps: list[tuple], depth: float = 7
) -> float:
    """Oxygen for a saturation that fell by `depth` % in the hour before it was started."""
    script.desaturations.append(Span(start - 0.8, start, depth))
    return oxygen(p, script, start, steps)


def charted_rate(p: Patient, drug: str, rate: float) -> tuple[str, str]:
    """A rate in the unit of the site; `rate` is ug/kg/min, vasopressin U/min."""
    if drug == "vasopressin":
        return amount(rate * 60 if p.site.vasopressin_unit == "units/h" else rate), p.site.vasopressin_unit
    per_minute = p.site.catecholamine_unit == "ug/min"
    return amount(rate * p.weight_kg if per_minute else rate), p.site.catecholamine_unit


def infusion(
    p: Patient,
    script: Script,
    drug: str,
    start: float,
    steps: list[tuple[float, float]],
    stop_charted: bool = True,
) -> float:
    """A titrated infusion: steps of (hours, rate) as rows that touch; return the hour it stops.

    With `stop_charted` false the last row has no end, as when nobody charts the stop.
    """
    hour = start
    for step, (hours, rate) in enumerate(steps):
        end = hour + hours
        value, unit = charted_rate(p, drug, rate)
        is_open = not stop_charted and step == len(steps) - 1
        script.rows.append(Row(minute_of(hour), drug, value, unit, None if is_open else minute_of(end)))
        hour = end
    script.on_vasopressor.append(Span(start, hour))
    in_intensive_care(script, start - 1, hour + 3)
    return hour


def titrated(p: Patient, peak: float, hours: float) -> list[tuple[float, float]]:
    """Rates (ug/kg/min) going up to the peak and weaned, over so many hours."""
    shares = [(0.06, 0.4), (0.08, 0.7), (0.26, 1.0), (0.25, 0.7), (0.2, 0.4), (0.15, 0.2)]
    return [(round(hours * share, 1), round(peak * level, 3)) for share, level in shares]
