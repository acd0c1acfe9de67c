"""A table in lines of text: what `quality` and `audit` print on the terminal."""

from collections.abc import Sequence

from pipeline.reports import words

CELL = 40
"""The most characters of a text in a column."""


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1, at_most: int | None = None) -> str:
    """The first columns to the left, the others to the right, each as wide as it must be.

    texts -- how many columns hold words, cut where they are too long
    at_most -- rows shown; how many more there are is said
    """
    cut = [[_one_line(cell) if place < texts else cell for place, cell in enumerate(row)] for row in rows[:at_most]]
    widths = [max(len(row[place]) for row in (heads, *cut)) for place in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        sized = enumerate(zip(row, widths))
        return "  ".join(cell.ljust(width) if place < texts else cell.rjust(width) for place, (cell, width) in sized).rstrip()

    more = [f"and {words.count(len(rows) - len(cut))} more"] if len(rows) > len(cut) else []
    return "\n".join([title, line(heads), *(line(row) for row in cut), *more])


def _one_line(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= CELL else line[: CELL - 1] + "…"
