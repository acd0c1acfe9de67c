-- One row per system, subject and measure: how long until the highest grade of the first episode was first reached.
-- Key: system, measure, subject_no
WITH highest AS (
    SELECT e.system, s.subject_no, e.onset_minute, e.first_max_minute, e.max_grade
    FROM episodes.episodes AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    WHERE e.episode = 1 AND e.onset_minute IS NOT NULL
),

measured AS (
    SELECT system, 'highest_days' AS measure, subject_no, days_of(first_max_minute) AS value FROM highest
    UNION ALL
    SELECT system, 'highest_hours_from_onset', subject_no, hours_of(first_max_minute - onset_minute) FROM highest
    UNION ALL
    -- Who begins at the highest grade waits for nothing: those whose grade rises say how fast it does.
    SELECT system, 'rises', subject_no, NULL FROM highest WHERE first_max_minute > onset_minute
    UNION ALL
    SELECT system, 'rise_hours', subject_no, hours_of(first_max_minute - onset_minute) FROM highest WHERE first_max_minute > onset_minute
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
