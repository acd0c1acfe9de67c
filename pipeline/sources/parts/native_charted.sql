-- One row per charting of a hospital's layout, in the columns that staging reads.
-- Key: source_file_no, source_row
-- A pressure that cannot be one takes no other's place.
WITH judged AS NOT MATERIALIZED (
    SELECT c.*, c.number BETWEEN k.low AND k.high AS is_possible
    FROM (
        -- Digits only: what DuckDB takes for a number besides (nan, inf, 1_000) is none in a chart.
        SELECT
            *,
            CASE WHEN regexp_full_match(amount, '\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*')
                  AND isfinite(try_cast(amount AS DOUBLE)) THEN try_cast(amount AS DOUBLE) END AS number
        FROM native_observations
    ) AS c
    LEFT JOIN staging.concepts AS k ON k.concept = c.concept
),

compared AS (
    SELECT
        source_file_no,
        source_row,
        method,
        bool_or(is_possible AND method = 'arterial') OVER in_the_minute AS has_arterial,
        bool_or(is_possible AND method = 'cuff') OVER in_the_minute AS has_cuff
    FROM judged
    WHERE method IS NOT NULL AND getvariable('blood_pressure_first') <> 0
    WINDOW in_the_minute AS (PARTITION BY subject_id, concept, date_trunc('minute', start_clock))
),

-- Both methods in one minute: by default both count, and the lower pressure of the minute is the one in force.
losing AS (
    SELECT
        source_file_no,
        source_row,
        CASE method
            WHEN 'cuff' THEN 'an arterial pressure of the same minute goes first: see choice blood_pressure_first'
            ELSE 'a cuff pressure of the same minute goes first: see choice blood_pressure_first'
        END AS reason
    FROM compared
    WHERE CASE getvariable('blood_pressure_first') WHEN 1 THEN method = 'cuff' AND has_arterial
          ELSE method = 'arterial' AND has_cuff END
)

SELECT
    j.source_file_no,
    j.source_row,
    j.subject_id,
    j.concept,
    j.start_clock,
    j.start_offset,
    NULL::DOUBLE AS start_hour,
    j.start_fault,
    j.end_clock,
    j.end_offset,
    NULL::DOUBLE AS end_hour,
    j.end_fault,
    j.number AS value,
    j.written AS value_text,
    CASE WHEN trim(coalesce(j.amount, '')) = '' THEN 'missing' WHEN j.number IS NULL THEN 'text' END AS value_fault,
    j.unit,
    NULL::VARCHAR AS indication,
    coalesce(j.set_aside, l.reason) AS set_aside
FROM judged AS j
LEFT JOIN losing AS l ON l.source_file_no = j.source_file_no AND l.source_row = j.source_row
