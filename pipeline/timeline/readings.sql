-- One row per reading of a vital that a rule compares, from time zero on, in the order of vital, subject and minute.
-- Key: source_file_no, source_row
WITH watched AS (
    SELECT
        -- Its number and not its name: what is sorted and stored here is dense, and half as wide so.
        k.concept_no::UTINYINT AS concept_no,
        k.concept = 'temperature' AS is_temperature,
        c.subject_no,
        c.start_minute AS minute,
        c.value,
        p.graded,
        c.source_file_no,
        c.source_row,
        s.systolic_bp_limit
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.concept IN ('temperature', 'systolic_bp')
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
    WHERE NOT is_temperature AND getvariable('hypotension_confirm_readings') > 1
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
),

compared AS (
    SELECT
        w.* EXCLUDE (value),
        w.value AS read_value,
        CASE WHEN getvariable('hypotension_confirm_readings') > 1 AND NOT w.is_temperature AND w.graded
             THEN c.value ELSE w.value END AS value
    FROM watched AS w
    LEFT JOIN confirmed AS c ON c.subject_no = w.subject_no AND c.minute = w.minute AND NOT w.is_temperature
)

SELECT
    concept_no,
    subject_no,
    minute,
    value,
    -- What the rules' comparisons say of it, attached here so that later steps need no join.
    -- 0 is a reading put down to another cause: known, never CRS, and not graded.
    CASE
        WHEN NOT graded THEN 0
        WHEN is_temperature THEN temperature_band(value)
        ELSE systolic_bp_band(value, systolic_bp_limit)
    END AS band,
    source_file_no,
    source_row
FROM compared
-- In one minute the worst graded reading stands first: the highest temperature, the lowest pressure.
ORDER BY concept_no, subject_no, minute, graded DESC,
         CASE WHEN is_temperature THEN -read_value ELSE read_value END, source_file_no, source_row
