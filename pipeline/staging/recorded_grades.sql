-- One row per recorded grade that is used, for comparison with the derived ones.
-- Key: source_file_no, source_row
-- Kept as a view
SELECT r.subject_no, r.subject_id, r.system, r.grade, r.start_minute, r.end_minute, r.recorder, r.source_file_no, r.source_row
FROM staging.recorded AS r
WHERE r.fault IS NULL
