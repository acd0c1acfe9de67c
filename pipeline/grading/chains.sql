-- One row per chain of graded stretches close enough to be one episode, with its onset, and its number where it is CRS.
-- Key: system, subject_no, chain
-- The windows have no order of their own: grading.verdicts is stored by system, subject and minute (an audit holds it).
WITH graded AS (
    SELECT
        system,
        subject_no,
        start_minute,
        end_minute,
        has_fever,
        -- Quiet or unknown hours do not end a chain until they last longer than the gap.
        (lag(system) OVER () = system AND lag(subject_no) OVER () = subject_no
            AND start_minute - lag(end_minute) OVER () BETWEEN 0 AND minutes_of_days(getvariable('episode_gap_d'))) IS TRUE AS goes_on
    FROM grading.verdicts
    WHERE grade >= 1
),

numbered AS (
    SELECT *, sum((NOT goes_on)::INTEGER) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS opened_so_far
    FROM graded
),

chained AS (
    SELECT
        n.system,
        n.subject_no,
        row_number() OVER (PARTITION BY n.system, n.subject_no ORDER BY n.opened_so_far)::INTEGER AS chain,
        min(n.start_minute) AS start_minute,
        max(n.end_minute) AS end_minute,
        -- CRS opens with a fever in force: what stands before it in its chain is not CRS.
        min(n.start_minute) FILTER (n.has_fever OR NOT y.onset_fever_required) AS onset_minute
    FROM numbered AS n
    JOIN rules.systems AS y ON y.system = n.system
    GROUP BY n.system, n.subject_no, n.opened_so_far
),

timed AS (
    SELECT *, onset_minute < minutes_of_days(getvariable('onset_window_d')) AS is_crs
    FROM chained
),

-- Death adjudicated to CRS belongs to the last episode that counts, if that is still open when observation ends or ended
-- not long before; it then ends the episode.
last_chains AS (
    SELECT t.system, t.subject_no, max(t.chain) AS chain
    FROM timed AS t
    WHERE t.is_crs
    GROUP BY t.system, t.subject_no
),

fatal AS (
    SELECT t.system, t.subject_no, t.chain, s.death_minute
    FROM timed AS t
    JOIN last_chains AS l ON l.system = t.system AND l.subject_no = t.subject_no AND l.chain = t.chain
    JOIN staging.subjects AS s ON s.subject_no = t.subject_no
    WHERE s.death_cause = 'crs'
      AND (t.end_minute = s.cut_minute
           OR s.death_minute - t.end_minute <= minutes_of_days(getvariable('episode_gap_d')))
)

SELECT
    t.system,
    t.subject_no,
    t.chain,
    t.start_minute,
    coalesce(f.death_minute, t.end_minute) AS end_minute,
    t.onset_minute,
    t.is_crs,
    f.death_minute IS NOT NULL AS is_fatal,
    CASE WHEN t.is_crs THEN (count(*) FILTER (t.is_crs) OVER (
        PARTITION BY t.system, t.subject_no ORDER BY t.start_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))::INTEGER END AS episode
FROM timed AS t
LEFT JOIN fatal AS f ON f.system = t.system AND f.subject_no = t.subject_no AND f.chain = t.chain
ORDER BY t.system, t.subject_no, t.chain
