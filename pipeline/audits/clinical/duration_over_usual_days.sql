-- Episodes that last longer than usual.
-- Why: an infection may have joined, or two courses may be taken for one.
SELECT system, subject_id, onset_minute AS minute, format('{} days', duration_days) AS value
FROM episodes.episodes
WHERE duration_days > getvariable('long_duration_d')
ORDER BY system, subject_id, onset_minute
