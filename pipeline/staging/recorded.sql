-- One row per grade that somebody recorded, with its minutes, or the fault that refuses it.
-- Key: source_file_no, source_row
WITH timed AS (
    SELECT
        r.*,
        s.subject_no,
        s.infusion_us,
        CASE
            WHEN r.start_clock IS NOT NULL
                THEN (epoch_us(r.start_clock) - coalesce(r.start_offset, 0)::BIGINT * 60000000 - s.infusion_us) / 60000000
            ELSE round(r.start_hour * 60, 9)
        END AS start_elapsed,
        CASE
            WHEN r.end_clock IS NOT NULL
                THEN (epoch_us(r.end_clock) - coalesce(r.end_offset, 0)::BIGINT * 60000000 - s.infusion_us) / 60000000
            ELSE round(r.end_hour * 60, 9)
        END AS end_elapsed,
        r.start_clock IS NOT NULL AND (r.start_offset IS NULL) <> (s.infusion_offset IS NULL) AS start_offset_differs,
        r.end_clock IS NOT NULL AND (r.end_offset IS NULL) <> (s.infusion_offset IS NULL) AS end_offset_differs
    FROM sources.recorded_grades AS r
    LEFT JOIN staging.subjects AS s ON s.subject_id = r.subject_id
)

SELECT
    source_file_no,
    source_row,
    subject_no,
    subject_id,
    nullif(lower(trim(system)), '') AS system,
    grade_text,
    try_cast(grade AS INTEGER) AS grade,
    try_cast(floor(start_elapsed + 0.5) AS INTEGER) AS start_minute,
    try_cast(floor(end_elapsed + 0.5) AS INTEGER) AS end_minute,
    recorder,
    CASE
        WHEN subject_no IS NULL THEN 'the subject is not in the subjects file: add the subject there or correct the id'
        WHEN grade_text IS NOT NULL AND (grade IS NULL OR grade NOT IN (0, 1, 2, 3, 4, 5))
            THEN 'the recorded grade is not a whole number from 0 to 5: correct it, or leave it empty for CRS without a grade'
        WHEN start_fault IN ('text', 'date')
            THEN 'the start time cannot be read: write ISO 8601 with a time of day, such as 2031-05-04T14:30'
        WHEN end_fault IN ('text', 'date')
            THEN 'the end time cannot be read: write ISO 8601 with a time of day, such as 2031-05-04T14:30'
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
