"""What must not change a grade: which subjects stand beside one another, the calendar, the order and repetition of rows,
the number of threads, and how readings are compressed."""

from pathlib import Path

import pandas as pd
import pytest

import pipeline.api
from pipeline import flow, model
from pipeline.api import Cohort

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "tidy"
TIMES = {"subjects": ["infusion_time", "death_time", "followup_end_time"], "observations": ["start_time", "end_time"]}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, keep_default_na=False) for name in TIMES}


@pytest.fixture(scope="module")
def whole(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return results(pipeline.grade(frames["subjects"], frames["observations"]))


def results(cohort: Cohort) -> dict[str, pd.DataFrame]:
    return {"subjects": cohort.subjects(), "episodes": cohort.episodes(), "grades": cohort.grades()}


def assert_same(got: dict[str, pd.DataFrame], wanted: dict[str, pd.DataFrame]) -> None:
    for name, frame in wanted.items():
        pd.testing.assert_frame_equal(got[name], frame.reset_index(drop=True), obj=name)


def of_subjects(wanted: dict[str, pd.DataFrame], ids: list[str]) -> dict[str, pd.DataFrame]:
    return {name: frame[frame.subject_id.isin(ids)] for name, frame in wanted.items()}


def test_the_sample_holds_something_to_compare(whole: dict[str, pd.DataFrame]) -> None:
    assert len(whole["subjects"]) == 60 * 7
    assert sorted(whole["subjects"].query("system == 'astct_2019'").max_grade.dropna().unique()) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_third_of_the_subjects_is_graded_as_in_the_whole(part: int, frames: dict, whole: dict) -> None:
    ids = frames["subjects"].subject_id[part::3].tolist()
    got = pipeline.grade(*(frames[name][frames[name].subject_id.isin(ids)] for name in TIMES))
    assert_same(results(got), of_subjects(whole, ids))


@pytest.mark.parametrize("shift", ["-500D", "29D", "3653D"])
def test_moving_every_calendar_by_whole_days_changes_nothing(shift: str, frames: dict, whole: dict) -> None:
    def moved(time: str) -> str:
        try:
            return (pd.Timestamp(time) + pd.Timedelta(shift)).strftime("%Y-%m-%dT%H:%M:%S") if len(time) > 10 else time
        except ValueError:
            return time

    shifted = {name: frame.assign(**{time: frame[time].map(moved) for time in TIMES[name]}) for name, frame in frames.items()}
    assert_same(results(pipeline.grade(*shifted.values())), whole)


def test_the_order_of_rows_does_not_matter(frames: dict, whole: dict) -> None:
    shuffled = [frame.sample(frac=1, random_state=7) for frame in frames.values()]
    assert_same(results(pipeline.grade(*shuffled)), whole)


def test_charting_every_row_twice_changes_nothing(frames: dict, whole: dict) -> None:
    twice = pd.concat([frames["observations"], frames["observations"]])
    assert_same(results(pipeline.grade(frames["subjects"], twice)), whole)


def test_one_thread_gives_the_same_as_two(frames: dict, whole: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = pipeline.api.connect

    def with_one_thread(*arguments: object, **keywords: object):
        connection = connect(*arguments, **keywords)
        connection.execute("SET threads = 1")
        return connection

    monkeypatch.setattr(pipeline.api, "connect", with_one_thread)
    assert_same(results(pipeline.grade(*frames.values())), whole)


def test_compression_does_not_show(frames: dict, whole: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run per reading gives the grades that the compressed runs give."""
    ordered = flow.ordered_models

    def uncompressed(systems: dict) -> list[model.Model]:
        models = []
        for one in ordered(systems):
            select = one.select
            if one.table == "timeline.runs":
                select = select.replace(
                    "NOT follows OR band <> band_before OR minutes_since > bridged_minutes AS opens", "TRUE AS opens"
                ).replace("FROM may_open AS m", "FROM compared AS m")
                assert select.count("TRUE AS opens") == select.count("FROM compared AS m") == 1
            models.append(model.Model(one.room, one.name, one.sentence, one.key, select, one.is_view))
        return models

    monkeypatch.setattr(flow, "ordered_models", uncompressed)
    cohort = pipeline.grade(*frames.values())
    runs, readings = cohort.connection.execute("SELECT count(*), sum(readings) FROM timeline.runs").fetchone()
    assert runs == readings > 7000
    assert_same(results(cohort), whole)


@pytest.fixture(scope="module")
def built(frames: dict) -> Cohort:
    return pipeline.grade(*frames.values())


@pytest.mark.parametrize("one", [one for one in model.read_models() if not one.is_view], ids=lambda one: one.table)
def test_the_key_of_a_model_tells_its_rows_apart(one: model.Model, built: Cohort) -> None:
    keys = ", ".join(one.key)
    repeated = built.connection.execute(f"SELECT {keys} FROM {one.table} GROUP BY ALL HAVING count(*) > 1").fetchall()
    assert repeated == []


def test_the_evidence_key_tells_its_rows_apart(built: Cohort) -> None:
    keys = next(", ".join(one.key) for one in model.read_models() if one.table == "grading.evidence")
    repeated = built.connection.execute(f"SELECT {keys} FROM grading.evidence GROUP BY ALL HAVING count(*) > 1").fetchall()
    assert repeated == []


def test_every_distinct_situation_is_judged_once_and_they_are_few(built: Cohort) -> None:
    states, situations = built.connection.execute(
        "SELECT (SELECT count(*) FROM timeline.states), (SELECT count(*) FROM grading.situations)"
    ).fetchone()
    assert situations * 10 < states
