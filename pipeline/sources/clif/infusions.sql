-- One row per row of the continuous medications that is asked for: a rate, from its charting to the next of its order.
-- Key: source_row
WITH ordered AS (
    SELECT
        *,
        lower(trim(mar_action_category)) AS action,
        -- A stop and a start of one minute: the stop belongs to what ran before.
        lead(start_clock) OVER (
            PARTITION BY hospitalization_id, lower(trim(med_category)), med_order_id
            ORDER BY start_clock, lower(trim(mar_action_category)) <> 'stop', source_row
        ) AS next_clock
    FROM native_medication_admin_continuous
)

SELECT
    8::UTINYINT AS source_file_no,
    o.source_row,
    o.hospitalization_id,
    m.concept,
    CASE WHEN s.word IS NOT NULL THEN '0' ELSE o.med_dose END AS amount,
    o.med_dose AS written,
    o.med_dose_unit AS unit,
    o.start_clock,
    o.start_offset,
    o.start_fault,
    -- The last charting of an order that is not its stop has no end.
    CASE WHEN s.word IS NULL THEN o.next_clock END AS end_clock
FROM ordered AS o
JOIN mapping AS m ON m.file = 'medication_admin_continuous' AND m.item = lower(trim(o.med_category))
LEFT JOIN mapping AS s ON s.file = 'medication_admin_continuous' AND s.role = 'action' AND s.word = o.action
