"""The listing of subjects: one entry each, in words, with the episodes it opens to."""

from collections.abc import Mapping, Sequence

from pipeline.reports import words
from pipeline.reports.data import Row


def listing(
    subjects: Sequence[Row], episodes: Mapping[str, list[Row]], systems: Sequence[Row], choices: Mapping[str, Row]
) -> list[dict]:
    """One entry per subject, in words."""
    flag_words = words.flag_words(choices)
    names = {system["system"]: system["name"] for system in systems}
    return [_entry(subject, episodes.get(subject["subject_id"], []), flag_words, names) for subject in subjects]


def _entry(subject: Row, episodes: Sequence[Row], flag_words: Mapping[str, str], names: Mapping[str, str]) -> dict:
    offset = subject["infusion_minute_of_day"]
    own = [episode for episode in episodes if episode["system"] == subject["system"]]
    is_fatal = own[0]["is_fatal"] if own else None
    return {
        "id": subject["subject_id"],
        "status": words.terms(subject).status(subject["status"]),
        "grade": subject["max_grade"],
        "none": "none" if subject["max_grade"] == 0 else words.DASH,
        "ceiling": subject["max_ceiling"] if (subject["max_ceiling"] or 0) > (subject["max_grade"] or 0) else None,
        "onset_day": subject["onset_day"],
        "duration": subject["duration_days"],
        "resolved": words.ending(subject["resolved"], is_fatal),
        "flags": [flag_words.get(flag, flag.replace("_", " ")) for flag in subject["flags"]],
        "about": _about(subject),
        "unknown": f"{subject['hours_unknown']:.1f}",
        "command": words.explain_command(subject["subject_id"]),
        "episodes": [
            {
                "system": names[episode["system"]],
                "number": episode["episode"],
                "grade": episode["max_grade"],
                "onset": _onset(episode, offset),
                "highest": words.clock(episode["first_max_minute"], offset),
                "end": words.clock(episode["end_minute"], offset),
                "days": words.number(episode["duration_days"]),
                "hours": f"{episode['crs_hours']:.1f}",
                "resolved": words.ending(episode["resolved"], episode["is_fatal"]),
            }
            for episode in sorted(episodes, key=lambda one: (list(names).index(one["system"]), one["episode"]))
        ],
    }


def _onset(episode: Row, offset: int) -> str:
    """day 2 10:00, gap 1.8 h: when, and how long before it the last temperature without it was charted."""
    gap = episode["onset_gap_minutes"]
    return words.clock(episode["onset_minute"], offset) + ("" if gap is None else f", gap {gap / 60:.1f} h")


def _about(subject: Row) -> str:
    age = None if subject["age_years"] is None else f"{subject['age_years']:g} years"
    return ", ".join(
        str(part) for part in (age, subject["sex"], subject["site"], subject["arm"], subject["product"]) if part
    )
