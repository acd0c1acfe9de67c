-- One row per run of readings between which no rule can tell a difference.
-- Key: run
-- The windows have no order of their own: timeline.readings is stored in the order they need (a test and an audit hold it).
WITH in_order AS (
    SELECT
        *,
        lag(concept) OVER () AS concept_before,
        lag(subject_no) OVER () AS subject_before,
        lag(minute) OVER () AS minute_before
    FROM timeline.readings
),

-- The readings of one minute are one: the worst of them, which stands first.
one_per_minute AS (
    SELECT
        * EXCLUDE (concept_before, subject_before, minute_before),
        row_number() OVER () AS position,
        -- 0 is a reading put down to another cause: known, and never CRS.
        CASE
            WHEN NOT graded THEN 0
            WHEN concept = 'temperature' THEN temperature_band(value)
            ELSE systolic_bp_band(value, systolic_bp_limit)
        END AS band
    FROM in_order
    WHERE concept IS DISTINCT FROM concept_before
       OR subject_no IS DISTINCT FROM subject_before
       OR minute IS DISTINCT FROM minute_before
),

neighbours AS (
    SELECT
        *,
        lag(concept) OVER () IS NOT DISTINCT FROM concept AND lag(subject_no) OVER () IS NOT DISTINCT FROM subject_no AS follows,
        lead(concept) OVER () IS NOT DISTINCT FROM concept AND lead(subject_no) OVER () IS NOT DISTINCT FROM subject_no AS is_followed,
        lag(band) OVER () AS band_before,
        lead(band) OVER () AS band_after,
        minute - lag(minute) OVER () AS minutes_since,
        lead(minute) OVER () - minute AS minutes_until,
        -- A longer gap leaves time in which the vital is unknown, or in which no fever is recent.
        least(holds_minutes, minutes_of_hours(getvariable('fever_window_h'))) AS bridged_minutes
    FROM one_per_minute
),

edges AS (
    SELECT
        *,
        NOT follows OR band <> band_before OR minutes_since > bridged_minutes AS opens,
        NOT is_followed OR band <> band_after OR minutes_until > bridged_minutes AS closes
    FROM neighbours
    WHERE opens OR closes
),

paired AS (
    SELECT
        *,
        CASE WHEN closes THEN position ELSE lead(position) OVER (ORDER BY position) END AS last_position,
        CASE WHEN closes THEN minute ELSE lead(minute) OVER (ORDER BY position) END AS last_minute,
        CASE WHEN closes THEN is_followed ELSE lead(is_followed) OVER (ORDER BY position) END AS run_is_followed,
        CASE WHEN closes THEN minutes_until ELSE lead(minutes_until) OVER (ORDER BY position) END AS run_minutes_until
    FROM edges
)

SELECT
    position AS run,
    concept,
    subject_no,
    minute AS first_minute,
    last_minute,
    -- In force until the next reading, or as long as a reading holds; never past death or the end of follow-up.
    least(last_minute + CASE WHEN run_is_followed THEN least(run_minutes_until, holds_minutes) ELSE holds_minutes END,
          cut_minute)::INTEGER AS end_minute,
    graded,
    band,
    value,
    (last_position - position + 1)::INTEGER AS readings
FROM paired
WHERE opens
ORDER BY position
