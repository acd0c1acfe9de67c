-- One row per subject with a grade: the chartings that decide, and at each change of a grade what rests on which, as JSON.
-- Key: subject_no
-- `rows`: concept, value, minute, file, row. `changes`, by system: minute, criteria with the places of their rows, what
-- stands in for a fever with the places of its rows, criteria that cannot be ruled out, what is not known.
WITH deciding AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY subject_no ORDER BY charted_minute, source_file, source_row, concept) - 1 AS place
    FROM deciding
),

rows_told AS (
    SELECT
        subject_no,
        list([to_json(concept), to_json(value), to_json(charted_minute), to_json(source_file), to_json(source_row)]
             ORDER BY place) AS told
    FROM (SELECT DISTINCT subject_no, place, concept, value, charted_minute, source_file, source_row FROM deciding)
    GROUP BY subject_no
),

of_criteria AS (
    SELECT system, subject_no, minute, criterion_no, list(DISTINCT place ORDER BY place) AS places
    FROM deciding
    WHERE role = 'in force'
    GROUP BY system, subject_no, minute, criterion_no
),

of_roles AS (
    SELECT system, subject_no, minute, role, list(DISTINCT place ORDER BY place) AS places
    FROM deciding
    WHERE role <> 'in force'
    GROUP BY system, subject_no, minute, role
),

compared AS (
    SELECT
        g.*, s.subject_no,
        lag(g.grade) OVER (PARTITION BY g.system, g.subject_id ORDER BY g.start_minute) IS DISTINCT FROM g.grade AS changes
    FROM grading.grades AS g
    JOIN staging.subjects AS s ON s.subject_id = g.subject_id
),

changed AS (
    SELECT system, subject_no, start_minute AS minute, grade, ceiling, because FROM compared WHERE changes
),

met AS (
    SELECT
        c.system, c.subject_no, c.minute,
        list([to_json(r.criterion_no), to_json(coalesce(p.places, []))] ORDER BY r.grade DESC, r.criterion_no) AS told
    FROM changed AS c
    JOIN rules.criteria AS r ON r.system = c.system AND list_contains(c.because, r.criterion)
    LEFT JOIN of_criteria AS p
        ON p.system = c.system AND p.subject_no = c.subject_no AND p.minute = c.minute AND p.criterion_no = r.criterion_no
    GROUP BY c.system, c.subject_no, c.minute
),

linked AS (
    SELECT system, subject_no, minute, list([to_json(role), to_json(places)] ORDER BY role) AS told
    FROM of_roles
    GROUP BY system, subject_no, minute
),

possible AS (
    SELECT c.system, c.subject_no, c.minute, list(r.criterion_no ORDER BY r.criterion_no) AS told
    FROM changed AS c
    JOIN grading.situated AS g
        ON g.subject_no = c.subject_no AND g.start_minute <= c.minute AND g.end_minute > c.minute
    JOIN grading.findings AS f ON f.situation = g.situation AND f.system = c.system
    JOIN rules.criteria AS r ON r.system = f.system AND r.criterion_no = f.criterion_no
    WHERE r.grade > c.grade AND r.grade <= c.ceiling
    GROUP BY c.system, c.subject_no, c.minute
),

unknown AS (
    SELECT
        c.system, c.subject_no, c.minute,
        list_filter([CASE WHEN NOT v.temperature_known THEN 'temperature' END,
                     CASE WHEN NOT v.pressure_known THEN 'systolic pressure' END], lambda name: name IS NOT NULL) AS told
    FROM changed AS c
    JOIN grading.graded AS v ON v.system = c.system AND v.subject_no = c.subject_no AND v.start_minute = c.minute
),

by_system AS (
    SELECT
        c.system, c.subject_no,
        list([
            to_json(c.minute), to_json(coalesce(m.told, [])), to_json(coalesce(l.told, [])),
            to_json(coalesce(p.told, [])), to_json(coalesce(u.told, []))
        ] ORDER BY c.minute) AS told
    FROM changed AS c
    LEFT JOIN met AS m ON m.system = c.system AND m.subject_no = c.subject_no AND m.minute = c.minute
    LEFT JOIN linked AS l ON l.system = c.system AND l.subject_no = c.subject_no AND l.minute = c.minute
    LEFT JOIN possible AS p ON p.system = c.system AND p.subject_no = c.subject_no AND p.minute = c.minute
    LEFT JOIN unknown AS u ON u.system = c.system AND u.subject_no = c.subject_no AND u.minute = c.minute
    GROUP BY c.system, c.subject_no
)

SELECT
    b.subject_no,
    to_json({
        'rows': coalesce(any_value(r.told), []),
        'changes': map_from_entries(list((b.system, b.told) ORDER BY b.system))
    }) AS said
FROM by_system AS b
LEFT JOIN rows_told AS r ON r.subject_no = b.subject_no
GROUP BY b.subject_no
ORDER BY b.subject_no
