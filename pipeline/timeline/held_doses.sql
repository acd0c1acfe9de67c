-- One row per unbroken stretch in which a dose was given at or above a limit of the rules for long enough.
-- Key: subject_no, word, kind, dose_limit, start_minute
-- kind: 'proven', 'possible'. A shorter stretch is none, not even where death or the end of follow-up cut it short.
WITH reached AS (
    SELECT i.subject_no, i.word, 'proven' AS kind, l.dose_limit, i.start_minute, i.end_minute
    FROM timeline.intensities AS i
    JOIN rules.limits AS l ON l.word = i.word AND i.at_least >= l.dose_limit
    UNION ALL
    SELECT i.subject_no, i.word, 'possible', l.dose_limit, i.start_minute, i.end_minute
    FROM timeline.intensities AS i
    JOIN rules.limits AS l ON l.word = i.word AND i.at_most >= l.dose_limit
),

-- A short dip below the limit, or a short stop, does not end the stretch.
opened AS (
    SELECT
        *,
        (start_minute - lag(end_minute) OVER (PARTITION BY subject_no, word, kind, dose_limit ORDER BY start_minute)
            > getvariable('high_dose_dip_min')) IS NOT FALSE AS opens
    FROM reached
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (
        PARTITION BY subject_no, word, kind, dose_limit ORDER BY start_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
    FROM opened
)

SELECT subject_no, word, kind, dose_limit, min(start_minute) AS start_minute, max(end_minute) AS end_minute
FROM numbered
GROUP BY subject_no, word, kind, dose_limit, stretch
HAVING max(end_minute) - min(start_minute) >= getvariable('high_dose_sustained_min')
ORDER BY subject_no, word, kind, dose_limit, start_minute
