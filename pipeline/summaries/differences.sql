-- One row per pair of systems and subject whose highest grades differ: what decided it, and what the other system met then.
-- Key: system_a, system_b, subject_id
-- The minute that decides is the first of the higher grade. Death due to CRS is 5 under every system: no pair differs by it.
WITH differing AS (
    SELECT
        a.system AS system_a,
        b.system AS system_b,
        a.subject_id,
        a.max_grade AS grade_a,
        b.max_grade AS grade_b,
        CASE WHEN a.max_grade > b.max_grade THEN a.system ELSE b.system END AS higher_system,
        CASE WHEN a.max_grade > b.max_grade THEN b.system ELSE a.system END AS lower_system,
        greatest(a.max_grade, b.max_grade) AS higher_grade
    FROM summaries.subjects AS a
    JOIN summaries.subjects AS b ON b.subject_id = a.subject_id AND b.system > a.system AND b.max_grade <> a.max_grade
),

first_maxima AS (
    SELECT system, subject_id, max_grade, min(first_max_minute) AS minute
    FROM episodes.episodes
    GROUP BY system, subject_id, max_grade
),

decided AS (
    SELECT d.*, s.subject_no, m.minute
    FROM differing AS d
    JOIN first_maxima AS m
        ON m.system = d.higher_system AND m.subject_id = d.subject_id AND m.max_grade = d.higher_grade
    JOIN staging.subjects AS s ON s.subject_id = d.subject_id
),

-- Criteria that are met in a situation, linked to a fever or not.
met AS (
    SELECT f.system, f.situation, list(f.criterion_no ORDER BY f.criterion_no) AS met
    FROM grading.findings AS f
    WHERE f.met
    GROUP BY f.system, f.situation
),

-- What both systems said of that minute: it begins a state, and every system judges the same states.
judged AS (
    SELECT
        d.*,
        higher.because AS higher_because,
        lower.because AS lower_because,
        l.grade AS other_grade,
        l.ceiling AS other_ceiling,
        coalesce(f.met, []) AS lower_met,
        CASE
            WHEN l.grade > 0 AND l.episode IS NULL THEN 'outside an episode'
            WHEN l.grade > 0 THEN 'met'
            WHEN f.met IS NOT NULL THEN 'not linked'
            WHEN l.ceiling > 0 THEN 'unknown'
            ELSE 'no fever'
        END AS other_standing
    FROM decided AS d
    JOIN grading.graded AS h
        ON h.system = d.higher_system AND h.subject_no = d.subject_no AND h.start_minute = d.minute
    JOIN grading.graded AS l
        ON l.system = d.lower_system AND l.subject_no = d.subject_no AND l.start_minute = d.minute
    JOIN grading.reasons AS higher ON higher.reason_no = h.reason_no
    JOIN grading.reasons AS lower ON lower.reason_no = l.reason_no
    JOIN grading.situated AS g ON g.subject_no = d.subject_no AND g.start_minute = d.minute
    LEFT JOIN met AS f ON f.system = d.lower_system AND f.situation = g.situation
),

-- The criterion that made the higher grade; of several the first of its system.
made AS (
    SELECT j.*, c.criterion, c.words
    FROM judged AS j
    JOIN rules.criteria AS c
        ON c.system = j.higher_system AND c.grade = j.higher_grade AND list_contains(j.higher_because, c.criterion)
    QUALIFY row_number() OVER (PARTITION BY j.system_a, j.system_b, j.subject_id ORDER BY c.criterion_no) = 1
),

-- The highest criterion of the other system; of several the one that looks at the same chartings.
related AS (
    SELECT DISTINCT a.system AS higher_system, a.criterion, b.system AS lower_system, b.criterion AS other_criterion
    FROM rules.criterion_concepts AS a
    JOIN rules.criterion_concepts AS b ON b.concept = a.concept AND b.system <> a.system
),

answered AS (
    SELECT m.system_a, m.system_b, m.subject_id, c.criterion AS other_criterion, c.words AS other_words
    FROM made AS m
    JOIN rules.criteria AS c
        ON c.system = m.lower_system
        AND CASE WHEN m.other_standing = 'not linked' THEN list_contains(m.lower_met, c.criterion_no)
            ELSE list_contains(m.lower_because, c.criterion) END
    LEFT JOIN related AS r
        ON r.higher_system = m.higher_system AND r.criterion = m.criterion
        AND r.lower_system = m.lower_system AND r.other_criterion = c.criterion
    QUALIFY row_number() OVER (
        PARTITION BY m.system_a, m.system_b, m.subject_id
        ORDER BY c.grade DESC, r.other_criterion IS NULL, c.criterion_no) = 1
)

SELECT
    m.system_a,
    m.system_b,
    m.subject_id,
    m.grade_a,
    m.grade_b,
    m.higher_system,
    m.lower_system,
    m.minute,
    m.criterion,
    a.other_criterion,
    m.other_grade,
    m.other_ceiling,
    m.other_standing,
    format('{} counts "{}" as {}; {} ', h.name, m.words, m.higher_grade, l.name)
        || CASE m.other_standing
            WHEN 'met' THEN format('counts "{}" as {}', a.other_words, m.other_grade)
            WHEN 'outside an episode' THEN format('counts "{}" as {}, but in no episode', a.other_words, m.other_grade)
            WHEN 'not linked' THEN format('does not count "{}", which no fever links', a.other_words)
            WHEN 'unknown' THEN 'finds no criterion met'
            ELSE 'finds no criterion met, and no fever is in force'
        END
        || CASE WHEN m.other_standing = 'unknown' OR m.other_ceiling >= m.higher_grade
            THEN format(', and cannot rule out {}', m.other_ceiling) ELSE '' END
        || '.' AS sentence
FROM made AS m
LEFT JOIN answered AS a ON a.system_a = m.system_a AND a.system_b = m.system_b AND a.subject_id = m.subject_id
JOIN rules.systems AS h ON h.system = m.higher_system
JOIN rules.systems AS l ON l.system = m.lower_system
ORDER BY m.system_a, m.system_b, m.subject_id
