-- One row per concept, subject and minute in which more than one row that is used was charted: how many rows and values.
-- Key: concept_no, subject_no, minute
-- Counted as in quality.intervals, under observation from time zero on.
WITH crowded AS (
    SELECT t.concept_no, t.subject_no, t.minute
    FROM quality.steps AS t
    JOIN staging.concepts AS k ON k.concept_no = t.concept_no AND k.family = 'vital'
    WHERE t.interval_minutes = 0
),

-- What was read stands in staging: where low pressures must be confirmed, timeline.readings holds what confirms them.
vitals AS (
    SELECT m.concept_no, m.subject_no, m.minute, c.value AS amount
    FROM crowded AS m
    JOIN staging.charted AS c ON c.subject_no = m.subject_no AND c.start_minute = m.minute
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no AND p.concept_no = m.concept_no
    WHERE c.fault_no IS NULL
),

rows_of_minutes AS (
    SELECT concept_no, subject_no, minute, amount FROM vitals
    UNION ALL
    SELECT concept_no, subject_no, minute, amount FROM quality.occasional
)

SELECT
    concept_no,
    subject_no,
    minute,
    count(*) AS rows_used,
    -- An amount that is not known is a value of its own.
    count(DISTINCT amount) + (count(*) > count(amount))::INTEGER AS distinct_values
FROM rows_of_minutes
GROUP BY concept_no, subject_no, minute
HAVING count(*) > 1
ORDER BY concept_no, subject_no, minute
