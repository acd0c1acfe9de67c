"""The cohort beside published trials: CRS of any grade and of grade 3 or more with exact intervals, grouped by grading system.

The numbers of the trials stand in `published_trials.csv`, each row with its source, what was read there and what was only
remembered, and where sources of one trial conflict. They are for orientation: cohorts differ in disease, product, grading and
charting, so nearness to them proves nothing, and distance refutes nothing.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import plotly.graph_objects as go

from pipeline.reports import rounding, words
from pipeline.reports.data import Row
from pipeline.reports.figures import house
from pipeline.reports.figures.house import Figure
from pipeline.reports.tables import Cell, Line, Table
from pipeline.statistics import exact_interval

FILE = Path(__file__).parents[1] / "published_trials.csv"
OUTCOMES = {"any": "CRS of any grade", "severe": "grade 3 or more"}
SYSTEMS = {"lee_2014": "Lee 2014", "penn_2018": "Penn", "astct_2019": "ASTCT 2019", "": "system not stated"}
"""The grading systems of the trials, in the order of their groups."""

KINDS = (("published", False, True), ("published, number rounded", False, False), ("this cohort", True, True))
"""What the dots are: name, whether of this cohort, whether their numbers were given."""

ROW = 21


@dataclass(frozen=True)
class Share:
    """A number of patients of all, with its exact 95% interval in percent; whether the number was given or is rounded."""

    n: int
    of: int
    pct: float
    low: float
    high: float
    is_given: bool


@dataclass(frozen=True)
class Entry:
    """A line of the figure: a published cohort, or this one under one system; whether that system was only remembered."""

    name: str
    system: str
    n: int
    any: Share | None
    severe: Share | None
    is_own: bool = False
    is_remembered: bool = False


@cache
def trials() -> tuple[Row, ...]:
    """The rows of the file, numbers as numbers, blanks as None."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple({name: _read(name, text) for name, text in row.items()} for row in csv.DictReader(file))


def _read(name: str, text: str) -> object:
    if name in ("n", "any_n", "severe_n"):
        return int(text) if text else None
    if name in ("any_pct", "severe_pct", "onset_median_d", "duration_median_d"):
        return float(text) if text else None
    return text


def share(trial: Row, outcome: str) -> Share | None:
    """The share of a trial; where only a percentage was given, its patients are the nearest whole number."""
    percent, number, of = trial[f"{outcome}_pct"], trial[f"{outcome}_n"], trial["n"]
    if percent is None and number is None:
        return None
    n = int(rounding.fixed(of * percent / 100, 0)) if number is None else number
    low, high = exact_interval(n, of)
    return Share(n, of, 100 * n / of, low, high, number is not None)


def own(cohort: Row, outcome: str) -> Share | None:
    """The same of this cohort, as `summaries.cohort` has it."""
    name = {"any": "any", "severe": "grade_3_or_more"}[outcome]
    if not cohort["n_treated"] or cohort[f"n_{name}"] is None:
        return None
    return Share(cohort[f"n_{name}"], cohort["n_treated"], cohort[f"pct_{name}"], cohort[f"pct_{name}_low"],
                 cohort[f"pct_{name}_high"], True)  # fmt: skip


def entries(cohorts: Mapping[str, Row]) -> list[Entry]:
    """Group by group this cohort, where it was graded by that system, then the trials. cohorts -- by id of the system"""
    found = []
    for system in SYSTEMS:
        listed = [
            Entry(_name(trial), system, trial["n"], share(trial, "any"), share(trial, "severe"),
                  is_remembered=trial["system_basis"] == "from memory")
            for trial in trials()
            if trial["system"] == system and (trial["any_pct"] is not None or trial["severe_pct"] is not None)
        ]  # fmt: skip
        if system in cohorts:
            cohort = cohorts[system]
            mine = Entry("This cohort", system, cohort["n_treated"], own(cohort, "any"), own(cohort, "severe"), True)
            listed.insert(0, mine)
        found += listed
    return found


def _name(trial: Row) -> str:
    return f"{trial['cohort']}, {trial['product']}"


def figure(cohorts: Mapping[str, Row], choices: tuple[str, ...]) -> Figure:
    """The figure with its words.

    cohorts -- the whole cohort by id of the system
    choices -- names of the choices on which its grades depend
    """
    terms = words.terms(next(iter(cohorts.values())))
    found = entries(cohorts)
    mine = [entry for entry in found if entry.is_own]
    ours = (
        "The filled diamonds are this cohort, graded by the system of each group"
        if mine
        else "This cohort was graded by none of these systems, and is not among them"
    )
    stand_in = (
        " Nobody in this cohort is known to have been infused: it shows how often charts meet the criteria, which says "
        "nothing about CRS."
        if terms is words.STAND_IN
        else ""
    )
    return Figure(
        id="published",
        title="For orientation: this cohort beside published ones",
        caption=(
            f"Share of patients with exact 95% confidence intervals, by the grading system of each publication. {ours}. "
            "Open circles: only a percentage was published, so the number of patients is rounded from it. "
            f"Cohorts differ in disease, product, grading and charting: no result here is a pass or a failure.{stand_in}"
        ),
        alt=f"Dots with intervals for {len(found) - len(mine)} published cohorts and this one. {_said(mine, found)}",
        drawing=drawn(found),
        table=table(cohorts),
        notes=(
            "Beside each name: patients. * The grading system was not read in the source, but is from memory. Sources and "
            "conflicts between them are in the table.",
        ),
        choices=choices,
    )


def _said(mine: Sequence[Entry], found: Sequence[Entry]) -> str:
    """This cohort and the span of the others, system by system."""
    said = []
    for entry in mine:
        for outcome, name in OUTCOMES.items():
            here = getattr(entry, outcome)
            others = [getattr(one, outcome).pct for one in found if one.system == entry.system and not one.is_own
                      and getattr(one, outcome)]  # fmt: skip
            said.append(
                f"{SYSTEMS[entry.system]}, {name}: here {words.percent(here.pct)} ({words.interval(here.low, here.high)}), "
                f"published {words.percent(min(others))} to {words.percent(max(others))}."
                if here and others
                else ""
            )
    return " ".join(one for one in said if one)


def drawn(found: Sequence[Entry]) -> go.Figure:
    """Two panels on one axis of cohorts, a heading above each group."""
    places, headings, place = [], [], 0
    for number, entry in enumerate(found):
        if not number or entry.system != found[number - 1].system:
            headings.append((place, SYSTEMS[entry.system]))
            place += 1
        places.append(place)
        place += 1
    figure = go.Figure()
    for panel, (outcome, title) in enumerate(OUTCOMES.items()):
        axis = "" if not panel else "2"
        for kind, own_cohort, given in KINDS:
            chosen = [
                (at, entry, getattr(entry, outcome))
                for at, entry in zip(places, found, strict=True)
                if entry.is_own == own_cohort and getattr(entry, outcome) and getattr(entry, outcome).is_given == given
            ]
            if chosen:
                figure.add_trace(_dots(kind, chosen, axis, title, showlegend=not panel))
        figure.update_layout(
            {
                f"xaxis{axis}": house.axis(
                    domain=[0, 0.58] if not panel else [0.63, 1], range=[-1, 101 if not panel else _most(found, "severe")],
                    ticksuffix="%", title=f"{title}, % of patients", showline=True,
                )
            }
        )  # fmt: skip
    figure.update_layout(
        house.layout(
            52 + ROW * place + 58,
            margin={"l": 230, "r": 16, "t": 52, "b": 58},
            yaxis=house.axis(
                range=[place - 0.4, -0.6],
                tickvals=[*places, *(at for at, _ in headings)],
                ticktext=[*(_label(entry) for entry in found), *(f"<b>{name}</b>" for _, name in headings)],
                tickfont={"size": 12, "color": house.INK},
                showgrid=False,
                ticks="",
                ticklabelstandoff=6,
                fixedrange=True,
            ),
            legend={"yref": "container", "y": 1, "yanchor": "top", "traceorder": "normal"},
        )
    )
    for at, _ in headings[1:]:
        figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=at - 0.5, y1=at - 0.5, line={"width": 1, "color": house.RULE})
    return figure


def _label(entry: Entry) -> str:
    text = f"{words.plotly_text(entry.name, 42)}{'*' if entry.is_remembered else ''}  {entry.n:,}"
    return f"<b>{text}</b>" if entry.is_own else text


def _most(found: Sequence[Entry], outcome: str) -> float:
    return min(101, 4 + max((getattr(entry, outcome).high for entry in found if getattr(entry, outcome)), default=60))


def _dots(kind: str, chosen: Sequence[tuple[int, Entry, Share]], axis: str, title: str, showlegend: bool) -> go.Scatter:
    colour = house.INK if kind == "this cohort" else house.RESOLVED
    symbol = {"this cohort": "diamond", "published": "circle"}.get(kind, "circle-open")
    return go.Scatter(
        mode="markers",
        name=kind,
        legendgroup=kind,
        showlegend=showlegend,
        x=[share.pct for *_, share in chosen],
        y=[at for at, *_ in chosen],
        xaxis=f"x{axis}",
        marker={"symbol": symbol, "size": 11 if kind == "this cohort" else 8, "color": colour, "line": {"width": 1.5}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [share.high - share.pct for *_, share in chosen],
            "arrayminus": [share.pct - share.low for *_, share in chosen],
            "color": colour,
            "thickness": 2.4 if kind == "this cohort" else 1.4,
            "width": 0,
        },
        customdata=[
            [words.plotly_text(entry.name, 80), f"{share.n} of {share.of} ({words.percent(share.pct)})",
             words.interval(share.low, share.high)]
            for _, entry, share in chosen
        ],
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>{title}: %{{customdata[1]}}<br>95% CI %{{customdata[2]}}"
        "<extra></extra>",
    )


def table(cohorts: Mapping[str, Row]) -> Table:
    """Every trial of the file with its sources, this cohort above those of its system."""
    lines = []
    for system, title in SYSTEMS.items():
        lines.append(Line(title, group=True))
        if system in cohorts:
            lines.append(_own_line(cohorts[system]))
        lines += [_trial_line(trial) for trial in trials() if trial["system"] == system]
    heads = (
        "Cohort", "Disease", "Kind", "n", "CRS of any grade", "95% CI", "Grade ≥ 3", "95% CI", "Onset, median day",
        "Duration, median days", "System", "Source", "Note",
    )  # fmt: skip
    return Table("This cohort and published ones", heads, tuple(lines), texts=frozenset({1, 2, 10, 11, 12}))


def _shared(share: Share | None, published: float | None = None) -> tuple[Cell, Cell]:
    """Number with share, and its interval; where the number is rounded, the share as it was published."""
    if share is None:
        return Cell(words.DASH), Cell(words.DASH)
    said = f"{share.n} ({words.percent(share.pct)})" if share.is_given else f"about {share.n} ({words.setting(published)}%)"
    return Cell(said), Cell(words.interval(share.low, share.high))


def _trial_line(trial: Row) -> Line:
    def timed(name: str) -> Cell:
        middle, spread = trial[f"{name}_median_d"], trial[f"{name}_range_d"]
        return Cell(words.number(middle) + (f" [{spread.replace('-', words.DASH)}]" if spread else ""))

    cells = (
        *(Cell(text) for text in (trial["disease"], trial["kind"], words.count(trial["n"]))),
        *_shared(share(trial, "any"), trial["any_pct"]),
        *_shared(share(trial, "severe"), trial["severe_pct"]),
        timed("onset"),
        timed("duration"),
        *(Cell(trial[name]) for name in ("system_basis", "source", "note")),
    )
    return Line(_name(trial), cells, indented=True)


def _own_line(cohort: Row) -> Line:
    def ranged(text: str, name: str) -> str:
        low, high = cohort[f"{name}_min"], cohort[f"{name}_max"]
        return text if low is None else f"{text} [{words.span(low, high)}]"

    median = cohort["duration_days_km_median"]
    onset = lasted = words.DASH
    if cohort["onset_day_median"] is not None:
        onset = ranged(words.number(cohort["onset_day_median"]), "onset_day")
        if "duration_days_km_median" not in cohort.get("held", ()):
            lasted = ranged("not reached" if median is None else words.number(median), "duration_days")
    cells = (
        Cell(words.DASH), Cell("this cohort"), Cell(words.count(cohort["n_treated"])), *_shared(own(cohort, "any")),
        *_shared(own(cohort, "severe")), Cell(onset), Cell(lasted), Cell("derived"), Cell("this run"), Cell(""),
    )  # fmt: skip
    return Line("This cohort", cells, indented=True)
