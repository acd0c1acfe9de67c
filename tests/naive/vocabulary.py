"""The concepts and units of section 2, as plain data."""

from fractions import Fraction

CANNULAS = ("nasal_cannula", "high_flow_nasal_cannula")
MASKS = ("face_mask", "venturi_mask", "non_rebreather_mask", "other_mask")
POSITIVE_PRESSURE = ("cpap", "bipap", "invasive_ventilation", "ecmo")
OXYGEN_DEVICES = (*CANNULAS, "blow_by", *MASKS, *POSITIVE_PRESSURE, "oxygen_unspecified")
OXYGEN = ("room_air", *OXYGEN_DEVICES)
WORN_AT_NIGHT = ("cpap", "bipap")
HIGHEST_FLOW = 100

OTHER_VASOPRESSORS = (
    "norepinephrine",
    "epinephrine",
    "phenylephrine",
    "dopamine",
    "angiotensin_ii",
    "metaraminol",
    "other_vasopressor",
)
"""All vasopressors but vasopressin."""

VASOPRESSORS = (*OTHER_VASOPRESSORS, "vasopressin")
INOTROPES = ("dobutamine", "milrinone")
INFUSIONS = (*VASOPRESSORS, *INOTROPES)
SUPPORT = (*OXYGEN, *INFUSIONS)

ANTIPYRETICS = ("acetaminophen", "ibuprofen", "metamizole", "other_antipyretic")
ANTICYTOKINES = (
    "tocilizumab",
    "siltuximab",
    "anakinra",
    "other_anticytokine",
    "dexamethasone",
    "methylprednisolone",
    "hydrocortisone",
    "prednisone",
    "other_corticosteroid",
)
"""Anticytokines and corticosteroids."""

DOSES = (*ANTIPYRETICS, *ANTICYTOKINES, "fluid_bolus")
LABS = ("creatinine", "bilirubin", "ast", "alt")
PRESSURES = ("systolic_bp", "diastolic_bp", "mean_bp")
VITALS = ("temperature", *PRESSURES, "spo2", "fio2", "heart_rate", "respiratory_rate")
MEASUREMENTS = (*VITALS, *LABS, "weight")
CONCEPTS = (*MEASUREMENTS, *SUPPORT, *DOSES)

_CELSIUS = (Fraction(1), Fraction(0))
_FAHRENHEIT = (Fraction(5, 9), Fraction(-160, 9))


def _times(*spellings, factor=1):
    """These spellings of one unit: canonical = charted x factor."""
    return {spelling: (Fraction(factor), Fraction(0)) for spelling in spellings}


_PRESSURE = _times("mmhg")
_RATE_PER_MINUTE = _times("1/min", "bpm")

MEASUREMENT_UNITS = {
    "temperature": {
        **dict.fromkeys(("degc", "c", "celsius"), _CELSIUS),
        **dict.fromkeys(("degf", "f", "fahrenheit"), _FAHRENHEIT),
    },
    "systolic_bp": _PRESSURE,
    "diastolic_bp": _PRESSURE,
    "mean_bp": _PRESSURE,
    "spo2": {**_times("%"), **_times("fraction", factor=100)},
    "fio2": {**_times("%", factor=Fraction(1, 100)), **_times("fraction")},
    "heart_rate": _RATE_PER_MINUTE,
    "respiratory_rate": _RATE_PER_MINUTE,
    "creatinine": {**_times("mg/dl"), **_times("umol/l", factor=Fraction("1") / Fraction("88.42"))},
    "bilirubin": {**_times("mg/dl"), **_times("umol/l", factor=Fraction("1") / Fraction("17.1"))},
    "ast": _times("u/l"),
    "alt": _times("u/l"),
    "weight": {**_times("kg"), **_times("lb", factor=Fraction("0.45359237"))},
}
"""Per measurement and unit: (factor, offset) to the canonical unit."""

UNIT_WHEN_MISSING = {
    **dict.fromkeys(PRESSURES, "mmhg"),
    **dict.fromkeys(("heart_rate", "respiratory_rate"), "1/min"),
    **dict.fromkeys(("creatinine", "bilirubin"), "mg/dl"),
    **dict.fromkeys(("ast", "alt"), "u/l"),
    "spo2": "%",
    "fio2": "fraction",
    "weight": "kg",
}
"""'A missing unit is refused for temperature, never guessed'; elsewhere it is the canonical one."""

KEPT_RANGE = {
    "temperature": (25, 45),
    "systolic_bp": (20, 300),
    "diastolic_bp": (5, 250),
    "mean_bp": (10, 275),
    "spo2": (30, 100),
    "fio2": (Fraction("0.15"), 1),
    "heart_rate": (10, 350),
    "respiratory_rate": (1, 120),
    **dict.fromkeys(LABS, (0, None)),
    "weight": (1, 400),
}

PER_KILOGRAM = {
    "ug/kg/min": Fraction(1),
    "mcg/kg/min": Fraction(1),
    "ng/kg/min": Fraction(1, 1000),
    "mg/kg/min": Fraction(1000),
}
"""Rates that are ug/kg/min as they stand."""

PER_PATIENT = {"ug/min": Fraction(1), "mcg/min": Fraction(1), "mg/h": Fraction(1000, 60)}
"""Rates in ug/min, which need a weight."""

UNITS_PER_MINUTE = {
    "u/min": Fraction(1),
    "units/min": Fraction(1),
    "u/h": Fraction(1, 60),
    "units/h": Fraction(1, 60),
}
"""Rates of vasopressin."""
