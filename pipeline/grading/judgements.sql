-- One row per system and situation: grade, ceiling and criteria, with its support linked to a fever and without.
-- Key: system, situation
WITH found AS (
    SELECT f.system, f.situation, f.met, c.criterion_no, c.criterion, c.grade, c.needs_link, c.is_fever
    FROM grading.findings AS f
    JOIN rules.criteria AS c ON c.system = f.system AND c.criterion_no = f.criterion_no
),

judged AS (
    SELECT
        y.system,
        s.situation,
        -- The one place where nothing met becomes a number: grade 0.
        coalesce(max(f.grade) FILTER (f.met AND NOT f.needs_link), 0) AS grade_unlinked,
        coalesce(max(f.grade) FILTER (f.met), 0) AS grade_linked,
        coalesce(max(f.grade) FILTER (NOT f.needs_link), 0) AS ceiling_unlinked,
        coalesce(max(f.grade), 0) AS ceiling_linked,
        coalesce(list(f.criterion ORDER BY f.criterion_no) FILTER (f.met AND NOT f.needs_link), []) AS because_unlinked,
        coalesce(list(f.criterion ORDER BY f.criterion_no) FILTER (f.met), []) AS because_linked,
        coalesce(bool_or(f.met AND f.needs_link), FALSE) AS has_support,
        coalesce(bool_or(f.needs_link), FALSE) AS may_have_support,
        coalesce(bool_or(f.met AND f.is_fever), FALSE) AS has_fever
    FROM rules.systems AS y
    CROSS JOIN grading.situations AS s
    LEFT JOIN found AS f ON f.system = y.system AND f.situation = s.situation
    GROUP BY y.system, s.situation
)

SELECT
    j.* EXCLUDE (because_unlinked, because_linked),
    u.reason_no AS reason_unlinked,
    l.reason_no AS reason_linked
FROM judged AS j
JOIN grading.reasons AS u ON u.system = j.system AND u.because = j.because_unlinked
JOIN grading.reasons AS l ON l.system = j.system AND l.because = j.because_linked
ORDER BY j.system, j.situation
