-- One row per site (and all together): hours of the observed window with no temperature, and no systolic pressure, in force.
-- Key: stratum, level
-- Summed in whole minutes over the subjects, so that their order does not matter.
WITH summed AS (
    SELECT
        l.stratum,
        l.level,
        count(*) AS patients,
        sum(round(60 * s.hours_observed)::BIGINT) AS observed,
        sum(round(60 * s.hours_without_temperature)::BIGINT) AS without_temperature,
        sum(round(60 * s.hours_without_pressure)::BIGINT) AS without_pressure,
        sum(round(60 * s.hours_without_both)::BIGINT) AS without_both
    FROM quality.subjects AS s
    JOIN quality.levels AS l ON l.subject_no = s.subject_no
    GROUP BY l.stratum, l.level
)

SELECT
    stratum,
    level,
    patients,
    hours_of(observed) AS hours_observed,
    hours_of(without_temperature) AS hours_without_temperature,
    pct(without_temperature, observed) AS pct_without_temperature,
    hours_of(without_pressure) AS hours_without_pressure,
    pct(without_pressure, observed) AS pct_without_pressure,
    hours_of(without_both) AS hours_without_both,
    pct(without_both, observed) AS pct_without_both
FROM summed
ORDER BY stratum, level
