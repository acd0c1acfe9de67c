-- One row per episode of CRS: onset, end, duration, highest grade, and whether its end was seen.
-- Key: system, subject_id, episode
WITH chains AS (
    SELECT system, subject_no, episode, onset_minute, end_minute, is_fatal
    FROM grading.chains
    WHERE episode IS NOT NULL
),

graded AS (
    SELECT system, subject_no, episode, max(grade) AS max_grade,
           hours_of(sum(end_minute - start_minute) FILTER (grade >= 1)) AS crs_hours
    FROM grading.graded
    WHERE episode IS NOT NULL
    GROUP BY system, subject_no, episode
),

first_maxima AS (
    SELECT g.system, g.subject_no, g.episode, min(v.start_minute) AS first_max_minute
    FROM graded AS g
    JOIN grading.graded AS v
        ON v.system = g.system AND v.subject_no = g.subject_no AND v.episode = g.episode AND v.grade = g.max_grade
    GROUP BY g.system, g.subject_no, g.episode
),

-- A death adjudicated to CRS that ends no episode is one of its own, with no onset and no duration.
lone_deaths AS (
    SELECT y.system, s.subject_no, coalesce(max(c.episode), 0) + 1 AS episode, min(s.death_minute) AS death_minute
    FROM staging.subjects AS s
    CROSS JOIN rules.systems AS y
    LEFT JOIN chains AS c ON c.system = y.system AND c.subject_no = s.subject_no
    WHERE s.death_cause = 'crs'
    GROUP BY y.system, s.subject_no
    HAVING NOT coalesce(bool_or(c.is_fatal), FALSE)
),

every AS (
    SELECT
        c.system, c.subject_no, c.episode, c.onset_minute, c.end_minute, g.crs_hours,
        CASE WHEN c.is_fatal THEN 5 ELSE g.max_grade END AS max_grade,
        CASE WHEN c.is_fatal THEN c.end_minute ELSE m.first_max_minute END AS first_max_minute,
        c.is_fatal
    FROM chains AS c
    JOIN graded AS g ON g.system = c.system AND g.subject_no = c.subject_no AND g.episode = c.episode
    JOIN first_maxima AS m ON m.system = c.system AND m.subject_no = c.subject_no AND m.episode = c.episode
    UNION ALL
    SELECT system, subject_no, episode, NULL, death_minute, 0, 5, death_minute, TRUE
    FROM lone_deaths
),

-- The end was seen if a temperature was charted soon after it, while the subject was observed ...
temperatures AS (
    SELECT r.subject_no, r.minute
    FROM timeline.readings AS r
    JOIN staging.concepts AS k ON k.concept_no = r.concept_no AND k.concept = 'temperature'
),

ends AS (
    SELECT DISTINCT subject_no, end_minute
    FROM every
),

seen AS (
    SELECT DISTINCT e.subject_no, e.end_minute
    FROM ends AS e
    JOIN temperatures AS t
        ON t.subject_no = e.subject_no
        AND t.minute >= e.end_minute
        AND t.minute < e.end_minute + minutes_of_hours(getvariable('resolved_within_h'))
),

-- ... and if no device or infusion of it was merely presumed to stop then.
presumed AS (
    SELECT DISTINCT e.subject_no, e.end_minute
    FROM ends AS e
    JOIN timeline.presumed AS p ON p.subject_no = e.subject_no AND p.end_minute = e.end_minute
),

-- The fever may have begun at any time since the temperature before it: the onset is known to within that gap.
onsets AS (
    SELECT DISTINCT subject_no, onset_minute
    FROM every
    WHERE onset_minute IS NOT NULL
),

preceding AS (
    SELECT o.subject_no, o.onset_minute, max(t.minute) AS temperature_minute
    FROM onsets AS o
    JOIN temperatures AS t ON t.subject_no = o.subject_no AND t.minute < o.onset_minute
    GROUP BY o.subject_no, o.onset_minute
)

SELECT
    e.system,
    s.subject_id,
    e.episode::INTEGER AS episode,
    e.onset_minute,
    day_of(e.onset_minute, s.infusion_minute_of_day) AS onset_day,
    e.end_minute,
    day_of(e.end_minute, s.infusion_minute_of_day) AS end_day,
    day_of(e.end_minute, s.infusion_minute_of_day) - day_of(e.onset_minute, s.infusion_minute_of_day) + 1 AS duration_days,
    hours_of(e.end_minute - e.onset_minute) AS duration_hours,
    e.crs_hours::DOUBLE AS crs_hours,
    e.max_grade::TINYINT AS max_grade,
    e.first_max_minute,
    seen.end_minute IS NOT NULL AND presumed.end_minute IS NULL AND NOT e.is_fatal AS resolved,
    e.is_fatal,
    e.onset_minute - b.temperature_minute AS onset_gap_minutes
FROM every AS e
JOIN staging.subjects AS s ON s.subject_no = e.subject_no
LEFT JOIN preceding AS b ON b.subject_no = e.subject_no AND b.onset_minute = e.onset_minute
LEFT JOIN seen ON seen.subject_no = e.subject_no AND seen.end_minute = e.end_minute
LEFT JOIN presumed ON presumed.subject_no = e.subject_no AND presumed.end_minute = e.end_minute
ORDER BY e.system, s.subject_no, e.episode
