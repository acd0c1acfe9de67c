"""What there is: systems, choices, tables, sources; as text for the command line."""

import csv

from pipeline import choices as choices_
from pipeline import flow
from pipeline import sources as sources_
from pipeline.grading import organs, rules, words
from pipeline.model import PACKAGE, read_models
from pipeline.reports.words import setting


def systems() -> str:
    """Every grading system with its citation and criteria."""
    parts = []
    for system in rules.read_systems().values():
        lines = [f"{system.id}   {system.name}", f"  {system.citation}"]
        if system.doi:
            lines.append(f"  doi {system.doi}")
        if system.read_from:
            lines.append(f"  read from: {system.read_from}")
        if system.misprint:
            lines.append(f"  MISPRINT: {system.misprint}")
        for criterion in system.criteria:
            mark = "" if criterion.is_computable else "   (no data decide it: lifts the ceiling only)"
            mark += "" if criterion.is_verified else "   (NOT VERIFIED: its numbers were not read in the paper)"
            lines.append(f"  {criterion.grade}  {criterion.id:<34}{criterion.words}   [{criterion.place}]{mark}")
            lines.append(f"     {'':<34}{criterion.when}")
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, _organ_grades()])


def _organ_grades() -> str:
    """The scale of organ toxicity that some systems name."""
    scale = organs.read_scale()
    lines = [f"ORGAN GRADES   {scale.name}", f"  {scale.citation}"]
    lines += [f"  {one.grade}  {one.organ:<34}{one.words}\n     {'':<34}{one.when}" for one in scale.grades]
    return "\n".join(lines)


def choices() -> str:
    """Every choice with its value, reason and alternatives."""
    return "\n\n".join(
        f"{choice.name} = {setting(choice.default)} {choice.unit}\n  {choice.reason}\n  else: {choice.alternatives}"
        for choice in choices_.defaults().values()
    )


def sources() -> str:
    """Every input layout."""
    return "\n\n".join(f"{name}\n{sources_.get(name).LAYOUT}" for name in sources_.names())


def tables() -> str:
    """The data dictionary: tables and columns, concepts and units, words of the state."""
    parts = [_models(), _concepts(), _words()]
    return "\n\n".join(parts)


def _models() -> str:
    """Tables and columns as the database itself describes them: an empty cohort is built and asked."""
    lines = ["TABLES"]
    with flow.empty_build() as connection:
        columns = connection.execute(
            "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY ALL"
        ).fetchall()
    by_table: dict[str, list] = {}
    for schema, table, *column in columns:
        by_table.setdefault(f"{schema}.{table}", []).append(column)
    for model in read_models():
        lines.append(f"\n{model.table}   {model.sentence}")
        lines += [f"  {name:<32}{kind:<14}{comment or ''}" for name, kind, comment in by_table.get(model.table, [])]
    return "\n".join(lines)


def _read(path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _concepts() -> str:
    units: dict[str, list[str]] = {}
    for row in _read(PACKAGE / "staging" / "units.csv"):
        units.setdefault(row["quantity"], []).append(row["spellings"].replace("|", ", "))
    lines = ["CONCEPTS   (kept range in the canonical unit; accepted spellings of units, any case)"]
    for row in _read(PACKAGE / "staging" / "concepts.csv"):
        kept = f"{row['low'] or 'any'} to {row['high'] or 'any'} {row['unit']}"
        lines.append(f"  {row['concept']:<26}{row['family']:<16}{kept:<24}{'; '.join(units[row['quantity']])}")
    return "\n".join(lines)


def _words() -> str:
    lines = ["WORDS OF THE STATE   (what a criterion may speak of)"]
    lines += [f"  {word.name:<26}{word.meaning}" for word in words.words().values()]
    return "\n".join(lines)
