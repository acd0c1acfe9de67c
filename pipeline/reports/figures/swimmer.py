"""The course of every patient: one bar per patient over time, coloured by grade, with treatments and ends marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pipeline.reports import rounding, words
from pipeline.reports.data import Row
from pipeline.reports.figures import house
from pipeline.reports.figures.house import GRADE_COLOURS, INK, LINE, OUTSIDE, TREATMENT

AT_MOST = 150
"""Patients shown."""

DAY = words.MINUTES_PER_DAY
LONGEST_ID = 22


@dataclass(frozen=True)
class Kind:
    """A kind of stretch: how it is called and filled, and which stretches are of it."""

    name: str
    marker: dict
    holds: Callable[[Row], bool]
    rank: int


def _graded(grade: int) -> Callable[[Row], bool]:
    return lambda row: row["episode"] is not None and row["grade"] == grade


KINDS = (
    *(
        Kind(f"grade {grade}", {"color": GRADE_COLOURS[grade], "line": {"width": 0}}, _graded(grade), grade)
        for grade in (1, 2, 3, 4)
    ),
    Kind(
        "graded, no episode",
        {"color": OUTSIDE, "line": {"width": 0}},
        lambda row: row["episode"] is None and row["grade"] > 0,
        5,
    ),
    Kind(
        "no criterion met",
        {"color": GRADE_COLOURS[0], "line": {"width": 0}},
        lambda row: row["grade"] == 0 and not row["is_unknown"],
        6,
    ),
    Kind(
        "vitals unknown",
        house.hatched(),
        lambda row: row["grade"] == 0 and row["is_unknown"],
        7,
    ),
)


@dataclass(frozen=True)
class Mark:
    """A kind of event drawn as a symbol; `offset` is how far below the middle of its bar, in bars."""

    name: str
    symbol: str
    size: float
    colour: str
    edge: str
    rank: int
    offset: float = 0


TOCILIZUMAB = Mark("tocilizumab", "triangle-down", 10, TREATMENT, "#ffffff", 11, -0.2)
OTHER_ANTICYTOKINE = Mark("other anticytokine", "square", 7, TREATMENT, "#ffffff", 12, -0.2)
CORTICOSTEROID = Mark("corticosteroid", "diamond", 5.5, "#ffffff", INK, 13, 0.3)
CRS_DEATH = Mark("death of CRS", "x", 11, GRADE_COLOURS[5], "#ffffff", 14)
OTHER_DEATH = Mark("other death", "x", 11, "#8b97a3", "#ffffff", 15)
END = Mark("end of follow-up", "line-ns", 8, INK, INK, 16)
BEYOND = Mark("observed further", "triangle-right", 9, LINE, "#ffffff", 17)
MARKS = (CORTICOSTEROID, TOCILIZUMAB, OTHER_ANTICYTOKINE, CRS_DEATH, OTHER_DEATH, END, BEYOND)


def swimmer(subjects: Sequence[Row], stretches: Sequence[Row], doses: Sequence[Row], last_day: float) -> go.Figure:
    """One bar per patient, from the first of the subjects on top.

    subjects -- in the order of the bars
    stretches, doses -- of these subjects
    last_day -- where the axis ends, in days
    """
    position = {subject["subject_no"]: index for index, subject in enumerate(subjects)}
    by_no = {subject["subject_no"]: subject for subject in subjects}
    figure = go.Figure()
    for kind in KINDS:
        of_kind = [
            row
            for row in stretches
            if kind.holds(row) and _day(row["start_minute"], by_no[row["subject_no"]]) < last_day
        ]
        if of_kind:
            figure.add_trace(_bars(kind, of_kind, position, by_no, last_day))
    events = events_of(subjects, doses, last_day)
    for mark in MARKS:
        if events[mark]:
            figure.add_trace(_symbols(mark, events[mark], position, by_no))
    _frame(figure, subjects, last_day)
    return figure


def axis_end(subjects: Sequence[Row], window_days: float, last_episode_day: float | None) -> float:
    """Where the axis of days ends: with the observation, or with the window of onset and the last episode if sooner."""
    observed = max((_day(subject["last_minute"], subject) for subject in subjects), default=0)
    wanted = max(window_days + 1, (last_episode_day or 0) + 2)
    return max(1.0, min(observed, wanted))


def _day(minute: int, subject: Row) -> float:
    """A minute as days from the midnight that began the day of the infusion."""
    return (minute + subject["infusion_minute_of_day"]) / DAY


def _bars(kind: Kind, rows: list[Row], position: dict[int, int], by_no: dict[int, Row], last_day: float) -> go.Bar:
    starts = [_day(row["start_minute"], by_no[row["subject_no"]]) for row in rows]
    ends = [min(last_day, _day(row["end_minute"], by_no[row["subject_no"]])) for row in rows]
    return go.Bar(
        orientation="h",
        name=kind.name,
        legendrank=kind.rank,
        base=[round(start, 5) for start in starts],
        x=[round(end - start, 5) for start, end in zip(starts, ends, strict=True)],
        y=[position[row["subject_no"]] for row in rows],
        width=0.74,
        marker=kind.marker,
        customdata=[_said(row, by_no[row["subject_no"]]) for row in rows],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    )


def _said(row: Row, subject: Row) -> list[str]:
    """What a stretch says of itself: patient, interval, grade and ceiling, criteria."""
    bound = "cannot be higher" if row["ceiling"] == row["grade"] else f"could be up to {row['ceiling']}"
    where = f"in episode {row['episode']}" if row["episode"] is not None else "in no episode"
    because = words.criteria(row["because"])
    if row["is_unknown"]:
        because += "; neither temperature nor pressure known"
    return [
        words.plotly_text(subject["subject_id"]),
        words.days_and_hours(row["start_minute"], row["end_minute"], subject["infusion_minute_of_day"]),
        f"grade {row['grade']} ({bound}), {where}",
        words.plotly_text(because),
    ]


def events_of(subjects: Sequence[Row], doses: Sequence[Row], last_day: float) -> dict[Mark, list[tuple[int, int, str]]]:
    """By mark: subject number, minute and what is said of it. What lies beyond the axis is left out."""
    events: dict[Mark, list[tuple[int, int, str]]] = {mark: [] for mark in MARKS}
    by_no = {subject["subject_no"]: subject for subject in subjects}
    for dose in doses:
        if 0 <= _day(dose["start_minute"], by_no[dose["subject_no"]]) <= last_day:
            events[dose_mark(dose)].append((dose["subject_no"], dose["start_minute"], _dose_words(dose)))
    for subject in subjects:
        mark, minute, said = _last_event(subject, last_day)
        events[mark].append((subject["subject_no"], minute, said))
    return events


def dose_mark(dose: Row) -> Mark:
    """The mark of a dose."""
    if dose["family"] == "corticosteroid":
        return CORTICOSTEROID
    return TOCILIZUMAB if dose["concept"] == "tocilizumab" else OTHER_ANTICYTOKINE


def _dose_words(dose: Row) -> str:
    amount = "amount not known"
    if dose["amount"] is not None:
        amount = f"{rounding.digits(dose['amount'], 4)} {dose['unit'] or ''}".rstrip()
    reason = f", for {dose['indication']}" if dose["indication"] not in (None, "", "crs") else ""
    return f"{dose['concept'].replace('_', ' ')}, {amount}{reason}"


def _last_event(subject: Row, last_day: float) -> tuple[Mark, int, str]:
    """How the observation of a subject ends, as far as the axis goes. A death of CRS counts after it as well."""
    last, death = subject["last_minute"], subject["death_minute"]
    is_crs_death = death is not None and subject["death_cause"] == "crs"
    ends = death if is_crs_death else last
    if _day(ends, subject) > last_day:
        minute = round(last_day * DAY) - subject["infusion_minute_of_day"]
        what = "death adjudicated to CRS (grade 5) on" if is_crs_death else "observed until"
        return (
            CRS_DEATH if is_crs_death else BEYOND,
            minute,
            f"{what} {words.clock(ends, subject['infusion_minute_of_day'])}",
        )
    if is_crs_death:
        return CRS_DEATH, death, "death adjudicated to CRS: grade 5"
    if death is not None and death <= last:
        return OTHER_DEATH, death, f"death: {subject['death_cause'] or 'cause not given'}"
    return END, last, "end of follow-up" if subject["is_closed"] else "last charting"


def _symbols(
    mark: Mark, events: list[tuple[int, int, str]], position: dict[int, int], by_no: dict[int, Row]
) -> go.Scatter:
    return go.Scatter(
        mode="markers",
        name=mark.name,
        legendrank=mark.rank,
        xaxis="x2",
        x=[round(_day(minute, by_no[number]), 5) for number, minute, _ in events],
        y=[position[number] + mark.offset for number, _, _ in events],
        marker={
            "symbol": mark.symbol,
            "size": mark.size,
            "color": mark.colour,
            "line": {"width": 2 if mark.symbol == "line-ns" else 1, "color": mark.edge},
        },
        cliponaxis=False,
        customdata=[
            [
                words.plotly_text(by_no[number]["subject_id"]),
                words.clock(minute, by_no[number]["infusion_minute_of_day"]),
                words.plotly_text(said),
            ]
            for number, minute, said in events
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )


def _frame(figure: go.Figure, subjects: Sequence[Row], last_day: float) -> None:
    """Axes, names, and the lines between groups of one highest grade."""
    row_height = 17 if len(subjects) <= 80 else 14
    above = 36 + 19 * -(-len(figure.data) // 5)
    step = 1 if last_day <= 32 else 2 if last_day <= 64 else 7
    days = house.axis(
        range=[0, last_day + 0.4],
        dtick=step,
        tick0=0,
        showline=False,
        title="day (each tick is the midnight that begins it)",
        tickfont={"size": 11.5, "color": house.FAINT},
    )
    figure.update_layout(
        house.layout(
            row_height * len(subjects) + above + 68,
            barmode="overlay",
            margin={"l": 40, "r": 116, "t": above, "b": 52},
            meta={"patients": [subject["subject_id"] for subject in subjects]},
            dragmode="zoom",
            xaxis={**days, "side": "top", "title": None},
            xaxis2={**days, "side": "bottom", "overlaying": "x", "matches": "x", "showgrid": False},
            yaxis=house.axis(
                range=[len(subjects) - 0.4, -0.6],
                tickvals=list(range(len(subjects))),
                ticktext=[words.plotly_text(subject["subject_id"], LONGEST_ID) for subject in subjects],
                tickfont={"size": 11 if row_height > 14 else 10, "color": INK},
                showgrid=False,
                fixedrange=True,
                ticks="",
            ),
        )
    )
    figure.update_layout(legend={"yref": "container", "y": 1, "yanchor": "top", "traceorder": "normal"})
    _groups(figure, subjects)


def _groups(figure: go.Figure, subjects: Sequence[Row]) -> None:
    """A line above each group of one highest grade, and its name at the right edge."""
    previous: object = ()
    for index, subject in enumerate(subjects):
        if subject["max_grade"] == previous:
            continue
        previous = subject["max_grade"]
        size = sum(other["max_grade"] == previous for other in subjects)
        name = {None: "not evaluable", 0: words.terms(subject).no_crs}.get(previous, f"grade {previous}")
        figure.add_annotation(
            xref="paper", x=1, xanchor="left", xshift=10, y=index, yanchor="middle", showarrow=False,
            text=f"<b>{name}</b>  n = {size}" if size > 1 else f"<b>{name}</b>",
            font={"size": 11.5, "color": house.FAINT},
        )  # fmt: skip
        if index:
            figure.add_shape(
                type="line", xref="paper", x0=0, x1=1, y0=index - 0.5, y1=index - 0.5,
                line={"width": 1, "color": LINE},
            )  # fmt: skip
