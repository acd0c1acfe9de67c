-- One row per system and state of a subject: the verdict and the episode it belongs to.
-- Key: system, subject_no, start_minute
-- The quiet and unknown hours between its graded stretches are of an episode too: from its onset to its end.
SELECT v.*, c.episode
FROM grading.verdicts AS v
LEFT JOIN grading.chains AS c
    ON c.system = v.system AND c.subject_no = v.subject_no
    AND v.start_minute >= c.onset_minute AND v.start_minute < c.end_minute AND c.is_crs
ORDER BY v.system, v.subject_no, v.start_minute
