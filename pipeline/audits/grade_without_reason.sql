-- Stretches whose grade is not that of their highest criterion.
-- Law: every grade above 0 leads to the criteria that made it.
SELECT g.system, g.subject_id, g.start_minute, g.end_minute, g.grade, g.because
FROM grading.grades AS g
LEFT JOIN rules.criteria AS c ON c.system = g.system AND list_contains(g.because, c.criterion)
GROUP BY g.system, g.subject_id, g.start_minute, g.end_minute, g.grade, g.because
HAVING coalesce(max(c.grade), 0) <> g.grade
