"""Charts of CLIF, drawn in a few lines: patient A, infused on 4 May 2131 at 10:00 on a wall five hours behind UTC.

    folder = ward(tmp_path, vitals=["2,temp_c,38.5"], respiratory_support=["2.5,nasal_cannula,,4"])
    staged(folder).observed()       [("temperature", 120, None, 38.5), ("nasal_cannula", 150, None, 4)]
    refused(folder)                 the sentence with which the folder is refused as a whole, exit code 3

A line holds the columns that DRAWN names, the others are empty. Hours count from the infusion. A line that begins with
`B:` is of patient B and the hospitalization B1, one that begins with `A2:` of the second hospitalization of A. The tables
are Parquet, their times instants in UTC, numbers as the layout types them. In place of lines a table may be a table of
pyarrow or bytes, taken as they are, or None: there is no such file.
Every staging asserts, for each part of a wide table too, that rows in = rows used + refused, and that with the rows passed
over they are those of the file.
"""

import csv
import gzip
import io
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

import duckdb
import mimic
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cohorts import STAGING, one_sentence, rows_of

from data.generator.layouts.clif import COLUMNS
from pipeline import choices, flow
from pipeline.database import connect
from pipeline.errors import CytogradeError
from pipeline.grading import rules
from pipeline.sources import clif

INFUSED = datetime(2131, 5, 4, 15, tzinfo=UTC)
DRAWN = {
    "patient": "sex_category,death_dttm",
    "hospitalization": "admission_dttm,discharge_dttm,age_at_admission,discharge_category",
    "adt": "in_dttm,location_category,hospital_id",
    "vitals": "recorded_dttm,vital_category,vital_value,vital_name",
    "respiratory_support": "recorded_dttm,device_category,device_name,lpm_set,fio2_set,mode_category,mode_name",
    "medication_admin_continuous": "admin_dttm,med_category,mar_action_category,med_dose,med_dose_unit,med_order_id",
    "medication_admin_intermittent": (
        "admin_dttm,med_category,mar_action_category,med_dose,med_dose_unit,med_route_category,mar_action_name"
    ),
    "labs": "lab_collect_dttm,lab_category,lab_value,reference_unit,lab_value_numeric",
}
ALWAYS = {
    "patient": ["female,"],
    "hospitalization": ["-24,720,60,home"],
    "adt": ["-24,ward,north", "-6,icu,north"],
    "vitals": [],
}
ANCHORS = "patient_id,infusion_time\nA,2131-05-04T10:00-05:00\n"


def clock(hour: str) -> datetime | None:
    """Hours since the infusion as an instant."""
    return INFUSED + timedelta(hours=float(hour)) if hour.strip() else None


def table(name: str, lines) -> pa.Table:
    """A table with every column that the layout has."""
    schema = pa.schema(list(COLUMNS[name].items()))
    return pa.Table.from_pylist([_row(name, schema, line) for line in lines], schema=schema)


def _row(name: str, schema: pa.Schema, line: str) -> dict:
    owner, rest = re.fullmatch(r"(?:([A-Z][0-9]?):)?(.*)", line).groups()
    owner = owner or "A"
    cells = dict(zip(DRAWN[name].split(","), next(csv.reader([rest])), strict=False))
    row = {column: _cell(schema.field(column).type, cell) for column, cell in cells.items()}
    return {"patient_id": owner[0], "hospitalization_id": owner if owner[1:] else f"{owner}1", **row}


def _cell(kind: pa.DataType, cell: str):
    if pa.types.is_timestamp(kind):
        return clock(cell)
    if pa.types.is_string(kind):
        return cell or None
    return (int(cell) if pa.types.is_integer(kind) else float(cell)) if cell else None


def with_column(held: pa.Table, name: str, values: list) -> pa.Table:
    """The table with other values, of whatever type they are, in a column."""
    return held.set_column(held.column_names.index(name), name, pa.array(values))


def as_csv(held: pa.Table) -> bytes:
    """The table as CSV, times in ISO 8601 with their offset."""
    text = io.StringIO()
    writer = csv.DictWriter(text, held.column_names, lineterminator="\n")
    writer.writeheader()
    for row in held.to_pylist():
        writer.writerow({name: cell.isoformat(" ") if isinstance(cell, datetime) else cell for name, cell in row.items()})
    return text.getvalue().encode()


def ward(folder: Path, anchors: str | None = ANCHORS, ending: str = ".parquet", **tables) -> Path:
    """A folder of CLIF with these tables, and those that must be there."""
    place = folder / "clif"
    place.mkdir(parents=True)
    if anchors is not None:
        (place / "anchors.csv").write_text(anchors)
    for name, lines in {**ALWAYS, **tables}.items():
        path = place / f"clif_{name}{ending}"
        held = lines if lines is None or isinstance(lines, bytes | pa.Table) else table(name, lines)
        if isinstance(held, bytes):
            path.write_bytes(held)
        elif held is not None and ending == ".parquet":
            pq.write_table(held, path)
        elif held is not None:
            path.write_bytes(gzip.compress(as_csv(held)) if ending.endswith(".gz") else as_csv(held))
    return place


@cache
def _room() -> duckdb.DuckDBPyConnection:
    connection = connect()
    flow.prepare(connection, choices.defaults(), rules.read_systems())
    return connection


class Ward(mimic.Ward):
    """The staging of a folder of CLIF, and the notices that the source gave."""

    def charted(self) -> list[tuple]:
        """Concept and amount of every charting that is used, by table and row."""
        return [(concept, value) for concept, _, _, value in self.observed()]

    def passed_over(self) -> dict[str, int]:
        """Rows that speak of nothing that is asked for, by table and, where a row holds several chartings, by column."""
        named = {re.sub(r"^clif_|\.[a-z.]+", "", file): over for file, *_, over in self.rows("FROM staging.load")}
        return {name: over for name, over in named.items() if over}

    def agents(self, level: str = "proven") -> list[tuple]:
        """The runs of every vasopressor at a level of certainty."""
        return self.rows(
            f"SELECT concept, start_minute, end_minute FROM timeline.agents WHERE level = '{level}' ORDER BY ALL"
        )


def staged(folder: Path, anchors: Path | None = None, timeline: bool = False, **changed) -> Ward:
    """The staging (or the timeline as well) of a folder, under changed choices. The next staging replaces it.

    anchors -- the file; where none is named, anchors.csv of the folder if it is there
    """
    room, own = _room(), folder / "anchors.csv"
    for choice in choices.changed(changed).values():
        room.execute(f"SET VARIABLE {choice.name} = {choice.value}")
    try:
        notices = clif.read(room, folder, anchors or (own if own.exists() else None))
        with mock.patch.object(flow, "ordered_models", lambda systems: mimic.TIMELINE if timeline else STAGING):
            flow.build(room, {})
    except (duckdb.Error, CytogradeError):
        # A build that stops leaves its transaction open.
        _room.cache_clear()
        raise
    found = Ward(room, notices)
    for file, rows_in, used, refused, blanked, passed_over in found.rows("FROM staging.load"):
        assert rows_in == used + refused and blanked <= used, file
        assert rows_in + passed_over == rows_of(folder / file.partition(":")[0]), file
    return found


def refused(folder: Path, anchors: Path | None = None) -> str:
    """The sentence with which a folder is refused as a whole, exit code 3."""
    with pytest.raises(CytogradeError) as caught:
        staged(folder, anchors)
    assert caught.value.exit_code == 3
    return one_sentence(str(caught.value))
