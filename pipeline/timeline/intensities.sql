-- One row per stretch of time and dose that a rule may name: how much is proven to be given, and how much is possible.
-- Key: subject_no, word, start_minute
WITH edges AS (
    SELECT subject_no, start_minute AS minute FROM timeline.doses
    UNION
    SELECT subject_no, end_minute FROM timeline.doses
),

steps AS (
    SELECT subject_no, minute, row_number() OVER subject AS step, lead(minute) OVER subject AS end_minute
    FROM edges
    WINDOW subject AS (PARTITION BY subject_no ORDER BY minute)
),

-- Each dose stands in every step from its start to its end.
in_force AS (
    SELECT d.*, unnest(range(first.step, after.step)) AS step
    FROM timeline.doses AS d
    JOIN steps AS first ON first.subject_no = d.subject_no AND first.minute = d.start_minute
    JOIN steps AS after ON after.subject_no = d.subject_no AND after.minute = d.end_minute
),

-- Overlapping rows of one drug are one agent, at the highest of their doses; an unknown dose may be any.
agents AS (
    SELECT
        subject_no,
        step,
        concept,
        bool_or(lasting) AS lasting,
        bool_and(has_equivalent) AS has_equivalent,
        coalesce(max(per_minute) FILTER (counted), 0) AS per_minute,
        max(coalesce(per_minute, 'infinity'::DOUBLE)) AS per_minute_possible,
        coalesce(max(per_kg) FILTER (counted), 0) AS per_kg,
        max(coalesce(per_kg, 'infinity'::DOUBLE)) AS per_kg_possible,
        coalesce(max(equivalent) FILTER (lasting), 0) AS equivalent,
        max(coalesce(equivalent, 'infinity'::DOUBLE)) AS equivalent_possible,
        coalesce(max(equivalent_per_kg) FILTER (lasting), 0) AS equivalent_per_kg,
        max(coalesce(equivalent_per_kg, 'infinity'::DOUBLE)) AS equivalent_per_kg_possible
    FROM in_force
    GROUP BY subject_no, step, concept
),

mixtures AS (
    SELECT
        subject_no,
        step,
        bool_or(concept = 'vasopressin' AND lasting) AS with_vasopressin,
        bool_or(concept = 'vasopressin') AS with_vasopressin_possible,
        count(*) FILTER (concept <> 'vasopressin' AND lasting) >= 2 AS combined,
        -- An agent outside the formula may equal any dose, alone or beside others.
        count(*) FILTER (concept <> 'vasopressin') >= 2 OR NOT bool_and(has_equivalent) AS combined_possible,
        round(sum(equivalent), 12) AS equivalent,
        round(sum(equivalent_possible), 12) AS equivalent_possible,
        round(sum(equivalent_per_kg), 12) AS equivalent_per_kg,
        round(sum(equivalent_per_kg_possible), 12) AS equivalent_per_kg_possible
    FROM agents
    GROUP BY subject_no, step
),

given AS (
    SELECT subject_no, step, concept || '_sustained' AS word, per_minute AS at_least, per_minute_possible AS at_most
    FROM agents WHERE concept IN ('norepinephrine', 'epinephrine', 'phenylephrine')
    UNION ALL
    SELECT subject_no, step, concept || '_sustained_per_kg', per_kg, per_kg_possible
    FROM agents WHERE concept IN ('norepinephrine', 'epinephrine', 'dopamine')
    UNION ALL
    SELECT subject_no, step, 'equivalent_with_vasopressin_sustained',
           CASE WHEN with_vasopressin THEN equivalent ELSE 0 END,
           CASE WHEN with_vasopressin_possible THEN equivalent_possible ELSE 0 END
    FROM mixtures
    UNION ALL
    SELECT subject_no, step, 'equivalent_with_vasopressin_sustained_per_kg',
           CASE WHEN with_vasopressin THEN equivalent_per_kg ELSE 0 END,
           CASE WHEN with_vasopressin_possible THEN equivalent_per_kg_possible ELSE 0 END
    FROM mixtures
    UNION ALL
    SELECT subject_no, step, 'equivalent_combined_sustained',
           CASE WHEN combined THEN equivalent ELSE 0 END,
           CASE WHEN combined_possible THEN equivalent_possible ELSE 0 END
    FROM mixtures
)

SELECT g.subject_no, g.word, s.minute AS start_minute, s.end_minute, g.at_least, g.at_most
FROM given AS g
JOIN steps AS s ON s.subject_no = g.subject_no AND s.step = g.step
WHERE g.at_most > 0
ORDER BY g.subject_no, g.word, s.minute
