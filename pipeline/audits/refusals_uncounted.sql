-- Files whose refused rows are not all listed with a reason.
-- Law: every refused row has a reason.
SELECT l.source_file, l.rows_refused, l.rows_blanked, count(r.reason) AS rows_listed
FROM staging.load AS l
LEFT JOIN staging.refusals AS r ON r.source_file = l.source_file
GROUP BY l.source_file, l.rows_refused, l.rows_blanked
HAVING count(r.reason) <> l.rows_refused + l.rows_blanked
