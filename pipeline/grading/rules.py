"""Grading systems: TOML files, one a system, read and checked. The folder is the registry."""

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import SystemFileError, UsageError
from pipeline.grading.conditions import compile_when

FOLDER = Path(__file__).parent / "systems"


@dataclass(frozen=True)
class Criterion:
    """One criterion: 'at least this grade', in plain words, with its place in the paper and its SQL."""

    number: int
    id: str
    grade: int
    words: str
    place: str
    when: str
    sql: str
    uses: tuple[str, ...]
    needs_link: bool
    is_fever: bool
    is_computable: bool
    is_verified: bool
    is_misprint: bool


@dataclass(frozen=True)
class System:
    """One grading system, as its file declares it."""

    id: str
    name: str
    citation: str
    short_citation: str
    doi: str
    read_from: str
    fever: str
    linking: bool
    onset_fever_required: bool
    misprint: str
    criteria: tuple[Criterion, ...]
    examples: tuple[dict, ...] = field(default=(), compare=False)
    path: Path | None = field(default=None, compare=False)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every condition of the system: what a fever is, and each criterion's `when`."""
        return (self.fever, *(criterion.when for criterion in self.criteria))


def read_system(path: Path) -> System:
    """Read and check one system file. Raises SystemFileError in one sentence."""
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SystemFileError(f"{path.name}: the file is not TOML ({fault}); correct that line.") from fault
    for key in ("name", "citation", "fever", "linking", "criteria", "examples"):
        if key not in declared:
            raise SystemFileError(f"{path.name}: {key!r} is missing; every system declares it.")
    linking = declared["linking"]
    criteria = tuple(
        _read_criterion(number, entry, linking, declared["fever"], path.name)
        for number, entry in enumerate(declared["criteria"], start=1)
    )
    if not any(criterion.is_fever for criterion in criteria):
        raise SystemFileError(f"{path.name}: no criterion has the `when` of `fever`; an episode could never open.")
    repeated = [c.id for c in criteria if sum(c.id == other.id for other in criteria) > 1]
    if repeated:
        raise SystemFileError(f"{path.name}: the criterion id {repeated[0]!r} stands twice; give each its own.")
    return System(
        id=path.stem,
        name=declared["name"],
        citation=declared["citation"],
        short_citation=declared.get("short_citation", declared["name"]),
        doi=declared.get("doi", ""),
        read_from=declared.get("read_from", ""),
        fever=declared["fever"],
        linking=linking,
        onset_fever_required=declared.get("onset_fever_required", True),
        misprint=declared.get("misprint", ""),
        criteria=criteria,
        examples=tuple(declared["examples"]),
        path=path,
    )


def _read_criterion(number: int, entry: dict, linking: bool, fever: str, file: str) -> Criterion:
    place = f"{file}, criterion {entry.get('id', number)}"
    for key in ("id", "grade", "words", "place", "when"):
        if key not in entry:
            raise SystemFileError(f"{place}: {key!r} is missing; every criterion declares it.")
    if entry["grade"] not in (1, 2, 3, 4):
        raise SystemFileError(f"{place}: grade {entry['grade']!r} is not 1 to 4; death is graded by adjudication only.")
    sql, used = compile_when(entry["when"], place)
    computable = entry.get("computable", True)
    return Criterion(
        number=number,
        id=entry["id"],
        grade=entry["grade"],
        words=entry["words"],
        place=entry["place"],
        when=entry["when"],
        # What no data can decide is never met, and lifts the ceiling where the state is compatible with it.
        sql=sql if computable else f"NULLIF({sql}, TRUE)",
        uses=used,
        needs_link=linking and entry.get("needs_link", True),
        is_fever=computable and entry["when"] == fever,
        is_computable=computable,
        is_verified=entry.get("verified", True),
        is_misprint=entry.get("misprint", False),
    )


def read_systems(folder: Path = FOLDER) -> dict[str, System]:
    """Every system of the folder, by id: the folder is the registry."""
    systems = {path.stem: read_system(path) for path in sorted(folder.glob("*.toml"))}
    fevers = {system.fever for system in systems.values()}
    if len(fevers) > 1:
        raise SystemFileError(
            f"the systems define fever differently ({'; '.join(sorted(fevers))}); "
            "one build needs one fever, keep the others in a folder of their own."
        )
    return systems


def chosen(systems: dict[str, System], ids: Iterable[str] | None) -> dict[str, System]:
    """The systems of these ids (all where none are named). Raises UsageError for an unknown one."""
    if ids is None:
        return systems
    for one in ids:
        if one not in systems:
            near = difflib.get_close_matches(one, systems, n=2, cutoff=0.3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(systems)}."
            raise UsageError(f"--systems: there is no grading system named {one!r}; {hint}")
    return {one: systems[one] for one in dict.fromkeys(ids)}
