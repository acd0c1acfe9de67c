-- One row per stretch of time in which nothing changes that a rule looks at; the stretches of a subject tile its time.
-- Key: subject_no, start_minute
WITH edges AS (
    SELECT subject_no, 0 AS minute FROM timeline.spans
    UNION
    SELECT subject_no, first_minute FROM timeline.runs
    UNION
    SELECT subject_no, end_minute FROM timeline.runs
    UNION
    SELECT subject_no, start_minute FROM timeline.vasopressors
    UNION
    SELECT subject_no, end_minute FROM timeline.vasopressors
    UNION
    SELECT subject_no, start_minute FROM timeline.oxygen
    UNION
    SELECT subject_no, end_minute FROM timeline.oxygen
    UNION
    SELECT subject_no, start_minute FROM timeline.fevers
    UNION
    SELECT subject_no, end_minute FROM timeline.fevers
    UNION
    SELECT subject_no, start_minute FROM timeline.courses
    UNION
    SELECT subject_no, end_minute FROM timeline.courses
    UNION
    SELECT subject_no, start_minute FROM timeline.tiers
    UNION
    SELECT subject_no, end_minute FROM timeline.tiers
    UNION
    SELECT subject_no, start_minute FROM timeline.boluses
    UNION
    SELECT subject_no, end_minute FROM timeline.boluses
    UNION
    SELECT subject_no, start_minute FROM timeline.organs
    UNION
    SELECT subject_no, end_minute FROM timeline.organs
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

courses AS (
    SELECT * FROM timeline.courses WHERE kind = 'proven'
),

possible_courses AS (
    SELECT * FROM timeline.courses WHERE kind = 'possible'
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
        x.start_minute < v.end_minute AS v_in_force,
        x.start_minute < o.end_minute AS o_in_force,
        x.start_minute < d.end_minute AS d_in_force,
        x.start_minute < b.end_minute AS b_in_force,
        x.start_minute < m.end_minute AS m_in_force,
        CASE WHEN x.start_minute < c.end_minute THEN c.hours ELSE 0 END AS vasopressor_hours,
        CASE WHEN x.start_minute < q.end_minute THEN q.hours ELSE 0 END AS vasopressor_hours_at_most,
        v.* EXCLUDE (subject_no, start_minute, end_minute),
        o.* EXCLUDE (subject_no, start_minute, end_minute),
        d.* EXCLUDE (subject_no, start_minute, end_minute),
        b.* EXCLUDE (subject_no, start_minute, end_minute),
        m.* EXCLUDE (subject_no, start_minute, end_minute)
    FROM tiles AS x
    ASOF LEFT JOIN temperatures AS t ON t.subject_no = x.subject_no AND t.first_minute <= x.start_minute
    ASOF LEFT JOIN pressures AS p ON p.subject_no = x.subject_no AND p.first_minute <= x.start_minute
    ASOF LEFT JOIN windows AS w ON w.subject_no = x.subject_no AND w.start_minute <= x.start_minute
    ASOF LEFT JOIN waivers AS g ON g.subject_no = x.subject_no AND g.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.vasopressors AS v ON v.subject_no = x.subject_no AND v.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.oxygen AS o ON o.subject_no = x.subject_no AND o.start_minute <= x.start_minute
    ASOF LEFT JOIN courses AS c ON c.subject_no = x.subject_no AND c.start_minute <= x.start_minute
    ASOF LEFT JOIN possible_courses AS q ON q.subject_no = x.subject_no AND q.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.tiers AS d ON d.subject_no = x.subject_no AND d.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.boluses AS b ON b.subject_no = x.subject_no AND b.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.organs AS m ON m.subject_no = x.subject_no AND m.start_minute <= x.start_minute
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
    CASE WHEN j.v_in_force THEN j.vasopressors ELSE 0 END AS vasopressors,
    CASE WHEN j.v_in_force THEN j.vasopressors_at_most ELSE 0 END AS vasopressors_at_most,
    CASE WHEN j.v_in_force THEN j.vasopressin ELSE 0 END AS vasopressin,
    CASE WHEN j.v_in_force THEN j.vasopressin_at_most ELSE 0 END AS vasopressin_at_most,
    CASE WHEN j.v_in_force THEN j.vasopressin_alone ELSE 0 END AS vasopressin_alone,
    CASE WHEN j.v_in_force THEN j.vasopressin_alone_at_most ELSE 0 END AS vasopressin_alone_at_most,
    CASE WHEN j.o_in_force THEN j.oxygen_device ELSE 0 END AS oxygen_device,
    CASE WHEN j.o_in_force THEN j.oxygen_device_at_most ELSE 0 END AS oxygen_device_at_most,
    CASE WHEN j.o_in_force THEN j.nasal_oxygen ELSE 0 END AS nasal_oxygen,
    CASE WHEN j.o_in_force THEN j.nasal_oxygen_at_most ELSE 0 END AS nasal_oxygen_at_most,
    CASE WHEN j.o_in_force THEN j.nasal_flow ELSE 0 END AS nasal_flow,
    CASE WHEN j.o_in_force THEN j.nasal_flow_at_most ELSE 0 END AS nasal_flow_at_most,
    CASE WHEN j.o_in_force THEN j.high_flow_without_rate ELSE 0 END AS high_flow_without_rate,
    CASE WHEN j.o_in_force THEN j.high_flow_without_rate_at_most ELSE 0 END AS high_flow_without_rate_at_most,
    CASE WHEN j.o_in_force THEN j.blow_by ELSE 0 END AS blow_by,
    CASE WHEN j.o_in_force THEN j.blow_by_at_most ELSE 0 END AS blow_by_at_most,
    CASE WHEN j.o_in_force THEN j.oxygen_mask ELSE 0 END AS oxygen_mask,
    CASE WHEN j.o_in_force THEN j.oxygen_mask_at_most ELSE 0 END AS oxygen_mask_at_most,
    CASE WHEN j.o_in_force THEN j.positive_pressure ELSE 0 END AS positive_pressure,
    CASE WHEN j.o_in_force THEN j.positive_pressure_at_most ELSE 0 END AS positive_pressure_at_most,
    CASE WHEN j.o_in_force THEN j.unspecified_oxygen ELSE 0 END AS unspecified_oxygen,
    CASE WHEN j.o_in_force THEN j.unspecified_oxygen_at_most ELSE 0 END AS unspecified_oxygen_at_most,
    CASE WHEN j.o_in_force THEN j.unspecified_flow ELSE 0 END AS unspecified_flow,
    CASE WHEN j.o_in_force THEN j.unspecified_flow_at_most ELSE 0 END AS unspecified_flow_at_most,
    CASE WHEN j.v_in_force THEN j.vasopressors_and_vasopressin ELSE 0 END AS vasopressors_and_vasopressin,
    CASE WHEN j.v_in_force THEN j.vasopressors_and_vasopressin_at_most ELSE 0 END AS vasopressors_and_vasopressin_at_most,
    j.vasopressor_hours,
    j.vasopressor_hours_at_most,
    CASE WHEN j.d_in_force THEN j.norepinephrine_sustained ELSE 0 END AS norepinephrine_sustained,
    CASE WHEN j.d_in_force THEN j.norepinephrine_sustained_at_most ELSE 0 END AS norepinephrine_sustained_at_most,
    CASE WHEN j.d_in_force THEN j.norepinephrine_sustained_per_kg ELSE 0 END AS norepinephrine_sustained_per_kg,
    CASE WHEN j.d_in_force THEN j.norepinephrine_sustained_per_kg_at_most ELSE 0 END AS norepinephrine_sustained_per_kg_at_most,
    CASE WHEN j.d_in_force THEN j.epinephrine_sustained ELSE 0 END AS epinephrine_sustained,
    CASE WHEN j.d_in_force THEN j.epinephrine_sustained_at_most ELSE 0 END AS epinephrine_sustained_at_most,
    CASE WHEN j.d_in_force THEN j.epinephrine_sustained_per_kg ELSE 0 END AS epinephrine_sustained_per_kg,
    CASE WHEN j.d_in_force THEN j.epinephrine_sustained_per_kg_at_most ELSE 0 END AS epinephrine_sustained_per_kg_at_most,
    CASE WHEN j.d_in_force THEN j.dopamine_sustained_per_kg ELSE 0 END AS dopamine_sustained_per_kg,
    CASE WHEN j.d_in_force THEN j.dopamine_sustained_per_kg_at_most ELSE 0 END AS dopamine_sustained_per_kg_at_most,
    CASE WHEN j.d_in_force THEN j.phenylephrine_sustained ELSE 0 END AS phenylephrine_sustained,
    CASE WHEN j.d_in_force THEN j.phenylephrine_sustained_at_most ELSE 0 END AS phenylephrine_sustained_at_most,
    CASE WHEN j.d_in_force THEN j.equivalent_with_vasopressin_sustained ELSE 0 END AS equivalent_with_vasopressin_sustained,
    CASE WHEN j.d_in_force THEN j.equivalent_with_vasopressin_sustained_at_most ELSE 0 END AS equivalent_with_vasopressin_sustained_at_most,
    CASE WHEN j.d_in_force THEN j.equivalent_with_vasopressin_sustained_per_kg ELSE 0 END AS equivalent_with_vasopressin_sustained_per_kg,
    CASE WHEN j.d_in_force THEN j.equivalent_with_vasopressin_sustained_per_kg_at_most ELSE 0 END AS equivalent_with_vasopressin_sustained_per_kg_at_most,
    CASE WHEN j.d_in_force THEN j.equivalent_combined_sustained ELSE 0 END AS equivalent_combined_sustained,
    CASE WHEN j.d_in_force THEN j.equivalent_combined_sustained_at_most ELSE 0 END AS equivalent_combined_sustained_at_most,
    CASE WHEN j.o_in_force THEN j.oxygen_fraction ELSE 0 END AS oxygen_fraction,
    CASE WHEN j.o_in_force THEN j.oxygen_fraction_at_most ELSE 0 END AS oxygen_fraction_at_most,
    CASE WHEN j.o_in_force THEN j.invasive_ventilation ELSE 0 END AS invasive_ventilation,
    CASE WHEN j.o_in_force THEN j.invasive_ventilation_at_most ELSE 0 END AS invasive_ventilation_at_most,
    CASE WHEN j.b_in_force THEN j.fluid_boluses ELSE 0 END AS fluid_boluses,
    CASE WHEN j.b_in_force THEN j.fluid_boluses_at_most ELSE 0 END AS fluid_boluses_at_most,
    CASE WHEN j.m_in_force THEN j.creatinine_grade ELSE 0 END AS creatinine_grade,
    CASE WHEN j.m_in_force THEN j.creatinine_grade_at_most ELSE 0 END AS creatinine_grade_at_most,
    CASE WHEN j.m_in_force THEN j.transaminases_grade ELSE 0 END AS transaminases_grade,
    CASE WHEN j.m_in_force THEN j.transaminases_grade_at_most ELSE 0 END AS transaminases_grade_at_most
FROM joined AS j
JOIN staging.subjects AS s ON s.subject_no = j.subject_no
ORDER BY j.subject_no, j.start_minute
