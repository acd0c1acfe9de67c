"""The figures: what each draws is what its table and the database hold; nothing breaks them; their pictures are whole."""

import json
import os
import re
import subprocess
import sys

import duckdb
import pandas as pd
import pytest
from cohorts import said
from conftest import ROOT
from scipy import stats

import pipeline
from pipeline.reports import data, words
from pipeline.reports.figures import captioned, days, density, grid, house, incidence, published
from pipeline.reports.figures.house import Figure

SYSTEM = "astct_2019"


@pytest.fixture(scope="module")
def sample(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        yield connection


def figures_of(connection) -> dict[str, Figure]:
    """The figures of the cohort and of the charting density, by id."""
    systems = data.systems(connection)
    cohorts = {system["system"]: data.cohort(connection, system["system"]) for system in systems}
    subjects = data.subjects_by_grade(connection, systems[0]["system"])
    drawn = captioned.of_cohort(connection, systems, cohorts, subjects, data.choices(connection))
    return {figure.id: figure for figure in [*drawn, density.figure(connection)]}


@pytest.fixture(scope="module")
def drawn(sample) -> dict[str, Figure]:
    return figures_of(sample)


def cells(figure: Figure) -> dict[str, list[str]]:
    """The cells of a table by the head of the row; of heads that come again, the first."""
    found: dict[str, list[str]] = {}
    for line in figure.table.lines:
        if not line.group:
            found.setdefault(line.head, [cell.text for cell in line.cells])
    return found


def reading(subject: str, hour: float, value: float, concept: str = "temperature", unit: str = "degC") -> dict:
    return {"subject_id": subject, "concept": concept, "start_hour": hour, "value": value, "unit": unit}


def cohort(subjects: list[dict], observations: list[dict], systems: tuple[str, ...] = (SYSTEM,), **choices) -> pipeline.Cohort:
    columns = ["subject_id", "concept", "start_hour", "value", "unit"]
    frame = pd.DataFrame(observations, columns=columns)
    return pipeline.grade(pd.DataFrame(subjects), frame, systems=list(systems), **choices)


# One look for all


def test_every_figure_of_the_report_wears_the_template(drawn):
    template = house.TEMPLATE.to_plotly_json()
    for figure in drawn.values():
        assert json.loads(figure.json())["layout"]["template"] == json.loads(json.dumps(template)), figure.id


def test_a_grade_has_its_colour_wherever_it_is_drawn(drawn):
    seen = {}
    for name, figure in drawn.items():
        for trace in json.loads(figure.json())["data"]:
            match = re.fullmatch(r"grade (\d)", trace.get("name", ""))
            colour = trace.get("marker", {}).get("color")
            if match and colour:
                colours = set(colour) - {"#ffffff"} if isinstance(colour, list) else {colour}
                seen.setdefault(int(match[1]), {}).update({one: name for one in colours})
    assert set(seen) == {1, 2, 3, 4, 5}
    assert {grade: set(colours) for grade, colours in seen.items()} == {grade: {house.GRADE_COLOURS[grade]} for grade in seen}


def test_every_figure_has_a_caption_a_text_alternative_with_numbers_and_a_table(drawn):
    for figure in drawn.values():
        assert len(figure.caption) > 60 and figure.caption.endswith("."), figure.id
        assert re.search(r"\d", figure.alt), figure.id
        assert figure.table.lines and len({len(line.cells) for line in figure.table.lines if not line.group}) == 1, figure.id
        assert len(figure.table.heads) == 1 + len(next(line for line in figure.table.lines if not line.group).cells), figure.id


# Days


def test_a_patient_is_counted_on_each_day_at_the_highest_grade_of_that_day_and_once():
    # Infused at midnight. A: fever on day 1, fever and a cannula on day 2, none from day 3. B: nothing after day 0.
    # C died on day 1 of something else. D: 37 all along.
    subjects = [
        {"subject_id": "A", "followup_end_hour": 120},
        {"subject_id": "B", "followup_end_hour": 120},
        {"subject_id": "C", "death_hour": 30, "death_cause": "progression"},
        {"subject_id": "D", "followup_end_hour": 72},
    ]
    observations = [
        *(reading("A", hour, 38.6 if 24 <= hour < 60 else 36.8) for hour in range(0, 120, 6)),
        reading("A", 50, 2, "nasal_cannula", "L/min"),
        reading("B", 1, 36.8),
        *(reading(one, hour, 37.0) for one in "CD" for hour in range(0, 120, 6)),
    ]
    made = cohort(subjects, observations)
    rows = made.frame("summaries.grades_by_day", "day").set_index("day")
    counted = rows.drop(columns=["system", "n_treated"]).loc[0:5].T
    assert counted.loc["n_on_day_0"].tolist() == [4, 2, 1, 1, 1]
    assert counted.loc["n_on_day_1"].tolist() == [0, 1, 0, 0, 0]
    assert counted.loc["n_on_day_2"].tolist() == [0, 0, 1, 0, 0]
    # B's one temperature holds 14 hours; then nothing is known, though B is observed.
    assert counted.loc["n_unknown"].tolist() == [0, 1, 1, 1, 1]
    assert counted.loc["n_died"].tolist() == [0, 0, 1, 1, 1]
    assert counted.loc["n_not_observed"].tolist() == [0, 0, 0, 1, 1]
    assert (counted.sum() == 4).all() and (rows.n_treated == 4).all()


def test_the_day_of_a_death_of_crs_is_a_day_of_grade_5_and_later_days_are_of_the_dead():
    made = cohort(
        [{"subject_id": "A", "death_hour": 50, "death_cause": "crs"}, {"subject_id": "B", "followup_end_hour": 100}],
        [reading(one, hour, 39.0 if one == "A" else 36.8) for one in "AB" for hour in range(0, 100, 6)],
    )
    rows = made.frame("summaries.grades_by_day", "day").set_index("day")
    assert rows.n_on_day_5.tolist() == [0, 0, 1, 0, 0]
    assert rows.n_died.tolist() == [0, 0, 0, 1, 1]


def test_the_share_at_each_grade_is_that_of_the_table_and_of_the_database(sample, drawn):
    figure = drawn["grades-by-day"]
    rows = data.rows(sample, "SELECT * FROM summaries.grades_by_day WHERE system = ? ORDER BY day", SYSTEM)
    by_day = {row["day"]: row for row in rows}
    columns = {name: column for column, name, _ in days.kinds(words.INFUSED)}
    traces = {trace.name: trace for trace in figure.drawing.data}
    shown = sorted({day for trace in traces.values() for day in trace.x})
    assert shown == list(range(21)), "two days past the last day of CRS"
    for name, trace in traces.items():
        wanted = [100 * by_day[day][columns[name]] / 60 for day in shown]
        assert list(trace.y) == pytest.approx(wanted), name
    for day in shown:
        assert sum(trace.y[day] for trace in traces.values()) == pytest.approx(100)
        wanted = ["n_on_day_0", *(f"n_on_day_{grade}" for grade in range(1, 6)), "n_unknown", "n_died", "n_not_observed"]
        assert cells(figure)[f"day {day}"] == [str(by_day[day][column]) for column in wanted]
    most = max(shown, key=lambda day: (sum(by_day[day][f"n_on_day_{grade}"] for grade in range(1, 6)), -day))
    number = sum(by_day[most][f"n_on_day_{grade}"] for grade in range(1, 6))
    assert f"most patients with a grade on day {most}, {number} of 60" in figure.alt


def test_the_highest_grade_of_the_days_is_that_of_the_patient(sample):
    beside = sample.execute(
        "SELECT count(*), count(*) FILTER (p.max_grade = d.highest) FROM summaries.subjects AS p "
        "JOIN staging.subjects AS s USING (subject_id) "
        "JOIN (SELECT system, subject_no, max(max_grade) AS highest FROM summaries.days GROUP BY ALL) AS d "
        "ON d.system = p.system AND d.subject_no = s.subject_no WHERE p.max_grade IS NOT NULL"
    ).fetchone()
    assert beside == (59 * 7, 59 * 7)


def squares(figure: Figure, axis: str = "x") -> dict[tuple[int, int], str]:
    """The name of the step of every filled or hatched cell, by row and day."""
    found = {}
    for trace in figure.drawing.data:
        if trace.type == "bar" and (trace.xaxis or "x") == axis:
            for place, start, width in zip(trace.y, trace.base, trace.x, strict=True):
                for day in range(round(start + 0.5), round(start + 0.5 + width)):
                    assert (place, day) not in found
                    found[place, day] = trace.name
    return found


def test_the_heat_map_holds_the_days_of_every_patient_by_onset_then_grade(sample, drawn):
    figure = drawn["heat-map"]
    last = 20
    order = sample.execute(
        "SELECT subject_id FROM summaries.subjects JOIN staging.subjects USING (subject_id) WHERE system = ? "
        "ORDER BY max_grade IS NULL, onset_day NULLS LAST, max_grade DESC, onset_minute, subject_no",
        [SYSTEM],
    ).fetchall()
    names = [name for (name,) in order]
    assert list(figure.drawing.layout.yaxis.ticktext) == names
    wanted = {}
    for name, day, grade in sample.execute(
        "SELECT subject_id, day, max_grade FROM summaries.days JOIN staging.subjects USING (subject_no) "
        "WHERE system = ? AND day <= ?",
        [SYSTEM, last],
    ).fetchall():
        step = "nothing known" if grade is None else "no CRS" if grade == 0 else f"grade {grade}"
        wanted[names.index(name), day] = step
    assert squares(figure) == wanted
    for place, name in enumerate(names):
        steps = [wanted.get((place, day), "") for day in range(last + 1)]
        short = {"nothing known": "?", "no CRS": "0", "": ""}
        assert cells(figure)[name] == [short.get(step, step.removeprefix("grade ")) for step in steps]
    graded = sum(step.startswith("grade") for step in wanted.values())
    unknown = sum(step == "nothing known" for step in wanted.values())
    assert f"{graded} days with a grade of 1 or more, {unknown} days on which nothing is known" in figure.alt
    crosses = {trace.name: list(zip(trace.y, trace.x)) for trace in figure.drawing.data if trace.type == "scatter"}
    assert crosses == {"death of CRS": [(names.index("CG-1026"), 6)], "other death": [(names.index("CG-1031"), 11)]}


@pytest.mark.parametrize(
    ("row", "found"),
    [([], []), ([1], [(0, 1)]), ([1, 1, 0, 1], [(0, 2), (3, 4)]), ([None, 0, None], []), ([1, None, 1], [(0, 1), (2, 3)])],
)
def test_days_of_one_step_that_stand_together_are_one_bar(row, found):
    assert grid.runs(row, 1) == found


# Cumulative incidence

ESTIMATES = ("incidence", "incidence_low", "incidence_high", "competing_incidence")


def test_the_curves_are_the_steps_of_the_database_and_the_numbers_at_risk_stand_below(sample, drawn):
    figure = drawn["cumulative-incidence"]
    rows = incidence.steps(sample, SYSTEM)
    lines = {trace.legendgroup: trace for trace in figure.drawing.data if trace.showlegend is not False and trace.legendgroup}
    assert set(lines) == {"crs", "grade_2_or_more", "grade_3_or_more", "resolution"}
    for key, line in lines.items():
        end = line.x[-1]
        within = [row for row in rows[key] if row["days"] <= end]
        # A censoring alone changes neither curve.
        for before, row in zip(within, within[1:]):
            if not row["n_event"] and not row["n_competing"]:
                assert [row[name] for name in ESTIMATES] == [before[name] for name in ESTIMATES]
        within = [within[0], *(row for row in within[1:] if row["n_event"] or row["n_competing"])]
        assert list(line.x) == [*(row["days"] for row in within), end]
        assert list(line.y) == [*(row["incidence"] for row in within), within[-1]["incidence"]]
        assert f"{within[-1]['incidence']:.1f}% by day {end:g}" in line.name
        assert f"{within[-1]['incidence']:.1f}%" in figure.alt
        low, high = (trace for trace in figure.drawing.data if trace.legendgroup == key and trace.showlegend is False)
        banded = [row for row in within if row["incidence_low"] is not None]
        assert list(low.y)[:-1] == [row["incidence_low"] for row in banded]
        assert list(high.y)[:-1] == [row["incidence_high"] for row in banded]
    assert "death is a competing event" in figure.caption
    texts = [(note.text, note.x) for note in figure.drawing.layout.annotations if note.xref == "x"]
    at_risk = sample.execute(
        "SELECT count(*) FROM summaries.time_to_event WHERE system = ? AND endpoint = 'crs' AND days >= 4", [SYSTEM]
    ).fetchone()[0]
    assert (str(at_risk), 4) in texts


def test_the_table_of_incidence_counts_events_and_patients_at_risk(sample, drawn):
    lines = drawn["cumulative-incidence"].table.lines
    heads = [place for place, line in enumerate(lines) if line.group]
    assert len(heads) == 7 * 4
    first = lines[heads[0] + 1 : heads[1]]
    assert lines[heads[0]].head.endswith("CRS, days since the infusion")
    for line in first:
        day = int(line.head)
        met, risk = sample.execute(
            "SELECT count(*) FILTER (status = 'event' AND days <= $day), count(*) FILTER (days >= $day) "
            "FROM summaries.time_to_event WHERE system = $system AND endpoint = 'crs'",
            {"system": SYSTEM, "day": day},
        ).fetchone()
        share = sample.execute(
            "SELECT max_by(incidence, days) FROM summaries.incidence WHERE system = ? AND endpoint = 'crs' AND days <= ?",
            [SYSTEM, day],
        ).fetchone()[0]
        assert [cell.text for cell in line.cells][:3] == [str(risk), str(met), f"{share:.1f}%"]


# Onset and the gap before it


def test_the_gap_is_from_the_last_temperature_before_the_onset_and_empty_with_none():
    made = cohort(
        [{"subject_id": name, "followup_end_hour": 100} for name in ("late", "first", "before")],
        [
            reading("late", 10, 36.9),
            reading("late", 13.5, 37.2),
            reading("late", 15, 110, "systolic_bp", "mmHg"),
            reading("late", 16, 38.4),
            # Nothing between the infusion and the fever; a temperature before the infusion is none.
            reading("first", 5, 38.4),
            reading("before", -2, 36.9),
            reading("before", 5, 38.4),
        ],
    )
    gaps = made.frame("summaries.subjects", "subject_id").set_index("subject_id").onset_gap_minutes
    assert gaps["late"] == 150 and pd.isna(gaps["first"]) and pd.isna(gaps["before"])
    assert made.frame("episodes.episodes", "subject_id").set_index("subject_id").onset_gap_minutes["late"] == 150


def test_every_onset_and_gap_is_drawn_and_told(sample, drawn):
    figure = drawn["onset-hours"]
    rows = sample.execute(
        "SELECT onset_minute, onset_gap_minutes, max_grade FROM summaries.subjects "
        "WHERE system = ? AND onset_minute IS NOT NULL ORDER BY onset_minute",
        [SYSTEM],
    ).fetchall()
    dots = sorted(
        (x, int(trace.name.removeprefix("grade "))) for trace in figure.drawing.data if trace.mode == "markers" for x in trace.x
    )
    assert dots == sorted((minute / 60, grade) for minute, _, grade in rows)
    starts = sorted(
        line.x[place] for line in figure.drawing.data if line.mode == "lines" for place in range(0, len(line.x), 3)
    )
    assert starts == pytest.approx(sorted((minute - (gap or 0)) / 60 for minute, gap, _ in rows))
    minutes, gaps = pd.Series([row[0] for row in rows]), pd.Series([row[1] for row in rows])
    told = f"That gap is {gaps.median() / 60:.1f} h in the median, {gaps.max() / 60:.1f} h at the most."
    assert told in figure.caption and told in figure.alt and f"Median {minutes.median() / 60:.1f} h" in figure.alt
    assert cells(figure)["All"][:2] == [str(len(rows)), f"{minutes.median() / 60:.1f}"]
    assert cells(figure)["All"][4:] == [f"{gaps.median() / 60:.1f}", f"{gaps.max() / 60:.1f}", "0", "0"]


def test_the_listing_and_the_course_say_the_gap_before_the_onset(sample_build, sample):
    gap = sample.execute(
        "SELECT onset_gap_minutes FROM summaries.subjects WHERE system = ? AND subject_id = 'CG-1007'", [SYSTEM]
    ).fetchone()[0]
    page = (sample_build / "report.html").read_text(encoding="utf-8")
    listing = json.loads(re.search(r'id="listing-data">(.*?)</script>', page, re.DOTALL)[1])
    row = next(row for row in listing["rows"] if row[listing["columns"].index("id")] == "CG-1007")
    assert row[listing["columns"].index("gap")] == round(gap / 60, 1) > 0
    number = row[listing["columns"].index("no")]
    course = re.search(rf'id="patient-{number}">(.*?)</script>', page, re.DOTALL)[1]
    episodes = json.loads(course)["outcomes"][SYSTEM]["episodes"]
    assert [onset_gap for _, _, _, onset_gap, *_ in episodes] == [gap]


# Charting density


def test_chartings_are_counted_by_vital_and_calendar_day_and_a_day_without_is_zero():
    made = cohort(
        [{"subject_id": "A", "infusion_time": "2031-05-04T18:00", "followup_end_hour": 60}],
        [
            reading("A", 1, 36.9),
            reading("A", 5.9, 36.9),
            reading("A", 6, 36.9),
            reading("A", 7, 120, "systolic_bp", "mmHg"),
            reading("A", 31, 97, "spo2", "%"),
            reading("A", 32, 2, "nasal_cannula", "L/min"),
            reading("A", 33, 60, "spo2", "degC"),
            reading("A", -3, 36.9),
            reading("A", 61, 36.9),
        ],
    )
    counted = made.frame("quality.days", "vital, day").pivot(index="vital", columns="day", values="chartings_on_day")
    assert counted.columns.tolist() == [0, 1, 2, 3]
    assert counted.loc["temperature"].tolist() == [2, 1, 0, 0]
    assert counted.loc["systolic_bp"].tolist() == [0, 1, 0, 0]
    assert counted.loc["oxygen"].tolist() == [0, 0, 2, 0]


def test_the_density_drawn_is_that_of_the_table_and_of_the_database(sample, drawn):
    figure = drawn["charting-density"]
    names = list(figure.drawing.layout.yaxis.ticktext)
    steps = [step.name for _, step in density.STEPS]
    for axis, vital in zip(("x", "x2", "x3"), density.VITALS, strict=True):
        wanted = {
            (names.index(name), day): steps[density.step_of(chartings)]
            for name, day, chartings in sample.execute(
                "SELECT subject_id, day, chartings_on_day FROM quality.days JOIN staging.subjects USING (subject_no) "
                "WHERE vital = ?",
                [vital],
            ).fetchall()
        }
        assert squares(figure, axis) == wanted
    level = dict(sample.execute("SELECT subject_id, site FROM staging.subjects").fetchall())
    assert [level[name] for name in names] == sorted(level[name] for name in names)
    rate, empty = sample.execute(
        "SELECT avg(chartings_on_day), count(*) FILTER (chartings_on_day = 0) FROM quality.days "
        "JOIN staging.subjects USING (subject_no) WHERE subject_id = 'CG-1044' AND vital = 'temperature'"
    ).fetchone()
    assert cells(figure)["CG-1044"][1:3] == [f"{rate:.1f}", str(empty)]
    middle = sample.execute(
        "SELECT median(rate) FROM "
        "(SELECT avg(chartings_on_day) AS rate FROM quality.days WHERE vital = 'oxygen' GROUP BY subject_no)"
    ).fetchone()[0]
    assert f"saturation or oxygen {middle:.1f}" in figure.alt


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("none", 0, 0), ("1", 1, 1), ("2 or 3", 2, 3), ("4 to 7", 4, 7), ("8 to 15", 8, 15), ("16 and more", 16, 400)],
)
def test_a_step_of_the_density_holds_the_counts_that_its_name_says(name, least, most):
    assert [density.STEPS[density.step_of(chartings)][1].name for chartings in (least, most)] == [name, name]


# Published trials


@pytest.mark.parametrize("trial", published.trials(), ids=lambda trial: f"{trial['cohort']}, {trial['product']}")
def test_a_published_trial_has_its_source_and_its_numbers_agree(trial):
    assert len(trial["source"]) > 10 and re.fullmatch(r"[A-E]\d+( [A-E]\d+)*", trial["source_id"])
    assert trial["system"] in published.SYSTEMS
    assert trial["system_basis"] in ("read", "from memory", "not seen")
    assert (trial["system"] == "") == (trial["system_basis"] == "not seen")
    for outcome in ("any", "severe"):
        number, percent = trial[f"{outcome}_n"], trial[f"{outcome}_pct"]
        if number is not None:
            # As precise as the percentage was published.
            half = 0.5 if percent == round(percent) else 0.05
            assert abs(100 * number / trial["n"] - percent) <= half + 1e-9
        share = published.share(trial, outcome)
        assert (share is None) == (percent is None)
        if share:
            other = stats.binomtest(share.n, trial["n"]).proportion_ci(0.95, method="exact")
            assert (share.low, share.high) == (pytest.approx(100 * other.low), pytest.approx(100 * other.high))
            assert share.is_given == (number is not None)
            assert abs(share.pct - percent) <= 100 / trial["n"]
    for name in ("onset", "duration"):
        middle, spread = trial[f"{name}_median_d"], trial[f"{name}_range_d"]
        limits = re.fullmatch(r"(?:IQR |95% CI )?(\d+)-(\d+)", spread)
        assert spread == "" or int(limits[1]) <= middle <= int(limits[2])


def test_conflicts_between_sources_are_said():
    notes = {trial["cohort"]: trial["note"] for trial in published.trials()}
    for name in ("JULIET label", "JULIET publication", "KarMMa publication", "KarMMa US label", "TRANSCEND NHL 001"):
        assert "Conflict" in notes[name], name


def test_the_cohort_stands_beside_the_trials_of_each_system_by_that_system(sample, drawn):
    figure = drawn["published"]
    diamonds = {
        (trace.xaxis or "x", y): (x, x - minus, x + plus)
        for trace in figure.drawing.data
        if trace.name == "this cohort"
        for x, y, plus, minus in zip(trace.x, trace.y, trace.error_x.array, trace.error_x.arrayminus, strict=True)
    }
    heads = dict(zip(figure.drawing.layout.yaxis.ticktext, figure.drawing.layout.yaxis.tickvals, strict=True))
    for system in ("lee_2014", "penn_2018", "astct_2019"):
        row = data.cohort(sample, system)
        below = heads[f"<b>{published.SYSTEMS[system]}</b>"] + 1
        for axis, name in (("x", "any"), ("x2", "grade_3_or_more")):
            wanted = (row[f"pct_{name}"], row[f"pct_{name}_low"], row[f"pct_{name}_high"])
            assert diamonds[axis, below] == pytest.approx(wanted)
            assert f"here {row[f'pct_{name}']:.1f}%" in figure.alt
    assert len(diamonds) == 6
    assert figure.title.startswith("For orientation") and "no result here is a pass or a failure" in figure.caption
    circles = [x for trace in figure.drawing.data if trace.name.startswith("published") and trace.xaxis == "x" for x in trace.x]
    shares = [published.share(trial, "any") for trial in published.trials()]
    assert sorted(circles) == pytest.approx(sorted(100 * share.n / share.of for share in shares if share))
    assert cells(figure)["ZUMA-5 label, axi-cel"][3:6] == ["about 123 (84%)", "77.3–89.7", "about 12 (8%)"]
    assert cells(figure)["ZUMA-1 label, axi-cel"][3:6] == ["101 (93.5%)", "87.1–97.4", "14 (13.0%)"]
    assert len(cells(figure)) == len({f"{trial['cohort']}, {trial['product']}" for trial in published.trials()}) + 1


# What must not break them


def nobody_ill(*names: str) -> tuple[list[dict], list[dict]]:
    return [{"subject_id": name, "followup_end_hour": 100} for name in names], [
        reading(name, hour, 36.9) for name in names for hour in range(0, 100, 6)
    ]


COHORTS = {
    "one patient, ill": ([{"subject_id": "A", "followup_end_hour": 80}], [reading("A", hour, 38.5) for hour in range(4, 80, 6)]),
    "one patient, well": nobody_ill("A"),
    "nobody with CRS": nobody_ill("A", "B"),
    "nothing charted": ([{"subject_id": "A"}, {"subject_id": "B"}], []),
    "nobody evaluable": ([{"subject_id": "A"}], [reading("A", 2, 120, "systolic_bp", "mmHg")]),
    "a death of CRS and nothing else": ([{"subject_id": "A", "death_hour": 30, "death_cause": "crs"}], []),
    "death at the infusion": ([{"subject_id": "A", "death_hour": 0, "death_cause": "crs"}], []),
}


@pytest.mark.parametrize("name", COHORTS)
def test_a_small_or_empty_cohort_breaks_no_figure(name):
    made = cohort(*COHORTS[name], systems=(SYSTEM, "lee_2014"))
    for figure in figures_of(made.connection).values():
        assert figure.drawing is None or len(figure.json()) > 100
        assert figure.drawing is not None or figure.instead.endswith("there is nothing to draw.")
        text = f"{figure.caption} {figure.alt} {figure.json() if figure.drawing else ''}"
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! had)", text), (figure.id, text[:400])


def test_one_patient_is_not_called_all_patients():
    figures = figures_of(cohort(*COHORTS["one patient, ill"]).connection)
    assert figures["heat-map"].caption.startswith("The one patient")
    assert figures["charting-density"].caption.startswith("The one observed patient")


def test_with_a_stand_in_no_figure_says_that_anybody_was_treated_or_had_crs(tmp_path):
    made = said("run", "mimic_iv", ROOT / "data/sample/mimic_iv", "--out", tmp_path, "--no-report")
    assert made.code == 0, made.err
    with duckdb.connect(str(tmp_path / "cohort.duckdb"), read_only=True) as connection:
        for figure in figures_of(connection).values():
            text = " ".join([figure.title, figure.caption, figure.alt, *figure.notes, figure.json()])
            assert not re.search(r"\b(had|no|any|have|with|without) CRS\b|\btreated\b", text), figure.id


def test_of_many_patients_the_heat_map_shows_the_highest_grades_and_density_an_even_choice():
    many = 2000
    subjects = [{"subject_id": f"S{number:04}", "site": f"site {number % 20}", "followup_end_hour": 90} for number in range(many)]
    observations = []
    for number in range(many):
        ill = number % 4 == 0
        every = 6 if number % 10 else 24
        for hour in range(0, 90, every):
            observations.append(reading(f"S{number:04}", hour, 38.5 if ill and hour in (24, 30, 48) else 36.8))
    made = cohort(subjects, observations)
    figures = figures_of(made.connection)
    heat, dense = figures["heat-map"], figures["charting-density"]
    assert f"The {days.AT_MOST} patients with the highest grades, of 2,000" in heat.caption
    assert len(heat.table.lines) == days.AT_MOST and heat.drawing.layout.height < 1600
    assert f"{density.AT_MOST} of 2,000 observed patients, evenly spaced" in dense.caption
    # One patient in ten has one temperature a day, the others near four: so in the figure.
    rates = [line.cells[1].text for line in dense.table.lines]
    assert (len(rates), rates.count("1.0"), min(rates)) == (density.AT_MOST, 12, "1.0")
    for figure in figures.values():
        assert len(figure.json()) < 1_000_000, figure.id


# Pictures


@pytest.mark.browser
def test_every_figure_is_written_as_a_whole_picture(browser, sample_build, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for one in sample_build.iterdir():
        if one.name != "report.html":
            os.symlink(one, out / one.name)
    os.symlink(sample_build / "report.html", out / "report.html")
    (out / "figures").mkdir()
    (out / "figures" / "gone.png").write_bytes(b"of an earlier time")
    (out / "figures" / "notes.txt").write_text("not a picture")
    # In a process of its own: the browser of these tests keeps an event loop in this one.
    command = [sys.executable, "-m", "pipeline", "figures", "--out", str(out), "--format", "png,svg"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    page = (sample_build / "report.html").read_text(encoding="utf-8")
    heights = {name: int(height) for name, height in re.findall(r'id="plot-([\w-]+)"[^>]*min-height:(\d+)px', page)}
    made = {path.name for path in (out / "figures").iterdir()}
    assert made == {f"{name}.{kind}" for name in heights for kind in ("png", "svg")} | {"notes.txt"}
    for name, height in heights.items():
        picture = (out / "figures" / f"{name}.png").read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n" and picture[-8:-4] == b"IEND"
        assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (2560, 2 * height), name
        drawing = (out / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        assert re.match(rf'<svg[^>]*width="1280" height="{height}"', drawing) and drawing.rstrip().endswith("</svg>"), name
    assert [path.name for path in out.iterdir() if path.name.startswith(".figures")] == []


def test_without_a_browser_the_command_says_what_is_missing(sample_build, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/no/such/browser")
    sentence = said("figures", "--out", sample_build).sentence(2)
    assert "Chrome or Chromium" in sentence and "BROWSER_PATH" in sentence


def test_a_format_that_is_not_known_is_refused(sample_build):
    assert "'pdf' is not a format" in said("figures", "--out", sample_build, "--format", "png,pdf").sentence(2)
    assert "no format is named" in said("figures", "--out", sample_build, "--format", " , ").sentence(2)
