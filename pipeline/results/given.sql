-- One row per subject, treatment and minute from time zero on at which it was given or begun.
-- Key: subject_no, treatment, minute
-- What has an indication other than CRS, a dose of 0 and support that was the patient's own before are not among them.
WITH doses AS (
    SELECT t.subject_no, CASE
        WHEN t.concept = 'tocilizumab' THEN 'tocilizumab'
        WHEN t.family = 'anticytokine' THEN 'other_anticytokine'
        ELSE 'corticosteroid' END AS treatment, t.start_minute AS minute
    FROM staging.therapies AS t
    JOIN staging.subjects AS s ON s.subject_no = t.subject_no
    WHERE t.family IN ('anticytokine', 'corticosteroid')
      AND t.graded AND t.amount IS DISTINCT FROM 0
      AND t.start_minute >= 0 AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
),

support AS (
    SELECT subject_no, concept, family, oxygen_class, start_minute AS minute
    FROM timeline.support
    WHERE standing IN ('proven', 'presumed')
)

SELECT subject_no, treatment, minute FROM doses
UNION
SELECT subject_no, 'vasopressor', start_minute FROM timeline.vasopressors WHERE vasopressors_and_vasopressin >= 1
UNION
SELECT subject_no, 'several_vasopressors', start_minute FROM timeline.vasopressors WHERE vasopressors >= 2
UNION
SELECT subject_no, 'oxygen', minute FROM support WHERE family = 'oxygen'
UNION
SELECT subject_no, CASE
    WHEN oxygen_class = 'mask' THEN 'oxygen_mask'
    WHEN concept IN ('cpap', 'bipap') THEN 'cpap_or_bipap'
    ELSE concept END, minute
FROM support
WHERE family = 'oxygen'
ORDER BY subject_no, treatment, minute
