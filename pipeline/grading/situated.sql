-- One row per state of a subject, with the number of its situation: states that no rule can tell apart share one.
-- Key: subject_no, start_minute
SELECT
    subject_no,
    start_minute,
    end_minute,
    dense_rank() OVER (ORDER BY
        temperature_band, systolic_bp_band, systolic_bp_limit,
        vasopressors, vasopressors_at_most, vasopressin, vasopressin_at_most, vasopressin_alone, vasopressin_alone_at_most,
        oxygen_device, oxygen_device_at_most, nasal_oxygen, nasal_oxygen_at_most, nasal_flow, nasal_flow_at_most,
        high_flow_without_rate, high_flow_without_rate_at_most, blow_by, blow_by_at_most, oxygen_mask, oxygen_mask_at_most,
        positive_pressure, positive_pressure_at_most, unspecified_oxygen, unspecified_oxygen_at_most,
        unspecified_flow, unspecified_flow_at_most) AS situation
FROM timeline.states
ORDER BY subject_no, start_minute
