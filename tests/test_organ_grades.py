"""Organ grades: the scale as a file, its worked examples, and that every change of a number or comparison fails one."""

import dataclasses
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from pipeline.errors import SystemFileError
from pipeline.grading import organs
from pipeline.grading.conditions import COMPARISONS

SCALE = organs.read_scale()


def test_every_worked_example_of_the_scale_is_true() -> None:
    organs.check(SCALE)


def mutants(when: str) -> list[str]:
    """Each comparison turned from > to >=, each limit moved a little up and down."""
    tree = sqlglot.parse_one(when, dialect="duckdb")
    found = []
    for number in range(len(list(tree.find_all(*COMPARISONS)))):
        copy = tree.copy()
        node = list(copy.find_all(*COMPARISONS))[number]
        turned = exp.GTE(this=node.this.copy(), expression=node.expression.copy())
        found.append((turned if node is copy else node.replace(turned).root()).sql(dialect="duckdb"))
    for number, literal in enumerate(tree.find_all(exp.Literal)):
        for moved in (float(literal.this) - 0.3, float(literal.this) + 0.3):
            copy = tree.copy()
            list(copy.find_all(exp.Literal))[number].replace(exp.Literal.number(moved))
            found.append(copy.sql(dialect="duckdb"))
    return found


@pytest.mark.parametrize("one", SCALE.grades, ids=lambda one: f"{one.organ} {one.grade}")
def test_every_mutant_of_a_grade_fails_an_example(one: organs.OrganGrade) -> None:
    changes = mutants(one.when)
    assert len(changes) >= 3
    for mutant in changes:
        changed = dataclasses.replace(one, when=mutant)
        grades = tuple(changed if other is one else other for other in SCALE.grades)
        with pytest.raises(SystemFileError, match="the example says"):
            organs.check(dataclasses.replace(SCALE, grades=grades))


def test_a_scale_speaks_of_its_two_quantities_only(tmp_path: Path) -> None:
    path = tmp_path / "scale.toml"
    text = organs.FILE.read_text(encoding="utf-8")
    path.write_text(text.replace("times_upper_limit > 6.0", "creatinine > 6.0"), encoding="utf-8")
    with pytest.raises(SystemFileError, match="'creatinine' is not a word"):
        organs.read_scale(path)
