"""Audits: each file lists what should not be.

Those of the build stand in this folder: no rows, and the build keeps that law. Those in `clinical` list what a clinician
should look at: they are findings about patients and their charts, and no fault of the build.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent
CLINICAL = FOLDER / "clinical"


@dataclass(frozen=True)
class Finding:
    """One audit that found something: its name, its sentence, how many rows, and the first of them."""

    name: str
    sentence: str
    rows: int
    first: dict


def files(folder: Path = FOLDER) -> list[Path]:
    """The audits: the folder is the registry."""
    return sorted(folder.glob("*.sql"))


def run(connection: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> list[Finding]:
    """Run every audit; return those that found something."""
    findings = []
    for path in files(folder):
        text = path.read_text(encoding="utf-8")
        relation = connection.execute(text)
        columns = [column[0] for column in relation.description]
        rows = relation.fetchall()
        if rows:
            sentence = text.splitlines()[0].removeprefix("--").strip()
            findings.append(Finding(path.stem, sentence, len(rows), dict(zip(columns, rows[0], strict=True))))
    return findings


ASKED = {
    "audit": "Name of the audit, that of its file",
    "sentence": "What it lists",
    "reason": "Why that is worth a look",
    "findings": "How many rows it lists",
    "patients": "How many subjects they are of",
}
LISTED = {
    "audit": "Name of the audit (audits.asked)",
    "system": "Grading system; empty where it is the same under all",
    "subject_id": "The subject's id as given",
    "minute": "Minutes since the infusion at which it begins",
    "value": "What was found, in words",
}
"""The columns of the two tables of the clinical audits, and what they mean."""


def look(connection: duckdb.DuckDBPyConnection, folder: Path = CLINICAL) -> int:
    """Run every clinical audit into `audits.findings` and `audits.asked`; returns how many rows they list."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in files(folder)}
    asked = ", ".join(
        f"({_literal(name)}, {_literal(_said(text, 0))}, {_literal(_said(text, 1).removeprefix('Why: '))})"
        for name, text in texts.items()
    )
    listed = "\nUNION ALL\n".join(
        f"SELECT {_literal(name)} AS audit, system::VARCHAR AS system, subject_id, minute::INTEGER AS minute, value FROM ({text})"
        for name, text in texts.items()
    )
    connection.execute("CREATE SCHEMA IF NOT EXISTS audits")
    connection.execute(
        f"CREATE OR REPLACE TABLE audits.findings AS SELECT * FROM ({listed}) "
        "ORDER BY audit, system NULLS FIRST, subject_id, minute, value"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE audits.asked AS "
        "SELECT a.*, count(f.audit) AS findings, count(DISTINCT f.subject_id) AS patients "
        f"FROM (VALUES {asked}) AS a (audit, sentence, reason) LEFT JOIN audits.findings AS f ON f.audit = a.audit "
        "GROUP BY a.audit, a.sentence, a.reason ORDER BY a.audit"
    )
    _comment(connection, "findings", "One row per finding of a clinical audit: what a clinician should look at.", LISTED)
    _comment(connection, "asked", "One row per clinical audit: what it lists, why, and how much it found.", ASKED)
    return connection.execute("SELECT count(*) FROM audits.findings").fetchone()[0]


def _said(text: str, line: int) -> str:
    return text.splitlines()[line].removeprefix("--").strip()


def _comment(connection: duckdb.DuckDBPyConnection, table: str, sentence: str, columns: dict[str, str]) -> None:
    connection.execute(f"COMMENT ON TABLE audits.{table} IS {_literal(sentence)}")
    for name, meaning in columns.items():
        connection.execute(f"COMMENT ON COLUMN audits.{table}.{name} IS {_literal(meaning)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
