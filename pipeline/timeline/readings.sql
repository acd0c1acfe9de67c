-- One row per reading of a vital that a rule compares, from time zero on, in the order of vital, subject and minute.
-- Key: source_file_no, source_row
WITH watched AS (
    SELECT
        c.subject_no,
        k.concept,
        c.start_minute AS minute,
        c.value,
        c.graded,
        c.source_file_no,
        c.source_row,
        -- What a rule compares the reading with and what ends it is attached here, so that later steps need no join.
        s.systolic_bp_limit,
        s.cut_minute,
        -- A reading holds at least in its own minute.
        greatest(1, CASE k.concept
            WHEN 'temperature' THEN minutes_of_hours(getvariable('temperature_holds_h'))
            ELSE minutes_of_hours(getvariable('blood_pressure_holds_h'))
        END) AS holds_minutes
    FROM staging.charted AS c
    JOIN staging.concepts AS k ON k.concept_no = c.concept_no AND k.concept IN ('temperature', 'systolic_bp')
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL
      AND c.start_minute >= 0
      AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
),

-- Where low pressures must be confirmed (n > 1), each minute gets the pressure that n consecutive readings confirm:
-- below a limit exactly if some n consecutive readings that include it are all below that limit.
pressures AS (
    SELECT subject_no, minute, min(value) FILTER (graded) AS value, bool_or(graded) AS graded
    FROM watched
    WHERE concept = 'systolic_bp' AND getvariable('hypotension_confirm_readings') > 1
    GROUP BY subject_no, minute
),

-- A reading put down to something else breaks a run of readings; a gap in charting does not.
unbroken AS (
    SELECT *, sum((NOT graded)::INTEGER) OVER (PARTITION BY subject_no ORDER BY minute) AS stretch
    FROM pressures
),

highest_of_n AS (
    SELECT
        subject_no, minute, stretch,
        CASE WHEN count(value) OVER ahead = getvariable('hypotension_confirm_readings')
             THEN max(value) OVER ahead ELSE 'infinity'::DOUBLE END AS value
    FROM unbroken
    WHERE graded
    WINDOW ahead AS (PARTITION BY subject_no, stretch ORDER BY minute
                     ROWS BETWEEN CURRENT ROW AND getvariable('hypotension_confirm_readings') - 1 FOLLOWING)
),

confirmed AS (
    SELECT
        subject_no, minute,
        min(value) OVER (PARTITION BY subject_no, stretch ORDER BY minute
                         ROWS BETWEEN getvariable('hypotension_confirm_readings') - 1 PRECEDING AND CURRENT ROW) AS value
    FROM highest_of_n
)

SELECT
    w.subject_no,
    w.concept,
    w.minute,
    CASE WHEN getvariable('hypotension_confirm_readings') > 1 AND w.concept = 'systolic_bp' AND w.graded
         THEN c.value ELSE w.value END AS value,
    w.graded,
    w.systolic_bp_limit,
    w.cut_minute,
    w.holds_minutes,
    w.source_file_no,
    w.source_row
FROM watched AS w
LEFT JOIN confirmed AS c ON c.subject_no = w.subject_no AND c.minute = w.minute AND w.concept = 'systolic_bp'
-- In one minute the worst graded reading stands first: the highest temperature, the lowest pressure.
ORDER BY w.concept, w.subject_no, w.minute, w.graded DESC,
         CASE w.concept WHEN 'temperature' THEN -w.value ELSE w.value END, w.source_file_no, w.source_row
