-- One row per charted row that is used, in canonical units, with the file and row it came from.
-- Key: source_file, source_row
-- Kept as a view
SELECT
    s.subject_id,
    k.concept,
    c.start_minute,
    c.end_minute,
    CASE WHEN k.kind = 'reading' THEN c.value ELSE t.amount END AS value,
    k.unit,
    p.indication,
    p.graded,
    f.source_file,
    c.source_row
FROM staging.charted AS c
JOIN staging.subjects AS s ON s.subject_no = c.subject_no
JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
JOIN staging.concepts AS k ON k.concept_no = p.concept_no
JOIN sources.files AS f ON f.source_file_no = c.source_file_no
LEFT JOIN staging.therapies AS t ON t.source_file_no = c.source_file_no AND t.source_row = c.source_row
LEFT JOIN staging.faults AS g ON g.fault_no = c.fault_no
WHERE g.outcome IS DISTINCT FROM 'refused'
