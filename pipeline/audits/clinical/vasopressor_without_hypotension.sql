-- Vasopressors with no low systolic pressure charted during them or shortly before.
-- Why: the pressure was not charted, or the vasopressor was given for something else, such as sedation.
-- Vasopressors that follow one another without a gap are one course: under the first the pressure is no longer low.
WITH opened AS (
    SELECT *, (start_minute > max(end_minute) OVER (
        PARTITION BY subject_no ORDER BY start_minute, end_minute, concept
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) IS NOT FALSE AS opens
    FROM timeline.agents
    WHERE level = 'counted'
),

numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (PARTITION BY subject_no ORDER BY start_minute, end_minute, concept
                                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS course
    FROM opened
),

courses AS (
    SELECT subject_no, min(start_minute) AS start_minute, max(end_minute) AS end_minute,
           string_agg(DISTINCT replace(concept, '_', ' '), ', ' ORDER BY replace(concept, '_', ' ')) AS drugs
    FROM numbered
    GROUP BY subject_no, course
)

SELECT NULL AS system, s.subject_id, c.start_minute AS minute,
       -- As a decimal: of a double, which half is rounded up depends on its last bit.
       format('{}, {} h', c.drugs, round(((c.end_minute - c.start_minute) / 60)::DECIMAL(18, 6), 1)) AS value
FROM courses AS c
JOIN staging.subjects AS s ON s.subject_no = c.subject_no
ANTI JOIN timeline.runs AS p
    ON p.subject_no = c.subject_no AND p.concept = 'systolic_bp' AND p.graded AND p.value < s.systolic_bp_limit
    AND p.first_minute < c.end_minute
    AND p.end_minute > c.start_minute - minutes_of_hours(getvariable('hypotension_near_vasopressor_h'))
ORDER BY s.subject_id, c.start_minute
