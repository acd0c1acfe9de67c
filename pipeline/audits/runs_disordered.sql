-- Runs of readings that overlap the next run of the same vital, or end before they begin.
-- Law: readings are compressed in their order; the windows that do it rely on how timeline.readings is stored.
WITH in_order AS (
    SELECT
        concept_no, subject_no, minute,
        (lag(concept_no) OVER () = concept_no AND lag(subject_no) OVER () = subject_no) IS TRUE AS follows,
        minute - lag(minute) OVER () AS minutes_since
    FROM timeline.readings
),

-- Where the readings of a vital of a subject stand together and in order, the minutes that differ are counted.
stored AS (
    SELECT concept_no, subject_no,
           count(*) FILTER (NOT follows) = 1 AND count(*) FILTER (follows AND minutes_since < 0) = 0 AS is_ordered,
           count(*) FILTER (NOT follows OR minutes_since > 0) AS minutes
    FROM in_order
    GROUP BY concept_no, subject_no
),

compressed AS (
    SELECT concept_no, concept, subject_no, sum(readings)::INTEGER AS readings
    FROM timeline.runs
    GROUP BY concept_no, concept, subject_no
),

neighbours AS (
    SELECT *, lead(first_minute) OVER (PARTITION BY concept, subject_no ORDER BY first_minute) AS next_minute
    FROM timeline.runs
)

SELECT concept, subject_no, first_minute, last_minute, end_minute, next_minute
FROM neighbours
WHERE last_minute < first_minute OR end_minute <= last_minute OR next_minute <= last_minute OR end_minute > next_minute
UNION ALL
-- Every minute with a reading is in a run: no reading was lost on the way.
SELECT c.concept, s.subject_no, NULL, NULL, c.readings, NULL
FROM stored AS s
LEFT JOIN compressed AS c ON c.concept_no = s.concept_no AND c.subject_no = s.subject_no
WHERE NOT s.is_ordered OR c.readings IS DISTINCT FROM s.minutes
