"""tables.docx: the tables of the report's first system and its listing of episodes, for a document processor."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.reports import data, publication, released, words
from pipeline.reports.data import Row
from pipeline.reports.publication import Published
from pipeline.reports.tables import Cell, Line, Table

FONT = "Arial"
WRITTEN = datetime(2000, 1, 1)
"""The date that stands in the file, and in the archive it is: the same tables give the same bytes."""

A4 = (11906, 16838)
MARGIN = 1020
"""Sizes in twentieths of a point: a sheet, and its margins (18 mm)."""

LETTERS = (5, 26)
"""Of a column: the fewest and the most letters that its width allows for."""

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write(connection: duckdb.DuckDBPyConnection, path: Path, manifest: Mapping) -> None:
    """Write the tables of a built cohort.

    manifest -- what went in and by which rules, as `build` makes it: version, source and digest stand in the first lines
    """
    system = data.systems(connection)[0]
    choices = data.choices(connection)
    document = _document()
    _opening(document, system, manifest, data.stand_in(connection))
    below = released.below(manifest)
    if below:
        document.add_paragraph(f"{released.sentence(below)} The listing of episodes is left out.")
    tables = publication.published(connection, system, suppressed=bool(below))
    across = False
    for place, one in enumerate(tables):
        across = _page(document, one.is_wide, across, is_first=place == 0)
        _published(document, one, choices, across)
    if not below:
        _page(document, True, across, is_first=False)
        _listing(document, publication.listing(connection, system))
    path.write_bytes(_dated(document))


def _document():
    """An empty document in the house's font, with the styles that are used."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    for name, size in (("Normal", 9), ("Caption", 10), ("Title", 16), ("Heading 1", 13)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(theme), None)
    caption = document.styles["Caption"]
    caption.font.bold, caption.font.color.rgb = True, None
    caption.paragraph_format.keep_with_next = True
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = "Tables"
    properties.created = properties.modified = properties.last_printed = WRITTEN
    properties.revision = 1
    _paper(document.sections[0], across=False)
    return document


def _paper(section, across: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Twips

    short, long = A4
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Twips(long), Twips(short)) if across else (Twips(short), Twips(long))
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Twips(MARGIN)


def _opening(document, system: Row, manifest: Mapping, stand_in: str | None) -> None:
    document.add_paragraph("Tables", style="Title")
    document.add_paragraph(
        f"{system['name']}. Cytograde {manifest['cytograde']}, digest of the results {manifest['digest'][:16]}. "
        "Research and audit use; not a medical device, not for bedside use. Every number is a row of tables/results.csv. "
        f"{words.ROUNDED}"
    )
    if stand_in:
        document.add_paragraph(f"Not a result on CRS. {stand_in}").runs[0].bold = True
    if system["is_misprint"]:
        document.add_paragraph(f"Misprinted ladder. {system['misprint']}").runs[0].bold = True


def _page(document, wide: bool, across: bool, is_first: bool) -> bool:
    """A page of its own for the next table; a section of its own where the sheet is turned. Whether it lies across now."""
    from docx.enum.section import WD_SECTION

    if wide != across:
        _paper(document.add_section(WD_SECTION.NEW_PAGE), wide)
    elif not is_first:
        document.add_page_break()
    return wide


def _published(document, one: Published, choices: Mapping[str, Row], across: bool) -> None:
    document.add_paragraph(one.table.caption, style="Caption")
    _table(document, one.table, across)
    for note in (one.estimand, *one.notes, *_in_force(one.choices, choices)):
        _note(document, note)


def _in_force(names: Sequence[str], choices: Mapping[str, Row]) -> list[str]:
    if not names:
        return []
    said = (
        f"{name} = {words.setting(choices[name]['value'])} {choices[name]['unit']}"
        + (f" (changed from {words.setting(choices[name]['default_value'])})" if choices[name]["is_changed"] else "")
        for name in names
    )
    return [f"Choices in force: {'; '.join(said)}."]


def _note(document, text: str) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(3)
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(text).font.size = Pt(8)


def _listing(document, table: Table) -> None:
    document.add_paragraph(table.caption, style="Caption")
    if table.lines:
        _table(document, table, across=True, points=6.5)
    else:
        document.add_paragraph("No episode.")


def _table(document, table: Table, across: bool, points: float = 8.5) -> None:
    """The table as one element: a cell at a time is slow in a long listing."""
    from docx.oxml import parse_xml

    widths = _widths(table, A4[1 if across else 0] - 2 * MARGIN)
    rows = [_row(table.heads, widths, table, points, is_head=True), *(_line(line, widths, table, points) for line in table.lines)]
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    rule = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="{}"/>'
    borders = rule.format("top", 8, "1B2733") + rule.format("bottom", 8, "1B2733") + rule.format("insideH", 4, "D5DCE3")
    element = parse_xml(
        f'<w:tbl xmlns:w="{NAMESPACE}"><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{borders}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:firstRow="1" w:firstColumn="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )
    document.element.body.insert(len(document.element.body) - 1, element)


def _widths(table: Table, width: int) -> list[int]:
    """The widths of the columns, by the longest line in each."""
    rows = [table.heads, *((line.head, *(_words(cell) for cell in line.cells)) for line in table.lines if not line.group)]
    fewest, most = LETTERS
    letters = [
        min(max(fewest, *(len(line) + 1 for text in column for line in text.split("\n"))), most)
        for column in zip(*rows, strict=True)
    ]
    return [width * one // sum(letters) for one in letters]


def _line(line: Line, widths: Sequence[int], table: Table, points: float) -> str:
    if line.group:
        cell = _cell(line.head, sum(widths), points, bold=True, span=len(widths))
        return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cell}</w:tr>"
    return _row((line.head, *(_words(cell) for cell in line.cells)), widths, table, points, indented=line.indented)


def _words(cell: Cell) -> str:
    return " ".join(part for part in (cell.text, cell.beside, cell.below) if part)


def _row(
    texts: Sequence[str], widths: Sequence[int], table: Table, points: float, is_head: bool = False, indented: bool = False
) -> str:
    cells = "".join(
        _cell(
            text, width, points,
            bold=is_head, right=place > 0 and place not in table.texts, indent=170 if indented and not place else 0,
        )
        for place, (text, width) in enumerate(zip(texts, widths, strict=True))
    )  # fmt: skip
    repeated = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _cell(text: str, width: int, points: float, bold: bool = False, right: bool = False, indent: int = 0, span: int = 1) -> str:
    """A cell; what XML cannot hold is left out of its text."""
    from xml.sax.saxutils import escape

    lines = ("".join(character for character in line if _can_stand(character)) for line in text.split("\n"))
    written = '</w:t><w:br/><w:t xml:space="preserve">'.join(map(escape, lines))
    size = int(2 * points)
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    weight = "<w:b/>" if bold else ""
    align = '<w:jc w:val="right"/>' if right else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}</w:tcPr><w:p><w:pPr><w:spacing w:before="20" w:after="20"/>'
        f'<w:ind w:left="{indent}"/>{align}</w:pPr><w:r><w:rPr>{weight}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{written}</w:t></w:r></w:p></w:tc>'
    )


def _can_stand(character: str) -> bool:
    """Whether XML can hold it; the others are control characters and halves of characters."""
    return " " <= character and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff"


def _dated(document) -> bytes:
    """The document's bytes, every part of its archive of one date."""
    written, dated = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(dated, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in sorted(parts.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            kept.writestr(part, parts.read(name))
    return dated.getvalue()
