-- One row per system, subject and measure: when the first episode began, and how long before no temperature had been charted.
-- Key: system, measure, subject_no
WITH onsets AS (
    SELECT p.system, s.subject_no, p.onset_day, p.onset_minute
    FROM summaries.subjects AS p
    JOIN staging.subjects AS s ON s.subject_id = p.subject_id
    WHERE p.onset_minute IS NOT NULL
),

-- CRS may have begun at any time since the temperature before; from time zero on, where none was charted before.
temperatures AS (
    SELECT subject_no, last_minute FROM timeline.runs WHERE concept = 'temperature'
),

gaps AS (
    SELECT o.system, o.subject_no, o.onset_minute - coalesce(t.last_minute, 0) AS gap_minutes
    FROM onsets AS o
    ASOF LEFT JOIN temperatures AS t ON t.subject_no = o.subject_no AND t.last_minute < o.onset_minute
),

measured AS (
    SELECT system, 'onset_day' AS measure, subject_no, onset_day AS value FROM onsets
    UNION ALL
    SELECT system, 'onset_hours', subject_no, hours_of(onset_minute) FROM onsets
    UNION ALL
    SELECT system, 'onset_gap_hours', subject_no, hours_of(gap_minutes) FROM gaps
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
