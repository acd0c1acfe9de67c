-- One row per charted row that was read: its subject, concept, minutes and amount, and the fault that refuses or blanks it.
-- Key: source_file_no, source_row
WITH infused AS (
    SELECT s.subject_id, s.subject_no, i.infusion_us, i.infusion_offset
    FROM staging.subjects AS s
    JOIN staging.infusions AS i ON i.subject_id = s.subject_id
),

named AS (
    SELECT
        o.*,
        s.subject_no,
        s.infusion_us,
        s.infusion_offset,
        p.spelling_no,
        p.concept_no,
        p.kind = 'reading' AS is_reading,
        p.kind = 'therapy' AS is_therapy,
        p.low,
        p.high,
        p.spelling,
        p.unit_no,
        p.minus,
        p.times,
        p.divide
    FROM sources.observations AS o
    LEFT JOIN infused AS s ON s.subject_id = o.subject_id
    LEFT JOIN staging.spellings AS p
        ON p.concept_written IS NOT DISTINCT FROM o.concept
        AND p.unit_written IS NOT DISTINCT FROM o.unit
        AND p.indication_written IS NOT DISTINCT FROM o.indication
),

-- Minutes since time zero, not yet rounded: subtract first, then round. The clock goes before the hours.
timed AS (
    SELECT
        *,
        elapsed_minutes(start_clock, start_offset, start_hour, infusion_us) AS start_elapsed,
        elapsed_minutes(end_clock, end_offset, end_hour, infusion_us) AS end_elapsed,
        offset_differs(start_clock, start_offset, infusion_offset) AS start_offset_differs,
        offset_differs(end_clock, end_offset, infusion_offset) AS end_offset_differs
    FROM named
),

-- Readings in the canonical unit, unrounded; the amount of a therapy stays as charted until its weight is known.
converted AS (
    SELECT
        *,
        (value - minus) * times / divide AS canonical,
        CASE WHEN is_reading THEN canonical ELSE value END AS amount
    FROM timed
)

SELECT
    source_file_no,
    source_row,
    subject_no,
    spelling_no,
    whole_minute(start_elapsed) AS start_minute,
    -- A reading is a point: an end charted for it is ignored.
    CASE WHEN is_therapy THEN whole_minute(end_elapsed) END AS end_minute,
    amount AS value,
    CASE
        WHEN subject_no IS NULL THEN 1
        -- What the source knows and does not use: a dose not given, eye drops, the losing one of two methods.
        WHEN set_aside IS NOT NULL THEN 18
        WHEN concept_no IS NULL THEN 2
        WHEN start_fault IS NOT NULL THEN CASE start_fault WHEN 'missing' THEN 3 WHEN 'date' THEN 5 ELSE 4 END
        WHEN start_clock IS NOT NULL AND infusion_us IS NULL THEN 30
        WHEN start_offset_differs THEN 6
        -- More than a million hours away is a slip, not a time.
        WHEN abs(start_elapsed) > 60000000 THEN 16
        WHEN end_fault <> 'missing' AND is_therapy THEN CASE end_fault WHEN 'date' THEN 8 ELSE 7 END
        WHEN end_clock IS NOT NULL AND infusion_us IS NULL AND is_therapy THEN 30
        WHEN end_offset_differs AND is_therapy THEN 9
        WHEN end_elapsed < start_elapsed AND NOT end_offset_differs THEN 10
        WHEN abs(end_elapsed) > 60000000 AND is_therapy THEN 17
        -- Measurements: what cannot be a value is refused.
        WHEN is_reading AND value_fault IS NOT NULL THEN CASE value_fault WHEN 'missing' THEN 11 ELSE 12 END
        WHEN is_reading AND spelling IS NULL THEN 13
        WHEN is_reading AND unit_no IS NULL THEN 14
        WHEN is_reading AND (canonical < low OR canonical > high) THEN 15
        -- Therapies: the exposure is the fact; an amount that cannot be one is blanked. Zero is zero in any unit.
        WHEN is_therapy AND value_fault = 'text' THEN 21
        WHEN is_therapy AND value <> 0 AND unit_no IS NULL THEN 20
        WHEN is_therapy AND (canonical < low OR canonical > high) THEN 22
    END::UTINYINT AS fault_no
FROM converted
