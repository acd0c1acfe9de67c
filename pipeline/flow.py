"""The build: the seeds, then every model in the order in which they read one another."""

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import duckdb

from pipeline import choices as choices_
from pipeline import model as models
from pipeline import side_by_side
from pipeline.choices import Choice
from pipeline.database import another
from pipeline.errors import SourceError
from pipeline.grading import compiled, rules, words
from pipeline.grading.rules import System
from pipeline.model import PACKAGE, Model
from pipeline.privacy import screen
from pipeline.sources import tidy
from pipeline.sources.parts.columns import insert, literal
from pipeline.sources.parts.files import Table, pattern
from pipeline.summaries import intervals

SEEDS = ("concepts", "units", "faults")
"""Tables of the staging room that stand in CSV files beside it."""

SHELLS = ("tables", "shells", "stratum_columns")
"""What the tables of the results are to hold, in CSV files beside their models: titles and footnotes, and rows."""

Report = Callable[[str, int | None, float], None]
"""What is told after each step: table, rows where it has any, seconds."""


def build(
    connection: duckdb.DuckDBPyConnection,
    systems: Mapping[str, System],
    report: Report | None = None,
    allow_identifiers: bool = False,
) -> list[str]:
    """Build every room from the schema `sources`, which the source has filled after `prepare`. Returns notices.

    Raises SourceError where a subject cannot be read, where clock times have no infusion to count from, or where a text
    looks like a direct identifier and that is not allowed.
    """
    ordered = ordered_models(systems)
    staged = [model for model in ordered if models.ROOMS.index(model.room) <= models.ROOMS.index("staging")]
    for model in staged:
        _tell(report, model, _make_and_count(connection, model))
        if model.table == "staging.subject_faults":
            _stop_at_subject_faults(connection)
        if model.table == "staging.charted":
            _stop_at_missing_infusion(connection)
    started = time.perf_counter()
    notices = screen.look(connection, allow_identifiers)
    if report:
        report("screened for direct identifiers", None, time.perf_counter() - started)
    make_side_by_side(connection, [model for model in ordered if model not in staged], report)
    return notices


def make_side_by_side(connection: duckdb.DuckDBPyConnection, ordered: list[Model], report: Report | None = None) -> None:
    """Make these models, each after those it reads and else at the same time; tell of them in this order."""
    others = [another(connection, [intervals.incidence_macro()]) for _ in range(side_by_side.AT_A_TIME - 1)]
    try:
        side_by_side.make_all([connection, *others], ordered, _make_and_count, partial(_tell, report))
    finally:
        for other in others:
            other.close()


def _make_and_count(connection: duckdb.DuckDBPyConnection, model: Model) -> tuple[int | None, float]:
    """Make a model; returns its rows, where they are stored, and the seconds it took."""
    started = time.perf_counter()
    with _at_once(connection):
        rows = make(connection, model)
    return rows, time.perf_counter() - started


def _tell(report: Report | None, model: Model, made: tuple[int | None, float]) -> None:
    if report and not model.is_view:
        report(model.table, *made)


@contextmanager
def _at_once(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Many statements as one transaction: a table is there with all that is said of it, or is not."""
    connection.begin()
    yield
    connection.commit()


@contextmanager
def empty_build() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table of the build over a cohort without a row: the shape of the database, for its dictionary."""
    with duckdb.connect() as connection:
        systems = rules.read_systems()
        prepare(connection, choices_.defaults(), systems)
        tables = {
            name: Table(name, name, number, "(SELECT 1 AS row_no WHERE FALSE)", "row_no", {})
            for number, name in enumerate(("subjects", "observations", "recorded_grades"), start=1)
        }
        tidy.build(connection, tables, checked=False)
        for model in ordered_models(systems):
            make(connection, model)
        yield connection


def prepare(connection: duckdb.DuckDBPyConnection, choices: Mapping[str, Choice], systems: Mapping[str, System]) -> None:
    """Choices as variables, macros, rooms, seeds and rules: what a source and the models find ready."""
    with _at_once(connection):
        for room in models.ROOMS:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {room}")
        _load_rules(connection, choices, systems)


def _load_rules(connection: duckdb.DuckDBPyConnection, choices: Mapping[str, Choice], systems: Mapping[str, System]) -> None:
    choices_.set_variables(connection, choices)
    connection.execute((PACKAGE / "macros.sql").read_text(encoding="utf-8"))
    intervals.register(connection)
    for statement in compiled.macros(systems.values()):
        connection.execute(statement)
    for seed in SEEDS:
        load_seed(connection, f"staging.{seed}", PACKAGE / "staging" / f"{seed}.csv")
    compiled.register(connection, systems.values())
    _register_choices(connection, choices)
    load_seed(connection, "rules.words", words.FILE)
    for shell in SHELLS:
        load_seed(connection, f"rules.{shell}", PACKAGE / "results" / f"{shell}.csv")


def load_seed(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """A CSV file of the package as a table; numbers are numbers, blanks are NULL."""
    read = f"read_csv({pattern(path)}, header = TRUE, sample_size = -1, hive_partitioning = FALSE)"
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {read}")


def _register_choices(connection: duckdb.DuckDBPyConnection, choices: Mapping[str, Choice]) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE rules.choices (name VARCHAR, value DOUBLE, default_value DOUBLE, unit VARCHAR, "
        "reason VARCHAR, alternatives VARCHAR)"
    )
    rows = [(c.name, c.value, c.default, c.unit, c.reason, c.alternatives) for c in choices.values()]
    insert(connection, "rules.choices", rows)


def ordered_models(systems: Mapping[str, System]) -> list[Model]:
    """Every model of the build, in order; the rules are one of them, compiled."""
    every = [*models.read_models(), compiled.findings_model(systems.values())]
    return models.in_order(every)


def make(connection: duckdb.DuckDBPyConnection, model: Model) -> int | None:
    """Make one table or view, and write its sentence and its columns' meanings into the database.

    Returns the rows of a table.
    """
    kind = "VIEW" if model.is_view else "TABLE"
    created = connection.execute(f"CREATE OR REPLACE {kind} {model.table} AS {model.select}")
    rows = None if model.is_view else created.fetchone()[0]
    connection.execute(f"COMMENT ON {kind} {model.table} IS {literal(model.sentence)}")
    known = dictionary()
    columns = [column[0] for column in connection.execute(f"DESCRIBE {model.table}").fetchall()]
    meant = [f'COMMENT ON COLUMN {model.table}."{column}" IS {literal(known[column])};' for column in columns if column in known]
    connection.execute("".join(meant))
    return rows


@cache
def dictionary() -> dict[str, str]:
    """The meaning of every column name, the same in every table, from columns.csv."""
    with (PACKAGE / "columns.csv").open(encoding="utf-8", newline="") as file:
        return {row["column"]: row["meaning"] for row in csv.DictReader(file)}


def _stop_at_subject_faults(connection: duckdb.DuckDBPyConnection) -> None:
    faults = connection.execute("SELECT source_file, source_row, subject_id, reason FROM staging.subject_faults").fetchall()
    if faults:
        file, row, subject, reason = faults[0]
        more = f" ({len(faults)} rows of this file cannot be read)" if len(faults) > 1 else ""
        raise SourceError(f"{file}, row {row}, subject {subject!r}: {reason}{more}.")
    subjects = connection.execute("SELECT count(*) FROM sources.subjects").fetchone()[0]
    if not subjects:
        file = connection.execute("SELECT source_file FROM sources.files WHERE role = 'subjects'").fetchone()[0]
        raise SourceError(f"{file}: there is no subject in it; give one row per subject of the cohort.")


def _stop_at_missing_infusion(connection: duckdb.DuckDBPyConnection) -> None:
    first = connection.execute(
        "SELECT s.subject_id, f.source_file, c.source_row FROM staging.charted AS c "
        "JOIN staging.subjects AS s USING (subject_no) "
        "JOIN sources.files AS f ON f.source_file_no = c.source_file_no "
        "WHERE c.fault_no = 30 ORDER BY c.source_row LIMIT 1"
    ).fetchone()
    if first:
        subject, file, row = first
        raise SourceError(
            f"{file}, row {row}: a clock time, but subject {subject!r} has no infusion_time in the subjects file; "
            "give it there, or give times in hours since the infusion."
        )
