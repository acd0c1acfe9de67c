-- One row per episode or recorded grade on which recorded and derived disagree, or which has no grade; not yet explained.
-- Key: system, subject_id, entry
SELECT
    e.system,
    e.subject_id,
    e.subject_no,
    e.entry,
    e.site_level,
    e.recorder,
    e.episode,
    CASE
        WHEN e.episode IS NULL THEN 'unmatched'
        WHEN e.records = 0 THEN 'missed'
        WHEN e.recorded_grade IS NULL THEN 'no grade'
        WHEN e.recorded_grade > e.derived_grade THEN 'higher'
        ELSE 'lower'
    END AS direction,
    e.recorded_grade,
    e.derived_grade,
    e.grade_difference,
    e.ceiling,
    e.recorded_start,
    e.recorded_end,
    e.onset_minute,
    e.end_minute,
    e.first_max_minute,
    -- Where to look for what decides: the time of both, and about a record that matches nothing.
    coalesce(least(e.recorded_start, e.recorded_end, e.onset_minute, e.end_minute), 0)
        - CASE WHEN e.episode IS NULL THEN minutes_of_hours(getvariable('record_match_h')) ELSE 0 END AS from_minute,
    coalesce(greatest(e.recorded_start, e.recorded_end, e.end_minute), p.last_minute)
        + CASE WHEN e.episode IS NULL THEN minutes_of_hours(getvariable('record_match_h')) ELSE 1 END AS to_minute
FROM recorded.episodes AS e
JOIN timeline.spans AS p ON p.subject_no = e.subject_no
WHERE e.is_graded
  AND CASE
      WHEN e.episode IS NULL THEN e.recorded_grade IS DISTINCT FROM 0
      WHEN e.records = 0 THEN NOT e.recorded_elsewhere
      ELSE e.recorded_grade IS DISTINCT FROM e.derived_grade
  END
ORDER BY e.system, e.subject_id, e.entry
