"""Grading alone, in a process of its own: `python grading.py FOLDER` prints JSON.

FOLDER holds the results of a finished run, which are used up: from its stored chartings on, the rooms that grade are made
once more, as a run makes them. Time is taken around that; starting Python, reading the rules and importing are not in it.
"""

import json
import sys
import time
from pathlib import Path

from pipeline import build, choices, database, flow, outputs
from pipeline.grading import rules

ROOMS = ("timeline", "grading", "episodes", "summaries")
"""All from the stored chartings to the summaries."""


def main(folder: Path) -> None:
    build._import_ahead()
    with database.create(folder / outputs.DATABASE) as connection:
        connection.execute(f"SET memory_limit = '{build.MEMORY}'")
        systems = rules.read_systems()
        flow.prepare(connection, choices.defaults(), systems)
        models = [model for model in flow.ordered_models(systems) if model.room in ROOMS]
        for model in models:
            connection.execute(f"DROP {'VIEW' if model.is_view else 'TABLE'} {model.table}")
        connection.execute("CHECKPOINT")
        rows = {}
        started = time.perf_counter()
        flow.make_side_by_side(connection, models, lambda table, count, seconds: rows.update({table: count}))
        seconds = time.perf_counter() - started
    if not rows["grading.grades"]:
        sys.exit("bench: nothing was graded")
    print(json.dumps({"seconds": seconds, "found": rows["grading.grades"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
