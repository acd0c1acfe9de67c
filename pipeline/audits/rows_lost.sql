-- Rows that are neither used nor refused, by file.
-- Law: rows in = rows used + rows refused.
SELECT source_file, rows_in, rows_used, rows_refused
FROM staging.load
WHERE rows_in <> rows_used + rows_refused OR rows_blanked > rows_used
