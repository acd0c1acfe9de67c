-- One row per system and calendar day, in the days in which an onset counts: patients by their highest grade on that day.
-- Key: system, day
WITH span AS (
    SELECT max(day) AS last_day
    FROM summaries.days
),

calendar AS (
    SELECT y.system, s.subject_no, s.infusion_minute_of_day, s.death_minute, unnest(range(0, p.last_day + 1))::INTEGER AS day
    FROM rules.systems AS y
    CROSS JOIN staging.subjects AS s
    CROSS JOIN span AS p
),

-- Every patient is something on every day, so that the numbers of a day add up to all.
placed AS (
    SELECT
        c.system,
        c.day,
        CASE
            WHEN d.max_grade IS NOT NULL THEN 'grade'
            WHEN d.subject_no IS NOT NULL THEN 'unknown'
            WHEN day_of(c.death_minute, c.infusion_minute_of_day) <= c.day THEN 'died'
            ELSE 'not observed'
        END AS standing_on_day,
        d.max_grade
    FROM calendar AS c
    LEFT JOIN summaries.days AS d ON d.system = c.system AND d.subject_no = c.subject_no AND d.day = c.day
)

SELECT
    system,
    day,
    count(*) AS n_treated,
    count(*) FILTER (max_grade = 0) AS n_on_day_0,
    count(*) FILTER (max_grade = 1) AS n_on_day_1,
    count(*) FILTER (max_grade = 2) AS n_on_day_2,
    count(*) FILTER (max_grade = 3) AS n_on_day_3,
    count(*) FILTER (max_grade = 4) AS n_on_day_4,
    count(*) FILTER (max_grade = 5) AS n_on_day_5,
    count(*) FILTER (standing_on_day = 'unknown') AS n_unknown,
    count(*) FILTER (standing_on_day = 'died') AS n_died,
    count(*) FILTER (standing_on_day = 'not observed') AS n_not_observed
FROM placed
GROUP BY system, day
ORDER BY system, day
