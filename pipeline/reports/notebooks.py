"""`python -m pipeline.reports.notebooks --out DIR`: runs the notebooks on the build in DIR.

A notebook reads the build that the environment variable CYTOGRADE_OUT names, and is not written to. What it
showed stands in DIR/notebooks/NAME.html, one file that asks nothing of any network.
"""

import asyncio
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import pipeline
from pipeline.errors import CytogradeError, UsageError
from pipeline.outputs import DATABASE, MANIFEST, open_built, suppress_below
from pipeline.reports import rounding
from pipeline.reports.figures.house import CONFIG, FONT

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

FOLDER = Path("notebooks")
SAMPLE = Path("results") / "sample"
"""Where `make run` puts the sample cohort."""

FIGURE = "application/vnd.plotly.v1+json"
LONGEST_CELL_S = 1800


class NotebookError(CytogradeError):
    """A notebook does not run to its end."""


def run(out: Path, folder: Path, console: Console) -> list[Path]:
    """Execute every notebook of the folder on the build in `out`; returns the pages written.

    Raises UsageError (2) where build or notebooks are missing, NotebookError (1) where a cell fails.
    """
    warning = _check_build(out)
    if warning:
        console.print(f"warning: {warning}", markup=False)
    if suppress_below(out):
        print(
            "notice: small numbers are kept back in the report and tables of this run, and not in the pages of the notebooks: "
            "they show single patients, and are not to be passed on.",
            file=sys.stderr,
        )
    return [_run_one(path, out, console) for path in _notebooks(folder)]


def _run_one(path: Path, out: Path, console: Console) -> Path:
    started = time.perf_counter()
    notebook = _read(path)
    with _bar(console, path.name, len(notebook.cells)) as reached:
        _execute(notebook, path, out, reached)
    page = out / "notebooks" / f"{path.stem}.html"
    _write(page, render(notebook, path.stem))
    seconds = time.perf_counter() - started
    console.print(f"{path.name:<44}{len(notebook.cells):>13} cells{rounding.fixed(seconds, 2):>9} s   {page}", markup=False)
    return page


def _check_build(out: Path) -> str | None:
    """A warning where the files do not match the manifest. Raises UsageError where there is no build."""
    if not (out / MANIFEST).is_file() or not (out / DATABASE).is_file():
        is_sample = out.resolve() == SAMPLE.resolve()
        remedy = "`make run`" if is_sample else f"`cytograde run SOURCE FOLDER --out {out}`"
        raise UsageError(f"--out {out}: there is no finished run in this folder; do {remedy} first.")
    connection, warning = open_built(out)
    connection.close()
    return warning


def _notebooks(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(
            f"--notebooks {folder}: there is no such folder; give the folder that holds the notebooks."
        )
    paths = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    if not paths:
        raise UsageError(
            f"--notebooks {folder}: there is no notebook (*.ipynb) in this folder; give another."
        )
    return paths


def _read(path: Path) -> "NotebookNode":
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (OSError, UnicodeDecodeError, nbformat.ValidationError, nbformat.reader.NotJSONError) as fault:
        raise UsageError(
            f"{path}: this is no readable notebook ({_first_line(fault)}); save it again in Jupyter."
        ) from fault
    return notebook


# ---- executing ---------------------------------------------------------------------------------


def _execute(notebook: "NotebookNode", path: Path, out: Path, reached: Callable[[int], None]) -> None:
    """Run the cells in a kernel of this very Python, started in the notebook's folder as Jupyter would."""
    from nbclient import NotebookClient

    started = []

    def starts(cell: "NotebookNode", cell_index: int) -> None:
        started.append(cell_index)
        reached(cell_index)

    with tempfile.TemporaryDirectory(prefix="nb") as scratch:
        client = NotebookClient(
            notebook,
            timeout=LONGEST_CELL_S,
            record_timing=False,
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_start=starts,
            config=_kernel(Path(scratch)),
        )
        try:
            client.execute(
                env=_environment(out, Path(scratch)), stderr=None if _traced() else subprocess.DEVNULL
            )
        except (Exception, asyncio.CancelledError) as fault:
            # nbclient takes an interrupt for itself, ends the kernel, and then stumbles over its absence.
            if getattr(client, "_async_cleanup_kernel_future", None):
                raise KeyboardInterrupt from fault
            raise _failed(notebook, path, started, fault) from fault


def _kernel(scratch: Path) -> "Config":
    """The kernel named python3 is this Python, whatever else is registered; its sockets are files, not ports.

    The file names are short: a socket's path may have about a hundred characters.
    """
    from traitlets.config import Config

    return Config(
        KernelManager={"transport": "ipc", "connection_file": str(scratch / "k.json")},
        KernelSpecManager={"kernel_dirs": []},
    )


def _environment(out: Path, scratch: Path) -> dict[str, str]:
    """What the kernel sees: the build, this copy of the pipeline, and no profile or history of the user's."""
    package = str(Path(pipeline.__file__).parents[1])
    inherited = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "CYTOGRADE_OUT": str(out.resolve()),
        "PYTHONPATH": os.pathsep.join([package, inherited] if inherited else [package]),
        "IPYTHONDIR": str(scratch),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _failed(notebook: "NotebookNode", path: Path, started: list[int], fault: Exception) -> NotebookError:
    """The sentence for a failing cell, which is counted as Jupyter counts: code cells only."""
    if not started:
        return NotebookError(
            f"{path}: no kernel starts ({_first_line(fault)}); check that ipykernel is there."
        )
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: started[-1] + 1])
    return NotebookError(
        f"{path}, code cell {number}: {_said(fault)}; open the notebook in Jupyter to mend it."
    )


def _said(fault: Exception) -> str:
    """What went wrong in a cell, in one line."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    if isinstance(fault, CellExecutionError):
        return f"{fault.ename}: {_first_line(fault.evalue)}"
    if isinstance(fault, CellTimeoutError):
        return f"still running after {LONGEST_CELL_S} s"
    return f"the kernel is gone ({_first_line(fault)})"


def _first_line(fault: object) -> str:
    return (re.sub(r"\x1b\[[0-9;]*m", "", str(fault)).strip().splitlines() or [""])[0]


@contextmanager
def _bar(console: Console, name: str, cells: int) -> Iterator[Callable[[int], None]]:
    """A bar over the cells where a person watches; nothing where none does."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=cells)
        yield lambda cell: progress.update(task, completed=cell)


# ---- rendering ---------------------------------------------------------------------------------


def render(notebook: "NotebookNode", name: str) -> str:
    """An executed notebook as one HTML page that holds all it needs."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.from_dict(notebook)
    figures = _draw_figures(notebook, name)
    exporter = HTMLExporter(
        raw_template=TEMPLATE,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    title = html.escape(_title(notebook) or name)
    return PAGE.format(
        title=title,
        style=STYLE + f"body {{ font-family: {FONT}; }}\n" + _code_style(),
        script=_plotly() if figures else "",
        body=_mark_cells(body),
    )


def _draw_figures(notebook: "NotebookNode", name: str) -> int:
    """Put HTML in the place of every Plotly figure; returns their number."""
    outputs = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if FIGURE in output.get("data", {})
    ]
    for number, output in enumerate(outputs, start=1):
        output.data = {"text/html": _figure(output.data[FIGURE], f"{name}-{number}")}
    return len(outputs)


def _figure(figure: dict, element: str) -> str:
    """A figure as HTML. No text in it can end the script that holds it."""
    layout = figure["layout"]
    height = layout.get("height", 450)
    title = html.escape(re.sub(r"<[^>]*>", " ", layout.get("title", {}).get("text") or "figure"))
    drawing = json.dumps({"data": figure["data"], "layout": layout, "config": CONFIG}).replace("<", "\\u003c")
    return (
        f'<figure aria-label="{title}"><div id="{element}" style="height: {height}px"></div>'
        f'<script>Plotly.newPlot("{element}", {drawing});</script></figure>'
    )


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"


def _code_style() -> str:
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(nobackground=True).get_style_defs(".highlight")


def _title(notebook: "NotebookNode") -> str | None:
    """The first heading of the notebook."""
    headings = (
        re.search(r"^# +(.+)$", cell.source, re.MULTILINE)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
    )
    return next((heading.group(1).strip() for heading in headings if heading), None)


def _mark_cells(body: str) -> str:
    """Numbers in a table are set flush right, short cells are not broken; printed text that scrolls is reached by keyboard."""
    body = re.sub(r'(output_text">\s*<pre)>', r'\1 tabindex="0">', body)
    # A wide table scrolls within its output: who has no mouse must be able to focus it.
    body = body.replace('<div class="output_area">', '<div class="output_area" tabindex="0">')
    body = re.sub(r"<td>([-+]?[\d.,]+(?:e[-+]\d+)?)</td>", r'<td class="number">\1</td>', body)
    return re.sub(r"<td>([^<]{1,30})</td>", r'<td class="short">\1</td>', body)


def _write(page: Path, text: str) -> None:
    """Written aside, then renamed: a page is never half there."""
    aside = page.with_name(f".{page.name}")
    try:
        page.parent.mkdir(exist_ok=True)
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, page)
    except OSError as fault:
        raise UsageError(
            f"{page}: the page cannot be written ({fault.strerror}); check the folder."
        ) from fault


TEMPLATE = """\
{%- extends 'basic/index.html.j2' -%}
{% block input %}
<details class="code"><summary>Code {{ cell.execution_count or '' }}</summary>{{ super() }}</details>
{% endblock input %}
"""

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data: blob:">
<title>{title}</title>
<style>
{style}
</style>
{script}
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

STYLE = """\
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #1b2430; }
body { font-size: 16px; line-height: 1.55; }
main { max-width: 1040px; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 2.8rem 0 .6rem; padding-top: 1rem; border-top: 1px solid #d5dbe1; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p, li { max-width: 46rem; }
a { color: #0b5cad; }
code, pre { font: .86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: 0; padding: .8rem 1rem; overflow-x: auto; background: #f5f7f9; border-radius: 4px; }
.code { margin: .5rem 0; }
.code summary { cursor: pointer; color: #52606d; font-size: .85rem; }
.output_area { margin: .4rem 0 .8rem; overflow-x: auto; }
.output_area p { margin: 0; }
.output_stderr pre, .output_error pre { background: #fdf1e7; }
figure { margin: 0; min-width: 640px; }
table { border-collapse: collapse; border: 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left !important; vertical-align: top; border: 0; }
thead th { border-bottom: 2px solid #9aa5b1; font-weight: 600; vertical-align: bottom; }
tbody tr { border-bottom: 1px solid #e4e7eb; }
tbody th { font-weight: 600; }
td.number { text-align: right !important; }
td.short { white-space: nowrap; }
@media print { main { max-width: none; } .code { display: none; } }
"""


# ---- the command -------------------------------------------------------------------------------


def command(
    out: Annotated[Path, typer.Option(help="Folder of a finished run.")],
    notebooks: Annotated[Path, typer.Option(help="Folder of the notebooks.")] = FOLDER,
) -> None:
    """Run the notebooks on a finished run; a page of each is put in its folder `notebooks`."""
    try:
        run(out, notebooks, Console(file=sys.stdout, highlight=False, soft_wrap=True))
    except KeyboardInterrupt:
        print("cytograde: stopped; the pages already there are whole.", file=sys.stderr)
        raise typer.Exit(130) from None


def _traced() -> bool:
    """Whether the user asks where a fault came from."""
    return bool(os.environ.get("CYTOGRADE_TRACEBACK"))


def main() -> None:
    """A fault is one sentence on standard error and an exit code of its kind."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(command)
    try:
        app(prog_name="python -m pipeline.reports.notebooks")
    except CytogradeError as fault:
        print(f"cytograde: {fault}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except Exception as fault:
        if _traced():
            raise
        print(
            f"cytograde: {type(fault).__name__}: {_first_line(fault)}; this is a defect of Cytograde, "
            "please report it (with CYTOGRADE_TRACEBACK=1 set, it shows where).",
            file=sys.stderr,
        )
        sys.exit(CytogradeError.exit_code)


if __name__ == "__main__":
    main()
