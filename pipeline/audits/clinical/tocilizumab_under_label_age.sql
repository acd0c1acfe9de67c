-- Doses of tocilizumab to children below the age of its label.
-- Why: the label names patients from 2 years of age on, so an age or a drug may be misfiled.
-- 2 years: Actemra (tocilizumab), US prescribing information, indication cytokine release syndrome.
-- As a decimal: of a double, which half is rounded up depends on its last bit.
SELECT NULL AS system, s.subject_id, min(t.start_minute) AS minute,
       format('{} years old', round(any_value(s.age_years)::DECIMAL(18, 6), 1)) AS value
FROM staging.therapies AS t
JOIN staging.subjects AS s ON s.subject_no = t.subject_no
WHERE t.concept = 'tocilizumab' AND t.amount IS DISTINCT FROM 0 AND s.age_years < 2
  AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
GROUP BY s.subject_id
ORDER BY s.subject_id
