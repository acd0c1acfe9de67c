-- One row per way in which a concept, its unit and its indication are written: what that means, looked up once for all its rows.
-- Key: spelling_no
WITH written AS (
    SELECT DISTINCT concept AS concept_written, unit AS unit_written, indication AS indication_written
    FROM sources.observations
),

known AS (
    SELECT
        w.*,
        c.concept_no,
        c.kind,
        c.quantity,
        c.low,
        c.high,
        -- A missing unit is taken as the usual one of the concept, but never guessed for a temperature.
        CASE
            WHEN trim(w.unit_written) <> '' THEN lower(trim(w.unit_written))
            WHEN c.quantity <> 'temperature' THEN lower(c.unit)
        END AS spelling,
        nullif(lower(trim(w.indication_written)), '') AS indication
    FROM written AS w
    LEFT JOIN staging.concepts AS c ON c.concept = lower(trim(w.concept_written))
)

SELECT
    row_number() OVER (ORDER BY k.concept_written, k.unit_written, k.indication_written)::INTEGER AS spelling_no,
    k.concept_written,
    k.unit_written,
    k.indication_written,
    k.concept_no,
    k.kind,
    k.low,
    k.high,
    k.spelling,
    u.unit_no,
    u.minus,
    u.times,
    u.divide,
    k.indication,
    -- Only an empty indication or CRS counts; anything else is kept, shown and not graded.
    coalesce(k.indication = 'crs', TRUE) AS graded
FROM known AS k
LEFT JOIN staging.unit_spellings AS u ON u.quantity = k.quantity AND u.spelling = k.spelling
ORDER BY spelling_no
