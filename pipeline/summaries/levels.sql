-- One row per stratum (the whole cohort, site, arm, product, age group and sex) and subject: the level that it is in.
-- Key: stratum, subject_id
WITH parted AS (
    SELECT 'all' AS stratum, 'all' AS level, subject_id FROM staging.subjects
    UNION ALL
    SELECT 'site', site, subject_id FROM staging.subjects
    UNION ALL
    SELECT 'arm', arm, subject_id FROM staging.subjects
    UNION ALL
    SELECT 'product', product, subject_id FROM staging.subjects
    UNION ALL
    SELECT 'sex', sex, subject_id FROM staging.subjects
    UNION ALL
    SELECT
        'age group',
        CASE
            WHEN age_years < 18 THEN 'under 18'
            WHEN age_years < 65 THEN '18 to 64'
            WHEN age_years >= 65 THEN '65 and over'
        END,
        subject_id
    FROM staging.subjects
)

-- Who has no value is a level too, so that the levels add up to the whole; where nobody has one, nothing is parted by it.
SELECT stratum, coalesce(level, 'not recorded') AS level, subject_id
FROM parted
QUALIFY count(level) OVER (PARTITION BY stratum) > 0
ORDER BY stratum, subject_id
