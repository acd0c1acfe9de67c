-- One row per system and site (and all together): time from the grade at which tocilizumab is given to its first dose.
-- Key: system, stratum, level
WITH reached AS (
    SELECT system, subject_no, min(start_minute) AS minute
    FROM grading.graded
    WHERE episode IS NOT NULL AND grade >= getvariable('tocilizumab_from_grade')
    GROUP BY system, subject_no
),

given AS (
    SELECT t.subject_no, min(t.start_minute) AS minute
    FROM staging.therapies AS t
    JOIN staging.subjects AS s ON s.subject_no = t.subject_no
    WHERE t.concept = 'tocilizumab' AND t.graded AND t.amount IS DISTINCT FROM 0
      AND t.start_minute >= 0 AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
    GROUP BY t.subject_no
),

waits AS (
    SELECT r.system, r.subject_no, g.minute - r.minute AS waited
    FROM reached AS r
    LEFT JOIN given AS g ON g.subject_no = r.subject_no
)

SELECT
    w.system,
    l.stratum,
    l.level,
    count(*) AS n_reached,
    count(*) FILTER (w.waited < 0) AS n_given_before,
    count(*) FILTER (w.waited >= 0) AS n_given_after,
    count(*) FILTER (w.waited IS NULL) AS n_not_given,
    hours_of(quantile_disc(w.waited, 0.5) FILTER (w.waited >= 0)) AS hours_to_dose_median,
    hours_of(max(w.waited) FILTER (w.waited >= 0)) AS hours_to_dose_longest
FROM waits AS w
JOIN quality.levels AS l ON l.subject_no = w.subject_no
GROUP BY w.system, l.stratum, l.level
ORDER BY w.system, l.stratum, l.level
