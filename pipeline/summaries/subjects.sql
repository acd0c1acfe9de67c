-- One row per system and subject of the cohort, subjects without CRS included.
-- Key: system, subject_id
WITH temperatures AS (
    SELECT DISTINCT subject_no FROM timeline.runs WHERE concept = 'temperature'
),

-- Onset to resolved are of the first episode; the highest grade is over all of them.
overall AS (
    SELECT system, subject_id, count(*)::INTEGER AS episodes, max(max_grade) AS max_grade
    FROM episodes.episodes
    GROUP BY system, subject_id
),

first_episodes AS (
    SELECT * FROM episodes.episodes WHERE episode = 1
),

flagged AS (
    SELECT system, subject_id, list(flag ORDER BY flag) AS flags
    FROM summaries.flags
    GROUP BY system, subject_id
)

SELECT
    y.system,
    s.subject_id,
    CASE WHEN o.episodes IS NOT NULL THEN 'crs' WHEN t.subject_no IS NULL THEN 'not_evaluable' ELSE 'no_crs' END AS status,
    CASE WHEN o.episodes IS NOT NULL THEN o.max_grade WHEN t.subject_no IS NOT NULL THEN 0 END::TINYINT AS max_grade,
    e.max_grade AS first_episode_max_grade,
    greatest(c.max_ceiling, o.max_grade)::TINYINT AS max_ceiling,
    coalesce(c.hours_unknown, 0)::DOUBLE AS hours_unknown,
    coalesce(o.episodes, 0) AS episodes,
    e.onset_minute,
    e.onset_day,
    cdisc_day_of(e.onset_day) AS onset_cdisc_day,
    e.end_minute,
    e.end_day,
    e.duration_days,
    e.duration_hours,
    e.crs_hours,
    e.first_max_minute,
    e.resolved,
    coalesce(f.flags, []) AS flags,
    s.age_years,
    s.sex,
    s.site,
    s.arm,
    s.product,
    -- Where the minute zero only stands in for an infusion, a grade says which criteria were met, not that it was CRS.
    CASE WHEN z.is_stand_in THEN 'stand-in' ELSE 'infusion' END AS time_zero,
    e.onset_gap_minutes
FROM rules.systems AS y
CROSS JOIN staging.subjects AS s
CROSS JOIN sources.time_zero AS z
LEFT JOIN temperatures AS t ON t.subject_no = s.subject_no
LEFT JOIN overall AS o ON o.system = y.system AND o.subject_id = s.subject_id
LEFT JOIN first_episodes AS e ON e.system = y.system AND e.subject_id = s.subject_id
LEFT JOIN summaries.ceilings AS c ON c.system = y.system AND c.subject_no = s.subject_no
LEFT JOIN flagged AS f ON f.system = y.system AND f.subject_id = s.subject_id
ORDER BY y.system, s.subject_no
