-- One row per subject, vital and calendar day of the observed window that is under observation: how often it was charted.
-- Key: subject_no, vital, day
-- A day without a charting is a row with 0. Oxygen is charted by a saturation, or by a device with or without a flow.
WITH charted AS (
    SELECT concept_no, subject_no, minute FROM timeline.readings
    UNION ALL
    -- Oxygen has no one concept.
    SELECT NULL, c.subject_no, c.start_minute
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.quantity = 'saturation'
    WHERE c.fault_no IS NULL
    UNION ALL
    SELECT NULL, o.subject_no, o.minute
    FROM quality.occasional AS o
    JOIN staging.concepts AS k ON k.concept_no = o.concept_no AND k.family = 'oxygen'
),

counted AS (
    SELECT c.concept_no, c.subject_no, day_of(c.minute, s.infusion_minute_of_day) AS day, count(*) AS chartings
    FROM charted AS c
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.minute >= 0 AND (s.cut_minute IS NULL OR c.minute < s.cut_minute)
    GROUP BY c.concept_no, c.subject_no, day
),

named AS (
    SELECT coalesce(k.concept, 'oxygen') AS vital, c.subject_no, c.day, c.chartings
    FROM counted AS c
    LEFT JOIN staging.concepts AS k ON k.concept_no = c.concept_no
),

observed AS (
    SELECT
        s.subject_no,
        unnest(range(0, day_of(least(t.last_minute, minutes_of_days(getvariable('observed_window_d'))) - 1,
                               s.infusion_minute_of_day) + 1))::INTEGER AS day
    FROM staging.subjects AS s
    JOIN timeline.spans AS t ON t.subject_no = s.subject_no
    WHERE t.last_minute > 0
),

vitals AS (
    SELECT unnest(['temperature', 'systolic_bp', 'oxygen']) AS vital
)

SELECT o.subject_no, v.vital, o.day, coalesce(c.chartings, 0) AS chartings_on_day
FROM observed AS o
CROSS JOIN vitals AS v
LEFT JOIN named AS c ON c.subject_no = o.subject_no AND c.vital = v.vital AND c.day = o.day
ORDER BY o.subject_no, v.vital, o.day
