"""Section 5: from minutes to episodes."""

import math
from dataclasses import dataclass

from .charting import is_missing, minute_of

CRS_DEATH = 5


@dataclass
class Episode:
    """`[onset, end)`; onset is None for a death from CRS that no episode leads up to."""

    onset: int | None
    end: int
    max_grade: int
    first_max_minute: int
    crs_minutes: int


@dataclass
class Course:
    """The episodes that count, and what was seen of those that do not."""

    episodes: list[Episode]
    late_event: bool
    support_without_fever: bool


def day_of(minute, subject):
    """'Calendar day: floor((minute + minute_of_day_of_infusion) / 1440), floor also below zero. The infusion
    day is day 0.'"""
    return math.floor((minute + (subject.get("infusion_minute_of_day") or 0)) / 1440)


def cdisc_day(day):
    """'The CDISC day (no day 0: `day + 1` from the infusion day on).'"""
    return day + 1 if day >= 0 else day


def chains_of(grades, gap):
    """'Stretches of grade >= 1 at most 7 days apart (end to start, 7 days exactly included) are one episode;
    quiet or unknown hours between them do not end it.' Each chain as its graded minutes."""
    chains = []
    for minute, grade in enumerate(grades):
        if grade == 0:
            continue
        if chains and minute - (chains[-1][-1] + 1) <= gap:
            chains[-1].append(minute)
        else:
            chains.append([minute])
    return chains


def episode_of(chain, onset, grades):
    """'An episode opens with its first fever in force: what stands before it in its chain is not CRS.'"""
    graded = [minute for minute in chain if minute >= onset]
    highest = max(grades[minute] for minute in graded)
    first = next(minute for minute in graded if grades[minute] == highest)
    return Episode(onset, graded[-1] + 1, highest, first, len(graded))


def death_from_crs(subject):
    """The minute of a death adjudicated to CRS. It 'counts all the same, even after the end of follow-up'."""
    if subject.get("death_cause") != "crs" or is_missing(subject.get("death_hour")):
        return None
    return minute_of(subject["death_hour"])


def with_death(episodes, death, moments, gap):
    """'Death adjudicated to CRS makes the last episode that counts (still open, or ended at most
    `episode_gap_d` before) grade 5 and ends it at death; with no such episode it is an episode of its own
    with no onset and no duration, `crs_hours` 0, its highest grade at the minute of death.'

    Still open: it was graded up to the end of follow-up, however long before the death that was.
    """
    if episodes and (episodes[-1].end == moments.cut or death - episodes[-1].end <= gap):
        last = episodes[-1]
        return [*episodes[:-1], Episode(last.onset, death, CRS_DEATH, death, last.crs_minutes)]
    return [*episodes, Episode(None, death, CRS_DEATH, death, 0)]


def course_of(subject, moments, minutes, choices):
    """All episodes. 'A chain without any fever is no episode. Each episode's onset must lie before
    `onset_window_d` x 24 h, else it is not CRS.'"""
    course = Course([], late_event=False, support_without_fever=False)
    for chain in chains_of(minutes.grade, choices.episode_gap):
        onset = next((minute for minute in chain if moments.fever[minute] is True), None)
        if onset is None:
            course.support_without_fever = True
        elif onset >= choices.onset_window:
            course.late_event = True
        else:
            course.episodes.append(episode_of(chain, onset, minutes.grade))
    death = death_from_crs(subject)
    if death is not None:
        course.episodes = with_death(course.episodes, death, moments, choices.episode_gap)
    return course


def is_resolved(episode, moments, choices):
    """'A temperature, graded or not, was charted in `[end, end + 24 h)`, under observation, and no presumed
    hold of a counting device or infusion ends in that minute.'"""
    charted = [row.start for row in moments.chart if row.concept == "temperature"]
    looked = any(episode.end <= minute < episode.end + choices.resolved_within for minute in charted)
    return looked and episode.end not in moments.presumed_ends


def episode_row(number, episode, subject, moments, choices):
    """One row of `episodes.episodes`. '`duration_days = end_day - onset_day + 1`; `duration_hours = (end -
    onset) / 60`; `crs_hours` = hours graded 1 or more inside the episode.'"""
    opened = episode.onset is not None
    onset_day = day_of(episode.onset, subject) if opened else None
    end_day = day_of(episode.end, subject)
    return {
        "episode": number,
        "onset_minute": episode.onset,
        "onset_day": onset_day,
        "end_minute": episode.end,
        "end_day": end_day,
        "duration_days": end_day - onset_day + 1 if opened else None,
        "duration_hours": (episode.end - episode.onset) / 60 if opened else None,
        "crs_hours": episode.crs_minutes / 60,
        "max_grade": episode.max_grade,
        "first_max_minute": episode.first_max_minute,
        "resolved": is_resolved(episode, moments, choices),
    }


def episode_of_minutes(episodes, last):
    """Per minute the number of its episode, its quiet hours included; None outside."""
    numbers = [None] * last
    for number, episode in enumerate(episodes, start=1):
        if episode.onset is not None:
            for minute in range(episode.onset, min(episode.end, last)):
                numbers[minute] = number
    return numbers
