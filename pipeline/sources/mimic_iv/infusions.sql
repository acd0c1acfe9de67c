-- One row per row of inputevents that is asked for: infusions at their rate, pushes and boluses with their amount.
-- Key: source_row
WITH named AS (
    SELECT
        i.*,
        coalesce(m.concept, b.concept) AS concept,
        coalesce(m.role, b.role) AS role,
        coalesce(m.unit, b.unit) AS unit,
        s.note AS status
    FROM native_inputevents AS i
    LEFT JOIN mapping AS m ON m.file = 'inputevents' AND m.item = i.itemid
    LEFT JOIN mapping AS b ON b.file = 'inputevents' AND b.role = 'bolus' AND b.word = lower(trim(i.ordercategoryname))
    LEFT JOIN mapping AS s ON s.file = 'inputevents' AND s.role = 'status' AND s.word = lower(trim(i.statusdescription))
)

SELECT
    5::UTINYINT AS source_file_no,
    source_row,
    subject_id,
    concept,
    -- A vasopressor counts by its rate; with none charted its amount is unknown, and it is given all the same.
    CASE role WHEN 'rate' THEN rate ELSE amount END AS amount,
    coalesce(CASE role WHEN 'rate' THEN rate ELSE amount END, '') AS written,
    CASE role WHEN 'rate' THEN rateuom ELSE amountuom END AS unit,
    start_clock,
    start_offset,
    start_fault,
    end_clock,
    end_fault,
    CASE
        WHEN status IS NOT NULL THEN 'the mapping sets it aside: ' || status
        WHEN try_cast(cancelreason AS DOUBLE) > 0 THEN 'the row was cancelled in the chart'
    END AS set_aside
FROM named
