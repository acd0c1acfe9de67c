-- One row per subject: when the infusion began by the calendar. It outlives the build only with --absolute-dates.
-- Key: subject_id
-- Kept as a view
-- Every other table counts from the infusion, so this is the one place where a date stands.
SELECT
    subject_id,
    infusion_clock,
    infusion_offset,
    instant_us(infusion_clock, infusion_offset) AS infusion_us
FROM sources.subjects
