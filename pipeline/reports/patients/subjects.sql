-- One row per subject: who it is and how long observed, as JSON.
-- Key: subject_no
SELECT
    s.subject_no,
    s.subject_id,
    to_json({
        'no': s.subject_no,
        'id': s.subject_id,
        'zero': s.infusion_minute_of_day,
        'age': s.age_years,
        'about': [s.sex, s.site, s.arm, s.product],
        'limit': s.systolic_bp_limit,
        'last': t.last_minute,
        'closed': t.is_closed,
        'death': s.death_minute,
        'cause': s.death_cause,
        'file': f.source_file,
        'row': s.source_row
    }) AS said
FROM staging.subjects AS s
JOIN timeline.spans AS t ON t.subject_no = s.subject_no
JOIN sources.files AS f ON f.source_file_no = s.source_file_no
ORDER BY s.subject_no
