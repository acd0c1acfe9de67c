-- Subjects whose highest grade is not the highest of their graded stretches, death aside.
-- Law: the highest grade with an episode equals max_grade.
WITH stretches AS (
    SELECT system, subject_id, max(grade) AS max_grade
    FROM grading.grades
    WHERE episode IS NOT NULL
    GROUP BY system, subject_id
)

SELECT b.system, b.subject_id, b.max_grade, t.max_grade AS max_of_stretches
FROM summaries.subjects AS b
LEFT JOIN stretches AS t ON t.system = b.system AND t.subject_id = b.subject_id
WHERE b.max_grade IS DISTINCT FROM 5
  AND coalesce(b.max_grade, 0) <> coalesce(t.max_grade, 0)
