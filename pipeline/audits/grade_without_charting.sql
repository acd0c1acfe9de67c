-- Criteria that were met with no charting in force behind them.
-- Law: every grade above 0 leads to the rows that made it.
WITH met AS (
    SELECT g.system, s.subject_no, g.start_minute, g.end_minute, unnest(g.because) AS criterion
    FROM grading.grades AS g
    JOIN staging.subjects AS s ON s.subject_id = g.subject_id
),

charted AS (
    SELECT r.subject_no, r.concept, r.first_minute AS start_minute, r.end_minute
    FROM timeline.runs AS r
    WHERE r.graded
    UNION ALL
    SELECT u.subject_no, u.concept, u.start_minute, u.end_minute
    FROM timeline.grounds AS u
),

-- Of all that began before the stretch ends, the latest end.
reaching AS (
    SELECT subject_no, concept, start_minute, max(end_minute) OVER (
        PARTITION BY subject_no, concept ORDER BY start_minute
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS end_minute
    FROM charted
),

-- Most patients have no charting at all of most concepts: those are left out before anything is looked up in time.
charted_at_all AS (
    SELECT DISTINCT subject_no, concept FROM charted
),

backed AS (
    SELECT m.system, m.subject_no, m.start_minute, m.criterion
    FROM met AS m
    JOIN grading.footings AS a ON a.system = m.system AND a.criterion = m.criterion
    JOIN charted_at_all AS h ON h.subject_no = m.subject_no AND h.concept = a.concept
    ASOF JOIN reaching AS c ON c.subject_no = m.subject_no AND c.concept = a.concept AND c.start_minute < m.end_minute
    WHERE c.end_minute + a.bridged_minutes > m.start_minute
)

SELECT m.system, s.subject_id, m.start_minute, m.criterion
FROM met AS m
JOIN staging.subjects AS s ON s.subject_no = m.subject_no
ANTI JOIN backed AS b
    ON b.system = m.system AND b.subject_no = m.subject_no AND b.start_minute = m.start_minute AND b.criterion = m.criterion
