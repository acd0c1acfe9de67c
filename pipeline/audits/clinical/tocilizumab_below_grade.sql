-- Doses of tocilizumab with no grade at or shortly before them at which it is usually given.
-- Why: whoever gave it saw more than the chart shows, or gave it early on purpose.
WITH doses AS (
    SELECT DISTINCT t.subject_no, t.start_minute
    FROM staging.therapies AS t
    JOIN staging.subjects AS s ON s.subject_no = t.subject_no
    WHERE t.concept = 'tocilizumab' AND t.graded AND t.amount IS DISTINCT FROM 0
      AND t.start_minute >= 0 AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
)

SELECT y.system, s.subject_id, d.start_minute AS minute,
       'grade ' || coalesce(max(CASE WHEN g.episode IS NULL THEN 0 ELSE g.grade END), 0) AS value
FROM doses AS d
JOIN staging.subjects AS s ON s.subject_no = d.subject_no
CROSS JOIN rules.systems AS y
LEFT JOIN grading.graded AS g
    ON g.system = y.system AND g.subject_no = d.subject_no
    AND g.start_minute <= d.start_minute
    AND g.end_minute > d.start_minute - minutes_of_hours(getvariable('tocilizumab_looks_back_h'))
GROUP BY y.system, s.subject_id, d.start_minute
HAVING coalesce(max(CASE WHEN g.episode IS NULL THEN 0 ELSE g.grade END), 0) < getvariable('tocilizumab_from_grade')
ORDER BY y.system, s.subject_id, d.start_minute
