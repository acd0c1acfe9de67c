"""Sections 4 and 6: the criteria of the two systems, each true, false or unknown in every minute."""

from dataclasses import dataclass

from . import vocabulary as v

LOW_FLOW = 6


@dataclass
class Criterion:
    """'Each criterion is true, false or unknown, and is written to mean "at least this grade".'"""

    name: str
    grade: int
    is_support: bool
    truth: list[bool | None]


def any_of(truths):
    """True where one is true, else unknown where one is unknown."""
    truths = list(truths)
    if True in truths:
        return True
    return None if None in truths else False


def both(one, other):
    """False where one is false, else unknown where one is unknown."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def at_most_possible(truth):
    """What a device proves that is possible only: nothing, though it may be."""
    return False if truth is False else None


def some_device(piece):
    """'Hypoxia = any oxygen device.'"""
    return True


def low_flow_oxygen(piece):
    """'Nasal or high-flow cannula, blow-by at any flow'; 'a cannula with no flow proves 2';
    `oxygen_unspecified` 2."""
    return piece.concept in (*v.CANNULAS, "blow_by", "oxygen_unspecified")


def high_flow_or_mask(piece):
    """'Nasal flow > 6 L/min, any mask'; 'a cannula with no flow (ceiling 3), a high-flow cannula with no flow
    3, `oxygen_unspecified` above 6 L/min 3 (ceiling 4)'."""
    flow = piece.hold.charting.value
    if piece.concept in v.MASKS:
        return True
    if piece.concept == "oxygen_unspecified":
        return True if flow is not None and flow > LOW_FLOW else None
    if piece.concept in v.CANNULAS:
        if flow is None:
            return True if piece.concept == "high_flow_nasal_cannula" else None
        return flow > LOW_FLOW
    return False


def positive_pressure(piece):
    """'CPAP, BiPAP, invasive ventilation, ECMO'; `oxygen_unspecified` has ceiling 4."""
    if piece.concept == "oxygen_unspecified":
        return None
    return piece.concept in v.POSITIVE_PRESSURE


def oxygen_truth(asked, moments):
    """'Devices in force at once: the highest level.'"""
    return [
        any_of(asked(piece) if piece.counted else at_most_possible(asked(piece)) for piece in pieces)
        for pieces in moments.oxygen
    ]


def vasopressor_truth(moments, agents):
    """Does one of these agents run: counted, possibly, or not at all?"""
    agents_counted, agents_possible = moments.vasopressors.counted, moments.vasopressors.possible
    return [
        True if counted & agents else None if possible & agents else False
        for counted, possible in zip(agents_counted, agents_possible, strict=True)
    ]


def vasopressin_alone(moments):
    """'Vasopressin alone': it runs, and no other vasopressor is proven to."""
    vasopressin = vasopressor_truth(moments, {"vasopressin"})
    other = vasopressor_truth(moments, set(v.OTHER_VASOPRESSORS))
    return [False if with_other is True else alone for alone, with_other in zip(vasopressin, other, strict=True)]


def several_vasopressors(moments):
    """'Two or more at once, vasopressin not counted.'"""
    agents = moments.vasopressors
    return [
        True if minute in agents.several_proven else None if minute in agents.several_possible else False
        for minute in range(moments.last)
    ]


def astct_2019(moments, choices):
    """The table of section 4, in the order of the criteria."""
    alone = vasopressin_alone(moments)
    grade_alone = choices.vasopressin_alone_grade
    criteria = [
        Criterion("fever", 1, False, moments.fever),
        Criterion("hypotension", 2, True, moments.hypotension),
        Criterion("vasopressin_alone_2", 2, True, alone) if grade_alone in (2, 3) else None,
        Criterion("low_flow_oxygen", 2, True, oxygen_truth(low_flow_oxygen, moments)),
        Criterion("vasopressor", 3, True, vasopressor_truth(moments, set(v.OTHER_VASOPRESSORS))),
        Criterion("vasopressin_alone", 3, True, alone) if grade_alone == 3 else None,
        Criterion("high_flow_or_mask", 3, True, oxygen_truth(high_flow_or_mask, moments)),
        Criterion("several_vasopressors", 4, True, several_vasopressors(moments)),
        Criterion("positive_pressure", 4, True, oxygen_truth(positive_pressure, moments)),
    ]
    return [criterion for criterion in criteria if criterion]


def nccn_2022_as_cited(moments, choices):
    """The printed ladder: 'vasopressor = any, vasopressin included; hypoxia = any oxygen device; positive
    pressure = the hypoxia 4 column, ECMO included; fever = temperature in force; `vasopressin_alone_grade`
    plays no part'."""
    oxygen = oxygen_truth(some_device, moments)
    drug = vasopressor_truth(moments, set(v.VASOPRESSORS))
    support = [any_of(pair) for pair in zip(oxygen, drug, strict=True)]

    def with_fever(truths):
        return [both(fever, truth) for fever, truth in zip(moments.fever, truths, strict=True)]

    pressure = oxygen_truth(positive_pressure, moments)
    return [
        Criterion("fever", 1, False, moments.fever),
        Criterion("vasopressor_or_oxygen", 2, False, support),
        Criterion("fever_with_vasopressor_or_oxygen", 3, False, with_fever(support)),
        Criterion("fever_with_several_vasopressors", 4, False, with_fever(several_vasopressors(moments))),
        Criterion("fever_with_positive_pressure", 4, False, with_fever(pressure)),
    ]


SYSTEMS = {"astct_2019": astct_2019, "nccn_2022_as_cited": nccn_2022_as_cited}
