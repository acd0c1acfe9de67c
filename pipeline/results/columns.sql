-- One row per column of the tables: every arm (every product, where no arms tell patients apart), and all together.
-- Key: column_no
WITH offered AS (
    SELECT 'arm' AS stratum, arm AS level FROM staging.subjects WHERE arm IS NOT NULL GROUP BY arm
    UNION ALL
    SELECT 'product', product FROM staging.subjects WHERE product IS NOT NULL GROUP BY product
),

-- Too many to stand side by side stand as rows, in the table of strata.
taken AS (
    SELECT stratum
    FROM offered
    GROUP BY stratum
    HAVING count(*) >= 2 AND count(*) <= getvariable('table_columns_at_most')
    ORDER BY stratum
    LIMIT 1
),

listed AS (
    SELECT stratum, level, level AS "column" FROM offered WHERE stratum IN (SELECT stratum FROM taken)
    UNION ALL
    SELECT 'all', 'all', 'Total'
)

SELECT (row_number() OVER (ORDER BY stratum = 'all', level))::INTEGER AS column_no, "column", stratum, level
FROM listed
ORDER BY column_no
