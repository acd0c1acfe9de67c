-- One row per system, row and column of a table that counts patients, and statistic: how many they are, and which share.
-- Key: system, table_id, shell_no, line_no, column_no, statistic
WITH asked AS (
    SELECT y.system, s.table_id, s.shell_no, s.shown_as, s.unit, c.column_no,
           coalesce(k.n, 0) AS n, coalesce(d.n, 0) AS total, significant(coalesce(list_sum(k.measured), 0)) AS summed
    FROM rules.systems AS y
    CROSS JOIN results.columns AS c
    CROSS JOIN rules.shells AS s
    LEFT JOIN results.counts AS k ON k.system = y.system AND k.column_no = c.column_no AND k.measure = s.measure
    LEFT JOIN results.counts AS d ON d.system = y.system AND d.column_no = c.column_no AND d.measure = s.of
    WHERE s.shown_as IN ('count', 'share', 'total')
),

statistics AS (
    SELECT system, table_id, shell_no, column_no, 'n' AS statistic,
           CASE shown_as WHEN 'total' THEN summed ELSE n END AS value, unit,
           CASE shown_as WHEN 'share' THEN total END AS n, 'count' AS method
    FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'percent', pct(n, total), '%', total, 'n of the total'
    FROM asked WHERE shown_as = 'share'
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'percent_low', exact_low(n, total), '%', total, 'Clopper-Pearson, 95 %'
    FROM asked WHERE shown_as = 'share'
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'percent_high', exact_high(n, total), '%', total, 'Clopper-Pearson, 95 %'
    FROM asked WHERE shown_as = 'share'
)

SELECT system, table_id, shell_no, 0 AS line_no, column_no, NULL::VARCHAR AS line, statistic, value::DOUBLE AS value, unit,
       n::BIGINT AS n, method
FROM statistics
ORDER BY system, table_id, shell_no, column_no, statistic
