-- One row per text of a concept or a unit that is not known: rows refused or blanked for it, at any time, and patients touched.
-- Key: part, concept_written, unit_written
WITH faulty AS (
    SELECT
        CASE f.flaw WHEN 'unknown concept' THEN 'concept' ELSE 'unit' END AS part,
        coalesce(nullif(trim(p.concept_written), ''), 'not given') AS concept_written,
        CASE f.flaw WHEN 'unknown unit' THEN coalesce(nullif(trim(p.unit_written), ''), 'not given') ELSE '' END AS unit_written,
        f.outcome,
        t.subject_no,
        t.rows_charted
    FROM staging.tallies AS t
    JOIN quality.flaws AS f ON f.fault_no = t.fault_no AND f.flaw IN ('unknown concept', 'unknown unit')
    JOIN staging.spellings AS p ON p.spelling_no = t.spelling_no
)

SELECT
    part,
    concept_written,
    unit_written,
    coalesce(sum(rows_charted) FILTER (outcome = 'refused'), 0)::BIGINT AS rows_refused,
    coalesce(sum(rows_charted) FILTER (outcome = 'blanked'), 0)::BIGINT AS rows_blanked,
    count(DISTINCT subject_no) AS patients
FROM faulty
GROUP BY part, concept_written, unit_written
ORDER BY rows_refused + rows_blanked DESC, patients DESC, part, concept_written, unit_written
