"""`cytograde quality`: the quality of the charting in lines of text, what looks wrong first."""

from collections.abc import Sequence

import duckdb

from pipeline.reports import data, rounding, words
from pipeline.reports.sections import quality as quality_section
from pipeline.reports.sections.quality import Row, charting_cells, hours, known, named
from pipeline.reports.terminal.lines import table

SUBJECTS_SHOWN = 10
SITES_SHOWN = 6
"""Of each concept, of more than these the sites with the most to look at."""

NAMES = 3
"""The most sites that are named."""

FLAWS = ("rows_impossible", "rows_refused_otherwise", "rows_duplicate", "minutes_in_conflict")
"""Where one of these is not 0, a concept is told site by site."""


def text(connection: duckdb.DuckDBPyConnection) -> str:
    """What looks wrong, then the tables."""
    choices = data.choices(connection)
    parts = [
        _hints(connection),
        _unmapped(connection),
        _chartings(connection),
        _sites(connection, choices["observed_window_d"]["value"]),
        _support(connection),
        _units(connection),
    ]
    return "\n\n".join(part for part in parts if part)


def _level(row: Row) -> str:
    return "all sites" if row["stratum"] == "all" else row["level"]


def _hints(connection: duckdb.DuckDBPyConnection) -> str:
    found = quality_section.hints(connection)
    if not found:
        return "UNITS THAT LOOK WRONG\nnone"
    return "\n".join(["UNITS THAT LOOK WRONG", *(" ".join(quality_section.hint_sentence(row).split()) for row in found)])


def _unmapped(connection: duckdb.DuckDBPyConnection) -> str:
    found = quality_section.unmapped(connection)
    if not found:
        return "TEXTS THAT ARE NOT KNOWN\nnone"
    rows = [
        (
            row["concept_written"] if row["part"] == "concept" else row["unit_written"],
            "concept" if row["part"] == "concept" else f"unit of {row['concept_written']}",
            words.count(row["rows_refused"]),
            words.count(row["rows_blanked"]),
            words.count(row["patients"]),
        )
        for row in found[: quality_section.TEXTS_SHOWN]
    ]
    shown = table("TEXTS THAT ARE NOT KNOWN", ("text", "written as", "refused", "blanked", "patients"), rows, texts=2)
    beyond = len(found) - len(rows)
    return f"{shown}\nand {words.count(beyond)} more, in quality.unmapped of the database" if beyond > 0 else shown


def _chartings(connection: duckdb.DuckDBPyConnection) -> str:
    levels = quality_section.chartings(connection, "all")
    own = quality_section.chartings(connection, "site")
    if len({row["level"] for row in own}) > 1:
        levels += _most_to_look_at(own)
    levels.sort(key=lambda row: (row["concept_no"], row["stratum"] != "all", row["level"]))
    rows = [
        (
            named(row["concept"]),
            _level(row),
            *charting_cells(row),
        )
        for row in levels
    ]
    heads = (
        "concept", "site", "rows used", "patients", "median", "95 of 100", "longest", "impossible", "refused else",
        "duplicate", "conflict",
    )  # fmt: skip
    title = "CHARTINGS   (median, 95 of 100, longest: time between two chartings of one patient, from the infusion on)"
    return table(title, heads, rows, texts=2)


def _most_to_look_at(rows: Sequence[Row]) -> list[Row]:
    """Of each concept that holds, or has a flaw, the sites with the most flaws, then the longest intervals."""
    by_concept: dict[str, list[Row]] = {}
    for row in rows:
        if row["concept"] in quality_section.HOLDS or any(row[name] for name in FLAWS):
            by_concept.setdefault(row["concept"], []).append(row)

    def weight(row: Row) -> tuple:
        return -sum(row[name] or 0 for name in FLAWS), -(row["interval_p95"] or 0), row["level"]

    return [row for own in by_concept.values() for row in sorted(own, key=weight)[:SITES_SHOWN]]


def _sites(connection: duckdb.DuckDBPyConnection, window: float) -> str:
    found = quality_section.worst_sites(quality_section.sites(connection))
    kinds = ("temperature", "pressure", "both")

    def unknown(row: Row) -> list[str]:
        return [hours(row[f"hours_without_{kind}"]) for kind in kinds]

    by_site = [
        (
            _level(row),
            words.plural(row["patients"], "patient"),
            hours(row["hours_observed"]),
            *unknown(row),
            words.percent(row["pct_without_temperature"]),
            words.percent(row["pct_without_pressure"]),
        )
        for row in found
    ]
    by_subject = [
        (row["subject_id"], row["level"], hours(row["hours_observed"]), *unknown(row), "", "")
        for row in quality_section.subjects(connection, SUBJECTS_SHOWN)
    ]
    heads = ("", "", "observed", "temperature", "pressure", "either", "temperature", "pressure")
    title = (
        f"HOURS WITHOUT   (in force, in the first {words.setting(window)} days; the last two columns in percent of the hours "
        "observed)"
    )
    return table(title, heads, by_site + by_subject, texts=2)


def _support(connection: duckdb.DuckDBPyConnection) -> str:
    rows = [
        (
            named(row["concept"]),
            words.count(row["rows_used"]),
            words.count(row["patients"]),
            known(row["rows_without_flow"]),
            words.percent(row["pct_without_flow"]),
            words.count(row["rows_without_stop"]),
            words.percent(row["pct_without_stop"]),
        )
        for row in quality_section.support(connection)
    ]
    heads = ("device or infusion", "chartings", "patients", "no flow", "", "no stop", "")
    return table("SUPPORT   (all sites)", heads, rows) if rows else ""


def _units(connection: duckdb.DuckDBPyConnection) -> str:
    rows = [
        (
            named(row["concept"]),
            row["unit_written"],
            ", ".join(row["levels"]) if len(row["levels"]) <= NAMES else f"{len(row['levels'])} sites",
            words.count(row["rows_used"]),
            "–" if row["value_median"] is None else f"{rounding.digits(row['value_median'], 4)} {row['unit']}",
            words.count(row["rows_impossible"]),
        )
        for row in quality_section.units_together(connection)
    ]
    heads = ("concept", "unit as written", "where", "rows used", "median, converted", "impossible")
    title = "UNITS   (of the concepts written in several, or with values that are impossible)"
    return table(title, heads, rows, texts=3) if rows else ""
