-- Subjects whose graded stretches leave a gap, overlap, or do not end with their observation.
-- Law: the stretches tile [0, last minute) without gaps.
WITH neighbours AS (
    SELECT *, lag(end_minute) OVER (PARTITION BY system, subject_id ORDER BY start_minute) AS end_before
    FROM grading.grades
),

ends AS (
    SELECT system, subject_id, min(start_minute) AS first_minute, max(end_minute) AS last_minute
    FROM grading.grades
    GROUP BY system, subject_id
)

SELECT system, subject_id, start_minute, end_minute, 'gap, overlap or empty stretch' AS fault
FROM neighbours
WHERE end_minute <= start_minute OR start_minute IS DISTINCT FROM coalesce(end_before, 0)
UNION ALL
SELECT y.system, s.subject_id, e.first_minute, e.last_minute, 'the stretches do not end with the observation'
FROM staging.subjects AS s
CROSS JOIN rules.systems AS y
JOIN timeline.spans AS p ON p.subject_no = s.subject_no AND p.last_minute > 0
LEFT JOIN ends AS e ON e.system = y.system AND e.subject_id = s.subject_id
WHERE e.last_minute IS DISTINCT FROM p.last_minute OR e.first_minute IS DISTINCT FROM 0
