-- One row per patient of the cohort: infused at the anchor, followed to the end of the admissions that matter.
-- Key: subject_id
WITH admitted AS (
    SELECT
        a.subject_id,
        a.discharge_clock,
        a.death_clock,
        a.death_fault,
        a.discharge_fault,
        a.admission_clock,
        i.infusion_clock,
        -- A new CRS can begin only in the onset window: an admission that begins later is another matter.
        a.admission_clock < i.infusion_clock + to_minutes(minutes_of_days(getvariable('onset_window_d'))) AS is_in_time,
        is_in_time AND a.discharge_clock > i.infusion_clock AS follows
    FROM native_admissions AS a
    JOIN anchors AS i ON i.subject_id = a.subject_id
),

-- Discharge may be charted some minutes before the death it is; a death in a later admission is known as well.
ended AS (
    SELECT
        subject_id,
        max(death_clock) AS death_clock,
        bool_or(death_fault <> 'missing') AS death_unreadable,
        bool_or(discharge_fault <> 'missing') AS end_unreadable,
        -- Where the last of them goes on, the end is not known.
        CASE WHEN NOT arg_max_null(discharge_clock IS NULL, admission_clock) FILTER (is_in_time)
             THEN greatest(max(discharge_clock) FILTER (follows), max(death_clock) FILTER (follows)) END AS followup_end_clock
    FROM admitted
    GROUP BY subject_id
),

aged AS (
    SELECT
        p.*,
        try_cast(p.anchor_age AS DOUBLE) + year(i.infusion_clock) - try_cast(p.anchor_year AS INTEGER) AS age
    FROM native_patients AS p
    JOIN anchors AS i ON i.subject_id = p.subject_id
)

SELECT
    1::UTINYINT AS source_file_no,
    p.source_row,
    p.subject_id,
    p.gender AS sex,
    NULL::VARCHAR AS site,
    NULL::VARCHAR AS arm,
    NULL::VARCHAR AS product,
    i.infusion_clock,
    i.infusion_offset,
    NULL::DOUBLE AS infusion_hour,
    i.infusion_fault,
    -- Ages over 89 are charted as 91; all of them are 90 here, which stands for 90 or older.
    CASE WHEN p.age > 90 THEN 90 ELSE p.age END AS age_years,
    CASE WHEN try_cast(p.anchor_age AS DOUBLE) IS NULL AND trim(p.anchor_age) <> '' THEN 'text' END AS age_fault,
    e.death_clock,
    NULL::INTEGER AS death_offset,
    NULL::DOUBLE AS death_hour,
    CASE WHEN e.death_unreadable THEN 'text' WHEN e.death_clock IS NULL THEN 'missing' END AS death_fault,
    NULL::VARCHAR AS death_cause,
    e.followup_end_clock,
    NULL::INTEGER AS followup_end_offset,
    NULL::DOUBLE AS followup_end_hour,
    CASE WHEN e.end_unreadable THEN 'text' WHEN e.followup_end_clock IS NULL THEN 'missing' END AS followup_end_fault
FROM aged AS p
JOIN anchors AS i ON i.subject_id = p.subject_id
LEFT JOIN ended AS e ON e.subject_id = p.subject_id
