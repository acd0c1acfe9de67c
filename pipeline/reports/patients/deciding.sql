-- One row per subject and change of a grade: the criteria met at its first minute, with the chartings behind them.
-- Key: system, subject_no, minute, criterion_no, role, source_file, source_row
-- What `cytograde explain` says of that minute, for all of them at once.
WITH compared AS (
    SELECT *, lag(grade) OVER (PARTITION BY system, subject_id ORDER BY start_minute) IS DISTINCT FROM grade AS changes
    FROM grading.grades
),

changes AS (
    SELECT system, subject_id, start_minute FROM compared WHERE changes AND grade > 0
),

found AS (
    SELECT
        e.system, e.subject_id, e.start_minute, c.criterion_no, e.role, e.concept, e.value, e.charted_minute,
        e.source_file, e.source_row, k.kind,
        coalesce(e.in_force_end > e.start_minute, TRUE) AS in_force
    FROM changes AS h
    JOIN grading.evidence AS e
        ON e.system = h.system AND e.subject_id = h.subject_id AND e.start_minute = h.start_minute
    JOIN rules.criteria AS c ON c.system = e.system AND c.criterion = e.criterion
    JOIN staging.concepts AS k ON k.concept = e.concept
    WHERE e.role <> 'in force' OR e.charted_minute <= e.start_minute
),

-- Of each vital the reading in force; of therapies those in force, or, through a short gap, what ran before it.
standing AS (
    SELECT
        *,
        bool_or(in_force) OVER criterion AS any_in_force,
        max(charted_minute) OVER (PARTITION BY system, subject_id, start_minute, criterion_no, role, concept) AS latest
    FROM found
    WINDOW criterion AS (PARTITION BY system, subject_id, start_minute, criterion_no, role)
)

SELECT DISTINCT
    d.system, s.subject_no, d.start_minute AS minute, d.criterion_no, d.role,
    d.concept, round(d.value, 5) AS value, d.charted_minute, d.source_file, d.source_row
FROM standing AS d
JOIN staging.subjects AS s ON s.subject_id = d.subject_id
WHERE d.role <> 'in force'
   OR ((d.in_force OR NOT d.any_in_force) AND (d.kind <> 'reading' OR d.charted_minute = d.latest))
