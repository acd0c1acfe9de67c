-- One row per stretch of time in which an organ's trouble may belong to CRS: while fever, hypotension or hypoxia, and after.
-- Key: subject_no, kind, start_minute
-- kind: 'proven', 'possible' (one of the three cannot be ruled out).
WITH vitals AS (
    SELECT
        r.subject_no,
        r.concept,
        r.first_minute,
        r.end_minute,
        r.graded AND CASE r.concept WHEN 'temperature' THEN is_fever(r.value) ELSE r.value < s.systolic_bp_limit END AS is_sign
    FROM timeline.runs AS r
    JOIN staging.subjects AS s ON s.subject_no = r.subject_no
),

-- The hours in which a vital is not known: before its first reading, between the holds, after the last.
known AS (
    SELECT subject_no, concept, first_minute, end_minute FROM vitals
    UNION ALL
    SELECT p.subject_no, k.concept, -1, 0
    FROM timeline.spans AS p
    JOIN staging.concepts AS k ON k.concept IN ('temperature', 'systolic_bp')
),

unknown AS (
    SELECT n.subject_no, n.end_minute AS start_minute,
           coalesce(lead(n.first_minute) OVER (PARTITION BY n.subject_no, n.concept ORDER BY n.first_minute), p.last_minute) AS end_minute
    FROM known AS n
    JOIN timeline.spans AS p ON p.subject_no = n.subject_no
),

signs AS (
    SELECT subject_no, first_minute AS start_minute, end_minute, TRUE AS is_proven FROM vitals WHERE is_sign
    UNION ALL
    SELECT subject_no, start_minute, end_minute, vasopressors_and_vasopressin >= 1 FROM timeline.vasopressors
    UNION ALL
    SELECT subject_no, start_minute, end_minute, oxygen_device >= 1 FROM timeline.oxygen
    UNION ALL
    SELECT subject_no, start_minute, end_minute, FALSE FROM unknown WHERE end_minute > start_minute
),

reaches AS (
    SELECT subject_no, 'proven' AS kind, start_minute, end_minute + minutes_of_hours(getvariable('organ_window_h')) AS end_minute
    FROM signs
    WHERE is_proven
    -- UNION, not UNION ALL: two signs of the same hours are one, and leave no ties to the order below.
    UNION
    SELECT subject_no, 'possible', start_minute, end_minute + minutes_of_hours(getvariable('organ_window_h'))
    FROM signs
),

opened AS (
    SELECT
        *,
        (start_minute > max(end_minute) OVER (
            PARTITION BY subject_no, kind ORDER BY start_minute, end_minute
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) IS NOT FALSE AS opens
    FROM reaches
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (
        PARTITION BY subject_no, kind ORDER BY start_minute, end_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reach
    FROM opened
)

SELECT subject_no, kind, min(start_minute) AS start_minute, max(end_minute) AS end_minute
FROM numbered
GROUP BY subject_no, kind, reach
ORDER BY subject_no, kind, start_minute
