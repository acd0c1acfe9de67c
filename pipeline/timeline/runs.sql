-- One row per run of readings between which no rule can tell a difference.
-- Key: run
-- The windows have no order of their own: timeline.readings is stored in the order they need (a test and an audit hold it).
WITH in_order AS (
    SELECT
        concept_no,
        subject_no,
        minute,
        value,
        band,
        lag(concept_no) OVER () AS concept_before,
        lag(subject_no) OVER () AS subject_before,
        lag(minute) OVER () AS minute_before
    FROM timeline.readings
),

-- The readings of one minute are one: the worst of them, which stands first.
one_per_minute AS (
    SELECT
        * EXCLUDE (concept_before, subject_before, minute_before),
        row_number() OVER () AS position
    FROM in_order
    WHERE concept_no IS DISTINCT FROM concept_before
       OR subject_no IS DISTINCT FROM subject_before
       OR minute IS DISTINCT FROM minute_before
),

neighbours AS (
    SELECT
        *,
        lag(concept_no) OVER () IS NOT DISTINCT FROM concept_no AND lag(subject_no) OVER () IS NOT DISTINCT FROM subject_no AS follows,
        lead(concept_no) OVER () IS NOT DISTINCT FROM concept_no AND lead(subject_no) OVER () IS NOT DISTINCT FROM subject_no AS is_followed,
        lag(band) OVER () AS band_before,
        lead(band) OVER () AS band_after,
        minute - lag(minute) OVER () AS minutes_since,
        lead(minute) OVER () - minute AS minutes_until
    FROM one_per_minute
),

vitals AS (
    SELECT
        concept_no,
        concept,
        -- A reading holds at least in its own minute.
        greatest(1, CASE concept
            WHEN 'temperature' THEN minutes_of_hours(getvariable('temperature_holds_h'))
            ELSE minutes_of_hours(getvariable('blood_pressure_holds_h'))
        END) AS holds_minutes,
        -- A longer gap leaves time in which the vital is unknown, or in which no fever is recent.
        least(holds_minutes, minutes_of_hours(getvariable('fever_window_h'))) AS bridged_minutes
    FROM staging.concepts
),

-- Most readings only carry on what the one before them said: they are left out before vitals are looked up.
may_be_edges AS (
    SELECT *
    FROM neighbours
    WHERE NOT follows OR NOT is_followed OR band <> band_before OR band <> band_after
       OR greatest(minutes_since, minutes_until) > (SELECT min(bridged_minutes) FROM vitals)
),

edges AS (
    SELECT
        n.*,
        v.concept,
        v.holds_minutes,
        NOT follows OR band <> band_before OR minutes_since > bridged_minutes AS opens,
        NOT is_followed OR band <> band_after OR minutes_until > bridged_minutes AS closes
    FROM may_be_edges AS n
    JOIN vitals AS v ON v.concept_no = n.concept_no
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
    p.position AS run,
    p.concept_no,
    p.concept,
    p.subject_no,
    p.minute AS first_minute,
    p.last_minute,
    -- In force until the next reading, or as long as a reading holds; never past death or the end of follow-up.
    least(p.last_minute + CASE WHEN p.run_is_followed THEN least(p.run_minutes_until, p.holds_minutes) ELSE p.holds_minutes END,
          s.cut_minute)::INTEGER AS end_minute,
    p.band > 0 AS graded,
    p.band,
    p.value,
    (p.last_position - p.position + 1)::INTEGER AS readings
FROM paired AS p
JOIN staging.subjects AS s ON s.subject_no = p.subject_no
WHERE p.opens
ORDER BY p.position
