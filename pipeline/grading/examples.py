"""Worked examples of a grading system: states in, verdicts out, by the very SQL that grades a cohort."""

import json
from collections import defaultdict
from collections.abc import Sequence

import duckdb

from pipeline import choices
from pipeline.errors import SystemFileError
from pipeline.grading.compiled import findings_select
from pipeline.grading.rules import System
from pipeline.grading.words import words
from pipeline.sources.parts.columns import literal


def check(*systems: System) -> None:
    """Run the worked examples of systems through their own SQL. Raises SystemFileError for the first that is wrong."""
    verdicts = _verdicts(systems)
    for system in systems:
        reached: set[str] = set()
        for number, example in enumerate(system.examples, start=1):
            judged = verdicts[system.id, number]
            for part in ("grade", "ceiling", "because"):
                if part in example and judged[part] != example[part]:
                    place = f"{system.id}.toml, example {number}"
                    raise SystemFileError(f"{place}: {part} is {judged[part]!r}, the example says {example[part]!r}.")
            reached.update(judged["because"])
        missed = [c.id for c in system.criteria if c.is_computable and c.id not in reached]
        if missed:
            raise SystemFileError(f"{system.id}.toml: no example reaches the criterion {missed[0]!r}; add one that does.")


def _verdicts(systems: Sequence[System]) -> dict[tuple[str, int], dict]:
    """The verdict on every example, by system and number; those with the same choices are judged together."""
    examples = [(one, number, example) for one in systems for number, example in enumerate(one.examples, start=1)]
    sets = [example.get("choices", {}) for _, _, example in examples]
    verdicts = {}
    with duckdb.connect() as connection:
        for changed in [one for number, one in enumerate(sets) if one not in sets[:number]]:
            choices.set_variables(connection, choices.changed(changed))
            verdicts |= _judge(connection, [one for one, own in zip(examples, sets, strict=True) if own == changed])
    return verdicts


def _judge(
    connection: duckdb.DuckDBPyConnection, examples: list[tuple[System, int, dict]]
) -> dict[tuple[str, int], dict]:
    """The verdict on the state of each example, its support taken as linked to a fever.

    A state is a dict of words and their values: a reading that is not named is unknown, a therapy that is not named was not
    given, and `<word>_at_most` defaults to `<word>`. A verdict is a dict of grade, ceiling and because.
    Raises SystemFileError for a word that does not exist.
    """
    every = [_columns(system, example.get("state", {}), number) for system, number, example in examples]
    # As one text: to read many thousand literals as SQL takes longer than to judge them.
    states = json.dumps([{"situation": place, **state} for place, state in enumerate(every)])
    shape = json.dumps([{"situation": "INTEGER", **dict.fromkeys(every[0], "DOUBLE")}])
    connection.execute(
        "CREATE OR REPLACE TABLE situations AS "
        f"SELECT unnest(from_json({literal(states)}, {literal(shape)}), recursive := TRUE)"
    )
    systems = {system.id: system for system, _, _ in examples}
    found = defaultdict(list)
    for judge, number, place, is_met in connection.execute(findings_select(systems.values(), "situations")).fetchall():
        if judge == examples[place][0].id:
            found[place].append((systems[judge].criteria[number - 1], is_met))
    return {(system.id, number): _verdict(found[place]) for place, (system, number, _) in enumerate(examples)}


def _verdict(found: list) -> dict:
    """Grade: the highest met. Ceiling: the highest met or unknown. Because: those met, in order."""
    met = [criterion for criterion, is_met in found if is_met]
    return {
        "grade": max((criterion.grade for criterion in met), default=0),
        "ceiling": max((criterion.grade for criterion, _ in found), default=0),
        "because": [criterion.id for criterion in sorted(met, key=lambda criterion: criterion.number)],
    }


def _columns(system: System, state: dict, number: int) -> dict[str, float | None]:
    """Every column of a state."""
    known = words()
    names = set(known) | {f"{word.name}_at_most" for word in known.values() if word.is_bounded}
    for name in state:
        if name not in names:
            raise SystemFileError(f"{system.id}.toml, example {number}: {name!r} is not a word of the state.")
        if isinstance(state[name], bool) or not isinstance(state[name], (int, float)):
            raise SystemFileError(f"{system.id}.toml, example {number}: {name} is {state[name]!r}; give a number.")
    columns: dict[str, float | None] = {}
    for word in known.values():
        if word.is_bounded:
            lower = state.get(word.name, 0)
            columns[word.name] = lower
            columns[f"{word.name}_at_most"] = state.get(f"{word.name}_at_most", lower)
        elif word.kind == "subject":
            columns[word.name] = state.get(word.name, choices.defaults()["hypotension_sbp_below"].value)
        else:
            columns[word.name] = state.get(word.name)
    return columns
