-- One row per disagreement of a recorded and a derived grade: both with their times, what decides, why they differ, and a query.
-- Key: system, subject_id, entry
WITH told AS (
    SELECT
        system, subject_id, entry,
        format('{} ({} row {})',
               concat_ws(' ', replace(replace(concept, '_bp', ' pressure'), '_', ' '),
                         CASE WHEN value IS NOT NULL THEN format('{:.4g} {}', value, unit)
                              WHEN concept <> 'death' THEN 'of unknown amount' END),
               source_file, source_row) AS told
    FROM recorded.chartings
),

decided AS (
    SELECT system, subject_id, entry, string_agg(DISTINCT told, '; ' ORDER BY told) AS chartings
    FROM told
    GROUP BY system, subject_id, entry
),

-- The other systems that give, in that time, just the grade that was recorded: a hint at what was graded by.
elsewhere AS (
    SELECT d.system, d.subject_id, d.entry, e.system AS other_system
    FROM recorded.disagreements AS d
    JOIN episodes.episodes AS e
        ON e.subject_id = d.subject_id AND e.system <> d.system
        AND coalesce(e.onset_minute, e.end_minute) < d.to_minute AND e.end_minute > d.from_minute
    GROUP BY d.system, d.subject_id, d.entry, e.system, d.recorded_grade
    HAVING max(e.max_grade) = d.recorded_grade
),

-- A misprinted ladder is named beside them, but explains nothing: nobody should grade by it.
fitting AS (
    SELECT
        o.system, o.subject_id, o.entry,
        string_agg(o.other_system, ', ' ORDER BY o.other_system) AS other_systems,
        string_agg(y.name, ', ' ORDER BY o.other_system) FILTER (y.misprint = '') AS names
    FROM elsewhere AS o
    JOIN rules.systems AS y ON y.system = o.other_system
    GROUP BY o.system, o.subject_id, o.entry
),

-- The nearest explanation first: one step of a measurement, what the chart leaves open, another ladder, then nothing of these.
explained AS (
    SELECT
        d.*,
        s.infusion_minute_of_day AS clock,
        t.status,
        c.chartings,
        f.other_systems,
        f.names,
        y.name,
        b.boundary,
        CASE
            WHEN d.direction = 'no grade' THEN 'no grade recorded'
            WHEN b.boundary IS NOT NULL THEN 'boundary value'
            WHEN d.direction IN ('higher', 'unmatched') AND d.ceiling >= coalesce(d.recorded_grade, 1)
                THEN 'ceiling allows the recorded grade'
            WHEN f.names IS NOT NULL THEN 'other system fits better'
            WHEN d.direction = 'missed' THEN 'missed episode'
            WHEN d.direction = 'unmatched' THEN 'nothing in the data'
            WHEN d.direction = 'higher' THEN 'recorded too high'
            ELSE 'recorded too low'
        END AS reason_class
    FROM recorded.disagreements AS d
    JOIN staging.subjects AS s ON s.subject_no = d.subject_no
    JOIN rules.systems AS y ON y.system = d.system
    LEFT JOIN summaries.subjects AS t ON t.system = d.system AND t.subject_id = d.subject_id
    LEFT JOIN decided AS c ON c.system = d.system AND c.subject_id = d.subject_id AND c.entry = d.entry
    LEFT JOIN fitting AS f ON f.system = d.system AND f.subject_id = d.subject_id AND f.entry = d.entry
    LEFT JOIN recorded.boundaries AS b ON b.system = d.system AND b.subject_id = d.subject_id AND b.entry = d.entry
),

-- Minutes as a person reads them, on the clock of the infusion.
clocked AS (
    SELECT
        *,
        list_transform(
            [recorded_start, recorded_end, onset_minute, end_minute, first_max_minute],
            lambda minute: format('day {} {:02d}:{:02d}', day_of(minute, clock),
                                  (minute + clock - 1440 * day_of(minute, clock)) // 60,
                                  (minute + clock - 1440 * day_of(minute, clock)) % 60)) AS said
    FROM explained
),

timed AS (
    SELECT
        *,
        said[1] AS recorded_from,
        said[2] AS recorded_to,
        said[3] AS derived_from,
        said[4] AS derived_to,
        said[5] AS derived_highest_at
    FROM clocked
),

worded AS (
    SELECT
        *,
        'Recorded is ' || coalesce('grade ' || recorded_grade, 'an episode with no grade')
            || format(' ({})', concat_ws(', ', name, concat_ws(' ', recorded_from, 'to ' || recorded_to))) AS says_recorded,
        'grade ' || derived_grade || coalesce(' at ' || derived_highest_at, '') || coalesce(' on ' || chartings, '')
            AS says_derived,
        CASE reason_class
            WHEN 'no grade recorded' THEN 'Please send the grade.'
            WHEN 'boundary value' THEN 'One step decides (' || boundary || '): please confirm the value and the grade.'
            WHEN 'ceiling allows the recorded grade' THEN 'What was not charted leaves up to grade ' || ceiling
                || ' open: please send what was seen and not charted.'
            WHEN 'other system fits better' THEN 'By ' || names || ' it would be grade ' || recorded_grade
                || ': please say which system was used.'
            WHEN 'missed episode' THEN 'Please record it, or say why it is none.'
            WHEN 'nothing in the data' THEN 'Please send the chartings it rests on, or correct it.'
            ELSE 'Please confirm the recorded grade with its source, or correct it.'
        END AS asks
    FROM timed
)

SELECT
    system,
    subject_id,
    entry,
    site_level,
    recorder,
    episode,
    reason_class,
    recorded_grade,
    derived_grade,
    grade_difference,
    ceiling,
    recorded_start,
    recorded_end,
    onset_minute,
    end_minute,
    first_max_minute,
    recorded_from,
    recorded_to,
    derived_from,
    derived_to,
    derived_highest_at,
    chartings,
    boundary,
    other_systems,
    also_missed_by,
    CASE
        WHEN direction = 'missed' THEN 'By ' || name || ' the chart reaches ' || says_derived
            || ', and nothing is recorded of it in any system.'
        WHEN direction = 'unmatched' AND status = 'not_evaluable' THEN says_recorded || ', and the chart holds no temperature.'
        WHEN direction = 'unmatched' THEN says_recorded || ', and the chart shows no episode near that time.'
        ELSE says_recorded || '; the chart reaches ' || says_derived || '.'
    END || ' ' || asks AS query
FROM worded
ORDER BY system, subject_id, entry
