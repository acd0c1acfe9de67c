"""Source `mimic_iv`: the folder layout of MIMIC-IV, as .csv or .csv.gz, `hosp/` and `icu/` or all in one folder.

What each item, device, mode, drug and event of the charts means stands in mapping.csv beside this file; what becomes of
the rows stands in the SELECTs beside it. The large files are read once, in a stream, and only the rows that the mapping
asks for are kept.
"""

from pathlib import Path

import duckdb

from pipeline.errors import SourceError
from pipeline.sources import tidy
from pipeline.sources.parts import anchors as anchors_
from pipeline.sources.parts import files, native, registry
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
choice blood_pressure_first says which counts. Orders (prescriptions) are not read: only what was given is."""

HERE = Path(__file__).parent
FOLDERS = {"patients": "hosp", "admissions": "hosp", "emar": "hosp", "emar_detail": "hosp", "labevents": "hosp"}
ENDINGS = (".csv", ".csv.gz")

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
STEPS = ("mimic_subjects", "measurements", "oxygen", "infusions", "doses", "mimic_observations")


def read(connection: duckdb.DuckDBPyConnection, folder: Path, anchors: Path | None = None) -> list[str]:
    """Read the folder into the schema `sources`. Returns notices. Raises SourceError in one sentence."""
    _check_folder(folder)
    native.load_mapping(connection, HERE / "mapping.csv")
    read_files = [native.keep(connection, one, _find(folder, one.name, required=True), folder) for one in LOOKED_UP]
    anchors_.read(connection, anchors, "native_icustays", "native_patients")
    notices = []
    for one in CHARTED:
        path = _find(folder, one.name, required=one.name == "chartevents")
        if path is None:
            native.keep_nothing(connection, one)
            notices.append(f"{one.name}: there is no such file in the folder, and nothing of it is read")
        else:
            read_files.append(native.keep(connection, one, path, folder))
    for step in STEPS:
        native.make(connection, HERE, step)
    registry.register(connection, _with_patients(connection, read_files))
    connection.execute("CREATE OR REPLACE VIEW sources.subjects AS SELECT * FROM mimic_subjects")
    connection.execute("CREATE OR REPLACE VIEW sources.observations AS SELECT * FROM mimic_observations")
    connection.execute(f"CREATE OR REPLACE VIEW sources.recorded_grades AS {tidy.recorded(files.NOTHING)}")
    return notices


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise SourceError(f"{folder}: {what}; give the folder that holds hosp/ and icu/ of MIMIC-IV.")


def _find(folder: Path, name: str, required: bool) -> Path | None:
    """The file of a table, in its own folder or in the one given. Raises SourceError where it is missing or there are two."""
    places = (folder / FOLDERS.get(name, "icu"), folder)
    found = [place / f"{name}{ending}" for place in places for ending in ENDINGS if (place / f"{name}{ending}").is_file()]
    if len(found) > 1:
        names = " and ".join(str(path.relative_to(folder)) for path in found)
        raise SourceError(f"{folder}: {names} are two files of one table; keep one of them.")
    if not found and required:
        raise SourceError(
            f"{folder}: there is no {name}.csv or {name}.csv.gz in it or in its {FOLDERS.get(name, 'icu')}/; "
            "give the folder of MIMIC-IV, see `cytograde sources`."
        )
    return found[0] if found else None


def _with_patients(connection: duckdb.DuckDBPyConnection, read_files: list[registry.File]) -> list[registry.File]:
    """The files, the patients outside the cohort counted as passed over."""
    patients, cohort = connection.execute(
        "SELECT (SELECT count(*) FROM native_patients), (SELECT count(*) FROM mimic_subjects)"
    ).fetchone()
    first, *others = read_files
    return [registry.File(first.number, first.name, first.role, first.passed_over + patients - cohort), *others]
