-- One row per charted measurement (vitals, weight, labs), as its item names it.
-- Key: source_file_no, source_row
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
