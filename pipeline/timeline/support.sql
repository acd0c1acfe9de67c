-- One row per graded charting of oxygen or a vasopressor in force after time zero, and how far it counts.
-- Key: source_file_no, source_row
-- standing: 'proven' counts; 'presumed' counts as one running, not toward two at once;
-- 'baseline' (the patient's own) and 'unproven' (neither rate nor end) only lift the ceiling.
SELECT
    c.source_file_no,
    c.source_row,
    c.subject_no,
    c.concept,
    c.family,
    c.oxygen_class,
    greatest(c.start_minute, 0) AS start_minute,
    least(c.end_minute, c.cut_minute) AS end_minute,
    c.start_minute AS charted_minute,
    c.amount,
    c.unit,
    c.cut_minute,
    CASE
        WHEN b.subject_no IS NOT NULL AND (c.amount > b.highest_amount) IS NOT TRUE THEN 'baseline'
        WHEN c.unproven THEN 'unproven'
        WHEN c.presumed THEN 'presumed'
        ELSE 'proven'
    END AS standing
FROM timeline.chartings AS c
LEFT JOIN timeline.baselines AS b ON b.subject_no = c.subject_no AND b.concept = c.concept
WHERE c.graded
  -- Inotropes are never counted as vasopressors.
  AND c.family <> 'inotrope'
  AND c.end_minute > 0
  AND least(c.end_minute, c.cut_minute) > greatest(c.start_minute, 0)
ORDER BY c.subject_no, c.concept, c.start_minute, c.source_file_no, c.source_row
