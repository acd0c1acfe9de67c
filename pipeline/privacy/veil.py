"""The veil: views before the schema `sources`, so that no table that outlives the build ever holds what is replaced."""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from pipeline.database import register
from pipeline.privacy import patterns, pseudonyms
from pipeline.sources.parts import scratch
from pipeline.sources.parts.columns import literal

DATE_LEFT_OUT = "[date left out]"

GIVEN = "{}_as_given"
"""What the view of a source is called once the veil is before it."""

SUBJECT = "subject_id"
RECORDER = "recorder"

TEXTS = {
    "subjects": ("sex", "site", "arm", "product", "death_cause"),
    "observations": ("concept", "unit", "indication", "value_text", "set_aside"),
    "recorded_grades": ("system", "grade_text"),
}
"""The texts of each view that may hold an id or a date among other words."""

SHORT = 4
"""An id of fewer characters is not looked for among the words of a text, and no number of fewer than six digits:
there it is a dose, a level, a room."""


def draw(connection: duckdb.DuckDBPyConnection, key: bytes | None, dates_left_out: bool) -> list[str]:
    """Replace subject ids and recorders where there is a key, and dates within texts where they are left out.

    Returns notices. Raises UsageError where two ids would get one pseudonym.
    """
    if key is None and not dates_left_out:
        return []
    ids = pseudonyms.pseudonyms(key, _distinct(connection, TEXTS, SUBJECT), pseudonyms.SUBJECT) if key else {}
    people = _distinct(connection, ("recorded_grades",), RECORDER) if key else ()
    recorders = pseudonyms.pseudonyms(key, people, pseudonyms.RECORDER) if key else {}
    dated = _dated(connection) if dates_left_out else {}
    texts = _changed(connection, ids, dated)
    _keep(connection, "veiled_ids", ids)
    _keep(connection, "veiled_recorders", recorders)
    _keep(connection, "veiled_texts", texts)
    for view in TEXTS:
        _before(connection, view, bool(key), bool(texts))
    if not dated:
        return []
    count = "one text holds a date" if len(dated) == 1 else f"{len(dated):,} different texts hold a date"
    return [f"{count}, which is left out of every table (--absolute-dates keeps it)"]


def _distinct(connection: duckdb.DuckDBPyConnection, views: Iterable[str], column: str) -> list[str]:
    """The texts of a column of these views."""
    every = " UNION ".join(f"SELECT {column} FROM sources.{view} WHERE {column} IS NOT NULL" for view in views)
    return [text for (text,) in connection.execute(every).fetchall()]


def _written(names: Mapping[str, Iterable[str]] = TEXTS) -> str:
    """SQL of the different texts of these columns, as `text`. A value is looked at where it is no number."""
    return " UNION ".join(
        f"SELECT {column} AS text FROM sources.{view} WHERE {column} IS NOT NULL"
        + (" AND value IS NULL" if column == "value_text" else "")
        for view, columns in names.items()
        for column in columns
    )


def _dated(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The texts that hold a date, with it left out."""
    date = literal(patterns.pattern("date").find)
    left_out = f"{date}, {literal(f' {DATE_LEFT_OUT} ')}, 'g'"
    # Twice, for the second of two dates that share the blank between them.
    twice = f"regexp_replace(regexp_replace(text, {left_out}), {left_out})"
    names = {**TEXTS, "recorded_grades": (*TEXTS["recorded_grades"], RECORDER)}
    return dict(
        connection.execute(
            f"SELECT text, {twice} FROM ({_written(names)}) WHERE regexp_matches(text, {date})"
        ).fetchall()
    )


def _changed(connection: duckdb.DuckDBPyConnection, ids: Mapping[str, str], dated: Mapping[str, str]) -> dict[str, str]:
    """The texts that are shown otherwise than they are written: dates left out, ids among their words replaced."""
    shown = {text: " ".join(changed.split()) for text, changed in dated.items()}
    if ids:
        known = {word for (word,) in connection.execute(
            "SELECT concept FROM staging.concepts UNION SELECT unnest(string_split(spellings, '|')) FROM staging.units"
        ).fetchall()}  # fmt: skip
        sought = {small(one): other for one, other in ids.items() if _is_told_from_a_number(one)}
        for (text,) in connection.execute(_written()).fetchall():
            changed = with_pseudonyms(shown.get(text, text), sought)
            if changed != text and text.strip().lower() not in known:
                shown[text] = changed
    return shown


def _is_told_from_a_number(one: str) -> bool:
    return len(one) >= (6 if one.isdigit() else SHORT)


def small(text: str) -> str:
    """The text in small letters, letter for letter: its length stays."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


def with_pseudonyms(text: str, sought: Mapping[str, str]) -> str:
    """A text with every id that stands in it as a word of its own replaced, in whatever case.

    sought -- pseudonyms by the id in small letters (`small`)
    """
    folded = small(text)
    lengths = sorted({len(one) for one in sought}, reverse=True)
    parts, at = [], 0
    while at < len(text):
        begins = at == 0 or not text[at - 1].isalnum()
        ends = (at + length for length in lengths if begins)
        end = next((e for e in ends if folded[at:e] in sought and not text[e : e + 1].isalnum()), None)
        parts.append(text[at] if end is None else sought[folded[at:end]])
        at = at + 1 if end is None else end
    return "".join(parts)


def _keep(connection: duckdb.DuckDBPyConnection, name: str, shown: Mapping[str, str]) -> None:
    """What is shown for what was given, in a table that goes with the build."""
    held = pa.table({"given": pa.array(list(shown), pa.string()), "shown": pa.array(list(shown.values()), pa.string())})
    register(connection, "veiled_arrow", held)
    try:
        connection.execute(f"CREATE OR REPLACE {scratch.table(connection, name)} AS FROM veiled_arrow")
    finally:
        connection.unregister("veiled_arrow")


def _before(connection: duckdb.DuckDBPyConnection, view: str, has_key: bool, has_texts: bool) -> None:
    """A view of the same columns before the one of the source."""
    tables = {SUBJECT: "veiled_ids"} if has_key else {}
    if view == "recorded_grades":
        tables[RECORDER] = "veiled_recorders" if has_key else "veiled_texts"
    if has_texts:
        tables |= dict.fromkeys(TEXTS[view], "veiled_texts")
    if not tables:
        return
    given = GIVEN.format(view)
    connection.execute(f"ALTER VIEW sources.{view} RENAME TO {given}")
    shown = ", ".join(f"coalesce({column}_veil.shown, o.{column}) AS {column}" for column in tables)
    joins = " ".join(
        f"LEFT JOIN {table} AS {column}_veil ON {column}_veil.given = o.{column}"
        + (" AND o.value IS NULL" if column == "value_text" else "")
        for column, table in tables.items()
    )
    connection.execute(f"CREATE VIEW sources.{view} AS SELECT o.* REPLACE ({shown}) FROM sources.{given} AS o {joins}")
