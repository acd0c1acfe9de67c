-- One row per system and subject with a grade: its stretches, parted also where vitals become known or unknown, as JSON.
-- Key: system, subject_no
-- An entry: start, grade, ceiling, number of the reason, episode, 1 where neither temperature nor pressure is known.
-- A stretch ends where the next begins; the last ends at `end`.
WITH compared AS (
    SELECT
        *,
        NOT temperature_known AND NOT pressure_known AS is_unknown,
        lag((grade, ceiling, reason_no, episode, is_unknown)) OVER (PARTITION BY system, subject_no ORDER BY start_minute)
            IS NOT DISTINCT FROM (grade, ceiling, reason_no, episode, is_unknown) AS goes_on
    FROM grading.graded
)

SELECT
    system,
    subject_no,
    to_json({
        'end': max(end_minute),
        'stretches': list([start_minute, grade, ceiling, reason_no, episode, is_unknown::INTEGER] ORDER BY start_minute)
            FILTER (NOT goes_on)
    }) AS said
FROM compared
GROUP BY system, subject_no
ORDER BY subject_no, system
