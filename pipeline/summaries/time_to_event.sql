-- One row per system, subject and endpoint: how long until it was met, and what ended the time where it was not.
-- Key: system, endpoint, subject_id
-- Onset and grades are counted from time zero by all who were treated; resolution from the onset of the first episode by those
-- who have one. Treatment ends no time: what is counted is what happened, whatever was given for it.
WITH onsets AS (
    -- A death of CRS without any fever before it is an onset of its own.
    SELECT system, subject_id, min(coalesce(onset_minute, end_minute)) AS onset_minute,
           min(end_minute) FILTER (is_fatal) AS fatal_minute
    FROM episodes.episodes
    GROUP BY system, subject_id
),

graded AS (
    SELECT system, subject_no,
           min(start_minute) FILTER (grade >= 2) AS grade_2_minute,
           min(start_minute) FILTER (grade >= 3) AS grade_3_minute
    FROM grading.graded
    WHERE episode IS NOT NULL AND grade >= 2
    GROUP BY system, subject_no
),

-- Every subject under every system, and what closes the record: death, the end of follow-up, or the last thing charted.
subjects AS (
    SELECT
        p.system, p.subject_id, p.status, s.subject_no, t.last_minute,
        s.death_minute IS NOT DISTINCT FROM t.last_minute AS dies,
        t.is_closed,
        o.onset_minute,
        least(g.grade_2_minute, o.fatal_minute) AS grade_2_minute,
        least(g.grade_3_minute, o.fatal_minute) AS grade_3_minute
    FROM summaries.subjects AS p
    JOIN staging.subjects AS s ON s.subject_id = p.subject_id
    JOIN timeline.spans AS t ON t.subject_no = s.subject_no
    LEFT JOIN onsets AS o ON o.system = p.system AND o.subject_id = p.subject_id
    LEFT JOIN graded AS g ON g.system = p.system AND g.subject_no = s.subject_no
),

from_zero AS (
    SELECT system, subject_id, subject_no, status, last_minute, dies, is_closed, 'crs' AS endpoint, onset_minute AS minute
    FROM subjects
    UNION ALL
    SELECT system, subject_id, subject_no, status, last_minute, dies, is_closed, 'grade_2_or_more', grade_2_minute
    FROM subjects
    UNION ALL
    SELECT system, subject_id, subject_no, status, last_minute, dies, is_closed, 'grade_3_or_more', grade_3_minute
    FROM subjects
),

ended AS (
    SELECT
        system, subject_id, subject_no, endpoint,
        CASE
            WHEN minute IS NOT NULL THEN 'met'
            -- Somebody without a temperature has no time in which an onset could have been seen: out of the risk set from 0 on.
            WHEN status = 'not_evaluable' THEN 'not evaluable'
            WHEN dies THEN 'death before it'
            WHEN is_closed THEN 'end of follow-up'
            ELSE 'end of the chart'
        END AS ended_by,
        coalesce(minute, CASE WHEN status = 'not_evaluable' THEN 0 ELSE last_minute END) AS minutes
    FROM from_zero
    UNION ALL
    SELECT
        s.system, s.subject_id, s.subject_no, 'resolution',
        CASE
            WHEN e.resolved THEN 'met'
            WHEN e.is_fatal THEN 'death of CRS'
            WHEN e.end_minute >= s.last_minute AND s.dies THEN 'death before it'
            WHEN e.end_minute >= s.last_minute AND s.is_closed THEN 'end of follow-up'
            ELSE 'end not seen'
        END,
        e.end_minute - e.onset_minute
    FROM subjects AS s
    JOIN episodes.episodes AS e ON e.system = s.system AND e.subject_id = s.subject_id AND e.episode = 1
    WHERE e.onset_minute IS NOT NULL
)

SELECT
    system,
    endpoint,
    subject_id,
    days_of(minutes) AS days,
    CASE WHEN ended_by = 'met' THEN 'event' WHEN starts_with(ended_by, 'death') THEN 'competing' ELSE 'censored' END AS status,
    ended_by
FROM ended
ORDER BY system, endpoint, subject_no
