"""The listing of subjects: one row each, to be filtered, sorted and shown a page at a time by the scripts of the report."""

import json
from collections.abc import Mapping, Sequence

from pipeline.reports import words
from pipeline.reports.data import Row
from pipeline.reports.patients.ways import FOLDER, Ways

COLUMNS = ("no", "id", "status", "grade", "ceiling", "onset_day", "gap", "duration", "resolved", "flags", "site", "about")
"""The fields of a row. `ceiling` only where it is above the grade; `gap` in hours; `flags` in their own names."""

HEADS = (
    ("id", "Subject", False),
    ("status", "Status", False),
    ("grade", "Highest grade", False),
    ("onset_day", "Onset day", True),
    ("gap", "Gap, h", True),
    ("duration", "Duration, days", True),
    ("resolved", "End seen", False),
    ("site", "Site", False),
    ("flags", "Flags", False),
)
"""What the columns of the listing show: the field, its name, and whether it is a number."""


def section(
    subjects: Sequence[Row], episodes: Mapping[str, list[Row]], system: Row, choices: Mapping[str, Row], ways: Ways
) -> dict:
    """The listing under a system: its rows as JSON, and what it can be filtered by.

    subjects -- one row per subject, in the order of the listing
    """
    flag_words = words.flag_words(choices)
    rows = [_row(subject, _is_fatal(episodes, subject)) for subject in subjects]
    grades = sorted({subject["max_grade"] for subject in subjects if subject["max_grade"] is not None}, reverse=True)
    flags = sorted({flag for subject in subjects for flag in subject["flags"]})
    return {
        "number": len(rows),
        "system": system,
        "heads": [(COLUMNS.index(field), name, is_number) for field, name, is_number in HEADS],
        "json": json.dumps(
            {
                "columns": COLUMNS,
                "rows": [[row[name] for name in COLUMNS] for row in rows],
                "flags": {flag: flag_words.get(flag, flag.replace("_", " ")) for flag in flags},
                "folder": FOLDER if ways.in_folder else None,
                "digits": ways.digits,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ),
        "grades": _grades(grades, any(subject["max_grade"] is None for subject in subjects)),
        "statuses": sorted({row["status"] for row in rows}),
        "sites": sorted({row["site"] or "" for row in rows}),
        "flags": [(flag, flag_words.get(flag, flag.replace("_", " "))) for flag in flags],
        "in_folder": ways.in_folder,
    }


def _is_fatal(episodes: Mapping[str, list[Row]], subject: Row) -> bool | None:
    own = [one for one in episodes.get(subject["subject_id"], []) if one["system"] == subject["system"]]
    return own[0]["is_fatal"] if own else None


def _grades(found: Sequence[int], has_none: bool) -> list[tuple[str, str]]:
    """What can be asked for: value and words. `=` exactly, `+` or more."""
    more = [(f"+{grade}", f"grade {grade} or more") for grade in (2, 3) if any(one > grade for one in found)]
    exact = [(f"={grade}", f"grade {grade}" if grade else "none (grade 0)") for grade in found]
    return [*more, *exact, *([("none", "not evaluable")] if has_none else [])]


def _row(subject: Row, is_fatal: bool | None) -> dict:
    is_higher = (subject["max_ceiling"] or 0) > (subject["max_grade"] or 0)
    return {
        "no": subject["subject_no"],
        "id": subject["subject_id"],
        "status": words.terms(subject).status(subject["status"]),
        "grade": subject["max_grade"],
        "ceiling": subject["max_ceiling"] if is_higher else None,
        "onset_day": subject["onset_day"],
        "gap": None if subject["onset_gap_minutes"] is None else float(words.hours(subject["onset_gap_minutes"])),
        "duration": subject["duration_days"],
        "resolved": words.ending(subject["resolved"], is_fatal),
        "flags": subject["flags"],
        "site": subject["site"],
        "about": _about(subject),
    }


def _about(subject: Row) -> str:
    age = None if subject["age_years"] is None else f"{words.number(subject['age_years'])} years"
    return ", ".join(str(part) for part in (age, subject["sex"], subject["arm"], subject["product"]) if part)
