-- One row per subject with support: every charting of oxygen, a vasopressor or an inotrope in force, as JSON.
-- Key: subject_no
-- An entry: concept, start, end, amount, standing, indication, file, row. Standing: as in timeline.support, 'other cause'
-- where an indication takes it out of grading, 'inotrope', or 'before' the infusion.
SELECT
    c.subject_no,
    to_json(list([
        to_json(c.concept),
        to_json(c.start_minute),
        to_json(least(c.end_minute, c.cut_minute)),
        to_json(c.amount),
        to_json(CASE
            WHEN NOT c.graded THEN 'other cause'
            WHEN c.family = 'inotrope' THEN 'inotrope'
            ELSE coalesce(u.standing, 'before')
        END),
        to_json(c.indication),
        to_json(f.source_file),
        to_json(c.source_row)
    ] ORDER BY k.concept_no, c.start_minute, c.source_file_no, c.source_row)) AS said
FROM timeline.chartings AS c
JOIN staging.concepts AS k ON k.concept = c.concept
JOIN sources.files AS f ON f.source_file_no = c.source_file_no
LEFT JOIN timeline.support AS u ON u.source_file_no = c.source_file_no AND u.source_row = c.source_row
WHERE c.end_minute > -$before
GROUP BY c.subject_no
ORDER BY c.subject_no
