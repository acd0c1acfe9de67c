-- One row per row of the charts that is asked for, in the columns that staging reads.
-- Key: source_file_no, source_row
WITH charted AS (
    SELECT source_file_no, source_row, subject_id, concept, amount, written, unit, start_clock, start_offset, start_fault,
           NULL::TIMESTAMP AS end_clock, 'missing' AS end_fault, set_aside
    FROM measurements
    UNION ALL BY NAME
    SELECT * FROM oxygen
    UNION ALL BY NAME
    SELECT * FROM infusions
    UNION ALL BY NAME
    SELECT * FROM doses
)

SELECT
    source_file_no,
    source_row,
    subject_id,
    concept,
    start_clock,
    start_offset,
    NULL::DOUBLE AS start_hour,
    start_fault,
    end_clock,
    NULL::INTEGER AS end_offset,
    NULL::DOUBLE AS end_hour,
    end_fault,
    try_cast(amount AS DOUBLE) AS value,
    written AS value_text,
    CASE WHEN amount IS NULL OR trim(amount) = '' THEN 'missing' WHEN try_cast(amount AS DOUBLE) IS NULL THEN 'text' END AS value_fault,
    unit,
    NULL::VARCHAR AS indication,
    set_aside
FROM charted
