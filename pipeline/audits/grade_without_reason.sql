-- Stretches whose grade is not that of their highest criterion.
-- Law: every grade above 0 leads to the criteria that made it.
WITH judged AS (
    SELECT DISTINCT system, grade, because
    FROM grading.grades
),

wrong AS (
    SELECT j.system, j.grade, j.because
    FROM judged AS j
    LEFT JOIN rules.criteria AS c ON c.system = j.system AND list_contains(j.because, c.criterion)
    GROUP BY j.system, j.grade, j.because
    HAVING coalesce(max(c.grade), 0) <> j.grade
)

SELECT g.system, g.subject_id, g.start_minute, g.end_minute, g.grade, g.because
FROM grading.grades AS g
JOIN wrong AS w ON w.system = g.system AND w.grade = g.grade AND w.because = g.because
