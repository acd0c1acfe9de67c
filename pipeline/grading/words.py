"""The words of the state: what a criterion may speak of."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "words.csv"


@dataclass(frozen=True)
class Word:
    """One word of the state: what a criterion may speak of. `kind` is reading, support or subject."""

    name: str
    kind: str
    concepts: tuple[str, ...]
    meaning: str

    @property
    def is_bounded(self) -> bool:
        return self.kind == "support"


@cache
def words() -> dict[str, Word]:
    """The words of the state, by name, in the order of words.csv."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["word"]: Word(row["word"], row["kind"], tuple(row["concepts"].split()), row["meaning"]) for row in rows}
