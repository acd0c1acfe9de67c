-- One row per system, subject and measure: how many were treated, evaluable, had CRS, and of which highest grade.
-- Key: system, measure, subject_no
-- A patient is counted once, at the highest grade over all episodes.
WITH subjects AS (
    SELECT p.system, s.subject_no, p.status, p.max_grade
    FROM summaries.subjects AS p
    JOIN staging.subjects AS s ON s.subject_id = p.subject_id
),

marked AS (
    SELECT system, subject_no, 'treated' AS measure FROM subjects
    UNION ALL
    SELECT system, subject_no, 'evaluable' FROM subjects WHERE status <> 'not_evaluable'
    UNION ALL
    SELECT system, subject_no, status FROM subjects
    UNION ALL
    SELECT system, subject_no, 'grade_' || max_grade FROM subjects WHERE max_grade >= 1
    UNION ALL
    SELECT system, subject_no, 'grade_2_or_more' FROM subjects WHERE max_grade >= 2
    UNION ALL
    SELECT system, subject_no, 'grade_3_or_more' FROM subjects WHERE max_grade >= 3
)

SELECT system, measure, subject_no, NULL::DOUBLE AS value
FROM marked
ORDER BY system, measure, subject_no
