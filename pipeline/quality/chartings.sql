-- One row per site (and all together) and concept: how much was charted at any time, how often, and what is wrong with it.
-- Key: stratum, level, concept
-- Rows are counted at any time; intervals, duplicates and conflicts as quality.intervals and quality.repeats say.
WITH counted AS (
    SELECT
        l.stratum,
        l.level,
        p.concept_no,
        coalesce(sum(t.rows_charted) FILTER (f.outcome IS DISTINCT FROM 'refused'), 0)::BIGINT AS rows_used,
        count(DISTINCT t.subject_no) FILTER (f.outcome IS DISTINCT FROM 'refused') AS patients,
        coalesce(sum(t.rows_charted) FILTER (f.flaw = 'impossible'), 0)::BIGINT AS rows_impossible,
        coalesce(sum(t.rows_charted) FILTER (f.outcome = 'refused' AND f.flaw <> 'impossible'), 0)::BIGINT
            AS rows_refused_otherwise
    FROM staging.tallies AS t
    JOIN quality.levels AS l ON l.subject_no IS NOT DISTINCT FROM t.subject_no
    JOIN staging.spellings AS p ON p.spelling_no = t.spelling_no AND p.concept_no IS NOT NULL
    LEFT JOIN quality.flaws AS f ON f.fault_no = t.fault_no
    GROUP BY l.stratum, l.level, p.concept_no
),

apart AS (
    SELECT l.stratum, l.level, i.concept_no, i.interval_minutes, sum(i.intervals) AS intervals
    FROM quality.intervals AS i
    JOIN quality.levels AS l ON l.subject_no = i.subject_no
    GROUP BY l.stratum, l.level, i.concept_no, i.interval_minutes
),

ranked AS (
    SELECT
        *,
        sum(intervals) OVER (PARTITION BY stratum, level, concept_no ORDER BY interval_minutes) AS up_to,
        sum(intervals) OVER (PARTITION BY stratum, level, concept_no) AS total
    FROM apart
),

-- The shortest that at least half, and at least 95 of 100, of the intervals do not exceed.
spread AS (
    SELECT
        stratum,
        level,
        concept_no,
        min(interval_minutes) FILTER (2 * up_to >= total) AS interval_median,
        min(interval_minutes) FILTER (100 * up_to >= 95 * total) AS interval_p95,
        max(interval_minutes) AS interval_longest
    FROM ranked
    GROUP BY stratum, level, concept_no
),

-- Of equal rows one is right and the others are duplicates; of different values of one minute none is known to be right.
repeated AS (
    SELECT
        l.stratum,
        l.level,
        r.concept_no,
        sum(r.rows_used - r.distinct_values)::BIGINT AS rows_duplicate,
        count(*) FILTER (r.distinct_values > 1) AS minutes_in_conflict
    FROM quality.repeats AS r
    JOIN quality.levels AS l ON l.subject_no = r.subject_no
    GROUP BY l.stratum, l.level, r.concept_no
)

SELECT
    c.stratum,
    c.level,
    k.concept,
    k.family,
    c.rows_used,
    c.patients,
    s.interval_median,
    s.interval_p95,
    s.interval_longest,
    c.rows_impossible,
    c.rows_refused_otherwise,
    coalesce(r.rows_duplicate, 0) AS rows_duplicate,
    coalesce(r.minutes_in_conflict, 0) AS minutes_in_conflict
FROM counted AS c
JOIN staging.concepts AS k ON k.concept_no = c.concept_no
LEFT JOIN spread AS s ON s.stratum = c.stratum AND s.level = c.level AND s.concept_no = c.concept_no
LEFT JOIN repeated AS r ON r.stratum = c.stratum AND r.level = c.level AND r.concept_no = c.concept_no
ORDER BY c.stratum, c.level, c.concept_no
