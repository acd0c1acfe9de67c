-- One row per site (and all together), concept and indication: chartings that the indication took out of grading.
-- Key: stratum, level, concept, indication
SELECT
    l.stratum,
    l.level,
    k.concept,
    p.indication,
    sum(t.rows_charted)::BIGINT AS rows_set_aside,
    count(DISTINCT t.subject_no) AS patients
FROM staging.tallies AS t
JOIN staging.spellings AS p ON p.spelling_no = t.spelling_no AND NOT p.graded
JOIN staging.concepts AS k ON k.concept_no = p.concept_no
JOIN quality.levels AS l ON l.subject_no = t.subject_no
LEFT JOIN quality.flaws AS f ON f.fault_no = t.fault_no
WHERE f.outcome IS DISTINCT FROM 'refused'
GROUP BY l.stratum, l.level, k.concept_no, k.concept, p.indication
ORDER BY l.stratum, l.level, k.concept_no, p.indication
