-- One row per system and subject whose highest grade rests on one single reading.
-- Key: system, subject_id
WITH highest AS (
    SELECT system, subject_no, max(grade) AS grade
    FROM grading.graded
    WHERE episode IS NOT NULL
    GROUP BY system, subject_no
),

-- A death adjudicated to CRS is the highest grade, and rests on no reading.
fatal AS (
    SELECT DISTINCT e.system, s.subject_no
    FROM episodes.episodes AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    WHERE e.is_fatal
),

at_highest AS (
    SELECT g.system, g.subject_no, g.start_minute, g.end_minute, g.reason_no, h.grade
    FROM grading.graded AS g
    JOIN highest AS h ON h.system = g.system AND h.subject_no = g.subject_no AND h.grade = g.grade
    ANTI JOIN fatal AS f ON f.system = g.system AND f.subject_no = g.subject_no
    WHERE g.episode IS NOT NULL
),

given AS (
    SELECT DISTINCT system, subject_no, grade, reason_no FROM at_highest
),

-- The criteria of the highest grade that were met then: readings only, and of one vital only?
reasons AS (
    SELECT a.system, a.subject_no, bool_and(c.is_reading) AS only_readings, count(DISTINCT p.concept) AS vitals,
           min(p.concept) AS concept
    FROM given AS a
    JOIN grading.reasons AS r ON r.reason_no = a.reason_no
    JOIN rules.criteria AS c ON c.system = a.system AND c.grade = a.grade AND list_contains(r.because, c.criterion)
    JOIN rules.criterion_concepts AS p ON p.system = c.system AND p.criterion = c.criterion
    GROUP BY a.system, a.subject_no
),

-- A single reading lies in a single run: only where one run alone is in force are its readings counted.
single_runs AS (
    SELECT a.system, a.subject_no, min(n.run) AS run
    FROM at_highest AS a
    JOIN reasons AS w ON w.system = a.system AND w.subject_no = a.subject_no AND w.only_readings AND w.vitals = 1
    JOIN timeline.runs AS n
        ON n.subject_no = a.subject_no AND n.concept = w.concept
        AND n.first_minute < a.end_minute AND n.end_minute > a.start_minute
    GROUP BY a.system, a.subject_no
    HAVING count(DISTINCT n.run) = 1
),

asked AS (
    SELECT a.system, a.subject_no, n.concept_no, a.start_minute, a.end_minute
    FROM at_highest AS a
    JOIN single_runs AS o ON o.system = a.system AND o.subject_no = a.subject_no
    JOIN timeline.runs AS n ON n.run = o.run
),

-- The reading in force when the highest grade begins, and every later one while it lasts.
readings AS (
    SELECT a.system, a.subject_no, r.minute
    FROM asked AS a
    JOIN timeline.readings AS r
        ON r.subject_no = a.subject_no AND r.concept_no = a.concept_no AND r.minute > a.start_minute AND r.minute < a.end_minute
    UNION
    SELECT a.system, a.subject_no, max(r.minute)
    FROM asked AS a
    JOIN timeline.readings AS r
        ON r.subject_no = a.subject_no AND r.concept_no = a.concept_no AND r.minute <= a.start_minute
    GROUP BY a.system, a.subject_no, a.start_minute
)

SELECT r.system, s.subject_id
FROM readings AS r
JOIN staging.subjects AS s ON s.subject_no = r.subject_no
GROUP BY r.system, s.subject_id
HAVING count(DISTINCT r.minute) = 1
ORDER BY r.system, s.subject_id
