"""Ward charts for tests: a drawn table of chartings in, a drawn table of verdicts out.

    chart('''
        hour  temperature  systolic_bp  norepinephrine
           0         37.1          118
           4         38.6          110
           5                             0.05 -> 9
          11         37.0
    ''', until=14).gives('''
        from  to  grade  ceiling  because            episode
           0   4      0        0
           4   5      1        1  fever                    1
           5   9      3        3  fever vasopressor        1
           9  11      1        1  fever                    1
          11  14      0        0
    ''')

A row is a time, a column a concept. Times are hours since the infusion: `4`, `4.5` or `4:30`, before it `-2`.
A cell is `VALUE [UNIT] [-> END] [!INDICATION]`:

    38.6              a value in the usual unit (degC for a temperature); 100.4 degF   in another
    0.05 -> 9         from the hour of the row to hour 9; with no arrow no end was charted
    on                no value: a device with no flow, a drug with no rate or dose
    38.9 !infection   with an indication other than CRS

A cell stands flush with the name of its column, left or right, or under it alone; two spaces part two cells.
In a table of verdicts a row with nothing but criteria goes on with those of the row above.
What is true of the patient and what is chosen differently are named after the table: `chart(table, age=4,
hypotension_confirm_readings=2)`. What is expected can be chained: `chart(...).gives(...).flags(...)`.

Grading one chart takes as long as grading a hundred. So the first time that a verdict is asked for, the
charts of all modules that import `chart` are read from their source, and graded in one build for each set of
choices.
"""

import ast
import csv
import math
import re
import sys
import textwrap
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import pipeline
from pipeline.statistics import significant

GRADES = ("from", "to", "grade", "ceiling", "because", "episode")
EPISODES = {
    "episode": "episode",
    "from": "onset_minute",
    "to": "end_minute",
    "grade": "max_grade",
    "highest_at": "first_max_minute",
    "days": "duration_days",
    "hours": "duration_hours",
    "crs_hours": "crs_hours",
    "resolved": "resolved",
}
TIMES = ("from", "to", "highest_at")
SUBJECT_COLUMNS = (
    "subject_id",
    "infusion_time",
    "age_years",
    "death_hour",
    "death_cause",
    "followup_end_hour",
)
OBSERVATION_COLUMNS = ("subject_id", "concept", "start_hour", "end_hour", "value", "unit", "indication")

with (Path(pipeline.__file__).parent / "staging" / "concepts.csv").open(encoding="utf-8") as file:
    CONCEPTS = {row["concept"] for row in csv.DictReader(file)}

CELL = re.compile(r"(?P<value>\S+)(?: (?P<unit>(?!->|!)\S+))?(?: -> (?P<end>\S+))?(?: !(?P<indication>\S+))?")


class DrawingError(ValueError):
    """A table that is not drawn as it must be: the fault is in the test, not in the grade."""


# Drawn tables


def read_table(drawn: str) -> list[dict[str, str]]:
    """The rows of a drawn table, each its cells by the name of the column; empty cells are left out."""
    columns = [(name.group(), *name.span()) for name in re.finditer(r"\S+", _lines(drawn)[0])]
    return [_cells(line, columns) for line in _lines(drawn)[1:]]


def columns_of(drawn: str) -> list[str]:
    """The names of the columns of a drawn table."""
    return _lines(drawn)[0].split()


def _lines(drawn: str) -> list[str]:
    lines = [line for line in textwrap.dedent(drawn).splitlines() if line.strip()]
    if not lines:
        raise DrawingError("the table is empty; draw at least the names of its columns.")
    return lines


def _cells(line: str, columns: list[tuple[str, int, int]]) -> dict[str, str]:
    cells = {}
    for cell in re.finditer(r"\S+(?: \S+)*", line):
        flush = [name for name, start, end in columns if cell.start() == start or cell.end() == end]
        above = flush or [name for name, start, end in columns if cell.start() < end and cell.end() > start]
        if len(above) != 1:
            where = f"under {' and '.join(above)}" if above else "under no column"
            raise DrawingError(
                f"the cell {cell.group()!r} stands {where}; move it or make the columns wider:\n{line}"
            )
        if above[0] in cells:
            raise DrawingError(f"two cells stand under {above[0]}; part the columns:\n{line}")
        cells[above[0]] = cell.group()
    return cells


def draw_table(columns: list[str], rows: list[dict[str, str]]) -> str:
    """Rows of cells as a table that `read_table` reads: numbers to the right, words to the left."""
    lines = [{column: column for column in columns}, *rows]
    width = {column: max(len(line.get(column, "")) for line in lines) for column in columns}
    is_number = {
        column: all(re.fullmatch(r"[-\d.:]*", row.get(column, "")) for row in rows) for column in columns
    }

    def drawn(line: dict[str, str], column: str) -> str:
        cell = line.get(column, "")
        return cell.rjust(width[column]) if is_number[column] else cell.ljust(width[column])

    return "\n".join("  ".join(drawn(line, column) for column in columns).rstrip() for line in lines)


def minute_of(hours: str | float) -> int:
    """`4`, `4.5` and `4:30` hours as minutes: the nearest, halves up."""
    text = str(hours)
    clock = re.fullmatch(r"(-?)(\d+):([0-5]\d)", text)
    if clock:
        minutes = int(clock[2]) * 60 + int(clock[3])
        return -minutes if clock[1] else minutes
    return math.floor(hours_of(text) * 60 + 0.5)


def hours_of(drawn: str) -> float:
    """An hour of a chart as it goes into the `tidy` source: never rounded here."""
    if re.fullmatch(r"-?\d+:[0-5]\d", drawn):
        return minute_of(drawn) / 60
    try:
        return float(drawn)
    except ValueError:
        raise DrawingError(f"{drawn!r} is not an hour; write 4, 4.5 or 4:30.") from None


def hour_of(minute: int | None) -> str:
    """Minutes as hours: `4` or `4:30`."""
    if minute is None:
        return ""
    hours, rest = divmod(abs(minute), 60)
    return f"{'-' if minute < 0 else ''}{hours}{f':{rest:02d}' if rest else ''}"


# Charts


@dataclass(frozen=True)
class Chart:
    """One patient, drawn. Two charts that are drawn alike are one."""

    table: str
    patient: tuple[tuple[str, object], ...]
    choices: tuple[tuple[str, object], ...]
    system: str

    @property
    def key(self) -> tuple:
        """What is graded: whichever system is asked for, all are built."""
        return self.table, self.patient, self.choices

    def observations(self) -> list[dict[str, object]]:
        """The chart as rows of the table `observations` of the source `tidy`."""
        rows = []
        first, *concepts = columns_of(self.table)
        unknown = set(concepts) - CONCEPTS
        if first != "hour" or unknown:
            raise DrawingError(f"{next(iter(unknown), first)!r} is no concept; draw the hour, then concepts.")
        for cells in read_table(self.table):
            if "hour" not in cells:
                raise DrawingError(f"a row has no hour: {cells}")
            start = cells.pop("hour")
            rows += [_observation(concept, start, cell) for concept, cell in cells.items()]
        return rows

    def gives(self, table: str) -> "Chart":
        """The stretches of `grading.grades`, exactly: start, end, grade, ceiling, criteria met, episode."""
        __tracebackhide__ = True
        expected = read_stretches(table)
        got = [_stretch(_stretch_cells(row)) for row in self.verdict.grades]
        if expected != got:
            drawn = draw_table(list(GRADES), [_stretch_cells(row) for row in self.verdict.grades])
            wrong = [_first_difference(expected, got)]
            raise AssertionError(self._failed("the stretches are not as drawn", wrong, drawn))
        return self

    def episodes(self, table: str) -> "Chart":
        """The rows of `episodes.episodes`, in the columns that are drawn."""
        __tracebackhide__ = True
        columns = columns_of(table)
        unknown = [column for column in columns if column not in EPISODES]
        if unknown:
            raise DrawingError(
                f"{unknown[0]!r} is not a column of episodes; there are {', '.join(EPISODES)}."
            )
        got = [{column: _episode_cell(column, row) for column in columns} for row in self.verdict.episodes]
        expected = [{column: row.get(column, "") for column in columns} for row in read_table(table)]
        for row in expected:
            row.update({column: hour_of(minute_of(row[column])) for column in TIMES if row.get(column)})
        if expected != got:
            raise AssertionError(self._failed("the episodes are not as drawn", [], draw_table(columns, got)))
        return self

    def summary(self, **expected: object) -> "Chart":
        """Columns of `summaries.subjects`; those in minutes are also known in hours (`onset_hour=4`)."""
        __tracebackhide__ = True
        got = dict(self.verdict.summary)
        got |= {
            name.replace("_minute", "_hour"): hour_of(got[name]) for name in got if name.endswith("_minute")
        }
        wrong = []
        for name, value in expected.items():
            if name not in got:
                raise DrawingError(f"{name!r} is not a column of the summary; there are {', '.join(got)}.")
            if name.endswith("_hour"):
                value = "" if value is None else hour_of(minute_of(value))
            if isinstance(value, float):
                # Hours are stored to twelve significant digits; a chart gives them as it computes them.
                value = significant(value)
            if got[name] != value:
                wrong.append(f"{name} is {got[name]!r}, not {value!r}")
        if wrong:
            raise AssertionError(self._failed("the summary is not as expected", wrong, self._drawn()))
        return self

    def flags(self, *expected: str) -> "Chart":
        """The flags of the summary: these and no others."""
        __tracebackhide__ = True
        return self.summary(flags=sorted(expected))

    def raises(self, flag: str) -> "Chart":
        """This flag is raised, whatever others are."""
        __tracebackhide__ = True
        if flag not in self.verdict.summary["flags"]:
            raise AssertionError(
                self._failed(f"{flag} is not raised", [f"flags: {self._flags()}"], self._drawn())
            )
        return self

    def raises_no(self, flag: str) -> "Chart":
        """This flag is not raised, whatever others are."""
        __tracebackhide__ = True
        if flag in self.verdict.summary["flags"]:
            raise AssertionError(
                self._failed(f"{flag} is raised", [f"flags: {self._flags()}"], self._drawn())
            )
        return self

    @property
    def verdict(self) -> "Verdict":
        """What the pipeline says of the chart."""
        return WARD.verdict(self)

    def _flags(self) -> str:
        return ", ".join(self.verdict.summary["flags"]) or "none"

    def _drawn(self) -> str:
        return draw_table(list(GRADES), [_stretch_cells(row) for row in self.verdict.grades])

    def _failed(self, what: str, wrong: list[str], got: str) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in (*self.patient, *self.choices))
        parts = [what, *wrong, "", f"chart{f' of a patient with {facts}' if facts else ''}:"]
        return "\n".join(
            [*parts, textwrap.indent(self.table, "    "), "", "got:", textwrap.indent(got, "    ")]
        )


def chart(
    table: str,
    *,
    age: float | None = None,
    infused_at: str | None = None,
    death: str | float | None = None,
    death_cause: str | None = None,
    until: str | float | None = None,
    system: str = "astct_2019",
    **choices: float,
) -> Chart:
    """A drawn chart.

    age -- years
    infused_at -- clock of the infusion, such as 14:00; midnight where it is not given
    death, until -- hour of death; hour of the end of follow-up. Where neither is given, nothing is cut
    system -- the grading system whose verdict is compared
    choices -- what differs from the defaults, by name
    """
    patient = {
        "infused_at": infused_at, "age": age, "death": death, "death_cause": death_cause, "until": until,
    }  # fmt: skip
    known = tuple((name, value) for name, value in patient.items() if value is not None)
    drawn = Chart(textwrap.dedent(table).strip("\n"), known, tuple(sorted(choices.items())), system)
    drawn.observations()  # a badly drawn table fails here, in its own test
    WARD.admit(drawn)
    return drawn


def _observation(concept: str, start: str, cell: str) -> dict[str, object]:
    parts = CELL.fullmatch(cell)
    if not parts:
        raise DrawingError(f"{cell!r} is not VALUE [UNIT] [-> END] [!INDICATION].")
    usual = "degC" if concept == "temperature" else None
    return {
        "concept": concept,
        "start_hour": hours_of(start),
        "end_hour": hours_of(parts["end"]) if parts["end"] else None,
        "value": None if parts["value"] == "on" else parts["value"],
        "unit": parts["unit"] or usual,
        "indication": parts["indication"],
    }


def read_stretches(drawn: str) -> list[tuple]:
    """The stretches of a drawn table of verdicts."""
    if tuple(columns_of(drawn)) != GRADES:
        raise DrawingError(f"a table of verdicts has the columns {', '.join(GRADES)}.")
    rows = []
    for cells in read_table(drawn):
        if list(cells) == ["because"] and rows:
            rows[-1]["because"] += f" {cells['because']}"
        else:
            rows.append(cells)
    return [_stretch(cells) for cells in rows]


def _stretch(cells: dict[str, str]) -> tuple:
    missing = [name for name in GRADES[:4] if name not in cells]
    if missing:
        raise DrawingError(f"{missing[0]} is empty in the row {cells}")
    start, end = minute_of(cells["from"]), minute_of(cells["to"])
    episode = int(cells["episode"]) if cells.get("episode") else None
    return (
        start,
        end,
        int(cells["grade"]),
        int(cells["ceiling"]),
        tuple(cells.get("because", "").split()),
        episode,
    )


def _stretch_cells(row: dict[str, object]) -> dict[str, str]:
    return {
        "from": hour_of(row["start_minute"]),
        "to": hour_of(row["end_minute"]),
        "grade": str(row["grade"]),
        "ceiling": str(row["ceiling"]),
        "because": " ".join(row["because"]),
        "episode": "" if row["episode"] is None else str(row["episode"]),
    }


def _first_difference(expected: list[tuple], got: list[tuple]) -> str:
    for one, other in zip(expected, got):
        if one != other:
            return f"first difference: drawn {_in_words(one)}, got {_in_words(other)}"
    return f"drawn {len(expected)} stretches, got {len(got)}"


def _in_words(stretch: tuple) -> str:
    start, end, grade, ceiling, because, episode = stretch
    which = "in no episode" if episode is None else f"in episode {episode}"
    reasons = " ".join(because) or "nothing met"
    return f"{hour_of(start)}-{hour_of(end)} grade {grade} ceiling {ceiling} ({reasons}) {which}"


def _episode_cell(column: str, row: dict[str, object]) -> str:
    value = row[EPISODES[column]]
    if column in TIMES:
        return hour_of(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}"


# The ward: every chart that is drawn, graded together


@dataclass(frozen=True)
class Verdict:
    """What the pipeline says of one chart by one system."""

    summary: dict[str, object]
    episodes: list[dict[str, object]]
    grades: list[dict[str, object]]


class Ward:
    """All charts drawn so far, and the verdicts on those that were graded."""

    def __init__(self) -> None:
        self.charts: dict[tuple, Chart] = {}
        self.verdicts: dict[tuple, dict[str, Verdict]] = {}
        self.modules: set[str] = set()

    def admit(self, drawn: Chart) -> None:
        """Take a chart in; one that is drawn alike is there already."""
        self.charts.setdefault(drawn.key, drawn)

    def verdict(self, drawn: Chart) -> Verdict:
        """The verdict on one chart; all that share its choices are graded with it."""
        self._read_modules()
        if drawn.key not in self.verdicts:
            waiting = [
                other for other in self.charts.values()
                if other.choices == drawn.choices and other.key not in self.verdicts
            ]  # fmt: skip
            self.verdicts |= grade_together(waiting)
        return self.verdicts[drawn.key][drawn.system]

    def _read_modules(self) -> None:
        """Draw every chart that stands in the source of a module that draws charts, before its tests have
        run."""
        for name, module in list(sys.modules.items()):
            if name not in self.modules and getattr(module, "chart", None) is chart:
                self.modules.add(name)
                draw_all(Path(module.__file__), vars(module))


def draw_all(path: Path, namespace: dict[str, object]) -> None:
    """Draw every chart of a module. One that needs a variable of its test is drawn when that test runs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "chart":
            with suppress(NameError, DrawingError):
                eval(compile(ast.Expression(node), str(path), "eval"), namespace)


WARD = Ward()


def grade_together(charts: list[Chart]) -> dict[tuple, dict[str, Verdict]]:
    """The verdicts on charts that share their choices, by chart and system: one build."""
    names = {f"P{number:03d}": drawn for number, drawn in enumerate(charts, start=1)}
    subjects = [{"subject_id": name, **_subject(drawn)} for name, drawn in names.items()]
    observations = [
        {"subject_id": name, **row} for name, drawn in names.items() for row in drawn.observations()
    ]
    cohort = pipeline.grade(
        pd.DataFrame(subjects, columns=SUBJECT_COLUMNS),
        pd.DataFrame(observations, columns=OBSERVATION_COLUMNS),
        choices=dict(charts[0].choices),
    )
    summaries, episodes, grades = (
        _rows(frame) for frame in (cohort.subjects(), cohort.episodes(), cohort.grades())
    )
    verdicts: dict[tuple, dict[str, Verdict]] = {}
    for (system, name), rows in summaries.items():
        one = Verdict(rows[0], episodes.get((system, name), []), grades.get((system, name), []))
        verdicts.setdefault(names[name].key, {})[system] = one
    return verdicts


def _subject(drawn: Chart) -> dict[str, object]:
    facts = dict(drawn.patient)
    return {
        "infusion_time": f"2031-05-04T{facts['infused_at']}:00" if "infused_at" in facts else None,
        "age_years": facts.get("age"),
        "death_hour": hours_of(str(facts["death"])) if "death" in facts else None,
        "death_cause": facts.get("death_cause"),
        "followup_end_hour": hours_of(str(facts["until"])) if "until" in facts else None,
    }


def _rows(frame: pd.DataFrame) -> dict[tuple[str, str], list[dict[str, object]]]:
    """The rows of a frame by system and subject, as plain values, None where empty."""
    rows: dict[tuple[str, str], list[dict[str, object]]] = {}
    for record in frame.to_dict("records"):
        plain = {name: _plain(value) for name, value in record.items()}
        rows.setdefault((plain["system"], plain["subject_id"]), []).append(plain)
    return rows


def _plain(value: object) -> object:
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
