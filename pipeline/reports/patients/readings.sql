-- One row per subject and vital with a reading: minutes, values, and what is not graded, as JSON.
-- Key: subject_no, concept
-- A dense series is thinned: of every so many minutes the lowest and the highest reading stay. `n` is how many there were.
WITH charted AS (
    SELECT c.subject_no, k.concept, c.start_minute AS minute, c.value, p.graded, p.indication, c.source_file_no, c.source_row
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    LEFT JOIN staging.faults AS f ON f.fault_no = c.fault_no
    WHERE k.concept IN ('temperature', 'systolic_bp', 'spo2')
      AND f.outcome IS DISTINCT FROM 'refused'
      AND c.start_minute >= -$before
      AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
),

measured AS (
    SELECT
        subject_no, concept, count(*) AS n,
        CASE WHEN count(*) > $dense THEN ceil((max(minute) - min(minute) + 1) * 2.0 / $dense)::INTEGER END AS every
    FROM charted
    GROUP BY subject_no, concept
),

ranked AS (
    SELECT
        c.*, m.n, m.every,
        row_number() OVER (windowed ORDER BY c.value, c.minute, c.source_file_no, c.source_row) AS from_lowest,
        row_number() OVER (windowed ORDER BY c.value DESC, c.minute, c.source_file_no, c.source_row) AS from_highest
    FROM charted AS c
    JOIN measured AS m ON m.subject_no = c.subject_no AND m.concept = c.concept
    WINDOW windowed AS (PARTITION BY c.subject_no, c.concept, coalesce(c.minute // m.every, c.minute))
),

kept AS (
    SELECT *, row_number() OVER (PARTITION BY subject_no, concept ORDER BY minute, source_file_no, source_row) - 1 AS place
    FROM ranked
    WHERE every IS NULL OR from_lowest = 1 OR from_highest = 1 OR NOT graded
)

SELECT
    subject_no,
    concept,
    to_json({
        'n': any_value(n),
        'every': any_value(every),
        'minutes': list(minute ORDER BY place),
        -- Three digits tell 100.35 degF from a fever.
        'values': list(round(value, 3) ORDER BY place),
        'other': list([place::VARCHAR, coalesce(indication, '')] ORDER BY place) FILTER (NOT graded)
    }) AS said
FROM kept
GROUP BY subject_no, concept
ORDER BY subject_no, concept
