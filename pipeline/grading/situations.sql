-- One row per situation: what the rules look at, each distinct combination once.
-- Key: situation
SELECT
    g.situation,
    -- Within a situation no rule can tell one reading from the next; the lowest stands for all.
    min(s.temperature) AS temperature,
    min(s.systolic_bp) AS systolic_bp,
    min(s.systolic_bp_limit) AS systolic_bp_limit,
    min(s.vasopressors) AS vasopressors,
    min(s.vasopressors_at_most) AS vasopressors_at_most,
    min(s.vasopressin) AS vasopressin,
    min(s.vasopressin_at_most) AS vasopressin_at_most,
    min(s.vasopressin_alone) AS vasopressin_alone,
    min(s.vasopressin_alone_at_most) AS vasopressin_alone_at_most,
    min(s.oxygen_device) AS oxygen_device,
    min(s.oxygen_device_at_most) AS oxygen_device_at_most,
    min(s.nasal_oxygen) AS nasal_oxygen,
    min(s.nasal_oxygen_at_most) AS nasal_oxygen_at_most,
    min(s.nasal_flow) AS nasal_flow,
    min(s.nasal_flow_at_most) AS nasal_flow_at_most,
    min(s.high_flow_without_rate) AS high_flow_without_rate,
    min(s.high_flow_without_rate_at_most) AS high_flow_without_rate_at_most,
    min(s.blow_by) AS blow_by,
    min(s.blow_by_at_most) AS blow_by_at_most,
    min(s.oxygen_mask) AS oxygen_mask,
    min(s.oxygen_mask_at_most) AS oxygen_mask_at_most,
    min(s.positive_pressure) AS positive_pressure,
    min(s.positive_pressure_at_most) AS positive_pressure_at_most,
    min(s.unspecified_oxygen) AS unspecified_oxygen,
    min(s.unspecified_oxygen_at_most) AS unspecified_oxygen_at_most,
    min(s.unspecified_flow) AS unspecified_flow,
    min(s.unspecified_flow_at_most) AS unspecified_flow_at_most
FROM grading.situated AS g
JOIN timeline.states AS s ON s.subject_no = g.subject_no AND s.start_minute = g.start_minute
GROUP BY g.situation
ORDER BY g.situation
