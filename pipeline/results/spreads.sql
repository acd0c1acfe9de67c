-- One row per system, row and column of a table that summarises a measurement, and statistic.
-- Key: system, table_id, shell_no, line_no, column_no, statistic
WITH asked AS (
    SELECT y.system, s.table_id, s.shell_no, s.unit, s.missing, c.column_no,
           coalesce(k.measured, []) AS measured, coalesce(d.n, 0) AS total
    FROM rules.systems AS y
    CROSS JOIN results.columns AS c
    CROSS JOIN rules.shells AS s
    LEFT JOIN results.counts AS k ON k.system = y.system AND k.column_no = c.column_no AND k.measure = s.measure
    LEFT JOIN results.counts AS d ON d.system = y.system AND d.column_no = c.column_no AND d.measure = s.of
    WHERE s.shown_as = 'spread'
),

ranked AS (
    SELECT *, len(measured) AS n, median_rank(len(measured)) AS rank, getvariable('quartiles') AS type FROM asked
),

described AS (
    SELECT system, table_id, shell_no, column_no, n, unnest([
        {'line_no': 1, 'line': 'n', 'statistic': 'n', 'value': n::DOUBLE, 'unit': 'patients', 'method': 'count'},
        {'line_no': 2, 'line': missing, 'statistic': 'n_missing', 'value': (total - n)::DOUBLE, 'unit': 'patients', 'method': 'count'},
        {'line_no': 3, 'line': 'Mean (SD)', 'statistic': 'mean', 'value': significant(list_avg(measured)), 'unit': unit, 'method': 'mean'},
        {'line_no': 3, 'line': 'Mean (SD)', 'statistic': 'sd', 'value': significant(list_stddev_samp(measured)), 'unit': unit,
         'method': 'standard deviation of a sample'},
        {'line_no': 4, 'line': 'Median [95% CI]', 'statistic': 'median', 'value': quantile_of(measured, 0.5, type),
         'unit': unit, 'method': 'median'},
        {'line_no': 4, 'line': 'Median [95% CI]', 'statistic': 'median_low', 'value': measured[rank], 'unit': unit,
         'method': 'order statistics, at least 95 %'},
        {'line_no': 4, 'line': 'Median [95% CI]', 'statistic': 'median_high', 'value': measured[n - rank + 1], 'unit': unit,
         'method': 'order statistics, at least 95 %'},
        {'line_no': 5, 'line': 'Q1–Q3', 'statistic': 'q1', 'value': quantile_of(measured, 0.25, type), 'unit': unit,
         'method': quantile_method(type)},
        {'line_no': 5, 'line': 'Q1–Q3', 'statistic': 'q3', 'value': quantile_of(measured, 0.75, type), 'unit': unit,
         'method': quantile_method(type)},
        {'line_no': 6, 'line': 'Range', 'statistic': 'min', 'value': measured[1], 'unit': unit, 'method': 'least'},
        {'line_no': 6, 'line': 'Range', 'statistic': 'max', 'value': measured[-1], 'unit': unit, 'method': 'greatest'}
    ], recursive := TRUE)
    FROM ranked
)

SELECT system, table_id, shell_no, line_no, column_no, line, statistic, value, unit, n, method
FROM described
-- Where everybody counted has the measurement, there is nothing to be missing.
WHERE line IS NOT NULL
ORDER BY system, table_id, shell_no, line_no, column_no, statistic
