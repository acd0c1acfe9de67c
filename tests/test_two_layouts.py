"""The same hundred people in two layouts, MIMIC-IV and CLIF: what one chart lacks is named, class by class; the rest is equal.

Every charting that only one of the two gives falls into one class, and the classes are counted. Without the rows of the
classes both charts grade the same, minute by minute; taken away one by one, the classes tell whose grades each moves.
"""

from dataclasses import dataclass

import duckdb
import pandas as pd
import pytest
from hospital_data import CLIF, MIMIC, graded, needs_clif, needs_mimic

import pipeline

pytestmark = [needs_mimic, needs_clif]


@dataclass(frozen=True)
class Class:
    """Chartings that one layout has and the other lacks, and why.

    which -- SQL over `odd`
    mimic, clif -- how many rows of each they are
    moved -- how many subjects have another grade or ceiling in some minute when they are taken away
    """

    why: str
    which: str
    mimic: int = 0
    clif: int = 0
    moved: int = 0


CLASSES = {
    "doses of the wards": Class(
        "emar is no table of CLIF's source",
        "source_file = 'emar.csv.gz'",
        mimic=1246,
        moved=4,
    ),
    "fluid boluses": Class(
        "the source clif reads no fluids",
        "concept = 'fluid_bolus'",
        mimic=314,
    ),
    "ketorolac": Class(
        "not among the medications of the CLIF file",
        "concept = 'other_antipyretic' AND source_file LIKE 'input%'",
        mimic=13,
    ),
    "stops": Class(
        "the stop of an infusion is a row of its own, with rate 0",
        "source_file LIKE '%continuous%' AND value = 0",
        clif=466,
    ),
    "acetaminophen as a rate": Class(
        "the amount given in the one, a rate with a stop in the other",
        "concept = 'acetaminophen' AND (source_file LIKE 'input%' OR source_file LIKE '%continuous%')",
        mimic=11,
        clif=11,
    ),
    "ventilation as a procedure": Class(
        "CLIF has devices and no procedures",
        "source_file LIKE 'procedure%'",
        mimic=136,
        moved=37,
    ),
    "blood temperature": Class(
        "item 226329 (CCO) is not in the CLIF file",
        "item = '226329'",
        mimic=95,
        moved=2,
    ),
    "rounded and dropped temperatures": Class(
        "CLIF rounds to tenths of a degree (100.34 degF, 37.97 degC, is a fever of 38.0 there) and drops one of two in a minute",
        "concept = 'temperature'",
        mimic=4,
        clif=1,
        moved=1,
    ),
    "second flow": Class(
        "CLIF has one flow of a minute, the additional cannula's is lost",
        "item = '227287'",
        mimic=90,
        moved=4,
    ),
    "BiPAP": Class(
        "the flow of item 227582 is not in the CLIF file, the modes of item 227577 are not in the MIMIC-IV extract",
        "concept = 'bipap'",
        mimic=10,
        clif=14,
        moved=2,
    ),
    "flow of the minute": Class(
        "CLIF takes the flow of the minute from another item",
        "has_concept_there",
        mimic=2,
        clif=3,
        moved=1,
    ),
    "wiped device": Class(
        "the text of a device is lost in CLIF, so a flow beside it takes the device before",
        "is_flow",
        mimic=4,
        clif=6,
        moved=2,
    ),
    "weights": Class(
        "items that the MIMIC-IV extract does not hold",
        "concept = 'weight'",
        clif=675,
    ),
}
"""In this order: a row belongs to the first class that it fits."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Both runs side by side, with the same time zero; `odd` holds the chartings that only one of the two has."""
    folder = tmp_path_factory.mktemp("layouts")
    connection = duckdb.connect()
    stays = f"read_csv('{MIMIC}/icustays.csv.gz', all_varchar = TRUE)"
    first = f"SELECT subject_id AS patient_id, replace(min(intime), ' ', 'T') AS infusion_time FROM {stays} GROUP BY ALL"
    connection.execute(f"COPY (SELECT patient_id AS subject_id, infusion_time FROM ({first})) TO '{folder}/mimic.csv'")
    # CLIF's clock is UTC with a fixed offset, all year.
    connection.execute(
        f"COPY (SELECT patient_id, infusion_time || '-05:00' AS infusion_time FROM ({first})) TO '{folder}/clif.csv'"
    )
    for name, source, data in (("mimic", "mimic_iv", MIMIC), ("clif", "clif", CLIF)):
        graded(source, data, folder / name, anchors=folder / f"{name}.csv", absolute_dates=True).close()
        connection.execute(f"ATTACH '{folder / name / 'cohort.duckdb'}' AS {name} (READ_ONLY)")
    connection.execute(ROWS.format(data=MIMIC))
    connection.execute(f"CREATE TABLE classed AS SELECT *, {_first_class()} AS class FROM odd")
    return connection


ROWS = """
CREATE TABLE items AS
    SELECT row_number() OVER () AS source_row, itemid AS item FROM read_csv('{data}/chartevents.csv.gz', all_varchar = TRUE);
CREATE TABLE charted AS
    SELECT 'mimic' AS layout, o.*, i.item
    FROM mimic.staging.observations AS o
    LEFT JOIN items AS i ON o.source_file = 'chartevents.csv.gz' AND i.source_row = o.source_row
    UNION ALL
    SELECT 'clif', o.*, NULL FROM clif.staging.observations AS o;
-- The same charting in the other layout: CLIF rounds a temperature to tenths and holds a rate in four bytes.
CREATE TABLE odd AS
    SELECT a.*,
        EXISTS (FROM charted AS b WHERE b.layout <> a.layout AND b.subject_id = a.subject_id AND b.concept = a.concept
                AND b.start_minute = a.start_minute) AS has_concept_there,
        a.item IS NOT DISTINCT FROM '223834' OR a.unit = 'L/min' AS is_flow
    FROM charted AS a
    WHERE NOT EXISTS (
        FROM charted AS b
        WHERE b.layout <> a.layout AND b.subject_id = a.subject_id AND b.concept = a.concept AND b.start_minute = a.start_minute
          AND (b.end_minute IS NOT DISTINCT FROM a.end_minute OR a.concept = 'acetaminophen')
          AND (a.concept <> 'temperature' OR (a.value >= 38.0) = (b.value >= 38.0))
          AND (a.value IS NULL AND b.value IS NULL OR abs(a.value - b.value) <= 0.0015 * abs(a.value))
    );
"""


def _first_class() -> str:
    return "CASE " + " ".join(f"WHEN {one.which} THEN '{name}'" for name, one in CLASSES.items()) + " END"


def test_the_two_layouts_agree_on_who_these_people_are(both: duckdb.DuckDBPyConnection) -> None:
    differing = both.execute(
        "SELECT count(*) FROM mimic.staging.subjects AS m FULL JOIN clif.staging.subjects AS c USING (subject_id) "
        "WHERE (m.age_years, m.cut_minute, m.infusion_minute_of_day) "
        "IS DISTINCT FROM (c.age_years, c.cut_minute, c.infusion_minute_of_day)"
    ).fetchone()
    assert differing == (0,)
    assert both.execute("SELECT count(*) FROM clif.staging.subjects").fetchone() == (100,)


def test_every_charting_that_one_layout_lacks_has_a_reason(both: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        (name, (mimic, clif))
        for name, mimic, clif in both.execute(
            "SELECT class, count(*) FILTER (layout = 'mimic'), count(*) FILTER (layout = 'clif') FROM classed GROUP BY class"
        ).fetchall()
    )
    assert found == {name: (one.mimic, one.clif) for name, one in CLASSES.items()}


def stretches(both: duckdb.DuckDBPyConnection, layout: str, without: str) -> pd.DataFrame:
    """The grades of a layout, ASTCT, with the rows of some classes taken away."""
    subjects = both.execute(
        "SELECT subject_id, infusion_clock AS infusion_time, age_years, death_minute / 60 AS death_hour, "
        f"followup_end_minute / 60 AS followup_end_hour FROM {layout}.staging.subjects "
        f"JOIN {layout}.staging.infusions USING (subject_id)"
    ).df()
    observations = both.execute(
        "SELECT subject_id, concept, start_minute / 60 AS start_hour, end_minute / 60 AS end_hour, value, unit "
        "FROM charted AS a WHERE layout = ? "
        "AND concept NOT IN ('heart_rate', 'respiratory_rate', 'diastolic_bp', 'mean_bp', 'spo2', 'fio2') "
        "AND NOT EXISTS (FROM classed AS o WHERE o.layout = a.layout AND o.source_file = a.source_file "
        f"AND o.source_row = a.source_row AND {without})",
        [layout],
    ).df()
    return pipeline.grade(subjects, observations, systems=["astct_2019"]).grades()


def test_what_both_layouts_hold_grades_the_same_to_the_minute(both: duckdb.DuckDBPyConnection) -> None:
    mimic, clif = (stretches(both, layout, "TRUE") for layout in ("mimic", "clif"))
    assert len(mimic) > 900
    pd.testing.assert_frame_equal(mimic, clif)


@pytest.fixture(scope="module")
def whole(both: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """The grades of each layout with nothing taken away."""
    return {layout: comparable(stretches(both, layout, "FALSE")) for layout in ("mimic", "clif")}


def comparable(grades: pd.DataFrame) -> pd.DataFrame:
    return grades.assign(because=grades["because"].map(str))


@pytest.mark.parametrize("name", CLASSES)
def test_whose_grades_a_class_of_rows_moves(both: duckdb.DuckDBPyConnection, whole: dict[str, pd.DataFrame], name: str) -> None:
    moved = set()
    for layout, rows in (("mimic", CLASSES[name].mimic), ("clif", CLASSES[name].clif)):
        if rows:
            less = comparable(stretches(both, layout, f"o.class = '{name}'"))
            compared = whole[layout].merge(less, how="outer", indicator=True)
            moved |= set(compared.loc[compared["_merge"] != "both", "subject_id"])
    assert len(moved) == CLASSES[name].moved
