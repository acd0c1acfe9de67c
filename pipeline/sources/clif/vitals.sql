-- One row per charted vital, weight and lab, as its category names it.
-- Key: source_file_no, source_row
SELECT
    4::UTINYINT AS source_file_no,
    v.source_row,
    v.hospitalization_id,
    m.concept,
    -- A cuff or an arterial line, where the hospital's own name of the vital tells.
    (SELECT min(w.role) FROM mapping AS w WHERE w.file = 'vitals' AND w.item IS NULL AND contains(lower(v.vital_name), w.word)) AS method,
    v.vital_value AS amount,
    v.vital_value AS written,
    m.unit,
    v.start_clock,
    v.start_offset,
    v.start_fault
FROM native_vitals AS v
JOIN mapping AS m ON m.file = 'vitals' AND m.item = lower(trim(v.vital_category))
UNION ALL
SELECT 10, l.source_row, l.hospitalization_id, m.concept, NULL, coalesce(l.lab_value_numeric, l.lab_value), l.lab_value,
       l.reference_unit, l.start_clock, l.start_offset, l.start_fault
FROM native_labs AS l
JOIN mapping AS m ON m.file = 'labs' AND m.item = lower(trim(l.lab_category))
