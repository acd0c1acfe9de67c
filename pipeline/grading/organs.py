"""Organ grades: a published scale in a TOML file, compiled to what a laboratory result is worth."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from pipeline.errors import SystemFileError
from pipeline.grading.conditions import compile_when
from pipeline.sources.parts.columns import literal

FILE = Path(__file__).parent / "organs" / "ctcae_4_03.toml"

QUANTITIES = ("times_upper_limit", "times_baseline")
"""What a condition of the scale may speak of: the result as a multiple of either."""


@dataclass(frozen=True)
class OrganGrade:
    """One grade of one organ: 'at least this grade', and the laboratory results it is read from."""

    organ: str
    concepts: tuple[str, ...]
    grade: int
    words: str
    when: str


@dataclass(frozen=True)
class Scale:
    """A scale of organ toxicity, as its file declares it."""

    name: str
    citation: str
    grades: tuple[OrganGrade, ...]
    examples: tuple[dict, ...]


@cache
def read_scale(path: Path = FILE) -> Scale:
    """Read and check the scale. Raises SystemFileError in one sentence."""
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    grades = []
    for entry in declared["grades"]:
        compile_when(entry["when"], f"{path.name}, {entry['organ']} grade {entry['grade']}", QUANTITIES)
        grades.append(OrganGrade(**{**entry, "concepts": tuple(entry["concepts"])}))
    return Scale(declared["name"], declared["citation"], tuple(grades), tuple(declared["examples"]))


def macros(scale: Scale) -> list[str]:
    """The scale as SQL: `organ_grade` is what a result proves, `organ_grade_at_most` what the unknown leaves possible."""
    return [
        f"CREATE OR REPLACE MACRO {name}(concept, {', '.join(QUANTITIES)}) AS {_graded(scale, test)}"
        for name, test in (("organ_grade", "IS TRUE"), ("organ_grade_at_most", "IS NOT FALSE"))
    ]


def _graded(scale: Scale, test: str) -> str:
    """The highest grade of the result's organ whose condition passes the test."""
    branches = [
        f"WHEN concept IN ({', '.join(repr(concept) for concept in one.concepts)}) AND ({one.when}) {test} THEN {one.grade}"
        for one in sorted(scale.grades, key=lambda one: -one.grade)
    ]
    return f"CASE {' '.join(branches)} ELSE 0 END"


def check(scale: Scale) -> None:
    """Run the worked examples through the very SQL that grades. Raises SystemFileError for the first that is wrong."""
    with duckdb.connect() as connection:
        for macro in macros(scale):
            connection.execute(macro)
        for number, example in enumerate(scale.examples, start=1):
            concept = next(one.concepts[0] for one in scale.grades if one.organ == example["organ"])
            values = ("NULL" if quantity not in example else literal(example[quantity]) for quantity in QUANTITIES)
            arguments = ", ".join(f"{value}::DOUBLE" for value in values)
            got = connection.execute(f"SELECT organ_grade({literal(concept)}, {arguments})").fetchone()[0]
            if got != example["grade"]:
                raise SystemFileError(
                    f"{scale.name}, example {number}: the grade is {got}, the example says {example['grade']}."
                )
