-- One row per system, table, row, column and statistic: every number of the tables, with its unit, its n and how it was got.
-- Key: system, table_id, row_no, column_no, statistic
WITH every AS (
    SELECT * FROM results.shares
    UNION ALL BY NAME SELECT * FROM results.spreads
    UNION ALL BY NAME SELECT * FROM results.incidences
    UNION ALL BY NAME SELECT * FROM results.bounds
),

worded AS (
    SELECT
        e.system, t.table_no, e.table_id, t.title,
        (dense_rank() OVER (PARTITION BY e.system, e.table_id ORDER BY e.shell_no, e.line_no))::INTEGER AS row_no,
        -- What a measurement is stands over its rows; what is counted stands in its row.
        in_terms(coalesce(s.section, ''), z.is_stand_in) AS section,
        coalesce(e.line, in_terms(s.row, z.is_stand_in)) AS "row",
        s.indent_grade,
        e.column_no, c.column, e.statistic, e.value, e.null_label, e.unit, e.n, e.method
    FROM every AS e
    JOIN results.titles AS t ON t.table_id = e.table_id
    JOIN rules.shells AS s ON s.table_id = e.table_id AND s.shell_no = e.shell_no
    JOIN results.columns AS c ON c.column_no = e.column_no
    CROSS JOIN sources.time_zero AS z
)

SELECT system, table_no, table_id, title, row_no, section, "row", indent_grade::INTEGER AS indent_grade, column_no, "column", statistic,
       value, null_label, unit, n, method
FROM worded
UNION ALL
SELECT s.system, t.table_no, t.table_id, t.title, s.row_no, s.section, s.row, NULL, s.column_no, s.column, s.statistic, s.value,
       s.null_label, s.unit, s.n, s.method
FROM results.strata AS s
JOIN results.titles AS t ON t.table_id = 'strata'
ORDER BY system, table_no, row_no, column_no, statistic
