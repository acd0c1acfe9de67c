-- One row per subject: hours of the observed window with no temperature, and with no systolic pressure, in force.
-- Key: subject_no
-- Counted from time zero to the end of the window or of the record, whichever is first.
WITH clipped AS (
    SELECT
        subject_no,
        temperature_run IS NULL AS is_without_temperature,
        systolic_bp_run IS NULL AS is_without_pressure,
        least(end_minute, minutes_of_days(getvariable('observed_window_d'))) - start_minute AS minutes
    FROM timeline.states
    WHERE start_minute < minutes_of_days(getvariable('observed_window_d'))
),

counted AS (
    SELECT
        subject_no,
        sum(minutes) AS observed,
        sum(minutes) FILTER (is_without_temperature) AS without_temperature,
        sum(minutes) FILTER (is_without_pressure) AS without_pressure,
        sum(minutes) FILTER (is_without_temperature AND is_without_pressure) AS without_both
    FROM clipped
    GROUP BY subject_no
)

SELECT
    s.subject_no,
    s.subject_id,
    l.level,
    hours_of(coalesce(c.observed, 0)) AS hours_observed,
    hours_of(coalesce(c.without_temperature, 0)) AS hours_without_temperature,
    hours_of(coalesce(c.without_pressure, 0)) AS hours_without_pressure,
    hours_of(coalesce(c.without_both, 0)) AS hours_without_both
FROM staging.subjects AS s
JOIN quality.levels AS l ON l.subject_no = s.subject_no AND l.stratum = 'site'
LEFT JOIN counted AS c ON c.subject_no = s.subject_no
ORDER BY s.subject_no
