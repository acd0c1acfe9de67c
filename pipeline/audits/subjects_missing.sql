-- Subjects of the cohort that a system's summary lacks or lists more than once.
-- Law: every subject of the cohort has one row per system.
SELECT y.system, s.subject_id, count(b.subject_id) AS rows_listed
FROM staging.subjects AS s
CROSS JOIN rules.systems AS y
LEFT JOIN summaries.subjects AS b ON b.system = y.system AND b.subject_id = s.subject_id
GROUP BY y.system, s.subject_id
HAVING count(b.subject_id) <> 1
