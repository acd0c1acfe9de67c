"""The screen for direct identifiers: it looks at every text that was read, once per distinct text, before grading.

The rooms after staging hold no text that staging does not, so its small tables are asked: the spellings, the refused
rows, the subjects, the recorded grades. Only where something is found are the chartings read again, for its row.
"""

from dataclasses import dataclass

import duckdb

from pipeline.errors import SourceError
from pipeline.privacy import patterns
from pipeline.sources.parts.columns import literal

FOUND = "identifiers_found"
"""The temporary table of the texts that look like identifiers."""


@dataclass(frozen=True)
class Cell:
    """A column of the schema `sources` that holds texts.

    view, column -- where a row is looked up
    kind -- which patterns it is held against
    texts -- SQL of its texts, NULL and repeated ones among them
    written -- the name of the column in the file
    """

    view: str
    column: str
    kind: str
    texts: str
    written: str


def _cell(view: str, column: str, kind: str = "text", texts: str = "", written: str = "") -> Cell:
    return Cell(view, column, kind, texts or f"SELECT {column} FROM sources.{view}", written or column)


CELLS = (
    _cell("subjects", "subject_id", "id"),
    *(_cell("subjects", column) for column in ("sex", "site", "arm", "product", "death_cause")),
    # Of the chartings only those of unknown subjects have other ids than the subjects.
    _cell("observations", "subject_id", "id", "SELECT subject_id FROM staging.refusals"),
    *(
        _cell("observations", column, texts=f"SELECT {column}_written FROM staging.spellings")
        for column in ("concept", "unit", "indication")
    ),
    # A value that is no number refuses or blanks its row.
    _cell("observations", "value_text", texts="SELECT value FROM staging.refusals", written="value"),
    _cell("observations", "set_aside", texts="SELECT reason FROM staging.refusals"),
    _cell("recorded_grades", "subject_id", "id"),
    _cell("recorded_grades", "system"),
    _cell("recorded_grades", "grade_text", written="grade"),
    _cell("recorded_grades", "recorder", "recorder"),
)


def look(connection: duckdb.DuckDBPyConnection, allowed: bool) -> list[str]:
    """Look at the texts and ages of a staged cohort; returns a notice where something was found and is allowed.

    Raises SourceError for the first cell that looks like a direct identifier, where they are not allowed.
    """
    places = [*_texts(connection), *_unread(connection), _ages()]
    cells = " UNION ALL ".join(places)
    first = connection.execute(
        "SELECT f.source_file, c.source_row, c.column_name, c.kind, c.looks_like, count(*) OVER () AS cells "
        f"FROM ({cells}) AS c JOIN sources.files AS f ON f.source_file_no = c.source_file_no "
        "ORDER BY c.source_file_no, c.source_row, c.column_name LIMIT 1"
    ).fetchone()
    if first is None:
        return []
    file, row, column, kind, looks_like, count = first
    place = f"{file}, row {row}, column {column}"
    if allowed:
        cells = "one cell looks" if count == 1 else f"{count:,} cells look"
        return [f"{cells} like a direct identifier and went through by --allow-identifiers, the first {place} ({looks_like})"]
    more = "" if count == 1 else f" (and {count - 1:,} more {'cell' if count == 2 else 'cells'} like direct identifiers)"
    remedy = f"{_remedy(kind)}, or go on knowingly with --allow-identifiers"
    raise SourceError(f"{place}: this looks like {looks_like}{more}; {remedy}.")


def _remedy(kind: str) -> str:
    """What to do about a cell of this kind."""
    if kind == "age":
        top = patterns.age()["top_code"]
        return f"write {top} for every age over {top - 1}, which then stands for {top} or older"
    if kind in ("id", "recorder"):
        return "replace it in every file, or have it replaced with --pseudonyms KEYFILE"
    return "remove the column" if kind == "unread" else "remove or replace it"


def _texts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """SQL of the rows of every text that looks like an identifier; the texts are kept in a table of their own."""
    texts = {
        kind: " UNION ALL ".join(
            f"SELECT DISTINCT {number} AS cell, text FROM ({cell.texts}) AS t (text) WHERE text IS NOT NULL"
            for number, cell in enumerate(CELLS)
            if cell.kind == kind
        )
        for kind in dict.fromkeys(cell.kind for cell in CELLS)
    }
    looked = " UNION ALL ".join(
        f"SELECT cell, text, {patterns.looks_like(kind, 'text')} AS looks_like FROM ({found})" for kind, found in texts.items()
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {FOUND} AS FROM ({looked}) WHERE looks_like IS NOT NULL")
    found = {number for (number,) in connection.execute(f"SELECT DISTINCT cell FROM {FOUND}").fetchall()}
    return [
        f"SELECT source_file_no, source_row, '{cell.written}' AS column_name, '{cell.kind}' AS kind, looks_like "
        f"FROM sources.{cell.view} JOIN {FOUND} ON cell = {number} AND text = {cell.column}"
        for number, cell in enumerate(CELLS)
        if number in found
    ]


def _unread(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """SQL of the cells of columns that are not read, where the column's name or the text tells of an identifier."""
    names = connection.execute("SELECT DISTINCT column_name FROM sources.unread ORDER BY 1").fetchall()
    named = {name: patterns.named_column(name) for (name,) in names}
    cases = " ".join(f"WHEN {literal(name)} THEN {literal(told)}" for name, told in named.items() if told)
    by_name = f"CASE column_name {cases} END" if cases else "NULL"
    if not names:
        return []
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {FOUND}_unread AS SELECT column_name, text, "
        f"coalesce({by_name}, {patterns.looks_like('unread', 'text')}) AS looks_like "
        "FROM (SELECT DISTINCT column_name, text FROM sources.unread WHERE trim(text) <> '') WHERE looks_like IS NOT NULL"
    )
    return [
        "SELECT source_file_no, source_row, column_name, 'unread' AS kind, looks_like "
        f"FROM sources.unread JOIN {FOUND}_unread USING (column_name, text)"
    ]


def _ages() -> str:
    """SQL of the ages over the one that stands for the oldest."""
    age = patterns.age()
    return (
        "SELECT source_file_no, source_row, 'age_years' AS column_name, 'age' AS kind, "
        f"{literal(age['looks_like'])} AS looks_like FROM sources.subjects WHERE age_years > {age['top_code']}"
    )
