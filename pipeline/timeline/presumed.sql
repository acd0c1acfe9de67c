-- One row per presumed hold that counts: a device or infusion nobody charted again, taken to run on.
-- Key: subject_no, concept, start_minute, end_minute
SELECT subject_no, concept, start_minute, end_minute
FROM timeline.agents
WHERE level = 'presumed'
UNION
SELECT subject_no, concept, start_minute, end_minute
FROM timeline.support
WHERE family = 'oxygen' AND standing = 'presumed'
ORDER BY subject_no, concept, start_minute, end_minute
