-- One row per column of the tables and subject in it.
-- Key: column_no, subject_no
SELECT c.column_no, s.subject_no
FROM results.columns AS c
JOIN staging.subjects AS s
    ON c.stratum = 'all'
    OR (c.stratum = 'arm' AND s.arm = c.level)
    OR (c.stratum = 'product' AND s.product = c.level)
ORDER BY c.column_no, s.subject_no
