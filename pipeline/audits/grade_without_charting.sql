-- Criteria that were met with no charting in force behind them.
-- Law: every grade above 0 leads to the rows that made it.
WITH met AS (
    SELECT g.system, g.subject_id, g.start_minute, g.end_minute, c.criterion, p.concept,
           coalesce(max(h.value), 0) AS bridged_minutes
    FROM grading.grades AS g
    JOIN rules.criteria AS c ON c.system = g.system AND list_contains(g.because, c.criterion)
    JOIN rules.criterion_concepts AS p ON p.system = c.system AND p.criterion = c.criterion
    LEFT JOIN rules.choices AS h ON h.name = p.bridge
    GROUP BY ALL
),

charted AS (
    SELECT s.subject_id, r.concept, r.first_minute AS start_minute, r.end_minute
    FROM timeline.runs AS r
    JOIN staging.subjects AS s ON s.subject_no = r.subject_no
    WHERE r.graded
    UNION ALL
    SELECT s.subject_id, u.concept, u.start_minute, u.end_minute
    FROM timeline.grounds AS u
    JOIN staging.subjects AS s ON s.subject_no = u.subject_no
)

SELECT m.system, m.subject_id, m.start_minute, m.criterion
FROM met AS m
LEFT JOIN charted AS c
    ON c.subject_id = m.subject_id AND c.concept = m.concept
    AND c.start_minute < m.end_minute AND c.end_minute + m.bridged_minutes > m.start_minute
GROUP BY m.system, m.subject_id, m.start_minute, m.criterion
HAVING count(c.concept) = 0
