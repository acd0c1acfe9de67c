"""The tables of `results.results` as cells of text: what the report and tables.docx set, each in its own way."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

import duckdb

from pipeline.reports import data, rounding, words
from pipeline.reports.data import Row
from pipeline.reports.tables import Cell, Line, Table
from pipeline.reports.words import DASH

HELD = "supp."
"""What stands for a number that is kept back."""
HELD_NOTE = (
    f"{HELD}: suppressed, since it, or what could be computed from it, is of few patients; it is not 0 and need not be small. "
    "Ranges, and measurements of few in every column, are left out."
)
CALENDAR = ("day", "calendar days")

FORMS = {
    ("n", "percent"): "Number (share) [exact 95% interval, Clopper-Pearson].",
    ("proven", "possible"): (
        "At least (share) to at most (share) [lower exact 95% limit of the least, upper of the most; Clopper-Pearson]."
    ),
    ("median", "median_low"): "Median with the interval of order statistics, at least 95%; none of fewer than 6 values.",
    ("time_median", "incidence"): (
        "Incidence: cumulative incidence with death competing (Aalen-Johansen), limits by the delta method, {scale}. Its "
        "standard error is that of R's survfit, not of cmprsk. Median time: when the incidence reaches 50%, the middle of the "
        "time for which it stays there; limits where those of the curve do (Brookmeyer-Crowley). NR: not reached. NE: not "
        "estimable, since nobody is left to reach it. Deaths before it: without the event, or in the episode."
    ),
    ("km_median", "km_q1"): (
        "Duration: Kaplan-Meier median (quartiles), the middle of the days for which a curve stays on it. NR: not reached. "
        "Onset day: median (quartiles)."
    ),
    ("q1", "q3"): "Quartiles: {quartiles}.",
}
"""How cells are to be read, by two of the statistics that they show; in braces what the rows say of their method."""

EVENT_FREE = "event-free share"
"""What the method of a limit names where it is not one of the incidence itself."""


@dataclass(frozen=True)
class Published:
    """A table ready to be set.

    number, table -- its number, and its caption, heads and cells
    estimand, notes -- what is estimated; footnotes, one a paragraph
    choices -- names of the choices it depends on
    is_wide -- better set across the page
    """

    number: int
    name: str
    table: Table
    estimand: str
    notes: tuple[str, ...]
    choices: tuple[str, ...]
    is_wide: bool


def published(connection: duckdb.DuckDBPyConnection, system: Row, suppressed: bool = False) -> list[Published]:
    """Every table of a system, in order.

    suppressed -- of the first system what may be shown where small counts are kept back (`results.released`)
    """
    numbers = "results.released" if suppressed else "results.results"
    titles = data.rows(connection, "SELECT * FROM results.titles ORDER BY table_no")
    found = data.rows(
        connection,
        f"SELECT * FROM {numbers} WHERE system = ? ORDER BY table_no, row_no, column_no, statistic",
        system["system"],
    )
    by_table = {name: list(rows) for name, rows in groupby(found, key=lambda row: row["table_id"])}
    treated = {row["column_no"]: row["value"] for row in by_table["overview"] if row["row_no"] == 1}
    return [_published(title, by_table[title["table_id"]], system, treated) for title in titles]


def _published(title: Row, rows: Sequence[Row], system: Row, treated: Mapping[int, float]) -> Published:
    columns = {row["column_no"]: row["column"] for row in rows}
    is_strata = title["table_id"] == "strata"
    heads = [
        name if is_strata else f"{name} (N\u00a0=\u00a0{_all_of(treated[number])})"
        for number, name in sorted(columns.items())
    ]
    caption = f"Table {title['table_no']}. {title['title']}, {system['name']}"
    shown = {row["statistic"] for row in rows}
    is_held = any(row.get("suppressed", False) for row in rows)
    methods = _methods(rows)
    forms = [form.format(**methods) for (one, other), form in FORMS.items() if {one, other} <= shown]
    return Published(
        number=title["table_no"],
        name=title["table_id"],
        table=Table(caption, ("", *heads), tuple(_lines(rows, folded=is_strata))),
        estimand=title["estimand"],
        notes=(title["notes"], *([" ".join(forms)] if forms else []), *([HELD_NOTE] if is_held else [])),
        choices=tuple(name for name in title["choices"] if name),
        is_wide=len(heads) > 3,
    )


def _methods(rows: Sequence[Row]) -> dict[str, str]:
    """Return how limits and quartiles of a table were made, in words: it depends on choices, and on whether a death competes."""
    scales = {row["method"] for row in rows if row["statistic"] == "incidence_low"}
    of_event_free = {EVENT_FREE in method for method in scales}
    scale = {
        frozenset({True}): f"log(-log) of the {EVENT_FREE} as SAS and R give them with Kaplan-Meier (no death competes)",
        frozenset({False}): "log(-log) of the incidence",
    }.get(frozenset(of_event_free), f"log(-log) of the {EVENT_FREE} where no death competes, else of the incidence")
    quartiles = sorted({row["method"] for row in rows if row["statistic"] == "q1"})
    return {"scale": scale, "quartiles": "; ".join(quartiles)}


def _all_of(treated: float | None) -> str:
    return HELD if treated is None else words.count(int(treated))


def _lines(rows: Sequence[Row], folded: bool) -> list[Line]:
    """The rows of a table under their headings. Of a measurement that nobody has, only that nobody has it.

    folded -- the interval of a share on a line of its own, where many columns stand side by side
    """
    lines = []
    for section, in_section in groupby(rows, key=lambda row: row["section"]):
        every = list(in_section)
        if section:
            lines.append(Line(section, group=True))
        nobody = any(row["statistic"] == "mean" for row in every) and not any(
            row["value"] for row in every if row["statistic"] == "n"
        )
        for _, in_row in groupby(every, key=lambda row: row["row_no"]):
            one = list(in_row)
            if (not nobody or one[0]["statistic"] == "n") and not _is_nowhere_shown(one):
                lines.append(_line(one, folded))
    return lines


def _is_nowhere_shown(rows: Sequence[Row]) -> bool:
    """Whether a row of a measurement, a range among them, is kept back in every column that has it."""
    if not any(row.get("suppressed", False) for row in rows) or any(row["statistic"] == "n" for row in rows):
        return False
    measured = [row for row in rows if row["statistic"] in ("max", "mean", "median", "q1", "time_median")]
    return bool(measured) and all(row["suppressed"] or row["value"] is None for row in measured)


def _line(rows: Sequence[Row], folded: bool) -> Line:
    fold = "\n[" if folded else " ["
    cells = [Cell(text(list(in_cell)).replace(" [", fold)) for _, in_cell in groupby(rows, key=lambda row: row["column_no"])]
    grade = rows[0]["indent_grade"]
    return Line(rows[0]["row"], tuple(cells), indented=grade is not None, grade=grade or None)


# Numbers as they are printed


def text(statistics: Sequence[Row]) -> str:
    """What a cell says: the statistics of one row and column, as they belong together."""
    values = {row["statistic"]: row["null_label"] if row["value"] is None else row["value"] for row in statistics}
    held = {row["statistic"] for row in statistics if row.get("suppressed", False)}
    if held:
        return _with_held(values, held, statistics[0])
    for name, written in WRITTEN.items():
        if name in values:
            return written(values, statistics[0]["unit"], statistics[0]["n"])
    raise KeyError(f"no form for {sorted(values)}")


Values = Mapping[str, float | str | None]
"""Numbers by statistic; NR or NE where a time is not reached or a limit not estimable."""


def _count(values: Values, unit: str, n: int | None) -> str:
    return words.count(int(next(iter(values.values()))))


def _with_held(values: Values, held: Set[str], row: Row) -> str:
    """What a cell says of which some statistics are kept back: the count without its share, a median without its limits."""
    if "proven" in values:
        least, most = (HELD if name in held else words.count(int(values[name])) for name in ("proven", "possible"))
        return f"{least} to {most}"
    if "n" in values:
        return HELD if "n" in held else words.count(int(values["n"]))
    median = next((name for name in ("median", "time_median", "km_median") if name in values), None)
    if median is None or median in held:
        return HELD
    unit = "calendar days" if median == "km_median" else row["unit"]
    return amount(values[median], unit) if median == "median" else _reached(values[median], unit)


def _share(values: Values, unit: str, n: int | None) -> str:
    """12 (40.0%) [22.7–59.4]; of nobody 0 alone."""
    if values["percent"] is None:
        return words.count(int(values["n"]))
    limits = words.interval(values["percent_low"], values["percent_high"])
    return f"{words.count(int(values['n']))} ({words.percent(values['percent'])}) [{limits}]"


def _bounds(values: Values, unit: str, n: int | None) -> str:
    """49 (81.7%) to 52 (86.7%) [69.6–93.9]"""
    least, most = (words.count(int(values[name])) for name in ("proven", "possible"))
    if values["proven_percent"] is None:
        return f"{least} to {most}"
    shares = [words.percent(values[f"{name}_percent"]) for name in ("proven", "possible")]
    return f"{least} ({shares[0]}) to {most} ({shares[1]}) [{words.interval(values['low'], values['high'])}]"


def amount(value: float | None, unit: str) -> str:
    """A time: calendar days as short as they are, to two decimals at most, all else to one decimal."""
    if value is None:
        return DASH
    return rounding.short(value, 2) if unit in CALENDAR else rounding.fixed(value, 1)


def _mean(values: Values, unit: str, n: int | None) -> str:
    if values["mean"] is None:
        return DASH
    spread = "" if values["sd"] is None else f" ({rounding.fixed(values['sd'], 1)})"
    return rounding.fixed(values["mean"], 1) + spread


def _median(values: Values, unit: str, n: int | None) -> str:
    """3 [2–4], or with quartiles 3 (2–4)."""
    if "q1" in values:
        quartiles = f" ({amount(values['q1'], unit)}{DASH}{amount(values['q3'], unit)})" if values["q1"] is not None else ""
        return amount(values["median"], unit) + quartiles
    limits = f" [{amount(values['median_low'], unit)}{DASH}{amount(values['median_high'], unit)}]"
    return amount(values["median"], unit) + (limits if values["median_low"] is not None else "")


def _from_to(low: str, high: str) -> Callable[[Values, str, int | None], str]:
    def written(values: Values, unit: str, n: int | None) -> str:
        return DASH if values[low] is None else f"{amount(values[low], unit)}{DASH}{amount(values[high], unit)}"

    return written


def _reached(value: float | str | None, unit: str) -> str:
    return value if isinstance(value, str) else amount(value, unit)


def _time_median(values: Values, unit: str, n: int | None) -> str:
    """2.6 [2.3–NR]"""
    if not n:
        return DASH
    median, low, high = (_reached(values[name], unit) for name in ("time_median", "time_median_low", "time_median_high"))
    return f"{median} [{low}{DASH}{high}]"


def _incidence(values: Values, unit: str, n: int | None) -> str:
    limits = words.interval(values["incidence_low"], values["incidence_high"])
    return words.percent(values["incidence"]) + ("" if limits == DASH else f" [{limits}]")


def _kaplan_meier(values: Values, unit: str, n: int | None) -> str:
    if not n:
        return DASH
    median, low, high = (_reached(values[name], "calendar days") for name in ("km_median", "km_q1", "km_q3"))
    return f"{median} ({low}{DASH}{high})"


WRITTEN: dict[str, Callable[[Values, str, int | None], str]] = {
    "percent": _share,
    "proven": _bounds,
    "mean": _mean,
    "median": _median,
    "q1": _from_to("q1", "q3"),
    "min": _from_to("min", "max"),
    "time_median": _time_median,
    "incidence": _incidence,
    "km_median": _kaplan_meier,
    "n_missing": _count,
    "n": _count,
}
"""By the statistic that tells a kind of cell: how it is written from all its statistics, their unit and their n."""


# The listing


def listing(connection: duckdb.DuckDBPyConnection, system: Row) -> Table:
    """Every episode of a system, one a row."""
    rows = data.rows(connection, "SELECT * FROM results.listing WHERE system = ? ORDER BY subject_id, episode", system["system"])
    names = ("site", "arm", "product")
    given = [name for name in names if any(row[name] for row in rows)]
    flags = words.flag_words(data.choices(connection))
    heads = (
        "Subject", *(words.sentence_case(name) for name in given), "Episode", "Grade", "Onset day", "Onset, hours", "End day",
        "Days", "Hours graded", "Treatment in it", "Decided by", "Outcome", "Flags",
    )  # fmt: skip
    lines = [Line(row["subject_id"], tuple(_episode_cells(row, given, flags))) for row in rows]
    texts = frozenset({*range(len(given) + 1), *range(len(heads) - 4, len(heads))})
    return Table(f"Listing. Every episode, {system['name']}", heads, tuple(lines), texts=texts)


def _episode_cells(row: Row, given: Sequence[str], flags: Mapping[str, str]) -> list[Cell]:
    return [
        *(Cell(row[name] or DASH) for name in given),
        Cell(str(row["episode"])),
        Cell(str(row["max_grade"]), grade=row["max_grade"]),
        Cell(words.number(row["onset_day"])),
        Cell(amount(row["onset_hours"], "hours")),
        Cell(words.number(row["end_day"])),
        Cell(words.number(row["duration_days"])),
        Cell(amount(row["crs_hours"], "hours")),
        Cell(", ".join(row["treatments"]) or "none"),
        Cell(words.criteria(row["because"]) if row["because"] else "death"),
        Cell(row["episode_outcome"]),
        Cell("; ".join(flags.get(flag, flag.replace("_", " ")) for flag in row["flags"]) or DASH),
    ]
