"""Grading systems as files: what a wrong one is told, what its words compile to, and that one file adds one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

import pipeline
from pipeline.errors import SystemFileError
from pipeline.grading import examples, rules
from pipeline.grading.conditions import COMPARISONS, amount_above, comparisons, compile_when, held_limits

ASTCT = rules.FOLDER / "astct_2019.toml"

INVENTED = '''
name = "An invented system"
citation = "Nobody. Invented for a test."
fever = "temperature >= 38.0"
linking = true

[[criteria]]
grade = 1
id = "fever"
words = "fever"
place = "nowhere"
when = "temperature >= 38.0"
needs_link = false

[[criteria]]
grade = 4
id = "very_low_pressure"
words = "systolic pressure below 60 mmHg"
place = "nowhere"
when = "systolic_bp < 60.0"

[[criteria]]
grade = 2
id = "seen_by_nobody"
words = "rash, which no data decide"
place = "nowhere"
when = "temperature >= 38.0"
computable = false

[[examples]]
state = { temperature = 38.0, systolic_bp = 59 }
grade = 4
ceiling = 4
because = ["fever", "very_low_pressure"]

[[examples]]
state = { temperature = 38.0, systolic_bp = 60 }
grade = 1
ceiling = 2
because = ["fever"]
'''


@pytest.mark.parametrize("system", rules.read_systems().values(), ids=lambda system: system.id)
def test_every_worked_example_of_a_system_is_true(system: rules.System) -> None:
    examples.check(system)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = ASTCT.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "changed.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("systolic_bp < systolic_bp_limit", "systolic_pb < systolic_bp_limit", "the nearest is 'systolic_bp'"),
        ("systolic_bp < systolic_bp_limit", "systolic_bp IS NULL", "may not stand in a criterion"),
        ("systolic_bp < systolic_bp_limit", "coalesce(systolic_bp, 0) < 90", "may not stand in a criterion"),
        ("systolic_bp < systolic_bp_limit", "systolic_bp < (SELECT 90)", "may not stand in a criterion"),
        ("systolic_bp < systolic_bp_limit", "CASE WHEN systolic_bp < 90 THEN TRUE END", "may not stand in a criterion"),
        ("systolic_bp < systolic_bp_limit", "systolic_bp", "is not true or false"),
        ("systolic_bp < systolic_bp_limit", "systolic_bp <", "is not a SQL condition"),
        ("vasopressors >= 2", "vasopressors < 2", "write a word of support on the left"),
        ("vasopressors >= 2", "2 <= vasopressors", "write a word of support on the left"),
        ("vasopressors >= 2", "vasopressors = 2", "may not stand in a criterion"),
        ("grade = 4\nid = \"several_vasopressors\"", "grade = 6\nid = \"several_vasopressors\"", "grade 6 is not 1 to 4"),
        ('id = "several_vasopressors"', 'id = "vasopressor"', "'vasopressor' stands twice"),
        ('fever = "temperature >= 38.0"', 'fever = "temperature >= 38.3"', "an episode could never open"),
        ('citation = "Lee', 'zitation = "Lee', "'citation' is missing"),
        ("linking = true", "linking = perhaps", "is not TOML"),
        ("vasopressors >= 2", "norepinephrine_sustained > 20.0", "write it as `word >= number`"),
        ("vasopressors >= 2", "norepinephrine_sustained >= 2 * 10.0", "write it as `word >= number`"),
    ],
)
def test_a_wrong_system_file_gets_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(SystemFileError) as raised:
        rules.read_system(changed(tmp_path, old, new))
    message = str(raised.value)
    assert told in message and "changed.toml" in message and "\n" not in message.strip()
    assert raised.value.exit_code == 5


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("systolic_bp = 89 }\ngrade = 2", "systolic_bp = 89 }\ngrade = 3", "grade is 2, the example says 3"),
        ("systolic_bp = 89 }", "systolic_pb = 89 }", "'systolic_pb' is not a word of the state"),
        ("systolic_bp = 89 }", "systolic_bp = 'low' }", "systolic_bp is 'low'; give a number"),
        ("systolic_bp = 89 }", "systolic_bp = true }", "systolic_bp is True; give a number"),
        ("vasopressors = 2 }\ngrade = 4\nceiling = 4", "vasopressors = 2 }\ngrade = 4\nceiling = 3", "ceiling is 4"),
        ('because = ["fever", "high_flow_or_mask"]', 'because = ["high_flow_or_mask"]', "because is"),
    ],
)
def test_a_wrong_example_gets_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(SystemFileError, match="example") as raised:
        examples.check(rules.read_system(changed(tmp_path, old, new)))
    assert told in str(raised.value)


def test_a_criterion_that_no_example_reaches_is_told(tmp_path: Path) -> None:
    path = changed(tmp_path, "state = { temperature = 37.0, systolic_bp = 120, positive_pressure = 1 }", "state = {}")
    text = path.read_text(encoding="utf-8").replace("grade = 4\nceiling = 4\nbecause = [\"positive_pressure\"]", "ceiling = 2")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemFileError, match="no example reaches the criterion 'positive_pressure'"):
        examples.check(rules.read_system(path))


@pytest.mark.parametrize(
    ("condition", "above"),
    [
        ("nasal_flow > 6.0 OR oxygen_mask >= 1", 6.0),
        ("nasal_flow > 6.0 AND (nasal_flow > 4.0 OR blow_by >= 1)", 4.0),
        ("nasal_flow >= 6.0", 5.999999999999999),
        ("oxygen_mask >= 1", None),
    ],
)
def test_the_amount_that_meets_a_condition_is_read_from_it(condition: str, above: float | None) -> None:
    assert amount_above(condition, "nasal_flow") == above


def test_a_comparison_of_support_is_met_where_proven_and_open_where_possible() -> None:
    sql, used = compile_when("vasopressors >= 2", "here")
    assert used == ("vasopressors",)
    with duckdb.connect() as connection:
        judged = [
            connection.execute(f"SELECT {sql} FROM (SELECT {low} AS vasopressors, {high} AS vasopressors_at_most)").fetchone()[0]
            for low, high in [(2, 2), (1, 2), (1, 1), (2, 3), (0, 0)]
        ]
    assert judged == [True, None, False, True, False]


def test_thresholds_for_compression_come_from_the_rules_own_syntax_trees() -> None:
    conditions = [one for system in rules.read_systems().values() for one in system.conditions]
    assert comparisons(conditions, "temperature") == ("temperature >= 38.0",)
    assert comparisons(conditions, "systolic_bp") == ("systolic_bp < 90.0", "systolic_bp < systolic_bp_limit")
    assert comparisons(conditions, "vasopressor_hours") == ("vasopressor_hours >= 24.0",)
    assert comparisons(conditions, "oxygen_fraction") == ("oxygen_fraction >= 0.40",)


def test_a_sustained_dose_is_looked_for_at_the_numbers_that_the_systems_name() -> None:
    systems = rules.read_systems()
    lee = dict(held_limits(systems["lee_2014"].conditions))
    assert lee == {
        "norepinephrine_sustained": 20, "dopamine_sustained_per_kg": 10, "phenylephrine_sustained": 200,
        "epinephrine_sustained": 10, "equivalent_with_vasopressin_sustained": 10, "equivalent_combined_sustained": 20,
    }  # fmt: skip
    assert dict(held_limits(systems["penn_2018"].conditions)) == {
        "norepinephrine_sustained_per_kg": 0.2, "epinephrine_sustained_per_kg": 0.1, "dopamine_sustained_per_kg": 10,
        "phenylephrine_sustained": 200, "equivalent_with_vasopressin_sustained_per_kg": 0.1,
        "equivalent_with_vasopressin_sustained": 10, "equivalent_combined_sustained": 20,
    }  # fmt: skip
    assert held_limits(systems["astct_2019"].conditions) == ()


def test_both_dose_tables_are_marked_as_not_verified_and_nothing_else_is() -> None:
    marked = {
        (system.id, criterion.id)
        for system in rules.read_systems().values()
        for criterion in system.criteria
        if not criterion.is_verified
    }
    assert marked == {
        ("lee_2014", "high_dose_vasopressor"), ("cartox_2018", "high_dose_vasopressor"),
        ("penn_2018", "high_dose_vasopressor"), ("mskcc_2018", "refractory_hypotension"),
    }  # fmt: skip


def test_what_no_data_decide_is_listed_and_never_met() -> None:
    undecided = {
        (system.id, criterion.id, criterion.grade)
        for system in rules.read_systems().values()
        for criterion in system.criteria
        if not criterion.is_computable
    }
    assert undecided == {
        ("penn_2018", "hospitalised", 2), ("penn_2018", "coagulopathy", 3), ("mskcc_2018", "refractory_hypotension", 4)
    }  # fmt: skip


def mutants(system: rules.System) -> list[tuple[str, str, str]]:
    """Every comparison of a system turned (>= and >, < and <=) and every number moved a little up and down."""
    found = []
    turned = {exp.GTE: exp.GT, exp.GT: exp.GTE, exp.LT: exp.LTE, exp.LTE: exp.LT}
    for criterion in system.criteria:
        tree = sqlglot.parse_one(criterion.when, dialect="duckdb")
        for number, node in enumerate(tree.find_all(*COMPARISONS)):
            copy = list(tree.copy().find_all(*COMPARISONS))
            root = copy[0].root()
            target = copy[number]
            other = turned[type(node)](this=target.this.copy(), expression=target.expression.copy())
            mutant = other if target is root else target.replace(other).root()
            found.append((criterion.id, criterion.when, mutant.sql(dialect="duckdb")))
        for number, literal in enumerate(tree.find_all(exp.Literal)):
            if literal.is_string:
                continue
            step = 0.5 if "." in literal.this else 1
            for moved in (float(literal.this) - step, float(literal.this) + step):
                copy = tree.copy()
                list(copy.find_all(exp.Literal))[number].replace(exp.Literal.number(moved))
                found.append((criterion.id, criterion.when, copy.sql(dialect="duckdb")))
    return found


# The choice is 0, 2 or 3, so from 1 on is the same as from 2 on.
SAME = "vasopressin_alone >= 1 AND GETVARIABLE('vasopressin_alone_grade') >= 1.0"


@pytest.mark.parametrize("system", rules.read_systems().values(), ids=lambda system: system.id)
def test_every_mutant_of_a_systems_numbers_and_comparisons_fails_its_examples(
    system: rules.System, tmp_path: Path
) -> None:
    text = system.path.read_text(encoding="utf-8")
    survivors = []
    changes = mutants(system)
    assert len(changes) >= 2 * len(system.criteria)
    for identifier, when, mutant in changes:
        before, criterion = text.split(f'id = "{identifier}"', 1)
        path = tmp_path / f"{system.id}.toml"
        criterion = criterion.replace(f'when = "{when}"', f'when = "{mutant}"', 1)
        path.write_text(f'{before}id = "{identifier}"{criterion}', encoding="utf-8")
        assert mutant in path.read_text(encoding="utf-8")
        try:
            examples.check(rules.read_system(path))
        except SystemFileError:
            continue
        survivors.append((identifier, mutant))
    assert [mutant for _, mutant in survivors if mutant != SAME] == []


@pytest.fixture(scope="module")
def package_with_one_more_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with an invented system and an invented source in it, one file each."""
    root = tmp_path_factory.mktemp("package")
    shutil.copytree(Path(pipeline.__file__).parent, root / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pipeline" / "grading" / "systems" / "invented.toml").write_text(INVENTED, encoding="utf-8")
    (root / "pipeline" / "sources" / "postcards.py").write_text(POSTCARDS, encoding="utf-8")
    return root


POSTCARDS = '''
"""Source `postcards`: an invented layout, one text file with a line per reading: subject;hour;degC."""

import pyarrow as pa

from pipeline.sources import tidy
from pipeline.sources.parts import files

LAYOUT = "A folder with postcards.txt, one line per temperature: subject;hours since the infusion;degC."


def read(connection, folder, anchors=None):
    lines = [line.split(";") for line in (folder / "postcards.txt").read_text().split()]
    subjects = pa.table({"subject_id": sorted({line[0] for line in lines})})
    observations = pa.table({
        "subject_id": [line[0] for line in lines],
        "concept": ["temperature"] * len(lines),
        "start_hour": [line[1] for line in lines],
        "value": [line[2] for line in lines],
        "unit": ["degC"] * len(lines),
    })
    return tidy.build(connection, {
        "subjects": files.from_arrow(connection, "subjects", subjects),
        "observations": files.from_arrow(connection, "observations", observations),
    })
'''


def command(root: Path, *words: object) -> subprocess.CompletedProcess:
    """The command line of the copied package."""
    run = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pipeline.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-c", run, str(root), *map(str, words)], capture_output=True, text=True, cwd=root, env=os.environ
    )


def test_one_file_adds_a_system(package_with_one_more_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "subjects.csv").write_text("subject_id,age_years\nS1,50\n")
    (folder / "observations.csv").write_text(
        "subject_id,concept,start_hour,value,unit\nS1,temperature,10,38.5,degC\nS1,systolic_bp,10,59,mmHg\n"
        "S1,temperature,12,37.0,degC\nS1,systolic_bp,12,110,mmHg\n"
    )
    done = command(package_with_one_more_file, "run", "tidy", folder, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(tmp_path / "out" / "cohort.duckdb")) as connection:
        rows = connection.execute("SELECT system, max_grade, max_ceiling FROM summaries.subjects ORDER BY system").fetchall()
        stretches = connection.execute(
            "SELECT start_minute, end_minute, grade, ceiling, because FROM grading.grades WHERE system = 'invented' AND grade > 0"
        ).fetchall()
        evidence = connection.execute(
            "SELECT criterion, value, source_row FROM grading.evidence WHERE system = 'invented' ORDER BY criterion"
        ).fetchall()
    assert rows == [
        ("astct_2019", 2, 2), ("cartox_2018", 2, 2), ("ctcae_5", 2, 2), ("invented", 4, 4), ("lee_2014", 2, 2),
        ("mskcc_2018", 1, 1), ("nccn_2022_as_cited", 1, 1), ("penn_2018", 1, 2),
    ]  # fmt: skip
    assert stretches == [(600, 720, 4, 4, ["fever", "very_low_pressure"])]
    assert evidence == [("fever", 38.5, 1), ("very_low_pressure", 59.0, 2)]


def test_a_system_may_open_without_a_fever(package_with_one_more_file: Path, tmp_path: Path) -> None:
    """`onset_fever_required = false`: an afebrile patient on a low pressure has an episode."""
    afebrile = tmp_path / "copy"
    shutil.copytree(package_with_one_more_file, afebrile)
    path = afebrile / "pipeline" / "grading" / "systems" / "invented.toml"
    path.write_text(INVENTED.replace("linking = true", "linking = false\nonset_fever_required = false"), encoding="utf-8")
    (tmp_path / "subjects.csv").write_text("subject_id,age_years\nS1,50\n")
    (tmp_path / "observations.csv").write_text(
        "subject_id,concept,start_hour,value,unit\nS1,temperature,9,36.8,degC\nS1,systolic_bp,10,59,mmHg\n"
        "S1,systolic_bp,12,110,mmHg\n"
    )
    words = ("run", "tidy", tmp_path, "--out", tmp_path / "out", "--no-report", "--systems", "invented,lee_2014")
    done = command(afebrile, *words)
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(tmp_path / "out" / "cohort.duckdb")) as connection:
        rows = connection.execute(
            "SELECT system, status, max_grade, onset_minute, end_minute FROM summaries.subjects ORDER BY system"
        ).fetchall()
    assert rows == [("invented", "crs", 4, 600, 720), ("lee_2014", "no_crs", 0, None, None)]


def test_one_file_adds_a_source(package_with_one_more_file: Path, tmp_path: Path) -> None:
    (tmp_path / "postcards.txt").write_text("P1;5;38.4\nP1;9;37.1\nP2;4;36.9\n")
    done = command(package_with_one_more_file, "run", "postcards", tmp_path, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(tmp_path / "out" / "cohort.duckdb")) as connection:
        rows = connection.execute(
            "SELECT subject_id, status, onset_minute, end_minute FROM summaries.subjects WHERE system = 'astct_2019' ORDER BY 1"
        ).fetchall()
    assert rows == [("P1", "crs", 300, 540), ("P2", "no_crs", None, None)]
    assert "postcards" in command(package_with_one_more_file, "sources").stdout


def test_a_broken_system_file_stops_the_run_with_exit_code_5(package_with_one_more_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "copy"
    shutil.copytree(package_with_one_more_file, broken)
    path = broken / "pipeline" / "grading" / "systems" / "invented.toml"
    path.write_text(INVENTED.replace("systolic_bp < 60.0", "sistolic_bp < 60.0"), encoding="utf-8")
    done = command(broken, "run", "tidy", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1 and "the nearest is 'systolic_bp'" in done.stderr
