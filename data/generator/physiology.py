"""Vital signs that follow the script: arrays over `hours` since the infusion.

Outside the stretches a script names, the signs keep clear of the limits that grading looks at, so that
chance alone never makes a fever or a low pressure.
"""

import numpy as np

from .patient import Patient
from .script import Fever, Script, Span

AFEBRILE_CEILING = 37.6
PRODROME_H = 6
FEBRILE_FLOOR = 37.4
BREATHS_ADDED = {
    "nasal_cannula": 4,
    "blow_by": 6,
    "venturi_mask": 7,
    "high_flow_nasal_cannula": 9,
    "non_rebreather_mask": 11,
    "bipap": 11,
    "invasive_ventilation": 3,
}


def within(hours: np.ndarray, start: float, end: float) -> np.ndarray:
    return (hours >= start) & (hours < end)


def within_any(hours: np.ndarray, spans: list) -> np.ndarray:
    """True where an hour lies in one of the spans (fevers count as spans)."""
    inside = np.zeros(len(hours), dtype=bool)
    for span in spans:
        inside |= within(hours, span.start, span.end)
    return inside


def fever_curve(p: Patient, hours: np.ndarray, fever: Fever, share: np.ndarray) -> np.ndarray:
    """Rise over six hours, evening spikes and morning dips, defervescence over the last ten hours.

    `share` is the part of the fever's height that treatment leaves.
    """
    rise = np.clip((hours - fever.start) / 6, 0.1, 1)
    fall = np.clip((fever.end - hours) / 10, 0.1, 1)
    evening = 0.68 + 0.32 * np.cos(2 * np.pi * (p.clock(hours) - 18) / 24)
    return 38.1 + (fever.peak - 38.1) * np.minimum(rise, fall) * evening * share


def tocilizumab_share(script: Script, hours: np.ndarray) -> np.ndarray:
    """What tocilizumab leaves of a fever: the whole for two hours, under half of it from ten hours on."""
    doses = [row.minute / 60 for row in script.rows if row.concept == "tocilizumab"]
    since = hours - min(doses, default=np.inf)
    return np.interp(since, [2, 10], [1.0, 0.45])


def prodrome(script: Script, hours: np.ndarray) -> np.ndarray:
    """Up to 0.9 degC more in the six hours before a fever."""
    warming = np.zeros(len(hours))
    for fever in script.fevers:
        before = within(hours, fever.start - PRODROME_H, fever.start)
        warming += 0.9 * before * (1 - (fever.start - hours) / PRODROME_H)
    return warming


def antipyretic_dip(script: Script, hours: np.ndarray) -> np.ndarray:
    """About 0.7 degC less from one to five hours after acetaminophen."""
    dip = np.zeros(len(hours))
    for row in script.rows:
        if row.concept == "acetaminophen":
            dip = np.maximum(dip, 0.7 * within(hours, row.minute / 60 + 1, row.minute / 60 + 5))
    return dip


def temperature(p: Patient, script: Script, hours: np.ndarray) -> np.ndarray:
    """Degrees Celsius: a daily rhythm at rest, the fever curves of the script above it."""
    rhythm = 0.2 * np.cos(2 * np.pi * (p.clock(hours) - 18) / 24)
    noise = p.rng.normal(0, 0.12, len(hours))
    result = np.minimum(p.temperature + rhythm + prodrome(script, hours) + noise, AFEBRILE_CEILING)
    dip = antipyretic_dip(script, hours)
    share = tocilizumab_share(script, hours)
    for fever in script.fevers:
        febrile = fever_curve(p, hours, fever, share) + noise - dip
        just_begun = within(hours, fever.start, fever.start + 1)
        febrile = np.maximum(febrile, np.where(just_begun, 38.1, FEBRILE_FLOOR))
        result = np.where(within(hours, fever.start, fever.end), febrile, result)
    return result


def systolic(p: Patient, script: Script, hours: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """mmHg: lower with fever, under the limit in a scripted spell, just above it on a vasopressor."""
    noise = p.rng.normal(0, 5, len(hours))
    at_rest = p.systolic - 5 * np.clip(degrees - 37.5, 0, 3) + noise
    result = np.maximum(at_rest, p.low_systolic + 4 + np.abs(noise) / 2)
    supported = within_any(hours, script.on_vasopressor)
    result = np.where(supported, p.low_systolic + 5 + 0.9 * np.abs(noise), result)
    for spell in script.low_pressure:
        low = np.minimum(p.low_systolic - spell.depth + noise / 2, p.low_systolic - 2)
        result = np.where(within(hours, spell.start, spell.end), low, result)
    return np.round(result)


def diastolic(p: Patient, script: Script, hours: np.ndarray, systolic_mmhg: np.ndarray) -> np.ndarray:
    """mmHg: a smaller part of the systolic pressure while the vessels are wide."""
    vasodilated = within_any(hours, script.low_pressure + script.on_vasopressor)
    share = np.where(vasodilated, 0.53, 0.61) + p.rng.normal(0, 0.02, len(hours))
    return np.round(systolic_mmhg * share)


def mean_pressure(systolic_mmhg: np.ndarray, diastolic_mmhg: np.ndarray) -> np.ndarray:
    """mmHg: diastolic plus a third of the pulse pressure."""
    return np.round((systolic_mmhg + 2 * diastolic_mmhg) / 3)


def heart_rate(p: Patient, script: Script, hours: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Beats per minute: about ten more for each degree, more in shock and on catecholamines."""
    shock = within_any(hours, script.low_pressure + script.on_vasopressor)
    noise = p.rng.normal(0, 4, len(hours))
    return np.round(p.heart_rate + 10 * np.clip(degrees - 36.8, -0.5, 5) + 14 * shock + noise)


def support_for_hypoxia(script: Script) -> list[tuple[Span, str]]:
    """The oxygen of a patient whose lungs are ill, none where it is given for another reason."""
    return script.breathing_support if script.desaturations else []


def spo2(p: Patient, script: Script, hours: np.ndarray) -> np.ndarray:
    """Per cent: falls before oxygen is started, back in the low to middle nineties on it."""
    result = p.spo2 + p.rng.normal(0, 0.8, len(hours))
    for span, _ in support_for_hypoxia(script):
        helped = np.minimum(result - 2.5, 96)
        result = np.where(within(hours, span.start, span.end), helped, result)
    for span in script.desaturations:
        fallen = p.spo2 - span.depth + p.rng.normal(0, 0.6, len(hours))
        result = np.where(within(hours, span.start, span.end), np.minimum(fallen, 91), result)
    return np.round(np.clip(result, 78, 100))


def respiratory_rate(p: Patient, script: Script, hours: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Breaths per minute: rises with fever and with the work of breathing."""
    result = p.respiratory_rate + 1.6 * np.clip(degrees - 37.2, 0, 4) + p.rng.normal(0, 1.2, len(hours))
    for span, device in support_for_hypoxia(script):
        result = result + BREATHS_ADDED[device] * within(hours, span.start, span.end)
    return np.round(result)
