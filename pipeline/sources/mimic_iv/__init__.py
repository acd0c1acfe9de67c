"""Source `mimic_iv`: the folder layout of MIMIC-IV, as .csv or .csv.gz, `hosp/` and `icu/` or all in one folder.

What each item, device, mode, drug and event of the charts means stands in mapping.csv beside this file; what becomes of
the rows stands in the SELECTs beside it. The large files are read once, in a stream, and only the rows that the mapping
asks for are kept.
"""

from pathlib import Path

import duckdb

from pipeline.sources.parts import anchors as anchors_
from pipeline.sources.parts import native
from pipeline.sources.parts.native import Native

LAYOUT = """The folder of MIMIC-IV, its tables as .csv or .csv.gz under hosp/ and icu/, or all in one folder.
  needed           patients, admissions, icustays, chartevents
  read if there    inputevents, procedureevents, emar with emar_detail, labevents
--anchors FILE (.csv or .parquet) names the patients of the cohort and when they were infused: subject_id or stay_id, and
infusion_time; stay_id alone takes the start of that stay. With no anchors the start of each patient's first ICU stay
stands in, which every output says.
Death is that of the admission (a date of death alone has no clock and is not used); follow-up ends with the last
admission that begins within onset_window_d days of the infusion. What each item, device, mode, drug and event is taken
for stands in pipeline/sources/mimic_iv/mapping.csv. Where a cuff and an arterial line give a pressure in one minute,
choice blood_pressure_first says which counts. Orders (prescriptions) are not read: only what was given is.
All ages over 89 are given as 90, for 90 or older."""

HERE = Path(__file__).parent
HOSPITAL = ("patients", "admissions", "emar", "emar_detail", "labevents")

OF_THE_COHORT = "subject_id IN (SELECT subject_id FROM anchors)"
ITEMS = "itemid IN (SELECT item FROM mapping WHERE file = '{}')"

LOOKED_UP = (
    Native("patients", 1, "subjects", ("subject_id", "gender", "anchor_age", "anchor_year")),
    Native(
        "admissions", 2, "looked_up", ("subject_id",),
        moments={"admission": "admittime", "discharge": "dischtime", "death": "deathtime"},
    ),
    Native("icustays", 3, "looked_up", ("subject_id", "stay_id"), moments={"start": "intime"}),
)  # fmt: skip
CHARTED = (
    Native(
        "chartevents", 4, "observations", ("subject_id", "itemid", "value", "valuenum"),
        moments={"start": "charttime"}, asked=f"{ITEMS.format('chartevents')} AND {OF_THE_COHORT}",
    ),
    Native(
        "inputevents", 5, "observations",
        ("subject_id", "itemid", "amount", "amountuom", "rate", "rateuom", "ordercategoryname", "statusdescription"),
        also=("cancelreason",), moments={"start": "starttime", "end": "endtime"},
        asked=f"({ITEMS.format('inputevents')} OR lower(trim(ordercategoryname)) IN "
        f"(SELECT word FROM mapping WHERE role = 'bolus')) AND {OF_THE_COHORT}",
    ),
    Native(
        "procedureevents", 6, "observations", ("subject_id", "itemid"), also=("statusdescription",),
        moments={"start": "starttime", "end": "endtime"}, asked=f"{ITEMS.format('procedureevents')} AND {OF_THE_COHORT}",
    ),
    Native(
        "emar", 7, "observations", ("subject_id", "emar_id", "medication", "event_txt"), moments={"start": "charttime"},
        asked="regexp_matches(lower(medication), (SELECT string_agg(word, '|' ORDER BY word) FROM mapping "
        f"WHERE file = 'emar' AND role = 'ingredient')) AND {OF_THE_COHORT}",
    ),
    Native(
        "emar_detail", 8, "looked_up", ("emar_id", "dose_given", "dose_given_unit"),
        asked="emar_id IN (SELECT emar_id FROM native_emar) AND dose_given IS NOT NULL",
    ),
    Native(
        "labevents", 9, "observations", ("subject_id", "itemid", "value", "valuenum", "valueuom"),
        moments={"start": "charttime"}, asked=f"{ITEMS.format('labevents')} AND {OF_THE_COHORT}",
    ),
)  # fmt: skip
STEPS = ("measurements", "oxygen", "infusions", "doses", "native_observations")


def _places(folder: Path, name: str) -> tuple[Path, ...]:
    return folder / ("hosp" if name in HOSPITAL else "icu"), folder


TABLES = native.Layout(
    "MIMIC-IV", _places, "{}", (".csv.gz", ".csv"), required=("patients", "admissions", "icustays", "chartevents")
)


def read(connection: duckdb.DuckDBPyConnection, folder: Path, anchors: Path | None = None) -> list[str]:
    """Read the folder into the schema `sources`. Returns notices. Raises SourceError in one sentence."""
    native.load_mapping(connection, HERE / "mapping.csv")
    looked_up, _ = native.read(connection, TABLES, LOOKED_UP, folder)
    anchors_.read(connection, anchors, "(SELECT *, TRUE AS is_icu FROM native_icustays)", "native_patients")
    charted, notices = native.read(connection, TABLES, CHARTED, folder)
    native.publish(connection, HERE, STEPS, [*looked_up, *charted])
    return notices
