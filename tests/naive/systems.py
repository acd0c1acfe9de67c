"""Sections 4, 6 and 7: the criteria of the systems, each true, false or unknown in every minute."""

from dataclasses import dataclass

from . import vocabulary as v
from .doses import high_dose, hours_of_course
from .organs import PRESSURE, VENTILATION, Organs, high_oxygen, of_device, several_boluses

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


def either(one, other):
    """Two criteria that stand for the same grade."""
    return [any_of(pair) for pair in zip(one, other, strict=True)]


def undecided(truths):
    """'A criterion that no data can decide lifts the ceiling where the state is compatible with it.'"""
    return [at_most_possible(truth) for truth in truths]


def any_vasopressor(moments):
    """One of them, vasopressin counted."""
    return vasopressor_truth(moments, set(v.VASOPRESSORS))


def several_with_vasopressin(moments):
    """'Several vasopressors (vasopressin counted).'"""
    agents = moments.vasopressors
    return [
        True
        if minute in agents.several_with_vasopressin_proven
        else None
        if minute in agents.several_with_vasopressin_possible
        else False
        for minute in range(moments.last)
    ]


def for_24_hours(moments, choices):
    """'Any vasopressor >= 24 h.'"""
    proven = hours_of_course(moments.vasopressors.counted, choices)
    possible = hours_of_course(moments.vasopressors.possible, choices)
    return [
        True if sure >= 24 else None if perhaps >= 24 else False
        for sure, perhaps in zip(proven, possible, strict=True)
    ]


def free(name, grade, truth):
    """A criterion of a system that links nothing: 'each opens with a fever and then needs none'."""
    return Criterion(name, grade, False, truth)


def oxygen_of_40_percent(moments, choices):
    """'FiO2 >= 0.40, CPAP/BiPAP.'"""
    return either(high_oxygen(moments, choices), of_device(moments, PRESSURE))


def lee_2014(moments, choices):
    """The row of section 7, in the order of the criteria."""
    organs = Organs(moments, choices)
    return [
        free("fever", 1, moments.fever),
        free("hypotension", 2, moments.hypotension),
        free("vasopressor", 2, any_vasopressor(moments)),
        free("oxygen", 2, oxygen_truth(some_device, moments)),
        free("organ_toxicity_2", 2, either(organs.at_least("creatinine", 2), organs.at_least("transaminases", 2))),
        free("several_vasopressors", 3, several_with_vasopressin(moments)),
        free("high_dose_vasopressor", 3, high_dose(moments, choices, "lee")),
        free("high_oxygen", 3, oxygen_of_40_percent(moments, choices)),
        free("organ_toxicity_3", 3, either(organs.at_least("creatinine", 3), organs.at_least("transaminases", 3))),
        free("ventilation", 4, of_device(moments, VENTILATION)),
        free("organ_toxicity_4", 4, organs.at_least("creatinine", 4)),
    ]


def penn_2018(moments, choices):
    """The row of section 7. Plasma is compatible with organ dysfunction only: grade 3 excludes a fever alone."""
    organs = Organs(moments, choices)
    creatinine_2, transaminases_3 = organs.at_least("creatinine", 2), organs.at_least("transaminases", 3)
    return [
        free("fever", 1, moments.fever),
        free("creatinine_2", 2, creatinine_2),
        free("transaminases_3", 2, transaminases_3),
        free("hospitalised", 2, undecided(moments.fever)),
        free("several_boluses", 3, several_boluses(moments, choices)),
        free("vasopressor", 3, any_vasopressor(moments)),
        free("oxygen", 3, oxygen_truth(some_device, moments)),
        free("creatinine_3", 3, organs.at_least("creatinine", 3)),
        free("transaminases_4", 3, organs.at_least("transaminases", 4)),
        free("coagulopathy", 3, undecided(either(creatinine_2, transaminases_3))),
        free("high_dose_vasopressor", 4, high_dose(moments, choices, "penn")),
        free("ventilation", 4, of_device(moments, VENTILATION)),
    ]


def mskcc_2018(moments, choices):
    """The row of section 7, with Lee's doses for what is refractory to a high one."""
    return [
        free("fever", 1, moments.fever),
        free("vasopressor", 2, any_vasopressor(moments)),
        free("oxygen", 2, oxygen_truth(some_device, moments)),
        free("vasopressor_24_h", 3, for_24_hours(moments, choices)),
        free("high_oxygen", 3, oxygen_of_40_percent(moments, choices)),
        free("ventilation", 4, of_device(moments, VENTILATION)),
        free("refractory_hypotension", 4, undecided(high_dose(moments, choices, "lee"))),
    ]


def cartox_2018(moments, choices):
    """The row of section 7, with Lee's doses."""
    organs = Organs(moments, choices)

    def organ(grade):
        return either(organs.at_least("creatinine", grade), organs.at_least("transaminases", grade))

    return [
        free("fever", 1, moments.fever),
        free("organ_toxicity_1", 1, organ(1)),
        free("hypotension", 2, moments.low_for_cartox),
        free("vasopressor", 2, any_vasopressor(moments)),
        free("oxygen", 2, oxygen_truth(some_device, moments)),
        free("organ_toxicity_2", 2, organ(2)),
        free("several_vasopressors", 3, several_with_vasopressin(moments)),
        free("high_dose_vasopressor", 3, high_dose(moments, choices, "lee")),
        free("high_oxygen", 3, oxygen_of_40_percent(moments, choices)),
        free("organ_toxicity_3", 3, organ(3)),
        free("ventilation", 4, of_device(moments, VENTILATION)),
        free("organ_toxicity_4", 4, organs.at_least("creatinine", 4)),
    ]


def ctcae_5(moments, choices):
    """The row of section 7."""
    return [
        free("fever", 1, moments.fever),
        free("hypotension", 2, moments.hypotension),
        free("oxygen", 2, oxygen_truth(some_device, moments)),
        free("vasopressor", 3, any_vasopressor(moments)),
        free("high_oxygen", 3, high_oxygen(moments, choices)),
        free("several_vasopressors", 4, several_with_vasopressin(moments)),
        free("positive_pressure", 4, of_device(moments, PRESSURE)),
    ]


SYSTEMS = {
    "astct_2019": astct_2019,
    "cartox_2018": cartox_2018,
    "ctcae_5": ctcae_5,
    "lee_2014": lee_2014,
    "mskcc_2018": mskcc_2018,
    "nccn_2022_as_cited": nccn_2022_as_cited,
    "penn_2018": penn_2018,
}
