-- One row per stretch of constant verdict of a subject; the stretches tile its time without gaps.
-- Key: system, subject_id, start_minute
WITH compared AS (
    SELECT
        *,
        lag(grade) OVER in_time IS NOT DISTINCT FROM grade
            AND lag(ceiling) OVER in_time IS NOT DISTINCT FROM ceiling
            AND lag(reason_no) OVER in_time IS NOT DISTINCT FROM reason_no
            AND lag(episode) OVER in_time IS NOT DISTINCT FROM episode AS goes_on
    FROM grading.graded
    WINDOW in_time AS (PARTITION BY system, subject_no ORDER BY start_minute)
),

stretched AS (
    SELECT *, sum((NOT goes_on)::INTEGER) OVER (PARTITION BY system, subject_no ORDER BY start_minute
                                               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
    FROM compared
),

merged AS (
    SELECT system, subject_no, min(start_minute) AS start_minute, max(end_minute) AS end_minute,
           min(grade) AS grade, min(ceiling) AS ceiling, min(reason_no) AS reason_no, min(episode) AS episode
    FROM stretched
    GROUP BY system, subject_no, stretch
)

SELECT m.system, s.subject_id, m.start_minute, m.end_minute, m.grade, m.ceiling, r.because, m.episode
FROM merged AS m
JOIN staging.subjects AS s ON s.subject_no = m.subject_no
JOIN grading.reasons AS r ON r.reason_no = m.reason_no
ORDER BY m.system, m.subject_no, m.start_minute
