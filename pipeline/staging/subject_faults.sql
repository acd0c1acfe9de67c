-- One row per subject row that cannot be read, with the first reason. Any row here stops the run: nobody is left out silently.
-- Key: source_row
WITH counted AS (
    SELECT
        s.*,
        count(*) OVER (PARTITION BY s.subject_id) AS times_listed,
        instant_us(infusion_clock, infusion_offset) AS infusion_us
    FROM sources.subjects AS s
),

-- Minutes since the infusion, not rounded.
timed AS (
    SELECT
        *,
        elapsed_minutes(death_clock, death_offset, death_hour, infusion_us) AS death_elapsed,
        elapsed_minutes(followup_end_clock, followup_end_offset, followup_end_hour, infusion_us) AS followup_end_elapsed
    FROM counted
),

judged AS (
    SELECT
        source_file_no,
        source_row,
        subject_id,
        CASE
            WHEN subject_id IS NULL OR trim(subject_id) = '' THEN 'subject_id is empty: give every subject an id'
            WHEN times_listed > 1 THEN 'the subject is listed twice: keep one row per subject'
            WHEN infusion_fault IN ('text', 'date')
                THEN 'infusion_time cannot be read: write ISO 8601 with a time of day, such as 2031-05-04T14:30'
            WHEN age_fault = 'text' THEN 'age_years is not a number: write it as a number, or leave it empty'
            WHEN age_years < 0 OR age_years > 130 THEN 'age_years is impossible: write the age in years, or leave it empty'
            WHEN death_fault IN ('text', 'date')
                THEN 'the time of death cannot be read: write ISO 8601 with a time of day, or hours since the infusion'
            WHEN followup_end_fault IN ('text', 'date')
                THEN 'the end of follow-up cannot be read: write ISO 8601 with a time of day, or hours since the infusion'
            WHEN (death_clock IS NOT NULL OR followup_end_clock IS NOT NULL) AND infusion_clock IS NULL
                THEN 'infusion_time is missing, but death or end of follow-up is a clock time: give infusion_time, or hours'
            WHEN offset_differs(death_clock, death_offset, infusion_offset)
              OR offset_differs(followup_end_clock, followup_end_offset, infusion_offset)
                THEN 'a zone offset on some times only: give it on all times of a subject or on none'
            WHEN death_cause = 'crs' AND death_clock IS NULL AND death_hour IS NULL
                THEN 'death_cause is crs, but no time of death is given: give death_time or death_hour'
            WHEN death_elapsed < 0
                THEN 'death lies before the infusion: correct one of the two times'
            WHEN followup_end_elapsed < 0
                THEN 'the end of follow-up lies before the infusion: correct one of the two times'
            -- More than a million hours away is a slip, not a time.
            WHEN death_elapsed > 60000000
                THEN 'death lies more than a century after the infusion: correct it, or leave it empty'
            WHEN followup_end_elapsed > 60000000
                THEN 'the end of follow-up lies more than a century after the infusion: correct it, or leave it empty'
        END AS reason
    FROM timed
)

SELECT f.source_file, j.source_row, j.subject_id, j.reason
FROM judged AS j
JOIN sources.files AS f ON f.source_file_no = j.source_file_no
WHERE j.reason IS NOT NULL
ORDER BY j.source_row
