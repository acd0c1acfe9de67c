"""Section 4: from the criteria of a minute to its grade, its ceiling and its reasons."""

from dataclasses import dataclass

from .systems import any_of


@dataclass
class Minutes:
    """The verdict of each minute; `on_waiver_alone` where its grade rests on the waiver and nothing else."""

    grade: list[int]
    ceiling: list[int]
    because: list[list[str]]
    on_waiver_alone: list[bool]


def fever_or_substitute(moments):
    """'The temperature in force is >= 38.0; or a reading was less than 24 h ago; or the published waiver.'

    Unknown where the temperature in force is unknown and neither window nor waiver holds.
    """
    return [
        True if window or waiver else fever
        for fever, window, waiver in zip(moments.fever, moments.window, moments.waiver, strict=True)
    ]


def linked_minutes(support, opens):
    """'A stretch of support (both axes together, unbroken) counts from the first minute at which fever or its
    substitute holds, and once linked it counts until it stops.'"""
    linked, now = [], False
    for supported, opened in zip(support, opens, strict=True):
        now = supported and (now or opened)
        linked.append(now)
    return linked


def support_truth(criteria, last):
    """Per minute: is some criterion of support met, possible, or none?"""
    support = [criterion.truth for criterion in criteria if criterion.is_support]
    return [any_of(truth[minute] for truth in support) for minute in range(last)]


def weigh_minutes(moments, criteria):
    """'`grade` is the highest criterion met, 0 where none is: what the chart proves. `ceiling` is the highest
    that is met or unknown: what the chart cannot rule out. `because` names the criteria that were met.'"""
    support = support_truth(criteria, moments.last)
    proven = [truth is True for truth in support]
    opens = fever_or_substitute(moments)
    linked = linked_minutes(proven, [truth is True for truth in opens])
    possibly_linked = linked_minutes([truth is not False for truth in support], [truth is not False for truth in opens])
    febrile = [fever is True or window for fever, window in zip(moments.fever, moments.window, strict=True)]
    linked_by_fever = linked_minutes(proven, febrile)

    minutes = Minutes([], [], [], [])
    for minute in range(moments.last):
        met = [c for c in criteria if c.truth[minute] is True and (linked[minute] or not c.is_support)]
        not_excluded = [
            c for c in criteria if c.truth[minute] is not False and (possibly_linked[minute] or not c.is_support)
        ]
        minutes.grade.append(max((c.grade for c in met), default=0))
        minutes.ceiling.append(max((c.grade for c in not_excluded), default=0))
        minutes.because.append([c.name for c in met])
        minutes.on_waiver_alone.append(linked[minute] and not linked_by_fever[minute])
    return minutes
