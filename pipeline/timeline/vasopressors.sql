-- One row per stretch of time in which the same number of vasopressors runs.
-- Key: subject_no, start_minute
WITH changes AS (
    SELECT subject_no, concept = 'vasopressin' AS is_vasopressin, level, start_minute AS minute, 1 AS change, cut_minute
    FROM timeline.agents
    UNION ALL
    SELECT subject_no, concept = 'vasopressin', level, end_minute, -1, cut_minute
    FROM timeline.agents
),

changes_of_minute AS (
    SELECT
        subject_no,
        minute,
        min(cut_minute) AS cut_minute,
        coalesce(sum(change) FILTER (level = 'proven' AND NOT is_vasopressin), 0) AS proven,
        coalesce(sum(change) FILTER (level = 'counted' AND NOT is_vasopressin), 0) AS counted,
        coalesce(sum(change) FILTER (level = 'possible' AND NOT is_vasopressin), 0) AS possible,
        -- Some systems count vasopressin among them.
        coalesce(sum(change) FILTER (level = 'proven'), 0) AS all_proven,
        coalesce(sum(change) FILTER (level = 'counted'), 0) AS all_counted,
        coalesce(sum(change) FILTER (level = 'possible'), 0) AS all_possible,
        coalesce(sum(change) FILTER (level = 'counted' AND is_vasopressin), 0) AS vasopressin,
        coalesce(sum(change) FILTER (level = 'possible' AND is_vasopressin), 0) AS vasopressin_possible
    FROM changes
    GROUP BY subject_no, minute
),

running AS (
    SELECT
        subject_no,
        minute AS start_minute,
        lead(minute) OVER subject AS end_minute,
        cut_minute,
        (sum(proven) OVER subject)::INTEGER AS proven,
        (sum(counted) OVER subject)::INTEGER AS counted,
        (sum(possible) OVER subject)::INTEGER AS possible,
        (sum(all_proven) OVER subject)::INTEGER AS all_proven,
        (sum(all_counted) OVER subject)::INTEGER AS all_counted,
        (sum(all_possible) OVER subject)::INTEGER AS all_possible,
        (sum(vasopressin) OVER subject)::INTEGER AS vasopressin,
        (sum(vasopressin_possible) OVER subject)::INTEGER AS vasopressin_possible
    FROM changes_of_minute
    WINDOW subject AS (PARTITION BY subject_no ORDER BY minute)
),

-- Two at once: whichever agents they are, as long as it is unbroken.
together AS (
    SELECT
        *,
        sum((proven < 2)::INTEGER) OVER subject AS proven_stretch,
        sum((possible < 2)::INTEGER) OVER subject AS possible_stretch,
        sum((all_proven < 2)::INTEGER) OVER subject AS all_proven_stretch,
        sum((all_possible < 2)::INTEGER) OVER subject AS all_possible_stretch
    FROM running
    WHERE end_minute IS NOT NULL
    WINDOW subject AS (PARTITION BY subject_no ORDER BY start_minute ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),

-- How long two at once last; a shorter overlap is a switch of drugs, unless death or the end of follow-up cuts it short.
lasting AS (
    SELECT
        *,
        proven >= 2 AND (
            sum(end_minute - start_minute) FILTER (proven >= 2) OVER proven_together
                >= getvariable('multiple_vasopressors_overlap_min')
            OR max(end_minute) FILTER (proven >= 2) OVER proven_together IS NOT DISTINCT FROM cut_minute
        ) AS several,
        possible >= 2 AND (
            sum(end_minute - start_minute) FILTER (possible >= 2) OVER possible_together
                >= getvariable('multiple_vasopressors_overlap_min')
            OR max(end_minute) FILTER (possible >= 2) OVER possible_together IS NOT DISTINCT FROM cut_minute
        ) AS several_possible,
        all_proven >= 2 AND (
            sum(end_minute - start_minute) FILTER (all_proven >= 2) OVER all_proven_together
                >= getvariable('multiple_vasopressors_overlap_min')
            OR max(end_minute) FILTER (all_proven >= 2) OVER all_proven_together IS NOT DISTINCT FROM cut_minute
        ) AS all_several,
        all_possible >= 2 AND (
            sum(end_minute - start_minute) FILTER (all_possible >= 2) OVER all_possible_together
                >= getvariable('multiple_vasopressors_overlap_min')
            OR max(end_minute) FILTER (all_possible >= 2) OVER all_possible_together IS NOT DISTINCT FROM cut_minute
        ) AS all_several_possible
    FROM together
    WINDOW proven_together AS (PARTITION BY subject_no, proven_stretch),
           possible_together AS (PARTITION BY subject_no, possible_stretch),
           all_proven_together AS (PARTITION BY subject_no, all_proven_stretch),
           all_possible_together AS (PARTITION BY subject_no, all_possible_stretch)
)

SELECT
    subject_no,
    start_minute,
    end_minute,
    -- Proven at least, and possibly at most; without vasopressin, then with it.
    CASE WHEN several THEN proven ELSE least(counted, 1) END AS vasopressors,
    CASE WHEN several_possible THEN possible ELSE least(possible, 1) END AS vasopressors_at_most,
    CASE WHEN all_several THEN all_proven ELSE least(all_counted, 1) END AS vasopressors_and_vasopressin,
    CASE WHEN all_several_possible THEN all_possible ELSE least(all_possible, 1) END AS vasopressors_and_vasopressin_at_most,
    least(vasopressin, 1) AS vasopressin,
    least(vasopressin_possible, 1) AS vasopressin_at_most,
    (vasopressin > 0 AND counted = 0)::INTEGER AS vasopressin_alone,
    (vasopressin_possible > 0 AND counted = 0)::INTEGER AS vasopressin_alone_at_most
FROM lasting
WHERE possible > 0 OR vasopressin_possible > 0
ORDER BY subject_no, start_minute
