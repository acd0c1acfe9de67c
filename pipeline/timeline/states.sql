-- One row per stretch of time in which nothing changes that a rule looks at; the stretches of a subject tile its time.
-- Key: subject_no, start_minute
WITH edges AS (
    SELECT subject_no, 0 AS minute FROM timeline.spans
    UNION
    SELECT subject_no, first_minute FROM timeline.runs
    UNION
    SELECT subject_no, end_minute FROM timeline.runs
    UNION
    SELECT subject_no, start_minute FROM timeline.treatments
    UNION
    SELECT subject_no, end_minute FROM timeline.treatments
    UNION
    SELECT subject_no, start_minute FROM timeline.fevers
    UNION
    SELECT subject_no, end_minute FROM timeline.fevers
),

tiles AS (
    SELECT
        e.subject_no,
        e.minute AS start_minute,
        least(lead(e.minute) OVER (PARTITION BY e.subject_no ORDER BY e.minute), s.last_minute) AS end_minute
    FROM edges AS e
    JOIN timeline.spans AS s ON s.subject_no = e.subject_no AND e.minute < s.last_minute
),

temperatures AS (
    SELECT * FROM timeline.runs WHERE concept = 'temperature'
),

pressures AS (
    SELECT * FROM timeline.runs WHERE concept = 'systolic_bp'
),

windows AS (
    SELECT * FROM timeline.fevers WHERE kind = 'window'
),

waivers AS (
    SELECT * FROM timeline.fevers WHERE kind = 'waiver'
),

-- What stands at the start of a tile stands to its end: the last that began, if it has not ended.
joined AS (
    SELECT
        x.subject_no,
        x.start_minute,
        x.end_minute,
        CASE WHEN x.start_minute < t.end_minute THEN t.run END AS temperature_run,
        CASE WHEN x.start_minute < t.end_minute THEN t.band END AS temperature_band,
        -- A reading put down to another cause is known, and below every fever.
        CASE WHEN x.start_minute < t.end_minute THEN CASE WHEN t.graded THEN t.value ELSE '-infinity'::DOUBLE END END AS temperature,
        CASE WHEN x.start_minute < p.end_minute THEN p.run END AS systolic_bp_run,
        CASE WHEN x.start_minute < p.end_minute THEN p.band END AS systolic_bp_band,
        CASE WHEN x.start_minute < p.end_minute THEN CASE WHEN p.graded THEN p.value ELSE 'infinity'::DOUBLE END END AS systolic_bp,
        coalesce(x.start_minute < w.end_minute, FALSE) AS fever_within_window,
        coalesce(x.start_minute < g.end_minute, FALSE) AS fever_waived,
        CASE WHEN x.start_minute < m.end_minute THEN m.start_minute END AS treated_from
    FROM tiles AS x
    ASOF LEFT JOIN temperatures AS t ON t.subject_no = x.subject_no AND t.first_minute <= x.start_minute
    ASOF LEFT JOIN pressures AS p ON p.subject_no = x.subject_no AND p.first_minute <= x.start_minute
    ASOF LEFT JOIN windows AS w ON w.subject_no = x.subject_no AND w.start_minute <= x.start_minute
    ASOF LEFT JOIN waivers AS g ON g.subject_no = x.subject_no AND g.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.treatments AS m ON m.subject_no = x.subject_no AND m.start_minute <= x.start_minute
)

SELECT
    j.subject_no,
    j.start_minute,
    j.end_minute,
    j.temperature_run,
    j.temperature_band,
    j.temperature,
    j.systolic_bp_run,
    j.systolic_bp_band,
    j.systolic_bp,
    s.systolic_bp_limit,
    -- Fever or what stands in for it: unknown only where the temperature in force is unknown and nothing else holds.
    is_fever(j.temperature) OR j.fever_within_window OR j.fever_waived AS fever_or_substitute,
    j.fever_within_window,
    j.fever_waived,
    -- Therapies are closed-world: what nobody charted was not given; so are findings of the laboratory, by choice.
    coalesce(m.vasopressors, 0) AS vasopressors,
    coalesce(m.vasopressors_at_most, 0) AS vasopressors_at_most,
    coalesce(m.vasopressin, 0) AS vasopressin,
    coalesce(m.vasopressin_at_most, 0) AS vasopressin_at_most,
    coalesce(m.vasopressin_alone, 0) AS vasopressin_alone,
    coalesce(m.vasopressin_alone_at_most, 0) AS vasopressin_alone_at_most,
    coalesce(m.oxygen_device, 0) AS oxygen_device,
    coalesce(m.oxygen_device_at_most, 0) AS oxygen_device_at_most,
    coalesce(m.nasal_oxygen, 0) AS nasal_oxygen,
    coalesce(m.nasal_oxygen_at_most, 0) AS nasal_oxygen_at_most,
    coalesce(m.nasal_flow, 0) AS nasal_flow,
    coalesce(m.nasal_flow_at_most, 0) AS nasal_flow_at_most,
    coalesce(m.high_flow_without_rate, 0) AS high_flow_without_rate,
    coalesce(m.high_flow_without_rate_at_most, 0) AS high_flow_without_rate_at_most,
    coalesce(m.blow_by, 0) AS blow_by,
    coalesce(m.blow_by_at_most, 0) AS blow_by_at_most,
    coalesce(m.oxygen_mask, 0) AS oxygen_mask,
    coalesce(m.oxygen_mask_at_most, 0) AS oxygen_mask_at_most,
    coalesce(m.positive_pressure, 0) AS positive_pressure,
    coalesce(m.positive_pressure_at_most, 0) AS positive_pressure_at_most,
    coalesce(m.unspecified_oxygen, 0) AS unspecified_oxygen,
    coalesce(m.unspecified_oxygen_at_most, 0) AS unspecified_oxygen_at_most,
    coalesce(m.unspecified_flow, 0) AS unspecified_flow,
    coalesce(m.unspecified_flow_at_most, 0) AS unspecified_flow_at_most,
    coalesce(m.vasopressors_and_vasopressin, 0) AS vasopressors_and_vasopressin,
    coalesce(m.vasopressors_and_vasopressin_at_most, 0) AS vasopressors_and_vasopressin_at_most,
    coalesce(m.vasopressor_hours, 0) AS vasopressor_hours,
    coalesce(m.vasopressor_hours_at_most, 0) AS vasopressor_hours_at_most,
    coalesce(m.norepinephrine_sustained, 0) AS norepinephrine_sustained,
    coalesce(m.norepinephrine_sustained_at_most, 0) AS norepinephrine_sustained_at_most,
    coalesce(m.norepinephrine_sustained_per_kg, 0) AS norepinephrine_sustained_per_kg,
    coalesce(m.norepinephrine_sustained_per_kg_at_most, 0) AS norepinephrine_sustained_per_kg_at_most,
    coalesce(m.epinephrine_sustained, 0) AS epinephrine_sustained,
    coalesce(m.epinephrine_sustained_at_most, 0) AS epinephrine_sustained_at_most,
    coalesce(m.epinephrine_sustained_per_kg, 0) AS epinephrine_sustained_per_kg,
    coalesce(m.epinephrine_sustained_per_kg_at_most, 0) AS epinephrine_sustained_per_kg_at_most,
    coalesce(m.dopamine_sustained_per_kg, 0) AS dopamine_sustained_per_kg,
    coalesce(m.dopamine_sustained_per_kg_at_most, 0) AS dopamine_sustained_per_kg_at_most,
    coalesce(m.phenylephrine_sustained, 0) AS phenylephrine_sustained,
    coalesce(m.phenylephrine_sustained_at_most, 0) AS phenylephrine_sustained_at_most,
    coalesce(m.equivalent_with_vasopressin_sustained, 0) AS equivalent_with_vasopressin_sustained,
    coalesce(m.equivalent_with_vasopressin_sustained_at_most, 0) AS equivalent_with_vasopressin_sustained_at_most,
    coalesce(m.equivalent_with_vasopressin_sustained_per_kg, 0) AS equivalent_with_vasopressin_sustained_per_kg,
    coalesce(m.equivalent_with_vasopressin_sustained_per_kg_at_most, 0) AS equivalent_with_vasopressin_sustained_per_kg_at_most,
    coalesce(m.equivalent_combined_sustained, 0) AS equivalent_combined_sustained,
    coalesce(m.equivalent_combined_sustained_at_most, 0) AS equivalent_combined_sustained_at_most,
    coalesce(m.oxygen_fraction, 0) AS oxygen_fraction,
    coalesce(m.oxygen_fraction_at_most, 0) AS oxygen_fraction_at_most,
    coalesce(m.invasive_ventilation, 0) AS invasive_ventilation,
    coalesce(m.invasive_ventilation_at_most, 0) AS invasive_ventilation_at_most,
    coalesce(m.fluid_boluses, 0) AS fluid_boluses,
    coalesce(m.fluid_boluses_at_most, 0) AS fluid_boluses_at_most,
    coalesce(m.creatinine_grade, 0) AS creatinine_grade,
    coalesce(m.creatinine_grade_at_most, 0) AS creatinine_grade_at_most,
    coalesce(m.transaminases_grade, 0) AS transaminases_grade,
    coalesce(m.transaminases_grade_at_most, 0) AS transaminases_grade_at_most
FROM joined AS j
JOIN staging.subjects AS s ON s.subject_no = j.subject_no
LEFT JOIN timeline.treatments AS m ON m.subject_no = j.subject_no AND m.start_minute = j.treated_from
ORDER BY j.subject_no, j.start_minute
