-- One row per system, stretch of linked support and charting that links it to a fever: a reading or a dose.
-- Key: system, subject_no, start_minute, source_file_no, source_row
WITH numbered AS (
    SELECT *, sum((NOT is_linked)::INTEGER) OVER (PARTITION BY system, subject_no ORDER BY start_minute
                                                 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
    FROM grading.verdicts
    -- Few subjects need support at all.
    WHERE subject_no IN (SELECT subject_no FROM grading.verdicts WHERE is_linked)
),

-- The minute at which a stretch of support became linked, and when it stops.
linked AS (
    SELECT system, subject_no, min(start_minute) AS start_minute, max(end_minute) AS end_minute
    FROM numbered
    WHERE is_linked
    GROUP BY system, subject_no, stretch
),

fevers AS (
    SELECT r.subject_no, r.minute, r.source_file_no, r.source_row
    FROM timeline.readings AS r
    JOIN staging.concepts AS k ON k.concept_no = r.concept_no AND k.concept = 'temperature'
    WHERE r.band > 0 AND is_fever(r.value)
),

febrile AS (
    SELECT subject_no, first_minute, end_minute
    FROM timeline.runs
    WHERE concept = 'temperature' AND graded AND is_fever(value)
),

-- The last fever read at or before the link, if it is recent enough to count, or is still in force.
recent AS (
    SELECT l.system, l.subject_no, l.start_minute, l.end_minute, f.minute, f.source_file_no, f.source_row
    FROM linked AS l
    ASOF JOIN fevers AS f ON f.subject_no = l.subject_no AND f.minute <= l.start_minute
    LEFT JOIN febrile AS n
        ON n.subject_no = l.subject_no AND n.first_minute <= l.start_minute AND n.end_minute > l.start_minute
    WHERE l.start_minute < f.minute + minutes_of_hours(getvariable('fever_window_h')) OR n.subject_no IS NOT NULL
),

first_fevers AS (
    SELECT subject_no, min(minute) AS minute
    FROM fevers
    GROUP BY subject_no
),

-- Every dose whose waiver holds at the link.
waivers AS (
    SELECT l.system, l.subject_no, l.start_minute, l.end_minute, t.start_minute AS minute, t.source_file_no, t.source_row
    FROM linked AS l
    JOIN first_fevers AS f ON f.subject_no = l.subject_no
    JOIN staging.therapies AS t
        ON t.subject_no = l.subject_no AND t.waiver IN ('antipyretic', 'anticytokine') AND t.graded
        AND t.amount IS DISTINCT FROM 0 AND t.start_minute >= f.minute AND t.start_minute <= l.start_minute
        AND l.start_minute < t.start_minute + CASE t.waiver
            WHEN 'antipyretic' THEN minutes_of_hours(getvariable('waiver_antipyretic_h'))
            ELSE minutes_of_hours(getvariable('waiver_anticytokine_h')) END
)

SELECT system, subject_no, start_minute, end_minute, 'fever' AS kind, minute, source_file_no, source_row FROM recent
UNION ALL
SELECT system, subject_no, start_minute, end_minute, 'waiver', minute, source_file_no, source_row FROM waivers
ORDER BY system, subject_no, start_minute, kind, minute, source_file_no, source_row
