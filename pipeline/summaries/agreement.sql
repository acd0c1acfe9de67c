-- One row per pair of systems and pair of highest grades that a subject has under them; an empty grade is not evaluable.
-- Key: system_a, system_b, grade_a, grade_b
SELECT a.system AS system_a, b.system AS system_b, a.max_grade AS grade_a, b.max_grade AS grade_b, count(*) AS subjects
FROM summaries.subjects AS a
JOIN summaries.subjects AS b ON b.subject_id = a.subject_id AND b.system > a.system
GROUP BY a.system, b.system, a.max_grade, b.max_grade
ORDER BY a.system, b.system, a.max_grade NULLS LAST, b.max_grade NULLS LAST
