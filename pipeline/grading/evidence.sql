-- One row per criterion met and charting behind it: what was in force, and what links support to a fever.
-- Key: system, subject_id, start_minute, criterion, role, source_file, source_row
-- Kept as a view
WITH met AS (
    SELECT g.system, g.subject_id, s.subject_no, g.start_minute, g.end_minute,
           c.criterion, c.grade, c.needs_link, g.because
    FROM grading.grades AS g
    JOIN staging.subjects AS s ON s.subject_id = g.subject_id
    JOIN rules.criteria AS c ON c.system = g.system AND list_contains(g.because, c.criterion)
),

-- The chartings a criterion can rest on: those of the concepts behind its words.
asked AS (
    SELECT m.system, m.subject_id, m.subject_no, m.start_minute, m.end_minute, m.criterion, m.grade, p.concept,
           p.bridged_minutes, p.amount_above
    FROM met AS m
    JOIN grading.footings AS p ON p.system = m.system AND p.criterion = m.criterion
),

-- Readings: the one in force when the stretch begins, and every later one in it, on the side of the limit that counts.
readings AS (
    SELECT a.*, r.minute AS charted_minute, r.source_file_no, r.source_row
    FROM asked AS a
    JOIN timeline.runs AS n
        ON n.subject_no = a.subject_no AND n.concept = a.concept AND n.graded
        AND n.first_minute < a.end_minute AND n.end_minute > a.start_minute
    JOIN timeline.readings AS r
        ON r.subject_no = n.subject_no AND r.concept_no = n.concept_no AND r.band = n.band
        AND r.minute BETWEEN n.first_minute AND n.last_minute AND r.minute < a.end_minute
    QUALIFY r.minute >= max(r.minute) FILTER (r.minute <= greatest(a.start_minute, n.first_minute)) OVER (
        PARTITION BY a.system, a.subject_id, a.start_minute, a.criterion, n.run)
),

readings_charted AS (
    SELECT r.system, r.subject_id, r.start_minute, r.end_minute, r.grade, r.criterion, 'in force' AS role, k.concept,
           c.value, k.unit, r.charted_minute, NULL::INTEGER AS in_force_start, NULL::INTEGER AS in_force_end,
           r.source_file_no, r.source_row
    FROM readings AS r
    JOIN staging.charted AS c ON c.source_file_no = r.source_file_no AND c.source_row = r.source_row
    JOIN staging.spellings AS w ON w.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = w.concept_no
),

-- Support, laboratory results and boluses: those that count in the stretch, or in the short gap before it that is bridged.
grounds_charted AS (
    SELECT a.system, a.subject_id, a.start_minute, a.end_minute, a.grade, a.criterion, 'in force' AS role, a.concept,
           u.amount AS value, u.unit, u.charted_minute, u.start_minute AS in_force_start, u.end_minute AS in_force_end,
           u.source_file_no, u.source_row
    FROM asked AS a
    JOIN timeline.grounds AS u
        ON u.subject_no = a.subject_no AND u.concept = a.concept
        AND u.start_minute < a.end_minute AND u.end_minute + a.bridged_minutes > a.start_minute
        AND (a.amount_above IS NULL OR u.amount > a.amount_above)
),

-- While no fever is in force: what links the support to one.
afebrile AS (
    SELECT m.*
    FROM met AS m
    ANTI JOIN rules.criteria AS c ON c.system = m.system AND c.is_fever AND list_contains(m.because, c.criterion)
    WHERE m.needs_link
),

links AS (
    SELECT a.system, a.subject_id, a.start_minute, a.end_minute, a.grade, a.criterion,
           CASE
               WHEN l.kind = 'waiver' THEN 'waiver'
               WHEN a.start_minute < l.minute + minutes_of_hours((SELECT value FROM rules.choices WHERE name = 'fever_window_h'))
                   THEN 'fever within window'
               ELSE 'linked'
           END AS role,
           k.concept, CASE WHEN l.kind = 'waiver' THEN t.amount ELSE c.value END AS value, k.unit,
           l.minute AS charted_minute, NULL AS in_force_start, NULL AS in_force_end,
           l.source_file_no, l.source_row
    FROM afebrile AS a
    JOIN grading.links AS l
        ON l.system = a.system AND l.subject_no = a.subject_no
        AND l.start_minute <= a.start_minute AND l.end_minute >= a.end_minute
    JOIN staging.charted AS c ON c.source_file_no = l.source_file_no AND c.source_row = l.source_row
    JOIN staging.spellings AS w ON w.spelling_no = c.spelling_no
    JOIN staging.concepts AS k ON k.concept_no = w.concept_no
    LEFT JOIN staging.therapies AS t ON t.source_file_no = l.source_file_no AND t.source_row = l.source_row
),

deaths AS (
    SELECT y.system, s.subject_id, s.death_minute AS start_minute, s.death_minute AS end_minute, 5 AS grade,
           'death' AS criterion, 'death' AS role, 'death' AS concept, NULL::DOUBLE AS value, NULL::VARCHAR AS unit,
           s.death_minute AS charted_minute, NULL AS in_force_start, NULL AS in_force_end,
           s.source_file_no, s.source_row
    FROM staging.subjects AS s
    CROSS JOIN rules.systems AS y
    WHERE s.death_cause = 'crs'
)

SELECT e.system, e.subject_id, e.start_minute, e.end_minute, e.grade, e.criterion, e.role, e.concept, e.value, e.unit,
       e.charted_minute, f.source_file, e.source_row, e.in_force_start, e.in_force_end
FROM (
    SELECT * FROM readings_charted
    UNION ALL SELECT * FROM grounds_charted
    UNION ALL SELECT * FROM links
    UNION ALL SELECT * FROM deaths
) AS e
JOIN sources.files AS f ON f.source_file_no = e.source_file_no
