-- One row per system, stratum, column and statistic of the table of strata; the whole cohort is its first row.
-- Key: system, row_no, column_no, statistic
WITH listed AS (
    SELECT *, (row_number() OVER (PARTITION BY system ORDER BY stratum <> 'all', stratum, place_of_level(level), level))::INTEGER AS row_no
    FROM summaries.cohort
),

described AS (
    SELECT system, row_no, stratum, level, n_treated, n_any, unnest([
        {'column_no': 1, 'column': '{Treated}', 'statistic': 'n', 'value': n_treated::DOUBLE, 'unit': 'patients', 'method': 'count'},
        {'column_no': 2, 'column': '{Any CRS}', 'statistic': 'n', 'value': n_any, 'unit': 'patients', 'method': 'count'},
        {'column_no': 2, 'column': '{Any CRS}', 'statistic': 'percent', 'value': pct_any, 'unit': '%', 'method': 'n of the total'},
        {'column_no': 2, 'column': '{Any CRS}', 'statistic': 'percent_low', 'value': pct_any_low, 'unit': '%', 'method': 'Clopper-Pearson, 95 %'},
        {'column_no': 2, 'column': '{Any CRS}', 'statistic': 'percent_high', 'value': pct_any_high, 'unit': '%', 'method': 'Clopper-Pearson, 95 %'},
        {'column_no': 3, 'column': 'Grade 2 or more', 'statistic': 'n', 'value': n_grade_2_or_more, 'unit': 'patients', 'method': 'count'},
        {'column_no': 3, 'column': 'Grade 2 or more', 'statistic': 'percent', 'value': pct_grade_2_or_more, 'unit': '%', 'method': 'n of the total'},
        {'column_no': 3, 'column': 'Grade 2 or more', 'statistic': 'percent_low', 'value': pct_grade_2_or_more_low, 'unit': '%',
         'method': 'Clopper-Pearson, 95 %'},
        {'column_no': 3, 'column': 'Grade 2 or more', 'statistic': 'percent_high', 'value': pct_grade_2_or_more_high, 'unit': '%',
         'method': 'Clopper-Pearson, 95 %'},
        {'column_no': 4, 'column': 'Grade 3 or more', 'statistic': 'n', 'value': n_grade_3_or_more, 'unit': 'patients', 'method': 'count'},
        {'column_no': 4, 'column': 'Grade 3 or more', 'statistic': 'percent', 'value': pct_grade_3_or_more, 'unit': '%', 'method': 'n of the total'},
        {'column_no': 4, 'column': 'Grade 3 or more', 'statistic': 'percent_low', 'value': pct_grade_3_or_more_low, 'unit': '%',
         'method': 'Clopper-Pearson, 95 %'},
        {'column_no': 4, 'column': 'Grade 3 or more', 'statistic': 'percent_high', 'value': pct_grade_3_or_more_high, 'unit': '%',
         'method': 'Clopper-Pearson, 95 %'},
        {'column_no': 5, 'column': 'Grade 1', 'statistic': 'n', 'value': n_grade_1, 'unit': 'patients', 'method': 'count'},
        {'column_no': 6, 'column': 'Grade 2', 'statistic': 'n', 'value': n_grade_2, 'unit': 'patients', 'method': 'count'},
        {'column_no': 7, 'column': 'Grade 3', 'statistic': 'n', 'value': n_grade_3, 'unit': 'patients', 'method': 'count'},
        {'column_no': 8, 'column': 'Grade 4', 'statistic': 'n', 'value': n_grade_4, 'unit': 'patients', 'method': 'count'},
        {'column_no': 9, 'column': 'Grade 5', 'statistic': 'n', 'value': n_grade_5, 'unit': 'patients', 'method': 'count'},
        {'column_no': 10, 'column': 'Not evaluable', 'statistic': 'n', 'value': n_not_evaluable, 'unit': 'patients', 'method': 'count'},
        {'column_no': 11, 'column': 'Onset day', 'statistic': 'median', 'value': onset_day_median, 'unit': 'day', 'method': 'median'},
        {'column_no': 11, 'column': 'Onset day', 'statistic': 'q1', 'value': onset_day_q1, 'unit': 'day', 'method': 'quantile, linear between values'},
        {'column_no': 11, 'column': 'Onset day', 'statistic': 'q3', 'value': onset_day_q3, 'unit': 'day', 'method': 'quantile, linear between values'},
        {'column_no': 12, 'column': 'Duration, days', 'statistic': 'km_median', 'value': duration_days_km_median, 'unit': 'days',
         'method': 'Kaplan-Meier'},
        {'column_no': 12, 'column': 'Duration, days', 'statistic': 'km_q1', 'value': duration_days_km_q1, 'unit': 'days', 'method': 'Kaplan-Meier'},
        {'column_no': 12, 'column': 'Duration, days', 'statistic': 'km_q3', 'value': duration_days_km_q3, 'unit': 'days', 'method': 'Kaplan-Meier'}
    ], recursive := TRUE)
    FROM listed
)

SELECT
    d.system,
    d.row_no,
    CASE d.stratum WHEN 'all' THEN '' ELSE 'By ' || d.stratum END AS section,
    CASE d.stratum WHEN 'all' THEN in_terms('All: {all treated}', z.is_stand_in) ELSE d.level END AS "row",
    d.column_no::INTEGER AS column_no,
    in_terms(d.column, z.is_stand_in) AS "column",
    d.statistic, d.value::DOUBLE AS value, d.unit,
    -- Onset and duration are of those who had any.
    CASE WHEN d.column_no IN (11, 12) THEN d.n_any ELSE d.n_treated END AS n,
    d.method
FROM described AS d
CROSS JOIN sources.time_zero AS z
ORDER BY d.system, d.row_no, d.column_no, d.statistic
