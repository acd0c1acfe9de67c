-- One row per recorded grade: the episode of its own system that it matches in time, and what was derived there.
-- Key: source_file, source_row
WITH records AS (
    SELECT
        r.*,
        y.system IS NOT NULL AS is_graded,
        -- With one time only it speaks of that moment, with none of the whole course.
        coalesce(r.start_minute, r.end_minute) AS from_minute,
        coalesce(r.end_minute, r.start_minute) AS to_minute
    FROM staging.recorded_grades AS r
    LEFT JOIN rules.systems AS y ON y.system = r.system
),

-- A grade is noticed late and closed at a ward round: near in time is enough, the longest overlap goes first.
near AS (
    SELECT
        r.source_file_no,
        r.source_row,
        e.episode,
        coalesce(e.onset_minute, e.end_minute) AS episode_start,
        e.end_minute AS episode_end,
        e.max_grade,
        e.is_fatal,
        row_number() OVER (
            PARTITION BY r.source_file_no, r.source_row
            ORDER BY
                CASE WHEN r.from_minute IS NOT NULL
                    THEN least(r.to_minute, e.end_minute) - greatest(r.from_minute, coalesce(e.onset_minute, e.end_minute)) END DESC,
                e.max_grade DESC, e.episode) AS place
    FROM records AS r
    JOIN episodes.episodes AS e
        ON e.system = r.system AND e.subject_id = r.subject_id
        AND (r.from_minute IS NULL
             OR (r.from_minute <= e.end_minute + minutes_of_hours(getvariable('record_match_h'))
                 AND r.to_minute >= coalesce(e.onset_minute, e.end_minute) - minutes_of_hours(getvariable('record_match_h'))))
),

-- The time it speaks of; with no end, to the end of its episode.
matched AS (
    SELECT
        r.*,
        n.* EXCLUDE (source_file_no, source_row, place),
        coalesce(r.from_minute, n.episode_start) AS says_from,
        greatest(coalesce(r.end_minute, n.episode_end, r.to_minute), coalesce(r.from_minute, n.episode_start) + 1) AS says_to
    FROM records AS r
    LEFT JOIN near AS n ON n.source_file_no = r.source_file_no AND n.source_row = r.source_row AND n.place = 1
),

derived AS (
    SELECT
        m.source_file_no,
        m.source_row,
        max(g.grade) FILTER (g.episode IS NOT NULL
            AND (m.says_from IS NULL OR (g.start_minute < m.says_to AND g.end_minute > m.says_from))) AS grade_in_record,
        max(g.ceiling) AS ceiling
    FROM matched AS m
    JOIN grading.graded AS g
        ON g.system = m.system AND g.subject_no = m.subject_no
        AND (m.says_from IS NULL
             OR (g.start_minute < greatest(m.says_to, m.episode_end) AND g.end_minute > least(m.says_from, m.episode_start)))
    GROUP BY m.source_file_no, m.source_row
)

SELECT
    f.source_file,
    m.source_row,
    m.subject_no,
    m.subject_id,
    l.level AS site_level,
    m.recorder,
    coalesce(m.system, 'not named') AS system,
    m.is_graded,
    m.grade AS recorded_grade,
    m.start_minute AS recorded_start,
    m.end_minute AS recorded_end,
    m.episode,
    CASE
        WHEN m.is_graded AND m.episode IS NOT NULL THEN m.max_grade
        WHEN b.status <> 'not_evaluable' THEN 0
    END::TINYINT AS derived_grade,
    CASE
        WHEN m.is_fatal AND m.says_to >= m.episode_end THEN m.max_grade
        WHEN b.status <> 'not_evaluable' THEN coalesce(d.grade_in_record, 0)
    END::TINYINT AS grade_in_record,
    d.ceiling::TINYINT AS ceiling
FROM matched AS m
JOIN sources.files AS f ON f.source_file_no = m.source_file_no
JOIN quality.levels AS l ON l.subject_no = m.subject_no AND l.stratum = 'site'
LEFT JOIN summaries.subjects AS b ON b.system = m.system AND b.subject_id = m.subject_id
LEFT JOIN derived AS d ON d.source_file_no = m.source_file_no AND d.source_row = m.source_row
ORDER BY m.source_file_no, m.source_row
