-- One row per quantity and spelling of a unit: how to get from it to the canonical unit.
-- Key: quantity, spelling
SELECT unit_no, quantity, unit, unnest(string_split(spellings, '|')) AS spelling, minus, times, divide, weight, amount
FROM staging.units
ORDER BY unit_no, spelling
