-- One row per system, column of the tables and measure that somebody has: patients, and the values they have in order.
-- Key: system, column_no, measure
SELECT
    f.system, m.column_no, f.measure,
    count(*) AS n,
    -- In order, so that sums of them do not depend on how the work was shared out.
    list(f.value ORDER BY f.value) FILTER (f.value IS NOT NULL) AS measured
FROM results.facts AS f
JOIN results.members AS m ON m.subject_no = f.subject_no
GROUP BY f.system, m.column_no, f.measure
ORDER BY f.system, m.column_no, f.measure
