-- One row per site, way of writing a concept with its unit, and amount: how many rows used, at any time, hold it.
-- Key: level, spelling_no, amount
-- Readings in whole hundredths of the canonical unit: so dense vitals of many digits come to few amounts.
-- What is too large to be counted so (only a result with no upper limit can be) has an empty amount, and is the highest.
WITH sites AS (
    SELECT level, subject_no, dense_rank() OVER (ORDER BY level)::USMALLINT AS site_no
    FROM quality.levels
    WHERE stratum = 'site'
),

readings AS (
    SELECT s.site_no, c.spelling_no, try_cast(100 * c.value AS BIGINT) AS hundredths, count(*) AS rows_used
    FROM staging.charted AS c
    JOIN sites AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL
    GROUP BY s.site_no, c.spelling_no, hundredths
),

-- The amount of a treatment is known only once its weight is, and is far below a hundredth in some units.
spelled AS (
    SELECT c.spelling_no, t.subject_no, t.amount
    FROM staging.therapies AS t
    JOIN staging.charted AS c ON c.source_file_no = t.source_file_no AND c.source_row = t.source_row
    WHERE c.fault_no IS NULL AND t.amount IS NOT NULL
      AND c.spelling_no IN (SELECT spelling_no FROM staging.spellings WHERE kind = 'therapy')
),

treatments AS (
    SELECT s.site_no, c.spelling_no, c.amount, count(*) AS rows_used
    FROM spelled AS c
    JOIN sites AS s ON s.subject_no = c.subject_no
    GROUP BY s.site_no, c.spelling_no, c.amount
),

counted AS (
    SELECT r.site_no, r.spelling_no, r.hundredths / 100 AS amount, r.rows_used
    FROM readings AS r
    JOIN staging.spellings AS p ON p.spelling_no = r.spelling_no AND p.kind = 'reading'
    UNION ALL
    SELECT site_no, spelling_no, amount, rows_used FROM treatments
)

SELECT n.level, c.spelling_no, c.amount, c.rows_used
FROM counted AS c
JOIN (SELECT DISTINCT site_no, level FROM sites) AS n ON n.site_no = c.site_no
ORDER BY n.level, c.spelling_no, c.amount
