-- One row per pair of systems and pair of grades in force in the same minute, in an episode or not: hours of observation.
-- Key: system_a, system_b, grade_a, grade_b
-- Every system judges the same states: few combinations of verdicts occur, and these are paired, not the states.
WITH systems AS (
    SELECT system, 3 * (row_number() OVER (ORDER BY system) - 1) AS place
    FROM rules.systems
),

-- The grades of all systems in one number: three bits for each.
states AS (
    SELECT g.subject_no, g.start_minute, min(g.end_minute) - g.start_minute AS minutes,
           sum(g.grade::HUGEINT << y.place) AS verdicts
    FROM grading.graded AS g
    JOIN systems AS y ON y.system = g.system
    GROUP BY g.subject_no, g.start_minute
),

combinations AS (
    SELECT verdicts, sum(minutes)::BIGINT AS minutes
    FROM states
    GROUP BY verdicts
),

judged AS (
    SELECT c.verdicts, c.minutes, y.system, ((c.verdicts >> y.place) & 7)::TINYINT AS grade
    FROM combinations AS c
    CROSS JOIN systems AS y
)

SELECT
    a.system AS system_a,
    b.system AS system_b,
    a.grade AS grade_a,
    b.grade AS grade_b,
    hours_of(sum(a.minutes)::BIGINT) AS hours
FROM judged AS a
JOIN judged AS b ON b.verdicts = a.verdicts AND b.system > a.system
GROUP BY ALL
ORDER BY ALL
