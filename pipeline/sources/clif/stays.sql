-- One row per hospitalization: its patient, and the start of its first stay in an ICU, or of itself where there is none.
-- Key: stay_id
WITH icu AS (
    SELECT hospitalization_id, min(start_clock) AS start_clock, min(start_offset) AS start_offset
    FROM native_adt
    WHERE lower(trim(location_category)) = 'icu'
    GROUP BY hospitalization_id
)

SELECT
    h.hospitalization_id AS stay_id,
    h.patient_id AS subject_id,
    coalesce(i.start_clock, h.admission_clock) AS start_clock,
    coalesce(i.start_offset, h.admission_offset) AS start_offset,
    i.start_clock IS NOT NULL AS is_icu
FROM native_hospitalization AS h
LEFT JOIN icu AS i ON i.hospitalization_id = h.hospitalization_id
