"""What a direct identifier looks like: identifiers.toml, read once."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.sources.parts.columns import literal

FILE = Path(__file__).with_name("identifiers.toml")

KINDS = ("id", "recorder", "text", "unread")
"""Where a pattern is looked for: subject ids, recorders, other texts that are read, columns that are not read."""


@dataclass(frozen=True)
class Pattern:
    """One way in which an identifier is written; the fields are those of identifiers.toml."""

    id: str
    looks_like: str
    reason: str
    within: tuple[str, ...]
    find: str
    finds: tuple[str, ...]
    passes: tuple[str, ...]
    unless: str = ""

    def matches(self, text: str) -> str:
        """SQL: does the expression `text` match?"""
        found = f"regexp_matches({text}, {literal(self.find)})"
        return f"({found} AND NOT regexp_matches({text}, {literal(self.unless)}))" if self.unless else found


@cache
def _declared() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every pattern, in the order of the file: of two that match, the first is told."""
    tuples = ("within", "finds", "passes")
    return tuple(
        Pattern(**{key: tuple(value) if key in tuples else value for key, value in entry.items()})
        for entry in _declared()["patterns"]
    )


def pattern(name: str) -> Pattern:
    """The pattern of this id."""
    return next(one for one in patterns() if one.id == name)


@cache
def named_columns() -> dict[str, str]:
    """What a column holds, by its name in lower case, of letters and digits alone."""
    return {name: entry["looks_like"] for entry in _declared()["columns"] for name in entry["names"]}


def named_column(name: str) -> str | None:
    """What a column of this name holds; None where the name says nothing."""
    return named_columns().get(re.sub(r"[^a-z0-9]", "", name.lower()))


@cache
def age() -> dict:
    """The age that stands for all over 89 (`top_code`, years), and what an age above it looks like."""
    return _declared()["age"]


def looks_like(kind: str, text: str) -> str:
    """SQL: what the expression `text` looks like, in words; NULL where it looks like no identifier."""
    cases = [f"WHEN {one.matches(text)} THEN {literal(one.looks_like)}" for one in patterns() if kind in one.within]
    return f"CASE {' '.join(cases)} END"
