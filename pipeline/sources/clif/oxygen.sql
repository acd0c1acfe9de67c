-- One row per charted oxygen device or flow, ventilator mode and inspired fraction: a wide row is read as one per column.
-- Key: source_file_no, source_row
-- A row that clifpy's waterfall made up (is_scaffold, at hh:59:59) was charted by nobody: set aside, and no device of a flow.
WITH marked AS (
    SELECT *, coalesce(lower(trim(is_scaffold)) IN ('true', 't', 'yes', '1', '1.0'), FALSE) AS is_made_up
    FROM native_respiratory_support
),

worded AS (
    SELECT
        *,
        -- As CLIF 3.0 writes what CLIF 2 writes in words: Pressure Support/CPAP is pressure_support_or_cpap.
        regexp_replace(replace(lower(trim(device_category)), '/', ' or '), '[ _-]+', '_', 'g') AS device,
        regexp_replace(replace(lower(trim(mode_category)), '/', ' or '), '[ _-]+', '_', 'g') AS mode
    FROM marked
    WHERE NOT is_made_up
),

made_up AS (
    SELECT *, 'it was made up when the table was filled in (is_scaffold), and nobody charted it' AS reason
    FROM marked
    WHERE is_made_up
),

-- The name of a device or mode goes first where the mapping knows it: it says more than the category.
known AS (
    SELECT
        w.*,
        date_trunc('minute', w.start_clock) AS minute,
        CASE WHEN n.word IS NOT NULL THEN n.concept WHEN d.item IS NOT NULL THEN d.concept
             ELSE 'device "' || coalesce(device_name, device_category) || '"' END AS device_concept,
        CASE WHEN o.word IS NOT NULL THEN o.concept WHEN m.item IS NOT NULL THEN m.concept
             ELSE 'mode "' || coalesce(mode_name, mode_category) || '"' END AS mode_concept,
        CASE WHEN o.word IS NOT NULL THEN o.note ELSE m.note END AS about_the_mode
    FROM worded AS w
    LEFT JOIN mapping AS n ON n.role = 'device_name' AND n.word = lower(trim(w.device_name))
    LEFT JOIN mapping AS d ON d.role = 'device' AND d.item = w.device
    LEFT JOIN mapping AS o ON o.role = 'mode_name' AND o.word = lower(trim(w.mode_name))
    LEFT JOIN mapping AS m ON m.role = 'mode' AND m.item = w.mode
),

devices AS (
    SELECT
        w.* REPLACE (CASE WHEN w.device_concept = 'room_air' AND try_cast(w.lpm_set AS DOUBLE) > 0 THEN 'oxygen_unspecified'
                     ELSE w.device_concept END AS device_concept),
        w.device_concept AS device_charted,
        -- From none to positive pressure: the flow of a minute with two devices is that of the higher one.
        list_position(['none', 'unspecified', 'nasal', 'blow_by', 'high_flow', 'mask', 'positive_pressure'], k.oxygen_class) AS level
    FROM known AS w
    LEFT JOIN staging.concepts AS k ON k.concept = w.device_concept
    WHERE w.device_concept IS NOT NULL
),

-- The highest device of each minute in which one is written.
minutes AS (
    SELECT hospitalization_id, minute, arg_max(device_charted, (level, device_charted)) FILTER (level IS NOT NULL) AS highest
    FROM devices
    WHERE minute IS NOT NULL
    GROUP BY hospitalization_id, minute
),

-- A flow charted with no device is that of the last device charted, as long as a device may hold; a device that could
-- not be read leaves it open which it was.
flows AS (
    SELECT
        k.*,
        CASE WHEN k.minute <= d.minute + to_minutes(minutes_of_hours(getvariable('open_support_holds_h')))
             THEN nullif(d.highest, 'room_air') END AS before
    FROM known AS k
    ASOF LEFT JOIN minutes AS d ON d.hospitalization_id = k.hospitalization_id AND d.minute <= k.minute
    WHERE k.device_concept IS NULL AND k.lpm_set IS NOT NULL
)

SELECT
    5::UTINYINT AS source_file_no,
    source_row,
    hospitalization_id,
    device_concept AS concept,
    lpm_set AS amount,
    coalesce(lpm_set, device_name, device_category) AS written,
    CASE WHEN lpm_set IS NOT NULL THEN 'L/min' END AS unit,
    start_clock,
    start_offset,
    start_fault,
    NULL::VARCHAR AS set_aside
FROM devices
UNION ALL
SELECT 5, source_row, hospitalization_id, coalesce(before, 'oxygen_unspecified'), lpm_set, lpm_set, 'L/min',
       start_clock, start_offset, start_fault, NULL
FROM flows
UNION ALL
SELECT 6, source_row, hospitalization_id, mode_concept, NULL, coalesce(mode_name, mode_category), NULL,
       start_clock, start_offset, start_fault,
       CASE WHEN mode_concept IS NULL THEN 'the mapping sets it aside: ' || about_the_mode END
FROM known
WHERE mode_name IS NOT NULL OR mode_category IS NOT NULL
UNION ALL
SELECT 7, source_row, hospitalization_id, 'fio2', fio2_set, fio2_set, 'fraction', start_clock, start_offset, start_fault, NULL
FROM known
WHERE fio2_set IS NOT NULL
UNION ALL
SELECT 5, source_row, hospitalization_id, coalesce(device_name, device_category), lpm_set,
       coalesce(lpm_set, device_name, device_category), NULL, start_clock, start_offset, start_fault, reason
FROM made_up
WHERE device_category IS NOT NULL OR device_name IS NOT NULL OR lpm_set IS NOT NULL
UNION ALL
SELECT 6, source_row, hospitalization_id, coalesce(mode_name, mode_category), NULL, coalesce(mode_name, mode_category), NULL,
       start_clock, start_offset, start_fault, reason
FROM made_up
WHERE mode_category IS NOT NULL OR mode_name IS NOT NULL
UNION ALL
SELECT 7, source_row, hospitalization_id, 'fio2', fio2_set, fio2_set, 'fraction', start_clock, start_offset, start_fault, reason
FROM made_up
WHERE fio2_set IS NOT NULL
