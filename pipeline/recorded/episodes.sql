-- One row per episode derived in a system that grades were recorded in, and per recorded grade that matches none.
-- Key: system, subject_id, entry
WITH systems AS (
    SELECT DISTINCT system FROM recorded.records WHERE is_graded
),

-- Several records of one episode (one a day, say) count as their highest.
matched AS (
    SELECT
        system, subject_id, episode,
        count(*) AS records,
        max(recorded_grade) AS recorded_grade,
        min(recorded_start) AS recorded_start,
        CASE WHEN bool_and(recorded_end IS NOT NULL) THEN max(recorded_end) END AS recorded_end,
        string_agg(DISTINCT recorder, ', ' ORDER BY recorder) AS recorder,
        max(ceiling) AS ceiling
    FROM recorded.records
    WHERE episode IS NOT NULL
    GROUP BY system, subject_id, episode
),

-- A grade of another system never fills in; but who recorded one did not miss the episode.
elsewhere AS (
    SELECT e.system, e.subject_id, e.episode
    FROM episodes.episodes AS e
    SEMI JOIN systems AS y ON y.system = e.system
    JOIN recorded.records AS r
        ON r.subject_id = e.subject_id AND r.system <> e.system
        AND coalesce(r.recorded_start, r.recorded_end, e.end_minute)
            <= e.end_minute + minutes_of_hours(getvariable('record_match_h'))
        AND coalesce(r.recorded_end, r.recorded_start, e.end_minute)
            >= coalesce(e.onset_minute, e.end_minute) - minutes_of_hours(getvariable('record_match_h'))
    UNION
    -- Nor did who recorded an episode that another system lets go on at that time, long after the record.
    SELECT e.system, e.subject_id, e.episode
    FROM episodes.episodes AS e
    SEMI JOIN systems AS y ON y.system = e.system
    JOIN matched AS m ON m.subject_id = e.subject_id AND m.system <> e.system
    JOIN episodes.episodes AS o ON o.system = m.system AND o.subject_id = m.subject_id AND o.episode = m.episode
    WHERE coalesce(o.onset_minute, o.end_minute) <= e.end_minute
      AND o.end_minute >= coalesce(e.onset_minute, e.end_minute)
),

derived AS (
    SELECT
        e.system, e.subject_id, TRUE AS is_graded, e.episode,
        coalesce(m.records, 0) AS records,
        m.recorder, m.recorded_grade, m.recorded_start, m.recorded_end,
        e.max_grade AS derived_grade,
        m.ceiling,
        e.onset_minute, e.onset_day, e.end_minute, e.duration_days, e.resolved, e.first_max_minute,
        x.episode IS NOT NULL AS recorded_elsewhere,
        NULL AS source_file, NULL AS source_row
    FROM episodes.episodes AS e
    SEMI JOIN systems AS y ON y.system = e.system
    LEFT JOIN matched AS m ON m.system = e.system AND m.subject_id = e.subject_id AND m.episode = e.episode
    LEFT JOIN elsewhere AS x ON x.system = e.system AND x.subject_id = e.subject_id AND x.episode = e.episode
),

unmatched AS (
    SELECT
        system, subject_id, is_graded, NULL AS episode, 1 AS records, recorder, recorded_grade, recorded_start, recorded_end,
        derived_grade, ceiling, NULL, NULL, NULL, NULL, NULL, NULL, FALSE, source_file, source_row
    FROM recorded.records
    WHERE episode IS NULL
),

every AS (
    SELECT * FROM derived
    UNION ALL
    SELECT * FROM unmatched
)

SELECT
    e.system,
    e.subject_id,
    row_number() OVER (
        PARTITION BY e.system, e.subject_id
        ORDER BY coalesce(e.onset_minute, e.recorded_start, e.recorded_end, e.end_minute), e.episode, e.source_file, e.source_row
    )::INTEGER AS entry,
    s.subject_no,
    l.level AS site_level,
    e.recorder,
    e.is_graded,
    e.episode,
    e.records,
    e.recorded_elsewhere,
    e.recorded_grade,
    e.derived_grade,
    e.recorded_grade - e.derived_grade AS grade_difference,
    e.ceiling,
    e.recorded_start,
    e.recorded_end,
    day_of(e.recorded_start, s.infusion_minute_of_day) AS recorded_onset_day,
    day_of(e.recorded_end, s.infusion_minute_of_day) - day_of(e.recorded_start, s.infusion_minute_of_day) + 1
        AS recorded_duration_days,
    e.onset_minute,
    e.onset_day,
    e.end_minute,
    e.duration_days,
    e.resolved,
    e.first_max_minute
FROM every AS e
JOIN staging.subjects AS s ON s.subject_id = e.subject_id
JOIN quality.levels AS l ON l.subject_no = s.subject_no AND l.stratum = 'site'
ORDER BY e.system, e.subject_id, entry
