-- One row per charted oxygen device, flow, ventilator mode and ventilation procedure; a flow is one of its device.
-- Key: source_file_no, source_row
WITH written AS (
    SELECT
        c.source_row,
        c.subject_id,
        c.itemid,
        c.start_clock,
        c.start_offset,
        c.start_fault,
        date_trunc('minute', c.start_clock) AS minute,
        nullif(trim(c.value), '') AS text,
        coalesce(c.valuenum, c.value) AS amount,
        m.role,
        m.concept
    FROM native_chartevents AS c
    JOIN (SELECT DISTINCT item, role, CASE WHEN text IS NULL THEN concept END AS concept FROM mapping
          WHERE role IN ('device', 'mode', 'flow', 'cannula_flow', 'bipap_flow')) AS m ON m.item = c.itemid
),

-- The device that a text means; what the mapping does not know keeps its own words, and is refused with them.
devices AS (
    SELECT
        w.source_row,
        w.subject_id,
        w.start_clock,
        w.start_offset,
        w.start_fault,
        w.minute,
        w.text,
        CASE WHEN m.item IS NOT NULL THEN m.concept ELSE w.role || ' "' || w.text || '"' END AS concept,
        CASE
            WHEN w.text IS NULL THEN 'no device is written: chart it, or None for room air'
            WHEN m.item IS NOT NULL AND m.concept IS NULL THEN 'the mapping sets it aside: ' || m.note
        END AS set_aside,
        w.role,
        k.oxygen_class,
        -- From none to positive pressure: the flow of a minute with two devices is that of the higher one.
        list_position(['none', 'unspecified', 'nasal', 'blow_by', 'high_flow', 'mask', 'positive_pressure'], k.oxygen_class) AS level
    FROM written AS w
    LEFT JOIN mapping AS m ON m.file = 'chartevents' AND m.item = w.itemid AND m.word = lower(w.text)
    LEFT JOIN staging.concepts AS k ON k.concept = m.concept
    WHERE w.role IN ('device', 'mode')
),

-- The highest device of each minute in which one is written, and its cannula.
minutes AS (
    SELECT
        subject_id,
        minute,
        arg_max(concept, (level, concept)) FILTER (level IS NOT NULL) AS highest,
        arg_max(concept, (level, concept)) FILTER (oxygen_class IN ('nasal', 'high_flow')) AS cannula
    FROM devices
    WHERE role = 'device' AND minute IS NOT NULL
    GROUP BY subject_id, minute
),

-- A flow charted with no device is that of the last device charted, as long as a device may hold; a device that
-- could not be read leaves it open which it was.
flows AS (
    SELECT
        w.*,
        here.highest AS highest_here,
        here.cannula AS cannula_here,
        CASE WHEN w.minute <= latest.minute + to_minutes(minutes_of_hours(getvariable('open_support_holds_h')))
             THEN latest.highest END AS highest_before
    FROM written AS w
    LEFT JOIN minutes AS here ON here.subject_id = w.subject_id AND here.minute = w.minute
    ASOF LEFT JOIN minutes AS latest ON latest.subject_id = w.subject_id AND latest.minute <= w.minute
    WHERE w.role IN ('flow', 'cannula_flow', 'bipap_flow')
),

flows_of_devices AS (
    SELECT
        *,
        CASE role
            WHEN 'bipap_flow' THEN concept
            WHEN 'cannula_flow' THEN coalesce(cannula_here, 'nasal_cannula')
            -- Oxygen flows, so it is not room air.
            ELSE coalesce(nullif(highest_here, 'room_air'), nullif(highest_before, 'room_air'), 'oxygen_unspecified')
        END AS device
    FROM flows
),

-- The flow that stands beside a device in its minute; the flow of the device goes before that of a second cannula.
beside AS (
    SELECT subject_id, minute, device, arg_min(amount, (role <> 'flow', source_row)) AS amount
    FROM flows_of_devices
    GROUP BY subject_id, minute, device
)

SELECT
    4::UTINYINT AS source_file_no,
    d.source_row,
    d.subject_id,
    d.concept,
    b.amount,
    d.text AS written,
    CASE WHEN b.amount IS NOT NULL THEN 'L/min' END AS unit,
    d.start_clock,
    d.start_offset,
    d.start_fault,
    NULL::TIMESTAMP AS end_clock,
    'missing' AS end_fault,
    d.set_aside
FROM devices AS d
LEFT JOIN beside AS b ON b.subject_id = d.subject_id AND b.minute = d.minute AND b.device = d.concept AND d.role = 'device'
UNION ALL
SELECT 4, source_row, subject_id, device, amount, amount, 'L/min', start_clock, start_offset, start_fault, NULL, 'missing', NULL
FROM flows_of_devices
UNION ALL
-- Ventilation as a procedure has its own start and end. With the tube out, what was charted open ends.
SELECT
    6,
    p.source_row,
    p.subject_id,
    m.concept,
    CASE WHEN m.role = 'removal' THEN '0' END,
    m.note,
    m.unit,
    p.start_clock,
    p.start_offset,
    p.start_fault,
    CASE WHEN m.role IS NULL THEN p.end_clock END,
    CASE WHEN m.role IS NULL THEN p.end_fault ELSE 'missing' END,
    'the mapping sets it aside: ' || s.note
FROM native_procedureevents AS p
JOIN mapping AS m ON m.file = 'procedureevents' AND m.item = p.itemid
LEFT JOIN mapping AS s ON s.file = 'inputevents' AND s.role = 'status' AND s.word = lower(trim(p.statusdescription))
