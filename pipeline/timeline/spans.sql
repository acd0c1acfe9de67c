-- One row per subject: the minute before which everything happens that can be graded.
-- Key: subject_no
-- Death or the end of follow-up closes the record; where neither is given, it ends when nothing charted is in force any more.
WITH held AS (
    SELECT subject_no, max(end_minute) AS end_minute
    FROM timeline.chartings
    GROUP BY subject_no
),

charted AS (
    SELECT
        c.subject_no,
        max(CASE
            -- A reading before time zero does not hold over.
            WHEN k.kind = 'reading' AND c.start_minute < 0 THEN 0
            WHEN k.concept = 'temperature'
                THEN c.start_minute + greatest(1, minutes_of_hours(getvariable('temperature_holds_h')))
            WHEN k.quantity IN ('pressure', 'saturation')
                THEN c.start_minute + greatest(1, minutes_of_hours(getvariable('blood_pressure_holds_h')))
            -- Anything else occupies its minute, or lasts to the end that was charted.
            ELSE greatest(c.start_minute + 1, c.end_minute)
        END) AS end_minute
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    LEFT JOIN staging.faults AS f ON f.fault_no = c.fault_no
    WHERE f.outcome IS DISTINCT FROM 'refused'
      -- Only asked where nothing closes the record.
      AND s.cut_minute IS NULL
    GROUP BY c.subject_no
)

SELECT
    s.subject_no,
    coalesce(s.cut_minute, greatest(0, h.end_minute, c.end_minute))::INTEGER AS last_minute,
    s.cut_minute IS NOT NULL AS is_closed
FROM staging.subjects AS s
LEFT JOIN held AS h ON h.subject_no = s.subject_no
LEFT JOIN charted AS c ON c.subject_no = s.subject_no
ORDER BY s.subject_no
