-- One row per state of a subject, with the number of its situation: states that no rule can tell apart share one.
-- Key: subject_no, start_minute
-- What is continuous is told apart by band only: on which side it lies of every limit that the rules name.
WITH looked_at AS (
    SELECT
        subject_no,
        start_minute,
        end_minute,
        row(
            temperature_band, systolic_bp_band, systolic_bp_limit, vasopressors, vasopressors_at_most, vasopressin,
            vasopressin_at_most, vasopressin_alone, vasopressin_alone_at_most, oxygen_device, oxygen_device_at_most,
            nasal_oxygen, nasal_oxygen_at_most, nasal_flow_band(nasal_flow), nasal_flow_band(nasal_flow_at_most),
            high_flow_without_rate, high_flow_without_rate_at_most, blow_by, blow_by_at_most, oxygen_mask, oxygen_mask_at_most,
            positive_pressure, positive_pressure_at_most, unspecified_oxygen, unspecified_oxygen_at_most,
            unspecified_flow_band(unspecified_flow), unspecified_flow_band(unspecified_flow_at_most),
            vasopressors_and_vasopressin, vasopressors_and_vasopressin_at_most, vasopressor_hours_band(vasopressor_hours),
            vasopressor_hours_band(vasopressor_hours_at_most), norepinephrine_sustained, norepinephrine_sustained_at_most,
            norepinephrine_sustained_per_kg, norepinephrine_sustained_per_kg_at_most, epinephrine_sustained,
            epinephrine_sustained_at_most, epinephrine_sustained_per_kg, epinephrine_sustained_per_kg_at_most,
            dopamine_sustained_per_kg, dopamine_sustained_per_kg_at_most, phenylephrine_sustained,
            phenylephrine_sustained_at_most, equivalent_with_vasopressin_sustained,
            equivalent_with_vasopressin_sustained_at_most, equivalent_with_vasopressin_sustained_per_kg,
            equivalent_with_vasopressin_sustained_per_kg_at_most, equivalent_combined_sustained,
            equivalent_combined_sustained_at_most, oxygen_fraction_band(oxygen_fraction),
            oxygen_fraction_band(oxygen_fraction_at_most), invasive_ventilation, invasive_ventilation_at_most, fluid_boluses,
            fluid_boluses_at_most, creatinine_grade, creatinine_grade_at_most, transaminases_grade, transaminases_grade_at_most
        ) AS all_that_rules_look_at
    FROM timeline.states
),

numbered AS (
    SELECT all_that_rules_look_at, row_number() OVER (ORDER BY all_that_rules_look_at) AS situation
    FROM (SELECT DISTINCT all_that_rules_look_at FROM looked_at)
)

SELECT l.subject_no, l.start_minute, l.end_minute, n.situation
FROM looked_at AS l
-- Unknown here and unknown there is the same.
JOIN numbered AS n ON n.all_that_rules_look_at IS NOT DISTINCT FROM l.all_that_rules_look_at
ORDER BY l.subject_no, l.start_minute
