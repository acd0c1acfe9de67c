-- One row per system, subject and measure: what was given, how often, and how long after the infusion and after the onset.
-- Key: system, measure, subject_no
WITH onsets AS (
    SELECT p.system, s.subject_no, p.onset_minute
    FROM summaries.subjects AS p
    JOIN staging.subjects AS s ON s.subject_id = p.subject_id
),

first AS (
    SELECT o.system, o.subject_no, o.onset_minute, g.treatment,
           count(*) AS times,
           min(g.minute) AS first_minute,
           min(g.minute) FILTER (g.minute >= o.onset_minute) AS first_minute_in_crs
    FROM onsets AS o
    JOIN results.given AS g ON g.subject_no = o.subject_no
    GROUP BY o.system, o.subject_no, o.onset_minute, g.treatment
),

treated AS (
    SELECT system, subject_no, bool_or(treatment = 'vasopressor') AS has_vasopressor,
           bool_or(treatment = 'several_vasopressors') AS has_several
    FROM first
    GROUP BY system, subject_no
),

measured AS (
    SELECT system, treatment AS measure, subject_no, NULL AS value FROM first
    UNION ALL
    SELECT system, 'tocilizumab_' || CASE WHEN times >= 3 THEN '3_or_more' ELSE times::VARCHAR END, subject_no, NULL
    FROM first
    WHERE treatment = 'tocilizumab'
    UNION ALL
    SELECT system, 'one_vasopressor', subject_no, NULL FROM treated WHERE has_vasopressor AND NOT has_several
    UNION ALL
    SELECT system, treatment || '_days', subject_no, days_of(first_minute) FROM first
    UNION ALL
    SELECT system, treatment || '_hours_from_onset', subject_no, hours_of(first_minute_in_crs - onset_minute)
    FROM first
    WHERE first_minute_in_crs IS NOT NULL
    UNION ALL
    -- Who was given it at or after an onset: of these the time from it is known.
    SELECT system, treatment || '_in_crs', subject_no, NULL FROM first WHERE first_minute_in_crs IS NOT NULL
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
