-- One row per system, subject and measure: which highest grade the chart proves and which it cannot rule out.
-- Key: system, measure, subject_no
-- The ceiling is over the time in which temperature or pressure is known; where neither ever is, any grade but death is possible.
WITH subjects AS (
    SELECT p.system, s.subject_no, coalesce(p.max_grade, 0) AS lowest,
           coalesce(p.max_ceiling, 4) AS highest, p.hours_unknown
    FROM summaries.subjects AS p
    JOIN staging.subjects AS s ON s.subject_id = p.subject_id
),

grades AS (
    SELECT s.system, s.subject_no, s.lowest, s.highest, g.grade
    FROM subjects AS s
    CROSS JOIN (SELECT unnest(range(1, 6)) AS grade) AS g
),

measured AS (
    SELECT system, format('at_least_{}_proven', grade) AS measure, subject_no, NULL AS value FROM grades WHERE lowest >= grade
    UNION ALL
    SELECT system, format('at_least_{}_possible', grade), subject_no, NULL FROM grades WHERE greatest(lowest, highest) >= grade
    UNION ALL
    SELECT system, format('highest_{}_proven', grade), subject_no, NULL FROM grades
    WHERE lowest = grade AND highest <= grade
    UNION ALL
    SELECT system, format('highest_{}_possible', grade), subject_no, NULL FROM grades
    WHERE grade BETWEEN lowest AND greatest(lowest, highest)
    UNION ALL
    SELECT system, 'ceiling_above_grade', subject_no, NULL FROM subjects WHERE highest > lowest
    UNION ALL
    SELECT system, 'hours_unknown', subject_no, hours_unknown FROM subjects
    UNION ALL
    SELECT system, 'some_hours_unknown', subject_no, NULL FROM subjects WHERE hours_unknown > 0
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
