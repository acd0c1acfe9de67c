-- One row per system, subject and flag: what a reader of the summary should know about it.
-- Key: system, subject_id, flag
WITH graded AS (
    SELECT * FROM grading.graded
),

pairs AS (
    SELECT y.system, s.subject_no, s.subject_id, s.infusion_minute_of_day
    FROM rules.systems AS y
    CROSS JOIN staging.subjects AS s
),

late_onset AS (
    SELECT DISTINCT e.system, e.subject_id, 'late_onset' AS flag
    FROM episodes.episodes AS e
    WHERE e.onset_day > getvariable('late_onset_d')
),

late_event AS (
    SELECT DISTINCT p.system, p.subject_id, 'late_event' AS flag
    FROM grading.chains AS c
    JOIN pairs AS p ON p.system = c.system AND p.subject_no = c.subject_no
    WHERE c.onset_minute IS NOT NULL AND NOT c.is_crs
),

support_without_fever AS (
    SELECT DISTINCT p.system, p.subject_id, 'support_without_fever' AS flag
    FROM grading.chains AS c
    JOIN pairs AS p ON p.system = c.system AND p.subject_no = c.subject_no
    WHERE c.onset_minute IS NULL
),

-- Whatever the fever before the infusion was put down to, what follows may not be new.
fever_before_infusion AS (
    SELECT DISTINCT p.system, p.subject_id, 'fever_before_infusion' AS flag
    FROM staging.charted AS c
    JOIN staging.spellings AS w ON w.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = w.concept_no AND k.concept = 'temperature'
    JOIN pairs AS p ON p.subject_no = c.subject_no
    WHERE c.fault_no IS NULL AND is_fever(c.value)
      AND c.start_minute < 0 AND c.start_minute >= -minutes_of_hours(getvariable('fever_before_infusion_h'))
),

baseline_support AS (
    SELECT DISTINCT p.system, p.subject_id, 'baseline_support' AS flag
    FROM timeline.support AS c
    JOIN pairs AS p ON p.subject_no = c.subject_no
    WHERE c.standing = 'baseline'
),

vasopressin_only AS (
    SELECT DISTINCT p.system, p.subject_id, 'vasopressin_only' AS flag
    FROM graded AS g
    JOIN timeline.states AS s ON s.subject_no = g.subject_no AND s.start_minute = g.start_minute
    JOIN pairs AS p ON p.system = g.system AND p.subject_no = g.subject_no
    WHERE g.episode IS NOT NULL AND s.vasopressin_alone >= 1
),

waiver_used AS (
    SELECT DISTINCT p.system, p.subject_id, 'waiver_used' AS flag
    FROM graded AS g
    JOIN pairs AS p ON p.system = g.system AND p.subject_no = g.subject_no
    WHERE g.episode IS NOT NULL AND g.is_linked AND NOT g.is_linked_by_fever
),

presumed_hold AS (
    SELECT DISTINCT p.system, p.subject_id, 'presumed_hold' AS flag
    FROM graded AS g
    JOIN timeline.presumed AS h
        ON h.subject_no = g.subject_no AND h.start_minute < g.end_minute AND h.end_minute > g.start_minute
    JOIN pairs AS p ON p.system = g.system AND p.subject_no = g.subject_no
    WHERE g.episode IS NOT NULL
),

short_followup AS (
    SELECT p.system, p.subject_id, 'short_followup' AS flag
    FROM timeline.spans AS s
    JOIN pairs AS p ON p.subject_no = s.subject_no
    WHERE s.last_minute < minutes_of_days(getvariable('observed_window_d'))
)

SELECT system, subject_id, flag FROM late_onset
UNION ALL SELECT system, subject_id, flag FROM late_event
UNION ALL SELECT system, subject_id, flag FROM support_without_fever
UNION ALL SELECT system, subject_id, flag FROM fever_before_infusion
UNION ALL SELECT system, subject_id, flag FROM baseline_support
UNION ALL SELECT system, subject_id, flag FROM vasopressin_only
UNION ALL SELECT system, subject_id, flag FROM waiver_used
UNION ALL SELECT system, subject_id, flag FROM presumed_hold
UNION ALL SELECT system, subject_id, flag FROM short_followup
UNION ALL SELECT system, subject_id, 'single_reading' FROM summaries.single_readings
ORDER BY system, subject_id, flag
