"""Charts of MIMIC-IV, drawn in a few lines: patient A, infused on 4 May 2131 at 10:00.

    folder = ward(tmp_path, chartevents=["2,223761,101.3", "2.5,226732,Nasal cannula"])
    staged(folder).observed()       [("temperature", 120, None, 38.5), ("nasal_cannula", 150, None, None)]
    refused(folder)                 the sentence with which the folder is refused as a whole, exit code 3

A line holds the columns that DRAWN names, the others are empty. Hours count from the infusion. A line that begins with
`B:` is of patient B. In place of lines a table may be a text or bytes, taken as they are, or None: there is no such file.
Every staging asserts that rows in = rows used + refused, and that with the rows passed over they are those of the file.
"""

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

import duckdb
import pytest
from cohorts import STAGING, Staged, one_sentence, rows_of

from data.generator.layouts.mimic_iv import COLUMNS
from pipeline import choices, flow, model
from pipeline.database import connect
from pipeline.errors import CytogradeError
from pipeline.grading import rules
from pipeline.sources import mimic_iv

INFUSED = datetime(2131, 5, 4, 10)
MOMENTS = ("charttime", "starttime", "endtime", "admittime", "dischtime", "deathtime", "intime")
DRAWN = {
    "patients": "gender,anchor_age,anchor_year",
    "admissions": "admittime,dischtime,deathtime",
    "icustays": "stay_id,intime",
    "chartevents": "charttime,itemid,value",
    "inputevents": "starttime,endtime,itemid,rate,rateuom,amount,amountuom,ordercategoryname,statusdescription,cancelreason",
    "procedureevents": "starttime,endtime,itemid,statusdescription",
    "emar": "charttime,emar_id,medication,event_txt",
    "emar_detail": "emar_id,dose_given,dose_given_unit",
    "labevents": "charttime,itemid,value,valueuom",
}
PLACES = {table.partition("/")[2]: table for table in COLUMNS}
ALWAYS = {"patients": ["F,60,2131"], "admissions": ["-24,720,"], "icustays": ["1,0"], "chartevents": []}
ANCHORS = "subject_id,infusion_time\nA,2131-05-04T10:00\n"
ROOMS = ("staging", "timeline")
TIMELINE = [one for one in model.in_order(list(model.read_models())) if one.room in ROOMS]


def clock(hour: str) -> str:
    """Hours since the infusion as a time in the charts."""
    return str(INFUSED + timedelta(hours=float(hour))) if hour.strip() else ""


def table(name: str, lines) -> str:
    """The CSV text of a table with every column that MIMIC has, and `cancelreason`, which version 1 had."""
    names = [*COLUMNS[PLACES[name]].split(), *(["cancelreason"] if name == "inputevents" else [])]
    held = io.StringIO()
    writer = csv.DictWriter(held, names, restval="", lineterminator="\n")
    writer.writeheader()
    for line in lines:
        subject, _, rest = line.partition(":") if line[1:2] == ":" else ("A", "", line)
        cells = dict(zip(DRAWN[name].split(","), next(csv.reader([rest])), strict=False))
        drawn = {column: clock(cell) if column in MOMENTS else cell for column, cell in cells.items()}
        if name in ("chartevents", "labevents") and _is_number(drawn["value"]):
            drawn["valuenum"] = drawn["value"]
        writer.writerow({"subject_id": subject, **drawn})
    return held.getvalue()


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def ward(folder: Path, anchors: str | None = ANCHORS, is_flat: bool = False, ending: str = ".csv", **tables) -> Path:
    """A folder of MIMIC-IV with these tables, and those that must be there."""
    place = folder / "mimic"
    place.mkdir(parents=True)
    if anchors is not None:
        (place / "anchors.csv").write_text(anchors)
    for name, lines in {**ALWAYS, **tables}.items():
        if lines is None:
            continue
        held = lines if isinstance(lines, str | bytes) else table(name, lines)
        content = held.encode() if isinstance(held, str) else held
        path = place / f"{name if is_flat else PLACES[name]}{ending}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    return place


@cache
def _room() -> duckdb.DuckDBPyConnection:
    connection = connect()
    flow.prepare(connection, choices.defaults(), rules.read_systems())
    return connection


@dataclass(frozen=True)
class Ward(Staged):
    """The staging of a folder of MIMIC-IV, and the notices that the source gave."""

    notices: list[str]

    def observed(self) -> list[tuple]:
        """Concept, start, end and amount of every charting that is used, by table and row."""
        return self.rows(
            "SELECT concept, start_minute, end_minute, value FROM staging.observations "
            "JOIN sources.files USING (source_file) ORDER BY source_file_no, source_row"
        )

    def said(self) -> list[tuple[str, str]]:
        """Concept and reason of every row refused, by table and row."""
        return [(concept, reason) for concept, outcome, reason in self.judged() if outcome == "refused"]

    def judged(self) -> list[tuple[str, str, str]]:
        return self.rows(
            "SELECT concept, outcome, reason FROM staging.refusals JOIN sources.files USING (source_file) "
            "ORDER BY source_file_no, source_row"
        )

    def people(self) -> list[tuple]:
        """Subject, minute of day of the infusion, age, death and end of follow-up."""
        return self.rows(
            "SELECT subject_id, infusion_minute_of_day, age_years, death_minute, followup_end_minute "
            "FROM staging.subjects ORDER BY subject_id"
        )

    def passed_over(self) -> dict[str, int]:
        """Rows that speak of nothing that is asked for, by table."""
        return {Path(file).name.partition(".")[0]: over for file, *_, over in self.rows("FROM staging.load") if over}


def staged(folder: Path, anchors: Path | None = None, timeline: bool = False, **changed) -> Ward:
    """The staging (or the timeline as well) of a folder, under changed choices. The next staging replaces it.

    anchors -- the file; where none is named, anchors.csv of the folder if it is there
    """
    room, own = _room(), folder / "anchors.csv"
    for choice in choices.changed(changed).values():
        room.execute(f"SET VARIABLE {choice.name} = {choice.value}")
    try:
        notices = mimic_iv.read(room, folder, anchors or (own if own.exists() else None))
    except (duckdb.Error, CytogradeError) as fault:
        if isinstance(fault, duckdb.Error) or isinstance(fault.__cause__, duckdb.Error):
            # What DuckDB did not expect may have broken the connection.
            _room.cache_clear()
        raise
    with mock.patch.object(flow, "ordered_models", lambda systems: TIMELINE if timeline else STAGING):
        flow.build(room, {})
    found = Ward(room, notices)
    for file, rows_in, used, refused, blanked, passed_over in found.rows("FROM staging.load"):
        assert rows_in == used + refused and blanked <= used, file
        assert rows_in + passed_over == rows_of(folder / file), file
    return found


def refused(folder: Path, anchors: Path | None = None) -> str:
    """The sentence with which a folder is refused as a whole, exit code 3."""
    with pytest.raises(CytogradeError) as caught:
        staged(folder, anchors)
    assert caught.value.exit_code == 3
    return one_sentence(str(caught.value))
