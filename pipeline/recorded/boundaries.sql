-- One row per disagreement that one step of a measurement would settle: a reading or flow at its limit.
-- Key: system, subject_id, entry
-- Derived above recorded: everything that met the derived grade lies within a step of its limit. Recorded above derived: what
-- would meet the recorded grade falls short of its limit by a step at most.
WITH asked AS (
    SELECT
        d.*,
        d.direction IN ('lower', 'missed') AS is_met,
        -- A record without a grade claims a fever at least.
        CASE WHEN is_met THEN d.derived_grade ELSE coalesce(d.recorded_grade, 1) END AS at_grade
    FROM recorded.disagreements AS d
    WHERE d.direction <> 'no grade'
),

-- What the criteria of that grade look at, and the limit of a flow.
criteria AS (
    SELECT DISTINCT
        a.system, a.subject_id, a.subject_no, a.entry, a.is_met, a.from_minute, a.to_minute, p.concept,
        p.amount_above AS flow_limit
    FROM asked AS a
    JOIN rules.criteria AS c ON c.system = a.system AND c.grade = a.at_grade AND c.is_computable
    JOIN rules.criterion_concepts AS p ON p.system = c.system AND p.criterion = c.criterion
),

measured AS (
    SELECT c.*, r.value AS highest, r.value AS lowest
    FROM criteria AS c
    JOIN staging.concepts AS k ON k.concept = c.concept
    JOIN timeline.readings AS r
        ON r.subject_no = c.subject_no AND r.concept_no = k.concept_no AND r.band > 0
        AND r.minute >= c.from_minute AND r.minute < c.to_minute
    UNION ALL
    SELECT c.*, u.amount, u.amount
    FROM criteria AS c
    JOIN timeline.support AS u
        ON u.subject_no = c.subject_no AND u.concept = c.concept AND u.standing IN ('proven', 'presumed')
        AND u.start_minute < c.to_minute AND u.end_minute > c.from_minute
),

extremes AS (
    SELECT system, subject_id, subject_no, entry, is_met, concept, flow_limit, max(highest) AS highest, min(lowest) AS lowest
    FROM measured
    GROUP BY ALL
),

stepped AS (
    SELECT
        x.*,
        s.systolic_bp_limit,
        CASE WHEN x.is_met THEN -1 ELSE 1 END AS sign,
        round(x.highest + sign * getvariable('boundary_temperature_step'), 9) AS temperature_stepped,
        x.lowest - sign * getvariable('boundary_pressure_step') AS pressure_stepped,
        x.highest + sign * getvariable('boundary_flow_step') AS flow_stepped
    FROM extremes AS x
    JOIN staging.subjects AS s ON s.subject_no = x.subject_no
),

-- Is it met as charted, and would it be one step on?
judged AS (
    SELECT
        *,
        CASE concept
            WHEN 'temperature' THEN is_fever(highest)
            WHEN 'systolic_bp' THEN lowest < systolic_bp_limit
            WHEN 'nasal_cannula' THEN highest > flow_limit
            WHEN 'high_flow_nasal_cannula' THEN highest > flow_limit
            WHEN 'oxygen_unspecified' THEN highest > flow_limit
        END AS meets,
        CASE concept
            WHEN 'temperature' THEN is_fever(temperature_stepped)
            WHEN 'systolic_bp' THEN pressure_stepped < systolic_bp_limit
            WHEN 'nasal_cannula' THEN flow_stepped > flow_limit
            WHEN 'high_flow_nasal_cannula' THEN flow_stepped > flow_limit
            WHEN 'oxygen_unspecified' THEN flow_stepped > flow_limit
        END AS would_meet,
        format('{} {:g} {}',
               replace(replace(concept, '_bp', ' pressure'), '_', ' '),
               CASE concept WHEN 'systolic_bp' THEN lowest ELSE highest END,
               CASE concept WHEN 'temperature' THEN 'degC' WHEN 'systolic_bp' THEN 'mmHg' ELSE 'L/min' END) AS said
    FROM stepped
)

SELECT
    system, subject_id, entry,
    string_agg(DISTINCT said, ', ' ORDER BY said) FILTER (meets = is_met AND would_meet <> is_met) AS boundary
FROM judged
GROUP BY system, subject_id, entry, is_met
HAVING CASE
    -- Support that has no limit (a mask, a vasopressor) is met without any doubt.
    WHEN is_met THEN bool_and(meets IS FALSE OR (meets AND NOT would_meet) IS TRUE) AND bool_or(meets AND NOT would_meet) IS TRUE
    ELSE bool_or(NOT meets AND would_meet) IS TRUE
END
ORDER BY system, subject_id, entry
