-- One row per charted row that is used of a treatment, a laboratory result or a weight, under observation from time zero on.
-- Key: source_file_no, source_row
WITH results AS (
    SELECT c.source_file_no, c.source_row, c.subject_no, k.concept_no, c.start_minute AS minute, c.value AS amount
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.kind = 'reading' AND k.family <> 'vital'
    WHERE c.fault_no IS NULL
),

used AS (
    SELECT * FROM results
    UNION ALL
    SELECT source_file_no, source_row, subject_no, concept_no, start_minute, amount FROM staging.therapies
)

SELECT u.source_file_no, u.source_row, u.subject_no, u.concept_no, u.minute, u.amount
FROM used AS u
JOIN staging.subjects AS s ON s.subject_no = u.subject_no
WHERE u.minute >= 0 AND (s.cut_minute IS NULL OR u.minute < s.cut_minute)
ORDER BY u.concept_no, u.subject_no, u.minute, u.source_file_no, u.source_row
