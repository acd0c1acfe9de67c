-- Oxygen that was given by a device nobody named.
-- Why: the device decides the grade; without it only the lowest is proven.
SELECT NULL AS system, s.subject_id, min(u.start_minute) AS minute,
       coalesce(format('at most {:g} L/min', max(u.amount)), 'no flow') AS value
FROM timeline.support AS u
JOIN staging.subjects AS s ON s.subject_no = u.subject_no
WHERE u.oxygen_class = 'unspecified'
GROUP BY s.subject_id
ORDER BY s.subject_id
