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
        quantile_cont(onset_day, 0.5) AS onset_day_median,
        quantile_cont(onset_day, 0.25) AS onset_day_q1,
        quantile_cont(onset_day, 0.75) AS onset_day_q3,
        min(onset_day) AS onset_day_min,
        max(onset_day) AS onset_day_max,
        quantile_cont(duration_days, 0.5) AS duration_days_median,
        quantile_cont(duration_days, 0.25) AS duration_days_q1,
        quantile_cont(duration_days, 0.75) AS duration_days_q3,
        min(duration_days) AS duration_days_min,
        max(duration_days) AS duration_days_max,
        count(*) FILTER (status = 'crs' AND onset_minute IS NOT NULL AND NOT resolved) AS n_duration_censored,
        min(time_zero) AS time_zero
    FROM stratified
    GROUP BY system, stratum, level
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

surviving AS (
    SELECT *, product(1 - resolved / at_risk) OVER (PARTITION BY system, stratum, level ORDER BY duration_days
                                                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS unresolved
    FROM at_risk
),

-- The first day by which the share asked for has resolved; not reached where too many were censored.
kaplan_meier AS (
    SELECT
        system, stratum, level,
        min(duration_days) FILTER (unresolved <= 0.75 + 1e-12) AS duration_days_km_q1,
        min(duration_days) FILTER (unresolved <= 0.50 + 1e-12) AS duration_days_km_median,
        min(duration_days) FILTER (unresolved <= 0.25 + 1e-12) AS duration_days_km_q3
    FROM surviving
    GROUP BY system, stratum, level
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
    c.onset_day_median, c.onset_day_q1, c.onset_day_q3, c.onset_day_min, c.onset_day_max,
    c.duration_days_median, c.duration_days_q1, c.duration_days_q3, c.duration_days_min, c.duration_days_max,
    c.n_duration_censored,
    k.duration_days_km_median, k.duration_days_km_q1, k.duration_days_km_q3,
    c.time_zero
FROM counts AS c
LEFT JOIN kaplan_meier AS k ON k.system = c.system AND k.stratum = c.stratum AND k.level = c.level
ORDER BY c.system, c.stratum <> 'all', c.stratum, place_of_level(c.level), c.level
