-- One row per charted measurement (vitals, weight, labs), as its item names it.
-- Key: source_file_no, source_row
WITH charted AS (
    SELECT
        4::UTINYINT AS source_file_no,
        c.source_row,
        c.subject_id,
        m.concept,
        m.role AS method,
        coalesce(c.valuenum, c.value) AS amount,
        c.value AS written,
        m.unit,
        c.start_clock,
        c.start_offset,
        c.start_fault
    FROM native_chartevents AS c
    JOIN mapping AS m ON m.file = 'chartevents' AND m.item = c.itemid AND m.text IS NULL AND m.concept IS NOT NULL
        AND m.role IS DISTINCT FROM 'bipap_flow'
    UNION ALL
    SELECT 9, l.source_row, l.subject_id, m.concept, NULL, coalesce(l.valuenum, l.value), l.value, l.valueuom,
           l.start_clock, l.start_offset, l.start_fault
    FROM native_labevents AS l
    JOIN mapping AS m ON m.file = 'labevents' AND m.item = l.itemid
),

-- A pressure that cannot be one takes no other's place.
judged AS (
    SELECT
        c.*,
        try_cast(c.amount AS DOUBLE) BETWEEN k.low AND k.high AS is_possible
    FROM charted AS c
    LEFT JOIN staging.concepts AS k ON k.concept = c.concept
),

compared AS (
    SELECT
        *,
        bool_or(is_possible AND method = 'arterial') OVER in_the_minute AS has_arterial,
        bool_or(is_possible AND method = 'cuff') OVER in_the_minute AS has_cuff
    FROM judged
    WHERE method IS NOT NULL AND getvariable('blood_pressure_first') <> 0
    WINDOW in_the_minute AS (PARTITION BY subject_id, concept, date_trunc('minute', start_clock))
),

-- Both methods in one minute: by default both count, and the lower pressure of the minute is the one in force.
losing AS (
    SELECT
        source_row,
        CASE method
            WHEN 'cuff' THEN 'an arterial pressure of the same minute goes first: see choice blood_pressure_first'
            ELSE 'a cuff pressure of the same minute goes first: see choice blood_pressure_first'
        END AS set_aside
    FROM compared
    WHERE CASE WHEN getvariable('blood_pressure_first') = 1 THEN method = 'cuff' AND has_arterial
               ELSE method = 'arterial' AND has_cuff END
)

SELECT j.* EXCLUDE (method, is_possible), l.set_aside
FROM judged AS j
LEFT JOIN losing AS l ON l.source_row = j.source_row AND j.source_file_no = 4
