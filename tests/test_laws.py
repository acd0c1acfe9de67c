"""The laws of the house, read from the files themselves."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlglot
from conftest import SAMPLE
from sqlglot import exp

import pipeline
from pipeline import audits, build, choices, flow, model
from pipeline.database import connect
from pipeline.grading import rules, words

MODELS = flow.ordered_models(rules.read_systems())
FILES = [path for room in model.ROOMS for path in sorted((model.PACKAGE / room).glob("*.sql"))]

# Numbers a model may hold: counting, halves up, and the conversion of minutes, hours, days, microseconds and percent.
# Everything else is published (a system file) or chosen (choices.toml). 2 is "two at once", 5 the grade of death,
# 365.25 days make a year, 1000000 h bound a typing error, 30 and below are numbers of faults in staging/faults.csv.
COUNTING = {0, 0.5, 1, -1, 2, 9, 12, 60, 100, 1440, 60000000, 365.25, 1e-12}
OWN_NUMBERS = {
    "staging.charted": set(range(31)),
    "staging.recorded": {3, 4, 5},
    "staging.subject_faults": {130, 1000000},
    "episodes.episodes": {5},
    "grading.evidence": {5},
    # Bits of a grade, and the grade that they hold at most.
    "summaries.agreement_hours": {3, 7},
    # Quartiles, as shares of values and as percentages of a curve; grades.
    "summaries.cohort": {0.25, 0.75, 25, 50, 75, 3, 4, 5},
    "summaries.levels": {18, 65},
    "summaries.grades_by_day": {3, 4, 5},
    "summaries.time_to_event": {3},
    # Numbers of faults; 95 of 100.
    "quality.flaws": {13, 14, 15, 20, 22},
    "quality.chartings": {95},
    # Grades, counts of doses and episodes, places of rows and columns; quartiles, and one half in percent.
    "results.overview": {3},
    "results.missing": {4, 6},
    "results.treatment": {3},
    "results.recurrence": {3},
    "results.spreads": {3, 4, 5, 6, 0.25, 0.75},
    "results.incidences": {3, 4, 50},
    "results.strata": {*range(3, 13)},
    # Bland and Altman's 1.96 standard deviations; places in a list.
    "recorded.timing": {1.96},
    "recorded.discrepancies": {3, 4, 5},
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_model_says_what_a_row_is_and_what_tells_rows_apart(path: Path) -> None:
    read = model.read_model(path)
    assert re.match(r"One row per .+\.$", read.sentence)
    assert all(re.fullmatch(r"\w+", column) for column in read.key)


@pytest.mark.parametrize("one", MODELS, ids=lambda one: one.table)
def test_a_model_is_one_select_whose_tables_name_their_room(one: model.Model) -> None:
    statements = sqlglot.parse(one.select, dialect="duckdb")
    assert len(statements) == 1 and isinstance(statements[0], exp.Query)
    tree = statements[0]
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    unqualified = {table.name for table in tree.find_all(exp.Table) if not table.db}
    assert unqualified <= ctes
    known = {other.table for other in MODELS} | {f"staging.{seed}" for seed in flow.SEEDS}
    known |= {f"sources.{name}" for name in ("files", "time_zero", "subjects", "observations", "recorded_grades")}
    rules_tables = ("systems", "criteria", "criterion_concepts", "limits", "organ_grades", "choices", "words", "tables", "shells",
                    "stratum_columns")
    known |= {f"rules.{name}" for name in rules_tables}
    assert one.reads <= known


@pytest.mark.parametrize("one", MODELS, ids=lambda one: one.table)
def test_the_words_of_a_model_tell_the_tables_and_choices_that_its_syntax_tree_does(one: model.Model) -> None:
    tree = sqlglot.parse_one(one.select, dialect="duckdb")
    assert one.reads == {f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db}
    calls = [call for call in tree.find_all(exp.Anonymous) if call.name.lower() == "getvariable"]
    assert one.choices == {call.expressions[0].name for call in calls}


def test_a_table_that_only_a_comment_or_a_text_names_is_not_read() -> None:
    select = """
    -- Not from grading.grades, and it's no text that begins here.
    WITH timeline AS (SELECT 'staging.charted, it''s said' AS words FROM staging.subjects)
    PIVOT timeline.states ON grade
    """
    assert model.Model("grading", "one", "One row per x.", ("x",), select).reads == {"staging.subjects", "timeline.states"}


def test_data_flows_one_way_and_each_model_comes_after_those_it_reads() -> None:
    tables = [one.table for one in MODELS]
    assert len(tables) == len(set(tables)) == len(FILES) + 1
    for place, one in enumerate(MODELS):
        room = model.ROOMS.index(one.room)
        assert all(model.ROOMS.index(table.split(".")[0]) <= room for table in one.reads)
        assert all(table in tables[:place] for table in one.reads if table in tables)


def test_a_model_that_reads_a_later_room_is_refused() -> None:
    early = model.Model("staging", "early", "One row per x.", ("x",), "SELECT * FROM grading.grades")
    with pytest.raises(ValueError, match="data flows one way"):
        model.in_order([*MODELS, early])


def test_models_that_read_each_other_are_refused() -> None:
    one = model.Model("grading", "one", "One row per x.", ("x",), "SELECT * FROM grading.other")
    other = model.Model("grading", "other", "One row per x.", ("x",), "SELECT * FROM grading.one")
    with pytest.raises(ValueError, match="in a circle"):
        model.in_order([one, other])


@pytest.mark.parametrize("one", [one for one in MODELS if not one.is_view], ids=lambda one: one.table)
def test_a_table_is_stored_in_an_order(one: model.Model) -> None:
    """The same input gives the same bytes; what was charted stays in the order of its file."""
    ordered = sqlglot.parse_one(one.select, dialect="duckdb").args.get("order")
    assert (ordered is not None) is (one.table != "staging.charted")


IN_STORED_ORDER = {
    "timeline.runs": "runs_disordered",
    "grading.grades": "time_untiled",
    "grading.chains": "chains_disordered",
    "quality.steps": None,
}
"""The models that take a table in the order in which it is stored, and the audit that finds it out of order."""


def test_windows_without_an_order_stand_where_an_audit_looks_after_them() -> None:
    found = set()
    for one in MODELS:
        windows = sqlglot.parse_one(one.select, dialect="duckdb").find_all(exp.Window)
        if any(not window.args.get("order") and isinstance(window.this, (exp.Lag, exp.Lead, exp.RowNumber)) and
               not window.args.get("partition_by") and not window.args.get("alias") for window in windows):  # fmt: skip
            found.add(one.table)
    assert found == set(IN_STORED_ORDER)
    assert {audit for audit in IN_STORED_ORDER.values() if audit} <= {path.stem for path in audits.files()}


@pytest.mark.parametrize("one", [one for one in MODELS if one.table != "grading.findings"], ids=lambda one: one.table)
def test_a_model_holds_no_number_that_is_published_or_chosen(one: model.Model) -> None:
    literals = sqlglot.parse_one(one.select, dialect="duckdb").find_all(exp.Literal)
    numbers = {float(literal.this) for literal in literals if not literal.is_string}
    assert numbers <= COUNTING | OWN_NUMBERS.get(one.table, set())


def test_every_choice_is_read_somewhere_and_every_one_read_is_declared() -> None:
    declared = set(choices.defaults())
    conditions = " ".join(one.sql for system in rules.read_systems().values() for one in system.criteria)
    in_systems = set(re.findall(r"GETVARIABLE\('(\w+)'\)", conditions, flags=re.IGNORECASE))
    written = " ".join(path.read_text(encoding="utf-8") for path in (model.PACKAGE / "sources").rglob("*.sql"))
    in_sources = set(re.findall(r"getvariable\('(\w+)'\)", written))
    looked = " ".join(path.read_text(encoding="utf-8") for path in audits.files(audits.CLINICAL))
    in_audits = set(re.findall(r"getvariable\('(\w+)'\)", looked))
    read = set().union(*(one.choices for one in MODELS)) | in_systems | in_sources | in_audits
    assert read == declared


def test_every_choice_has_a_reason_and_alternatives() -> None:
    for choice in choices.defaults().values():
        assert len(choice.reason) > 20 and choice.alternatives and choice.unit, choice.name


def test_a_view_that_outlives_the_build_reads_its_choices_from_a_table() -> None:
    """Variables are gone when somebody opens the database later; a view that read them would lose rows in silence."""
    assert [one.table for one in MODELS if one.is_view and one.choices] == []


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    with flow.empty_build() as connection:
        yield connection


def test_every_column_of_the_build_has_its_meaning_in_the_database(empty: duckdb.DuckDBPyConnection) -> None:
    undocumented = empty.execute(
        "SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns() "
        "WHERE NOT internal AND comment IS NULL "
        "AND schema_name IN ('timeline', 'grading', 'episodes', 'summaries', 'quality', 'recorded', 'results')"
    ).fetchall()
    assert undocumented == []


def test_every_table_of_the_build_has_its_sentence_in_the_database(empty: duckdb.DuckDBPyConnection) -> None:
    tables = dict(empty.execute("SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()").fetchall())
    tables |= dict(
        empty.execute("SELECT schema_name || '.' || view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
    )
    for one in MODELS:
        assert tables[one.table] == one.sentence


def test_no_meaning_is_kept_for_a_column_that_does_not_exist(empty: duckdb.DuckDBPyConnection) -> None:
    built = {row[0] for row in empty.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()}
    assert set(flow.dictionary()) - built == set()


def test_every_word_is_a_column_of_the_situations_and_leads_to_known_concepts(empty: duckdb.DuckDBPyConnection) -> None:
    columns = {row[0] for row in empty.execute("DESCRIBE grading.situations").fetchall()}
    concepts = {row[0] for row in empty.execute("SELECT concept FROM staging.concepts").fetchall()}
    for word in words.words().values():
        assert word.name in columns
        assert (f"{word.name}_at_most" in columns) == word.is_bounded
        assert set(word.concepts) <= concepts
        assert word.concepts or word.kind == "subject"


def test_situations_are_told_apart_by_every_word(empty: duckdb.DuckDBPyConnection) -> None:
    """A word left out of the comparison would let two different states share one verdict."""
    compared = (model.PACKAGE / "grading" / "situated.sql").read_text(encoding="utf-8")
    ranked = set(re.findall(r"\w+", compared.split("row(", 1)[1].split(") AS all_that_rules_look_at")[0]))
    columns = {row[0] for row in empty.execute("DESCRIBE grading.situations").fetchall()} - {"situation"}
    readings = {word.name for word in words.words().values() if word.kind == "reading"}
    assert columns - readings <= ranked
    assert {f"{name}_band" for name in readings} <= ranked


@pytest.mark.parametrize("path", audits.files(), ids=lambda path: path.stem)
def test_an_audit_names_the_fault_and_the_law_and_is_silent_on_nothing(
    path: Path, empty: duckdb.DuckDBPyConnection
) -> None:
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert first.startswith("-- ") and second.startswith("-- Law: ")
    assert empty.execute(path.read_text(encoding="utf-8")).fetchall() == []


def test_concepts_are_those_of_the_semantics_with_their_kept_ranges() -> None:
    rows = {row["concept"]: row for row in csv.DictReader((model.PACKAGE / "staging" / "concepts.csv").open())}
    assert len(rows) == 50
    kept = {name: (row["low"], row["high"], row["unit"]) for name, row in rows.items()}
    assert kept["temperature"] == ("25", "45", "degC")
    assert kept["systolic_bp"] == ("20", "300", "mmHg")
    assert kept["diastolic_bp"] == ("5", "250", "mmHg")
    assert kept["mean_bp"] == ("10", "275", "mmHg")
    assert kept["spo2"] == ("30", "100", "%")
    assert kept["fio2"] == ("0.15", "1", "fraction")
    assert kept["heart_rate"] == ("10", "350", "1/min")
    assert kept["respiratory_rate"] == ("1", "120", "1/min")
    assert kept["nasal_cannula"] == ("0", "100", "L/min")
    assert kept["norepinephrine"] == ("0", "", "ug/kg/min")
    assert kept["vasopressin"] == ("0", "", "U/min")
    assert kept["weight"] == ("1", "400", "kg")
    assert rows["dobutamine"]["family"] == rows["milrinone"]["family"] == "inotrope"


# The order of rows is made by ORDER BY, whatever a planner does

JOINS = ("JOIN", "CROSS_PRODUCT", "POSITIONAL")
SORTS = ("ORDER_BY", "TOP_N")


@pytest.fixture(scope="module")
def sample() -> duckdb.DuckDBPyConnection:
    """The sample graded in memory: plans depend on how many rows a table has."""
    names = ("subjects", "observations", "recorded_grades")
    frames = [pd.read_csv(next(SAMPLE.glob(f"{name}.csv*")), dtype=str) for name in names]
    connection = pipeline.grade(*frames).connection
    audits.look(connection)
    return connection


def plan_of(connection: duckdb.DuckDBPyConnection, select: str) -> list[dict]:
    return json.loads(connection.execute(f"EXPLAIN (FORMAT json) {select}").fetchall()[0][1])


def is_join(node: dict) -> bool:
    return any(name in node["name"] for name in JOINS)


def down_to_the_sort(node: dict) -> list[dict]:
    """The operators from this one down, as far as the first sort of each branch."""
    found = [node]
    if node["name"].strip() not in SORTS:
        for child in node["children"]:
            found += down_to_the_sort(child)
    return found


def every_node(nodes: list[dict]) -> Iterator[dict]:
    for node in nodes:
        yield node
        yield from every_node(node["children"])


@pytest.mark.parametrize("name", build.EXPORTS)
def test_no_export_is_joined_with_anything_after_it_was_sorted(name: str, sample: duckdb.DuckDBPyConnection) -> None:
    """DuckDB plans a comparison with a list of constants as a join, which gives the rows back in another order."""
    for select in build.export_selects(sample, *build.EXPORTS[name]):
        (root,) = plan_of(sample, select)
        above = down_to_the_sort(root)
        assert above[-1]["name"].strip() in SORTS
        assert [node["name"] for node in above if is_join(node)] == []


def windows_without_an_order() -> dict[str, str]:
    """The SELECTs that have a window with no order of its own, by their table or audit."""
    found = {one.table: one.select for one in MODELS if "OVER ()" in one.select}
    found |= {f"audits.{path.stem}": path.read_text(encoding="utf-8") for path in audits.files()}
    return {name: select for name, select in found.items() if "OVER ()" in select}


@pytest.mark.parametrize("name", windows_without_an_order())
def test_no_window_without_an_order_reads_rows_that_were_joined_after_their_sort(
    name: str, sample: duckdb.DuckDBPyConnection
) -> None:
    """Below such a window stand projections, filters and further windows only, down to one stored table or a sort."""
    windows = [
        node for node in every_node(plan_of(sample, windows_without_an_order()[name])) if "STREAMING_WINDOW" in node["name"]
    ]
    assert windows
    for window in windows:
        below = down_to_the_sort(window)
        assert [node["name"] for node in below if is_join(node) or "UNION" in node["name"]] == []


def test_the_look_at_a_plan_finds_a_join_above_a_sort() -> None:
    """The same question of a query that is known to lose its order where a comparison is planned as a join."""
    with connect() as connection:
        connection.execute("CREATE TABLE many AS SELECT range AS i, range::VARCHAR AS written FROM range(1000)")
        (root,) = plan_of(
            connection,
            "SELECT i, written IN ('1', '2', '3', '4', '5', '6', '7') AS is_listed FROM (SELECT * FROM many ORDER BY i)",
        )
        assert [node["name"] for node in down_to_the_sort(root) if is_join(node)] != []


@pytest.mark.parametrize("name", build.EXPORTS)
def test_no_number_of_an_export_has_more_than_twelve_significant_digits(name: str, sample: duckdb.DuckDBPyConnection) -> None:
    """The last digits of a double depend on the engine, its threads and the order of a sum: they are no result."""
    table = build.EXPORTS[name][0]
    doubles = [column for column, kind, *_ in sample.execute(f"DESCRIBE {table}").fetchall() if kind in ("DOUBLE", "FLOAT")]
    for column in doubles:
        (longer,) = sample.execute(f'SELECT count(*) FROM {table} WHERE "{column}" <> significant("{column}")').fetchone()
        assert longer == 0, column
