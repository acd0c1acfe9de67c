-- One row per system, stratum and measure of time: recorded less derived, of episodes that have both.
-- Key: system, stratum, level, measure
-- A duration is compared only where the end was seen on both sides.
WITH pairs AS (
    SELECT system, site_level, 'onset_hour' AS measure, recorded_start AS recorded, onset_minute AS derived
    FROM recorded.episodes
    UNION ALL
    SELECT system, site_level, 'onset_day', recorded_onset_day, onset_day
    FROM recorded.episodes
    UNION ALL
    SELECT system, site_level, 'duration_day', recorded_duration_days, duration_days
    FROM recorded.episodes
    WHERE resolved
),

differences AS (
    SELECT l.stratum, l.level, p.system, p.measure, (p.recorded - p.derived)::BIGINT AS difference
    FROM pairs AS p
    JOIN (SELECT DISTINCT stratum, level FROM quality.levels) AS l ON l.stratum = 'all' OR l.level = p.site_level
    WHERE p.recorded IS NOT NULL AND p.derived IS NOT NULL
),

-- Summed in whole minutes or days, so that the order does not matter.
summed AS (
    SELECT
        system, stratum, level, measure,
        count(*) AS n,
        count(*) FILTER (difference = 0) AS n_same,
        sum(difference)::BIGINT AS total,
        sum(difference * difference)::BIGINT AS squares,
        CASE measure WHEN 'onset_hour' THEN 60 ELSE 1 END AS parts
    FROM differences
    GROUP BY system, stratum, level, measure
),

spread AS (
    SELECT *, total / n / parts AS mean_difference,
           CASE WHEN n > 1 THEN sqrt(greatest(0, (n * squares - total * total) / (n * (n - 1)))) / parts END AS sd_difference
    FROM summed
)

-- Limits of agreement: 1.96 standard deviations about the mean (Bland JM, Altman DG. Lancet 1986;1:307-310).
SELECT
    system, stratum, level, measure, n, n_same,
    significant(mean_difference) AS mean_difference,
    significant(sd_difference) AS sd_difference,
    significant(mean_difference - 1.96 * sd_difference) AS agreement_low,
    significant(mean_difference + 1.96 * sd_difference) AS agreement_high
FROM spread
ORDER BY system, stratum, level, measure
