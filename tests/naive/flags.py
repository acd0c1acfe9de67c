"""Section 5: the closed list of flags."""

from .episodes import day_of
from .moments import FEVER


def fever_before_infusion(moments, choices):
    """'A reading >= 38.0 in the 24 h before.'"""
    return any(
        row.concept == "temperature" and -choices.fever_before_infusion <= row.start < 0 and row.value >= FEVER
        for row in moments.chart
    )


def baseline_support(moments):
    """Some graded support after time zero was set aside for a baseline."""
    return any(piece.baseline and piece.hold.end > 0 and moments.last > 0 for piece in moments.pieces)


def vasopressin_only(moments, in_episode):
    """Somewhere in an episode vasopressin counts and no other vasopressor does."""
    return any(moments.vasopressors.counted[minute] == {"vasopressin"} for minute in in_episode)


def single_reading(moments, minutes, criteria, in_episode, max_grade):
    """'The highest grade rests on one reading': only fever or low pressure is met of that grade, and one
    reading is in force all the while."""
    vital = {1: ("fever", moments.temperature), 2: ("hypotension", moments.pressure)}.get(max_grade)
    if vital is None:
        return False
    name, reading = vital
    of_grade = {criterion.name for criterion in criteria if criterion.grade == max_grade}
    highest = [minute for minute in in_episode if minutes.grade[minute] == max_grade]
    only_this = all(of_grade & set(minutes.because[minute]) == {name} for minute in highest)
    return only_this and len({reading.charted[minute] for minute in highest}) == 1


def flags_of(subject, moments, minutes, criteria, course, numbers, choices):
    """The flags of a subject, sorted."""
    in_episode = [minute for minute, number in enumerate(numbers) if number is not None]
    onset_days = [day_of(episode.onset, subject) for episode in course.episodes if episode.onset is not None]
    max_grade = max((episode.max_grade for episode in course.episodes), default=0)
    raised = {
        "late_onset": any(day > choices.late_onset_d for day in onset_days),
        "late_event": course.late_event,
        "support_without_fever": course.support_without_fever,
        "fever_before_infusion": fever_before_infusion(moments, choices),
        "baseline_support": baseline_support(moments),
        "vasopressin_only": vasopressin_only(moments, in_episode),
        "waiver_used": any(minutes.on_waiver_alone[minute] for minute in in_episode),
        "single_reading": single_reading(moments, minutes, criteria, in_episode, max_grade),
        "presumed_hold": any(moments.presumed[minute] for minute in in_episode),
        "short_followup": moments.last < choices.observed_window,
    }
    return sorted(name for name, is_raised in raised.items() if is_raised)
