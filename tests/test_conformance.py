"""The sample cohort, written out in the layout of each source, comes back as the same observations and the same grades.

A source is in this suite by being in the folder of sources; it fails until data/generator/layouts holds its writer.
"""

import gzip
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow.parquet as pq
import pytest
from cohorts import rows_of

from data.generator import layouts
from data.generator.layouts import plain as plain_cohort
from pipeline import choices, flow, sources
from pipeline.database import connect
from pipeline.grading import rules

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
LAYOUTS = sources.names()

# Of the 21,409 chartings of the plain cohort, those that a layout has no word for.
NOT_CARRIED = {"mimic_iv": {"blow_by": 3}, "clif": {"fluid_bolus": 26}}

OBSERVED = "subject_id, concept, start_minute, end_minute, value, unit"
SEEN_OF_SUBJECTS = (
    "SELECT subject_id, infusion_minute_of_day, floor(age_years)::INTEGER, upper(sex[1]), death_minute, followup_end_minute "
    "FROM staging.subjects"
)


def writer(layout):
    """The module that writes the layout of a source."""
    try:
        return layouts.get(layout)
    except ModuleNotFoundError:
        pytest.fail(f"the source {layout} has no writer: add data/generator/layouts/{layout}.py with write(plain, folder)")


@cache
def plain():
    """The sample cohort, made plain."""
    return plain_cohort.of_folder(SAMPLE / "tidy")


@cache
def everywhere():
    """The plain cohort less what one of the layouts does not carry."""
    return plain().without({concept for layout in LAYOUTS for concept in writer(layout).NOT_CARRIED})


def built(layout, folder) -> duckdb.DuckDBPyConnection:
    """The cohort in a folder, read and graded by ASTCT 2019."""
    connection = connect()
    systems = rules.chosen(rules.read_systems(), ["astct_2019"])
    flow.prepare(connection, choices.defaults(), systems)
    anchors = folder / "anchors.csv"
    sources.get(layout).read(connection, folder, anchors if anchors.exists() else None)
    flow.build(connection, systems)
    return connection


@cache
def read_back(layout, cohort) -> duckdb.DuckDBPyConnection:
    """A cohort (`plain` or `everywhere`) written in a layout and built from what was written."""
    with TemporaryDirectory() as folder:
        writer(layout).write(cohort(), Path(folder))
        connection = built(layout, Path(folder))
        files = [file for (file,) in connection.execute("SELECT source_file FROM staging.load").fetchall()]
        # Of a file whose columns are read one by one, the column stands after a colon.
        rows = [(file, rows_of(Path(folder) / file.partition(":")[0])) for file in files]
    connection.execute("CREATE TABLE main.written (source_file VARCHAR, written BIGINT)")
    connection.executemany("INSERT INTO main.written VALUES (?, ?)", rows)
    return connection


def observed(connection) -> set[tuple]:
    """What came back, but for the rows that say that something stopped."""
    return set(
        connection.execute(
            f"SELECT DISTINCT {OBSERVED} FROM staging.observations JOIN staging.concepts AS k USING (concept, unit) "
            "WHERE NOT (k.kind = 'therapy' AND coalesce(value = 0, FALSE))"
        ).fetchall()
    )


def charted(cohort) -> set[tuple]:
    """What was written, but for the rows that say that something stopped."""
    therapies = {"oxygen", "vasopressor", "vasopressin", "inotrope"}
    return {one[:6] for one in cohort.observations if not (one.family in therapies and one.value == 0)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_charting_comes_back_to_the_last_bit(layout):
    carried = plain().without(writer(layout).NOT_CARRIED)
    came, went = observed(read_back(layout, plain)), charted(carried)
    assert sorted(came - went, key=str)[:5] == [] and sorted(went - came, key=str)[:5] == []
    assert len(came) == 21409 - sum(NOT_CARRIED.get(layout, {}).values())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_a_layout_does_not_carry_is_named_with_its_reason_and_counted(layout):
    not_carried = writer(layout).NOT_CARRIED
    assert all(len(reason) > 10 for reason in not_carried.values())
    concepts = [one.concept for one in plain().observations if one.concept in not_carried]
    assert {concept: concepts.count(concept) for concept in concepts} == NOT_CARRIED.get(layout, {})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_subject_comes_back_with_clock_age_sex_death_and_follow_up(layout):
    came = set(read_back(layout, plain).execute(SEEN_OF_SUBJECTS).fetchall())
    assert came == {
        (one.subject_id, one.infusion.hour * 60 + one.infusion.minute, *one[2:]) for one in plain().subjects
    }
    assert len(came) == 60 and len([one for one in came if one[4] is not None]) == 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_in_are_rows_used_and_rows_refused_and_with_those_passed_over_all_of_the_file(layout):
    counts = "SELECT written, rows_in, rows_used, rows_refused, rows_passed_over "
    counts += "FROM staging.load JOIN main.written USING (source_file)"
    load = read_back(layout, plain).execute(counts).fetchall()
    assert all(rows_in == used + refused for _, rows_in, used, refused, _ in load)
    assert all(written == rows_in + passed_over for written, rows_in, _, _, passed_over in load)
    assert sum(used for _, _, used, *_ in load) >= 21409 + 60 - sum(NOT_CARRIED.get(layout, {}).values())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_time_zero_is_the_infusion_and_no_stand_in(layout):
    assert read_back(layout, plain).execute("SELECT is_stand_in FROM sources.time_zero").fetchall() == [(False,)]


PASSED_OVER = {
    "mimic_iv": {
        "hosp/patients.csv.gz": 1,
        "icu/chartevents.csv.gz": 181,
        "icu/inputevents.csv.gz": 60,
        "icu/procedureevents.csv.gz": 60,
        "hosp/emar.csv.gz": 61,
        "hosp/labevents.csv.gz": 60,
    },
    "clif": {
        "clif_patient.parquet": 1,
        "clif_vitals.parquet": 61,
        # A row is read as one charting per column, and passed over in the columns where nothing stands.
        "clif_respiratory_support.parquet:mode_category": 224,
        "clif_respiratory_support.parquet:fio2_set": 193,
        "clif_medication_admin_continuous.parquet": 60,
        "clif_medication_admin_intermittent.parquet": 60,
        "clif_labs.parquet": 60,
    },
}
REFUSED = {"mimic_iv": 12, "clif": 12}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_nobody_asks_for_is_passed_over_and_what_was_not_given_is_refused(layout):
    load = read_back(layout, plain).execute("SELECT source_file, rows_passed_over, rows_refused FROM staging.load").fetchall()
    assert {file: passed for file, passed, _ in load if passed} == PASSED_OVER.get(layout, {})
    assert sum(refused for *_, refused in load) == REFUSED.get(layout, 0)


@cache
def everything():
    """One subject with one charting of every concept there is, a day apart."""
    concepts = read_back("tidy", plain).execute(
        # Air from the room has no flow.
        "SELECT concept, unit, family, CASE WHEN concept <> 'room_air' THEN (coalesce(low, 0) + coalesce(high, 40)) / 2 END "
        "FROM staging.concepts ORDER BY concept_no"
    ).fetchall()
    subject = plain_cohort.Subject("CG-1", datetime(2031, 5, 4, 10, 25), 3, "F", None, 100 * 1440)
    rows = [
        plain_cohort.Charting("CG-1", concept, 1440 * day, None, value, unit, family)
        for day, (concept, unit, family, value) in enumerate(concepts)
    ]
    return plain_cohort.Plain([subject], rows)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_concept_comes_back_or_is_named_as_not_carried(layout):
    came, went = observed(read_back(layout, everything)), charted(everything())
    assert len(went) == 50
    assert came <= went
    assert {row[1] for row in went - came} == set(writer(layout).NOT_CARRIED)


GRADES = {
    "episodes": "SELECT * FROM episodes.episodes ORDER BY subject_id, episode",
    "highest grades": "SELECT subject_id, status, max_grade, max_ceiling, onset_minute, end_minute, crs_hours, resolved, flags "
    "FROM summaries.subjects ORDER BY subject_id",
    "stretches": "SELECT * EXCLUDE (episode), episode FROM grading.grades ORDER BY subject_id, start_minute",
}


@pytest.mark.parametrize("result", GRADES)
@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one != "tidy"])
def test_grades_are_those_of_the_plain_cohort_in_tidy(layout, result):
    by_layout = read_back(layout, everywhere).execute(GRADES[result]).fetchall()
    by_tidy = read_back("tidy", everywhere).execute(GRADES[result]).fetchall()
    assert by_layout == by_tidy
    assert len(by_tidy) > 40


def test_the_plain_cohort_is_graded_from_0_to_4():
    """It has lost its indications and its adjudicated death, not its courses."""
    found = read_back("tidy", plain).execute(
        "SELECT status, max_grade, count(*) FROM summaries.subjects GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert found == [("crs", 1, 20), ("crs", 2, 19), ("crs", 3, 7), ("crs", 4, 4), ("no_crs", 0, 9), ("not_evaluable", None, 1)]


def contents(folder) -> dict[str, object]:
    """What is in every file of a folder, whatever it is packed with."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            found[str(path.relative_to(folder))] = (table.schema.to_string(), table.to_pylist())
        elif path.is_file():
            opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
            with opened as file:
                found[str(path.relative_to(folder))] = file.read().decode("utf-8")
    return found


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one != "tidy"])
def test_the_committed_cohort_is_what_the_command_makes(layout, tmp_path):
    call = [sys.executable, str(ROOT / "data" / "generate.py"), "layout", layout, "--out", str(tmp_path)]
    subprocess.run(call, check=True, cwd=ROOT)
    made, committed = contents(tmp_path), contents(SAMPLE / layout)
    assert sorted(made) == sorted(committed) and "anchors.csv" in made
    assert [name for name in made if made[name] != committed[name]] == []
    assert sum(path.stat().st_size for path in (SAMPLE / layout).rglob("*") if path.is_file()) < 600_000
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert f"python data/generate.py layout {layout} --out data/sample/{layout}" in readme


def test_a_cohort_of_tidy_is_made_without_the_writers_or_the_pipeline(tmp_path):
    program = (
        "import sys; sys.path.insert(0, 'data'); import generate; generate.write_cohort(generate.Path(sys.argv[1]), 1, 1); "
        "print([name for name in ('duckdb', 'pandas', 'pipeline', 'generator.layouts.clif') if name in sys.modules])"
    )
    call = [sys.executable, "-c", program, str(tmp_path)]
    said = subprocess.run(call, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    assert said.strip() == "[]"
    assert (tmp_path / "observations.csv").exists()


def test_a_layout_that_has_no_writer_is_told_of_in_one_sentence():
    with pytest.raises(pytest.fail.Exception, match="^the source omop has no writer: add data/generator/layouts/omop.py"):
        writer("omop")
