-- One row per system and subject: status, highest grade and ceiling, onset, flags and episodes, as JSON.
-- Key: system, subject_no
-- An episode: number, highest grade, onset, minutes from the temperature before it to the onset, first minute of the highest
-- grade, end, days, hours graded, end seen, death of CRS.
WITH episodes AS (
    SELECT
        system,
        subject_id,
        list([
            to_json(episode), to_json(max_grade), to_json(onset_minute), to_json(onset_gap_minutes), to_json(first_max_minute),
            to_json(end_minute), to_json(duration_days), to_json(crs_hours), to_json(resolved), to_json(is_fatal)
        ] ORDER BY episode) AS episodes
    FROM episodes.episodes
    GROUP BY system, subject_id
)

SELECT
    p.system,
    s.subject_no,
    to_json({
        'status': p.status,
        'grade': p.max_grade,
        'ceiling': p.max_ceiling,
        'onset': p.onset_day,
        'days': p.duration_days,
        'unknown': p.hours_unknown,
        'flags': p.flags,
        'episodes': coalesce(e.episodes, [])
    }) AS said
FROM summaries.subjects AS p
JOIN staging.subjects AS s ON s.subject_id = p.subject_id
LEFT JOIN episodes AS e ON e.system = p.system AND e.subject_id = p.subject_id
ORDER BY s.subject_no, p.system
