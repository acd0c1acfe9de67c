-- One row per disagreement and charting that decides the derived grade: what was in force when the highest grade began.
-- Key: system, subject_id, entry, source_file, source_row, criterion
-- The rows that grading.evidence gives for that minute, sought for these few subjects alone.
WITH asked AS (
    SELECT d.system, d.subject_id, d.subject_no, d.entry, d.first_max_minute AS minute, c.criterion, p.concept, k.concept_no,
           p.bridged_minutes, p.amount_above
    FROM recorded.disagreements AS d
    JOIN grading.graded AS g
        ON g.system = d.system AND g.subject_no = d.subject_no
        AND g.start_minute <= d.first_max_minute AND g.end_minute > d.first_max_minute
    JOIN grading.reasons AS w ON w.reason_no = g.reason_no
    JOIN rules.criteria AS c ON c.system = d.system AND c.grade = d.derived_grade AND list_contains(w.because, c.criterion)
    JOIN grading.footings AS p ON p.system = c.system AND p.criterion = c.criterion
    JOIN staging.concepts AS k ON k.concept = p.concept
),

-- The reading in force: the last of its run up to that minute.
readings AS (
    SELECT a.*, r.minute AS charted_minute, r.source_file_no, r.source_row
    FROM asked AS a
    JOIN timeline.runs AS n
        ON n.subject_no = a.subject_no AND n.concept_no = a.concept_no AND n.graded
        AND n.first_minute <= a.minute AND n.end_minute > a.minute
    JOIN timeline.readings AS r
        ON r.subject_no = n.subject_no AND r.concept_no = n.concept_no AND r.band = n.band
        AND r.minute >= n.first_minute AND r.minute <= least(a.minute, n.last_minute)
    QUALIFY r.minute = max(r.minute) OVER (PARTITION BY a.system, a.subject_no, a.entry, a.criterion, a.concept_no)
),

-- Sought among the rows of the subjects asked about: most cohorts have many more.
rows_of_subjects AS (
    SELECT c.source_file_no, c.source_row, c.value
    FROM staging.charted AS c
    WHERE c.subject_no IN (SELECT subject_no FROM asked)
),

charted AS (
    SELECT r.* EXCLUDE (minute, concept_no, subject_no, bridged_minutes, amount_above), c.value, k.unit
    FROM readings AS r
    JOIN rows_of_subjects AS c ON c.source_file_no = r.source_file_no AND c.source_row = r.source_row
    JOIN staging.concepts AS k ON k.concept_no = r.concept_no
    UNION ALL
    -- Support, laboratory results and boluses that counted, or that a short gap bridges to this minute.
    SELECT a.system, a.subject_id, a.entry, a.criterion, a.concept, u.charted_minute, u.source_file_no, u.source_row,
           u.amount, u.unit
    FROM asked AS a
    JOIN timeline.grounds AS u
        ON u.subject_no = a.subject_no AND u.concept = a.concept
        AND u.start_minute <= a.minute AND u.end_minute + a.bridged_minutes > a.minute
        AND (a.amount_above IS NULL OR u.amount > a.amount_above)
    UNION ALL
    -- A death adjudicated to CRS decides by itself.
    SELECT d.system, d.subject_id, d.entry, 'death', 'death', s.death_minute, s.source_file_no, s.source_row, NULL, NULL
    FROM recorded.disagreements AS d
    JOIN episodes.episodes AS e
        ON e.system = d.system AND e.subject_id = d.subject_id AND e.episode = d.episode AND e.is_fatal
    JOIN staging.subjects AS s ON s.subject_no = d.subject_no
)

SELECT c.system, c.subject_id, c.entry, c.criterion, c.concept, c.value, c.unit, c.charted_minute, f.source_file, c.source_row
FROM charted AS c
JOIN sources.files AS f ON f.source_file_no = c.source_file_no
ORDER BY c.system, c.subject_id, c.entry, c.criterion, c.charted_minute, c.source_file_no, c.source_row
