-- One row per system, criterion and concept that it can rest on: one behind its words.
-- Key: system, criterion, concept
SELECT
    p.system, p.criterion, p.concept,
    -- How long a word outlasts its chartings: a course of vasopressors goes on through a short gap.
    coalesce(max(h.value), 0)::INTEGER AS bridged_minutes,
    -- The amount above which a charting can have met it; empty where one of its words asks for no amount of the charting.
    CASE WHEN count(p.amount_above) = count(*) THEN min(p.amount_above) END AS amount_above
FROM rules.criterion_concepts AS p
LEFT JOIN rules.choices AS h ON h.name = p.bridge
GROUP BY p.system, p.criterion, p.concept
ORDER BY p.system, p.criterion, p.concept
