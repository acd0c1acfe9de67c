-- One row per subject, change of a grade, criterion met at its first minute, and charting behind it.
-- Key: system, subject_no, minute, criterion_no, role, source_file, source_row
-- What `cytograde explain` says of that minute, for all of them at once.
WITH compared AS (
    SELECT *, lag(grade) OVER (PARTITION BY system, subject_id ORDER BY start_minute) IS DISTINCT FROM grade AS changes
    FROM grading.grades
),

changes AS (
    SELECT g.system, g.subject_id, s.subject_no, g.start_minute, g.because
    FROM compared AS g
    JOIN staging.subjects AS s ON s.subject_id = g.subject_id
    WHERE g.changes AND g.grade > 0
),

-- Of each vital the reading in force, the last of its run. That is the one of grading.evidence, looked up by itself:
-- the view lists every reading of a stretch, which are very many where a monitor charts.
asked AS (
    SELECT h.system, h.subject_no, h.start_minute, c.criterion_no, p.concept
    FROM changes AS h
    JOIN rules.criteria AS c ON c.system = h.system AND list_contains(h.because, c.criterion)
    JOIN rules.criterion_concepts AS p ON p.system = c.system AND p.criterion = c.criterion
),

moments AS (
    SELECT DISTINCT a.subject_no, a.concept, n.concept_no, a.start_minute
    FROM asked AS a
    JOIN timeline.runs AS n
        ON n.subject_no = a.subject_no AND n.concept = a.concept AND n.graded
        AND n.first_minute <= a.start_minute AND n.end_minute > a.start_minute
),

in_force AS (
    SELECT m.subject_no, m.concept, m.start_minute, r.minute AS charted_minute, r.source_file_no, r.source_row
    FROM moments AS m
    ASOF JOIN timeline.readings AS r
        ON r.subject_no = m.subject_no AND r.concept_no = m.concept_no AND r.minute <= m.start_minute
),

readings AS (
    SELECT a.system, a.subject_no, a.start_minute, a.criterion_no, 'in force' AS role, a.concept, c.value, i.charted_minute,
           f.source_file, i.source_row
    FROM asked AS a
    JOIN in_force AS i ON i.subject_no = a.subject_no AND i.concept = a.concept AND i.start_minute = a.start_minute
    JOIN staging.charted AS c ON c.source_file_no = i.source_file_no AND c.source_row = i.source_row
    JOIN sources.files AS f ON f.source_file_no = i.source_file_no
),

-- Support, results, boluses, and what stands in for a fever.
found AS (
    SELECT
        e.system, h.subject_no, e.start_minute, c.criterion_no, e.role, e.concept, e.value, e.charted_minute,
        e.source_file, e.source_row,
        coalesce(e.in_force_end > e.start_minute, TRUE) AS in_force
    FROM changes AS h
    JOIN grading.evidence AS e
        ON e.system = h.system AND e.subject_id = h.subject_id AND e.start_minute = h.start_minute
        AND (e.in_force_start IS NOT NULL OR e.role <> 'in force')
    JOIN rules.criteria AS c ON c.system = e.system AND c.criterion = e.criterion
    WHERE e.role <> 'in force' OR e.charted_minute <= e.start_minute
),

-- Of therapies those in force, or, through a short gap, what ran before it; of results the last.
standing AS (
    SELECT
        *,
        bool_or(in_force) OVER criterion AS any_in_force,
        max(charted_minute) OVER (PARTITION BY system, subject_no, start_minute, criterion_no, role, concept) AS latest
    FROM found
    WINDOW criterion AS (PARTITION BY system, subject_no, start_minute, criterion_no, role)
)

SELECT system, subject_no, start_minute AS minute, criterion_no, role, concept, value, charted_minute,
       source_file, source_row
FROM readings
UNION
SELECT d.system, d.subject_no, d.start_minute, d.criterion_no, d.role, d.concept, d.value, d.charted_minute,
       d.source_file, d.source_row
FROM standing AS d
JOIN staging.concepts AS k ON k.concept = d.concept
WHERE d.role <> 'in force'
   OR ((d.in_force OR NOT d.any_in_force) AND (k.kind <> 'reading' OR d.charted_minute = d.latest))
