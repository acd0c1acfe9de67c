-- One row per stretch of constant verdict of a subject; the stretches tile its time without gaps.
-- Key: system, subject_id, start_minute
-- The windows have no order of their own: grading.graded is stored by system, subject and minute (an audit holds it).
WITH compared AS (
    SELECT
        *,
        lag(system) OVER () IS NOT DISTINCT FROM system
            AND lag(subject_no) OVER () IS NOT DISTINCT FROM subject_no
            AND lag(grade) OVER () IS NOT DISTINCT FROM grade
            AND lag(ceiling) OVER () IS NOT DISTINCT FROM ceiling
            AND lag(reason_no) OVER () IS NOT DISTINCT FROM reason_no
            AND lag(episode) OVER () IS NOT DISTINCT FROM episode AS goes_on,
        lag(end_minute) OVER () AS end_before
    FROM grading.graded
),

-- A stretch ends with the state before the one that opens the next, the last of a subject with its last state.
opening AS (
    SELECT *, lead(end_before) OVER (PARTITION BY system, subject_no ORDER BY start_minute) AS last_end
    FROM compared
    WHERE NOT goes_on
),

ends AS (
    SELECT system, subject_no, max(end_minute) AS end_minute
    FROM grading.graded
    GROUP BY system, subject_no
)

SELECT o.system, s.subject_id, o.start_minute, coalesce(o.last_end, e.end_minute) AS end_minute,
       o.grade, o.ceiling, r.because, o.episode
FROM opening AS o
JOIN ends AS e ON e.system = o.system AND e.subject_no = o.subject_no
JOIN staging.subjects AS s ON s.subject_no = o.subject_no
JOIN grading.reasons AS r ON r.reason_no = o.reason_no
ORDER BY o.system, o.subject_no, o.start_minute
