-- One row per charted row that was refused, or kept with its amount blanked, and why.
-- Key: source_file, source_row
WITH faulty AS (
    SELECT c.source_file_no, c.source_row, c.spelling_no, f.outcome, f.reason
    FROM staging.charted AS c
    JOIN staging.faults AS f ON f.fault_no = c.fault_no
),

-- What was written, as it was written: read again from the source for these few rows only.
written AS (
    SELECT
        f.*,
        o.subject_id,
        o.concept,
        coalesce(o.value_text, o.value::VARCHAR) AS value,
        o.unit,
        o.set_aside,
        k.concept AS known_concept,
        k.low,
        k.high,
        k.unit AS canonical_unit
    FROM faulty AS f
    JOIN sources.observations AS o ON o.source_file_no = f.source_file_no AND o.source_row = f.source_row
    LEFT JOIN staging.spellings AS p ON p.spelling_no = f.spelling_no
    LEFT JOIN staging.concepts AS k ON k.concept_no = p.concept_no
),

charted AS (
    SELECT
        source_file_no,
        source_row,
        subject_id,
        concept,
        value,
        unit,
        outcome,
        replace(replace(replace(replace(replace(reason,
            '{set_aside}', coalesce(set_aside, '')),
            '{concept}', coalesce(known_concept, '')),
            '{low}', coalesce(printf('%g', low::DOUBLE), 'any')),
            '{high}', coalesce(printf('%g', high::DOUBLE), 'any')),
            '{unit}', coalesce(canonical_unit, '')) AS reason
    FROM written
),

-- Recorded grades are checked by the source that reads them.
recorded AS (
    SELECT source_file_no, source_row, subject_id, 'recorded_grade' AS concept, grade_text AS value, system AS unit,
           'refused' AS outcome, fault AS reason
    FROM staging.recorded
    WHERE fault IS NOT NULL
)

SELECT f.source_file, r.source_row, r.subject_id, r.concept, r.value, r.unit, r.outcome, r.reason
FROM (SELECT * FROM charted UNION ALL SELECT * FROM recorded) AS r
JOIN sources.files AS f ON f.source_file_no = r.source_file_no
ORDER BY r.source_file_no, r.source_row
