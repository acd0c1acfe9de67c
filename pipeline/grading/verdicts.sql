-- One row per system and state of a subject: the verdict, and what the support in it is linked to.
-- Key: system, subject_no, start_minute
WITH judged AS (
    SELECT
        j.* EXCLUDE (situation),
        s.subject_no,
        s.start_minute,
        s.end_minute,
        s.temperature IS NOT NULL AS temperature_known,
        s.systolic_bp IS NOT NULL AS pressure_known,
        s.fever_or_substitute,
        is_fever(s.temperature) OR s.fever_within_window AS fever_or_recent
    FROM grading.situated AS g
    JOIN timeline.states AS s ON s.subject_no = g.subject_no AND s.start_minute = g.start_minute
    JOIN grading.judgements AS j ON j.situation = g.situation
),

-- A stretch of support is unbroken: every state without it begins a new count.
stretched AS (
    SELECT
        *,
        sum((NOT has_support)::INTEGER) OVER so_far AS support_stretch,
        sum((NOT may_have_support)::INTEGER) OVER so_far AS possible_stretch
    FROM judged
    WINDOW so_far AS (PARTITION BY system, subject_no ORDER BY start_minute ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),

-- Support counts from the first minute at which a fever or its substitute holds, and then until it stops.
-- It may count, for the ceiling, from the first minute at which a fever cannot be ruled out.
linked AS (
    SELECT
        *,
        has_support AND bool_or(has_support AND fever_or_substitute IS TRUE) OVER support AS is_linked,
        has_support AND bool_or(has_support AND fever_or_recent IS TRUE) OVER support AS is_linked_by_fever,
        may_have_support AND bool_or(may_have_support AND fever_or_substitute IS NOT FALSE) OVER possible AS may_be_linked
    FROM stretched
    WINDOW support AS (PARTITION BY system, subject_no, support_stretch ORDER BY start_minute
                       ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
           possible AS (PARTITION BY system, subject_no, possible_stretch ORDER BY start_minute
                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)

SELECT
    system,
    subject_no,
    start_minute,
    end_minute,
    CASE WHEN is_linked THEN grade_linked ELSE grade_unlinked END::TINYINT AS grade,
    CASE WHEN may_be_linked THEN ceiling_linked ELSE ceiling_unlinked END::TINYINT AS ceiling,
    CASE WHEN is_linked THEN because_linked ELSE because_unlinked END AS because,
    has_fever,
    is_linked,
    is_linked_by_fever,
    temperature_known,
    pressure_known
FROM linked
ORDER BY system, subject_no, start_minute
