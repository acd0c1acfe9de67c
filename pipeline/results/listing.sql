-- One row per episode: whose it was, how high and how long, what was given in it, what decided its grade, and how it ended.
-- Key: system, subject_id, episode
WITH counted AS (
    SELECT e.system, e.subject_id, e.episode, g.treatment, count(*) AS times
    FROM episodes.episodes AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    JOIN results.given AS g
        ON g.subject_no = s.subject_no AND g.minute >= e.onset_minute AND g.minute < e.end_minute
    -- 'oxygen' is said by its devices, 'vasopressor' stands also where there are several.
    WHERE g.treatment <> 'oxygen'
    GROUP BY e.system, e.subject_id, e.episode, g.treatment
),

treated AS (
    SELECT system, subject_id, episode,
           list(replace(treatment, '_', ' ')
               || CASE WHEN treatment = 'tocilizumab' AND times > 1 THEN ' x' || times ELSE '' END ORDER BY treatment) AS treatments
    FROM counted
    GROUP BY system, subject_id, episode
),

-- A death adjudicated to CRS is a grade without a criterion of the chart.
decided AS (
    SELECT e.system, e.subject_id, e.episode, r.because
    FROM episodes.episodes AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    JOIN grading.graded AS g
        ON g.system = e.system AND g.subject_no = s.subject_no AND g.start_minute = e.first_max_minute
    JOIN grading.reasons AS r ON r.reason_no = g.reason_no
    WHERE NOT e.is_fatal
)

SELECT
    e.system,
    e.subject_id,
    s.site,
    s.arm,
    s.product,
    e.episode,
    e.max_grade,
    e.onset_day,
    hours_of(e.onset_minute) AS onset_hours,
    e.end_day,
    e.duration_days,
    e.duration_hours,
    e.crs_hours,
    coalesce(t.treatments, []) AS treatments,
    coalesce(d.because, []) AS because,
    p.flags,
    CASE
        WHEN e.is_fatal THEN 'died, adjudicated as its cause'
        WHEN e.resolved THEN 'resolved'
        WHEN e.end_minute >= l.last_minute AND s.death_minute = l.last_minute THEN 'died in it, of another cause'
        WHEN e.end_minute >= l.last_minute AND l.is_closed THEN 'going on at the end of follow-up'
        ELSE 'end not seen'
    END AS episode_outcome
FROM episodes.episodes AS e
JOIN staging.subjects AS s ON s.subject_id = e.subject_id
JOIN timeline.spans AS l ON l.subject_no = s.subject_no
JOIN summaries.subjects AS p ON p.system = e.system AND p.subject_id = e.subject_id
LEFT JOIN treated AS t ON t.system = e.system AND t.subject_id = e.subject_id AND t.episode = e.episode
LEFT JOIN decided AS d ON d.system = e.system AND d.subject_id = e.subject_id AND d.episode = e.episode
ORDER BY e.system, s.subject_no, e.episode
