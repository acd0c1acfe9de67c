-- Runs of readings that overlap the next run of the same vital, or end before they begin.
-- Law: readings are compressed in their order; the windows that do it rely on how timeline.readings is stored.
WITH neighbours AS (
    SELECT *, lead(first_minute) OVER (PARTITION BY concept, subject_no ORDER BY first_minute) AS next_minute
    FROM timeline.runs
)

SELECT concept, subject_no, first_minute, last_minute, end_minute, next_minute
FROM neighbours
WHERE last_minute < first_minute OR end_minute <= last_minute OR next_minute <= last_minute OR end_minute > next_minute
UNION ALL
-- Every reading is in a run: no reading was lost on the way.
SELECT r.concept, r.subject_no, NULL, NULL, sum(r.readings)::INTEGER, NULL
FROM timeline.runs AS r
GROUP BY r.concept, r.subject_no
HAVING sum(r.readings) <> (
    SELECT count(DISTINCT d.minute) FROM timeline.readings AS d
    WHERE d.concept = r.concept AND d.subject_no = r.subject_no)
