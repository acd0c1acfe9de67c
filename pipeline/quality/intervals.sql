-- One row per concept, subject and length of time: how often two successive chartings that are used stand so far apart.
-- Key: concept_no, subject_no, interval_minutes
-- Chartings of one minute are one.
SELECT concept_no, subject_no, interval_minutes, intervals
FROM quality.steps
WHERE interval_minutes > 0
ORDER BY concept_no, subject_no, interval_minutes
