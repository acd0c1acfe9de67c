"""Section 7: what laboratory results, boluses and fractions of oxygen say in each minute."""

from . import vocabulary as v
from .charting import exact
from .moments import in_force, since_latest, worst_by_minute


def any_truth(truths):
    """True where one is, else unknown where one is."""
    truths = list(truths)
    return True if True in truths else None if None in truths else False


def signs_of_crs(moments):
    """Per minute: 'fever, hypotension or hypoxia' in force; hypotension also as a vasopressor, hypoxia as oxygen."""
    truths = []
    for minute in range(moments.last):
        drugs = moments.vasopressors
        drug = True if drugs.counted[minute] else None if drugs.possible[minute] else False
        pieces = moments.oxygen[minute]
        oxygen = True if any(piece.counted for piece in pieces) else None if pieces else False
        truths.append(any_truth((moments.fever[minute], moments.hypotension[minute], drug, oxygen)))
    return truths


def near_crs(moments, choices):
    """'Only within 72 h of the last fever, hypotension or hypoxia': proven, and possible."""
    signs = signs_of_crs(moments)
    proven = {minute for minute, truth in enumerate(signs) if truth is True}
    possible = {minute for minute, truth in enumerate(signs) if truth is not False}
    within = choices.organ_window + 1
    return since_latest(proven, within, moments.last), since_latest(possible, within, moments.last)


def ctcae_creatinine(value, upper_limit, baseline):
    """'2 > 1.5, 3 > 3.0, 4 > 6.0 x ULN, or > 1.5 / > 3.0 x baseline for 2 / 3'; 1 above the upper limit."""
    times, rise = value / upper_limit, value / baseline if baseline else 0
    grades = [
        1 if times > 1 else 0,
        2 if times > exact(1.5) or rise > exact(1.5) else 0,
        3 if times > 3 or rise > 3 else 0,
        4 if times > 6 else 0,
    ]
    return max(grades)


def ctcae_transaminases(value, upper_limit, baseline):
    """'AST/ALT: 2 > 3, 3 > 5, 4 > 20 x ULN'; 1 above the upper limit."""
    times = value / upper_limit
    return sum(times > limit for limit in (1, 3, 5, 20))


def baseline_of(chart, concept):
    """'Last value before time zero', whatever its indication; of one minute the worst, those that count first."""
    before = [row for row in chart if row.concept == concept and row.start < 0]
    latest = [row for row in before if row.start == max(other.start for other in before)]
    counting = [row.value for row in latest if row.graded] or [row.value for row in latest]
    return max(counting, default=None)


def lab_grades(moments, choices, concept, grade_of, upper_limit):
    """Per minute the organ grade of one laboratory value, proven and possible: 'only above the grade of the
    baseline'; 'labs hold 72 h'. With no result, or no baseline to compare with, it is 0, or by choice unknown."""
    upper_limit = exact(upper_limit)
    baseline = baseline_of(moments.chart, concept)
    before = 0 if baseline is None else grade_of(baseline, upper_limit, None)
    results = in_force(worst_by_minute(moments.chart, concept, max), choices.labs_hold, moments.last)
    unknown_counts = choices.uncharted_labs_lift_ceiling == 1
    proven, possible = [], []
    for charted, value in zip(results.charted, results.value, strict=True):
        if charted is None:
            proven.append(0)
            possible.append(4 if unknown_counts else 0)
            continue
        grade = 0 if value is None else grade_of(value, upper_limit, baseline)
        highest = grade
        if unknown_counts and value is not None and not baseline and concept == "creatinine":
            highest = max(grade, 3)
        proven.append(grade if grade > before else 0)
        possible.append(highest if highest > before else 0)
    return proven, possible


class Organs:
    """Creatinine and transaminases: their grades at least and at most, minute by minute."""

    def __init__(self, moments, choices):
        self.last = moments.last
        self.near, self.maybe_near = near_crs(moments, choices)
        self.creatinine = lab_grades(
            moments, choices, "creatinine", ctcae_creatinine, choices.creatinine_upper_limit
        )
        ast = lab_grades(moments, choices, "ast", ctcae_transaminases, choices.ast_upper_limit)
        alt = lab_grades(moments, choices, "alt", ctcae_transaminases, choices.alt_upper_limit)
        self.transaminases = tuple(
            [max(pair) for pair in zip(one, other, strict=True)] for one, other in zip(ast, alt, strict=True)
        )

    def at_least(self, organ, grade):
        """Is the organ at this grade: true, unknown, false?"""
        proven, possible = getattr(self, organ)
        return [
            True
            if self.near[minute] and proven[minute] >= grade
            else None
            if self.maybe_near[minute] and possible[minute] >= grade
            else False
            for minute in range(self.last)
        ]


def several_boluses(moments, choices):
    """'>= 2 fluid boluses in 24 h with a low pressure within 6 h.'"""
    given = {
        row.start
        for row in moments.chart
        if row.concept == "fluid_bolus" and row.graded and row.given and 0 <= row.start < moments.last
    }
    near = choices.bolus_low_pressure_within
    proven, possible = set(), set()
    for minute in given:
        around = moments.hypotension[max(0, minute - near) : minute + near + 1]
        if True in around:
            proven.add(minute)
        if any(low is not False for low in around):
            possible.add(minute)

    def recent(boluses, minute):
        return sum(bolus <= minute < bolus + choices.bolus_window for bolus in boluses)

    return [
        True if recent(proven, minute) >= 2 else None if recent(possible, minute) >= 2 else False
        for minute in range(moments.last)
    ]


def fraction_bounds(piece, charted, choices):
    """(at least, at most) of the fraction of oxygen that a device gives."""
    flow, device = piece.hold.charting.value, piece.concept
    if charted is not None:
        return charted, charted
    if choices.fio2_from_flow == 0:
        return 0, 1
    if device == "nasal_cannula" and flow is not None and flow <= choices.fio2_estimated_to_l_min:
        estimate = exact(choices.fio2_with_no_flow) + exact(choices.fio2_per_l_min) * flow
        return (estimate if flow < choices.fio2_doubtful_from_l_min else 0), estimate
    if device == "non_rebreather_mask":
        return exact(choices.fio2_mask_at_least), 1
    if device == "face_mask" and flow is not None and flow >= choices.fio2_mask_from_l_min:
        return exact(choices.fio2_mask_at_least), 1
    return 0, 1


def high_oxygen(moments, choices):
    """'FiO2 >= 0.40': the charted one, which goes with the oxygen in force when it was charted, else estimated."""
    readings = worst_by_minute(moments.chart, "fio2", max)
    truths, latest = [], None
    for minute in range(moments.last):
        latest = minute if minute in readings else latest
        met = []
        for piece in moments.oxygen[minute]:
            belongs = latest is not None and piece.hold.in_force(latest)
            low, high = fraction_bounds(piece, readings[latest] if belongs else None, choices)
            reached = (low if piece.counted else 0) >= exact(0.4)
            met.append(True if reached else None if high >= exact(0.4) else False)
        truths.append(any_truth(met))
    return truths


def of_device(moments, devices):
    """Does one of these devices count; unknown where it may, as under oxygen with no named device."""
    truths = []
    for pieces in moments.oxygen:
        named = [piece for piece in pieces if piece.concept in devices]
        maybe = named or [piece for piece in pieces if piece.concept == "oxygen_unspecified"]
        truths.append(True if any(piece.counted for piece in named) else None if maybe else False)
    return truths


VENTILATION = ("invasive_ventilation", "ecmo")
PRESSURE = v.POSITIVE_PRESSURE
