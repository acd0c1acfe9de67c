"""Small counts of persons kept back, and as many others as it takes that nobody can compute them.

Counts stand in sums (grades 1 to 5 add up to those with CRS, arms to all). Who hides a small count alone leaves it to
subtraction; so others of its sums are hidden too. Which ones is found from the other end: at first everything but 0 is
hidden, then one count after the other is shown, the most important first, where all small counts stay safe.

A small count is safe as long as there is a way to fill in all that is hidden, whole numbers that keep every sum and every
number that is shown, in which the count is not small. That way is found by integer programming, and changes as few counts
as it can, so that most of the next ones can be shown without looking for another.

Hundepool A, Domingo-Ferrer J, Franconi L, et al. Statistical disclosure control. Wiley 2012, chapter 4 (cell suppression in
linked tables, and what an attacker can compute).
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

LEAST = 2
"""The least threshold: of a number below 2 only 1 would be hidden, below 1 none."""


@dataclass(frozen=True)
class Sum:
    """A count that is the sum of others: the patients of `whole` are those of `parts`, each in one of them."""

    whole: Hashable
    parts: tuple[Hashable, ...]


class Unsafe(ValueError):
    """Small counts follow from what is always shown."""


def suppressed(
    counts: Mapping[Key, int], sums: Iterable[Sum], shown: Sequence[Key], below: int, always: Collection[Key] = ()
) -> frozenset[Key]:
    """Which of the counts to be shown are kept back.

    counts -- every count that is shown or stands in a sum, by its key
    sums -- the sums that the reader knows of
    shown -- keys of the counts that would stand in a table, the most important first; the others of `counts` stand nowhere,
    but may follow from these
    below -- counts from 1 to below - 1 are small; 0 is shown
    always -- keys of counts that are shown in any case

    Promise: a reader who knows every sum, every shown count, and that a hidden count is at least 1, finds for each small
    count, shown or not, that it may be `below` as well. The mark of a hidden count must not tell a small one from others.

    Raises ValueError where a sum does not hold, Unsafe where `always` and the zeros give a small count away.
    """
    known = list(dict.fromkeys(sums))
    for one in known:
        if counts[one.whole] != sum(counts[part] for part in one.parts):
            raise ValueError(f"{one} is no sum of its parts")
    small = [key for key, count in counts.items() if 0 < count < below]
    hidden = {key for key in shown if counts[key] and key not in always}
    attack = _Attack(counts, known, shown, hidden, below)
    touched: dict[Key, frozenset[Key]] = {}
    for key in small:
        way = attack.way(key)
        if way is None:
            raise Unsafe(f"a count of {counts[key]} cannot be kept back")
        touched[key] = way
    for key in shown:
        if key not in hidden or counts[key] < below:
            continue
        hidden.remove(key)
        found: dict[Key, frozenset[Key]] = {}
        for one, way in touched.items():
            if key in way:
                other = attack.way(one)
                if other is None:
                    hidden.add(key)
                    break
                found[one] = other
        else:
            touched |= found
    return frozenset(hidden)


class _Attack:
    """What a reader cannot rule out who knows every sum and every count that is shown."""

    def __init__(
        self, counts: Mapping[Key, int], sums: Sequence[Sum], shown: Sequence[Key], hidden: Collection[Key], below: int
    ) -> None:
        """hidden -- kept, not copied: what is taken from it is known from then on"""
        import numpy as np
        from scipy.sparse import csr_array, hstack

        self.counts, self.hidden, self.below = counts, hidden, below
        self.keys = list(counts)
        self.place = {key: number for number, key in enumerate(self.keys)}
        self.shown = frozenset(shown)
        self.truth = np.array([counts[key] for key in self.keys], dtype=float)
        entries = [
            (row, self.place[key], sign)
            for row, one in enumerate(sums)
            for sign, key in ((1, one.whole), *((-1, part) for part in one.parts))
        ]
        down, across, signs = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csr_array((np.array(signs, dtype=float), (down, across)), shape=(len(sums), len(self.keys)))
        self.matrix = hstack([matrix, -matrix]).tocsr()
        # A way that leaves the important counts as they are leaves them free to be shown.
        weights = np.ones(len(self.keys))
        for rank, key in enumerate(reversed(shown)):
            weights[self.place[key]] = 2 + 8 * rank / len(shown)
        self.costs = np.concatenate([weights, weights])

    def way(self, key: Key) -> frozenset[Key] | None:
        """The counts that change in a way to fill in what is hidden, in which this count is `below`; None where is none."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        if key in self.shown and key not in self.hidden:
            return None
        free = np.array([one in self.hidden or one not in self.shown for one in self.keys])
        least = np.array([1.0 if one in self.shown else 0.0 for one in self.keys])
        more = np.where(free, np.inf, 0.0)
        less = np.where(free, np.maximum(self.truth - least, 0), 0.0)
        lower = np.zeros(2 * len(self.keys))
        here = self.place[key]
        lower[here] = more[here] = self.below - self.counts[key]
        less[here] = 0
        zeros = np.zeros(self.matrix.shape[0])
        sums = [LinearConstraint(self.matrix, zeros, zeros)] if len(zeros) else []
        bounds = Bounds(lower, np.concatenate([more, less]))
        # Most ways are whole without being asked for, and found much faster so.
        for whole in (0, 1):
            found = milp(self.costs, constraints=sums, bounds=bounds, integrality=np.full(len(lower), whole))
            if found.status == 2:
                return None
            if found.x is None:
                raise ArithmeticError(f"what follows from the shown counts was not found: {found.message}")
            if np.abs(found.x - np.round(found.x)).max() < 1e-6:
                break
        changed = np.flatnonzero(np.round(found.x) > 0) % len(self.keys)
        return frozenset(self.keys[number] for number in changed)
