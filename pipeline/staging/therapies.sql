-- One row per charted therapy that was kept: its exposure, and its amount in the canonical unit where that can be known.
-- Key: source_file_no, source_row
WITH kept AS (
    SELECT c.*, p.concept_no, p.unit_no, p.indication, p.graded, k.concept, k.family, k.oxygen_class, k.waiver, k.worn_at_night, k.unit AS canonical_unit
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.kind = 'therapy'
    LEFT JOIN staging.faults AS f ON f.fault_no = c.fault_no
    WHERE f.outcome IS DISTINCT FROM 'refused'
),

-- The weight of a therapy: the last charted before it, else the first after.
weighed AS (
    SELECT k.*, coalesce(before.kg, after.kg) AS kg
    FROM kept AS k
    ASOF LEFT JOIN staging.weights AS before
        ON before.subject_no = k.subject_no AND before.minute <= k.start_minute
    ASOF LEFT JOIN staging.weights AS after
        ON after.subject_no = k.subject_no AND after.minute > k.start_minute
)

SELECT
    w.source_file_no,
    w.source_row,
    w.subject_no,
    w.concept_no,
    w.concept,
    w.family,
    w.oxygen_class,
    w.waiver,
    w.worn_at_night,
    w.start_minute,
    w.end_minute,
    w.indication,
    w.graded,
    -- A number above 0 is a rate in any unit, convertible or not: the infusion runs.
    coalesce(w.value > 0, FALSE) AS runs,
    CASE
        WHEN w.value = 0 THEN 0
        WHEN w.fault_no IS NOT NULL OR u.amount = 'unknown' THEN NULL
        -- Rounded far below any dose, so that 7 ug/min at 70 kg and 0.1 ug/kg/min compare as equal.
        ELSE round(
            (w.value - u.minus) * u.times / u.divide
            * CASE u.weight WHEN 'divide' THEN 1 / w.kg WHEN 'multiply' THEN w.kg ELSE 1 END, 12)
    END AS amount,
    w.canonical_unit AS unit,
    -- The same rate for the whole patient, ug/min: a rate charted so needs no weight, one per kilogram does.
    CASE
        WHEN w.family NOT IN ('vasopressor', 'inotrope') THEN NULL
        WHEN w.value = 0 THEN 0
        WHEN w.fault_no IS NOT NULL OR u.amount = 'unknown' THEN NULL
        ELSE round((w.value - u.minus) * u.times / u.divide * CASE u.weight WHEN 'divide' THEN 1 ELSE w.kg END, 12)
    END AS amount_per_minute,
    w.kg
FROM weighed AS w
LEFT JOIN staging.units AS u ON u.unit_no = w.unit_no
ORDER BY w.subject_no, w.concept_no, w.start_minute, w.source_file_no, w.source_row
