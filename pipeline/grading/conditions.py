"""Conditions: SQL booleans over the words of the state, checked and compiled so that the unknown stays unknown.

TRUE is met, FALSE is not, NULL could be met. A word for support has two columns, `word` (proven at least) and
`word_at_most` (possible at most), and a comparison of it is compiled to TRUE where the first meets it, NULL where only
the second does.
"""

import difflib
import math
from collections.abc import Iterable
from functools import cache

import sqlglot
from sqlglot import exp

from pipeline.errors import SystemFileError
from pipeline.grading.words import Word, words

ALLOWED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.Literal, exp.Column, exp.Identifier, exp.Boolean, exp.Neg,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Mul, exp.Add, exp.Sub, exp.Div,
)  # fmt: skip
"""What may stand in a `when`: comparisons and their combination. IS NULL, coalesce, CASE and subqueries may not:
they would make the unknown look known."""

COMPARISONS = (exp.GT, exp.GTE, exp.LT, exp.LTE)


def compile_when(when: str, place: str, quantities: Iterable[str] | None = None) -> tuple[str, tuple[str, ...]]:
    """The SQL of a `when`, and the words it uses. Raises SystemFileError in one sentence where it is not allowed.

    quantities -- what it may speak of, where that is not the words of the state
    """
    known = words() if quantities is None else {name: Word(name, "reading", (), name) for name in quantities}
    try:
        tree = _tree(when)
    except sqlglot.errors.ParseError as fault:
        raise SystemFileError(f"{place}: {when!r} is not a SQL condition; compare words with numbers.") from fault
    for node in tree.walk():
        if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
            continue
        if not isinstance(node, ALLOWED):
            raise SystemFileError(
                f"{place}: {node.sql(dialect='duckdb')!r} may not stand in a criterion; "
                "only comparisons joined by AND, OR and NOT may, so that the unknown stays unknown."
            )
    if not isinstance(tree.unnest(), (*COMPARISONS, exp.And, exp.Or, exp.Not)):
        raise SystemFileError(f"{place}: {when!r} is not true or false; compare words with numbers.")
    for column in tree.find_all(exp.Column):
        if column.name not in known:
            near = difflib.get_close_matches(column.name, known, n=1, cutoff=0)
            raise SystemFileError(f"{place}: {column.name!r} is not a word of the state; the nearest is {near[0]!r}.")
    used = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    return tree.transform(lambda node: _bounded(node, known, place)).sql(dialect="duckdb"), used


def _bounded(node: exp.Expression, known: dict[str, Word], place: str) -> exp.Expression:
    """Compile `word >= x` over a word of support to: TRUE where proven, NULL where only possible, else FALSE."""
    if not isinstance(node, COMPARISONS):
        return node
    bounded = [c for c in node.find_all(exp.Column) if known[c.name].is_bounded]
    if not bounded:
        return node
    if not (isinstance(node, (exp.GT, exp.GTE)) and node.this in bounded and len(bounded) == 1):
        raise SystemFileError(
            f"{place}: {node.sql(dialect='duckdb')!r}: write a word of support on the left, as `word >= number`, "
            "so that the criterion means 'at least'."
        )
    if known[bounded[0].name].is_held and not (isinstance(node, exp.GTE) and _is_number(node.expression)):
        raise SystemFileError(
            f"{place}: {node.sql(dialect='duckdb')!r}: a dose that is sustained is looked for at the numbers that the "
            "systems name; write it as `word >= number`."
        )
    possible = node.copy()
    possible.this.this.set("this", f"{bounded[0].name}_at_most")
    return exp.paren(exp.or_(node.copy(), exp.func("nullif", possible, exp.true())))


def _is_number(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


@cache
def _tree(condition: str) -> exp.Expression:
    """The syntax tree of a condition, to be read and not changed: each is asked for many words."""
    return sqlglot.parse_one(condition, dialect="duckdb")


def held_limits(conditions: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """Every number that the conditions compare a held word with, as (word, number), each once, sorted."""
    held = {word.name for word in words().values() if word.is_held}
    return tuple(sorted({
        (node.this.name, float(node.expression.this))
        for condition in conditions
        for node in _tree(condition).find_all(exp.GTE)
        if isinstance(node.this, exp.Column) and node.this.name in held
    }))  # fmt: skip


def amount_above(condition: str, word: str) -> float | None:
    """The number above which an amount meets the condition's comparison of a word: the least of several, or None."""
    limits = [
        float(node.expression.this) if isinstance(node, exp.GT) else math.nextafter(float(node.expression.this), -math.inf)
        for node in _tree(condition).find_all(exp.GT, exp.GTE)
        if isinstance(node.this, exp.Column) and node.this.name == word and _is_number(node.expression)
    ]
    return min(limits, default=None)


def comparisons(conditions: Iterable[str], word: str) -> tuple[str, ...]:
    """Every comparison that the conditions make of a reading, from their own syntax trees, each once, sorted."""
    found = {
        node.sql(dialect="duckdb")
        for condition in conditions
        for node in _tree(condition).find_all(*COMPARISONS)
        if word in {column.name for column in node.find_all(exp.Column)}
    }
    return tuple(sorted(found))
