-- Episodes of a severe grade with neither tocilizumab nor a corticosteroid given in them.
-- Why: a treatment was not charted, or the severe grade has another cause.
SELECT e.system, e.subject_id, e.first_max_minute AS minute, 'grade ' || e.max_grade AS value
FROM episodes.episodes AS e
JOIN staging.subjects AS s ON s.subject_id = e.subject_id
ANTI JOIN staging.therapies AS t
    ON t.subject_no = s.subject_no AND (t.concept = 'tocilizumab' OR t.family = 'corticosteroid')
    AND t.graded AND t.amount IS DISTINCT FROM 0
    AND t.start_minute >= coalesce(e.onset_minute, 0) AND t.start_minute <= e.end_minute
WHERE e.max_grade >= getvariable('severe_from_grade')
ORDER BY e.system, e.subject_id, e.first_max_minute
