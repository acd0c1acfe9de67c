-- One row per system, row and column of a table that bounds a share, and statistic: at least so many, at most so many.
-- Key: system, table_id, shell_no, line_no, column_no, statistic
WITH asked AS (
    SELECT y.system, s.table_id, s.shell_no, s.unit, c.column_no,
           coalesce(p.n, 0) AS proven, coalesce(q.n, 0) AS possible, coalesce(d.n, 0) AS total
    FROM rules.systems AS y
    CROSS JOIN results.columns AS c
    CROSS JOIN rules.shells AS s
    LEFT JOIN results.counts AS p
        ON p.system = y.system AND p.column_no = c.column_no AND p.measure = s.measure || '_proven'
    LEFT JOIN results.counts AS q
        ON q.system = y.system AND q.column_no = c.column_no AND q.measure = s.measure || '_possible'
    LEFT JOIN results.counts AS d ON d.system = y.system AND d.column_no = c.column_no AND d.measure = s.of
    WHERE s.shown_as = 'bounds'
),

statistics AS (
    SELECT system, table_id, shell_no, column_no, 'proven' AS statistic, proven AS value, unit, total, 'count' AS method
    FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'possible', possible, unit, total, 'count' FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'proven_percent', pct(proven, total), '%', total, 'n of the total' FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'possible_percent', pct(possible, total), '%', total, 'n of the total' FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'low', exact_low(proven, total), '%', total, 'Clopper-Pearson, 95 %, of the least'
    FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, 'high', exact_high(possible, total), '%', total, 'Clopper-Pearson, 95 %, of the most'
    FROM asked
)

SELECT system, table_id, shell_no, 0 AS line_no, column_no, NULL::VARCHAR AS line, statistic, value::DOUBLE AS value, unit,
       total::BIGINT AS n, method
FROM statistics
ORDER BY system, table_id, shell_no, column_no, statistic
