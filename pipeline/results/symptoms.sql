-- One row per system, subject and measure: fever, hypotension and hypoxia in episodes, when first and for how many hours.
-- Key: system, measure, subject_no
-- Fever: a temperature in force that is one. Hypotension: a low pressure in force, or a vasopressor or vasopressin.
-- Hypoxia: any new oxygen. Hours are those in force, all episodes together.
WITH states AS (
    SELECT subject_no, start_minute, end_minute,
           is_fever(temperature) AS fever,
           systolic_bp < systolic_bp_limit OR vasopressors_and_vasopressin >= 1 AS hypotension,
           oxygen_device >= 1 AS hypoxia
    FROM timeline.states
),

in_episodes AS (
    SELECT g.system, s.*
    FROM states AS s
    JOIN grading.graded AS g ON g.subject_no = s.subject_no AND g.start_minute = s.start_minute AND g.episode IS NOT NULL
    WHERE s.fever OR s.hypotension OR s.hypoxia
),

shown AS (
    SELECT system, subject_no, 'fever' AS symptom, start_minute, end_minute FROM in_episodes WHERE fever
    UNION ALL
    SELECT system, subject_no, 'hypotension', start_minute, end_minute FROM in_episodes WHERE hypotension
    UNION ALL
    SELECT system, subject_no, 'hypoxia', start_minute, end_minute FROM in_episodes WHERE hypoxia
),

summed AS (
    SELECT system, subject_no, symptom, min(start_minute) AS start_minute, sum(end_minute - start_minute) AS minutes
    FROM shown
    GROUP BY system, subject_no, symptom
),

measured AS (
    SELECT system, symptom AS measure, subject_no, NULL AS value FROM summed
    UNION ALL
    SELECT system, symptom || '_days', subject_no, days_of(start_minute) FROM summed
    UNION ALL
    SELECT system, symptom || '_hours', subject_no, hours_of(minutes) FROM summed
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
