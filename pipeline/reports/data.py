"""What the report reads from the database: one named function per question, rows as dictionaries."""

from typing import Any

import duckdb

Row = dict[str, Any]


def rows(connection: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> list[Row]:
    """The rows of a query, each as a dictionary in the order of its columns."""
    result = connection.execute(query, list(parameters))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def systems(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every grading system of the run; the first is the one the report answers by, misprinted ones come last."""
    return rows(
        connection,
        "SELECT *, misprint <> '' AS is_misprint FROM rules.systems "
        "ORDER BY misprint <> '', system <> 'astct_2019', system",
    )


def choices(connection: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    """Every choice by name, with whether it was changed."""
    found = rows(connection, "SELECT *, value <> default_value AS is_changed FROM rules.choices")
    return {row["name"]: row for row in found}


def criteria(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """The criteria of a system, lowest grade first."""
    return rows(connection, "SELECT * FROM rules.criteria WHERE system = ? ORDER BY grade, criterion_no", system)


def organ_grades(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The grades of organ toxicity that some systems name."""
    return rows(connection, "SELECT * FROM rules.organ_grades ORDER BY organ, grade")


def words(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The words that a criterion may speak of."""
    return rows(connection, "SELECT word, kind, concepts, meaning FROM rules.words ORDER BY kind, word")


def load(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per file: rows in, used, refused, blanked."""
    return rows(connection, "SELECT * FROM staging.load")


def stand_in(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What stands in for the infusion, where nobody is known to have been infused."""
    found = connection.execute("SELECT sentence FROM sources.time_zero WHERE is_stand_in").fetchone()
    return found[0] if found else None


def refusal_reasons(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per outcome and reason, the most frequent first, with the first row it befell."""
    return rows(
        connection,
        "SELECT outcome, reason, count(*) AS n, count(DISTINCT subject_id) AS subjects, "
        "min_by(source_file, (source_file, source_row)) AS first_file, "
        "min_by(source_row, (source_file, source_row)) AS first_row "
        "FROM staging.refusals GROUP BY outcome, reason ORDER BY outcome DESC, n DESC, reason",
    )


def refusals(connection: duckdb.DuckDBPyConnection, at_most: int) -> list[Row]:
    """The first refused and blanked rows, in the order of the files."""
    return rows(connection, "SELECT * FROM staging.refusals ORDER BY source_file, source_row LIMIT ?", at_most)


def cohort(connection: duckdb.DuckDBPyConnection, system: str) -> Row:
    """The whole cohort under one system."""
    return rows(connection, "SELECT * FROM summaries.cohort WHERE system = ? AND stratum = 'all'", system)[0]


def onsets(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per onset day and highest grade: patients."""
    return rows(
        connection,
        "SELECT onset_day, max_grade, count(*) AS n FROM summaries.subjects "
        "WHERE system = ? AND onset_day IS NOT NULL GROUP BY ALL ORDER BY ALL",
        system,
    )


def durations(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per length of the first episode in days: patients whose end was seen, and not."""
    return rows(
        connection,
        "SELECT duration_days, count(*) FILTER (resolved) AS resolved, count(*) FILTER (NOT resolved) AS censored "
        "FROM summaries.subjects WHERE system = ? AND duration_days IS NOT NULL GROUP BY ALL ORDER BY ALL",
        system,
    )


SUBJECTS = """
SELECT p.*, s.subject_no, s.infusion_minute_of_day, s.death_minute, s.death_cause, t.last_minute, t.is_closed
FROM summaries.subjects AS p
JOIN staging.subjects AS s USING (subject_id)
JOIN timeline.spans AS t USING (subject_no)
WHERE p.system = ?
"""


def subjects(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per subject, in the order of the subjects."""
    return rows(connection, f"{SUBJECTS} ORDER BY s.subject_no", system)


def subjects_by_grade(connection: duckdb.DuckDBPyConnection, system: str) -> list[Row]:
    """One row per subject, the highest grade first, then the earliest onset; those not evaluable last."""
    return rows(
        connection,
        f"{SUBJECTS} ORDER BY p.max_grade DESC NULLS LAST, p.onset_minute NULLS LAST, s.subject_no",
        system,
    )


def episodes(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    """The episodes of each subject under every system."""
    by_subject: dict[str, list[Row]] = {}
    for row in rows(connection, "SELECT * FROM episodes.episodes ORDER BY subject_id, system, episode"):
        by_subject.setdefault(row["subject_id"], []).append(row)
    return by_subject


STRETCHES = """
WITH asked AS (
    SELECT g.*, r.because, NOT g.temperature_known AND NOT g.pressure_known AS is_unknown
    FROM grading.graded AS g
    JOIN grading.reasons AS r ON r.reason_no = g.reason_no
    WHERE g.system = $system AND subject_no IN (SELECT unnest($subjects))
),

compared AS (
    SELECT *,
        lag((grade, ceiling, because, episode, is_unknown)) OVER in_time
            IS NOT DISTINCT FROM (grade, ceiling, because, episode, is_unknown) AS goes_on
    FROM asked
    WINDOW in_time AS (PARTITION BY subject_no ORDER BY start_minute)
),

numbered AS (
    SELECT *, count(*) FILTER (NOT goes_on) OVER (PARTITION BY subject_no ORDER BY start_minute) AS stretch
    FROM compared
)

SELECT subject_no, min(start_minute) AS start_minute, max(end_minute) AS end_minute,
       min(grade) AS grade, min(ceiling) AS ceiling, min(because) AS because, min(episode) AS episode,
       bool_and(is_unknown) AS is_unknown
FROM numbered
GROUP BY subject_no, stretch
ORDER BY subject_no, start_minute
"""
"""As `grading.grades`, parted also where it begins or ceases to be known what the vitals were."""


def stretches(connection: duckdb.DuckDBPyConnection, system: str, subject_nos: list[int]) -> list[Row]:
    """One row per stretch of constant verdict and knowledge of these subjects, in time."""
    result = connection.execute(STRETCHES, {"system": system, "subjects": subject_nos})
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def doses(connection: duckdb.DuckDBPyConnection, subject_nos: list[int]) -> list[Row]:
    """Anticytokines and corticosteroids given to these subjects while observed, in time; a dose of 0 is none."""
    return rows(
        connection,
        "SELECT t.subject_no, t.start_minute, t.concept, t.family, t.amount, t.unit, t.indication "
        "FROM staging.therapies AS t JOIN staging.subjects AS s USING (subject_no) "
        "WHERE t.family IN ('anticytokine', 'corticosteroid') AND t.amount IS DISTINCT FROM 0 "
        "AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute) "
        "AND t.subject_no IN (SELECT unnest(?)) ORDER BY t.subject_no, t.start_minute, t.concept",
        subject_nos,
    )
