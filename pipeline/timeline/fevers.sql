-- One row per stretch of time in which a fever, or what stands in for one, reaches: its readings and its doses.
-- Key: subject_no, kind, start_minute
-- kind: 'window' (a fever was read not long ago), 'waiver' (a drug that hides fever was given after the first one).
WITH fever_runs AS (
    SELECT subject_no, first_minute, last_minute
    FROM timeline.runs
    WHERE concept = 'temperature' AND graded AND is_fever(value)
),

first_fevers AS (
    SELECT subject_no, min(first_minute) AS minute
    FROM fever_runs
    GROUP BY subject_no
),

reaches AS (
    SELECT subject_no, 'window' AS kind, first_minute AS start_minute,
           last_minute + minutes_of_hours(getvariable('fever_window_h')) AS end_minute
    FROM fever_runs
    -- UNION, not UNION ALL: doses charted twice are one, and leave no ties to the order below.
    UNION
    -- "has CRS, then receives": doses at or after the first fever; premedication waives nothing.
    SELECT t.subject_no, 'waiver', t.start_minute,
           t.start_minute + CASE t.waiver
               WHEN 'antipyretic' THEN minutes_of_hours(getvariable('waiver_antipyretic_h'))
               ELSE minutes_of_hours(getvariable('waiver_anticytokine_h')) END
    FROM staging.therapies AS t
    JOIN first_fevers AS f ON f.subject_no = t.subject_no
    JOIN staging.subjects AS s ON s.subject_no = t.subject_no
    WHERE t.waiver IN ('antipyretic', 'anticytokine')
      AND t.graded
      AND t.amount IS DISTINCT FROM 0
      AND t.start_minute >= f.minute
      AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
),

opened AS (
    SELECT
        *,
        (start_minute > max(end_minute) OVER (
            PARTITION BY subject_no, kind ORDER BY start_minute, end_minute
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) IS NOT FALSE AS opens
    FROM reaches
    WHERE end_minute > start_minute
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (
        PARTITION BY subject_no, kind ORDER BY start_minute, end_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reach
    FROM opened
)

SELECT subject_no, kind, min(start_minute) AS start_minute, max(end_minute) AS end_minute
FROM numbered
GROUP BY subject_no, kind, reach
ORDER BY subject_no, kind, start_minute
