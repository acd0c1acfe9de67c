-- One row per system that grades were recorded in and subject: the highest grade recorded, and the highest derived.
-- Key: system, subject_id
-- Of a system that is not graded here only who has a record in it.
WITH systems AS (
    SELECT DISTINCT system, is_graded FROM recorded.records
),

-- The record of the highest grade, and who made it; the earliest of equals.
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY system, subject_id
        ORDER BY recorded_grade DESC NULLS LAST, recorded_start NULLS LAST, source_file, source_row) AS place
    FROM recorded.records
),

highest AS (
    SELECT system, subject_id, recorder, recorded_grade
    FROM ranked
    WHERE place = 1
),

elsewhere AS (
    SELECT DISTINCT y.system, r.subject_id
    FROM systems AS y
    JOIN recorded.records AS r ON r.system <> y.system
)

SELECT
    y.system,
    s.subject_id,
    s.subject_no,
    l.level AS site_level,
    h.recorder,
    CASE
        WHEN h.recorded_grade IS NOT NULL THEN h.recorded_grade::VARCHAR
        WHEN h.subject_id IS NOT NULL THEN 'no grade'
        WHEN x.subject_id IS NOT NULL THEN 'other system'
        ELSE 'not recorded'
    END AS recorded,
    CASE WHEN NOT y.is_graded THEN 'not graded' ELSE coalesce(b.max_grade::VARCHAR, 'not evaluable') END AS derived,
    h.recorded_grade::TINYINT AS recorded_grade,
    b.max_grade AS derived_grade
FROM systems AS y
CROSS JOIN staging.subjects AS s
JOIN quality.levels AS l ON l.subject_no = s.subject_no AND l.stratum = 'site'
LEFT JOIN highest AS h ON h.system = y.system AND h.subject_id = s.subject_id
LEFT JOIN elsewhere AS x ON x.system = y.system AND x.subject_id = s.subject_id
LEFT JOIN summaries.subjects AS b ON b.system = y.system AND b.subject_id = s.subject_id
WHERE y.is_graded OR h.subject_id IS NOT NULL
ORDER BY y.system, s.subject_no
