-- One row per charting of oxygen, a vasopressor or an inotrope: the interval in which it is in force, and what that rests on.
-- Key: source_file_no, source_row
WITH channelled AS (
    SELECT
        t.*,
        s.cut_minute,
        minutes_of_hours(getvariable('open_support_holds_h')) AS holds_minutes,
        -- The next oxygen charting of any device ends an open device; only the same drug ends an open infusion.
        CASE t.family WHEN 'oxygen' THEN 'oxygen' ELSE t.concept END AS channel
    FROM staging.therapies AS t
    JOIN staging.subjects AS s ON s.subject_no = t.subject_no
    WHERE t.family IN ('oxygen', 'vasopressor', 'vasopressin', 'inotrope')
      AND (s.cut_minute IS NULL OR t.start_minute < s.cut_minute)
),

followed AS (
    SELECT
        *,
        min(start_minute) OVER (PARTITION BY subject_no, channel ORDER BY start_minute
                                RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_minute
    FROM channelled
)

SELECT
    source_file_no,
    source_row,
    subject_no,
    concept,
    family,
    oxygen_class,
    worn_at_night,
    indication,
    graded,
    start_minute,
    -- An end that was charted stands. Else the next charting ends it, or the hold does. An empty interval is its minute.
    CASE
        WHEN end_minute IS NOT NULL THEN greatest(end_minute, start_minute + 1)
        WHEN next_minute <= start_minute + holds_minutes THEN next_minute
        ELSE greatest(start_minute + holds_minutes, start_minute + 1)
    END AS end_minute,
    -- Nothing followed within the hold: that it ran so long is presumed.
    end_minute IS NULL AND coalesce(next_minute > start_minute + holds_minutes, TRUE) AS presumed,
    -- A vasopressor with neither rate nor end proves nothing that lasts.
    family IN ('vasopressor', 'vasopressin') AND end_minute IS NULL AND NOT runs AS unproven,
    -- A flow of 0 says nothing on a device that gives pressure.
    CASE WHEN oxygen_class = 'positive_pressure' THEN nullif(amount, 0) ELSE amount END AS amount,
    unit,
    cut_minute
FROM followed
-- Room air and a rate or flow of 0 end what they follow (above), and are nothing themselves.
WHERE oxygen_class IS DISTINCT FROM 'none'
  AND (amount IS DISTINCT FROM 0 OR oxygen_class = 'positive_pressure')
ORDER BY subject_no, concept, start_minute, source_file_no, source_row
