-- One row per patient of the cohort: infused at the anchor, followed to the end of the hospitalizations that matter.
-- Key: subject_id
-- The discharge of one who died is often a date, at midnight before the death: then the death is the end.
WITH stayed AS (
    SELECT
        h.patient_id AS subject_id,
        h.age_at_admission,
        h.admission_clock,
        CASE WHEN lower(trim(h.discharge_category)) = 'expired' THEN greatest(h.discharge_clock, p.death_clock)
             ELSE h.discharge_clock END AS discharge_clock
    FROM native_hospitalization AS h
    LEFT JOIN native_patient AS p ON p.patient_id = h.patient_id
),

admitted AS (
    SELECT
        h.*,
        i.infusion_clock - to_minutes(i.infusion_offset) AS infusion_utc,
        -- A new CRS can begin only in the onset window: a hospitalization that begins later is another matter.
        h.admission_clock < infusion_utc + to_minutes(minutes_of_days(getvariable('onset_window_d'))) AS is_in_time,
        is_in_time AND h.discharge_clock > infusion_utc AS follows
    FROM stayed AS h
    JOIN anchors AS i ON i.subject_id = h.subject_id
),

ended AS (
    SELECT
        subject_id,
        -- Where the last of them goes on, the end is not known.
        CASE WHEN NOT arg_max_null(discharge_clock IS NULL, admission_clock) FILTER (is_in_time)
             THEN max(discharge_clock) FILTER (follows) END AS followup_end_clock,
        -- The age at the admission that the infusion belongs to: the last that began before it.
        coalesce(arg_max(age_at_admission, admission_clock) FILTER (admission_clock <= infusion_utc),
                 arg_min(age_at_admission, admission_clock)) AS age
    FROM admitted
    GROUP BY subject_id
),

-- The hospital of the patient's last place before the infusion.
placed AS (
    SELECT i.subject_id, arg_max(a.hospital_id, a.start_clock) AS site
    FROM native_adt AS a
    JOIN stays AS h ON h.stay_id = a.hospitalization_id
    JOIN anchors AS i ON i.subject_id = h.subject_id
    WHERE a.start_clock <= i.infusion_clock - to_minutes(i.infusion_offset)
    GROUP BY i.subject_id
)

SELECT
    1::UTINYINT AS source_file_no,
    p.source_row,
    p.patient_id AS subject_id,
    p.sex_category AS sex,
    s.site,
    NULL::VARCHAR AS arm,
    NULL::VARCHAR AS product,
    i.infusion_clock,
    i.infusion_offset,
    NULL::DOUBLE AS infusion_hour,
    i.infusion_fault,
    -- All ages over 89 are 90 here, which stands for 90 or older.
    CASE WHEN try_cast(e.age AS DOUBLE) > 90 THEN 90 ELSE try_cast(e.age AS DOUBLE) END AS age_years,
    CASE WHEN try_cast(e.age AS DOUBLE) IS NULL AND e.age IS NOT NULL THEN 'text' END AS age_fault,
    p.death_clock,
    p.death_offset,
    NULL::DOUBLE AS death_hour,
    p.death_fault,
    NULL::VARCHAR AS death_cause,
    e.followup_end_clock,
    CASE WHEN e.followup_end_clock IS NOT NULL THEN 0 END AS followup_end_offset,
    NULL::DOUBLE AS followup_end_hour,
    CASE WHEN e.followup_end_clock IS NULL THEN 'missing' END AS followup_end_fault
FROM native_patient AS p
JOIN anchors AS i ON i.subject_id = p.patient_id
LEFT JOIN ended AS e ON e.subject_id = p.patient_id
LEFT JOIN placed AS s ON s.subject_id = p.patient_id
