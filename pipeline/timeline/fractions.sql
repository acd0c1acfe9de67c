-- One row per stretch of time in which a charted fraction of oxygen stands for a device in force.
-- Key: device_file_no, device_row, start_minute
WITH readings AS (
    SELECT c.subject_no, c.start_minute AS minute, c.value, p.graded, c.source_file_no, c.source_row
    FROM staging.charted AS c
    JOIN staging.spellings AS p ON p.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no AND k.concept = 'fio2'
    JOIN staging.subjects AS s ON s.subject_no = c.subject_no
    WHERE c.fault_no IS NULL
      AND c.start_minute >= 0
      AND (s.cut_minute IS NULL OR c.start_minute < s.cut_minute)
),

-- The readings of one minute are one: the highest that counts.
one_per_minute AS (
    SELECT *
    FROM readings
    QUALIFY row_number() OVER (PARTITION BY subject_no, minute
                               ORDER BY graded DESC, value DESC, source_file_no, source_row) = 1
),

followed AS (
    SELECT *, lead(minute) OVER (PARTITION BY subject_no ORDER BY minute) AS next_minute
    FROM one_per_minute
)

-- A fraction belongs to the oxygen in force when it was read, and goes with it; the next reading ends it,
-- one put down to another cause too, which itself says nothing. With no oxygen in force it belongs to none.
SELECT
    f.subject_no,
    f.minute AS start_minute,
    least(d.end_minute, f.next_minute) AS end_minute,
    f.value AS fraction,
    d.source_file_no AS device_file_no,
    d.source_row AS device_row,
    f.source_file_no,
    f.source_row
FROM followed AS f
JOIN timeline.support AS d
    ON d.subject_no = f.subject_no AND d.family = 'oxygen'
    AND d.start_minute <= f.minute AND d.end_minute > f.minute
WHERE f.graded
ORDER BY f.subject_no, f.minute, d.source_file_no, d.source_row
