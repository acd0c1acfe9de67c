"""The ladders as published, beside the SQL that runs; for the report and for whoever reads the rules in a notebook."""

import re
from dataclasses import dataclass

import duckdb

from pipeline.reports import data
from pipeline.reports.data import Row


@dataclass(frozen=True)
class Rung:
    """One criterion: as published, and as it runs."""

    criterion: str
    grade: int
    words: str
    place: str
    condition: str
    sql: str
    is_misprint: bool
    is_computable: bool
    is_verified: bool


@dataclass(frozen=True)
class Ladder:
    """One grading system: its record and its criteria, lowest grade first."""

    record: Row
    rungs: tuple[Rung, ...]

    @property
    def linking(self) -> str:
        """How support and episodes are tied to a fever, in words."""
        opens = "An episode opens with a fever." if self.record["onset_fever_required"] else "An episode needs no fever."
        if self.record["linking"]:
            return (
                "Support counts from the first minute at which a fever, a recent fever or its waiver holds, and once "
                f"linked it counts until it stops. {opens}"
            )
        return f"Nothing is linked: each criterion is judged by what is in force at that minute. {opens}"


def ladders(connection: duckdb.DuckDBPyConnection) -> list[Ladder]:
    """Every system of the run."""
    return [
        Ladder(system, tuple(_rung(row) for row in data.criteria(connection, system["system"])))
        for system in data.systems(connection)
    ]


def _rung(row: Row) -> Rung:
    return Rung(
        criterion=row["criterion"],
        grade=row["grade"],
        words=row["words"],
        place=row["place"],
        condition=row["condition"],
        sql=laid_out(row["sql"]),
        is_misprint=row["is_misprint"],
        is_computable=row["is_computable"],
        is_verified=row["is_verified"],
    )


def laid_out(condition: str) -> str:
    """A condition with each outer AND and OR on a line of its own; nothing else is changed."""
    lines, depth = [""], 0
    for part in re.split(r"( (?:AND|OR) |[()])", condition):
        depth += (part == "(") - (part == ")")
        if part in (" AND ", " OR ") and depth == 0:
            lines.append(part.lstrip())
        else:
            lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)
