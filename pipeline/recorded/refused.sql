-- One row per site (and all together) and concept: refused or blanked chartings that could have changed a grade.
-- Key: stratum, level, concept
-- Temperatures, systolic pressures, oxygen and vasopressors inside the observed window, or at no time that can be read.
-- What the source knows and does not use (a dose not given) is set aside on purpose and is none of them.
WITH faulty AS (
    SELECT c.subject_no, p.concept_no, f.outcome
    FROM staging.charted AS c
    JOIN staging.faults AS f ON f.fault_no = c.fault_no AND f.reason <> '{set_aside}'
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.start_minute IS NULL
       OR (c.start_minute >= 0 AND c.start_minute < minutes_of_days(getvariable('observed_window_d'))
           AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute))
)

SELECT
    l.stratum,
    l.level,
    k.concept,
    count(*) FILTER (f.outcome = 'refused') AS rows_refused,
    count(*) FILTER (f.outcome = 'blanked') AS rows_blanked,
    count(DISTINCT f.subject_no) AS patients
FROM faulty AS f
JOIN staging.concepts AS k ON k.concept_no = f.concept_no
    AND (k.concept IN ('temperature', 'systolic_bp') OR k.family IN ('oxygen', 'vasopressor', 'vasopressin'))
JOIN quality.levels AS l ON l.subject_no = f.subject_no
GROUP BY l.stratum, l.level, k.concept_no, k.concept
ORDER BY l.stratum, l.level, k.concept_no
