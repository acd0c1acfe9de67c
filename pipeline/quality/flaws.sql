-- One row per fault of a charted row: what kind of flaw of the charting it is.
-- Key: fault_no
SELECT
    fault_no,
    outcome,
    CASE
        WHEN fault_no IN (15, 22) THEN 'impossible'
        WHEN fault_no = 2 THEN 'unknown concept'
        -- A temperature with no unit is never guessed; anything else with no unit is taken in its usual one.
        WHEN fault_no IN (13, 14, 20) THEN 'unknown unit'
        ELSE 'other'
    END AS flaw
FROM staging.faults
ORDER BY fault_no
