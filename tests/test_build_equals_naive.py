"""The build against the naive grader, on random charts: every summary, every episode, every minute.

By default 600 charts of some hours and 50 of some days are graded; CYTOGRADE_NAIVE_CHARTS=20000 grades so
many, in the same proportion. The charts are the same in every run.
"""

import os

import numpy as np
import pandas as pd
import pytest
from naive.charts import default_batch, fast_batch
from naive.choices import DEFAULTS
from naive.grader import EPISODE_COLUMNS, SUMMARY_COLUMNS, grade, grade_by_all
from naive.systems import SYSTEMS

import pipeline

CHARTS = int(os.environ.get("CYTOGRADE_NAIVE_CHARTS", "600"))
FAST_SIZE = 25
DEFAULT_SIZE = 10
SUBJECT_COLUMNS = (
    "subject_id",
    "infusion_time",
    "age_years",
    "death_hour",
    "death_cause",
    "followup_end_hour",
)
OBSERVATION_COLUMNS = ("subject_id", "concept", "start_hour", "end_hour", "value", "unit", "indication")
MINUTE_COLUMNS = ("grade", "ceiling", "because", "episode")


def infusion_clock(subject):
    """The time of the infusion, where the chart gives its minute of the day."""
    minute = subject.get("infusion_minute_of_day")
    return None if minute is None else f"2024-03-05T{minute // 60:02d}:{minute % 60:02d}:00"


def subject_frame(charts):
    """The `subjects` table of `tidy`."""
    rows = [
        {**chart["subject"], "subject_id": name, "infusion_time": infusion_clock(chart["subject"])}
        for name, chart in charts.items()
    ]
    return pd.DataFrame(rows).reindex(columns=SUBJECT_COLUMNS)


def observation_frame(charts):
    """The `observations` table of `tidy`."""
    rows = [{**row, "subject_id": name} for name, chart in charts.items() for row in chart["observations"]]
    return pd.DataFrame(rows, columns=OBSERVATION_COLUMNS)


def plain(cell):
    """A cell of a frame as plain Python, None where it is empty."""
    if isinstance(cell, (list, tuple, np.ndarray)):
        return list(cell)
    if pd.isna(cell):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def plain_rows(frame, columns):
    """The rows of a frame as dictionaries of these columns, by system and subject."""
    rows = {}
    for record in frame.to_dict("records"):
        key = (record["system"], record["subject_id"])
        rows.setdefault(key, []).append({column: plain(record[column]) for column in columns})
    return rows


def build(charts, choices):
    """Summaries, episodes and stretches of the build, each by system and subject."""
    cohort = pipeline.grade(subject_frame(charts), observation_frame(charts), choices=choices, systems=list(SYSTEMS))
    return (
        plain_rows(cohort.subjects(), SUMMARY_COLUMNS),
        plain_rows(cohort.episodes(), EPISODE_COLUMNS),
        plain_rows(cohort.grades(), ("start_minute", "end_minute", *MINUTE_COLUMNS)),
    )


def same(naive, built):
    """Equal, hours to within rounding of a double."""
    if isinstance(naive, float) and built is not None:
        return naive == pytest.approx(built, abs=1e-9)
    return naive == built


def row_differences(what, naive, built):
    """The columns of one row in which the two differ."""
    return [
        f"{what}.{column}: naive {naive[column]!r}, build {built[column]!r}"
        for column in naive
        if not same(naive[column], built[column])
    ]


def summary_differences(verdict, rows):
    """The columns of the summary in which the two differ."""
    if len(rows) != 1:
        return [f"summary: {len(rows)} rows in the build"]
    return row_differences("summary", verdict.summary(), rows[0])


def episode_differences(verdict, rows):
    """The episodes in which the two differ."""
    rows = sorted(rows, key=lambda row: row["episode"])
    if len(rows) != len(verdict.episode_rows):
        return [f"episodes: naive {len(verdict.episode_rows)}, build {len(rows)}"]
    return [
        difference
        for naive, built in zip(verdict.episode_rows, rows, strict=True)
        for difference in row_differences(f"episode {naive['episode']}", naive, built)
    ]


def tiling_differences(last, stretches):
    """'Tiling `[0, last minute)` of each subject without gaps.'"""
    starts = [stretch["start_minute"] for stretch in stretches]
    ends = [stretch["end_minute"] for stretch in stretches]
    if [0, *ends] != [*starts, last] if stretches else last != 0:
        return [f"stretches {list(zip(starts, ends, strict=True))} do not tile [0, {last})"]
    return []


def minute_differences(verdict, stretches):
    """The first minute of which the two say different things."""
    stretches = sorted(stretches, key=lambda stretch: stretch["start_minute"])
    untiled = tiling_differences(len(verdict.grade), stretches)
    for stretch in stretches:
        built = {column: stretch[column] for column in MINUTE_COLUMNS}
        for minute in range(stretch["start_minute"], min(stretch["end_minute"], len(verdict.grade))):
            naive = {column: getattr(verdict, column)[minute] for column in MINUTE_COLUMNS}
            if naive != built:
                return [*untiled, f"first minute of difference {minute}: naive {naive}, build {built}"]
    return untiled


def readable_row(row):
    """A row as one would read it at the bedside, its times in minutes."""
    start, end, indication = row["start_hour"], row["end_hour"], row["indication"]
    when = f"{start * 60:g}" if end is None else f"{start * 60:g} to {end * 60:g}"
    amount = " ".join(str(part) for part in (row["value"], row["unit"]) if part is not None)
    return f"  minute {when}: {row['concept']} {amount}" + (f" [{indication}]" if indication else "")


def readable(chart, choices):
    """A chart in the order of its times."""
    subject = {name: value for name, value in chart["subject"].items() if value is not None}
    rows = sorted(chart["observations"], key=lambda row: row["start_hour"])
    return "\n".join([f"choices {choices or 'as they stand'}", f"subject {subject}", *map(readable_row, rows)])


def chart_differences(name, chart, choices, built):
    """All differences of one subject, with its chart; empty where there are none."""
    summaries, episodes, stretches = built
    found = []
    for system, verdict in grade_by_all(chart["subject"], chart["observations"], choices).items():
        key = (system, name)
        differences = [
            *minute_differences(verdict, stretches.get(key, [])),
            *episode_differences(verdict, episodes.get(key, [])),
            *summary_differences(verdict, summaries.get(key, [])),
        ]
        found += [f"  {system}: {difference}" for difference in differences]
    return "\n".join([readable(chart, choices), *found]) if found else ""


def differing(charts, choices):
    """Of these charts those of which the build and the naive grader say different things, with what they say."""
    named = {f"P{number:03d}": chart for number, chart in enumerate(charts)}
    built = build(named, choices)
    told = [(chart, chart_differences(name, chart, choices, built)) for name, chart in named.items()]
    return [(chart, text) for chart, text in told if text]


def simpler_charts(chart):
    """The chart without a half of its rows, without one row, one fact of the subject, or one detail of a row."""
    subject, rows = chart["subject"], chart["observations"]
    half = len(rows) // 2
    for kept in [rows[:half], rows[half:]] if half else []:
        yield {"subject": subject, "observations": kept}
    for place, row in enumerate(rows):
        yield {"subject": subject, "observations": rows[:place] + rows[place + 1 :]}
        for detail in ("end_hour", "indication"):
            if row[detail] is not None:
                simpler = {**row, detail: None}
                yield {"subject": subject, "observations": [*rows[:place], simpler, *rows[place + 1 :]]}
    for fact in subject:
        fewer = {name: value for name, value in subject.items() if name != fact}
        if "death_hour" in fewer or "death_cause" not in fewer:
            yield {"subject": fewer, "observations": rows}


def smallest_differing(chart, text, choices):
    """The words on a chart that differs, once nothing can be left out of it, nor out of the choices."""
    while simpler := differing(simpler_charts(chart), choices):
        chart, text = simpler[0]
    for name in choices:
        fewer = {other: value for other, value in choices.items() if other != name}
        if still := differing([chart], fewer):
            return smallest_differing(*still[0], fewer)
    return text


def assert_build_equals_naive(batch):
    """Grade a batch both ways; of the charts that differ the smallest is made smaller still, and shown."""
    found = differing(batch.charts, batch.choices)
    if found:
        chart, text = min(found, key=lambda chart_and_text: len(chart_and_text[1]))
        smallest = smallest_differing(chart, text, batch.choices)
        pytest.fail(f"the build and the naive grader differ on this chart:\n{smallest}", pytrace=False)


@pytest.mark.parametrize("number", range(CHARTS // FAST_SIZE))
def test_build_equals_naive_on_charts_of_some_hours(number):
    """All durations scaled down, so that every limit is met often."""
    assert_build_equals_naive(fast_batch(FAST_SIZE, number))


@pytest.mark.parametrize("number", range(CHARTS // 40 // DEFAULT_SIZE))
def test_build_equals_naive_under_the_default_choices(number):
    """The choices as they stand, over some days."""
    assert_build_equals_naive(default_batch(DEFAULT_SIZE, number))


def test_naive_grader_knows_every_choice_of_its_defaults():
    """A choice that the naive grader does not know is an error, not a silent default."""
    with pytest.raises(ValueError, match="no such choice"):
        grade({}, [], choices={**DEFAULTS, "temperature_holds": 14})
