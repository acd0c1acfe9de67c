"""The tables of the report: rows of the database as cells of text, ready to be set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.reports import rounding, words
from pipeline.reports.data import Row
from pipeline.reports.words import DASH
from pipeline.statistics import exact_interval

GRADES = (1, 2, 3, 4, 5)
SYSTEMS_ABREAST = 3


@dataclass(frozen=True)
class Cell:
    """One cell.

    text, beside, below -- the value, what stands beside it, and the small print below it
    grade -- drawn as a badge of that grade
    measure -- the column of `summaries.cohort` it shows
    about -- subject ids that stand in the text, in its order: each becomes a way to the patient's course
    """

    text: str
    beside: str = ""
    below: str = ""
    grade: int | None = None
    measure: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of a table; `group` where it is a heading across it, `indented` where it is part of the row above.

    about -- subject ids that stand in its head, as in a cell
    """

    head: str
    cells: tuple[Cell, ...] = ()
    group: bool = False
    indented: bool = False
    grade: int | None = None
    mark: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: caption, heads of the columns (the first over the heads of the rows), rows.

    shares -- whether its cells are numbers with share and interval; abreast -- whether these stand side by side
    texts -- numbers of the columns that hold words, set to the left; the row heads are column 0
    """

    caption: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    shares: bool = False
    abreast: bool = False
    texts: frozenset[int] = frozenset()


def share(cohort: Row, measure: str) -> Cell:
    """A number of `summaries.cohort` with its share of treated and exact interval."""
    name = measure.removeprefix("n_")
    return Cell(
        words.count(cohort[measure]),
        words.percent(cohort[f"pct_{name}"]),
        words.interval(cohort[f"pct_{name}_low"], cohort[f"pct_{name}_high"]),
        measure=measure,
    )


def share_of(count: int, treated: int, measure: str = "") -> Cell:
    """The same for a number whose share is not in the table."""
    low, high = exact_interval(count, treated)
    percent = 100 * count / treated if treated else None
    return Cell(words.count(count), words.percent(percent), words.interval(low, high), measure=measure)


def _plain(text: str, measure: str = "") -> Cell:
    return Cell(text, measure=measure)


def _quartiles(cohort: Row, name: str) -> Cell:
    low, high = cohort[f"{name}_q1"], cohort[f"{name}_q3"]
    beside = "" if low is None and high is None else f"({words.number(low)}{DASH}{words.number(high)})"
    return Cell(words.number(cohort[f"{name}_median"]), beside, measure=f"{name}_median")


def _kaplan_meier(cohort: Row) -> Cell:
    """The Kaplan-Meier median and quartiles; a quantile that is not reached says so."""
    if cohort["onset_day_median"] is None:
        return Cell(DASH, measure="duration_days_km_median")
    reached = [
        "NR"
        if cohort[f"duration_days_km_{name}"] is None
        else words.number(cohort[f"duration_days_km_{name}"])
        for name in ("median", "q1", "q3")
    ]
    return Cell(reached[0], f"({reached[1]}{DASH}{reached[2]})", measure="duration_days_km_median")


def cohort_table(systems: Sequence[Row], cohorts: Mapping[str, Row], name: str) -> Table:
    """The whole cohort: rows as in the table of a safety report, one column per system."""
    columns = [cohorts[system["system"]] for system in systems]

    def line(head: str, cell, **more: object) -> Line:
        return Line(head, tuple(cell(cohort) for cohort in columns), **more)

    terms = words.terms(columns[0])
    lines = [
        line(words.sentence_case(terms.treated), lambda c: _plain(words.count(c["n_treated"]), "n_treated")),
        line("Evaluable", lambda c: share_of(c["n_evaluable"], c["n_treated"], "n_evaluable")),
        line("Not evaluable", lambda c: share_of(c["n_not_evaluable"], c["n_treated"], "n_not_evaluable")),
        Line(terms.highest, group=True),
        line(words.sentence_case(terms.no_crs), lambda c: share_of(c["n_evaluable"] - c["n_any"], c["n_treated"])),
        line(_any(terms), lambda c: share(c, "n_any")),
        *(
            line(f"Grade {grade}", lambda c, grade=grade: share(c, f"n_grade_{grade}"), indented=True, grade=grade)
            for grade in GRADES
        ),
        line("Grade 2 or more", lambda c: share(c, "n_grade_2_or_more")),
        line("Grade 3 or more", lambda c: share(c, "n_grade_3_or_more")),
        Line("First episode: day of onset", group=True),
        line("Median (quartiles)", lambda c: _quartiles(c, "onset_day")),
        line("Range", lambda c: _plain(words.span(c["onset_day_min"], c["onset_day_max"]), "onset_day_min")),
        Line("First episode: duration in days", group=True),
        line("Kaplan-Meier median (quartiles)", _kaplan_meier),
        line("End not seen (censored)", lambda c: _plain(words.count(c["n_duration_censored"]), "n_duration_censored")),
        line("Median (quartiles), as far as seen", lambda c: _quartiles(c, "duration_days")),
        line(
            "Range, as far as seen",
            lambda c: _plain(words.span(c["duration_days_min"], c["duration_days_max"]), "duration_days_min"),
        ),
    ]
    heads = ("", *(system["name"] for system in systems))
    return Table(name, heads, tuple(lines), shares=True, abreast=True)


def _any(terms: words.Terms) -> str:
    return "Any CRS" if terms is words.INFUSED else words.sentence_case(terms.any_crs)


def load_table(rows: Sequence[Row]) -> Table:
    """One row per file. What was passed over has a column where any row was."""
    names = ["rows_in", "rows_used", "rows_refused", "rows_blanked"]
    heads = ["File", "Rows in", "Used", "Refused", "Blanked, of the used"]
    if any(row["rows_passed_over"] for row in rows):
        names.append("rows_passed_over")
        heads.append("Passed over, not among the rows in")
    lines = [Line(row["source_file"], tuple(Cell(words.count(row[name])) for name in names)) for row in rows]
    if len(rows) > 1:
        total = tuple(Cell(words.count(sum(row[name] for row in rows))) for name in names)
        lines.append(Line("All files", total))
    return Table("Rows read", tuple(heads), tuple(lines))


def reasons_table(rows: Sequence[Row]) -> Table:
    """One row per reason for which rows were refused or blanked."""
    lines = [
        Line(
            row["reason"],
            (
                Cell(row["outcome"]),
                Cell(words.count(row["n"])),
                Cell(words.count(row["subjects"])),
                Cell(f"{row['first_file']} row {row['first_row']}"),
            ),
        )
        for row in rows
    ]
    heads = ("Reason", "Outcome", "Rows", "Subjects", "First row")
    return Table("Rows refused or blanked, by reason", heads, tuple(lines), texts=frozenset({1, 4}))


def refusals_table(rows: Sequence[Row]) -> Table:
    """One row per refused or blanked row, as it was written."""
    names = ("subject_id", "concept", "value", "unit", "outcome", "reason")
    lines = [
        Line(
            f"{row['source_file']} row {row['source_row']}",
            tuple(
                Cell(
                    DASH if row[name] in (None, "") else str(row[name]),
                    about=(row[name],) if name == "subject_id" and row[name] else (),
                )
                for name in names
            ),
        )
        for row in rows
    ]
    heads = ("Row", "Subject", "Concept", "Value", "Unit", "Outcome", "Reason")
    return Table("Rows refused or blanked", heads, tuple(lines), texts=frozenset(range(7)))


def highest_grades(cohort: Row) -> list[dict]:
    """One entry per outcome of a patient, with number, share and interval: no CRS, grades 1 to 5, not evaluable."""
    treated = cohort["n_treated"]
    none = cohort["n_evaluable"] - cohort["n_any"]
    outcomes = [_outcome(words.terms(cohort).no_crs, 0, none, treated)]
    for grade in GRADES:
        outcomes.append(
            {
                "name": f"grade {grade}",
                "grade": grade,
                "n": cohort[f"n_grade_{grade}"],
                "pct": cohort[f"pct_grade_{grade}"],
                "low": cohort[f"pct_grade_{grade}_low"],
                "high": cohort[f"pct_grade_{grade}_high"],
            }
        )
    outcomes.append(_outcome("not evaluable", None, cohort["n_not_evaluable"], treated))
    return outcomes


def _outcome(name: str, grade: int | None, count: int, treated: int) -> dict:
    low, high = exact_interval(count, treated)
    share = 100 * count / treated if treated else None
    return {"name": name, "grade": grade, "n": count, "pct": share, "low": low, "high": high}


def highest_grade_table(cohorts: Mapping[str, Row]) -> Table:
    """The numbers of the figure of highest grades."""
    names = [outcome["name"] for outcome in highest_grades(next(iter(cohorts.values())))]
    by_system = [highest_grades(cohort) for cohort in cohorts.values()]
    lines = []
    for index, name in enumerate(names):
        outcomes = [outcomes[index] for outcomes in by_system]
        cells = tuple(
            Cell(words.count(one["n"]), words.percent(one["pct"]), words.interval(one["low"], one["high"]))
            for one in outcomes
        )
        lines.append(Line(name, cells, grade=outcomes[0]["grade"] or None))
    return Table("Patients by highest grade", ("Highest grade", *cohorts), tuple(lines), shares=True, abreast=True)


def onset_table(onsets: Mapping[str, Sequence[Row]]) -> Table:
    """Patients by day of onset: all, and of these with a highest grade of 3 or more."""
    days = sorted({row["onset_day"] for rows in onsets.values() for row in rows})
    lines = []
    for day in days:
        cells = []
        for rows in onsets.values():
            of_day = [row for row in rows if row["onset_day"] == day]
            cells.append(Cell(words.count(sum(row["n"] for row in of_day))))
            cells.append(Cell(words.count(sum(row["n"] for row in of_day if row["max_grade"] >= 3))))
        lines.append(Line(f"day {day}", tuple(cells)))
    heads = ["Day of onset"]
    for name in onsets:
        heads += [name, "of these grade ≥ 3"]
    return Table("Patients by day of onset", tuple(heads), tuple(lines))


def duration_table(durations: Mapping[str, Sequence[Row]]) -> Table:
    """Patients by length of the first episode: end seen, and not."""
    lengths = sorted({row["duration_days"] for rows in durations.values() for row in rows})
    lines = []
    for length in lengths:
        cells = []
        for rows in durations.values():
            of_length = [row for row in rows if row["duration_days"] == length]
            cells += [Cell(words.count(sum(row[kind] for row in of_length))) for kind in ("resolved", "censored")]
        lines.append(Line(words.plural(length, "day"), tuple(cells)))
    heads = ["Duration"]
    for name in durations:
        heads += [f"{name}: end seen", "end not seen"]
    return Table("Patients by duration of the first episode", tuple(heads), tuple(lines))


def course_table(subjects: Sequence[Row], stretches: Sequence[Row], doses: Sequence[Row]) -> Table:
    """The numbers of the figure of courses: hours at each grade, treatments and ends, patient by patient."""
    by_subject: dict[int, dict[object, float]] = {}
    for row in stretches:
        kind = row["grade"] if row["episode"] is not None else "unknown" if row["is_unknown"] else "other"
        hours = by_subject.setdefault(row["subject_no"], {})
        hours[kind] = hours.get(kind, 0) + (row["end_minute"] - row["start_minute"]) / 60
    lines = [_course_line(subject, by_subject.get(subject["subject_no"], {}), doses) for subject in subjects]
    heads = (
        "Subject", "Highest grade", "Onset day", *(f"Hours at grade {grade}" for grade in (1, 2, 3, 4)),
        "Hours unknown", "Anticytokines on day", "Corticosteroids on day", "Observed until",
    )  # fmt: skip
    return Table("Course of each patient", heads, tuple(lines), texts=frozenset({8, 9, 10}))


def _course_line(subject: Row, hours: Mapping[object, float], doses: Sequence[Row]) -> Line:
    offset = subject["infusion_minute_of_day"]

    def days(family: str) -> str:
        given = {
            (dose["start_minute"] + offset) // words.MINUTES_PER_DAY
            for dose in doses
            if dose["subject_no"] == subject["subject_no"] and dose["family"] == family
        }
        return ", ".join(str(day) for day in sorted(given)) or DASH

    end = words.clock(subject["last_minute"], offset)
    if subject["death_minute"] is not None:
        cause = (
            "died of CRS"
            if subject["death_cause"] == "crs"
            else f"died ({subject['death_cause'] or 'cause not given'})"
        )
        end = f"{words.clock(subject['death_minute'], offset)}, {cause}"
    cells = [
        Cell(words.number(subject["max_grade"]), grade=subject["max_grade"] or None),
        Cell(words.number(subject["onset_day"])),
        *(Cell(rounding.fixed(hours[key], 1) if hours.get(key) else DASH) for key in (1, 2, 3, 4, "unknown")),
        Cell(days("anticytokine")),
        Cell(days("corticosteroid")),
        Cell(end),
    ]
    return Line(subject["subject_id"], tuple(cells), about=(subject["subject_id"],))


def hash_cell(one: Mapping) -> Cell:
    """The hash of an input file."""
    return Cell(one["sha256"] or "not kept: held in a folder")


def input_table(inputs: Sequence[Mapping]) -> Table:
    """One row per input file with its hash."""
    lines = []
    for one in inputs:
        rows = "looked up" if one["rows_in"] is None else words.count(one["rows_in"])
        lines.append(Line(one["file"], (Cell(rows), hash_cell(one))))
    return Table("Input files", ("File", "Rows", "sha256"), tuple(lines), texts=frozenset({2}))
