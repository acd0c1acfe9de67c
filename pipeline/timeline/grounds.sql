-- One row per charting of support, of a fraction of oxygen, a bolus or a laboratory result, and the time through which it counts.
-- Key: source_file_no, source_row, start_minute
WITH oxygen AS (
    SELECT * FROM timeline.support WHERE family = 'oxygen' AND standing IN ('proven', 'presumed')
),

-- A run of a vasopressor too short to count is none.
vasopressors AS (
    SELECT u.*
    FROM timeline.support AS u
    SEMI JOIN timeline.agents AS n
        ON n.subject_no = u.subject_no AND n.concept = u.concept AND n.level = 'counted'
        AND u.start_minute >= n.start_minute AND u.end_minute <= n.end_minute
    WHERE u.family <> 'oxygen' AND u.standing IN ('proven', 'presumed')
),

boluses AS (
    SELECT t.*
    FROM staging.therapies AS t
    WHERE t.family = 'fluid' AND t.graded AND t.amount IS DISTINCT FROM 0 AND t.start_minute >= 0
)

SELECT subject_no, concept, start_minute, end_minute, charted_minute, amount, unit, source_file_no, source_row FROM oxygen
UNION ALL
SELECT subject_no, concept, start_minute, end_minute, charted_minute, amount, unit, source_file_no, source_row FROM vasopressors
UNION ALL
SELECT f.subject_no, k.concept, f.start_minute, max(f.end_minute), f.start_minute, f.fraction, k.unit, f.source_file_no, f.source_row
FROM timeline.fractions AS f
JOIN oxygen AS d ON d.source_file_no = f.device_file_no AND d.source_row = f.device_row
JOIN staging.concepts AS k ON k.concept = 'fio2'
GROUP BY ALL
UNION ALL
SELECT subject_no, concept, start_minute, end_minute, start_minute, value, unit, source_file_no, source_row
FROM timeline.labs
WHERE organ_grade > 0
UNION ALL
SELECT subject_no, concept, start_minute, start_minute + minutes_of_hours(getvariable('bolus_window_h')), start_minute, amount, unit,
       source_file_no, source_row
FROM boluses
ORDER BY subject_no, concept, start_minute, source_file_no, source_row
