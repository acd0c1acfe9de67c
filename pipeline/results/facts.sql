-- One row per system, subject and measure that the tables count or summarise; one that is only counted has no value.
-- Key: system, measure, subject_no
-- Kept as a view
SELECT * FROM results.overview
UNION ALL SELECT * FROM results.onset
UNION ALL SELECT * FROM results.time_to_highest
UNION ALL SELECT * FROM results.duration
UNION ALL SELECT * FROM results.symptoms
UNION ALL SELECT * FROM results.treatment
UNION ALL SELECT * FROM results.recurrence
UNION ALL SELECT * FROM results.missing
