-- One row per chain of graded stretches close enough to be one episode, with its onset, and its number where it is CRS.
-- Key: system, subject_no, chain
WITH graded AS (
    SELECT
        *,
        -- Quiet or unknown hours do not end a chain until they last longer than the gap.
        (start_minute - lag(end_minute) OVER (PARTITION BY system, subject_no ORDER BY start_minute)
            > minutes_of_days(getvariable('episode_gap_d'))) IS NOT FALSE AS opens
    FROM grading.verdicts
    WHERE grade >= 1
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (PARTITION BY system, subject_no ORDER BY start_minute
                                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)::INTEGER AS chain
    FROM graded
),

chained AS (
    SELECT
        system,
        subject_no,
        chain,
        min(start_minute) AS start_minute,
        max(end_minute) AS end_minute,
        -- CRS opens with a fever in force: what stands before it in its chain is not CRS.
        min(start_minute) FILTER (has_fever) AS onset_minute
    FROM numbered
    GROUP BY system, subject_no, chain
),

timed AS (
    SELECT *, onset_minute < minutes_of_days(getvariable('onset_window_d')) AS is_crs
    FROM chained
)

SELECT
    *,
    CASE WHEN is_crs THEN (count(*) FILTER (is_crs) OVER (
        PARTITION BY system, subject_no ORDER BY start_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))::INTEGER END AS episode
FROM timed
ORDER BY system, subject_no, chain
