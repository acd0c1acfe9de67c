"""Random charts for the comparison of two graders: dense in the places where a sentence of the semantics
bites.

A chart draws a few anchor minutes and places its rows at them, just beside them, and one hold or window
later, so that same-minute conflicts, abutting rows and exact limits are common. With the fast clock all
durations are scaled down to minutes, and a chart spans a day instead of a month.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from . import vocabulary as v
from .charting import minute_of
from .choices import DEFAULTS, settle

QUARTER = Fraction(1, 4)
HALF = Fraction(1, 2)

INDICATIONS = (None,) * 10 + ("crs", " CRS ", "", "infection", "procedure", "baseline")
SUPPORT_INDICATIONS = (None,) * 9 + ("crs", "airway_protection", "comfort", "baseline", "baseline")

TEMPERATURES = (
    *[(value, "degC") for value in (38.0, 37.0, 38.6, 36.8, 39.5, 37.99, 38.01, 37.0, 38.2)],
    *[(value, "degF") for value in (100.4, 100.35, 98.6, 103.1)],
    (38.7, " Celsius "),
    (45.0, "C"),
    (45.1, "degC"),
    (25, "degc"),
    (24.9, "degC"),
    (113.0, "F"),
    (113.2, "Fahrenheit"),
    (39.0, None),
    (39.0, "kelvin"),
    (None, "degC"),
    ("febrile", "degC"),
)
PRESSURES = (
    *[(value, "mmHg") for value in (89, 90, 110, 85, 89.99, 120, 80)],
    *[(value, "mmHg") for value in (60, 59, 70, 69, 71, 72, 77, 78, 88, 99.5, 100)],
    (84, None),
    (84, " MMHG "),
    (20, "mmHg"),
    (19, "mmHg"),
    (300, "mmHg"),
    (301, "mmHg"),
    (80, "kPa"),
    (None, "mmHg"),
    ("low", "mmHg"),
)
FLOWS = (
    *[(value, "L/min") for value in (2, 4, 6, 6.01, 7, 5.9, 15, 40)],
    (None, None),
    (None, "L/min"),
    (0, "L/min"),
    (0.0, None),
    (3, None),
    (7, " l/MIN"),
    (100, "L/min"),
    (100.5, "L/min"),
    (-1, "L/min"),
    (2, "mL/h"),
    (0, "drops"),
    ("high", "L/min"),
)
RATES = (
    *[(value, "ug/kg/min") for value in (0.05, 0.1, 0.04)],
    (0.05, "MCG/kg/min"),
    (50, "ng/kg/min"),
    (60, "ng/kg/min"),
    (0.0001, "mg/kg/min"),
    (3.5, "ug/min"),
    (7, "mcg/min"),
    (0.21, "mg/h"),
    (20, "ug/min"),
    (19.9, "mcg/min"),
    (10, "ug/min"),
    (200, "ug/min"),
    (10, "ug/kg/min"),
    (0.2, "ug/kg/min"),
    (0.19, "ug/kg/min"),
    (14, "ug/min"),
    (4.3, "ug/kg/min"),
    (0.06, None),
    (0, "ug/kg/min"),
    (0, "mL/h"),
    (0.0, None),
    (None, None),
    (None, "ug/kg/min"),
    (8, "mL/h"),
    (2, "drops"),
    (0.03, "U/min"),
    (-1, "ug/kg/min"),
    ("titrated", "ug/kg/min"),
)
VASOPRESSIN_RATES = (
    (0.03, "U/min"),
    (0.04, "units/min"),
    (1.8, "U/h"),
    (2.4, "units/h"),
    (0.02, None),
    (0, "U/min"),
    (None, None),
    (5, "mL/h"),
    (0.05, "ug/kg/min"),
    ("low", "U/min"),
)
DOSE_AMOUNTS = ((None, None), (650, "mg"), (8, "mg/kg"), (1, "vial"), (0, "mg"), (0, None), ("one", "mg"))
FRACTIONS = (
    *[(value, "fraction") for value in (0.4, 0.39, 0.5, 0.28, 1)],
    (40, "%"),
    (39.9, "%"),
    (0.41, None),
    (4, "fraction"),
    (0.14, "fraction"),
    (None, "%"),
)
CREATININES = (
    *[(value, "mg/dL") for value in (0.8, 1.2, 1.21, 1.8, 1.81, 3.6, 3.7, 7.2, 7.3, 2.4, 0.4, 0)],
    (330, "umol/L"),
    (88.42, "umol/L"),
    (2, None),
    (-1, "mg/dL"),
    (3, "g/L"),
)
ENZYMES = (
    *[(value, "U/L") for value in (40, 41, 120, 121, 200, 201, 800, 801, 30, 15)],
    (500, None),
    (500, "kat/L"),
    (None, "U/L"),
)
BOLUSES = ((500, "mL"), (1, "L"), (None, None), (0, "mL"), (250, "mL"), (500, "drops"), ("one", "mL"))
WEIGHTS = ((70, "kg"), (35, "kg"), (50, None), (140, "lb"), (0.5, "kg"), (401, "kg"), (None, "kg"))
AGES = (None, None, 55, 10, 9.99, 4, 4.9, 1, 0.99, 28 / 365.25, 0.0766, 0.01, 0)
BYSTANDERS = (
    ("heart_rate", 130, "1/min"),
    ("spo2", 86, "%"),
    ("mean_bp", 50, "mmHg"),
    ("diastolic_bp", 40, None),
    ("creatinine", 3.0, "mg/dL"),
    ("lactate", 4, "mmol/L"),
    ("dobutamine", 5.0, "ug/kg/min"),
    ("milrinone", None, None),
    (" Temperature ", 38.3, "degC"),
    ("TEMPERATURE", 36.9, "degC"),
)

NO_DURATION = (
    "hypotension_sbp_below",
    "hypotension_confirm_readings",
    "vasopressin_alone_grade",
    "late_onset_d",
    "equivalent_per_epinephrine",
    "equivalent_per_dopamine",
    "equivalent_per_phenylephrine",
    "fio2_from_flow",
    "fio2_with_no_flow",
    "fio2_per_l_min",
    "fio2_estimated_to_l_min",
    "fio2_doubtful_from_l_min",
    "fio2_mask_at_least",
    "fio2_mask_from_l_min",
    "creatinine_upper_limit",
    "ast_upper_limit",
    "alt_upper_limit",
    "uncharted_labs_lift_ceiling",
)

FAST_CHOICES = {
    "temperature_holds_h": (1, 0.5, 2, 1.51),
    "blood_pressure_holds_h": (1, 0.5, 2),
    "open_support_holds_h": (1, 0.5, 1.5),
    "baseline_window_h": (1, 0.5, 0.25),
    "hypotension_sbp_below": (90, 100),
    "hypotension_confirm_readings": (1, 1, 2, 3),
    "multiple_vasopressors_overlap_min": (10, 30, 1, 0),
    "vasopressor_min_minutes": (0, 0, 10, 25),
    "vasopressin_alone_grade": (3, 2, 0),
    "fever_window_h": (1, 2, 0.5),
    "waiver_anticytokine_h": (2, 4, 1),
    "waiver_antipyretic_h": (1, 0.5),
    "episode_gap_d": (0.05, 0.1, 0.021),
    "onset_window_d": (30, 0.2, 0.3),
    "late_onset_d": (14, 0),
    "resolved_within_h": (1, 24, 0.5),
    "observed_window_d": (14, 0.15, 0.25),
    "fever_before_infusion_h": (24, 0.5),
    "high_dose_sustained_min": (30, 60, 100, 11),
    "high_dose_dip_min": (10, 0, 1, 31),
    "vasopressor_gap_min": (60, 10, 30, 0, 200),
    "equivalent_per_epinephrine": (1, 1, 2),
    "equivalent_per_dopamine": (0.5, 0.5, 0.01),
    "equivalent_per_phenylephrine": (0.1, 0.1, 0.25),
    "fio2_from_flow": (1, 1, 1, 0),
    "fio2_with_no_flow": (0.20, 0.21),
    "fio2_per_l_min": (0.04, 0.03),
    "fio2_estimated_to_l_min": (6, 15),
    "fio2_doubtful_from_l_min": (5, 100),
    "fio2_mask_at_least": (0.40, 0.35),
    "fio2_mask_from_l_min": (5, 7),
    "bolus_window_h": (1, 2, 0.5),
    "bolus_low_pressure_within_h": (0.5, 1, 0),
    "labs_hold_h": (1, 2, 5),
    "organ_window_h": (1, 0.5, 0, 3),
    "creatinine_upper_limit": (1.2, 1.2, 0.5),
    "ast_upper_limit": (40, 35),
    "alt_upper_limit": (40, 56),
    "uncharted_labs_lift_ceiling": (0, 0, 1),
}
NEAR_DEFAULT_CHOICES = {
    "hypotension_confirm_readings": (1, 2),
    "vasopressin_alone_grade": (3, 2, 0),
    "vasopressor_min_minutes": (0, 30),
    "episode_gap_d": (7, 1),
    "uncharted_labs_lift_ceiling": (0, 1),
}


@dataclass(frozen=True)
class Clock:
    """How far a chart reaches, by which steps its rows stand apart, and what the choices set limits to
    (minutes)."""

    horizon: int
    lookback: int
    steps: tuple[int, ...]
    lengths: tuple[int, ...]
    limits: tuple[int, ...] = ()
    gap: int = 0
    overlap: int = 0


FAST = Clock(
    horizon=420,
    lookback=90,
    steps=(0, 0, 0, 1, -1, 9, 31, 60, 100, 200),
    lengths=(30, 60, 1, 0, 9, 10, 11, 25, 90, 120),
)
DEFAULT = Clock(
    horizon=3 * 1440,
    lookback=1500,
    steps=(0, 0, 0, 1, -1, 30, 300),
    lengths=(60, 240, 0, 59, 61, 600, 1440),
)


def clock_under(choices, clock):
    """The clock with every duration of these choices as a limit, and rows that stand apart by just that, by a
    minute less, and by a minute more."""
    settled = vars(settle(choices))
    durations = {settled[name] for name in settled if name not in NO_DURATION}
    limits = tuple(sorted(minutes for minutes in durations if 0 < minutes <= clock.horizon))
    beside = tuple(limit + shift for limit in limits for shift in (0, -1, 1))
    return replace(
        clock,
        steps=clock.steps + limits + beside,
        limits=limits,
        gap=settled["episode_gap"],
        overlap=settled["multiple_vasopressors_overlap_min"],
    )


def hours_at(minutes):
    """Minutes as hours that read back to the very minute: a half minute that no decimal of an hour can hold
    is moved off the half."""
    minutes = Fraction(minutes)
    if minutes.denominator == 2 and minutes.numerator % 3:
        minutes += QUARTER
    return float(minutes / 60)


def placed(clock, anchors):
    """The minutes at which rows may stand: at the anchors, beside them, a step later, and half a minute
    off."""
    whole = [anchor + step for step in clock.steps for anchor in anchors]
    return whole + [minute + shift for minute in anchors for shift in (HALF, -HALF, QUARTER)]


def row(concept, start, length, value, unit, indication):
    """One row of `observations`; times in minutes, no length where no end is charted."""
    return {
        "concept": concept,
        "start_hour": hours_at(start),
        "end_hour": None if length is None else hours_at(start + length),
        "value": value,
        "unit": unit,
        "indication": indication,
    }


def rows(concepts, minutes, amounts, indications, lengths=(None,), most=4):
    """Up to `most` rows of these concepts."""
    one = st.builds(
        lambda concept, start, length, amount, indication: row(concept, start, length, *amount, indication),
        st.sampled_from(concepts),
        st.sampled_from(minutes),
        st.sampled_from(lengths),
        st.sampled_from(amounts),
        st.sampled_from(indications),
    )
    return st.lists(one, max_size=most)


def bystander_rows(minutes):
    """Rows that no criterion asks for, a concept that nobody knows, and temperatures spelled oddly."""
    one = st.builds(
        lambda start, bystander: row(bystander[0], start, None, bystander[1], bystander[2], None),
        st.sampled_from(minutes),
        st.sampled_from(BYSTANDERS),
    )
    return st.lists(one, max_size=2)


@st.composite
def subjects(draw, clock, minutes, observations):
    """A subject: age, clock of the infusion, death and end of follow-up, seldom before half of the chart is
    told, and often so long after support began, or after a temperature, as an overlap or a gap may be."""
    later = sorted({int(minute) for minute in minutes if minute >= 0})
    began = [(row["concept"], round(row["start_hour"] * 60)) for row in observations]
    soon = [minute + clock.gap for concept, minute in began if concept == "temperature" and minute >= 0]
    soon += [
        minute + step
        for concept, minute in began
        for step in (5, clock.overlap, clock.overlap + 1)
        if concept in v.VASOPRESSORS and minute >= 0
    ]
    later = soon if soon and draw(st.booleans()) else later[len(later) // 2 :] + later
    ends = draw(st.sampled_from(("none",) * 5 + ("followup",) * 2 + ("death", "crs death", "crs death, followup")))
    subject = {"age_years": draw(st.sampled_from(AGES))}
    if draw(st.booleans()):
        subject["infusion_minute_of_day"] = draw(st.sampled_from((0, 600, 1200, 1435)))
    if "followup" in ends:
        subject["followup_end_hour"] = hours_at(draw(st.sampled_from(later)))
    if "death" in ends:
        subject["death_hour"] = hours_at(draw(st.sampled_from(later)))
        subject["death_cause"] = "progression" if ends == "death" else "crs"
    return subject


def some_of(concepts):
    """One to three of these concepts, so that rows of one channel meet."""
    return st.lists(st.sampled_from(concepts), min_size=1, max_size=3)


@st.composite
def handovers(draw, starts, lengths):
    """Two vasopressors beside each other: a switch, or two at once; each stopped, charted again, or left open."""
    first, second = draw(st.permutations(v.OTHER_VASOPRESSORS))[:2]
    start = draw(st.sampled_from(starts))
    rows_of_both = []
    for agent, begin in ((first, start), (second, start + draw(st.sampled_from(lengths)))):
        length = draw(st.sampled_from((None, *lengths)))
        rows_of_both.append(row(agent, begin, length, 0.05, "ug/kg/min", None))
        if draw(st.booleans()):
            rate = draw(st.sampled_from((0, 0.1, None)))
            rows_of_both.append(row(agent, begin + draw(st.sampled_from(lengths)), None, rate, "ug/kg/min", None))
    return rows_of_both


@st.composite
def usual_courses(draw, clock, devices, agents):
    """Fever, its end, a dose, and support some steps later: the course that random rows seldom tell."""
    onset = draw(st.integers(0, clock.horizon // 2) | st.sampled_from(clock.limits))
    later = [onset + step for step in clock.steps if step >= 0]
    lengths = (None, *clock.lengths)
    drugs = ("tocilizumab", "dexamethasone", "acetaminophen")
    return [
        row("temperature", onset, None, 38.6, "degC", None),
        row("temperature", draw(st.sampled_from(later)), None, 37.0, "degC", None),
        *draw(rows(("temperature",), later, TEMPERATURES[:2], (None,), most=3)),
        *draw(rows(drugs, later, DOSE_AMOUNTS[:4], (None,), most=2)),
        *draw(rows(("systolic_bp",), later, PRESSURES[:3], (None,), most=3)),
        *draw(rows(devices, later, FLOWS[:9], (None,), lengths, most=2)),
        *draw(rows(agents, later, RATES[:9], (None,), lengths, most=2)),
        *draw(rows(("vasopressin",), later, VASOPRESSIN_RATES[:3], (None,), lengths, most=1)),
        *(draw(handovers(later, clock.lengths)) if draw(st.integers(0, 2)) == 1 else ()),
    ]


@st.composite
def organ_rows(draw, clock, minutes):
    """Laboratory results before and after time zero, fractions of oxygen, and boluses, at times beside a pressure."""
    before = [-abs(int(minute)) - 1 for minute in minutes][:3]
    later = [minute + step for minute in minutes[:4] for step in (0, *clock.steps) if minute >= 0] or [0]
    return [
        *draw(rows(("creatinine",), later, CREATININES, INDICATIONS, most=3)),
        *draw(rows(("creatinine",), before, CREATININES, INDICATIONS, most=2)),
        *draw(rows(("ast", "alt"), later, ENZYMES, INDICATIONS, most=3)),
        *draw(rows(("ast", "alt"), before, ENZYMES, INDICATIONS, most=2)),
        *draw(rows(("fio2",), later, FRACTIONS, INDICATIONS, most=4)),
        *draw(rows(("fluid_bolus",), later, BOLUSES, INDICATIONS, (None, 30), most=4)),
    ]


@st.composite
def usual_organs(draw, clock, devices, starts):
    """What random rows seldom tell: a fraction beside its device, boluses about a low pressure, a result that soars
    while there is a fever."""
    start = draw(st.sampled_from(starts))
    steps = st.sampled_from(tuple(step for step in clock.steps if step >= 0))
    device = draw(st.sampled_from(devices))
    length = draw(st.sampled_from((None, *clock.lengths)))
    fractions = [row("fio2", start + draw(steps), None, *draw(st.sampled_from(FRACTIONS[:7])), None) for _ in range(2)]
    boluses = [row("fluid_bolus", start + draw(steps), None, 500, "mL", None) for _ in range(3)]
    pressure = row("systolic_bp", start + draw(steps), None, draw(st.sampled_from((84, 84, 110))), "mmHg", None)
    lab, soars, was = draw(st.sampled_from((
        ("ast", (801, 1200, 201, 121), (30, 30, 41, 250)),
        ("alt", (801, 1200, 201, 121), (30, 30, 41, 250)),
        ("creatinine", (7.3, 9, 3.7, 2), (0.9, 0.9, 2, 3.7)),
    )))  # fmt: skip
    labs = [
        row("temperature", start, None, 38.6, "degC", None),
        row(lab, start + draw(steps), None, draw(st.sampled_from(soars)), None, None),
        row(lab, -30, None, draw(st.sampled_from(was)), None, None),
    ]
    kind = draw(st.sampled_from(("fraction", "boluses", "labs", "all")))
    oxygen = row(device, start, length, *draw(st.sampled_from(FLOWS[:9])), None)
    return [
        *([oxygen, *fractions] if kind in ("fraction", "all") else ()),
        *([pressure, *boluses] if kind in ("boluses", "all") else ()),
        *(labs if kind in ("labs", "all") else ()),
    ]


@st.composite
def titrations(draw, clock, starts):
    """One or two vasopressors, perhaps beside vasopressin, up and down about the limits of high dose, with dips and
    stops about as long as those that are bridged, in units with and without the weight."""
    per_minute = st.sampled_from(((20, "ug/min"), (19.9, "ug/min"), (10, "ug/min"), (200, "ug/min"), (9.9, "ug/min")))
    per_kg = st.sampled_from(((0.2, "ug/kg/min"), (0.3, "ug/kg/min"), (10, "ug/kg/min"), (0.1, "ug/kg/min"), (20, None)))
    found = []
    for agent in draw(st.lists(st.sampled_from((*v.VASOPRESSORS[:4], "angiotensin_ii")), min_size=1, max_size=2)):
        minute = draw(st.sampled_from(starts))
        for _ in range(draw(st.integers(1, 4))):
            length = draw(st.sampled_from((*clock.lengths, *clock.limits[:8])))
            amount = draw(per_minute | per_kg)
            found.append(row(agent, minute, draw(st.sampled_from((length, length, None))), *amount, None))
            minute += length + draw(st.sampled_from((0, 0, 1, 10, 11, 30, 60, 61)))
    if draw(st.booleans()):
        length = draw(st.sampled_from((90, 400, None)))
        found.append(row("vasopressin", draw(st.sampled_from(starts)), length, 0.03, "U/min", None))
    if draw(st.booleans()):
        found.append(row("weight", -5, None, draw(st.sampled_from((50, 70, 100))), "kg", None))
    return found


@st.composite
def day_long_courses(draw, starts):
    """Vasopressors for about 24 h, in two parts with a gap between them."""
    start = draw(st.sampled_from(starts))
    first = draw(st.sampled_from((700, 1380, 1439, 1440)))
    gap = draw(st.sampled_from((0, 1, 10, 30, 60, 61)))
    rest = max(1, 1440 - first - gap + draw(st.sampled_from((0, 0, -1, 1))))
    agents = draw(st.sampled_from((("norepinephrine", "vasopressin"), ("phenylephrine", "phenylephrine"))))
    before = [row(agents[0], -10, 11, None, None, "baseline")] if draw(st.integers(0, 2)) == 1 else []
    return [
        *before,
        row(agents[0], start, first, None, None, None),
        row(agents[1], start + first + gap, rest, None, None, None),
    ]


@st.composite
def odd_rows(draw, clock, devices, agents, minutes):
    """Rows of every kind with every oddity of a chart."""
    lengths = (None, None, None, *clock.lengths, -QUARTER)
    return [
        *draw(rows(("temperature",), minutes, TEMPERATURES, INDICATIONS, most=6)),
        *draw(rows(("systolic_bp",), minutes, PRESSURES, INDICATIONS, most=4)),
        *draw(rows(devices, minutes, FLOWS, SUPPORT_INDICATIONS, lengths, most=3)),
        *draw(rows(agents, minutes, RATES, SUPPORT_INDICATIONS, lengths, most=5)),
        *draw(rows(("vasopressin",), minutes, VASOPRESSIN_RATES, SUPPORT_INDICATIONS, lengths, most=2)),
        *draw(rows((*v.ANTIPYRETICS, *v.ANTICYTOKINES), minutes, DOSE_AMOUNTS, INDICATIONS, most=2)),
        *draw(rows(("weight",), minutes, WEIGHTS, (None,), most=2)),
        *draw(bystander_rows(minutes)),
    ]


@st.composite
def nights(draw, clock, starts):
    """CPAP or BiPAP worn before the infusion, often over by then, and again afterwards."""
    flow = st.sampled_from(((5, "L/min"), (0, "L/min"), (None, None), (8, "L/min")))
    device = draw(st.sampled_from(v.WORN_AT_NIGHT))
    before, later = -draw(st.sampled_from(clock.limits)), draw(st.sampled_from(starts))
    return [
        row(device, before, draw(st.sampled_from((5, 1, None))), *draw(flow), None),
        row(device, later, draw(st.sampled_from(clock.lengths)), *draw(flow), None),
    ]


@st.composite
def weighed_baseline(draw, clock, starts):
    """A vasopressor before the infusion and again later, per minute, per kilogram, or pushed, with weights
    charted in those very minutes."""
    agent = draw(st.sampled_from(v.OTHER_VASOPRESSORS))
    begin, later = -draw(st.sampled_from(clock.limits)), draw(st.sampled_from(starts))
    rate = st.sampled_from(((3.5, "ug/min"), (7, "mcg/min"), (0.05, "ug/kg/min"), (0.21, "mg/h"), (None, None)))
    return [
        row(agent, begin, draw(st.sampled_from((1 - begin, None))), *draw(rate), None),
        row(agent, later, 30, *draw(rate), None),
        row("weight", begin, None, *draw(st.sampled_from(WEIGHTS)), None),
        row("weight", later, None, *draw(st.sampled_from(WEIGHTS)), None),
    ]


@st.composite
def rows_before_infusion(draw, clock, devices, agents, starts):
    """What was charted before time zero: baseline support, premedication, a fever that does not count."""
    first = draw(st.sampled_from(clock.limits) | st.integers(1, clock.lookback))
    minutes = [minute for minute in placed(clock, [-first, 0]) if minute < 0]
    lengths = (None, None, first, first + 1, *clock.lengths)
    vitals = TEMPERATURES[:2] + PRESSURES[:2]
    kind = draw(st.sampled_from(("any", "weighed", "nights")))
    return [
        *draw(rows(("temperature", "systolic_bp"), minutes, vitals, INDICATIONS, most=2)),
        *draw(rows(devices, minutes, FLOWS, SUPPORT_INDICATIONS, lengths, most=2)),
        *draw(rows((*agents, "vasopressin"), minutes, RATES, SUPPORT_INDICATIONS, lengths, most=2)),
        *draw(rows((*v.ANTIPYRETICS, *v.ANTICYTOKINES), minutes, DOSE_AMOUNTS, (None,), most=1)),
        *(draw(weighed_baseline(clock, starts)) if kind == "weighed" else ()),
        *(draw(nights(clock, starts)) if kind == "nights" else ()),
    ]


def one_weight_a_minute(observations):
    """The rows without a second weight in one minute: the semantics do not say which would count."""
    weighed, kept = set(), []
    for observation in observations:
        minute = minute_of(observation["start_hour"])
        if observation["concept"] != "weight" or minute not in weighed:
            kept.append(observation)
        if observation["concept"] == "weight":
            weighed.add(minute)
    return kept


@st.composite
def charts(draw, clock):
    """A subject and its observations."""
    anchor = st.integers(0, clock.horizon) | st.sampled_from(clock.limits)
    minutes = placed(clock, draw(st.lists(anchor, min_size=1, max_size=5)))
    devices = draw(some_of(v.OXYGEN))
    agents = draw(some_of((*v.OTHER_VASOPRESSORS[:3], *v.OTHER_VASOPRESSORS)))
    observations = draw(odd_rows(clock, devices, agents, minutes))
    if draw(st.integers(0, 3)):
        observations += draw(usual_courses(clock, devices, agents))
    if draw(st.booleans()):
        starts = [int(minute) for minute in minutes if minute >= 0]
        observations += draw(rows_before_infusion(clock, devices, agents, starts))
    if draw(st.booleans()):
        observations += draw(organ_rows(clock, minutes))
    if draw(st.integers(0, 2)) == 1:
        observations += draw(usual_organs(clock, devices, [abs(int(minute)) for minute in minutes]))
    if draw(st.integers(0, 2)) == 1:
        observations += draw(titrations(clock, [abs(int(minute)) for minute in minutes]))
    if draw(st.integers(0, 11)) == 1:
        observations += draw(day_long_courses([abs(int(minute)) for minute in minutes]))
    subject = draw(subjects(clock, minutes, observations))
    return {"subject": subject, "observations": one_weight_a_minute(observations)}


def choice_sets(alternatives):
    """A set of choices; what equals its default is left out."""
    drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in alternatives.items()})
    return drawn.map(lambda named: {name: value for name, value in named.items() if value != DEFAULTS[name]})


@dataclass(frozen=True)
class Batch:
    """Charts to be graded together under one set of choices."""

    choices: dict
    charts: list[dict]


def examples_of(strategy, count, number):
    """So many examples of a strategy, the same for the same number; its simplest one is left out."""
    found = []

    @seed(number)
    @settings(
        max_examples=count + 1,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found[1:]


def batch(clock, alternatives, size, number):
    """A batch of charts with its set of choices, the same for the same number."""
    choices = examples_of(choice_sets(alternatives), 10, number)[-1]
    return Batch(choices, examples_of(charts(clock_under(choices, clock)), size, number))


def fast_batch(size, number):
    """Charts of some hours, all durations scaled down."""
    return batch(FAST, FAST_CHOICES, size, number)


def default_batch(size, number):
    """Charts of some days under the choices as they stand, or nearly so."""
    return batch(DEFAULT, NEAR_DEFAULT_CHOICES, size, number)
