-- One row per row of emar that is asked for: a dose by mouth, vein or skin, if it was given and reaches the whole body.
-- Key: source_row
-- A dose may be made up of several tablets or vials: their sum, where all are in one unit.
WITH amounts AS (
    SELECT emar_id, sum(try_cast(dose_given AS DECIMAL(18, 6)))::DOUBLE AS amount, min(lower(dose_given_unit)) AS unit
    FROM native_emar_detail
    GROUP BY emar_id
    HAVING count(DISTINCT lower(dose_given_unit)) = 1 AND count(try_cast(dose_given AS DECIMAL(18, 6))) = count(*)
),

named AS (
    SELECT
        e.* REPLACE (nullif(trim(e.event_txt), '') AS event_txt),
        a.amount,
        a.unit,
        m.item IS NULL AND m.word IS NULL AS is_unknown_name,
        m.concept,
        m.note AS about_the_name,
        v.word IS NULL AS is_unknown_event,
        v.concept AS given,
        v.note AS about_the_event
    FROM native_emar AS e
    LEFT JOIN amounts AS a ON a.emar_id = e.emar_id
    LEFT JOIN mapping AS m ON m.file = 'emar' AND m.role = 'medication' AND m.word = lower(trim(e.medication))
    LEFT JOIN mapping AS v ON v.file = 'emar' AND v.role = 'event' AND v.word = lower(trim(e.event_txt))
)

SELECT
    7::UTINYINT AS source_file_no,
    source_row,
    subject_id,
    -- A name that the mapping does not know keeps its own words, and is refused with them.
    CASE WHEN is_unknown_name THEN 'medication "' || trim(medication) || '"' ELSE coalesce(concept, trim(medication)) END AS concept,
    amount::VARCHAR AS amount,
    coalesce(amount::VARCHAR, event_txt) AS written,
    unit,
    start_clock,
    start_offset,
    start_fault,
    NULL::TIMESTAMP AS end_clock,
    'missing' AS end_fault,
    CASE
        WHEN is_unknown_name THEN NULL
        WHEN concept IS NULL THEN 'the mapping sets it aside: ' || about_the_name
        WHEN event_txt IS NULL THEN 'it is not charted whether the dose was given'
        WHEN is_unknown_event THEN 'the mapping does not know the event "' || trim(event_txt) || '": whether the dose was given is unknown'
        WHEN given IS NULL THEN 'the dose was not given: ' || about_the_event
    END AS set_aside
FROM named
