"""`run`: load, grade, audit, summarise, export and report, built aside and moved in when whole."""

import hashlib
import importlib
import json
import platform
import resource
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType

import duckdb

from pipeline import __version__, audits, choices, flow, outputs, sources
from pipeline.audits import Finding
from pipeline.choices import Choice
from pipeline.database import another, create
from pipeline.errors import AuditError, ResourceError, UsageError, first_line
from pipeline.grading import examples, organs, rules
from pipeline.grading.rules import System
from pipeline.privacy import dates, pseudonyms, released, veil
from pipeline.reports.terminal.progress import Progress
from pipeline.sources.parts import scratch
from pipeline.sources.parts.columns import literal
from pipeline.sources.parts.files import check_whole

SCRATCH = "scratch.duckdb"

MEMORY = "1500MB"
"""The memory that DuckDB keeps to; what needs more goes to the disk beside the results."""

EXPORTS = {
    "subjects": ("summaries.subjects", "t.system, t.subject_id"),
    "episodes": ("episodes.episodes", "t.system, t.subject_id, t.episode"),
    "grades": ("grading.grades", "t.system, t.subject_id, t.start_minute"),
    "cohort": ("summaries.cohort", "t.system, t.stratum <> 'all', t.stratum, place_of_level(t.level), t.level"),
    "refusals": ("staging.refusals", "t.source_file, t.source_row"),
    "quality_chartings": ("quality.chartings", "t.stratum, t.level, t.concept"),
    "quality_units": ("quality.units", "t.stratum, t.level, t.concept, t.unit_written"),
    "pairs": ("summaries.pairs", "t.system_a, t.system_b"),
    "differences": ("summaries.differences", "t.system_a, t.system_b, t.subject_id"),
    "discrepancies": ("recorded.discrepancies", "t.system, t.subject_id, t.entry"),
    "results": ("results.results", "t.system, t.table_no, t.row_no, t.column_no, t.statistic"),
    "listing": ("results.listing", "t.system, t.subject_id, t.episode"),
    "findings": ("audits.findings", "t.audit, t.system NULLS FIRST, t.subject_id, t.minute, t.value"),
}
"""What is exported as CSV and Parquet, and the order of its rows by the columns of the table, t."""

RELEASED = {"results": (released.TABLE, "t.system, t.table_no, t.row_no, t.column_no, t.statistic")}
"""The same where small counts are kept back: every other table shows single patients, or counts of few."""


@dataclass(frozen=True)
class Request:
    """What a run is asked to do."""

    source: str
    folder: Path
    out: Path
    choices: Path | None = None
    systems: tuple[str, ...] | None = None
    anchors: Path | None = None
    report: bool = True
    allow_identifiers: bool = False
    pseudonyms: Path | None = None
    absolute_dates: bool = False
    suppress_below: int = 0


def run(request: Request, progress: Progress) -> dict:
    """Do everything; returns the manifest.

    Raises ResourceError (1), UsageError (2), SourceError (3), AuditError (4: the build is done, and moved in) and
    SystemFileError (5).
    """
    released.check(request.suppress_below)
    taken = choices.read(request.choices)
    graders = rules.chosen(rules.read_systems(), request.systems)
    examples.check(*graders.values())
    organs.check(organs.read_scale())
    source = sources.get(request.source)
    key, about_the_key = pseudonyms.key_of(request.pseudonyms, request.out) if request.pseudonyms else (None, [])
    for notice in about_the_key:
        progress.notice(notice)
    started = time.perf_counter()
    threading.Thread(target=_import_ahead, daemon=True).start()
    with outputs.alone_in(request.out):
        building = outputs.empty(request.out / outputs.BUILDING)
        try:
            with _blamed(request):
                manifest, findings = _fill(building, request, source, taken, graders, key, progress)
                if request.suppress_below:
                    outputs.clear_of_patients(building, request.out)
                outputs.move_in(building, request.out)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    progress.step(f"done, with {_peak_memory():.2f} GB of memory at the most", None, time.perf_counter() - started)
    if findings:
        first = findings[0]
        raise AuditError(
            f"the build is done, but it breaks a law: {first.name} ({first.sentence.rstrip('.')}) "
            f"found {first.rows} rows, the first {first.first}; do not use these results, and report this as a defect."
        )
    return manifest


def _import_ahead() -> None:
    """Import what the summaries compute with, while DuckDB reads the source: it takes a quarter of a second."""
    for name in ("pandas", "scipy.special"):
        importlib.import_module(name)


def _peak_memory() -> float:
    """The most memory that this process has held, in GB (1e9 bytes)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e9 if sys.platform == "darwin" else most * 1024 / 1e9


def _fill(
    building: Path,
    request: Request,
    source: ModuleType,
    taken: Mapping[str, Choice],
    graders: Mapping[str, System],
    key: bytes | None,
    progress: Progress,
) -> tuple[dict, list[Finding]]:
    """Build everything into the folder, the manifest last; returns the manifest and what the audits found."""
    if request.suppress_below:
        progress = _Uncounted(progress)
    connection = create(building / outputs.DATABASE)
    try:
        connection.execute(f"SET temp_directory = {literal(building / 'spill')}")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        scratch.attach(connection, building / SCRATCH)
        flow.prepare(connection, taken, graders)
        started = time.perf_counter()
        notices = source.read(connection, request.folder, request.anchors)
        notices += veil.draw(connection, key, request.allow_identifiers and not request.absolute_dates)
        for notice in notices:
            progress.notice(notice)
        progress.step(f"read {request.folder.name}", None, time.perf_counter() - started)
        let_through = flow.build(connection, graders, progress.step, request.allow_identifiers)
        for notice in let_through:
            progress.notice(notice)
        started = time.perf_counter()
        connection.begin()
        listed = audits.look(connection)
        connection.commit()
        progress.step("audits.findings", listed, time.perf_counter() - started)
        exports = EXPORTS
        if request.suppress_below:
            started = time.perf_counter()
            released.release(connection, request.suppress_below)
            progress.step(released.TABLE, None, time.perf_counter() - started)
            exports = RELEASED
        with _stored_meanwhile(connection):
            started = time.perf_counter()
            findings = audits.run(connection)
            found = f"audits: {len(audits.files())}, of which {len(findings)} found something"
            progress.step(found, None, time.perf_counter() - started)
            started = time.perf_counter()
            digest = _export(connection, building / "tables", exports)
            progress.step("tables", None, time.perf_counter() - started)
        manifest = _manifest(connection, request, source, taken, graders)
        manifest["notices"] = [*notices, *let_through]
        manifest["privacy"] = {
            "allow_identifiers": request.allow_identifiers,
            "pseudonyms_key": pseudonyms.fingerprint(key) if key else None,
            "absolute_dates": request.absolute_dates,
        }
        manifest["suppress_below"] = request.suppress_below
        manifest["audits"] = [vars(finding) for finding in findings]
        manifest["digest"] = digest
        if request.report:
            _report(connection, building, manifest, progress)
        dates.settle(connection, request.absolute_dates)
        _forget_sources(connection)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    shutil.rmtree(building / "spill", ignore_errors=True)
    for left in building.glob(f"{SCRATCH}*"):
        left.unlink()
    manifest["outputs"] = {name: outputs.sha256(building / name) for name in outputs.relative_files(building)}
    (building / outputs.MANIFEST).write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
    return manifest, findings


@contextmanager
def _stored_meanwhile(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Compress and write what still stands in memory, by a second connection, while this one only reads."""
    with another(connection) as other, ThreadPoolExecutor(1) as pool:
        stored = pool.submit(other.execute, "CHECKPOINT")
        yield
        stored.result()


class _Uncounted:
    """Progress that does not say how many rows a table has: some are those of few patients."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.notice = progress.notice

    def step(self, name: str, rows: int | None, seconds: float) -> None:
        self._progress.step(name, None, seconds)


@contextmanager
def _blamed(request: Request) -> Iterator[None]:
    """A build that broke off, put down to its cause: a damaged file, the memory, the disk.

    Raises SourceError, ResourceError, UsageError; what none of them explains goes on.
    """
    try:
        yield
    except (duckdb.Error, OSError) as fault:
        first = first_line(fault)
        for path in sorted(request.folder.glob("*.parquet")):
            check_whole(path)
        if isinstance(fault, duckdb.OutOfMemoryException):
            raise ResourceError(f"the memory of this machine ran out ({first}); close other programs.") from fault
        if isinstance(fault, (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, OSError)):
            raise UsageError(
                f"--out {request.out}: the results cannot be written ({first}); make room, or give another folder."
            ) from fault
        raise


def _report(connection: duckdb.DuckDBPyConnection, building: Path, manifest: dict, progress: Progress) -> None:
    from pipeline.reports import report, word

    started = time.perf_counter()
    report.write(connection, building / outputs.REPORT, manifest)
    progress.step("report", None, time.perf_counter() - started)
    started = time.perf_counter()
    word.write(connection, building / outputs.WORD, manifest)
    progress.step(outputs.WORD, None, time.perf_counter() - started)


def _mapping(source: ModuleType) -> str | None:
    """The hash of the table by which a source reads native codes and texts; a source of plain columns has none."""
    path = Path(source.__file__).with_name("mapping.csv")
    return outputs.sha256(path) if hasattr(source, "__path__") and path.is_file() else None


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    source: ModuleType,
    taken: Mapping[str, Choice],
    graders: Mapping[str, System],
) -> dict:
    """What went in and by which rules. Holds no time and no machine's path: the same input gives the same bytes."""
    return {
        "cytograde": __version__,
        "source": request.source,
        "mapping": _mapping(source),
        "time_zero": connection.execute("SELECT sentence FROM sources.time_zero").fetchone()[0],
        "inputs": _inputs(connection, request.folder),
        "choices": {name: choice.value for name, choice in taken.items()},
        "choices_changed": sorted(name for name, choice in taken.items() if choice.is_changed),
        "systems": {
            system.id: hashlib.sha256(system.path.read_bytes()).hexdigest()
            for system in graders.values()
            if system.path
        },
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("duckdb", "pandas", "pyarrow", "plotly", "sqlglot", "scipy")},
        },
    }


def _inputs(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[dict]:
    """Every file that was read, with its hash and its rows; one that was only looked up in has no rows of its own."""
    loaded = connection.execute(
        "SELECT f.source_file AS file, l.* EXCLUDE (source_file) FROM sources.files AS f "
        "LEFT JOIN staging.load AS l ON l.source_file = f.source_file ORDER BY f.source_file_no"
    )
    names = [column[0] for column in loaded.description]
    inputs, hashes = [], {}
    for row in loaded.fetchall():
        given = dict(zip(names, row, strict=True))
        path = folder / given["file"].partition(":")[0]
        if path not in hashes:
            hashes[path] = outputs.sha256(path) if path.is_file() else None
        inputs.append({"file": given.pop("file"), "sha256": hashes[path], **given})
    return inputs


def _export(connection: duckdb.DuckDBPyConnection, folder: Path, exports: Mapping[str, tuple[str, str]]) -> str:
    """Write the tables as CSV and Parquet; returns the digest of the results."""
    folder.mkdir()
    digest = hashlib.sha256()
    for name, (table, order) in exports.items():
        csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
        as_csv, as_parquet = export_selects(connection, table, order)
        connection.execute(f"COPY ({as_csv}) TO {literal(csv)} (HEADER, DELIMITER ',')")
        connection.execute(f"COPY ({as_parquet}) TO {literal(parquet)} (FORMAT parquet)")
        digest.update(name.encode() + b"\0" + csv.read_bytes())
    return digest.hexdigest()


def export_selects(connection: duckdb.DuckDBPyConnection, table: str, order: str) -> tuple[str, str]:
    """Return the SELECTs of a table's CSV and Parquet files, each with its ORDER BY outermost.

    order -- by the columns of the table, t: by its texts as they are stored, so that both files have the same order
    Whatever came after a sort in a subquery could be planned as a join, and lose the order: here nothing comes after it.
    """
    columns = connection.execute(f"DESCRIBE {table}").fetchall()
    cells = ", ".join(_cell(column, kind) for column, kind, *_ in columns)
    return f"SELECT {cells} FROM {table} AS t ORDER BY {order}", f"SELECT * FROM {table} AS t ORDER BY {order}"


def _cell(column: str, kind: str) -> str:
    """How a column stands in CSV: lists as words, and no text that a spreadsheet would run as a formula."""
    quoted = f'"{column}"'
    if kind == "VARCHAR[]":
        return f"array_to_string(t.{quoted}, ' ') AS {quoted}"
    if kind == "VARCHAR":
        # Not IN, nor a list: DuckDB plans both as a join with the list, at the cost of a second table.
        formula = f"regexp_matches(t.{quoted}, '^[=+@\\t\\r\\n-]')"
        return f"CASE WHEN {formula} THEN '''' || t.{quoted} ELSE t.{quoted} END AS {quoted}"
    return f"t.{quoted}"


def _forget_sources(connection: duckdb.DuckDBPyConnection) -> None:
    """The views on the input files go; what they gave stays."""
    views = connection.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'sources'").fetchall()
    for (view,) in views:
        connection.execute(f"DROP VIEW sources.{view}")
