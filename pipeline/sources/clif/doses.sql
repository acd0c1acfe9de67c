-- One row per row of the intermittent medications that is asked for: a dose, if it was given and reaches the whole body.
-- Key: source_row
SELECT
    9::UTINYINT AS source_file_no,
    d.source_row,
    d.hospitalization_id,
    m.concept,
    d.med_dose AS amount,
    coalesce(d.med_dose, d.mar_action_name) AS written,
    d.med_dose_unit AS unit,
    d.start_clock,
    d.start_offset,
    d.start_fault,
    CASE
        WHEN r.word IS NOT NULL THEN 'the mapping sets it aside: ' || r.note
        WHEN d.mar_action_category IS NULL THEN 'it is not charted whether the dose was given'
        WHEN a.word IS NULL
            THEN 'the mapping does not know the action "' || trim(d.mar_action_category) || '": whether the dose was given is unknown'
        WHEN a.concept IS NULL THEN 'the dose was not given: ' || a.note
    END AS set_aside
FROM native_medication_admin_intermittent AS d
JOIN mapping AS m ON m.file = 'medication_admin_intermittent' AND m.item = lower(trim(d.med_category))
LEFT JOIN mapping AS a ON a.file = 'medication_admin_intermittent' AND a.role = 'action' AND a.word = lower(trim(d.mar_action_category))
LEFT JOIN mapping AS r ON r.file = 'medication_admin_intermittent' AND r.role = 'route' AND r.word = lower(trim(d.med_route_category))
