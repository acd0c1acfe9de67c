-- One row per subject and level under which its chartings are counted: its site, and all sites together.
-- Key: stratum, level, subject_no
SELECT 'site' AS stratum, coalesce(nullif(trim(site), ''), 'not given') AS level, subject_no
FROM staging.subjects
UNION ALL
SELECT 'all', 'all', subject_no
FROM staging.subjects
UNION ALL
-- Rows of somebody who is not in the cohort belong to no site; they are counted once, with all.
SELECT 'all', 'all', NULL
ORDER BY stratum, level, subject_no
