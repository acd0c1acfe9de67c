-- One row per table: its title, what it estimates, its footnotes and the choices it depends on.
-- Key: table_id
SELECT
    t.table_no::INTEGER AS table_no,
    t.table_id,
    in_terms(t.title, z.is_stand_in) AS title,
    in_terms(t.estimand, z.is_stand_in) AS estimand,
    in_terms(t.notes, z.is_stand_in) AS notes,
    string_split(coalesce(t.choices, ''), ' ') AS choices
FROM rules.tables AS t
CROSS JOIN sources.time_zero AS z
ORDER BY t.table_no
