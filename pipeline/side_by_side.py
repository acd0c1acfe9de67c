"""Models that do not read one another, made at the same time, each over a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import TypeVar

import duckdb

from pipeline.model import Model

AT_A_TIME = 2
"""How many models are made at the same time. DuckDB uses every core for a large one by itself; a second fills the pauses
in which the first is planned, ends or runs on one core. A third brings nothing."""

Made = TypeVar("Made")


def make_all(
    connections: Sequence[duckdb.DuckDBPyConnection],
    ordered: Sequence[Model],
    make: Callable[[duckdb.DuckDBPyConnection, Model], Made],
    tell: Callable[[Model, Made], None],
) -> None:
    """Make every model after those it reads, as many at a time as there are connections; the earlier in `ordered` goes first.

    tell -- is given each model and what `make` returned of it, in the order of `ordered`, whichever was ready first
    A model that cannot be made stops the rest, and what it raised is raised here, once the others that were at work have
    been interrupted: nothing is at work any more when this returns or raises.
    """
    models = {model.table: model for model in ordered}
    place = {table: number for number, table in enumerate(models)}
    graph = TopologicalSorter({model.table: model.reads & models.keys() for model in ordered})
    graph.prepare()
    free, ready, at_work = list(connections), [], {}
    untold, made = list(ordered), {}
    with ThreadPoolExecutor(len(free)) as pool:
        try:
            while graph.is_active():
                ready = sorted([*ready, *graph.get_ready()], key=place.__getitem__)
                while ready and free:
                    table, connection = ready.pop(0), free.pop()
                    at_work[pool.submit(make, connection, models[table])] = table, connection
                for ended in wait(at_work, return_when=FIRST_COMPLETED).done:
                    table, connection = at_work.pop(ended)
                    made[table] = ended.result()
                    graph.done(table)
                    free.append(connection)
                while untold and untold[0].table in made:
                    tell(untold[0], made.pop(untold.pop(0).table))
        except BaseException:
            _stop(at_work)
            raise


def _stop(at_work: dict[Future, tuple[str, duckdb.DuckDBPyConnection]]) -> None:
    """Interrupt what is at work, again and again until it ends: between two statements there is nothing to interrupt."""
    while wait(at_work, timeout=0.05).not_done:
        for _, connection in at_work.values():
            connection.interrupt()
