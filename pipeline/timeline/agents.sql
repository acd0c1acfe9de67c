-- One row per unbroken run of one vasopressor of a subject, at one level of certainty.
-- Key: subject_no, concept, level, start_minute
-- level: 'proven' (charted), 'counted' (or presumed to run on), 'possible' (or only possible); 'presumed' marks the holds.
-- The same row charted twice is one (UNION): ties would make the order of what follows a matter of chance.
WITH levelled AS (
    SELECT subject_no, concept, 'proven' AS level, start_minute, end_minute, cut_minute
    FROM timeline.support WHERE family <> 'oxygen' AND standing = 'proven'
    UNION
    SELECT subject_no, concept, 'presumed', start_minute, end_minute, cut_minute
    FROM timeline.support WHERE family <> 'oxygen' AND standing = 'presumed'
    UNION
    SELECT subject_no, concept, 'counted', start_minute, end_minute, cut_minute
    FROM timeline.support WHERE family <> 'oxygen' AND standing IN ('proven', 'presumed')
    UNION
    SELECT subject_no, concept, 'possible', start_minute, end_minute, cut_minute
    FROM timeline.support WHERE family <> 'oxygen'
),

-- Overlapping and abutting rows of one drug are one agent.
opened AS (
    SELECT
        *,
        (start_minute > max(end_minute) OVER (
            PARTITION BY subject_no, concept, level ORDER BY start_minute, end_minute
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) IS NOT FALSE AS opens
    FROM levelled
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (
        PARTITION BY subject_no, concept, level ORDER BY start_minute, end_minute
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
    FROM opened
),

merged AS (
    SELECT subject_no, concept, level, min(start_minute) AS start_minute, max(end_minute) AS end_minute,
           min(cut_minute) AS cut_minute
    FROM numbered
    GROUP BY subject_no, concept, level, run
),

-- A run shorter than asked for is not counted, not even where death or the end of follow-up cut it short.
long_enough AS (
    SELECT *
    FROM merged
    WHERE level IN ('counted', 'possible')
      AND end_minute - start_minute >= getvariable('vasopressor_min_minutes')
)

SELECT subject_no, concept, level, start_minute, end_minute, cut_minute
FROM long_enough
UNION ALL
SELECT m.subject_no, m.concept, m.level, m.start_minute, m.end_minute, m.cut_minute
FROM merged AS m
SEMI JOIN long_enough AS l
    ON l.subject_no = m.subject_no AND l.concept = m.concept AND l.level = 'counted'
    AND m.start_minute >= l.start_minute AND m.end_minute <= l.end_minute
WHERE m.level IN ('proven', 'presumed')
ORDER BY subject_no, concept, level, start_minute
