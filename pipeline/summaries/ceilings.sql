-- One row per system and subject: how high CRS could have been where something was known, and how long nothing was.
-- Key: system, subject_no
SELECT
    system,
    subject_no,
    max(ceiling) FILTER ((temperature_known OR pressure_known)
        AND (start_minute < minutes_of_days(getvariable('observed_window_d')) OR episode IS NOT NULL)) AS max_ceiling,
    hours_of(coalesce(sum(least(end_minute, minutes_of_days(getvariable('observed_window_d'))) - start_minute) FILTER (
        NOT temperature_known AND NOT pressure_known
        AND start_minute < minutes_of_days(getvariable('observed_window_d'))), 0)) AS hours_unknown
FROM grading.graded
GROUP BY system, subject_no
ORDER BY system, subject_no
