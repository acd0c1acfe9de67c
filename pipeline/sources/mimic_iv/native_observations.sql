-- One row per row of the charts that is asked for.
-- Key: source_file_no, source_row
WITH charted AS (
    SELECT * FROM measurements
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
    method,
    amount,
    written,
    unit,
    start_clock,
    start_offset,
    start_fault,
    end_clock,
    NULL::INTEGER AS end_offset,
    coalesce(end_fault, CASE WHEN end_clock IS NULL THEN 'missing' END) AS end_fault,
    set_aside
FROM charted
