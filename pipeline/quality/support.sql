-- One row per site (and all together) and device or infusion: chartings, those with no flow, those with no charted stop.
-- Key: stratum, level, concept
-- Counted at any time before death or the end of follow-up; room air and a rate or flow of 0 are nothing themselves.
WITH judged AS (
    SELECT
        c.subject_no,
        c.concept,
        c.family,
        -- The flow decides the grade of a cannula and of oxygen with no named device, and the fraction given by a mask.
        c.oxygen_class IN ('nasal', 'high_flow', 'mask', 'unspecified') AS needs_flow,
        needs_flow AND c.amount IS NULL AS is_without_flow,
        -- Presumed to go on for the whole hold. What is cut off by death or the end of follow-up has its stop.
        c.presumed AND (c.cut_minute IS NULL OR c.end_minute < c.cut_minute) AS is_without_stop
    FROM timeline.chartings AS c
),

counted AS (
    SELECT
        l.stratum,
        l.level,
        j.concept,
        j.family,
        bool_or(j.needs_flow) AS needs_flow,
        count(*) AS rows_used,
        count(DISTINCT j.subject_no) AS patients,
        count(*) FILTER (j.is_without_flow) AS without_flow,
        count(DISTINCT j.subject_no) FILTER (j.is_without_flow) AS subjects_without_flow,
        count(*) FILTER (j.is_without_stop) AS without_stop,
        count(DISTINCT j.subject_no) FILTER (j.is_without_stop) AS subjects_without_stop
    FROM judged AS j
    JOIN quality.levels AS l ON l.subject_no = j.subject_no
    GROUP BY l.stratum, l.level, j.concept, j.family
)

SELECT
    c.stratum,
    c.level,
    c.concept,
    c.family,
    c.rows_used,
    c.patients,
    CASE WHEN c.needs_flow THEN c.without_flow END AS rows_without_flow,
    CASE WHEN c.needs_flow THEN c.subjects_without_flow END AS patients_without_flow,
    CASE WHEN c.needs_flow THEN pct(c.without_flow, c.rows_used) END AS pct_without_flow,
    c.without_stop AS rows_without_stop,
    c.subjects_without_stop AS patients_without_stop,
    pct(c.without_stop, c.rows_used) AS pct_without_stop
FROM counted AS c
JOIN staging.concepts AS k ON k.concept = c.concept
ORDER BY c.stratum, c.level, k.concept_no
