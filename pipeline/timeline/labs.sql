-- One row per laboratory result of an organ in force after time zero: its grade, where that is above the baseline's.
-- Key: source_file_no, source_row
WITH results AS (
    SELECT
        c.subject_no,
        k.concept,
        c.start_minute AS minute,
        c.value,
        k.unit,
        p.graded,
        s.cut_minute,
        round(c.value / CASE k.concept
            WHEN 'creatinine' THEN getvariable('creatinine_upper_limit')
            WHEN 'ast' THEN getvariable('ast_upper_limit')
            WHEN 'alt' THEN getvariable('alt_upper_limit')
        END, 12) AS times_upper_limit,
        c.source_file_no,
        c.source_row
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.concept IN ('creatinine', 'ast', 'alt')
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL
      AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
),

-- The results of one minute are one: the worst that counts.
one_per_minute AS (
    SELECT *
    FROM results
    QUALIFY row_number() OVER (PARTITION BY subject_no, concept, minute
                               ORDER BY graded DESC, value DESC, source_file_no, source_row) = 1
),

-- The baseline: the last result before time zero, whatever it was put down to.
baselines AS (
    SELECT subject_no, concept, value, organ_grade(concept, times_upper_limit, 1) AS grade
    FROM one_per_minute
    WHERE minute < 0
    QUALIFY row_number() OVER (PARTITION BY subject_no, concept ORDER BY minute DESC) = 1
),

in_force AS (
    SELECT
        *,
        least(
            minute + greatest(1, minutes_of_hours(getvariable('labs_hold_h'))),
            lead(minute) OVER (PARTITION BY subject_no, concept ORDER BY minute),
            cut_minute) AS end_minute
    FROM one_per_minute
    WHERE minute >= 0
),

-- A result charted without a baseline has none to be above; its multiple of the baseline is unknown.
compared AS (
    SELECT
        f.*,
        coalesce(b.grade, 0) AS baseline_grade,
        organ_grade(f.concept, f.times_upper_limit, round(f.value / nullif(b.value, 0), 12)) AS own_grade,
        organ_grade_at_most(f.concept, f.times_upper_limit, round(f.value / nullif(b.value, 0), 12)) AS own_grade_at_most
    FROM in_force AS f
    LEFT JOIN baselines AS b ON b.subject_no = f.subject_no AND b.concept = f.concept
)

SELECT
    source_file_no,
    source_row,
    subject_no,
    concept,
    minute AS start_minute,
    end_minute,
    value,
    unit,
    -- A result put down to another cause is known, and no organ grade.
    CASE WHEN graded AND own_grade > baseline_grade THEN own_grade ELSE 0 END AS organ_grade,
    CASE
        WHEN NOT graded THEN 0
        WHEN getvariable('uncharted_labs_lift_ceiling') = 1 AND own_grade_at_most > baseline_grade THEN own_grade_at_most
        WHEN own_grade > baseline_grade THEN own_grade
        ELSE 0
    END AS organ_grade_at_most
FROM compared
ORDER BY subject_no, concept, minute
