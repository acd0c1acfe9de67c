"""The command line: `cytograde COMMAND`, the same as `python -m pipeline COMMAND`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.errors import CytogradeError, UsageError

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
    choices: Annotated[Path | None, typer.Option(help="TOML file of `name = value`; `cytograde choices` lists them.")] = None,
    systems: Annotated[str | None, typer.Option(help="Grading systems, parted by commas; all by default.")] = None,
    anchors: Annotated[Path | None, typer.Option(help="Infusion times, for sources that do not hold them.")] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Leave out report.html.")] = False,
) -> None:
    """Load, grade, audit, summarise, export and report."""
    from pipeline import build
    from pipeline.reports import summary
    from pipeline.reports.progress import Progress

    request = build.Request(
        source=source,
        folder=folder,
        out=out,
        choices=choices,
        systems=tuple(part.strip() for part in systems.split(",") if part.strip()) if systems is not None else None,
        anchors=anchors,
        report=not no_report,
    )
    with Progress() as progress:
        build.run(request, progress)
    typer.echo(summary.text(out))


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="Subject id.")],
    out: Annotated[Path, typer.Option(help="Folder of a finished run.")],
    system: Annotated[str | None, typer.Option(help="Grading system; all by default.")] = None,
    day: Annotated[int | None, typer.Option(help="Day after the infusion (day 0): its highest grade.")] = None,
    hour: Annotated[float | None, typer.Option(help="Hours after the infusion: the grade at that minute.")] = None,
) -> None:
    """The grade of a subject at a moment, and the chartings behind it; by default at its highest grade."""
    from pipeline import build
    from pipeline.reports import explain as explaining

    connection, warning = build.open_built(out)
    if warning:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(explaining.explain(connection, subject, system=system, day=day, hour=hour))


@app.command()
def systems() -> None:
    """The grading systems: citation, criteria, and what no data can decide."""
    from pipeline.reports import listings

    typer.echo(listings.systems())


@app.command()
def choices() -> None:
    """What the papers leave open: our value, our reason, the alternatives."""
    from pipeline.reports import listings

    typer.echo(listings.choices())


@app.command()
def tables() -> None:
    """The data dictionary: every table, column, concept and unit."""
    from pipeline.reports import listings

    typer.echo(listings.tables())


@app.command()
def sources() -> None:
    """The input layouts."""
    from pipeline.reports import listings

    typer.echo(listings.sources())


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if show:
        typer.echo(f"cytograde {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a fault is one sentence on standard error and an exit code of its kind."""
    try:
        app(prog_name="cytograde")
    except CytogradeError as fault:
        print(f"cytograde: {fault}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        print("cytograde: stopped; the results of the last finished run are as they were.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as fault:
        if os.environ.get("CYTOGRADE_TRACEBACK"):
            raise
        first = (str(fault).splitlines() or [""])[0]
        print(
            f"cytograde: {type(fault).__name__}: {first}; this is a defect of Cytograde, please report it "
            "(with CYTOGRADE_TRACEBACK=1 set, it shows where).",
            file=sys.stderr,
        )
        sys.exit(UsageError.exit_code - 1)


if __name__ == "__main__":
    main()
