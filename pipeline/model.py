"""A model: one .sql file, one SELECT, one table (or view), its sentence, its key, and what it reads."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOMS = ("sources", "rules", "staging", "timeline", "grading", "episodes", "summaries", "quality", "recorded", "results")
"""The rooms in the order in which data flows through them; a model reads its own room and earlier ones."""

PACKAGE = Path(__file__).parent

UNREAD = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
"""What of a SELECT is not SQL: comments and texts."""

TABLE = re.compile(rf"(?<![\w.])(?:{'|'.join(ROOMS)})\.\w+")
CHOICE = re.compile(r"getvariable\('(\w+)'\)", re.IGNORECASE)


@dataclass(frozen=True)
class Model:
    """One table of the build.

    room, name -- schema and table
    sentence   -- what a row of it is ("One row per ...")
    key        -- the columns that tell its rows apart
    select     -- its SELECT
    is_view    -- kept as a view, computed when asked
    """

    room: str
    name: str
    sentence: str
    key: tuple[str, ...]
    select: str
    is_view: bool = False

    @property
    def table(self) -> str:
        return f"{self.room}.{self.name}"

    @cached_property
    def reads(self) -> frozenset[str]:
        """The tables it reads, as `room.table`; names without a room are its own CTEs.

        Every table is written with its room and no other word is, so the words tell: a test holds them against the
        syntax tree of every model, which would take a third of a second in each run.
        """
        return frozenset(TABLE.findall(UNREAD.sub(" ", self.select)))

    @property
    def choices(self) -> frozenset[str]:
        """The choices it reads with getvariable('name')."""
        return frozenset(CHOICE.findall(self.select))


def read_model(path: Path) -> Model:
    """Read a model from its file: two comment lines (sentence, key), perhaps 'Kept as a view', then the SELECT."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    comments = []
    for line in lines:
        if not line.startswith("--"):
            break
        comments.append(line.removeprefix("--").strip())
    if len(comments) < 2 or not comments[0].startswith("One row per") or not comments[1].startswith("Key: "):
        raise ValueError(f"{path}: the first line must say 'One row per ...', the second 'Key: ...'")
    return Model(
        room=path.parent.name,
        name=path.stem,
        sentence=comments[0],
        key=tuple(part.strip() for part in comments[1].removeprefix("Key: ").split(",")),
        select=text,
        is_view="Kept as a view" in comments,
    )


@cache
def read_models() -> tuple[Model, ...]:
    """Every model of the rooms, from the folders: the folder is the registry."""
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).glob("*.sql"))]
    return tuple(read_model(path) for path in paths)


def in_order(models: list[Model]) -> list[Model]:
    """The models so that each comes after those it reads; ties by room, then name.

    Raises ValueError where a model reads a later room, or models read each other in a circle.
    """
    by_table = {model.table: model for model in models}
    for model in models:
        for table in model.reads:
            room = table.split(".")[0]
            if room in ROOMS and ROOMS.index(room) > ROOMS.index(model.room):
                raise ValueError(f"{model.table} reads {table}: data flows one way, {' -> '.join(ROOMS)}")
    waiting = sorted(models, key=lambda model: (ROOMS.index(model.room), model.name))
    ordered: list[Model] = []
    done: set[str] = set()
    while waiting:
        ready = next((m for m in waiting if all(t in done or t not in by_table for t in m.reads)), None)
        if ready is None:
            raise ValueError(f"these models read each other in a circle: {', '.join(m.table for m in waiting)}")
        waiting.remove(ready)
        ordered.append(ready)
        done.add(ready.table)
    return ordered
