-- Linked support for which no fever, and no dose that stands in for one, can be shown.
-- Law: every grade above 0 leads to the rows that made it.
SELECT v.system, s.subject_id, v.start_minute, v.end_minute, v.grade
FROM grading.verdicts AS v
JOIN staging.subjects AS s ON s.subject_no = v.subject_no
LEFT JOIN grading.links AS l
    ON l.system = v.system AND l.subject_no = v.subject_no
    AND l.start_minute <= v.start_minute AND l.end_minute >= v.end_minute
WHERE v.is_linked
GROUP BY v.system, s.subject_id, v.start_minute, v.end_minute, v.grade
HAVING count(l.kind) = 0
