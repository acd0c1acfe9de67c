"""The systems as the build uses them: one SELECT of findings, macros for the timeline, and tables of the rules."""

from collections.abc import Iterable

import duckdb

from pipeline.grading import organs
from pipeline.grading.conditions import amount_above, comparisons, held_limits
from pipeline.grading.rules import System
from pipeline.grading.words import Word, words
from pipeline.model import Model
from pipeline.sources.parts.columns import insert


def findings_select(systems: Iterable[System], situations: str = "grading.situations") -> str:
    """All systems compiled to one SELECT: one row per system, criterion and situation in which it is met or may be."""
    branches = [
        f"    -- {system.id}, grade {criterion.grade}, {criterion.id}: {criterion.words}\n"
        f"    SELECT '{system.id}' AS system, {criterion.number} AS criterion_no, situation,\n"
        f"           {criterion.sql} AS met\n"
        f"    FROM {situations}"
        for system in systems
        for criterion in system.criteria
    ]
    return (
        "WITH judged AS (\n" + "\n    UNION ALL\n".join(branches) + "\n)\n\n"
        "-- TRUE is met, NULL could be met; what is FALSE is dropped.\n"
        "SELECT system, criterion_no, situation, met\nFROM judged\nWHERE met IS NOT FALSE\n"
        "ORDER BY system, criterion_no, situation"
    )


def findings_model(systems: Iterable[System]) -> Model:
    """The model `grading.findings`, compiled from the system files."""
    return Model(
        room="grading",
        name="findings",
        sentence="One row per system, criterion and situation in which the criterion is met or could be met.",
        key=("system", "criterion_no", "situation"),
        select=findings_select(systems),
    )


LOW_PRESSURE = "systolic_bp < systolic_bp_limit"
"""What the timeline itself asks of a pressure, whichever systems grade: is it low for this subject?"""


def macros(systems: Iterable[System]) -> list[str]:
    """The words that the timeline takes from the rules: what a fever is, which band of the rules a value is in, and
    what organ grade a laboratory result has."""
    systems = list(systems)
    fever = systems[0].fever
    conditions = [LOW_PRESSURE, *(condition for system in systems for condition in system.conditions)]
    bands = [
        f"CREATE OR REPLACE MACRO {word.name}_band({_arguments(word)}) AS {_band(comparisons(conditions, word.name))}"
        for word in words().values()
        if word.told_apart == "by band"
    ]
    return [f"CREATE OR REPLACE MACRO is_fever(temperature) AS ({fever})", *bands, *organs.macros(organs.read_scale())]


def _arguments(word: Word) -> str:
    """A pressure is compared with constants, and with the limit of its subject."""
    return "systolic_bp, systolic_bp_limit" if word.name == "systolic_bp" else word.name


def _band(conditions: tuple[str, ...]) -> str:
    """A number that is the same for two readings exactly if every comparison has the same answer; at least 1."""
    return " + ".join(["1", *(f"{2**power} * ({condition})::INTEGER" for power, condition in enumerate(conditions))])


def register(connection: duckdb.DuckDBPyConnection, systems: Iterable[System]) -> None:
    """Write the rules as tables of the schema `rules`, so that every result leads to the words of the paper."""
    systems = list(systems)
    known = words()
    connection.execute("CREATE SCHEMA IF NOT EXISTS rules")
    connection.execute(
        "CREATE OR REPLACE TABLE rules.systems (system VARCHAR, name VARCHAR, citation VARCHAR, short_citation VARCHAR, "
        "doi VARCHAR, read_from VARCHAR, fever VARCHAR, linking BOOLEAN, onset_fever_required BOOLEAN, misprint VARCHAR)"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE rules.criteria (system VARCHAR, criterion_no INTEGER, criterion VARCHAR, grade TINYINT, "
        "words VARCHAR, place VARCHAR, condition VARCHAR, sql VARCHAR, needs_link BOOLEAN, is_fever BOOLEAN, "
        "is_reading BOOLEAN, is_computable BOOLEAN, is_verified BOOLEAN, is_misprint BOOLEAN)"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE rules.criterion_concepts (system VARCHAR, criterion VARCHAR, word VARCHAR, concept VARCHAR, "
        "bridge VARCHAR, amount_above DOUBLE)"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE rules.organ_grades (organ VARCHAR, grade TINYINT, words VARCHAR, condition VARCHAR, "
        "scale VARCHAR, citation VARCHAR)"
    )
    scale = organs.read_scale()
    grades = [(one.organ, one.grade, one.words, one.when, scale.name, scale.citation) for one in scale.grades]
    insert(connection, "rules.organ_grades", grades)
    connection.execute("CREATE OR REPLACE TABLE rules.limits (word VARCHAR, dose_limit DOUBLE)")
    insert(connection, "rules.limits", held_limits(condition for system in systems for condition in system.conditions))
    insert(connection, "rules.systems", [
        (one.id, one.name, one.citation, one.short_citation, one.doi, one.read_from, one.fever, one.linking,
         one.onset_fever_required, one.misprint)
        for one in systems
    ])  # fmt: skip
    criteria = [(system, criterion) for system in systems for criterion in system.criteria]
    insert(connection, "rules.criteria", [
        (system.id, one.number, one.id, one.grade, one.words, one.place, one.when, one.sql, one.needs_link, one.is_fever,
         all(known[word].kind != "support" for word in one.uses), one.is_computable, one.is_verified, one.is_misprint)
        for system, one in criteria
    ])  # fmt: skip
    insert(connection, "rules.criterion_concepts", [
        (system.id, one.id, word, concept, known[word].bridge,
         amount_above(one.when, word) if known[word].is_amount else None)
        for system, one in criteria
        for word in one.uses
        for concept in known[word].concepts
    ])  # fmt: skip
