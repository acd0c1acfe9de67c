"""The tables of a hospital's own layout: found, opened in a stream, and kept only as far as they are asked for.

The rows that are kept stand in temporary tables `native_<table>`; the SELECTs beside a source read them there, and make
of them `native_subjects` and `native_observations`, which `publish` gives to staging.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pipeline.errors import SourceError
from pipeline.sources import tidy
from pipeline.sources.parts import columns, files, registry, scratch

KEPT = "native_{}"
"""The temporary table that holds what is kept of a table."""


@dataclass(frozen=True)
class Native:
    """What is read of one table of the layout.

    columns -- the columns that must be there
    also -- those that are read where they are there
    moments -- of these columns of times the clock, offset and fault are read, under the prefix given
    asked -- SQL: is the row asked for? The others are passed over
    parts -- where a row holds several chartings: by number the column that names a part, and SQL of whether it is there
    """

    name: str
    number: int
    role: str
    columns: Sequence[str]
    also: Sequence[str] = ()
    moments: Mapping[str, str] = field(default_factory=dict)
    asked: str = "TRUE"
    parts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """Where the tables of a layout are, and what they are.

    places -- the folders in which a table may stand, by its name
    stem -- the file name of a table without its ending
    """

    name: str
    places: Callable[[Path, str], tuple[Path, ...]]
    stem: str
    endings: tuple[str, ...]
    required: tuple[str, ...]


def read(
    connection: duckdb.DuckDBPyConnection, layout: Layout, natives: Sequence[Native], folder: Path
) -> tuple[list[registry.File], list[str]]:
    """Read these tables of a folder; returns the files and a notice for each that is not there.

    Raises SourceError where the folder or a table that is needed is missing.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise SourceError(f"{folder}: {what}; give the folder that holds the tables of {layout.name}.")
    found, notices = [], []
    for one in natives:
        path = find(layout, folder, one.name)
        if path is None:
            keep_nothing(connection, one)
            notices.append(f"{one.name}: there is no such file in the folder, and nothing of it is read")
        else:
            found += keep(connection, one, path, folder)
    return found, notices


def find(layout: Layout, folder: Path, name: str) -> Path | None:
    """The file of a table. Raises SourceError where there are two, or none and it is needed."""
    stem = layout.stem.format(name)
    tried = [place / f"{stem}{ending}" for place in layout.places(folder, name) for ending in layout.endings]
    found = [path for path in tried if path.is_file()]
    if len(found) > 1:
        names = " and ".join(str(path.relative_to(folder)) for path in found)
        raise SourceError(f"{folder}: {names} are two files of one table; keep one of them.")
    if not found and name in layout.required:
        names = " or ".join(str(path.relative_to(folder)) for path in tried)
        raise SourceError(f"{folder}: there is no {names} in it; give the folder of {layout.name}, see `cytograde sources`.")
    return found[0] if found else None


def keep(connection: duckdb.DuckDBPyConnection, native: Native, path: Path, folder: Path) -> list[registry.File]:
    """Read one table from end to end and keep the rows that are asked for. Raises SourceError in one sentence."""
    label = str(path.relative_to(folder))
    table = files.open_stream(connection, path, label)
    files.require(table, [(column,) for column in (*native.columns, *native.moments.values())])
    files.check_kinds(table, (*native.columns, *native.also, *native.moments.values()))
    kept = KEPT.format(native.name)
    texts = [f"{_written(columns.text(table.columns, name))} AS {name}" for name in (*native.columns, *native.also)]
    moments = [columns.moment(table.columns, time, "", prefix) for prefix, time in native.moments.items()]
    selected = ", ".join(["row_no AS source_row", *texts, *moments])
    replaced = ", ".join(one for prefix in native.moments for one in _in_utc(prefix))
    try:
        with files.checked_beside(path, label):
            # The last row is kept in any case: its number tells how many rows the file has.
            connection.execute(
                f"CREATE OR REPLACE {scratch.table(connection, kept)} AS "
                f"SELECT * {f'REPLACE ({replaced})' if replaced else ''} FROM (SELECT {selected}, "
                f"coalesce({native.asked}, FALSE) AS is_asked FROM {table.relation} WHERE is_asked OR is_last)"
            )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as fault:
        raise files.stream_fault(path, label, fault) from fault
    rows = connection.execute(f"SELECT coalesce(max(source_row), 0) FROM {kept}").fetchone()[0]
    connection.execute(f"DELETE FROM {kept} WHERE NOT is_asked")
    parts = native.parts or {native.number: ("", "TRUE")}
    counts = ", ".join(f"count(*) FILTER ({there})" for _, there in parts.values())
    asked = connection.execute(f"SELECT {counts} FROM {kept}").fetchone()
    names = [f"{label}:{column}" if column else label for column, _ in parts.values()]
    return [
        registry.File(number, name, native.role, rows - count, rows)
        for number, name, count in zip(parts, names, asked, strict=True)
    ]


def _in_utc(prefix: str) -> tuple[str, str]:
    """SQL: the clock of a moment in UTC where it has a zone offset, so that the clocks of a table compare."""
    clock, offset = f"{prefix}_clock", f"{prefix}_offset"
    return f"{clock} - to_minutes(coalesce({offset}, 0)) AS {clock}", f"CASE WHEN {offset} IS NOT NULL THEN 0 END AS {offset}"


def _written(text: str) -> str:
    """SQL: a text, NULL where it is of blanks alone."""
    return f"CASE WHEN trim({text}) <> '' THEN {text} END"


def keep_nothing(connection: duckdb.DuckDBPyConnection, native: Native) -> None:
    """A table that the folder does not have: no rows."""
    texts = [f"NULL::VARCHAR AS {name}" for name in (*native.columns, *native.also)]
    moments = [columns.moment({}, time, "", prefix) for prefix, time in native.moments.items()]
    selected = ", ".join(["NULL::BIGINT AS source_row", *texts, *moments])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {KEPT.format(native.name)} AS SELECT {selected} WHERE FALSE")


def load_mapping(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The mapping of a source as the temporary table `mapping`, every column text, words in lower case beside them."""
    read = f"read_csv({files.pattern(path)}, header = TRUE, all_varchar = TRUE, delim = ',', quote = '\"', escape = '\"')"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE mapping AS SELECT *, lower(text) AS word FROM {read}")


def make(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, kind: str = "TEMP VIEW") -> None:
    """One SELECT beside the source as a view or a table of its name. A view is read once, and needs no room."""
    select = (folder / f"{name}.sql").read_text(encoding="utf-8")
    made = f"{kind} {name}" if kind.startswith("TEMP") else scratch.table(connection, name)
    connection.execute(f"CREATE OR REPLACE {made} AS {select}")


def publish(
    connection: duckdb.DuckDBPyConnection, folder: Path, steps: Sequence[str], read_files: Sequence[registry.File]
) -> None:
    """Make the SELECTs beside a source, and give what they made to the schema `sources`.

    steps -- their names after `native_subjects`, in order; the last makes `native_observations`
    read_files -- every file, that of the patients first: those outside the cohort are passed over
    """
    make(connection, folder, "native_subjects", "TEMP TABLE")
    for step in steps:
        make(connection, folder, step)
    make(connection, Path(__file__).parent, "native_charted", "TABLE")
    first, *others = read_files
    cohort = connection.execute("SELECT count(*) FROM native_subjects").fetchone()[0]
    registry.register(connection, [replace(first, passed_over=first.rows - cohort), *others])
    connection.execute("CREATE OR REPLACE VIEW sources.subjects AS SELECT * FROM native_subjects")
    connection.execute("CREATE OR REPLACE VIEW sources.observations AS SELECT * FROM native_charted")
    connection.execute(f"CREATE OR REPLACE VIEW sources.recorded_grades AS {tidy.recorded(files.NOTHING)}")
