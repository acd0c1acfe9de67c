-- One row per concept, subject and step in time from one charting that is used to the next: how often; of no step, when.
-- Key: concept_no, subject_no, interval_minutes, minute
-- Counted under observation from time zero on. A step of 0 is a second charting of one minute.
-- The windows have no order of their own: each of the three that they read stands in the order of concept, subject and minute.
WITH others AS (
    SELECT concept_no
    FROM staging.concepts
    WHERE family = 'vital' AND concept_no NOT IN (SELECT DISTINCT concept_no FROM timeline.readings)
),

vitals_not_compared AS (
    SELECT k.concept_no::UTINYINT AS concept_no, c.subject_no, c.start_minute AS minute
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN others AS k ON k.concept_no = p.concept_no
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL AND c.start_minute >= 0 AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
    ORDER BY concept_no, c.subject_no, minute
),

-- One window for each: of the three together DuckDB would hold every row in memory.
compared AS (
    SELECT
        concept_no, subject_no, minute,
        lag(concept_no) OVER () AS concept_before, lag(subject_no) OVER () AS subject_before, lag(minute) OVER () AS minute_before
    FROM timeline.readings
    UNION ALL
    SELECT
        concept_no::UTINYINT, subject_no, minute,
        (lag(concept_no) OVER ())::UTINYINT AS concept_before, lag(subject_no) OVER () AS subject_before, lag(minute) OVER () AS minute_before
    FROM quality.occasional
    UNION ALL
    SELECT
        concept_no, subject_no, minute,
        lag(concept_no) OVER () AS concept_before, lag(subject_no) OVER () AS subject_before, lag(minute) OVER () AS minute_before
    FROM vitals_not_compared
)

SELECT
    concept_no,
    subject_no,
    minute - minute_before AS interval_minutes,
    CASE WHEN minute = minute_before THEN minute END AS minute,
    count(*) AS intervals
FROM compared
WHERE concept_no = concept_before AND subject_no = subject_before
GROUP BY ALL
ORDER BY ALL
