"""A page per patient, for a cohort too large for one file: small pages, and what they share beside them once."""

import json
from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup, escape

from pipeline.reports import assets
from pipeline.reports.patients.ways import Ways

PLACES = ("title", "way", "data")
"""What is filled into the shell, in this order."""


def write(folder: Path, shell: str, courses: Mapping[int, tuple[str, str]], shared: Mapping, ways: Ways) -> None:
    """Write the pages and their assets into a folder of their own. The same cohort gives the same bytes.

    shell -- the page with `place(name)` where something is to be filled in
    courses -- by subject number the subject id and the JSON of the course
    shared -- what all courses are told with
    """
    _write_assets(folder / "assets", shared)
    pieces = _split(shell)
    numbers = list(courses)
    for index, number in enumerate(numbers):
        subject, course = courses[number]
        before = ways.file(numbers[index - 1]) if index else None
        after = ways.file(numbers[index + 1]) if index + 1 < len(numbers) else None
        filled = (escape(f"{subject} – course of one patient"), _way(before, after), assets.script(course))
        page = pieces[0] + "".join(str(one) + piece for one, piece in zip(filled, pieces[1:], strict=True))
        (folder / ways.file(number)).write_text(page, encoding="utf-8", newline="\n")


def place(name: str) -> Markup:
    """What stands in the shell where something is to be filled in."""
    return Markup(f"\x00{name}\x00")


def _split(shell: str) -> list[str]:
    pieces = []
    for name in PLACES:
        before, _, shell = shell.partition(place(name))
        pieces.append(before)
    return [*pieces, shell]


def _way(before: str | None, after: str | None) -> Markup:
    """The links of a page: to the report and to the patients before and after."""
    links = [Markup('<a href="../report.html#subjects">All patients</a>')]
    if before:
        links.append(Markup('<a rel="prev" href="{}">Previous patient</a>').format(before))
    if after:
        links.append(Markup('<a rel="next" href="{}">Next patient</a>').format(after))
    return Markup(" ").join(links)


def _write_assets(folder: Path, shared: Mapping) -> None:
    folder.mkdir(parents=True)
    style = assets.grade_variables() + assets.read("report.css") + assets.read("course.css")
    told = f"const cytogradePatients = {assets.script(json.dumps(shared, ensure_ascii=False))};\n"
    for name, text in (
        ("plotly.js", assets.plotly()),
        ("patients.js", assets.read("rounding.js") + assets.read("course.js") + told + assets.read("patient.js")),
        ("patient.css", style),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
