-- One row per episode of CRS: onset, end, duration, highest grade, and whether its end was seen.
-- Key: system, subject_id, episode
WITH graded AS (
    SELECT
        system,
        subject_no,
        episode,
        min(start_minute) AS onset_minute,
        max(end_minute) AS end_minute,
        sum(end_minute - start_minute) / 60 AS crs_hours,
        max(grade) AS max_grade
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

numbered AS (
    SELECT g.*, m.first_max_minute,
           row_number() OVER (PARTITION BY g.system, g.subject_no ORDER BY g.episode DESC) = 1 AS is_last
    FROM graded AS g
    JOIN first_maxima AS m ON m.system = g.system AND m.subject_no = g.subject_no AND m.episode = g.episode
),

-- Death adjudicated to CRS belongs to the last episode, if that is still open or ended not long before.
crs_deaths AS (
    SELECT subject_no, death_minute, cut_minute
    FROM staging.subjects
    WHERE death_cause = 'crs'
),

with_death AS (
    SELECT
        n.*,
        d.death_minute,
        d.death_minute IS NOT NULL AND n.is_last
            AND (n.end_minute = d.cut_minute
                 OR d.death_minute - n.end_minute <= minutes_of_days(getvariable('episode_gap_d'))) AS is_fatal
    FROM numbered AS n
    LEFT JOIN crs_deaths AS d ON d.subject_no = n.subject_no
),

-- Without such an episode the death is one of its own, with no onset and no duration.
lone_deaths AS (
    SELECT
        y.system,
        d.subject_no,
        coalesce(max(w.episode), 0) + 1 AS episode,
        min(d.death_minute) AS death_minute
    FROM crs_deaths AS d
    CROSS JOIN rules.systems AS y
    LEFT JOIN with_death AS w ON w.system = y.system AND w.subject_no = d.subject_no
    GROUP BY y.system, d.subject_no
    HAVING NOT coalesce(bool_or(w.is_fatal), FALSE)
),

every AS (
    SELECT
        system, subject_no, episode, onset_minute,
        CASE WHEN is_fatal THEN death_minute ELSE end_minute END AS end_minute,
        crs_hours,
        CASE WHEN is_fatal THEN 5 ELSE max_grade END AS max_grade,
        CASE WHEN is_fatal THEN death_minute ELSE first_max_minute END AS first_max_minute,
        is_fatal
    FROM with_death
    UNION ALL
    SELECT system, subject_no, episode, NULL, death_minute, 0, 5, death_minute, TRUE
    FROM lone_deaths
),

-- The end was seen if a temperature was charted soon after it, while the subject was observed ...
temperatures AS (
    SELECT c.subject_no, c.start_minute AS minute
    FROM staging.charted AS c
    JOIN staging.concepts AS k ON k.concept_no = c.concept_no AND k.concept = 'temperature'
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL AND c.start_minute >= 0 AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
),

seen AS (
    SELECT DISTINCT e.system, e.subject_no, e.episode
    FROM every AS e
    JOIN temperatures AS t
        ON t.subject_no = e.subject_no
        AND t.minute >= e.end_minute
        AND t.minute < e.end_minute + minutes_of_hours(getvariable('resolved_within_h'))
),

-- ... and if no device or infusion of it was merely presumed to stop then.
presumed AS (
    SELECT DISTINCT e.system, e.subject_no, e.episode
    FROM every AS e
    JOIN timeline.presumed AS p ON p.subject_no = e.subject_no AND p.end_minute = e.end_minute
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
    (e.end_minute - e.onset_minute) / 60 AS duration_hours,
    e.crs_hours::DOUBLE AS crs_hours,
    e.max_grade::TINYINT AS max_grade,
    e.first_max_minute,
    seen.episode IS NOT NULL AND presumed.episode IS NULL AND NOT e.is_fatal AS resolved,
    e.is_fatal
FROM every AS e
JOIN staging.subjects AS s ON s.subject_no = e.subject_no
LEFT JOIN seen ON seen.system = e.system AND seen.subject_no = e.subject_no AND seen.episode = e.episode
LEFT JOIN presumed ON presumed.system = e.system AND presumed.subject_no = e.subject_no AND presumed.episode = e.episode
ORDER BY e.system, s.subject_no, e.episode
