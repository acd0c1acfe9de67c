-- Highest grades that rest on one single reading.
-- Why: one slip of the pen or the cuff would have made it.
SELECT r.system, r.subject_id, min(e.first_max_minute) AS minute, 'grade ' || any_value(b.max_grade) AS value
FROM summaries.single_readings AS r
JOIN summaries.subjects AS b ON b.system = r.system AND b.subject_id = r.subject_id
JOIN episodes.episodes AS e ON e.system = r.system AND e.subject_id = r.subject_id AND e.max_grade = b.max_grade
GROUP BY r.system, r.subject_id
ORDER BY r.system, r.subject_id
