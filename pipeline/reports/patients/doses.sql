-- One row per subject with a dose: antipyretics, anticytokines, corticosteroids and fluid boluses given, as JSON.
-- Key: subject_no
-- An entry: concept, minute, amount, indication, file, row. A dose of 0 is none.
SELECT
    t.subject_no,
    to_json(list([
        to_json(t.concept),
        to_json(t.start_minute),
        to_json(t.amount),
        to_json(t.indication),
        to_json(f.source_file),
        to_json(t.source_row)
    ] ORDER BY t.concept_no, t.start_minute, t.source_file_no, t.source_row)) AS said
FROM staging.therapies AS t
JOIN staging.subjects AS s ON s.subject_no = t.subject_no
JOIN sources.files AS f ON f.source_file_no = t.source_file_no
WHERE t.family IN ('antipyretic', 'anticytokine', 'corticosteroid', 'fluid')
  AND t.amount IS DISTINCT FROM 0
  AND t.start_minute >= -$before
  AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
GROUP BY t.subject_no
ORDER BY t.subject_no
