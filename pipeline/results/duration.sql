-- One row per system, subject and measure: how long the first episode lasted, and whether its end was seen.
-- Key: system, measure, subject_no
WITH episodes AS (
    SELECT e.*, s.subject_no, t.ended_by
    FROM episodes.episodes AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    JOIN summaries.time_to_event AS t
        ON t.system = e.system AND t.subject_id = e.subject_id AND t.endpoint = 'resolution'
    WHERE e.episode = 1
),

measured AS (
    SELECT system, 'with_onset' AS measure, subject_no, NULL AS value FROM episodes
    UNION ALL
    SELECT system, 'duration_' || CASE
        WHEN ended_by = 'met' THEN 'resolved'
        WHEN ended_by = 'death of CRS' THEN 'fatal'
        WHEN ended_by = 'death before it' THEN 'died'
        ELSE 'censored' END, subject_no, NULL
    FROM episodes
    UNION ALL
    SELECT system, 'duration_days', subject_no, duration_days FROM episodes
    UNION ALL
    SELECT system, 'duration_hours', subject_no, duration_hours FROM episodes
    UNION ALL
    SELECT system, 'crs_hours', subject_no, crs_hours FROM episodes
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
