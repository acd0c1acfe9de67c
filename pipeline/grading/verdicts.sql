-- One row per system and state of a subject: the verdict, and what the support in it is linked to.
-- Key: system, subject_no, start_minute
-- Joined before the systems are: what follows has a row for each of them.
WITH looked_at AS MATERIALIZED (
    SELECT
        s.subject_no,
        s.start_minute,
        s.end_minute,
        g.situation,
        s.temperature IS NOT NULL AS temperature_known,
        s.systolic_bp IS NOT NULL AS pressure_known,
        s.fever_or_substitute,
        is_fever(s.temperature) OR s.fever_within_window AS fever_or_recent
    FROM grading.situated AS g
    JOIN timeline.states AS s ON s.subject_no = g.subject_no AND s.start_minute = g.start_minute
),

judged AS (
    SELECT
        j.system,
        y.linking AS links,
        j.situation,
        j.has_support,
        j.may_have_support,
        s.subject_no,
        s.start_minute,
        s.end_minute,
        s.temperature_known,
        s.pressure_known,
        s.fever_or_substitute,
        s.fever_or_recent
    FROM looked_at AS s
    JOIN grading.judgements AS j ON j.situation = s.situation
    JOIN rules.systems AS y ON y.system = j.system
),

-- The last state without support ended what was unbroken before it; only a fever since then links the support that goes on.
seen AS (
    SELECT
        *,
        coalesce(max(start_minute) FILTER (NOT has_support) OVER so_far, -1) AS last_without,
        coalesce(max(start_minute) FILTER (NOT may_have_support) OVER so_far, -1) AS last_surely_without,
        max(start_minute) FILTER (has_support AND fever_or_substitute IS TRUE) OVER so_far AS last_fever_or_substitute,
        max(start_minute) FILTER (has_support AND fever_or_recent IS TRUE) OVER so_far AS last_fever,
        max(start_minute) FILTER (may_have_support AND fever_or_substitute IS NOT FALSE) OVER so_far AS last_possible_fever
    FROM judged
    -- Where nothing is linked, nothing need be looked for.
    WHERE links
    WINDOW so_far AS (PARTITION BY system, subject_no ORDER BY start_minute ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),

-- Support counts from the first minute at which a fever or its substitute holds, and then until it stops.
-- It may count, for the ceiling, from the first minute at which a fever cannot be ruled out.
linked AS (
    SELECT
        system, subject_no, start_minute, end_minute, situation, temperature_known, pressure_known,
        (last_fever_or_substitute > last_without) IS TRUE AS is_linked,
        (last_fever > last_without) IS TRUE AS is_linked_by_fever,
        (last_possible_fever > last_surely_without) IS TRUE AS may_be_linked
    FROM seen
    UNION ALL
    SELECT
        system, subject_no, start_minute, end_minute, situation, temperature_known, pressure_known,
        FALSE, FALSE, FALSE
    FROM judged
    WHERE NOT links
)

SELECT
    l.system,
    l.subject_no,
    l.start_minute,
    l.end_minute,
    CASE WHEN l.is_linked THEN j.grade_linked ELSE j.grade_unlinked END::TINYINT AS grade,
    CASE WHEN l.may_be_linked THEN j.ceiling_linked ELSE j.ceiling_unlinked END::TINYINT AS ceiling,
    CASE WHEN l.is_linked THEN j.reason_linked ELSE j.reason_unlinked END AS reason_no,
    j.has_fever,
    l.is_linked,
    l.is_linked_by_fever,
    l.temperature_known,
    l.pressure_known
FROM linked AS l
JOIN grading.judgements AS j ON j.system = l.system AND j.situation = l.situation
ORDER BY l.system, l.subject_no, l.start_minute
