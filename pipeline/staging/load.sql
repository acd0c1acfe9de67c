-- One row per file that was read: rows in, used, refused; blanked rows are among the used.
-- Key: source_file
WITH charted AS (
    SELECT c.source_file_no,
           count(*) AS rows_in,
           count(*) FILTER (f.outcome = 'refused') AS rows_refused,
           count(*) FILTER (f.outcome = 'blanked') AS rows_blanked
    FROM staging.charted AS c
    LEFT JOIN staging.faults AS f ON f.fault_no = c.fault_no
    GROUP BY c.source_file_no
),

recorded AS (
    SELECT source_file_no, count(*) AS rows_in, count(*) FILTER (fault IS NOT NULL) AS rows_refused, 0 AS rows_blanked
    FROM staging.recorded
    GROUP BY source_file_no
),

-- A subject that cannot be read stops the run, so every row of a subjects file is used.
subjects AS (
    SELECT source_file_no, count(*) AS rows_in, 0 AS rows_refused, 0 AS rows_blanked
    FROM staging.subjects
    GROUP BY source_file_no
)

SELECT
    f.source_file,
    coalesce(sum(r.rows_in), 0)::BIGINT AS rows_in,
    coalesce(sum(r.rows_in - r.rows_refused), 0)::BIGINT AS rows_used,
    coalesce(sum(r.rows_refused), 0)::BIGINT AS rows_refused,
    coalesce(sum(r.rows_blanked), 0)::BIGINT AS rows_blanked
FROM sources.files AS f
LEFT JOIN (SELECT * FROM charted UNION ALL SELECT * FROM recorded UNION ALL SELECT * FROM subjects) AS r
    ON r.source_file_no = f.source_file_no
GROUP BY f.source_file_no, f.source_file
ORDER BY f.source_file_no
