-- Oxygen or a vasopressor at no minute of which a fever, a recent fever or what stands in for one holds.
-- Why: it counts for nothing here; there may be a fever that was not charted, or another cause that no indication names.
SELECT NULL AS system, s.subject_id, min(u.start_minute) AS minute,
       string_agg(DISTINCT replace(u.concept, '_', ' '), ', ' ORDER BY replace(u.concept, '_', ' ')) AS value
FROM timeline.support AS u
JOIN staging.subjects AS s ON s.subject_no = u.subject_no
ANTI JOIN timeline.fevers AS f
    ON f.subject_no = u.subject_no AND f.start_minute < u.end_minute AND f.end_minute > u.start_minute
WHERE u.standing IN ('proven', 'presumed')
GROUP BY s.subject_id
ORDER BY s.subject_id
