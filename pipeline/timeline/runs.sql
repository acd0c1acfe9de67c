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
        concept_no,
        subject_no,
        minute,
        value,
        band,
        (concept_no = concept_before AND subject_no = subject_before) IS TRUE AS follows,
        minute_before,
        minute - minute_before AS minutes_since
    FROM in_order
    WHERE concept_no IS DISTINCT FROM concept_before
       OR subject_no IS DISTINCT FROM subject_before
       OR minute IS DISTINCT FROM minute_before
),

compared AS (
    SELECT
        *,
        row_number() OVER () AS position,
        lag(band) OVER () AS band_before,
        lead(minute) OVER () IS NULL AS is_last
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
may_open AS (
    SELECT *
    FROM compared
    WHERE NOT follows OR band <> band_before OR minutes_since > (SELECT min(bridged_minutes) FROM vitals) OR is_last
),

edges AS (
    SELECT
        m.*,
        v.concept,
        v.holds_minutes,
        NOT follows OR band <> band_before OR minutes_since > bridged_minutes AS opens
    FROM may_open AS m
    JOIN vitals AS v ON v.concept_no = m.concept_no
    WHERE opens OR is_last
),

-- A run ends with the reading before the one that opens the next; the last of all with the last reading.
paired AS (
    SELECT
        *,
        lead(opens) OVER by_position AS another_opens,
        CASE WHEN another_opens THEN lead(position) OVER by_position - 1 ELSE lead(position, 1, position) OVER by_position END
            AS last_position,
        CASE WHEN another_opens THEN lead(minute_before) OVER by_position ELSE lead(minute, 1, minute) OVER by_position END
            AS last_minute,
        another_opens AND lead(follows) OVER by_position AS is_followed,
        lead(minutes_since) OVER by_position AS minutes_until
    FROM edges
    WINDOW by_position AS (ORDER BY position)
)

SELECT
    p.position AS run,
    p.concept_no,
    p.concept,
    p.subject_no,
    p.minute AS first_minute,
    p.last_minute,
    -- In force until the next reading, or as long as a reading holds; never past death or the end of follow-up.
    least(p.last_minute + CASE WHEN p.is_followed THEN least(p.minutes_until, p.holds_minutes) ELSE p.holds_minutes END,
          s.cut_minute)::INTEGER AS end_minute,
    p.band > 0 AS graded,
    p.band,
    p.value,
    (p.last_position - p.position + 1)::INTEGER AS readings
FROM paired AS p
JOIN staging.subjects AS s ON s.subject_no = p.subject_no
WHERE p.opens
ORDER BY p.position
