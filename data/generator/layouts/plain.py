"""The plain cohort: what every layout can carry, in canonical units and minutes since the infusion.

It is read from the staging of a cohort in `tidy`, and simplified:
- what stands in no chart of a hospital goes: indications, sites, arms, products, causes of death, recorded grades;
- what is charted twice in one minute with one amount stands there once;
- a dose and a bolus have no end;
- the end of an oxygen device becomes room air in that minute, unless a device is charted then;
- an infusion that goes on for longer than RECHARTED_MIN is charted again, at the same rate, as often as that.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

WITHOUT_END = ("antipyretic", "anticytokine", "corticosteroid", "fluid")
INFUSIONS = ("vasopressor", "vasopressin", "inotrope")
RECHARTED_MIN = 720


class Subject(NamedTuple):
    """A patient, with the minutes since the infusion at which life and observation end."""

    subject_id: str
    infusion: datetime
    age_years: int | None
    sex: str | None
    death_minute: int | None
    followup_end_minute: int | None


class Charting(NamedTuple):
    """A reading, or a device, infusion or dose with its amount in the canonical unit, if that is known."""

    subject_id: str
    concept: str
    start_minute: int
    end_minute: int | None
    value: float | None
    unit: str
    family: str


class Plain(NamedTuple):
    """Subjects by id; chartings by subject, minute and concept."""

    subjects: list[Subject]
    observations: list[Charting]

    def without(self, concepts) -> "Plain":
        """The same cohort, with some concepts never charted."""
        return Plain(self.subjects, [one for one in self.observations if one.concept not in concepts])


def at(subject: Subject, minute: int) -> datetime:
    """The clock at a minute since the infusion."""
    return subject.infusion + timedelta(minutes=minute)


def text(value: float | None) -> str:
    """A number in the fewest digits that give it back to the last bit, empty where there is none."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def of_folder(folder: Path) -> Plain:
    """The plain cohort of a folder of `tidy`, by way of the staging of the pipeline."""
    from pipeline import choices, flow
    from pipeline.api import connect
    from pipeline.grading import rules
    from pipeline.sources import tidy

    with connect() as connection:
        systems = rules.read_systems()
        flow.prepare(connection, choices.defaults(), systems)
        tidy.read(connection, folder)
        for model in flow.ordered_models(systems):
            if model.room == "staging":
                flow.make(connection, model)
        return of_staging(connection)


def of_staging(connection: duckdb.DuckDBPyConnection) -> Plain:
    """The plain cohort of a connection in which the room `staging` is built."""
    subjects = connection.execute(
        "SELECT subject_id, infusion_clock, floor(age_years)::INTEGER, sex, death_minute, followup_end_minute "
        "FROM staging.subjects JOIN staging.infusions USING (subject_id) ORDER BY subject_id"
    ).fetchall()
    rows = connection.execute(
        "SELECT DISTINCT o.subject_id, o.concept, o.start_minute, "
        f"CASE WHEN k.family NOT IN {WITHOUT_END} THEN o.end_minute END, o.value, o.unit, k.family "
        "FROM staging.observations AS o JOIN staging.concepts AS k ON k.concept = o.concept"
    ).fetchall()
    chartings = _recharted(_with_room_air([Charting(*row) for row in rows]))
    return Plain([Subject(*row) for row in subjects], sorted(chartings, key=_in_time))


def _in_time(one: Charting) -> tuple:
    return one.subject_id, one.start_minute, one.concept, one.value is not None, one.value, one.end_minute or 0


def _with_room_air(chartings: list[Charting]) -> list[Charting]:
    """Oxygen devices without their ends, and room air where one ended and no other was charted."""
    charted = {(one.subject_id, one.start_minute) for one in chartings if one.family == "oxygen"}
    plain = []
    for one in chartings:
        if one.family == "oxygen" and one.end_minute is not None:
            moment = (one.subject_id, one.end_minute)
            if moment not in charted:
                charted.add(moment)
                plain.append(Charting(one.subject_id, "room_air", one.end_minute, None, None, one.unit, one.family))
            one = one._replace(end_minute=None)
        plain.append(one)
    return plain


def _recharted(chartings: list[Charting]) -> list[Charting]:
    """Long infusions as several rows that touch."""
    plain = []
    for one in chartings:
        while one.family in INFUSIONS and one.end_minute is not None and one.end_minute - one.start_minute > RECHARTED_MIN:
            middle = one.start_minute + RECHARTED_MIN
            plain.append(one._replace(end_minute=middle))
            one = one._replace(start_minute=middle)
        plain.append(one)
    return plain
