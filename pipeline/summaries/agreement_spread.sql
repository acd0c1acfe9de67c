-- One row per set of systems and number of steps from the lowest to the highest of a subject's grades under all of them.
-- Key: systems_compared, steps_apart
-- 0 steps: the same grade in every system. A misprinted ladder is nobody's grading, so it is also left out.
WITH compared AS (
    SELECT 'all' AS systems_compared, system FROM rules.systems
    UNION ALL
    SELECT 'without misprints', system FROM rules.systems WHERE misprint = ''
),

spreads AS (
    SELECT c.systems_compared, p.subject_id, max(p.max_grade) - min(p.max_grade) AS steps_apart
    FROM compared AS c
    JOIN summaries.subjects AS p ON p.system = c.system
    WHERE p.status <> 'not_evaluable'
    GROUP BY c.systems_compared, p.subject_id
),

-- Nobody with the same grade in every system is an answer too, and has its row.
steps AS (
    SELECT DISTINCT systems_compared, steps_apart FROM spreads
    UNION
    SELECT DISTINCT systems_compared, 0 FROM compared
),

totals AS (
    SELECT
        c.systems_compared,
        count(DISTINCT c.system) AS systems,
        (SELECT count(*) FROM spreads AS s WHERE s.systems_compared = c.systems_compared) AS n_evaluable
    FROM compared AS c
    GROUP BY c.systems_compared
),

counts AS (
    SELECT e.systems_compared, e.steps_apart, count(s.subject_id) AS subjects
    FROM steps AS e
    LEFT JOIN spreads AS s ON s.systems_compared = e.systems_compared AND s.steps_apart = e.steps_apart
    GROUP BY e.systems_compared, e.steps_apart
)

SELECT
    c.systems_compared,
    c.steps_apart,
    t.systems,
    c.subjects,
    t.n_evaluable,
    pct(c.subjects, t.n_evaluable) AS pct_subjects,
    exact_low(c.subjects, t.n_evaluable) AS pct_subjects_low,
    exact_high(c.subjects, t.n_evaluable) AS pct_subjects_high
FROM counts AS c
JOIN totals AS t ON t.systems_compared = c.systems_compared
ORDER BY c.systems_compared, c.steps_apart
