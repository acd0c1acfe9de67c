"""What the command line says of a wrong input: an exit code, and one sentence: place, rule, remedy."""

import csv
import gzip
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cohorts import OBSERVATIONS, SUBJECTS, Said, chartings, one_sentence, rows_of, run, said, staged, written

from pipeline import __main__ as command_line
from pipeline import build, outputs

HEADER, ROW = OBSERVATIONS.splitlines()
FEVER = "A,temperature,2,38.5,degC"


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """The folder of a finished run over one subject with a fever."""
    folder = tmp_path_factory.mktemp("finished")
    run(written(folder), folder / "out").done()
    return folder / "out"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(cohort: Path, out: Path) -> str:
    """The sentence of a run that the source ends; what stands in the folder of results stays as it was."""
    before = contents(out)
    sentence = run(cohort, out).sentence(3)
    assert contents(out) == before
    return sentence


def has(sentence: str, *words: str) -> None:
    for word in words:
        assert word in sentence


# ---- the folder and its files


def test_a_folder_that_is_not_there_is_named(finished, tmp_path):
    has(refused(tmp_path / "nowhere", finished), "nowhere: does not exist; give the folder")


def test_a_file_is_not_a_folder(finished, tmp_path):
    file = written(tmp_path) / "subjects.csv"
    has(refused(file, finished), "subjects.csv: is a file, not a folder; give the folder")


def test_a_folder_whose_name_is_too_long_cannot_be_read(finished, tmp_path):
    has(refused(tmp_path / ("n" * 300), finished), "(File name too long); check its name")


def test_a_folder_that_is_no_cohort_is_told_what_a_cohort_has(finished, tmp_path):
    sentence = refused(tmp_path, finished)
    has(
        sentence,
        "no subjects file",
        "subjects.csv, subjects.csv.gz, subjects.parquet",
        "see `cytograde sources`",
    )


@pytest.mark.parametrize("name", ["subjects", "observations"])
def test_a_file_that_is_missing_is_named(name, finished, tmp_path):
    cohort = written(tmp_path, **{name: None})
    has(refused(cohort, finished), f"there is no {name} file", "give the folder of a cohort")


def test_two_files_of_one_table_are_one_too_many(finished, tmp_path):
    cohort = written(tmp_path, **{"observations.csv.gz": gzip.compress(OBSERVATIONS.encode())})
    has(
        refused(cohort, finished),
        "observations.csv and observations.csv.gz are two files of one table; keep one",
    )


@pytest.mark.parametrize("name", ["subjects.csv", "observations.csv.gz", "observations.parquet"])
def test_an_empty_file_has_not_even_a_header(name, finished, tmp_path):
    cohort = written(tmp_path, **{name.split(".")[0]: None, name: b""})
    has(refused(cohort, finished), f"{name}: the file is empty; give at least its header line")


def test_a_gzip_of_nothing_is_an_empty_file(finished, tmp_path):
    cohort = written(tmp_path, subjects=None, **{"subjects.csv.gz": gzip.compress(b"")})
    has(refused(cohort, finished), "subjects.csv.gz: the file is empty; give at least its header line")


def test_a_cohort_without_a_subject_is_none(finished, tmp_path):
    cohort = written(tmp_path, subjects="subject_id,infusion_time\n")
    has(refused(cohort, finished), "subjects.csv: there is no subject in it; give one row per subject")


def test_no_observation_at_all_is_a_cohort_of_which_nothing_is_known(tmp_path):
    cohort = written(tmp_path, observations=HEADER)
    run(cohort, tmp_path / "out").done()
    with (tmp_path / "out" / "tables" / "subjects.csv").open(encoding="utf-8") as file:
        assert {row["status"] for row in csv.DictReader(file)} == {"not_evaluable"}
    assert staged(cohort).load()["observations.csv"] == (0, 0, 0, 0)


# ---- bytes


@pytest.mark.parametrize(
    ("held", "line"),
    [
        (f"{OBSERVATIONS}{ROW}\nA,temp\u00e9rature,,,\n".encode("latin-1"), 4),
        (OBSERVATIONS.encode() + b"A,temperature,2031-05-04T13:00,38.5,\xc2", 3),
        (OBSERVATIONS.encode() + b"A,\xe2\x82,2031-05-04T13:00,38.5,degC\n", 3),
        (OBSERVATIONS.encode("utf-16"), 1),
        (f"{HEADER}\n{ROW}\n".encode() + b"#" * (1 << 20) + b"\n\xff\n", 4),
    ],
    ids=["Latin-1", "cut in a letter", "half a letter", "UTF-16", "after a megabyte"],
)
def test_text_that_is_not_utf_8_is_named_by_its_line(held, line, finished, tmp_path):
    sentence = refused(written(tmp_path, observations=held), finished)
    has(sentence, f"observations.csv, line {line}: the text is not UTF-8; export the file as UTF-8")


GZIPPED = gzip.compress((SUBJECTS + "B,2031-05-04T10:00\n" * 200).encode())


@pytest.mark.parametrize(
    "held",
    [b"subject_id\nA\n", GZIPPED[:-6], GZIPPED[:20] + bytes(4) + GZIPPED[24:], GZIPPED[:-8] + bytes(8)],
    ids=["plain text", "cut short", "spoilt inside", "spoilt at the end"],
)
def test_a_gzip_that_is_none_or_not_whole_is_not_read_by_half(held, finished, tmp_path):
    sentence = refused(written(tmp_path, subjects=None, **{"subjects.csv.gz": held}), finished)
    has(sentence, "subjects.csv.gz: the file cannot be read", "check that it is whole")


def test_a_parquet_file_that_is_none_is_named(finished, tmp_path):
    cohort = written(tmp_path, subjects=None, **{"subjects.parquet": b"subject_id,infusion_time\n"})
    has(refused(cohort, finished), "subjects.parquet: the file cannot be read", "export it again")


def test_a_parquet_file_that_is_spoilt_inside_is_named_though_its_end_is_sound(finished, tmp_path):
    cohort = written(tmp_path, subjects=None)
    path = cohort / "subjects.parquet"
    pq.write_table(pa.table({"subject_id": [f"S{number}" for number in range(500)]}), path)
    path.write_bytes(path.read_bytes()[:4] + bytes(200) + path.read_bytes()[204:])
    has(refused(cohort, finished), "subjects.parquet: the file is damaged", "export it again")


# ---- the header and its columns


@pytest.mark.parametrize("column", ["subject_id", "concept", "value"])
def test_a_column_that_is_missing_is_named(column, finished, tmp_path):
    cohort = written(tmp_path, observations=OBSERVATIONS.replace(column, "other"))
    has(refused(cohort, finished), f"observations.csv: the column {column} is missing; add it", "other")


def test_a_time_can_be_missing_in_two_ways_and_one_will_do(finished, tmp_path):
    cohort = written(tmp_path, observations=OBSERVATIONS.replace("start_time", "when"))
    has(refused(cohort, finished), "the column start_time or start_hour is missing; add it")


HEADERS = {
    "blank first line": (f"\n{OBSERVATIONS}", "observations.csv, line 1: the line is blank; name the col"),
    "blank names": (" ,\t\nA,B\n", "observations.csv, line 1: the line is blank; name the columns"),
    "semicolons": (OBSERVATIONS.replace(",", ";"), "parted by semicolons; export the file with commas"),
    "tabs": (OBSERVATIONS.replace(",", "\t"), "parted by tabs; export the file with commas"),
    "a name twice": (OBSERVATIONS.replace("unit", "unit,UNIT "), "the column 'unit' stands twice in"),
    "an open quote": (OBSERVATIONS.replace("unit", 'unit,"note'), "line 1: the header has a quote that is"),
}  # fmt: skip


@pytest.mark.parametrize(("held", "words"), HEADERS.values(), ids=HEADERS)
def test_a_header_that_names_no_columns_is_told_what_is_wrong(held, words, finished, tmp_path):
    has(refused(written(tmp_path, observations=held), finished), words)


def test_a_name_twice_in_parquet_is_found_before_it_is_renamed(finished, tmp_path):
    table = pa.table(
        {"subject_id": ["A"], "concept": ["x"], "Concept": ["y"], "start_hour": [1], "value": [1]}
    )
    cohort = written(tmp_path, observations=table)
    has(refused(cohort, finished), "observations.parquet: the column 'concept' stands twice")


# ---- the rows of a CSV file

RAGGED = {
    "one column too few": (f"{ROW}\n{ROW[:-5]}\n", "line 3: the row has 4 columns where the header has 5"),
    "one column too many": (f"{ROW},x\n", "line 2: the row has 6 columns where the header has 5"),
    "a decimal comma": (
        f"{ROW.replace('38.5', '38,5')}\n",
        "line 2: the row has 6 columns where the header has 5",
    ),
    "an open quote": (f'{ROW}\nA,"temperature,1,2,3\n{ROW}\n', "line 3: a quote is not closed; close it"),
    "text after a quote": (f'A,"temperature"!,1,2,3\n{ROW}\n', "line 2: a quote is not closed; close it"),
    "a row of two megabytes": (
        f'A,"{"x" * 2_100_000}",1,2,3\n',
        "line 2: the row is longer than 2,000,000 bytes",
    ),
    "two kinds of line end": (f"{ROW}\r\n{ROW}\n", "observations.csv: the row is not CSV"),
}


@pytest.mark.parametrize(("rows", "words"), RAGGED.values(), ids=RAGGED)
def test_a_broken_row_is_named_by_its_line_and_no_row_is_skipped(rows, words, finished, tmp_path):
    sentence = refused(written(tmp_path, observations=f"{HEADER}\n{rows}"), finished)
    has(sentence, "observations.csv", words)
    assert re.search(r"; (give|close|export)", sentence)


def test_the_second_of_two_subjects_with_one_id_stops_the_run(finished, tmp_path):
    cohort = written(tmp_path, subjects=f"{SUBJECTS}B,2031-05-04T10:00\nA,2031-06-04T10:00\n")
    has(
        refused(cohort, finished),
        "subjects.csv, row 1, subject 'A': the subject is listed twice: keep one row",
    )


# ---- usage

NO_CHOICES = "there is no choice named"
CHOICES = {
    "unknown": ("fever_window = 12", f"{NO_CHOICES} 'fever_window'; did you mean fever_window_h"),
    "unlike any": ("zzz = 12", f"{NO_CHOICES} 'zzz'; `cytograde choices` lists them"),
    "text": ('fever_window_h = "12"', "fever_window_h = '12' is not a number; give hours, such as 24"),
    "yes or no": ("fever_window_h = true", "is not a number; give hours"),
    "not finite": ("fever_window_h = nan", "is not a finite number; give hours"),
    "negative": ("fever_window_h = -1", "is too small; it is at least 0 hours"),
    "beyond reason": ("fever_window_h = 1e9", "is too large; it is at most 1,000,000 hours"),
    "not whole": ("hypotension_confirm_readings = 1.5", "must be a whole number of readings"),
    "not allowed": ("vasopressin_alone_grade = 4", "is not allowed; it is one of 0, 2, 3"),
    "a section": ("[fever_window_h]\nvalue = 12", "is not a number; give hours"),
    "no TOML": ("fever_window_h: 12", "the choices file is not TOML"),
    "not UTF-8": (b"\xff", "the choices file is not TOML"),
}


@pytest.mark.parametrize(("held", "words"), CHOICES.values(), ids=CHOICES)
def test_a_wrong_choice_is_told_with_its_file_and_what_would_do(held, words, finished, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_bytes(held if isinstance(held, bytes) else held.encode())
    has(run(written(tmp_path), finished, "--choices", file).sentence(2), "mine.toml: ", words)


def test_a_choices_file_that_cannot_be_read_is_named(finished, tmp_path):
    for file in (tmp_path / "none.toml", tmp_path):
        sentence = run(written(tmp_path / file.name), finished, "--choices", file).sentence(2)
        has(sentence, f"{file}: the choices file cannot be read", "check the path")


USAGES = {
    "an unknown source": (["run", "tydi", "COHORT", "--out", "OUT"], "no source named 'tydi'; did you mean"),
    "no such source": (["run", "xyz", "COHORT", "--out", "OUT"], "no source named 'xyz'; there are clif, mimic_iv, tidy"),
    "an unknown system": (
        ["run", "tidy", "COHORT", "--out", "OUT", "--systems", "astct_2018"],
        "no grading system named 'astct_2018'; did you mean astct_2019",
    ),
    "no system": (
        ["run", "tidy", "COHORT", "--out", "OUT", "--systems", " ,"],
        "--systems: no grading system is named; name some, or leave it out for all",
    ),
    "anchors": (
        ["run", "tidy", "COHORT", "--out", "OUT", "--anchors", "x.csv"],
        "--anchors: the source tidy has its infusion times in its subjects file; leave --anchors out",
    ),
    "no folder of results": (["run", "tidy", "COHORT"], "Missing option '--out'; see `cytograde run --help`"),
    "no cohort": (["run", "tidy", "--out", "OUT"], "Missing argument 'folder'; see `cytograde run --help`"),
    "an unknown option": (["run", "--frob"], "No such option: --frob; see `cytograde run --help`"),
    "an unknown command": (["rnu"], "No such command 'rnu'; Did you mean 'run'; see `cytograde --help`"),
    "a day that is none": (["explain", "A", "--out", "OUT", "--day", "x"], "Invalid value for '--day'"),
    "an unknown subject": (["explain", "Q", "--out", "OUT"], "no subject 'Q' in this run; there is A"),
    "a folder with no run": (["explain", "A", "--out", "COHORT"], "there is no finished run in this folder"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "rule"), USAGES.values(), ids=USAGES)
def test_wrong_usage_is_one_sentence_that_names_what_would_do(words, rule, finished, tmp_path):
    before = contents(finished)
    places = {"COHORT": written(tmp_path), "OUT": finished}
    has(said(*(places.get(word, word) for word in words)).sentence(2), rule)
    assert contents(finished) == before


def test_without_a_command_there_is_help_and_the_exit_code_of_wrong_usage():
    bare = said()
    assert (bare.code, bare.out) == (2, "") and "Commands:" in bare.err


# ---- the folder of results


def test_results_do_not_go_where_a_file_stands(tmp_path):
    (tmp_path / "file").write_text("mine")
    cohort = written(tmp_path)
    for out in (tmp_path / "file", tmp_path / "file" / "out", tmp_path / ("n" * 300)):
        has(run(cohort, out).sentence(2), f"--out {out}: the folder cannot be written", "give another folder")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that even root cannot write to")
def test_results_do_not_go_where_nobody_may_write(tmp_path):
    has(
        run(written(tmp_path), Path("/proc/cytograde")).sentence(2),
        "/proc/cytograde: the folder cannot be written",
    )


def test_a_file_in_the_way_of_the_tables_stays_and_is_named(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "tables").write_text("mine")
    has(
        run(written(tmp_path), out).sentence(2),
        "the results cannot be written",
        "out/tables",
        "another folder",
    )
    assert {path.name for path in out.iterdir()} == {"tables", outputs.LOCK} and (
        out / "tables"
    ).read_text() == "mine"


def test_a_full_disk_is_not_put_down_to_the_source(finished, tmp_path):
    before = contents(finished)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline",
            "run",
            "tidy",
            written(tmp_path),
            "--out",
            finished,
            "--no-report",
        ],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )
    sentence = Said(done.returncode, done.stdout, done.stderr).sentence(2)
    has(sentence, f"--out {finished}: the results cannot be written", "make room, or give another folder")
    assert contents(finished) == before


def test_memory_that_runs_out_is_told_as_such(monkeypatch, tmp_path):
    def fail(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate\nmore")

    monkeypatch.setattr(build.flow, "build", fail)
    has(
        run(written(tmp_path), tmp_path / "out").sentence(1),
        "the memory of this machine ran out",
        "; close other",
    )


def test_a_defect_is_owned_up_to_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(build.flow, "build", lambda *_: {}["no such key"])
    done = run(written(tmp_path), tmp_path / "out")
    assert done.code == 1 and "Traceback" not in done.err and done.err.count("\n") == 1
    has(done.err, "KeyError", "this is a defect of Cytograde")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [outputs.LOCK]


def test_a_query_that_ctrl_c_broke_is_no_defect(monkeypatch, tmp_path):
    def interrupted(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(build.flow, "build", interrupted)
    monkeypatch.setattr(command_line.os, "_exit", sys.exit)
    has(
        run(written(tmp_path), tmp_path / "out").sentence(130),
        "stopped; the results of the last finished run",
    )


@pytest.mark.parametrize("held", ["{", "[]", "{}"], ids=["broken", "a list", "empty"])
def test_a_manifest_that_is_none_is_told_as_such(held, tmp_path):
    (tmp_path / outputs.MANIFEST).write_text(held)
    (tmp_path / outputs.DATABASE).write_text("")
    has(
        said("explain", "A", "--out", tmp_path).sentence(2),
        "manifest.json is not that of a run; do `cytograde run`",
    )


def test_a_database_that_is_none_is_told_as_such(tmp_path):
    (tmp_path / outputs.MANIFEST).write_text('{"outputs": {}}')
    (tmp_path / outputs.DATABASE).write_text("no database, but long enough to be looked at " * 100)
    has(
        said("explain", "A", "--out", tmp_path).sentence(2),
        "cohort.duckdb cannot be opened; do `cytograde run`",
    )


# ---- a whole run


def test_a_run_says_what_it_did_not_read_and_what_it_refused(tmp_path):
    rows = [FEVER, "A,pulse,1,80,1/min", "B,temperature,1,37,degC", "A,norepinephrine,1,fast,ug/kg/min"]
    observations = "".join(
        f"{row},{note}\n" for row, note in zip([chartings().strip(), *rows], ["note", *"wxyz"])
    )
    cohort = written(tmp_path, observations=observations, recorded_grades="subject_id,system,grade\nA,x,7\n")
    done = run(cohort, tmp_path / "out").done()
    has(done.out, "notice: observations.csv: columns not known and not read: note")
    assert re.search(r"^observations\.csv +4 +2 +2 +1$", done.out, re.M)
    assert re.search(r"^recorded_grades\.csv +1 +0 +1 +0$", done.out, re.M)
    assert rows_of(tmp_path / "out" / "tables" / "refusals.parquet") == 4


NAMES = [
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\ttab", "<script>alert('x')</script>", '5" tube, "quoted"',
    "two\nlines", "007", "7", "NULL", "nan", " padded ", "O'Neil", "a;b", "é\u2028ü", "&amp;", "{x}", "'",
    "\\",
]  # fmt: skip


def test_names_come_through_as_they_were_given_and_no_spreadsheet_runs_them(tmp_path):
    folder = tmp_path / "cohort"
    folder.mkdir()
    with (folder / "subjects.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["subject_id", "site", "arm", "product", "sex"])
        rows.writerows([[name] * 5 for name in NAMES])
    with (folder / "observations.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["subject_id", "concept", "start_hour", "value", "unit"])
        rows.writerows([[name, "temperature", 2, 38.5, "degC"] for name in NAMES])
        rows.writerows([["A", name, 2, name, name] for name in NAMES])
    run(folder, tmp_path / "out").done()

    with duckdb.connect(tmp_path / "out" / "cohort.duckdb", read_only=True) as connection:
        stored = connection.execute(
            "SELECT subject_id, site, arm, product, sex FROM staging.subjects"
        ).fetchall()
        written_down = connection.execute("SELECT concept, value, unit FROM staging.refusals").fetchall()
        feverish = connection.execute("SELECT DISTINCT subject_id FROM episodes.episodes").fetchall()
    assert sorted(stored) == sorted((name,) * 5 for name in NAMES)
    assert sorted(written_down) == sorted((name,) * 3 for name in NAMES)
    assert sorted(feverish) == sorted((name,) for name in NAMES)

    for table in ("subjects", "refusals"):
        with (tmp_path / "out" / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            exported = list(csv.DictReader(file))
        cells = [cell for row in exported for cell in row.values()]
        assert not [cell for cell in cells if re.match(r"[=+\-@\t\r\n]", cell)]
        exact = pq.read_table(tmp_path / "out" / "tables" / f"{table}.parquet").to_pylist()
        for given, row in zip(exact, exported, strict=True):
            dangerous = given["subject_id"][0] in "=+-@\t"
            assert row["subject_id"] == "'" * dangerous + given["subject_id"]
    has(said("run", "--help").done().out, "apostrophe before it")


def test_a_failure_in_a_process_of_its_own_is_one_sentence_as_well(tmp_path):
    cohort = written(tmp_path, subjects=SUBJECTS + SUBJECTS.splitlines()[1])
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "run", "tidy", cohort, "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert done.returncode == 3
    has(one_sentence(done.stderr), "cytograde: subjects.csv, row 1", "keep one row per subject")
