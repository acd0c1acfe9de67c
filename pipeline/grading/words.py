"""The words of the state: what a criterion may speak of."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "words.csv"


@dataclass(frozen=True)
class Word:
    """One word of the state: what a criterion may speak of.

    kind       -- reading, support or subject
    told_apart -- how finely its values are told apart: 'exactly' where empty, 'by band' (which side of every limit of
                  the rules), 'at limits' (a dose that was sustained is only looked for at the limits of the rules)
    bridge     -- the choice, in minutes, by which it outlasts the chartings it rests on; empty where it does not
    is_amount  -- it is the highest amount of the chartings in force: one at or below a limit cannot have met it
    """

    name: str
    kind: str
    concepts: tuple[str, ...]
    meaning: str
    told_apart: str = ""
    bridge: str = ""
    is_amount: bool = False

    @property
    def is_bounded(self) -> bool:
        """It has two columns: what is proven at least, and what is possible at most."""
        return self.kind == "support"

    @property
    def is_held(self) -> bool:
        """A dose that was sustained: known only at the limits of the rules."""
        return self.told_apart == "at limits"


@cache
def words() -> dict[str, Word]:
    """The words of the state, by name, in the order of words.csv."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["word"]: Word(
            row["word"], row["kind"], tuple(row["concepts"].split()), row["meaning"], row["told_apart"], row["bridge"],
            row["amount"] == "yes",
        )
        for row in rows
    }
