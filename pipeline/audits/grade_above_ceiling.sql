-- Stretches whose grade lies above their ceiling.
-- Law: what is proven cannot be ruled out.
SELECT system, subject_id, start_minute, end_minute, grade, ceiling
FROM grading.grades
WHERE grade > ceiling
