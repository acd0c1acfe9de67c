-- One row per system and set of criteria that are met together, so that a verdict can name the set by one number.
-- Key: reason_no
WITH found AS (
    SELECT f.system, f.situation, c.criterion_no, c.criterion, c.needs_link
    FROM grading.findings AS f
    JOIN rules.criteria AS c ON c.system = f.system AND c.criterion_no = f.criterion_no
    WHERE f.met
),

sets AS (
    SELECT system, list(criterion ORDER BY criterion_no) AS because FROM found GROUP BY system, situation
    UNION
    SELECT system, list(criterion ORDER BY criterion_no) FROM found WHERE NOT needs_link GROUP BY system, situation
    UNION
    SELECT system, [] FROM rules.systems
)

SELECT row_number() OVER (ORDER BY system, because)::INTEGER AS reason_no, system, because
FROM sets
ORDER BY reason_no
