-- One row per episode or recorded grade on which recorded and derived disagree, or which has no grade; not yet explained.
-- Key: system, subject_id, entry
-- An episode that nobody recorded in any system stands once, however many systems grades were recorded in.
WITH differing AS (
    SELECT
        *,
        CASE
            WHEN episode IS NULL THEN 'unmatched'
            WHEN records = 0 THEN 'missed'
            WHEN recorded_grade IS NULL THEN 'no grade'
            WHEN recorded_grade > derived_grade THEN 'higher'
            ELSE 'lower'
        END AS direction
    FROM recorded.episodes
    WHERE is_graded
      AND CASE
          WHEN episode IS NULL THEN recorded_grade IS DISTINCT FROM 0
          WHEN records = 0 THEN NOT recorded_elsewhere
          ELSE recorded_grade IS DISTINCT FROM derived_grade
      END
),

-- The system that most patients are recorded in is the one the sites work with: what is missing is asked for in it first.
usual AS (
    SELECT system, row_number() OVER (ORDER BY count(DISTINCT subject_id) DESC, system) AS place
    FROM recorded.records
    WHERE is_graded
    GROUP BY system
),

missed AS (
    SELECT d.system, d.subject_id, d.entry, u.place, coalesce(d.onset_minute, d.end_minute) AS from_minute, d.end_minute
    FROM differing AS d
    JOIN usual AS u ON u.system = d.system
    WHERE d.direction = 'missed'
),

-- One illness at one time: episodes of several systems that overlap are one omission, and the site is asked about it once.
shared AS (
    SELECT
        m.system, m.subject_id, m.entry,
        string_agg(DISTINCT o.system, ', ' ORDER BY o.system) AS also_missed_by,
        bool_or(o.place < m.place) AS is_told
    FROM missed AS m
    JOIN missed AS o
        ON o.subject_id = m.subject_id AND o.system <> m.system
        AND o.from_minute <= m.end_minute AND o.end_minute >= m.from_minute
    GROUP BY m.system, m.subject_id, m.entry
)

SELECT
    e.system,
    e.subject_id,
    e.subject_no,
    e.entry,
    e.site_level,
    e.recorder,
    e.episode,
    e.direction,
    h.also_missed_by,
    e.recorded_grade,
    e.derived_grade,
    e.grade_difference,
    e.ceiling,
    e.recorded_start,
    e.recorded_end,
    e.onset_minute,
    e.end_minute,
    e.first_max_minute,
    -- Where to look for what decides: the time of both, and about a record that matches nothing.
    coalesce(least(e.recorded_start, e.recorded_end, e.onset_minute, e.end_minute), 0)
        - CASE WHEN e.episode IS NULL THEN minutes_of_hours(getvariable('record_match_h')) ELSE 0 END AS from_minute,
    coalesce(greatest(e.recorded_start, e.recorded_end, e.end_minute), p.last_minute)
        + CASE WHEN e.episode IS NULL THEN minutes_of_hours(getvariable('record_match_h')) ELSE 1 END AS to_minute
FROM differing AS e
JOIN timeline.spans AS p ON p.subject_no = e.subject_no
LEFT JOIN shared AS h ON h.system = e.system AND h.subject_id = e.subject_id AND h.entry = e.entry
WHERE h.is_told IS NOT TRUE
ORDER BY e.system, e.subject_id, e.entry
