"""Worked examples of a grading system: states in, verdicts out, by the very SQL that grades a cohort."""

from collections import defaultdict

import duckdb

from pipeline import choices
from pipeline.errors import SystemFileError
from pipeline.grading import rules


def judge(system: "rules.System", states: list[dict]) -> list[dict]:
    """The verdict on each state, its support taken as linked to a fever.

    states -- dicts of words and their values: a reading that is not named is unknown, a therapy that is not named was
              not given, and `<word>_at_most` defaults to `<word>`.
    Returns a dict of grade, ceiling and because per state. Raises SystemFileError for a word that does not exist.
    """
    if not states:
        return []
    selects = [
        f"SELECT {number} AS situation, " + ", ".join(f"{value} AS {name}" for name, value in columns.items())
        for number, columns in enumerate(_columns(system, state, number + 1) for number, state in enumerate(states))
    ]
    with duckdb.connect() as connection:
        for choice in choices.defaults().values():
            connection.execute(f"SET VARIABLE {choice.name} = {choice.value}")
        connection.execute("CREATE TABLE situations AS " + " UNION ALL ".join(selects))
        rows = connection.execute(rules.findings_select([system], "situations")).fetchall()
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


def _columns(system: "rules.System", state: dict, number: int) -> dict[str, str]:
    """The SQL literal of every column of a state."""
    known = rules.words()
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
