-- One row per concept, subject and step in time from one charting that is used to the next: how often; of no step, when.
-- Key: concept_no, subject_no, interval_minutes, minute
-- Counted under observation from time zero on. A step of 0 is a second charting of one minute.
-- Two windows have no order of their own: what they read is stored in the order they need.
WITH compared AS (
    SELECT
        concept_no,
        subject_no,
        minute,
        lag(concept_no) OVER () AS concept_before,
        lag(subject_no) OVER () AS subject_before,
        lag(minute) OVER () AS minute_before
    FROM timeline.readings
),

occasional AS (
    SELECT
        concept_no,
        subject_no,
        minute,
        lag(concept_no) OVER () AS concept_before,
        lag(subject_no) OVER () AS subject_before,
        lag(minute) OVER () AS minute_before
    FROM quality.occasional
),

-- The vitals that no rule compares, and that no other table holds in order.
others AS (
    SELECT
        k.concept_no,
        c.subject_no,
        c.start_minute AS minute,
        lag(c.start_minute) OVER (PARTITION BY c.subject_no, k.concept_no ORDER BY c.start_minute) AS minute_before
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.family = 'vital'
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL AND c.start_minute >= 0 AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
      AND k.concept_no NOT IN (SELECT DISTINCT concept_no FROM timeline.readings)
),

stepped AS (
    SELECT concept_no::UTINYINT AS concept_no, subject_no, minute, minute - minute_before AS interval_minutes
    FROM compared
    WHERE concept_no = concept_before AND subject_no = subject_before
    UNION ALL
    SELECT concept_no, subject_no, minute, minute - minute_before
    FROM occasional
    WHERE concept_no = concept_before AND subject_no = subject_before
    UNION ALL
    SELECT concept_no, subject_no, minute, minute - minute_before
    FROM others
    WHERE minute_before IS NOT NULL
)

SELECT
    concept_no,
    subject_no,
    interval_minutes,
    CASE WHEN interval_minutes = 0 THEN minute END AS minute,
    count(*) AS intervals
FROM stepped
GROUP BY ALL
ORDER BY ALL
