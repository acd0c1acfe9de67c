"""What a run says as it goes: a line per step, with a moving last line where a person watches."""

import sys
from typing import TextIO

from rich.console import Console

from pipeline.reports import rounding


class Progress:
    """Prints each step with its rows and seconds. On a terminal the step under way is shown as well."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.console = Console(file=stream or sys.stdout, highlight=False, soft_wrap=True)
        self.status = self.console.status("reading", spinner="line") if self.console.is_terminal else None

    def __enter__(self) -> "Progress":
        if self.status:
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.status:
            self.status.stop()

    def step(self, name: str, rows: int | None, seconds: float) -> None:
        """One finished step: what was made, its rows where it has any, and how long it took."""
        counted = f"{rows:>14,} rows" if rows is not None else " " * 19
        self.console.print(f"{name:<44}{counted}{rounding.fixed(seconds, 2):>9} s", markup=False)
        if self.status:
            self.status.update(f"after {name}")

    def notice(self, text: str) -> None:
        """Something the reader should know, and need not act on."""
        self.console.print(f"notice: {text}", markup=False)
