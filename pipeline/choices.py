"""The choices: what the papers leave open, with our value and reason, and how a user changes one."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UsageError

if TYPE_CHECKING:
    import duckdb

FILE = Path(__file__).parent / "choices.toml"

MOST = 1_000_000
"""The largest value of any choice: no length of time or count beyond it can be meant, or computed with."""


@dataclass(frozen=True)
class Choice:
    """One choice: its value in force, and what it was by default.

    value is a number in `unit`; `one_of` lists the allowed values where not all are.
    """

    name: str
    value: float
    default: float
    unit: str
    reason: str
    alternatives: str
    kind: str = "number"
    at_least: float | None = None
    one_of: tuple[float, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.value != self.default

    def with_value(self, value: object, place: str) -> "Choice":
        """The choice with another value. Raises UsageError where the value is of the wrong kind."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UsageError(f"{place}: {self.name} = {value!r} is not a number; give {self.unit}, such as {self.default}.")
        if value != value or abs(value) == float("inf"):
            raise UsageError(f"{place}: {self.name} = {value!r} is not a finite number; give {self.unit}.")
        if self.kind == "integer" and value != int(value):
            raise UsageError(f"{place}: {self.name} = {value!r} must be a whole number of {self.unit}.")
        if self.one_of and value not in self.one_of:
            allowed = ", ".join(str(one) for one in self.one_of)
            raise UsageError(f"{place}: {self.name} = {value!r} is not allowed; it is one of {allowed}.")
        if self.at_least is not None and value < self.at_least:
            raise UsageError(f"{place}: {self.name} = {value!r} is too small; it is at least {self.at_least} {self.unit}.")
        if value > MOST:
            raise UsageError(f"{place}: {self.name} is too large; it is at most {MOST:,} {self.unit}.")
        return replace(self, value=int(value) if self.kind == "integer" else value)


def set_variables(connection: "duckdb.DuckDBPyConnection", choices: Mapping[str, Choice]) -> None:
    """Give the connection every choice as a variable, which SQL reads as getvariable('name')."""
    connection.execute("".join(f"SET VARIABLE {choice.name} = {choice.value};" for choice in choices.values()))


def defaults() -> dict[str, Choice]:
    """All choices at their defaults, by name, in the order of choices.toml."""
    return dict(_declared())


@cache
def _declared() -> dict[str, Choice]:
    """The choices as the file declares them, read once."""
    declared = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: Choice(
            name=name,
            default=entry["value"],
            **{key: tuple(item) if key == "one_of" else item for key, item in entry.items()},
        )
        for name, entry in declared.items()
    }


def changed(values: Mapping[str, object] | None, place: str = "choices") -> dict[str, Choice]:
    """All choices, with the given ones changed. Raises UsageError for an unknown name or a wrong value."""
    choices = defaults()
    for name, value in (values or {}).items():
        if name not in choices:
            near = difflib.get_close_matches(name, choices, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "`cytograde choices` lists them."
            raise UsageError(f"{place}: there is no choice named {name!r}; {hint}")
        choices[name] = choices[name].with_value(value, place)
    return choices


def read(path: Path | None) -> dict[str, Choice]:
    """The choices of a file of `name = value` lines (TOML), or the defaults where no file is given."""
    if path is None:
        return defaults()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UsageError(f"{path}: the choices file cannot be read ({fault.strerror}); check the path.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path}: the choices file is not TOML ({fault}); write lines of `name = value`.") from fault
    return changed(values, str(path))
