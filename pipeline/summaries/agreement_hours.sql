-- One row per pair of systems and pair of grades in force in the same minute, in an episode or not: hours of observation.
-- Key: system_a, system_b, grade_a, grade_b
-- Every system judges the same states: few combinations of verdicts occur, and these are paired, not the states.
WITH states AS (
    SELECT subject_no, start_minute, min(end_minute) - start_minute AS minutes, list_sort(list((system, grade))) AS verdicts
    FROM grading.graded
    GROUP BY subject_no, start_minute
),

combinations AS (
    SELECT row_number() OVER (ORDER BY verdicts) AS combination, verdicts, sum(minutes)::BIGINT AS minutes
    FROM states
    GROUP BY verdicts
),

verdicts AS (
    SELECT combination, minutes, unnest(verdicts) AS verdict
    FROM combinations
)

SELECT
    a.verdict[1] AS system_a,
    b.verdict[1] AS system_b,
    a.verdict[2] AS grade_a,
    b.verdict[2] AS grade_b,
    sum(a.minutes)::BIGINT / 60 AS hours
FROM verdicts AS a
JOIN verdicts AS b ON b.combination = a.combination AND b.verdict[1] > a.verdict[1]
GROUP BY ALL
ORDER BY ALL
