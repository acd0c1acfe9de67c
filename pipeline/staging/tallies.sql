-- One row per file, subject, way of writing a concept with its unit, and fault: how many charted rows, at any time, are so.
-- Key: source_file_no, subject_no, spelling_no, fault_no
-- The one pass over all chartings from which rows are counted; all that follows counts these counts.
SELECT source_file_no, subject_no, spelling_no, fault_no, count(*) AS rows_charted
FROM staging.charted
GROUP BY source_file_no, subject_no, spelling_no, fault_no
ORDER BY source_file_no, subject_no, spelling_no, fault_no
