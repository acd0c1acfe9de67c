-- One row per subject with a recorded grade, or with a disagreement: both, as JSON.
-- Key: subject_no
-- A record: system, grade, start, end, recorder, derived grade, file, row. A disagreement: system, why, query for the site.
WITH records AS (
    SELECT
        subject_no,
        list([
            to_json(system), to_json(recorded_grade), to_json(recorded_start), to_json(recorded_end), to_json(recorder),
            to_json(derived_grade), to_json(source_file), to_json(source_row)
        ] ORDER BY recorded_start, source_file, source_row) AS told
    FROM recorded.records
    GROUP BY subject_no
),

disagreements AS (
    SELECT
        s.subject_no,
        list([d.system, d.reason_class, d.query] ORDER BY d.system, d.entry) AS told
    FROM recorded.discrepancies AS d
    JOIN staging.subjects AS s ON s.subject_id = d.subject_id
    GROUP BY s.subject_no
)

SELECT
    coalesce(r.subject_no, d.subject_no) AS subject_no,
    to_json({'records': coalesce(r.told, []), 'disagreements': coalesce(d.told, [])}) AS said
FROM records AS r
FULL JOIN disagreements AS d ON d.subject_no = r.subject_no
ORDER BY subject_no
