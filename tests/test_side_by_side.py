"""Models made at the same time: what waits for what, what is told, and how a failure ends the rest."""

import threading
import time
from pathlib import Path

import duckdb
import pytest

from pipeline import database, side_by_side
from pipeline.model import Model


def one(name: str, select: str = "SELECT 1 AS x") -> Model:
    return Model("timeline", name, "One row per x.", ("x",), select)


ENDLESS = "SELECT count(*) AS x FROM range(1000000000000) AS a, range(1000000) AS b WHERE a.range % 7 = b.range % 3"


@pytest.fixture
def pair():
    connection = database.connect()
    other = database.another(connection)
    yield [connection, other]
    other.close()
    connection.close()


def test_models_that_do_not_read_one_another_are_made_at_the_same_time(pair) -> None:
    """Each waits within its making for the other to be at work too: one after the other, they would wait in vain."""
    both = threading.Barrier(2, timeout=20)
    side_by_side.make_all(pair, [one("a"), one("b")], lambda connection, model: both.wait(), lambda model, made: None)
    assert both.n_waiting == 0 and not both.broken


def test_a_model_waits_for_all_that_it_reads_and_is_told_of_in_the_order_given(pair) -> None:
    """`slow` is first in order and last to end; what reads it begins only then; `quick` is told of after it."""
    ordered = [
        one("slow"),
        one("quick"),
        one("after_both", "SELECT x FROM timeline.slow UNION ALL SELECT x FROM timeline.quick"),
        one("last", "SELECT x FROM timeline.after_both"),
    ]
    spans, told = {}, []

    def make(connection: duckdb.DuckDBPyConnection, model: Model) -> str:
        began = time.monotonic()
        time.sleep(0.3 if model.name == "slow" else 0.01)
        spans[model.name] = began, time.monotonic()
        return model.name.upper()

    side_by_side.make_all(pair, ordered, make, lambda model, made: told.append((model.name, made)))
    assert told == [("slow", "SLOW"), ("quick", "QUICK"), ("after_both", "AFTER_BOTH"), ("last", "LAST")]
    assert spans["quick"][1] < spans["slow"][1] < spans["after_both"][0]
    assert spans["after_both"][1] < spans["last"][0]


def test_one_connection_makes_them_one_after_the_other_in_the_order_given() -> None:
    ordered = [one("c"), one("a"), one("b", "SELECT x FROM timeline.a")]
    with database.connect() as connection:
        made = []
        side_by_side.make_all([connection], ordered, lambda _, model: made.append(model.name), lambda model, made: None)
    assert made == ["c", "a", "b"]


def test_a_model_that_fails_interrupts_the_other_and_keeps_the_rest_from_being_made(pair) -> None:
    ordered = [one("endless", ENDLESS), one("broken", "SELECT nothing"), one("after", "SELECT x FROM timeline.broken")]
    made, ended = [], []

    def make(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
        made.append(model.name)
        try:
            connection.execute(model.select).fetchall()
        except duckdb.InterruptException:
            ended.append(model.name)
            raise

    with pytest.raises(duckdb.BinderException, match="nothing"):
        side_by_side.make_all(pair, ordered, make, lambda model, made: None)
    assert made == ["endless", "broken"]
    assert ended == ["endless"]


def test_another_connection_has_the_database_the_variables_and_the_macros(tmp_path: Path) -> None:
    with database.create(tmp_path / "cohort.duckdb") as connection:
        connection.execute("SET VARIABLE hours = 2; SET VARIABLE share = 0.25; CREATE SCHEMA staging")
        connection.execute("CREATE TABLE staging.one AS SELECT 7 AS x")
        with database.another(connection, ["CREATE TEMP MACRO twice(x) AS 2 * x"]) as other:
            asked = "SELECT twice(x), getvariable('hours'), getvariable('share'), typeof(getvariable('hours')) FROM staging.one"
            assert other.execute(asked).fetchone()[:2] == (14, 2)
            assert float(other.execute(asked).fetchone()[2]) == 0.25
            assert other.execute(asked).fetchone()[3] == "INTEGER"


def test_a_database_made_without_a_log_is_whole_once_it_is_closed(tmp_path: Path) -> None:
    with database.create(tmp_path / "cohort.duckdb") as connection:
        connection.execute("CREATE SCHEMA staging")
        connection.execute("CREATE TABLE staging.many AS SELECT range AS x FROM range(300000)")
        connection.execute("CREATE VIEW staging.seen AS SELECT max(x) AS most FROM staging.many")
        assert [path.name for path in tmp_path.glob("*.wal")] == []
    with database.connect(str(tmp_path / "cohort.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT sum(x), (SELECT most FROM staging.seen) FROM staging.many").fetchone() == (
            44999850000,
            299999,
        )
