-- One row per subject and vital with a reading: minutes, values, and what is not graded, as JSON.
-- Key: subject_no, concept
-- A dense series is thinned: of every so many minutes the lowest and the highest reading stay, of graded ones and of those put
-- down to each other cause. `n` is how many there were.
WITH spelled AS (
    SELECT p.spelling_no, k.concept, p.graded, p.indication
    FROM staging.spellings AS p
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no
    WHERE k.concept IN ('temperature', 'systolic_bp', 'spo2')
),

charted AS (
    SELECT c.subject_no, p.concept, p.graded, p.indication, c.start_minute AS minute,
           -- Whole thousandths: three digits tell 100.35 degF from a fever.
           round(c.value * 1000)::BIGINT AS thousandths, c.source_file_no, c.source_row
    FROM staging.charted AS c
    JOIN spelled AS p ON p.spelling_no = c.spelling_no
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    LEFT JOIN staging.faults AS f ON f.fault_no = c.fault_no
    WHERE f.outcome IS DISTINCT FROM 'refused'
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

-- Value and minute in one number, the value in front: the least holds the first of the lowest readings.
windowed AS (
    SELECT
        c.subject_no, c.concept, c.graded, c.indication,
        min(c.thousandths * $room + c.minute + $before) AS lowest,
        min(-c.thousandths * $room + c.minute + $before) AS highest
    FROM charted AS c
    JOIN measured AS m ON m.subject_no = c.subject_no AND m.concept = c.concept AND m.every IS NOT NULL
    GROUP BY c.subject_no, c.concept, c.graded, c.indication, c.minute // m.every
),

-- The lowest may be the highest.
extremes AS (
    SELECT subject_no, concept, graded, indication, lowest & ($room - 1) AS moment, lowest >> $bits AS thousandths FROM windowed
    UNION
    SELECT subject_no, concept, graded, indication, highest & ($room - 1), -(highest >> $bits) FROM windowed
),

kept AS (
    SELECT c.subject_no, c.concept, c.graded, c.indication, c.minute, c.thousandths, c.source_file_no, c.source_row
    FROM charted AS c
    JOIN measured AS m ON m.subject_no = c.subject_no AND m.concept = c.concept AND m.every IS NULL
    UNION ALL
    SELECT subject_no, concept, graded, indication, moment - $before, thousandths, NULL, NULL FROM extremes
),

placed AS (
    SELECT
        k.*, m.n, m.every,
        row_number() OVER (
            PARTITION BY k.subject_no, k.concept
            ORDER BY k.minute, k.source_file_no, k.source_row, k.thousandths, k.indication) - 1 AS place
    FROM kept AS k
    JOIN measured AS m ON m.subject_no = k.subject_no AND m.concept = k.concept
)

SELECT
    subject_no,
    concept,
    to_json({
        'n': any_value(n),
        'every': any_value(every),
        'minutes': list(minute ORDER BY place),
        'values': list(thousandths / 1000.0 ORDER BY place),
        'other': list([place::VARCHAR, coalesce(indication, '')] ORDER BY place) FILTER (NOT graded)
    }) AS said
FROM placed
GROUP BY subject_no, concept
ORDER BY subject_no, concept
