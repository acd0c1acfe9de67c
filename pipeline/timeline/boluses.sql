-- One row per stretch of time in which the same number of fluid boluses for a low pressure lies not long back.
-- Key: subject_no, start_minute
WITH given AS (
    -- Boluses charted in one minute are one.
    SELECT DISTINCT
        t.subject_no,
        t.start_minute AS minute,
        -- The hours around it in which a low pressure makes it a bolus for blood pressure support.
        greatest(0, t.start_minute - minutes_of_hours(getvariable('bolus_low_pressure_within_h'))) AS from_minute,
        least(p.last_minute, t.start_minute + minutes_of_hours(getvariable('bolus_low_pressure_within_h')) + 1) AS to_minute,
        p.last_minute
    FROM staging.therapies AS t
    JOIN timeline.spans AS p ON p.subject_no = t.subject_no AND t.start_minute < p.last_minute
    WHERE t.family = 'fluid'
      AND t.graded
      AND t.amount IS DISTINCT FROM 0
      AND t.start_minute >= 0
),

-- Pressures around it: some low one proves, and hours with no pressure leave one possible.
pressed AS (
    SELECT
        g.subject_no,
        g.minute,
        g.last_minute,
        coalesce(bool_or(r.graded AND r.value < s.systolic_bp_limit), FALSE) AS low,
        coalesce(sum(least(r.end_minute, g.to_minute) - greatest(r.first_minute, g.from_minute)) FILTER (r.run IS NOT NULL), 0)
            < min(g.to_minute - g.from_minute) AS partly_unknown
    FROM given AS g
    JOIN staging.subjects AS s ON s.subject_no = g.subject_no
    LEFT JOIN timeline.runs AS r
        ON r.subject_no = g.subject_no AND r.concept = 'systolic_bp'
        AND r.first_minute < g.to_minute AND r.end_minute > g.from_minute
    GROUP BY g.subject_no, g.minute, g.last_minute
),

changes AS (
    SELECT subject_no, minute, low::INTEGER AS proven, 1 AS possible
    FROM pressed
    WHERE low OR partly_unknown
    UNION ALL
    SELECT subject_no, least(minute + minutes_of_hours(getvariable('bolus_window_h')), last_minute), -low::INTEGER, -1
    FROM pressed
    WHERE low OR partly_unknown
),

changes_of_minute AS (
    SELECT subject_no, minute, sum(proven) AS proven, sum(possible) AS possible
    FROM changes
    GROUP BY subject_no, minute
),

counted AS (
    SELECT
        subject_no,
        minute AS start_minute,
        lead(minute) OVER subject AS end_minute,
        (sum(proven) OVER subject)::INTEGER AS fluid_boluses,
        (sum(possible) OVER subject)::INTEGER AS fluid_boluses_at_most
    FROM changes_of_minute
    WINDOW subject AS (PARTITION BY subject_no ORDER BY minute)
)

SELECT *
FROM counted
WHERE fluid_boluses_at_most > 0 AND end_minute IS NOT NULL
ORDER BY subject_no, start_minute
