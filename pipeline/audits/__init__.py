"""Audits of the build: each file lists what should not be. No rows: the build keeps that law."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent


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
