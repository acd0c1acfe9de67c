-- One row per stretch of time in which the same doses are sustained, each given as the highest limit that it reaches.
-- Key: subject_no, start_minute
WITH edges AS (
    SELECT subject_no, start_minute AS minute FROM timeline.held_doses
    UNION
    SELECT subject_no, end_minute FROM timeline.held_doses
),

steps AS (
    SELECT subject_no, minute, row_number() OVER subject AS step, lead(minute) OVER subject AS end_minute
    FROM edges
    WINDOW subject AS (PARTITION BY subject_no ORDER BY minute)
),

held AS (
    SELECT d.*, unnest(range(first.step, after.step)) AS step
    FROM timeline.held_doses AS d
    JOIN steps AS first ON first.subject_no = d.subject_no AND first.minute = d.start_minute
    JOIN steps AS after ON after.subject_no = d.subject_no AND after.minute = d.end_minute
)

SELECT
    h.subject_no,
    s.minute AS start_minute,
    s.end_minute,
    coalesce(max(dose_limit) FILTER (word = 'norepinephrine_sustained' AND kind = 'proven'), 0) AS norepinephrine_sustained,
    coalesce(max(dose_limit) FILTER (word = 'norepinephrine_sustained' AND kind = 'possible'), 0) AS norepinephrine_sustained_at_most,
    coalesce(max(dose_limit) FILTER (word = 'norepinephrine_sustained_per_kg' AND kind = 'proven'), 0) AS norepinephrine_sustained_per_kg,
    coalesce(max(dose_limit) FILTER (word = 'norepinephrine_sustained_per_kg' AND kind = 'possible'), 0) AS norepinephrine_sustained_per_kg_at_most,
    coalesce(max(dose_limit) FILTER (word = 'epinephrine_sustained' AND kind = 'proven'), 0) AS epinephrine_sustained,
    coalesce(max(dose_limit) FILTER (word = 'epinephrine_sustained' AND kind = 'possible'), 0) AS epinephrine_sustained_at_most,
    coalesce(max(dose_limit) FILTER (word = 'epinephrine_sustained_per_kg' AND kind = 'proven'), 0) AS epinephrine_sustained_per_kg,
    coalesce(max(dose_limit) FILTER (word = 'epinephrine_sustained_per_kg' AND kind = 'possible'), 0) AS epinephrine_sustained_per_kg_at_most,
    coalesce(max(dose_limit) FILTER (word = 'dopamine_sustained_per_kg' AND kind = 'proven'), 0) AS dopamine_sustained_per_kg,
    coalesce(max(dose_limit) FILTER (word = 'dopamine_sustained_per_kg' AND kind = 'possible'), 0) AS dopamine_sustained_per_kg_at_most,
    coalesce(max(dose_limit) FILTER (word = 'phenylephrine_sustained' AND kind = 'proven'), 0) AS phenylephrine_sustained,
    coalesce(max(dose_limit) FILTER (word = 'phenylephrine_sustained' AND kind = 'possible'), 0) AS phenylephrine_sustained_at_most,
    coalesce(max(dose_limit) FILTER (word = 'equivalent_with_vasopressin_sustained' AND kind = 'proven'), 0) AS equivalent_with_vasopressin_sustained,
    coalesce(max(dose_limit) FILTER (word = 'equivalent_with_vasopressin_sustained' AND kind = 'possible'), 0) AS equivalent_with_vasopressin_sustained_at_most,
    coalesce(max(dose_limit) FILTER (word = 'equivalent_with_vasopressin_sustained_per_kg' AND kind = 'proven'), 0) AS equivalent_with_vasopressin_sustained_per_kg,
    coalesce(max(dose_limit) FILTER (word = 'equivalent_with_vasopressin_sustained_per_kg' AND kind = 'possible'), 0) AS equivalent_with_vasopressin_sustained_per_kg_at_most,
    coalesce(max(dose_limit) FILTER (word = 'equivalent_combined_sustained' AND kind = 'proven'), 0) AS equivalent_combined_sustained,
    coalesce(max(dose_limit) FILTER (word = 'equivalent_combined_sustained' AND kind = 'possible'), 0) AS equivalent_combined_sustained_at_most
FROM held AS h
JOIN steps AS s ON s.subject_no = h.subject_no AND s.step = h.step
GROUP BY h.subject_no, s.minute, s.end_minute
ORDER BY h.subject_no, s.minute
