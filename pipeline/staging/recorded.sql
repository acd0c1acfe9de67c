-- One row per grade that somebody recorded, with its minutes, or the fault that refuses it.
-- Key: source_file_no, source_row
WITH infused AS (
    SELECT s.subject_id, s.subject_no, i.infusion_us, i.infusion_offset
    FROM staging.subjects AS s
    JOIN staging.infusions AS i ON i.subject_id = s.subject_id
),

timed AS (
    SELECT
        r.*,
        s.subject_no,
        s.infusion_us,
        elapsed_minutes(r.start_clock, r.start_offset, r.start_hour, s.infusion_us) AS start_elapsed,
        elapsed_minutes(r.end_clock, r.end_offset, r.end_hour, s.infusion_us) AS end_elapsed,
        offset_differs(r.start_clock, r.start_offset, s.infusion_offset) AS start_offset_differs,
        offset_differs(r.end_clock, r.end_offset, s.infusion_offset) AS end_offset_differs
    FROM sources.recorded_grades AS r
    LEFT JOIN infused AS s ON s.subject_id = r.subject_id
)

SELECT
    source_file_no,
    source_row,
    subject_no,
    subject_id,
    nullif(lower(trim(system)), '') AS system,
    grade_text,
    try_cast(grade AS INTEGER) AS grade,
    whole_minute(start_elapsed) AS start_minute,
    whole_minute(end_elapsed) AS end_minute,
    recorder,
    CASE
        WHEN subject_no IS NULL THEN 'the subject is not in the subjects file: add the subject there or correct the id'
        WHEN grade_text IS NOT NULL AND (grade IS NULL OR grade NOT IN (0, 1, 2, 3, 4, 5))
            THEN 'the recorded grade is not a whole number from 0 to 5: correct it, or leave it empty for CRS without a grade'
        WHEN start_fault IN ('text', 'date')
            THEN 'the start time cannot be read: write ISO 8601 with a time of day, such as YYYY-MM-DDThh:mm'
        WHEN end_fault IN ('text', 'date')
            THEN 'the end time cannot be read: write ISO 8601 with a time of day, such as YYYY-MM-DDThh:mm'
        WHEN (start_clock IS NOT NULL OR end_clock IS NOT NULL) AND infusion_us IS NULL
            THEN 'a clock time, but the subject has no infusion_time: give infusion_time, or times in hours since the infusion'
        WHEN start_offset_differs OR end_offset_differs
            THEN 'a zone offset on some times of the subject only: give it on all times of a subject or on none'
        WHEN end_elapsed < start_elapsed THEN 'the end lies before the start: correct one of them'
        WHEN abs(start_elapsed) > 60000000 OR abs(end_elapsed) > 60000000
            THEN 'a time lies more than a century from the infusion: correct it'
    END AS fault
FROM timed
ORDER BY source_file_no, source_row
