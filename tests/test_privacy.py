"""What keeps persons out of the results: the screen for identifiers, pseudonyms, and no date of the calendar unasked."""

import csv
import hashlib
import hmac
import io
import json
import re
import warnings
import zipfile
from base64 import b32encode
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from cohorts import OBSERVATIONS, SUBJECTS, one_sentence, run, said, written
from hospital_data import CLIF, DATA, MIMIC

import pipeline
from pipeline.database import connect
from pipeline.errors import SourceError
from pipeline.privacy import patterns, pseudonyms, veil

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
ISO_DATE = re.compile(r"\b[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
EVERY = patterns.patterns()


def name_of(parameter) -> str:
    return getattr(parameter, "id", parameter)


# ---- the patterns


@pytest.fixture(scope="module")
def found():
    """Does a text match a pattern?"""
    connection = connect()
    return lambda one, text: connection.execute(f"SELECT {one.matches('$1')}", [text]).fetchone()[0]


@pytest.mark.parametrize(("one", "text"), [(one, text) for one in EVERY for text in one.finds], ids=name_of)
def test_a_pattern_finds_its_examples(one, text, found):
    assert found(one, text)


@pytest.mark.parametrize(("one", "text"), [(one, text) for one in EVERY for text in one.passes], ids=name_of)
def test_a_pattern_passes_what_only_resembles_one(one, text, found):
    assert not found(one, text)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.id)
def test_a_pattern_says_why_and_where_and_has_examples_of_both_kinds(one):
    assert len(one.reason) > 40 and len(one.finds) > 1 and len(one.passes) > 2
    assert one.within and set(one.within) <= set(patterns.KINDS)


def test_what_may_stand_in_a_cohort_is_looked_for_by_no_pattern(found):
    """The examples that a pattern of another kind must pass are passed by all: the ids of studies and hospitals."""
    for text in ("10002428", "S-0003", "MT-01-004", "CG-1007", "101-001-0001", "7", "A", "0007", "subject-12", "BMT_2031_004"):
        assert [one.id for one in EVERY if "id" in one.within and found(one, text)] == []


@pytest.mark.parametrize(("kind", "ages"), [("finds", True), ("passes", False)])
def test_an_age_over_that_of_the_oldest_group_is_found(kind, ages, tmp_path):
    for number, age in enumerate(patterns.age()[kind]):
        cohort = written(tmp_path / str(number), f"subject_id,age_years\nA,{age}\n", "subject_id,concept,start_hour,value\n")
        code = run(cohort, tmp_path / f"out{number}").code
        assert (age, code) == (age, 3 if ages else 0)


def test_the_hospital_layouts_write_the_oldest_as_the_one_age_that_passes():
    top = patterns.age()["top_code"]
    assert top == 90
    for source in ("mimic_iv", "clif"):
        sql = (ROOT / "pipeline" / "sources" / source / "native_subjects.sql").read_text(encoding="utf-8")
        assert re.search(rf"> {top} THEN {top} ELSE", sql)


# ---- a planted identifier stops the run

WHERE = {
    "subjects": {"id": ["subject_id"], "text": ["site", "arm", "product", "sex", "death_cause"], "unread": ["note"]},
    "observations": {"id": ["subject_id"], "text": ["concept", "unit", "indication", "value"], "unread": ["comment"]},
    "recorded_grades": {"id": ["subject_id"], "recorder": ["recorder"], "text": ["system", "grade"], "unread": ["remark"]},
}
PLACES = [(table, kind, column) for table, kinds in WHERE.items() for kind, columns in kinds.items() for column in columns]
CLEAN = {
    "subjects": {"subject_id": "A", "infusion_time": "2031-05-04T10:00", "age_years": "61", "site": "Alder", "note": "ok"},
    "observations": {"subject_id": "A", "concept": "temperature", "start_hour": "2", "value": "38.5", "unit": "degC"},
    "recorded_grades": {"subject_id": "A", "system": "astct_2019", "grade": "1", "start_hour": "2", "recorder": "Study Nurse"},
}


def table_of(rows: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def planted(folder: Path, *faults: tuple[str, str, str], extra: int = 1) -> Path:
    """A clean cohort in which (table, column, text) stand in the second row of a table, and in `extra` rows in all."""
    rows = {name: [dict(row)] for name, row in CLEAN.items()}
    for table, column, text in faults:
        rows[table] += [{**CLEAN[table], **({"subject_id": "B"} if table == "subjects" else {}), column: text}] * extra
    return written(folder, **{name: table_of(held) for name, held in rows.items()})


def test_the_clean_cohort_passes(tmp_path):
    assert "notice" not in run(planted(tmp_path), tmp_path / "out").done().out.replace("notice: subjects.csv: columns", "")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["privacy"] == {
        "allow_identifiers": False,
        "pseudonyms_key": None,
        "absolute_dates": False,
    }


def place_of(one: patterns.Pattern, kind: str) -> tuple[str, str]:
    """Where an identifier is planted: another column for each pattern, so that together they meet all columns."""
    places = [(table, column) for table, its_kind, column in PLACES if its_kind == kind]
    return places[EVERY.index(one) % len(places)]


@pytest.mark.parametrize(("one", "kind"), [(one, kind) for one in EVERY for kind in one.within], ids=name_of)
def test_an_identifier_of_each_kind_stops_the_run_and_is_not_repeated(one, kind, tmp_path):
    table, column = place_of(one, kind)
    text = one.finds[0]
    sentence = run(planted(tmp_path, (table, column, text)), tmp_path / "out").sentence(3)
    assert sentence.startswith(f"{table}.csv, row 2, column {column}: this looks like {one.looks_like};"), sentence
    assert sentence.endswith("or go on knowingly with --allow-identifiers.") and text not in sentence
    assert not (tmp_path / "out" / "cohort.duckdb").exists() and not (tmp_path / "out" / ".building").exists()


@pytest.mark.parametrize(("table", "kind", "column"), PLACES)
def test_every_column_is_looked_at(table, kind, column, tmp_path):
    sentence = run(planted(tmp_path, (table, column, "j.doe@example.org")), tmp_path / "out").sentence(3)
    assert sentence.startswith(f"{table}.csv, row 2, column {column}: this looks like an e-mail address;")
    assert ("--pseudonyms KEYFILE" in sentence) == (kind in ("id", "recorder"))


def test_the_first_is_told_and_the_others_are_counted(tmp_path):
    faults = [("observations", "value", "j.doe@example.org"), ("recorded_grades", "recorder", "Jane Doe")]
    sentence = run(planted(tmp_path, *faults, extra=3), tmp_path / "out").sentence(3)
    assert sentence == (
        "observations.csv, row 2, column value: this looks like an e-mail address (and 5 more cells like direct identifiers); "
        "remove or replace it, or go on knowingly with --allow-identifiers."
    )


NAMES = ["MRN", "First Name", "last_name", "dob", "Date-of-Birth", "e-mail", "Phone", "ZIP", "ssn", "name"]


@pytest.mark.parametrize("name", NAMES)
def test_a_column_with_the_name_of_an_identifier_stops_the_run(name, tmp_path):
    sentence = run(planted(tmp_path, ("subjects", name, "x1")), tmp_path / "out").sentence(3)
    assert sentence == (
        f"subjects.csv, row 2, column {name.lower()}: this looks like {patterns.named_column(name)}; "
        "remove the column, or go on knowingly with --allow-identifiers."
    )


def test_an_empty_column_identifies_nobody_and_product_name_is_no_name(tmp_path):
    run(planted(tmp_path, ("subjects", "mrn", ""), ("observations", "product_name", "INV-CAR19")), tmp_path / "out").done()


def test_an_age_over_89_is_told_with_its_remedy(tmp_path):
    sentence = run(planted(tmp_path, ("subjects", "age_years", "94")), tmp_path / "out").sentence(3)
    assert sentence == (
        "subjects.csv, row 2, column age_years: this looks like an age over 89; write 90 for every age over 89, "
        "which then stands for 90 or older, or go on knowingly with --allow-identifiers."
    )
    assert "94" not in sentence


def test_what_is_allowed_goes_on_with_a_notice_that_stands_in_the_manifest(tmp_path):
    cohort = planted(tmp_path, ("subjects", "arm", "Dr. Miller"), ("recorded_grades", "recorder", "Jane Doe"))
    notice = (
        "2 cells look like a direct identifier and went through by --allow-identifiers, "
        "the first subjects.csv, row 2, column arm (the name of a person)"
    )
    assert f"notice: {notice}\n" in run(cohort, tmp_path / "out", "--allow-identifiers").done().out
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert notice in manifest["notices"] and manifest["privacy"]["allow_identifiers"] is True


def test_frames_are_screened_as_files_are():
    subjects, observations = (pd.read_csv(io.StringIO(text)) for text in (SUBJECTS, OBSERVATIONS))
    named = subjects.assign(site="ask j.doe@example.org")
    with pytest.raises(SourceError) as caught:
        pipeline.grade(named, observations)
    assert one_sentence(str(caught.value)).startswith("subjects, row 1, column site: this looks like an e-mail address;")
    with pytest.warns(UserWarning, match="one cell looks like a direct identifier") as told:
        assert len(pipeline.grade(named, observations, systems=["astct_2019"], allow_identifiers=True).subjects()) == 1
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipeline.grade(subjects, observations, systems=["astct_2019"])


@pytest.mark.parametrize("source", ["tidy", "mimic_iv", "clif"])
def test_the_sample_cohort_passes_in_every_layout(source, tmp_path):
    anchors = [] if source == "tidy" else ["--anchors", SAMPLE / source / "anchors.csv"]
    words = [*anchors, "--out", tmp_path / "out", "--no-report", "--systems", "astct_2019"]
    done = said("run", source, SAMPLE / source, *words).done()
    assert "notice" not in done.out and "screened for direct identifiers" in done.out


TIMES = re.compile("date|time|dttm|^dod$|visit_.*source_value", re.IGNORECASE)
"""Columns of times; and the OMOP demo's source values of visits, which hold a date, as they should not."""


@pytest.mark.parametrize("folder", [MIMIC, CLIF, DATA / "omop_demo"], ids=lambda folder: folder.name)
def test_no_text_of_real_charts_looks_like_an_identifier(folder):
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/data/{folder.name}, which is not here")
    connection, texts, wrong = connect(), 0, []
    for path in sorted(one for one in folder.iterdir() if one.name.endswith((".csv.gz", ".parquet"))):
        read = f"read_csv('{path}', all_varchar = TRUE)" if path.name.endswith(".csv.gz") else f"'{path}'"
        for column, *_ in connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall():
            if TIMES.search(column):
                continue
            kind = "id" if column in ("subject_id", "patient_id", "person_id") else "text"
            found = connection.execute(
                f"SELECT text, {patterns.looks_like(kind, 'text')} FROM "
                f"(SELECT DISTINCT \"{column}\"::VARCHAR AS text FROM {read}) WHERE text IS NOT NULL"
            ).fetchall()
            texts += len(found)
            wrong += [(path.name, column, text, told) for text, told in found if told]
    assert wrong == [] and texts > 1000


# ---- pseudonyms


@pytest.fixture(scope="module")
def veiled(tmp_path_factory):
    """The sample under pseudonyms, with an id among the words of a text and one of nobody: the folder and the key."""
    folder = tmp_path_factory.mktemp("veiled")
    cohort = folder / "cohort"
    cohort.mkdir()
    for name in ("subjects", "recorded_grades"):
        (cohort / f"{name}.csv").write_bytes((SAMPLE / "tidy" / f"{name}.csv").read_bytes())
    slips = (
        "CG-1007,heart_rate,2031-05-04T10:00,,as in cg-1001,1/min,\n"
        "CG-1007,given to CG-1002,2031-05-04T10:00,,1,mg,see CG-1003\n"
    )
    (cohort / "observations.csv").write_text((SAMPLE / "tidy" / "observations.csv").read_text() + slips)
    key = folder / "key"
    done = said("run", "tidy", cohort, "--out", folder / "out", "--pseudonyms", key).done()
    assert f"notice: a new key was written to {key}: keep it, and keep it apart from the results\n" in done.out
    return folder / "out", key


def real_ids() -> list[str]:
    with (SAMPLE / "tidy" / "observations.csv").open(encoding="utf-8") as file:
        return sorted({row["subject_id"] for row in csv.DictReader(file)})


def texts_of(database: Path) -> str:
    """Every text in every table and view of a database, its comments and its SQL."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() "
            "WHERE NOT internal AND data_type IN ('VARCHAR', 'VARCHAR[]') GROUP BY ALL"
        ).fetchall()
        parts = [str(connection.execute("SELECT list(sql ORDER BY sql) FROM duckdb_views() WHERE NOT internal").fetchone())]
        for table, columns in tables:
            for column in columns:
                parts.append(str(connection.execute(f'SELECT list(DISTINCT "{column}") FROM {table}').fetchone()))
    return "\n".join(parts)


def test_no_id_of_the_input_is_left_in_any_file_or_table(veiled):
    out, _ = veiled
    ids = [*real_ids(), "cg-1001"]
    assert len(ids) == 62
    held = {str(path): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert len(held) > 20
    assert [(path, one) for path, data in held.items() for one in ids if one.encode() in data] == []
    unpacked = texts_of(out / "cohort.duckdb")
    for path in (out / "tables").glob("*.parquet"):
        unpacked += pd.read_parquet(path).to_csv()
    with zipfile.ZipFile(out / "tables.docx") as document:
        unpacked += document.read("word/document.xml").decode()
    assert "P-" in unpacked and [one for one in ids if one in unpacked] == []
    names = ("study nurse", "research coordinator")
    assert [name for name in names if name in unpacked or any(name.encode() in data for data in held.values())] == []


def test_an_id_among_the_words_of_a_text_is_replaced_and_the_row_still_leads_back(veiled):
    out, key = veiled
    other = {one: pseudonyms.pseudonym(bytes.fromhex(key.read_text()), one, "P-") for one in real_ids()}
    with duckdb.connect(str(out / "cohort.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT source_row, subject_id, concept, value FROM staging.refusals WHERE source_row > 21399 ORDER BY 1"
        ).fetchall()
    assert rows == [
        (21400, other["CG-1007"], "heart_rate", f"as in {other['CG-1001']}"),
        (21401, other["CG-1007"], f"given to {other['CG-1002']}", "1"),
    ]


def test_a_pseudonym_is_what_the_key_makes_of_the_id_and_nothing_else():
    key = bytes(range(32))
    code = hmac.new(key, b"P-CG-1007", hashlib.sha256).digest()
    assert pseudonyms.pseudonym(key, "CG-1007", "P-") == "P-" + b32encode(code)[:10].decode() == "P-YUUV4TX4LY"
    assert re.fullmatch(r"R-[A-Z2-7]{10}", pseudonyms.pseudonym(key, "CG-1007", "R-"))
    assert pseudonyms.pseudonym(key, "CG-1007", "R-")[2:] != "YUUV4TX4LY"
    assert pseudonyms.pseudonym(bytes(32), "CG-1007", "P-") != "P-YUUV4TX4LY"


def test_one_key_gives_one_pseudonym_in_every_run_and_source(veiled, tmp_path):
    out, key = veiled
    anchors = SAMPLE / "clif" / "anchors.csv"
    words = ["--out", tmp_path / "clif", "--pseudonyms", key, "--no-report", "--systems", "astct_2019"]
    done = said("run", "clif", SAMPLE / "clif", "--anchors", anchors, *words).done()
    assert "notice" not in done.out
    ids, keys = [], []
    for folder in (out, tmp_path / "clif"):
        ids.append(set(pd.read_parquet(folder / "tables" / "subjects.parquet")["subject_id"]))
        keys.append(json.loads((folder / "manifest.json").read_text())["privacy"]["pseudonyms_key"])
    assert ids[0] == ids[1] and len(ids[0]) == 60
    assert keys[0] == keys[1] and re.fullmatch("[0-9a-f]{16}", keys[0]) and keys[0] not in key.read_text()


def test_the_grades_under_pseudonyms_are_those_of_the_ids(veiled, sample_build):
    out, key = veiled
    secret = bytes.fromhex(key.read_text())
    named = pd.read_parquet(sample_build / "tables" / "subjects.parquet")
    named["subject_id"] = [pseudonyms.pseudonym(secret, one, "P-") for one in named["subject_id"]]
    order = ["system", "subject_id"]
    given = pd.read_parquet(out / "tables" / "subjects.parquet").sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(given, named.sort_values(order, ignore_index=True))


def test_a_grade_is_explained_by_the_pseudonym_and_not_by_the_id(veiled):
    out, key = veiled
    one = pseudonyms.pseudonym(bytes.fromhex(key.read_text()), "CG-1007", "P-")
    text = said("explain", one, "--out", out, "--system", "astct_2019").done().out
    assert text.startswith(f"{one}  day 2 22:40-day 3 12:40") and "observations.csv row 2310" in text
    assert "CG-1007" in said("explain", "CG-1007", "--out", out).sentence(2)


def test_what_is_replaced_by_a_pseudonym_is_not_screened_and_all_else_is(tmp_path):
    faults = [("subjects", "subject_id", "Jane Doe"), ("recorded_grades", "recorder", "Dr. Miller")]
    run(planted(tmp_path / "a", *faults), tmp_path / "out", "--pseudonyms", tmp_path / "key").done()
    sentence = run(planted(tmp_path / "b", *faults, ("subjects", "arm", "ask j.doe@example.org")), tmp_path / "out",
                   "--pseudonyms", tmp_path / "key").sentence(3)  # fmt: skip
    assert "subjects.csv, row 3, column arm" in sentence


def test_a_new_key_is_32_random_bytes_that_only_its_owner_reads(tmp_path):
    for name in ("one", "two"):
        run(planted(tmp_path / name), tmp_path / "out", "--pseudonyms", tmp_path / f"{name}.key").done()
    one, two = tmp_path / "one.key", tmp_path / "two.key"
    assert len(bytes.fromhex(one.read_text())) == 32 and one.read_text() != two.read_text()
    assert one.stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_told_of(tmp_path):
    key = tmp_path / "key"
    key.write_text("0f" * 32)
    key.chmod(0o644)
    assert "key can be read by others: chmod 600" in run(planted(tmp_path), tmp_path / "out", "--pseudonyms", key).done().out


@pytest.mark.parametrize("held", ["", "secret", "0f" * 31, "\u00e9" * 64], ids=["empty", "a word", "too short", "not ASCII"])
def test_a_file_that_is_no_key_is_refused_and_left_as_it_is(held, tmp_path):
    key = tmp_path / "key"
    key.write_text(held, encoding="utf-8")
    sentence = run(planted(tmp_path), tmp_path / "out", "--pseudonyms", key).sentence(2)
    assert "this is no key of at least 64 hexadecimal digits" in sentence
    assert key.read_text(encoding="utf-8") == held


def test_a_key_may_not_lie_among_the_results(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "out")
    cohort = planted(tmp_path)
    for key in (tmp_path / "out" / "key", tmp_path / "link" / "deep" / "key", tmp_path / "other" / ".." / "out" / "key"):
        sentence = run(cohort, tmp_path / "out", "--pseudonyms", key).sentence(2)
        assert "the key lies in the folder of the results; keep it apart from them" in sentence
    assert not (tmp_path / "out").exists()


def test_a_key_in_a_folder_that_is_not_there_cannot_be_used(tmp_path):
    sentence = run(planted(tmp_path), tmp_path / "out", "--pseudonyms", tmp_path / "nowhere" / "key").sentence(2)
    assert "the key file cannot be used (No such file or directory); check the path" in sentence


def test_two_ids_with_one_pseudonym_end_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(pseudonyms, "LENGTH", 0)
    cohort = planted(tmp_path, ("subjects", "site", "Birch"))
    sentence = run(cohort, tmp_path / "out", "--pseudonyms", tmp_path / "key").sentence(2)
    assert "two ids of this cohort get one pseudonym" in sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as in S-0003", "as in P-X"),
        ("s-0003, S-0003", "P-X, P-X"),
        ("S-00031 and XS-0003", "S-00031 and XS-0003"),
        ("100045 units", "P-Y units"),
        ("\u0130S-0003 \u0130 S-0003", "\u0130S-0003 \u0130 P-X"),
        ("", ""),
    ],
)
def test_an_id_is_found_as_a_word_of_its_own(text, shown):
    assert veil.with_pseudonyms(text, {"s-0003": "P-X", "100045": "P-Y"}) == shown


# ---- dates


def dates_of(text: str) -> list[str]:
    return sorted(set(ISO_DATE.findall(text)))


@pytest.fixture(scope="module")
def input_dates() -> set[str]:
    """The dates of the sample's input: of every patient over weeks, and so nearly every day of three years."""
    return {date for path in (SAMPLE / "tidy").glob("*.csv") for date in dates_of(path.read_text(encoding="utf-8"))}


def test_no_file_of_a_run_holds_a_date_of_its_input(sample_build, input_dates):
    assert len(input_dates) > 500
    files = [path for path in sample_build.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        data = path.read_bytes().decode("latin-1")
        held = {date for date in input_dates if date in data}
        assert (path.name, held) == (path.name, set())


def test_no_table_holds_a_date_at_all(sample_build):
    with duckdb.connect(str(sample_build / "cohort.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert len(columns) > 500
    assert [one for one in columns if re.search("DATE|TIME", one[2]) or re.search(r"_us$|clock|offset|epoch", one[1])] == []
    assert dates_of(texts_of(sample_build / "cohort.duckdb")) == []
    for path in (sample_build / "tables").glob("*.parquet"):
        frame = pd.read_parquet(path)
        assert dates_of(frame.to_csv()) == [] and not any(kind.kind == "M" for kind in frame.dtypes if hasattr(kind, "kind"))


def test_no_text_of_a_run_holds_a_date_at_all(sample_build):
    for path in [*(sample_build / "tables").glob("*.csv"), sample_build / "manifest.json"]:
        assert (path.name, dates_of(path.read_text(encoding="utf-8"))) == (path.name, [])
    for subject in ("CG-1006", "CG-1007", "CG-1059"):
        assert dates_of(said("explain", subject, "--out", sample_build).done().out) == []


def test_the_infusion_times_are_kept_where_they_are_asked_for(tmp_path):
    run(planted(tmp_path), tmp_path / "out", "--absolute-dates").done()
    with duckdb.connect(str(tmp_path / "out" / "cohort.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT subject_id, infusion_clock::VARCHAR, infusion_offset FROM staging.infusions").fetchall()
        comment = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'infusions'").fetchone()
        views = connection.execute("SELECT count(*) FROM duckdb_views() WHERE schema_name = 'sources'").fetchone()
    assert rows == [("A", "2031-05-04 10:00:00", None)] and views == (0,)
    assert comment[0].startswith("One row per subject: when the infusion began by the calendar.")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["privacy"]["absolute_dates"] is True


def test_the_results_are_the_same_with_dates_and_without(tmp_path):
    for name, words in (("without", []), ("with", ["--absolute-dates"])):
        run(planted(tmp_path / name), tmp_path / name / "out", *words).done()
    one, other = (json.loads((tmp_path / name / "out" / "manifest.json").read_text()) for name in ("with", "without"))
    assert one["digest"] == other["digest"]


DATED = [("observations", "value", "seen 1961-03-04 1962-04-05, ok"), ("subjects", "arm", "A 4 May 2031")]


def test_a_date_within_a_text_that_is_allowed_is_left_out_all_the_same(tmp_path):
    done = run(planted(tmp_path, *DATED), tmp_path / "out", "--allow-identifiers").done()
    notice = "2 different texts hold a date, which is left out of every table (--absolute-dates keeps it)"
    assert f"notice: {notice}\n" in done.out
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["notices"] == [
        "subjects.csv: columns not known and not read: note", notice
    ]  # fmt: skip
    with duckdb.connect(str(tmp_path / "out" / "cohort.duckdb"), read_only=True) as connection:
        (value,) = connection.execute("SELECT value FROM staging.refusals").fetchone()
        arms = connection.execute("SELECT arm FROM staging.subjects WHERE subject_id = 'B'").fetchone()
    assert value == "seen [date left out] [date left out] ok" and arms == ("A [date left out]",)
    data = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"1961-03-04" not in data and b"1962-04-05" not in data and b"4 May 2031" not in data


def test_a_date_within_a_text_is_kept_where_dates_are_asked_for_and_it_is_allowed(tmp_path):
    words = ["--allow-identifiers", "--absolute-dates"]
    assert "2 cells look like a direct identifier" in run(planted(tmp_path, *DATED), tmp_path / "out", *words).done().out
    assert "seen 1961-03-04 1962-04-05, ok" in (tmp_path / "out" / "tables" / "refusals.csv").read_text()


def test_a_time_that_cannot_be_read_is_refused_and_not_quoted(tmp_path):
    row = {**CLEAN["observations"], "start_hour": "", "start_time": "04.05.2031 12:00"}
    run(written(tmp_path, observations=table_of([row])), tmp_path / "out").done()
    text = (tmp_path / "out" / "tables" / "refusals.csv").read_text()
    assert "the start time cannot be read: write ISO 8601, such as YYYY-MM-DDThh:mm" in text and "2031" not in text
