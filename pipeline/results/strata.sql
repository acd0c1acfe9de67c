-- One row per system, stratum, column and statistic of the table of strata; the whole cohort is its first row.
-- Key: system, row_no, column_no, statistic
WITH listed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY system ORDER BY stratum <> 'all', stratum, place_of_level(level), level)::INTEGER AS row_no
    FROM summaries.cohort
),

counted AS (
    SELECT *, n_treated AS of_treated, n_any AS of_any, duration_days_min IS NOT NULL AS has_durations
    FROM listed
),

measured AS (
    SELECT system, row_no, stratum, level, of_treated, of_any, has_durations, measure, value
    FROM counted
    UNPIVOT INCLUDE NULLS (value FOR measure IN (
        n_treated, n_any, pct_any, pct_any_low, pct_any_high, n_grade_2_or_more, pct_grade_2_or_more,
        pct_grade_2_or_more_low, pct_grade_2_or_more_high, n_grade_3_or_more, pct_grade_3_or_more,
        pct_grade_3_or_more_low, pct_grade_3_or_more_high, n_grade_1, n_grade_2, n_grade_3, n_grade_4, n_grade_5,
        n_not_evaluable, onset_day_median, onset_day_q1, onset_day_q3, duration_days_km_median, duration_days_km_q1,
        duration_days_km_q3
    ))
)

SELECT
    m.system,
    m.row_no,
    CASE m.stratum WHEN 'all' THEN '' ELSE 'By ' || m.stratum END AS section,
    CASE m.stratum WHEN 'all' THEN in_terms('All: {all treated}', z.is_stand_in) ELSE m.level END AS "row",
    c.column_no::INTEGER AS column_no,
    in_terms(c.column, z.is_stand_in) AS "column",
    c.statistic,
    m.value::DOUBLE AS value,
    CASE WHEN m.value IS NULL AND m.has_durations AND starts_with(c.statistic, 'km_') THEN 'NR' END AS null_label,
    c.unit,
    -- Onset and duration are of those who had any.
    CASE WHEN c.unit IN ('day', 'days') THEN m.of_any ELSE m.of_treated END AS n,
    CASE WHEN c.statistic IN ('q1', 'q3') THEN quantile_method(getvariable('quartiles')) ELSE c.method END AS method
FROM measured AS m
JOIN rules.stratum_columns AS c ON c.measure = m.measure
CROSS JOIN sources.time_zero AS z
ORDER BY m.system, m.row_no, c.column_no, c.statistic
