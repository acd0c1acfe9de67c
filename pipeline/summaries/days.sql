-- One row per system, subject and calendar day under observation, in the days in which an onset counts: its highest grade.
-- Key: system, subject_no, day
WITH stretches AS (
    SELECT
        g.system,
        g.subject_no,
        day_of(g.start_minute, s.infusion_minute_of_day) AS first_day,
        -- A stretch that ends at midnight has nothing of the day that begins then.
        least(day_of(g.end_minute - 1, s.infusion_minute_of_day), floor(getvariable('onset_window_d')))::INTEGER AS last_day,
        -- What meets a criterion in no episode is not CRS; a day on which nothing is known is not a day without CRS.
        CASE
            WHEN g.episode IS NOT NULL AND g.grade >= 1 THEN g.grade
            WHEN g.temperature_known OR g.pressure_known THEN 0
        END AS grade
    FROM grading.graded AS g
    JOIN staging.subjects AS s ON s.subject_no = g.subject_no
),

-- Most stretches begin and end on one day, with others of it.
highest AS (
    SELECT system, subject_no, first_day, last_day, max(grade) AS grade
    FROM stretches
    WHERE first_day <= last_day
    GROUP BY system, subject_no, first_day, last_day
),

spread AS (
    SELECT system, subject_no, unnest(range(first_day, last_day + 1)) AS day, grade
    FROM highest
    UNION ALL
    -- The day of a death adjudicated to CRS is a day of grade 5.
    SELECT e.system, s.subject_no, e.end_day, e.max_grade
    FROM episodes.episodes AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    WHERE e.is_fatal AND e.end_day BETWEEN 0 AND getvariable('onset_window_d')
)

SELECT system, subject_no, day::INTEGER AS day, max(grade)::TINYINT AS max_grade
FROM spread
GROUP BY system, subject_no, day
ORDER BY system, subject_no, day
