-- One row per stretch of time in which the same organ grades stand, with those that are possible.
-- Key: subject_no, start_minute
WITH edges AS (
    SELECT subject_no, start_minute AS minute FROM timeline.labs
    UNION
    SELECT subject_no, end_minute FROM timeline.labs
    UNION
    SELECT subject_no, start_minute FROM timeline.organ_windows
    UNION
    SELECT subject_no, end_minute FROM timeline.organ_windows
),

tiles AS (
    SELECT subject_no, minute AS start_minute, lead(minute) OVER (PARTITION BY subject_no ORDER BY minute) AS end_minute
    FROM edges
    -- A patient in whom no result can count has none to look at.
    WHERE getvariable('uncharted_labs_lift_ceiling') = 1
       OR subject_no IN (SELECT subject_no FROM timeline.labs WHERE organ_grade > 0)
),

creatinine AS (
    SELECT * FROM timeline.labs WHERE concept = 'creatinine'
),

ast AS (
    SELECT * FROM timeline.labs WHERE concept = 'ast'
),

alt AS (
    SELECT * FROM timeline.labs WHERE concept = 'alt'
),

proven AS (
    SELECT * FROM timeline.organ_windows WHERE kind = 'proven'
),

possible AS (
    SELECT * FROM timeline.organ_windows WHERE kind = 'possible'
),

joined AS (
    SELECT
        x.subject_no,
        x.start_minute,
        x.end_minute,
        coalesce(x.start_minute < w.end_minute, FALSE) AS in_window,
        coalesce(x.start_minute < q.end_minute, FALSE) AS in_window_possible,
        CASE WHEN x.start_minute < c.end_minute THEN c.organ_grade END AS creatinine,
        CASE WHEN x.start_minute < c.end_minute THEN c.organ_grade_at_most END AS creatinine_possible,
        CASE WHEN x.start_minute < a.end_minute THEN a.organ_grade END AS ast,
        CASE WHEN x.start_minute < a.end_minute THEN a.organ_grade_at_most END AS ast_possible,
        CASE WHEN x.start_minute < l.end_minute THEN l.organ_grade END AS alt,
        CASE WHEN x.start_minute < l.end_minute THEN l.organ_grade_at_most END AS alt_possible,
        -- What a result that nobody charted may be.
        CASE WHEN getvariable('uncharted_labs_lift_ceiling') = 1 THEN organ_grade_at_most('creatinine', NULL, NULL) ELSE 0 END
            AS creatinine_uncharted,
        CASE WHEN getvariable('uncharted_labs_lift_ceiling') = 1 THEN organ_grade_at_most('ast', NULL, NULL) ELSE 0 END
            AS transaminases_uncharted
    FROM tiles AS x
    ASOF LEFT JOIN creatinine AS c ON c.subject_no = x.subject_no AND c.start_minute <= x.start_minute
    ASOF LEFT JOIN ast AS a ON a.subject_no = x.subject_no AND a.start_minute <= x.start_minute
    ASOF LEFT JOIN alt AS l ON l.subject_no = x.subject_no AND l.start_minute <= x.start_minute
    ASOF LEFT JOIN proven AS w ON w.subject_no = x.subject_no AND w.start_minute <= x.start_minute
    ASOF LEFT JOIN possible AS q ON q.subject_no = x.subject_no AND q.start_minute <= x.start_minute
    WHERE x.end_minute IS NOT NULL
)

SELECT
    subject_no,
    start_minute,
    end_minute,
    CASE WHEN in_window THEN coalesce(creatinine, 0) ELSE 0 END AS creatinine_grade,
    coalesce(creatinine_possible, creatinine_uncharted) AS creatinine_grade_at_most,
    CASE WHEN in_window THEN greatest(coalesce(ast, 0), coalesce(alt, 0)) ELSE 0 END AS transaminases_grade,
    greatest(coalesce(ast_possible, transaminases_uncharted), coalesce(alt_possible, transaminases_uncharted))
        AS transaminases_grade_at_most
FROM joined
WHERE in_window_possible
ORDER BY subject_no, start_minute
