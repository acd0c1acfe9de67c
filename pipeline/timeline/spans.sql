-- One row per subject: the minute before which everything happens that can be graded.
-- Key: subject_no
WITH vitals AS (
    SELECT subject_no, max(end_minute) AS end_minute
    FROM timeline.runs
    GROUP BY subject_no
),

held AS (
    SELECT subject_no, max(end_minute) AS end_minute
    FROM timeline.chartings
    GROUP BY subject_no
),

-- Everything else occupies its minute, or runs to the end that was charted.
other AS (
    SELECT c.subject_no, max(greatest(c.start_minute + 1, c.end_minute)) AS end_minute
    FROM staging.charted AS c
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    LEFT JOIN staging.faults AS f ON f.fault_no = c.fault_no
    WHERE f.outcome IS DISTINCT FROM 'refused'
      -- Only asked where nothing closes the record.
      AND s.cut_minute IS NULL
    GROUP BY c.subject_no
)

SELECT
    s.subject_no,
    coalesce(s.cut_minute, greatest(0, v.end_minute, h.end_minute, o.end_minute))::INTEGER AS last_minute,
    s.cut_minute IS NOT NULL AS is_closed
FROM staging.subjects AS s
LEFT JOIN vitals AS v ON v.subject_no = s.subject_no
LEFT JOIN held AS h ON h.subject_no = s.subject_no
LEFT JOIN other AS o ON o.subject_no = s.subject_no
ORDER BY s.subject_no
