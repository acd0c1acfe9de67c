-- One row per stretch of time in which the same therapies and findings are in force; none where nothing is.
-- Key: subject_no, start_minute
-- Few patients at few times have any: joined here among themselves, and with the vitals in timeline.states.
WITH edges AS (
    SELECT subject_no, start_minute AS minute FROM timeline.vasopressors
    UNION
    SELECT subject_no, end_minute FROM timeline.vasopressors
    UNION
    SELECT subject_no, start_minute FROM timeline.oxygen
    UNION
    SELECT subject_no, end_minute FROM timeline.oxygen
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
    SELECT subject_no, minute AS start_minute, lead(minute) OVER (PARTITION BY subject_no ORDER BY minute) AS end_minute
    FROM edges
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
        coalesce(x.start_minute < v.end_minute, FALSE) AS v_in_force,
        coalesce(x.start_minute < o.end_minute, FALSE) AS o_in_force,
        coalesce(x.start_minute < c.end_minute, FALSE) AS c_in_force,
        coalesce(x.start_minute < q.end_minute, FALSE) AS q_in_force,
        coalesce(x.start_minute < d.end_minute, FALSE) AS d_in_force,
        coalesce(x.start_minute < b.end_minute, FALSE) AS b_in_force,
        coalesce(x.start_minute < m.end_minute, FALSE) AS m_in_force,
        c.hours,
        q.hours AS hours_possible,
        v.* EXCLUDE (subject_no, start_minute, end_minute),
        o.* EXCLUDE (subject_no, start_minute, end_minute),
        d.* EXCLUDE (subject_no, start_minute, end_minute),
        b.* EXCLUDE (subject_no, start_minute, end_minute),
        m.* EXCLUDE (subject_no, start_minute, end_minute)
    FROM tiles AS x
    ASOF LEFT JOIN timeline.vasopressors AS v ON v.subject_no = x.subject_no AND v.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.oxygen AS o ON o.subject_no = x.subject_no AND o.start_minute <= x.start_minute
    ASOF LEFT JOIN courses AS c ON c.subject_no = x.subject_no AND c.start_minute <= x.start_minute
    ASOF LEFT JOIN possible_courses AS q ON q.subject_no = x.subject_no AND q.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.tiers AS d ON d.subject_no = x.subject_no AND d.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.boluses AS b ON b.subject_no = x.subject_no AND b.start_minute <= x.start_minute
    ASOF LEFT JOIN timeline.organs AS m ON m.subject_no = x.subject_no AND m.start_minute <= x.start_minute
    WHERE x.end_minute IS NOT NULL
)

SELECT
    subject_no,
    start_minute,
    end_minute,
    -- Therapies are closed-world: what nobody charted was not given; so are findings of the laboratory, by choice.
    CASE WHEN v_in_force THEN vasopressors ELSE 0 END AS vasopressors,
    CASE WHEN v_in_force THEN vasopressors_at_most ELSE 0 END AS vasopressors_at_most,
    CASE WHEN v_in_force THEN vasopressin ELSE 0 END AS vasopressin,
    CASE WHEN v_in_force THEN vasopressin_at_most ELSE 0 END AS vasopressin_at_most,
    CASE WHEN v_in_force THEN vasopressin_alone ELSE 0 END AS vasopressin_alone,
    CASE WHEN v_in_force THEN vasopressin_alone_at_most ELSE 0 END AS vasopressin_alone_at_most,
    CASE WHEN o_in_force THEN oxygen_device ELSE 0 END AS oxygen_device,
    CASE WHEN o_in_force THEN oxygen_device_at_most ELSE 0 END AS oxygen_device_at_most,
    CASE WHEN o_in_force THEN nasal_oxygen ELSE 0 END AS nasal_oxygen,
    CASE WHEN o_in_force THEN nasal_oxygen_at_most ELSE 0 END AS nasal_oxygen_at_most,
    CASE WHEN o_in_force THEN nasal_flow ELSE 0 END AS nasal_flow,
    CASE WHEN o_in_force THEN nasal_flow_at_most ELSE 0 END AS nasal_flow_at_most,
    CASE WHEN o_in_force THEN high_flow_without_rate ELSE 0 END AS high_flow_without_rate,
    CASE WHEN o_in_force THEN high_flow_without_rate_at_most ELSE 0 END AS high_flow_without_rate_at_most,
    CASE WHEN o_in_force THEN blow_by ELSE 0 END AS blow_by,
    CASE WHEN o_in_force THEN blow_by_at_most ELSE 0 END AS blow_by_at_most,
    CASE WHEN o_in_force THEN oxygen_mask ELSE 0 END AS oxygen_mask,
    CASE WHEN o_in_force THEN oxygen_mask_at_most ELSE 0 END AS oxygen_mask_at_most,
    CASE WHEN o_in_force THEN positive_pressure ELSE 0 END AS positive_pressure,
    CASE WHEN o_in_force THEN positive_pressure_at_most ELSE 0 END AS positive_pressure_at_most,
    CASE WHEN o_in_force THEN unspecified_oxygen ELSE 0 END AS unspecified_oxygen,
    CASE WHEN o_in_force THEN unspecified_oxygen_at_most ELSE 0 END AS unspecified_oxygen_at_most,
    CASE WHEN o_in_force THEN unspecified_flow ELSE 0 END AS unspecified_flow,
    CASE WHEN o_in_force THEN unspecified_flow_at_most ELSE 0 END AS unspecified_flow_at_most,
    CASE WHEN v_in_force THEN vasopressors_and_vasopressin ELSE 0 END AS vasopressors_and_vasopressin,
    CASE WHEN v_in_force THEN vasopressors_and_vasopressin_at_most ELSE 0 END AS vasopressors_and_vasopressin_at_most,
    CASE WHEN c_in_force THEN hours ELSE 0 END AS vasopressor_hours,
    CASE WHEN q_in_force THEN hours_possible ELSE 0 END AS vasopressor_hours_at_most,
    CASE WHEN d_in_force THEN norepinephrine_sustained ELSE 0 END AS norepinephrine_sustained,
    CASE WHEN d_in_force THEN norepinephrine_sustained_at_most ELSE 0 END AS norepinephrine_sustained_at_most,
    CASE WHEN d_in_force THEN norepinephrine_sustained_per_kg ELSE 0 END AS norepinephrine_sustained_per_kg,
    CASE WHEN d_in_force THEN norepinephrine_sustained_per_kg_at_most ELSE 0 END AS norepinephrine_sustained_per_kg_at_most,
    CASE WHEN d_in_force THEN epinephrine_sustained ELSE 0 END AS epinephrine_sustained,
    CASE WHEN d_in_force THEN epinephrine_sustained_at_most ELSE 0 END AS epinephrine_sustained_at_most,
    CASE WHEN d_in_force THEN epinephrine_sustained_per_kg ELSE 0 END AS epinephrine_sustained_per_kg,
    CASE WHEN d_in_force THEN epinephrine_sustained_per_kg_at_most ELSE 0 END AS epinephrine_sustained_per_kg_at_most,
    CASE WHEN d_in_force THEN dopamine_sustained_per_kg ELSE 0 END AS dopamine_sustained_per_kg,
    CASE WHEN d_in_force THEN dopamine_sustained_per_kg_at_most ELSE 0 END AS dopamine_sustained_per_kg_at_most,
    CASE WHEN d_in_force THEN phenylephrine_sustained ELSE 0 END AS phenylephrine_sustained,
    CASE WHEN d_in_force THEN phenylephrine_sustained_at_most ELSE 0 END AS phenylephrine_sustained_at_most,
    CASE WHEN d_in_force THEN equivalent_with_vasopressin_sustained ELSE 0 END AS equivalent_with_vasopressin_sustained,
    CASE WHEN d_in_force THEN equivalent_with_vasopressin_sustained_at_most ELSE 0 END AS equivalent_with_vasopressin_sustained_at_most,
    CASE WHEN d_in_force THEN equivalent_with_vasopressin_sustained_per_kg ELSE 0 END AS equivalent_with_vasopressin_sustained_per_kg,
    CASE WHEN d_in_force THEN equivalent_with_vasopressin_sustained_per_kg_at_most ELSE 0 END AS equivalent_with_vasopressin_sustained_per_kg_at_most,
    CASE WHEN d_in_force THEN equivalent_combined_sustained ELSE 0 END AS equivalent_combined_sustained,
    CASE WHEN d_in_force THEN equivalent_combined_sustained_at_most ELSE 0 END AS equivalent_combined_sustained_at_most,
    CASE WHEN o_in_force THEN oxygen_fraction ELSE 0 END AS oxygen_fraction,
    CASE WHEN o_in_force THEN oxygen_fraction_at_most ELSE 0 END AS oxygen_fraction_at_most,
    CASE WHEN o_in_force THEN invasive_ventilation ELSE 0 END AS invasive_ventilation,
    CASE WHEN o_in_force THEN invasive_ventilation_at_most ELSE 0 END AS invasive_ventilation_at_most,
    CASE WHEN b_in_force THEN fluid_boluses ELSE 0 END AS fluid_boluses,
    CASE WHEN b_in_force THEN fluid_boluses_at_most ELSE 0 END AS fluid_boluses_at_most,
    CASE WHEN m_in_force THEN creatinine_grade ELSE 0 END AS creatinine_grade,
    CASE WHEN m_in_force THEN creatinine_grade_at_most ELSE 0 END AS creatinine_grade_at_most,
    CASE WHEN m_in_force THEN transaminases_grade ELSE 0 END AS transaminases_grade,
    CASE WHEN m_in_force THEN transaminases_grade_at_most ELSE 0 END AS transaminases_grade_at_most
FROM joined
WHERE v_in_force OR o_in_force OR c_in_force OR q_in_force OR d_in_force OR b_in_force OR m_in_force
ORDER BY subject_no, start_minute
