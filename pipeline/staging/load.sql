-- One row per file that was read: rows in, used, refused; blanked rows are among the used, rows passed over not among those in.
-- Key: source_file
-- Rows in are counted in the sources, the others in what became of them: a row lost between the two shows.
WITH given AS (
    SELECT source_file_no, count(*) AS rows_in FROM sources.subjects GROUP BY source_file_no
    UNION ALL
    SELECT source_file_no, count(*) FROM sources.observations GROUP BY source_file_no
    UNION ALL
    SELECT source_file_no, count(*) FROM sources.recorded_grades GROUP BY source_file_no
),

read AS (
    SELECT source_file_no, sum(rows_in) AS rows_in FROM given GROUP BY source_file_no
),

-- A subject that cannot be read stops the run, so every row of a subjects file is used.
judged AS (
    SELECT source_file_no, count(*) AS rows_used, 0 AS rows_refused, 0 AS rows_blanked
    FROM staging.subjects
    GROUP BY source_file_no
    UNION ALL
    SELECT t.source_file_no,
           sum(t.rows_charted) FILTER (f.outcome IS DISTINCT FROM 'refused'),
           sum(t.rows_charted) FILTER (f.outcome = 'refused'),
           sum(t.rows_charted) FILTER (f.outcome = 'blanked')
    FROM staging.tallies AS t
    LEFT JOIN staging.faults AS f ON f.fault_no = t.fault_no
    GROUP BY t.source_file_no
    UNION ALL
    SELECT source_file_no, count(*) FILTER (fault IS NULL), count(*) FILTER (fault IS NOT NULL), 0
    FROM staging.recorded
    GROUP BY source_file_no
),

counted AS (
    SELECT source_file_no, sum(rows_used) AS rows_used, sum(rows_refused) AS rows_refused, sum(rows_blanked) AS rows_blanked
    FROM judged
    GROUP BY source_file_no
)

SELECT
    f.source_file,
    coalesce(r.rows_in, 0)::BIGINT AS rows_in,
    coalesce(c.rows_used, 0)::BIGINT AS rows_used,
    coalesce(c.rows_refused, 0)::BIGINT AS rows_refused,
    coalesce(c.rows_blanked, 0)::BIGINT AS rows_blanked,
    f.rows_passed_over
FROM sources.files AS f
-- A file that is only looked up in has no rows of its own to account for.
LEFT JOIN read AS r ON r.source_file_no = f.source_file_no
LEFT JOIN counted AS c ON c.source_file_no = f.source_file_no
WHERE f.role <> 'looked_up'
ORDER BY f.source_file_no
