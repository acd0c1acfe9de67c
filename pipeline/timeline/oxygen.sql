-- One row per stretch of time in which the same oxygen devices give the same.
-- Key: subject_no, start_minute
WITH devices AS (
    SELECT *, standing IN ('proven', 'presumed') AS counted
    FROM timeline.support
    WHERE family = 'oxygen'
),

edges AS (
    SELECT subject_no, start_minute AS minute FROM devices
    UNION
    SELECT subject_no, end_minute FROM devices
    UNION
    SELECT subject_no, start_minute FROM timeline.fractions
    UNION
    SELECT subject_no, end_minute FROM timeline.fractions
),

steps AS (
    SELECT subject_no, minute, row_number() OVER subject AS step, lead(minute) OVER subject AS end_minute
    FROM edges
    WINDOW subject AS (PARTITION BY subject_no ORDER BY minute)
),

-- Each device stands in every step from its start to its end.
in_force AS (
    SELECT d.*, unnest(range(first.step, after.step)) AS step
    FROM devices AS d
    JOIN steps AS first ON first.subject_no = d.subject_no AND first.minute = d.start_minute
    JOIN steps AS after ON after.subject_no = d.subject_no AND after.minute = d.end_minute
),

-- The fraction of oxygen that a device gives: the charted one, else what its flow lets one estimate.
estimated AS (
    SELECT
        i.*,
        round(getvariable('fio2_with_no_flow') + getvariable('fio2_per_l_min') * i.amount, 12) AS by_flow,
        i.concept = 'nasal_cannula' AND i.amount <= getvariable('fio2_estimated_to_l_min') AS follows_flow,
        -- At least: nothing where the sources disagree, nor for a device whose fraction depends on how it is set.
        CASE
            WHEN f.fraction IS NOT NULL THEN f.fraction
            WHEN getvariable('fio2_from_flow') = 0 THEN 0
            WHEN follows_flow AND i.amount < getvariable('fio2_doubtful_from_l_min') THEN by_flow
            WHEN i.concept = 'face_mask' AND i.amount >= getvariable('fio2_mask_from_l_min') THEN getvariable('fio2_mask_at_least')
            WHEN i.concept = 'non_rebreather_mask' THEN getvariable('fio2_mask_at_least')
            ELSE 0
        END::DOUBLE AS fraction_at_least,
        -- At most: all of it may be oxygen.
        CASE
            WHEN f.fraction IS NOT NULL THEN f.fraction
            WHEN getvariable('fio2_from_flow') = 1 AND follows_flow THEN by_flow
            ELSE 1
        END::DOUBLE AS fraction_at_most
    FROM in_force AS i
    JOIN steps AS s ON s.subject_no = i.subject_no AND s.step = i.step
    LEFT JOIN timeline.fractions AS f
        ON f.device_file_no = i.source_file_no AND f.device_row = i.source_row
        AND f.start_minute <= s.minute AND f.end_minute > s.minute
),

-- Of each class: what is proven at least, and what is possible at most (a flow nobody charted may be any).
classed AS (
    SELECT
        subject_no,
        step,
        bool_or(counted) AS oxygen,
        TRUE AS oxygen_possible,
        coalesce(bool_or(counted) FILTER (oxygen_class IN ('nasal', 'high_flow')), FALSE) AS nasal,
        coalesce(bool_or(TRUE) FILTER (oxygen_class IN ('nasal', 'high_flow')), FALSE) AS nasal_possible,
        coalesce(max(amount) FILTER (counted AND oxygen_class IN ('nasal', 'high_flow')), 0) AS nasal_flow,
        coalesce(max(coalesce(amount, 'infinity'::DOUBLE)) FILTER (oxygen_class IN ('nasal', 'high_flow')), 0) AS nasal_flow_possible,
        coalesce(bool_or(counted) FILTER (oxygen_class = 'high_flow' AND amount IS NULL), FALSE) AS high_flow_no_rate,
        coalesce(bool_or(TRUE) FILTER (oxygen_class = 'high_flow' AND amount IS NULL), FALSE) AS high_flow_no_rate_possible,
        coalesce(bool_or(counted) FILTER (oxygen_class = 'blow_by'), FALSE) AS blow_by,
        coalesce(bool_or(TRUE) FILTER (oxygen_class = 'blow_by'), FALSE) AS blow_by_possible,
        coalesce(bool_or(counted) FILTER (oxygen_class = 'mask'), FALSE) AS mask,
        coalesce(bool_or(TRUE) FILTER (oxygen_class = 'mask'), FALSE) AS mask_possible,
        coalesce(bool_or(counted) FILTER (oxygen_class = 'positive_pressure'), FALSE) AS positive_pressure,
        coalesce(bool_or(TRUE) FILTER (oxygen_class = 'positive_pressure'), FALSE) AS positive_pressure_possible,
        coalesce(bool_or(counted) FILTER (concept IN ('invasive_ventilation', 'ecmo')), FALSE) AS invasive,
        coalesce(bool_or(TRUE) FILTER (concept IN ('invasive_ventilation', 'ecmo')), FALSE) AS invasive_possible,
        coalesce(max(fraction_at_least) FILTER (counted), 0) AS fraction,
        max(fraction_at_most) AS fraction_possible,
        coalesce(bool_or(counted) FILTER (oxygen_class = 'unspecified'), FALSE) AS unspecified,
        coalesce(bool_or(TRUE) FILTER (oxygen_class = 'unspecified'), FALSE) AS unspecified_possible,
        coalesce(max(amount) FILTER (counted AND oxygen_class = 'unspecified'), 0) AS unspecified_flow,
        coalesce(max(coalesce(amount, 'infinity'::DOUBLE)) FILTER (oxygen_class = 'unspecified'), 0) AS unspecified_flow_possible
    FROM estimated
    GROUP BY subject_no, step
)

SELECT
    c.subject_no,
    s.minute AS start_minute,
    s.end_minute,
    c.oxygen::INTEGER AS oxygen_device,
    c.oxygen_possible::INTEGER AS oxygen_device_at_most,
    c.nasal::INTEGER AS nasal_oxygen,
    c.nasal_possible::INTEGER AS nasal_oxygen_at_most,
    c.nasal_flow,
    c.nasal_flow_possible AS nasal_flow_at_most,
    c.high_flow_no_rate::INTEGER AS high_flow_without_rate,
    c.high_flow_no_rate_possible::INTEGER AS high_flow_without_rate_at_most,
    c.blow_by::INTEGER AS blow_by,
    c.blow_by_possible::INTEGER AS blow_by_at_most,
    c.mask::INTEGER AS oxygen_mask,
    -- Under a device that nobody named, a mask or positive pressure cannot be ruled out.
    (c.mask_possible OR c.unspecified_possible)::INTEGER AS oxygen_mask_at_most,
    c.positive_pressure::INTEGER AS positive_pressure,
    (c.positive_pressure_possible OR c.unspecified_possible)::INTEGER AS positive_pressure_at_most,
    c.invasive::INTEGER AS invasive_ventilation,
    (c.invasive_possible OR c.unspecified_possible)::INTEGER AS invasive_ventilation_at_most,
    c.fraction AS oxygen_fraction,
    c.fraction_possible AS oxygen_fraction_at_most,
    c.unspecified::INTEGER AS unspecified_oxygen,
    c.unspecified_possible::INTEGER AS unspecified_oxygen_at_most,
    c.unspecified_flow,
    c.unspecified_flow_possible AS unspecified_flow_at_most
FROM classed AS c
JOIN steps AS s ON s.subject_no = c.subject_no AND s.step = c.step
ORDER BY c.subject_no, s.minute
