-- One row per course of vasopressors: some vasopressor runs, whichever it is, and short gaps are bridged.
-- Key: subject_no, kind, start_minute
-- kind: 'proven' (of what counts), 'possible' (of what may count).
WITH running AS (
    -- DISTINCT: two drugs of the same hours are one, and leave no ties to the order below.
    SELECT DISTINCT subject_no, CASE level WHEN 'counted' THEN 'proven' ELSE level END AS kind, start_minute, end_minute
    FROM timeline.agents
    WHERE level IN ('counted', 'possible')
),

opened AS (
    SELECT
        *,
        (start_minute - max(end_minute) OVER (
            PARTITION BY subject_no, kind ORDER BY start_minute, end_minute
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > getvariable('vasopressor_gap_min')) IS NOT FALSE AS opens
    FROM running
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (
        PARTITION BY subject_no, kind ORDER BY start_minute, end_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS course
    FROM opened
)

SELECT
    subject_no,
    kind,
    min(start_minute) AS start_minute,
    max(end_minute) AS end_minute,
    hours_of(max(end_minute) - min(start_minute)) AS hours
FROM numbered
GROUP BY subject_no, kind, course
ORDER BY subject_no, kind, start_minute
