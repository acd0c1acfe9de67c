-- One row per charting that is asked for, in the columns that staging reads.
-- Key: source_file_no, source_row
WITH charted AS (
    SELECT * FROM vitals
    UNION ALL BY NAME
    SELECT * FROM oxygen
    UNION ALL BY NAME
    SELECT * FROM infusions
    UNION ALL BY NAME
    SELECT * FROM doses
)

SELECT
    c.source_file_no,
    c.source_row,
    h.subject_id,
    c.concept,
    c.method,
    c.amount,
    c.written,
    c.unit,
    c.start_clock,
    c.start_offset,
    c.start_fault,
    c.end_clock,
    CASE WHEN c.end_clock IS NOT NULL THEN 0 END AS end_offset,
    CASE WHEN c.end_clock IS NULL THEN 'missing' END AS end_fault,
    c.set_aside
FROM charted AS c
JOIN stays AS h ON h.stay_id = c.hospitalization_id
