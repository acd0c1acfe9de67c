-- One row per system and level of a stratum (the whole cohort, and each value of site, arm, product, age group and sex).
-- Key: system, stratum, level
WITH stratified AS (
    SELECT l.stratum, l.level, s.*
    FROM summaries.subjects AS s
    JOIN summaries.levels AS l ON l.subject_id = s.subject_id
),

-- One patient is counted once, at the highest grade; all treated are the denominator.
counts AS (
    SELECT
        system, stratum, level,
        count(*) AS n_treated,
        count(*) FILTER (status <> 'not_evaluable') AS n_evaluable,
        count(*) FILTER (status = 'not_evaluable') AS n_not_evaluable,
        count(*) FILTER (status = 'crs') AS n_any,
        count(*) FILTER (max_grade = 1) AS n_grade_1,
        count(*) FILTER (max_grade = 2) AS n_grade_2,
        count(*) FILTER (max_grade = 3) AS n_grade_3,
        count(*) FILTER (max_grade = 4) AS n_grade_4,
        count(*) FILTER (max_grade = 5) AS n_grade_5,
        count(*) FILTER (max_grade >= 2) AS n_grade_2_or_more,
        count(*) FILTER (max_grade >= 3) AS n_grade_3_or_more,
        list(onset_day ORDER BY onset_day) FILTER (onset_day IS NOT NULL) AS onset_day_values,
        min(onset_day) AS onset_day_min,
        max(onset_day) AS onset_day_max,
        list(duration_days ORDER BY duration_days) FILTER (duration_days IS NOT NULL) AS duration_days_values,
        min(duration_days) AS duration_days_min,
        max(duration_days) AS duration_days_max,
        count(*) FILTER (status = 'crs' AND onset_minute IS NOT NULL AND NOT resolved) AS n_duration_censored,
        min(time_zero) AS time_zero
    FROM stratified
    GROUP BY system, stratum, level
),

-- The medians and quartiles of those who had an onset, whether or not its end was seen.
quantiles AS (
    SELECT
        system, stratum, level,
        quantile_of(onset_day_values, 0.5, getvariable('quartiles')) AS onset_day_median,
        quantile_of(onset_day_values, 0.25, getvariable('quartiles')) AS onset_day_q1,
        quantile_of(onset_day_values, 0.75, getvariable('quartiles')) AS onset_day_q3,
        quantile_of(duration_days_values, 0.5, getvariable('quartiles')) AS duration_days_median,
        quantile_of(duration_days_values, 0.25, getvariable('quartiles')) AS duration_days_q1,
        quantile_of(duration_days_values, 0.75, getvariable('quartiles')) AS duration_days_q3
    FROM counts
),

-- Duration with censoring (Kaplan-Meier): an episode whose end was not seen counts as at least as long as it was seen.
at_risk AS (
    SELECT
        system, stratum, level, duration_days,
        count(*) FILTER (resolved) AS resolved,
        sum(count(*)) OVER (PARTITION BY system, stratum, level ORDER BY duration_days
                            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS at_risk
    FROM stratified
    WHERE duration_days IS NOT NULL
    GROUP BY system, stratum, level, duration_days
),

resolving AS (
    SELECT *, 100 * (1 - product(1 - resolved / at_risk) OVER (PARTITION BY system, stratum, level ORDER BY duration_days
                                                               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS resolved_pct
    FROM at_risk
),

curves AS (
    SELECT system, stratum, level,
           list(duration_days ORDER BY duration_days) AS days,
           list(resolved_pct ORDER BY duration_days) AS resolved_pct
    FROM resolving
    GROUP BY system, stratum, level
),

-- The day by which each share has resolved, the middle where the curve stays on it; not reached where too many were censored.
kaplan_meier AS (
    SELECT
        system, stratum, level,
        time_reached(days, resolved_pct, 25) AS duration_days_km_q1,
        time_reached(days, resolved_pct, 50) AS duration_days_km_median,
        time_reached(days, resolved_pct, 75) AS duration_days_km_q3
    FROM curves
)

SELECT
    c.system, c.stratum, c.level,
    c.n_treated, c.n_evaluable, c.n_not_evaluable,
    c.n_any, pct(c.n_any, c.n_treated) AS pct_any,
    exact_low(c.n_any, c.n_treated) AS pct_any_low, exact_high(c.n_any, c.n_treated) AS pct_any_high,
    c.n_grade_1, pct(c.n_grade_1, c.n_treated) AS pct_grade_1,
    exact_low(c.n_grade_1, c.n_treated) AS pct_grade_1_low, exact_high(c.n_grade_1, c.n_treated) AS pct_grade_1_high,
    c.n_grade_2, pct(c.n_grade_2, c.n_treated) AS pct_grade_2,
    exact_low(c.n_grade_2, c.n_treated) AS pct_grade_2_low, exact_high(c.n_grade_2, c.n_treated) AS pct_grade_2_high,
    c.n_grade_3, pct(c.n_grade_3, c.n_treated) AS pct_grade_3,
    exact_low(c.n_grade_3, c.n_treated) AS pct_grade_3_low, exact_high(c.n_grade_3, c.n_treated) AS pct_grade_3_high,
    c.n_grade_4, pct(c.n_grade_4, c.n_treated) AS pct_grade_4,
    exact_low(c.n_grade_4, c.n_treated) AS pct_grade_4_low, exact_high(c.n_grade_4, c.n_treated) AS pct_grade_4_high,
    c.n_grade_5, pct(c.n_grade_5, c.n_treated) AS pct_grade_5,
    exact_low(c.n_grade_5, c.n_treated) AS pct_grade_5_low, exact_high(c.n_grade_5, c.n_treated) AS pct_grade_5_high,
    c.n_grade_2_or_more, pct(c.n_grade_2_or_more, c.n_treated) AS pct_grade_2_or_more,
    exact_low(c.n_grade_2_or_more, c.n_treated) AS pct_grade_2_or_more_low,
    exact_high(c.n_grade_2_or_more, c.n_treated) AS pct_grade_2_or_more_high,
    c.n_grade_3_or_more, pct(c.n_grade_3_or_more, c.n_treated) AS pct_grade_3_or_more,
    exact_low(c.n_grade_3_or_more, c.n_treated) AS pct_grade_3_or_more_low,
    exact_high(c.n_grade_3_or_more, c.n_treated) AS pct_grade_3_or_more_high,
    q.onset_day_median, q.onset_day_q1, q.onset_day_q3, c.onset_day_min, c.onset_day_max,
    q.duration_days_median, q.duration_days_q1, q.duration_days_q3, c.duration_days_min, c.duration_days_max,
    c.n_duration_censored,
    k.duration_days_km_median, k.duration_days_km_q1, k.duration_days_km_q3,
    c.time_zero
FROM counts AS c
JOIN quantiles AS q ON q.system = c.system AND q.stratum = c.stratum AND q.level = c.level
LEFT JOIN kaplan_meier AS k ON k.system = c.system AND k.stratum = c.stratum AND k.level = c.level
ORDER BY c.system, c.stratum <> 'all', c.stratum, place_of_level(c.level), c.level
