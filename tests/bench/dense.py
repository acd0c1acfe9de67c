"""A dense invented cohort for the benchmark: five vitals at every step, and support for a third of the subjects.

Nobody in it is real. Each vital is a sum of slow waves of the subject's own periods and phases, a fever course for
most subjects, dips of pressure and saturation for some, and a little error of reading: smooth as vitals are, so that
a subject crosses a limit some dozen times in a month and not at every other reading. Every draw comes from the number
of the subject, so the same cohort comes out each time.
"""

import sys
from pathlib import Path

import duckdb

SEED = 2026

DRAWS = f"""
-- The n-th draw of a subject, even on [0, 1).
CREATE MACRO scrambled(x) AS xor(x, x >> 15) * 739982445 % 4294967296;
CREATE MACRO draw(subject, n) AS
    scrambled(scrambled(scrambled((subject * 7919 + n * 104729 + {SEED}) % 4294967296))) / 4294967296.0::DOUBLE;
CREATE MACRO between_draws(subject, n, low, high) AS low + (high - low) * draw(subject, n);
"""

PATIENTS = """
CREATE TABLE patients AS
SELECT
    s AS subject,
    format('D-{:05d}', s) AS subject_id,
    CASE WHEN draw(s, 1) < 0.1 THEN floor(between_draws(s, 2, 3, 18)) ELSE floor(between_draws(s, 2, 18, 80)) END AS age_years,
    CASE WHEN draw(s, 3) < 0.5 THEN 'female' ELSE 'male' END AS sex,
    CASE floor(draw(s, 4) * 3) WHEN 0 THEN 'Alder' WHEN 1 THEN 'Birch' ELSE 'Cedar' END AS site,
    -- Four of five have a fever; one in seven of them a second one.
    draw(s, 5) < 0.8 AS has_fever,
    between_draws(s, 6, 10, 140) AS onset,
    between_draws(s, 7, 36, 130) AS duration,
    between_draws(s, 8, 1.3, 3.0) AS height,
    between_draws(s, 9, 5.5, 9) AS swing,
    draw(s, 10) < 0.14 AS has_second_fever,
    between_draws(s, 11, 380, 560) AS second_onset,
    -- Dips of pressure and of saturation begin in the fever.
    (draw(s, 12) < 0.4)::INTEGER AS pressure_falls,
    onset + between_draws(s, 13, 4, 30) AS pressure_dip,
    between_draws(s, 14, 3, 9) AS pressure_width,
    between_draws(s, 15, 22, 46) AS pressure_depth,
    (draw(s, 16) < 0.33)::INTEGER AS saturation_falls,
    onset + between_draws(s, 17, 4, 36) AS saturation_dip,
    between_draws(s, 18, 4, 14) AS saturation_width,
    between_draws(s, 19, 5, 13) AS saturation_depth,
    s % 3 = 0 AS has_support,
    round(between_draws(s, 20, 45, 105), 1) AS kg
FROM range(1, $subjects + 1) AS numbers(s)
"""

VITALS = """
CREATE TABLE vitals (vital INTEGER, concept VARCHAR, unit VARCHAR, usual DOUBLE, spread DOUBLE, daily DOUBLE, wave DOUBLE, error DOUBLE, digits INTEGER);
INSERT INTO vitals VALUES
    (1, 'temperature', 'degC', 36.8, 0.2, 0.25, 0.2, 0.2, 1),
    (2, 'systolic_bp', 'mmHg', 116, 15, 6, 5, 5.0, 0),
    (3, 'heart_rate', '1/min', 80, 10, 6, 4, 2.0, 0),
    (4, 'respiratory_rate', '1/min', 16, 2, 1, 1, 0.8, 0),
    (5, 'spo2', '%', 96.8, 1, 0.4, 0.5, 0.5, 0);

-- The waves of each vital of each subject.
CREATE TABLE waves AS
SELECT
    p.*, v.*, v.vital * 100 AS base,
    v.usual + v.spread * (2 * draw(p.subject, base + 1) - 1) AS level,
    6.2831853 * draw(p.subject, base + 2) AS phase_1, 6.2831853 / between_draws(p.subject, base + 3, 50, 75) AS speed_1,
    6.2831853 * draw(p.subject, base + 4) AS phase_2, 6.2831853 / between_draws(p.subject, base + 5, 8, 12) AS speed_2,
    6.2831853 * draw(p.subject, base + 6) AS phase_3, 6.2831853 / between_draws(p.subject, base + 7, 2.5, 4) AS speed_3
FROM patients AS p CROSS JOIN vitals AS v
"""

READINGS = """
WITH timed AS (
    SELECT w.*, step, step * $minutes / 60.0::DOUBLE AS hour,
           CASE WHEN has_fever AND hour BETWEEN onset AND onset + duration
                THEN sqrt(sin(3.1415927 * (hour - onset) / duration))
                WHEN has_fever AND has_second_fever AND hour BETWEEN second_onset AND second_onset + 40
                THEN 0.8 * sqrt(sin(3.1415927 * (hour - second_onset) / 40)) ELSE 0 END AS ill
    FROM waves AS w CROSS JOIN range($steps) AS steps(step)
    WHERE w.subject BETWEEN $first AND $last
),

read AS (
    SELECT *,
        level + daily * sin(6.2831853 * hour / 24 + phase_1) + wave * sin(speed_1 * hour + phase_1)
        + wave * sin(speed_2 * hour + phase_2) + 0.6 * wave * sin(speed_3 * hour + phase_3)
        + error * (2 * draw(subject, base + 1000 * (step + 1)) - 1)
        + CASE vital
            WHEN 1 THEN ill * height * (1 + 0.35 * sin(6.2831853 * hour / swing + phase_2))
            WHEN 2 THEN -6 * ill - pressure_falls * pressure_depth * (
                exp(-power((hour - pressure_dip) / pressure_width, 2)) + 0.8 * exp(-power((hour - pressure_dip - 20) / pressure_width, 2)))
            WHEN 3 THEN 14 * ill
            WHEN 4 THEN 4 * ill
            ELSE -ill - saturation_falls * saturation_depth * exp(-power((hour - saturation_dip) / saturation_width, 2))
        END AS value
    FROM timed
)

SELECT subject_id, concept, hour AS start_hour, NULL::DOUBLE AS end_hour,
       round(CASE WHEN concept = 'spo2' THEN least(value, 100) ELSE value END, digits) AS value, unit, NULL::VARCHAR AS indication
FROM read
"""

# A third of the subjects: weight, oxygen stepped up and down, norepinephrine titrated, antipyretics, tocilizumab, steroids.
SUPPORT = """
WITH supported AS (SELECT * FROM patients WHERE has_support AND subject BETWEEN $first AND $last)

SELECT subject_id, 'weight' AS concept, -24 AS start_hour, NULL AS end_hour, kg AS value, 'kg' AS unit, NULL AS indication FROM supported
UNION ALL
SELECT subject_id, CASE WHEN n BETWEEN 4 AND 6 AND draw(subject, 30) < 0.4 THEN 'high_flow_nasal_cannula' ELSE 'nasal_cannula' END,
       round(saturation_dip - 8) + 4 * n, NULL, CASE WHEN n BETWEEN 4 AND 6 AND draw(subject, 30) < 0.4 THEN 40 ELSE 2 + n % 4 END, 'L/min', NULL
FROM supported CROSS JOIN range(10) AS steps(n)
UNION ALL
SELECT subject_id, 'room_air', round(saturation_dip - 8) + 40, NULL, NULL, NULL, NULL FROM supported
UNION ALL
SELECT subject_id, 'norepinephrine', round(pressure_dip - 2) + 2 * n, round(pressure_dip - 2) + 2 * n + 2,
       CASE WHEN subject % 2 = 0 THEN 0.04 + 0.02 * (n % 5) ELSE round((0.04 + 0.02 * (n % 5)) * kg, 1) END,
       CASE WHEN subject % 2 = 0 THEN 'ug/kg/min' ELSE 'ug/min' END, NULL
FROM supported CROSS JOIN range(14) AS steps(n) WHERE pressure_falls = 1
UNION ALL
SELECT subject_id, 'vasopressin', round(pressure_dip + 4), round(pressure_dip + 18), 0.03, 'U/min', NULL
FROM supported WHERE pressure_falls = 1 AND draw(subject, 31) < 0.4
UNION ALL
SELECT subject_id, 'acetaminophen', round(onset + 1) + 6 * n, NULL, 650, 'mg', NULL
FROM supported CROSS JOIN range(8) AS steps(n) WHERE has_fever
UNION ALL
SELECT subject_id, 'tocilizumab', round(onset + 24), NULL, 8, 'mg/kg', NULL FROM supported WHERE has_fever AND draw(subject, 32) < 0.6
UNION ALL
SELECT subject_id, 'dexamethasone', round(onset + 30) + 12 * n, NULL, 10, 'mg', NULL
FROM supported CROSS JOIN range(4) AS steps(n) WHERE has_fever AND draw(subject, 33) < 0.4
"""


CHUNK = 50
"""Subjects drawn at a time: so the cohort is made in little memory, and in the order of an export."""


def make(folder: Path, subjects: int, days: int, minutes: int) -> int:
    """Write subjects.parquet and observations.parquet of the source `tidy`; returns the rows of observations."""
    folder.mkdir(parents=True, exist_ok=True)
    making = folder / "making.duckdb"
    with duckdb.connect(str(making), config={"threads": 2, "memory_limit": "1GB"}) as connection:
        connection.execute(DRAWS)
        connection.execute(PATIENTS, {"subjects": subjects})
        connection.execute(VITALS)
        connection.execute(
            "COPY (SELECT subject_id, age_years, sex, site, $days * 24 AS followup_end_hour FROM patients ORDER BY subject) "
            f"TO '{folder / 'subjects.parquet'}' (FORMAT parquet)",
            {"days": days},
        )
        connection.execute(
            "CREATE TABLE observations (subject_id VARCHAR, concept VARCHAR, start_hour DOUBLE, end_hour DOUBLE, "
            "value DOUBLE, unit VARCHAR, indication VARCHAR)"
        )
        for first in range(1, subjects + 1, CHUNK):
            connection.execute(
                f"INSERT INTO observations SELECT * FROM ({READINGS}) UNION ALL SELECT * FROM ({SUPPORT}) "
                "ORDER BY subject_id, start_hour, concept",
                {"minutes": minutes, "steps": days * 24 * 60 // minutes, "first": first, "last": first + CHUNK - 1},
            )
        connection.execute(f"COPY observations TO '{folder / 'observations.parquet'}' (FORMAT parquet)")
        rows = connection.execute("SELECT count(*) FROM observations").fetchone()[0]
    making.unlink()
    return rows


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:5])))
