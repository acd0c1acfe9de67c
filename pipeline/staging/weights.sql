-- One row per subject and minute with a weight (the lowest, where a minute has several).
-- Key: subject_no, minute
SELECT c.subject_no, c.start_minute AS minute, min(c.value) AS kg
FROM staging.charted AS c
JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.concept = 'weight'
JOIN staging.subjects AS s ON s.subject_no = c.subject_no
-- Nothing from death or the end of follow-up on exists, not even as the first weight after a dose.
WHERE c.fault_no IS NULL
  AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
GROUP BY c.subject_no, c.start_minute
ORDER BY c.subject_no, minute
