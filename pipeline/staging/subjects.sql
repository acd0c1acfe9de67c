-- One row per subject of the cohort: when infused, how old, how long observed, and the pressure below which it is low.
-- Key: subject_no
WITH counted AS (
    SELECT *, row_number() OVER (ORDER BY subject_id) AS subject_no
    FROM sources.subjects
),

-- Elapsed time is exact: both clocks in UTC where they carry an offset, both as written where they do not.
timed AS (
    SELECT
        *,
        instant_us(infusion_clock, infusion_offset) AS infusion_us,
        elapsed_minutes(death_clock, death_offset, death_hour, infusion_us) AS death_elapsed,
        elapsed_minutes(followup_end_clock, followup_end_offset, followup_end_hour, infusion_us) AS followup_end_elapsed
    FROM counted
),

minuted AS (
    SELECT
        *,
        -- Days are counted on the clock of the infusion, its seconds floored; with no clock the infusion is at midnight.
        coalesce((hour(infusion_clock) * 60 + minute(infusion_clock)), 0)::INTEGER AS infusion_minute_of_day,
        whole_minute(death_elapsed) AS death_minute,
        whole_minute(followup_end_elapsed) AS followup_end_minute
    FROM timed
)

SELECT
    subject_no::INTEGER AS subject_no,
    subject_id,
    infusion_minute_of_day,
    death_minute,
    death_elapsed,
    death_cause,
    followup_end_minute,
    followup_end_elapsed,
    -- Nothing from this minute on exists. NULL where neither death nor the end of follow-up is given.
    least(death_minute, followup_end_minute) AS cut_minute,
    -- Children by PALS: 70 + 2 x age in whole years from 1 year, 70 below, 60 in the first 28 days.
    CASE
        WHEN age_years < getvariable('hypotension_neonate_days') / 365.25 THEN getvariable('hypotension_neonate_sbp_below')
        WHEN age_years < 1 THEN getvariable('hypotension_infant_sbp_below')
        WHEN age_years < getvariable('hypotension_adult_from_years')
            THEN getvariable('hypotension_child_sbp_base') + getvariable('hypotension_child_sbp_per_year') * floor(age_years)
        ELSE getvariable('hypotension_sbp_below')
    END::DOUBLE AS systolic_bp_limit,
    age_years,
    sex,
    site,
    arm,
    product,
    source_file_no,
    source_row
FROM minuted
ORDER BY subject_no
