"""The command line: `cytograde COMMAND`, the same as `python -m pipeline COMMAND`."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import __version__
from pipeline.errors import CytogradeError, UsageError

if TYPE_CHECKING:
    import duckdb

STOPPED = 130
"""The exit code of a command that was stopped with Ctrl-C, as shells count it."""

app = typer.Typer(
    help="Cytokine release syndrome, graded from the charted vitals of a cohort.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def run(
    source: Annotated[str, typer.Argument(help="Input layout; `cytograde sources` lists them.")],
    folder: Annotated[Path, typer.Argument(help="Folder of the cohort.")],
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    choices: Annotated[
        Path | None, typer.Option(help="TOML file of `name = value`; `cytograde choices` lists them.")
    ] = None,
    systems: Annotated[str | None, typer.Option(help="Grading systems, parted by commas; all by default.")] = None,
    anchors: Annotated[Path | None, typer.Option(help="Infusion times, for sources that do not hold them.")] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Leave out report.html.")] = False,
    pseudonyms: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYFILE",
            help="Replace every subject id and recorder by a pseudonym made with the key in this file; "
            "a new key is made where there is none.",
        ),
    ] = None,
    allow_identifiers: Annotated[
        bool,
        typer.Option(
            "--allow-identifiers", help="Go on, with a notice, where the input seems to hold direct identifiers of persons."
        ),
    ] = False,
    absolute_dates: Annotated[
        bool,
        typer.Option(
            "--absolute-dates", help="Keep the infusion times, in the table staging.infusions, and dates within texts."
        ),
    ] = False,
    suppress_below: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Keep back, in report, documents, tables and figures, every number of 1 to N-1 patients and whatever one "
            "could be computed from; 0 keeps nothing back.",
        ),
    ] = 0,
) -> None:
    """Load, grade, audit, summarise, export and report.

    A run stops (exit code 3) where a text, a column's name or an age looks like a direct identifier of a person:
    a name, a record number, an e-mail address, a telephone number, a date of birth, a national number, an age over 90
    (which stands for 90 or older). No output holds a date of the calendar: all is counted from the infusion.

    In tables/*.csv a text that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab or a
    line end) has an apostrophe before it; the database and tables/*.parquet hold it as it was given.

    With --suppress-below, report.html, tables.docx, tables/ and figures/ hold the first system's tables without small
    numbers, and nothing that shows single patients; cohort.duckdb stays complete, and is not to be passed on.
    """
    from pipeline import build
    from pipeline.reports.terminal import summary
    from pipeline.reports.terminal.progress import Progress

    request = build.Request(
        source=source,
        folder=folder,
        out=out,
        choices=choices,
        systems=_parts(systems) if systems is not None else None,
        anchors=anchors,
        report=not no_report,
        allow_identifiers=allow_identifiers,
        pseudonyms=pseudonyms,
        absolute_dates=absolute_dates,
        suppress_below=suppress_below,
    )
    with Progress() as progress:
        build.run(request, progress)
    typer.echo(summary.text(out))


def _opened(out: Path) -> "duckdb.DuckDBPyConnection":
    """The database of a finished run; where its files do not match its manifest, with a warning."""
    from pipeline import outputs

    connection, warning = outputs.open_built(out)
    if warning:
        typer.echo(f"warning: {warning}", err=True)
    return connection


def _tell_of_patients(out: Path) -> None:
    """A notice, where small counts of a run are kept back, that what follows is for those who hold its database."""
    from pipeline import outputs

    below = outputs.suppress_below(out)
    if below:
        typer.echo(
            f"notice: numbers below {below} are kept back in the report and tables of this run, and not in what this command "
            "prints: it shows single patients, and is not to be passed on.",
            err=True,
        )


def _parts(systems: str) -> tuple[str, ...]:
    """The ids in `--systems A,B`. Raises UsageError where there is none."""
    parts = tuple(part.strip() for part in systems.split(",") if part.strip())
    if not parts:
        raise UsageError("--systems: no grading system is named; name some, or leave it out for all.")
    return parts


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="Subject id.")],
    out: Annotated[Path, typer.Option(help="Folder of a finished run.")],
    system: Annotated[str | None, typer.Option(help="Grading system; all by default.")] = None,
    day: Annotated[int | None, typer.Option(help="Day after the infusion (day 0): its highest grade.")] = None,
    hour: Annotated[float | None, typer.Option(help="Hours after the infusion: the grade at that minute.")] = None,
) -> None:
    """The grade of a subject at a moment, and the chartings behind it; by default at its highest grade."""
    from pipeline.reports.terminal import explain as explaining

    connection = _opened(out)
    _tell_of_patients(out)
    typer.echo(explaining.explain(connection, subject, system=system, day=day, hour=hour))


@app.command()
def quality(out: Annotated[Path, typer.Option(help="Folder of a finished run.")]) -> None:
    """The quality of the charting: units that look wrong, unknown texts, intervals, unknown hours, missing flows and stops."""
    from pipeline.reports.terminal import quality as quality_text

    connection = _opened(out)
    _tell_of_patients(out)
    typer.echo(quality_text.text(connection))


@app.command()
def audit(out: Annotated[Path, typer.Option(help="Folder of a finished run.")]) -> None:
    """Recorded grades against derived ones, how each site charts, and what a clinician should look at.

    The same, in full, is in tables/discrepancies and tables/findings of the folder.
    """
    from pipeline.reports.terminal import audit as audit_text

    connection = _opened(out)
    _tell_of_patients(out)
    typer.echo(audit_text.text(connection))


@app.command()
def figures(
    out: Annotated[Path, typer.Option(help="Folder of a finished run.")],
    format: Annotated[str, typer.Option(help="png, svg, or both parted by a comma.")] = "png,svg",
) -> None:
    """Every figure of the report as a picture, in DIR/figures; it needs Chrome or Chromium."""
    from pipeline.reports import pictures
    from pipeline.reports.terminal.progress import Progress

    kinds = pictures.formats(format)
    connection = _opened(out)
    with Progress() as progress:
        made = pictures.write(connection, out, kinds, progress.step)
    typer.echo(f"{len(made)} pictures in {out / pictures.FOLDER}")


@app.command()
def systems() -> None:
    """The grading systems: citation, criteria, and what no data can decide."""
    from pipeline.reports.terminal import listings

    typer.echo(listings.systems())


@app.command()
def choices() -> None:
    """What the papers leave open: our value, our reason, the alternatives."""
    from pipeline.reports.terminal import listings

    typer.echo(listings.choices())


@app.command()
def tables() -> None:
    """The data dictionary: every table, column, concept and unit."""
    from pipeline.reports.terminal import listings

    typer.echo(listings.tables())


@app.command()
def sources() -> None:
    """The input layouts."""
    from pipeline.reports.terminal import listings

    typer.echo(listings.sources())


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if show:
        typer.echo(f"cytograde {__version__}")
        raise typer.Exit


def _stop() -> None:
    """End after Ctrl-C, at once: threads of the broken query may be at work, and Python's own end trips over them."""
    sentence = "cytograde: stopped; the results of the last finished run are as they were."
    print(sentence, file=sys.stderr, flush=True)
    os._exit(STOPPED)


def main() -> None:
    """Run the command line; a fault is one sentence on standard error and an exit code of its kind."""
    # No matrix here is large, and the threads that numpy and scipy keep for large ones take a tenth of a second to wait.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = app(prog_name="cytograde", standalone_mode=False)
        if code == STOPPED:
            _stop()
        sys.exit(code)
    except CytogradeError as fault:
        print(f"cytograde: {fault}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except typer.TyperException as fault:
        if len(sys.argv) == 1:
            print(fault, file=sys.stderr)
        else:
            rule = fault.format_message().rstrip(".?").replace(". ", "; ")
            command = getattr(getattr(fault, "ctx", None), "command_path", "cytograde")
            print(f"cytograde: {rule}; see `{command} --help`.", file=sys.stderr)
        sys.exit(UsageError.exit_code)
    except Exception as fault:
        if str(fault) == "Query interrupted":  # DuckDB's word for Ctrl-C, a RuntimeError
            _stop()
        if os.environ.get("CYTOGRADE_TRACEBACK"):
            raise
        first = (str(fault).splitlines() or [""])[0]
        print(
            f"cytograde: {type(fault).__name__}: {first}; this is a defect of Cytograde, please report it "
            "(with CYTOGRADE_TRACEBACK=1 set, it shows where).",
            file=sys.stderr,
        )
        sys.exit(UsageError.exit_code - 1)
    finally:
        # The process ends: Python would look through all that is left for what has no owner, which takes a quarter of a second.
        gc.freeze()


if __name__ == "__main__":
    main()
