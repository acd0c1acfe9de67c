"""Worked examples of a grading system: states in, verdicts out, by the very SQL that grades a cohort."""

from collections import defaultdict
from collections.abc import Mapping

import duckdb

from pipeline import choices
from pipeline.errors import SystemFileError
from pipeline.grading.compiled import findings_select
from pipeline.grading.rules import System
from pipeline.grading.words import words


def judge(system: System, states: list[dict], changed: Mapping[str, object] | None = None) -> list[dict]:
    """The verdict on each state, its support taken as linked to a fever.

    states -- dicts of words and their values: a reading that is not named is unknown, a therapy that is not named was
              not given, and `<word>_at_most` defaults to `<word>`.
    changed -- choices that differ from their defaults
    Returns a dict of grade, ceiling and because per state. Raises SystemFileError for a word that does not exist.
    """
    if not states:
        return []
    every = [_columns(system, state, number) for number, state in enumerate(states, start=1)]
    rows_of_states = ", ".join(f"({number}, {', '.join(columns.values())})" for number, columns in enumerate(every))
    with duckdb.connect() as connection:
        for choice in choices.changed(changed).values():
            connection.execute(f"SET VARIABLE {choice.name} = {choice.value}")
        names = ", ".join(("situation", *every[0]))
        connection.execute(f"CREATE TABLE situations AS SELECT * FROM (VALUES {rows_of_states}) AS states({names})")
        rows = connection.execute(findings_select([system], "situations")).fetchall()
    found = defaultdict(list)
    for _, number, situation, is_met in rows:
        found[situation].append((system.criteria[number - 1], is_met))
    return [_verdict(found[situation]) for situation in range(len(states))]


def _verdict(found: list) -> dict:
    """Grade: the highest met. Ceiling: the highest met or unknown. Because: those met, in order."""
    met = [criterion for criterion, is_met in found if is_met]
    return {
        "grade": max((criterion.grade for criterion in met), default=0),
        "ceiling": max((criterion.grade for criterion, _ in found), default=0),
        "because": [criterion.id for criterion in sorted(met, key=lambda criterion: criterion.number)],
    }


def _columns(system: System, state: dict, number: int) -> dict[str, str]:
    """The SQL literal of every column of a state."""
    known = words()
    names = set(known) | {f"{word.name}_at_most" for word in known.values() if word.is_bounded}
    for name in state:
        if name not in names:
            raise SystemFileError(f"{system.id}.toml, example {number}: {name!r} is not a word of the state.")
    columns: dict[str, str] = {}
    for word in known.values():
        if word.is_bounded:
            lower = state.get(word.name, 0)
            columns[word.name] = _literal(lower)
            columns[f"{word.name}_at_most"] = _literal(state.get(f"{word.name}_at_most", lower))
        elif word.kind == "subject":
            columns[word.name] = _literal(state.get(word.name, choices.defaults()["hypotension_sbp_below"].value))
        else:
            columns[word.name] = _literal(state.get(word.name))
    return columns


def _literal(value: float | None) -> str:
    return "NULL::DOUBLE" if value is None else f"'{value}'::DOUBLE"


def check(system: System) -> None:
    """Run the worked examples of a system through its own SQL. Raises SystemFileError for the first that is wrong."""
    verdicts = _judge_examples(system)
    reached: set[str] = set()
    for number, example in enumerate(system.examples, start=1):
        place = f"{system.id}.toml, example {number}"
        judged = verdicts[number - 1]
        for part in ("grade", "ceiling", "because"):
            if part in example and judged[part] != example[part]:
                raise SystemFileError(f"{place}: {part} is {judged[part]!r}, the example says {example[part]!r}.")
        reached.update(judged["because"])
    missed = [c.id for c in system.criteria if c.is_computable and c.id not in reached]
    if missed:
        raise SystemFileError(f"{system.id}.toml: no example reaches the criterion {missed[0]!r}; add one that does.")


def _judge_examples(system: System) -> list[dict]:
    """The verdicts on a system's examples, in order; those with the same choices are judged together."""
    sets = [example.get("choices", {}) for example in system.examples]
    verdicts: dict[int, dict] = {}
    for one in [one for number, one in enumerate(sets) if one not in sets[:number]]:
        numbers = [number for number, other in enumerate(sets) if other == one]
        states = [system.examples[number].get("state", {}) for number in numbers]
        verdicts |= dict(zip(numbers, judge(system, states, one), strict=True))
    return [verdicts[number] for number in range(len(sets))]
