-- Deaths while an episode was going on.
-- Why: only adjudication says what a patient died of; the cause given here is the one that counts.
SELECT e.system, e.subject_id, s.death_minute AS minute, coalesce(s.death_cause, 'cause not given') AS value
FROM episodes.episodes AS e
JOIN staging.subjects AS s ON s.subject_id = e.subject_id
WHERE s.death_minute = e.end_minute
ORDER BY e.system, e.subject_id
