"""The course of every patient as compact JSON: one text per patient, and the words that all of them share.

SQL makes the JSON (one query per part, for all patients at once); here the parts are put together.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline.reports import data, words
from pipeline.reports.data import Row
from pipeline.reports.figures import house, swimmer

FOLDER = Path(__file__).parent

BEFORE = words.MINUTES_PER_DAY
"""Minutes before the infusion from which chartings are shown: a day, as the windows of baseline and early fever."""

DENSE = 1000
"""Readings of one vital of one patient that are all drawn; more than there are points on a screen tell no more."""

BITS = 32
"""Of a number that holds a value and a minute, those of the minute: enough for eight thousand years."""

PARAMETERS = {"readings": ("before", "dense", "room", "bits"), "support": ("before",), "doses": ("before",)}
"""What a part is asked with; the others need nothing."""

VALUES = {"before": BEFORE, "dense": DENSE, "room": 2**BITS, "bits": BITS}

SYSTEM_FIELDS = ("name", "short_citation", "misprint")
CRITERION_FIELDS = ("grade", "criterion", "words", "place")


def payloads(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, str]]:
    """By subject number: subject id and the JSON of the course. The same cohort gives the same text."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE deciding AS {_select('deciding')}")
    parts: dict[int, dict[str, object]] = {}
    ids = {}
    for number, subject, said in _asked(connection, "subjects"):
        ids[number] = subject
        parts[number] = {"subject": said, "readings": {}, "outcomes": {}, "verdicts": {}}
    for number, concept, said in _asked(connection, "readings"):
        parts[number]["readings"][concept] = said
    for name in ("outcomes", "verdicts"):
        for system, number, said in _asked(connection, name):
            parts[number][name][system] = said
    for name in ("support", "doses", "changes", "records"):
        for number, said in _asked(connection, name):
            parts[number][name] = said
    connection.execute("DROP TABLE deciding")
    return {number: (ids[number], _object(part)) for number, part in parts.items()}


def _select(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _asked(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    given = {key: VALUES[key] for key in PARAMETERS.get(name, ())}
    return connection.execute(_select(name), given).fetchall()


def _object(part: Mapping) -> str:
    """A JSON object of names and values that are JSON, or objects of such."""
    inside = (f"{json.dumps(name)}:{_object(held) if isinstance(held, Mapping) else held}" for name, held in part.items())
    return "{" + ",".join(inside) + "}"


def shared(
    connection: duckdb.DuckDBPyConnection, systems: Sequence[Row], choices: Mapping[str, Row], stand_in: str | None
) -> dict:
    """What the courses of all patients are told with: systems, criteria, reasons, concepts, flags, limits, colours."""
    return {
        "systems": [{"id": one["system"], **{name: one[name] for name in SYSTEM_FIELDS}} for one in systems],
        "criteria": {
            one["system"]: {
                row["criterion_no"]: [row[name] for name in CRITERION_FIELDS]
                for row in data.criteria(connection, one["system"])
            }
            for one in systems
        },
        "reasons": dict(connection.execute("SELECT reason_no, because FROM grading.reasons ORDER BY reason_no").fetchall()),
        "concepts": {
            row["concept"]: [row["concept"].replace("_", " ").replace(" bp", " pressure"), row["family"], row["unit"]]
            for row in data.rows(connection, "SELECT concept, family, unit FROM staging.concepts ORDER BY concept_no")
        },
        "flags": words.flag_words(choices),
        "fever": _fever(systems),
        "holds": {
            "temperature": choices["temperature_holds_h"]["value"] * 60,
            "systolic_bp": choices["blood_pressure_holds_h"]["value"] * 60,
            "spo2": choices["blood_pressure_holds_h"]["value"] * 60,
        },
        "window": choices["observed_window_d"]["value"],
        "days": words.DAYS,
        "standIn": stand_in,
        "terms": _terms(stand_in),
        "house": {
            "grades": house.GRADE_COLOURS,
            "inks": house.GRADE_INKS,
            "ink": house.INK,
            "faint": house.FAINT,
            "rule": house.RULE,
            "line": house.LINE,
            "outside": house.OUTSIDE,
            "unknown": house.UNKNOWN,
            "resolved": house.RESOLVED,
            "treatment": house.TREATMENT,
            "otherDeath": swimmer.OTHER_DEATH.colour,
            "font": house.FONT,
            "config": house.CONFIG,
        },
    }


def _fever(systems: Sequence[Row]) -> float | None:
    """The limit of a fever, which all systems of a run share."""
    found = re.search(r"temperature\s*>=\s*([\d.]+)", systems[0]["fever"])
    return float(found.group(1)) if found else None


def _terms(stand_in: str | None) -> dict[str, str]:
    terms = words.STAND_IN if stand_in else words.INFUSED
    return {status: terms.status(status) for status in ("crs", "no_crs", "not_evaluable")}
