-- One row per system, highest grade recorded and highest grade derived: how many subjects.
-- Key: system, recorded, derived
-- What was not recorded, or not graded, or not evaluable stands beside the grades and is never dropped.
SELECT system, recorded, derived, count(*) AS subjects
FROM recorded.subjects
GROUP BY system, recorded, derived
ORDER BY system, recorded, derived
