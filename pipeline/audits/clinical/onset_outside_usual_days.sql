-- Episodes that begin before the usual first day or after the usual last.
-- Why: a fever so early may be of the infusion itself, one so late of something else.
SELECT system, subject_id, onset_minute AS minute, 'day ' || onset_day AS value
FROM episodes.episodes
WHERE onset_day < getvariable('early_onset_d') OR onset_day > getvariable('late_onset_d')
ORDER BY system, subject_id, onset_minute
