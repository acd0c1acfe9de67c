-- One row per system, subject and measure: how many episodes a patient had.
-- Key: system, measure, subject_no
WITH counted AS (
    SELECT p.system, s.subject_no, p.episodes
    FROM summaries.subjects AS p
    JOIN staging.subjects AS s ON s.subject_id = p.subject_id
    WHERE p.episodes >= 1
),

measured AS (
    SELECT system, 'episodes' AS measure, subject_no, episodes AS value FROM counted
    UNION ALL
    SELECT system, 'episodes_' || CASE WHEN episodes >= 3 THEN '3_or_more' ELSE episodes::VARCHAR END, subject_no, NULL FROM counted
    UNION ALL
    SELECT system, 'more_than_one_episode', subject_no, NULL FROM counted WHERE episodes > 1
)

SELECT system, measure, subject_no, value::DOUBLE AS value
FROM measured
ORDER BY system, measure, subject_no
