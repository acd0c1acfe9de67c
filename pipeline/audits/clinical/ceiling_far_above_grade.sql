-- Subjects whose chart leaves a grade open that lies far above the one derived.
-- Why: something decisive was not charted, so the grade derived may be far too low.
WITH open_grades AS (
    SELECT b.system, b.subject_id, s.subject_no, b.max_grade, b.max_ceiling
    FROM summaries.subjects AS b
    JOIN staging.subjects AS s ON s.subject_id = b.subject_id
    WHERE b.max_ceiling - b.max_grade >= getvariable('ceiling_above_grade')
)

SELECT o.system, o.subject_id, min(g.start_minute) AS minute,
       format('grade {}, up to {}', any_value(o.max_grade), any_value(o.max_ceiling)) AS value
FROM open_grades AS o
JOIN grading.graded AS g
    ON g.system = o.system AND g.subject_no = o.subject_no AND g.ceiling = o.max_ceiling
    AND (g.temperature_known OR g.pressure_known)
GROUP BY o.system, o.subject_id
ORDER BY o.system, o.subject_id
