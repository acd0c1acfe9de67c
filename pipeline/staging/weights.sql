-- One row per subject and minute with a weight (the lowest, where a minute has several).
-- Key: subject_no, minute
SELECT c.subject_no, c.start_minute AS minute, min(c.value) AS kg
FROM staging.charted AS c
JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.concept = 'weight'
WHERE c.fault_no IS NULL
GROUP BY c.subject_no, c.start_minute
