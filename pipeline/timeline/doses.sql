-- One row per charting of a vasopressor that counts or may count: its dose, and the dose of norepinephrine it equals.
-- Key: source_file_no, source_row
WITH levelled AS (
    SELECT
        u.source_file_no,
        u.source_row,
        u.subject_no,
        u.concept,
        u.start_minute,
        u.end_minute,
        t.amount AS per_kg,
        t.amount_per_minute AS per_minute,
        t.kg,
        -- A run too short to count has no dose.
        u.standing IN ('proven', 'presumed') AND n.subject_no IS NOT NULL AS counted,
        -- A presumed hold counts as one running, but not toward two at once.
        u.standing = 'proven' AND n.subject_no IS NOT NULL AS lasting
    FROM timeline.support AS u
    JOIN staging.therapies AS t ON t.source_file_no = u.source_file_no AND t.source_row = u.source_row
    SEMI JOIN timeline.agents AS m
        ON m.subject_no = u.subject_no AND m.concept = u.concept AND m.level = 'possible'
        AND m.start_minute <= u.start_minute AND m.end_minute >= u.end_minute
    LEFT JOIN timeline.agents AS n
        ON n.subject_no = u.subject_no AND n.concept = u.concept AND n.level = 'counted'
        AND n.start_minute <= u.start_minute AND n.end_minute >= u.end_minute
    WHERE u.family IN ('vasopressor', 'vasopressin')
)

SELECT
    source_file_no,
    source_row,
    subject_no,
    concept,
    start_minute,
    end_minute,
    counted,
    lasting,
    per_minute,
    per_kg,
    -- ug/min of norepinephrine. Vasopressin is beside the formula, other agents are outside it: what they equal is unknown.
    CASE concept
        WHEN 'norepinephrine' THEN per_minute
        WHEN 'epinephrine' THEN per_minute * getvariable('equivalent_per_epinephrine')
        WHEN 'dopamine' THEN per_kg * getvariable('equivalent_per_dopamine')
        WHEN 'phenylephrine' THEN per_minute * getvariable('equivalent_per_phenylephrine')
        WHEN 'vasopressin' THEN 0
    END::DOUBLE AS equivalent,
    CASE concept
        WHEN 'norepinephrine' THEN per_kg
        WHEN 'epinephrine' THEN per_kg * getvariable('equivalent_per_epinephrine')
        WHEN 'dopamine' THEN per_kg * getvariable('equivalent_per_dopamine') / kg
        WHEN 'phenylephrine' THEN per_kg * getvariable('equivalent_per_phenylephrine')
        WHEN 'vasopressin' THEN 0
    END::DOUBLE AS equivalent_per_kg,
    concept IN ('norepinephrine', 'epinephrine', 'dopamine', 'phenylephrine', 'vasopressin') AS has_equivalent
FROM levelled
ORDER BY subject_no, concept, start_minute, source_file_no, source_row
