"""A dense invented cohort for the benchmark: five vitals at every step, and support for a third of the subjects.

Nobody in it is real. A vital is a sum of slow waves with the subject's own periods and phases, a fever course for most
subjects, dips of pressure and saturation for some, and a small error of reading: smooth as vitals are, so that a
subject crosses a limit a few dozen times in a month, and not at every other reading. Every draw comes from the number
of the subject, so the same cohort comes out each time.
"""

import json
import sys
from pathlib import Path

import duckdb

SEED = 2026

CHUNK = 50
"""Subjects drawn at a time: the cohort is made in little memory, and in the order of an export."""

DRAWS = f"""
CREATE MACRO scrambled(x) AS xor(x, x >> 15) * 739982445 % 4294967296;

-- The n-th draw of a subject, even on [0, 1) or between two bounds.
CREATE MACRO draw(subject, n) AS
    scrambled(scrambled(scrambled((subject * 7919 + n * 104729 + {SEED}) % 4294967296))) / 4294967296.0::DOUBLE;
CREATE MACRO draw_between(subject, n, low, high) AS low + (high - low) * draw(subject, n);
"""

# Times are hours after the infusion.
PATIENTS = """
CREATE TABLE patients AS
SELECT
    s AS subject,
    format('D-{:05d}', s) AS subject_id,
    floor(CASE WHEN draw(s, 1) < 0.1 THEN draw_between(s, 2, 3, 18) ELSE draw_between(s, 2, 18, 80) END) AS age_years,
    CASE WHEN draw(s, 3) < 0.5 THEN 'female' ELSE 'male' END AS sex,
    CASE floor(draw(s, 4) * 3) WHEN 0 THEN 'Alder' WHEN 1 THEN 'Birch' ELSE 'Cedar' END AS site,
    -- Four of five have a fever, one in seven of them a second one.
    draw(s, 5) < 0.8 AS has_fever,
    draw_between(s, 6, 10, 140) AS onset,
    draw_between(s, 7, 36, 130) AS duration,
    draw_between(s, 8, 1.3, 3.0) AS height,
    draw_between(s, 9, 5.5, 9) AS swing,
    draw(s, 10) < 0.14 AS has_second_fever,
    draw_between(s, 11, 380, 560) AS second_onset,
    -- The pressure of two in five falls, twice; the saturation of one in three, once.
    (draw(s, 12) < 0.4)::INTEGER AS pressure_falls,
    onset + draw_between(s, 13, 4, 30) AS pressure_dip,
    draw_between(s, 14, 3, 9) AS pressure_width,
    draw_between(s, 15, 22, 46) AS pressure_depth,
    (draw(s, 16) < 0.33)::INTEGER AS saturation_falls,
    onset + draw_between(s, 17, 4, 36) AS saturation_dip,
    draw_between(s, 18, 4, 14) AS saturation_width,
    draw_between(s, 19, 5, 13) AS saturation_depth,
    s % 3 = 0 AS has_support,
    round(draw_between(s, 20, 45, 105), 1) AS kg
FROM range(1, $subjects + 1) AS numbers(s)
"""

WAVES = """
CREATE TABLE vitals (
    vital INTEGER, concept VARCHAR, unit VARCHAR,
    usual DOUBLE, spread DOUBLE, daily DOUBLE, wave DOUBLE, error DOUBLE, digits INTEGER);

INSERT INTO vitals VALUES
    (1, 'temperature', 'degC', 36.8, 0.2, 0.25, 0.2, 0.2, 1),
    (2, 'systolic_bp', 'mmHg', 116, 15, 6, 5, 5.0, 0),
    (3, 'heart_rate', '1/min', 80, 10, 6, 4, 2.0, 0),
    (4, 'respiratory_rate', '1/min', 16, 2, 1, 1, 0.8, 0),
    (5, 'spo2', '%', 96.8, 1, 0.4, 0.5, 0.5, 0);

CREATE TABLE waves AS
SELECT
    p.*,
    v.*,
    v.vital * 100 AS base,
    v.usual + v.spread * (2 * draw(p.subject, base + 1) - 1) AS level,
    2 * pi() * draw(p.subject, base + 2) AS phase_1,
    2 * pi() / draw_between(p.subject, base + 3, 50, 75) AS speed_1,
    2 * pi() * draw(p.subject, base + 4) AS phase_2,
    2 * pi() / draw_between(p.subject, base + 5, 8, 12) AS speed_2,
    2 * pi() * draw(p.subject, base + 6) AS phase_3,
    2 * pi() / draw_between(p.subject, base + 7, 2.5, 4) AS speed_3
FROM patients AS p
CROSS JOIN vitals AS v;
"""

READINGS = """
WITH timed AS (
    SELECT
        w.*,
        step,
        step * $minutes / 60.0::DOUBLE AS hour,
        CASE
            WHEN has_fever AND hour BETWEEN onset AND onset + duration
                THEN sqrt(sin(pi() * (hour - onset) / duration))
            WHEN has_fever AND has_second_fever AND hour BETWEEN second_onset AND second_onset + 40
                THEN 0.8 * sqrt(sin(pi() * (hour - second_onset) / 40))
            ELSE 0
        END AS illness
    FROM waves AS w
    CROSS JOIN range($steps) AS steps(step)
    WHERE w.subject BETWEEN $first AND $last
),

read AS (
    SELECT
        *,
        level
        + daily * sin(2 * pi() * hour / 24 + phase_1)
        + wave * (sin(speed_1 * hour + phase_1) + sin(speed_2 * hour + phase_2) + 0.6 * sin(speed_3 * hour + phase_3))
        + error * (2 * draw(subject, base + 1000 * (step + 1)) - 1)
        + CASE concept
            WHEN 'temperature' THEN illness * height * (1 + 0.35 * sin(2 * pi() * hour / swing + phase_2))
            WHEN 'systolic_bp' THEN -6 * illness - pressure_falls * pressure_depth * (
                exp(-power((hour - pressure_dip) / pressure_width, 2))
                + 0.8 * exp(-power((hour - pressure_dip - 20) / pressure_width, 2)))
            WHEN 'heart_rate' THEN 14 * illness
            WHEN 'respiratory_rate' THEN 4 * illness
            ELSE -illness
                - saturation_falls * saturation_depth * exp(-power((hour - saturation_dip) / saturation_width, 2))
        END AS value
    FROM timed
)

SELECT subject_id, concept, hour AS start_hour, NULL AS end_hour,
       round(CASE concept WHEN 'spo2' THEN least(value, 100) ELSE value END, digits) AS value, unit, NULL AS indication
FROM read
"""

# Weight, oxygen stepped up and down, norepinephrine titrated in rows that touch, antipyretics, tocilizumab, steroids.
SUPPORT = """
WITH supported AS (
    SELECT
        *,
        round(saturation_dip - 8) AS oxygen_start,
        round(pressure_dip - 2) AS pressor_start,
        round(onset + 1) AS fever_start,
        draw(subject, 30) < 0.4 AS has_high_flow,
        draw(subject, 31) < 0.4 AS has_vasopressin,
        draw(subject, 32) < 0.6 AS has_tocilizumab,
        draw(subject, 33) < 0.4 AS has_steroids
    FROM patients
    WHERE has_support AND subject BETWEEN $first AND $last
)

SELECT subject_id, 'weight', -24, NULL, kg, 'kg', NULL
FROM supported
UNION ALL
SELECT subject_id, 'nasal_cannula', oxygen_start + 4 * n, NULL, 2 + n % 4, 'L/min', NULL
FROM supported CROSS JOIN range(10) AS steps(n) WHERE NOT (has_high_flow AND n BETWEEN 4 AND 6)
UNION ALL
SELECT subject_id, 'high_flow_nasal_cannula', oxygen_start + 4 * n, NULL, 40, 'L/min', NULL
FROM supported CROSS JOIN range(4, 7) AS steps(n) WHERE has_high_flow
UNION ALL
SELECT subject_id, 'room_air', oxygen_start + 40, NULL, NULL, NULL, NULL
FROM supported
UNION ALL
SELECT subject_id, 'norepinephrine', pressor_start + 2 * n, pressor_start + 2 * n + 2,
       CASE WHEN subject % 2 = 0 THEN 0.04 + 0.02 * (n % 5) ELSE round((0.04 + 0.02 * (n % 5)) * kg, 1) END,
       CASE WHEN subject % 2 = 0 THEN 'ug/kg/min' ELSE 'ug/min' END, NULL
FROM supported CROSS JOIN range(14) AS steps(n) WHERE pressure_falls = 1
UNION ALL
SELECT subject_id, 'vasopressin', pressor_start + 6, pressor_start + 20, 0.03, 'U/min', NULL
FROM supported WHERE pressure_falls = 1 AND has_vasopressin
UNION ALL
SELECT subject_id, 'acetaminophen', fever_start + 6 * n, NULL, 650, 'mg', NULL
FROM supported CROSS JOIN range(8) AS steps(n) WHERE has_fever
UNION ALL
SELECT subject_id, 'tocilizumab', fever_start + 23, NULL, 8, 'mg/kg', NULL
FROM supported WHERE has_fever AND has_tocilizumab
UNION ALL
SELECT subject_id, 'dexamethasone', fever_start + 29 + 12 * n, NULL, 10, 'mg', NULL
FROM supported CROSS JOIN range(4) AS steps(n) WHERE has_fever AND has_steroids
"""

# A run of a vital: readings beyond its limit with none between them that is not.
SHAPE = """
WITH compared AS (
    SELECT subject_id, concept, start_hour,
           CASE concept WHEN 'temperature' THEN value >= 38.0 ELSE value < 90 END AS beyond
    FROM observations
    WHERE concept IN ('temperature', 'systolic_bp', 'spo2')
),

changed AS (
    SELECT *, beyond IS DISTINCT FROM
              lag(beyond) OVER (PARTITION BY subject_id, concept ORDER BY start_hour) AS changes
    FROM compared
),

subjects AS (
    SELECT subject_id,
           count(*) FILTER (changes) - 3 AS crossings,
           bool_or(beyond AND concept = 'temperature') AS is_febrile
    FROM changed
    GROUP BY subject_id
)

SELECT
    (SELECT count(*) FROM observations) AS rows,
    (SELECT count(*) FROM observations WHERE concept IN (SELECT concept FROM vitals)) AS readings,
    (SELECT count(DISTINCT subject_id) FROM observations WHERE concept = 'weight') AS with_support,
    count(*) FILTER (is_febrile) AS febrile,
    quantile_cont(crossings, 0.25)::INTEGER AS crossings_q1,
    median(crossings)::INTEGER AS crossings_median,
    quantile_cont(crossings, 0.75)::INTEGER AS crossings_q3
FROM subjects
"""


def make(folder: Path, subjects: int, days: int, minutes: int) -> dict[str, int]:
    """Write subjects.parquet and observations.parquet of the source `tidy`; returns what stands in them."""
    folder.mkdir(parents=True, exist_ok=True)
    making = folder / "making.duckdb"
    making.unlink(missing_ok=True)
    with duckdb.connect(str(making), config={"threads": 2, "memory_limit": "1GB"}) as connection:
        connection.execute(DRAWS)
        connection.execute(PATIENTS, {"subjects": subjects})
        connection.execute(WAVES)
        connection.execute(
            "CREATE TABLE observations (subject_id VARCHAR, concept VARCHAR, start_hour DOUBLE, end_hour DOUBLE, "
            "value DOUBLE, unit VARCHAR, indication VARCHAR)"
        )
        for first in range(1, subjects + 1, CHUNK):
            chunk = {"first": first, "last": min(first + CHUNK - 1, subjects)}
            grid = {"minutes": minutes, "steps": days * 24 * 60 // minutes}
            connection.execute(
                f"INSERT INTO observations SELECT * FROM ({READINGS}) UNION ALL SELECT * FROM ({SUPPORT}) "
                "ORDER BY subject_id, start_hour, concept",
                chunk | grid,
            )
        shape = connection.execute(SHAPE)
        made = dict(zip([column[0] for column in shape.description], shape.fetchone(), strict=True))
        connection.execute(f"COPY observations TO {_literal(folder / 'observations.parquet')} (FORMAT parquet)")
        connection.execute(
            "COPY (SELECT subject_id, age_years, sex, site, $days * 24 AS followup_end_hour "
            f"FROM patients ORDER BY subject) TO {_literal(folder / 'subjects.parquet')} (FORMAT parquet)",
            {"days": days},
        )
    making.unlink()
    return made


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:5]))))
