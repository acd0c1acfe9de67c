-- One row per subject and device or vasopressor that was the patient's own before the infusion, and its highest amount then.
-- Key: subject_no, concept
SELECT
    subject_no,
    concept,
    -- Any unknown amount makes a rise impossible to tell.
    CASE WHEN bool_or(amount IS NULL) THEN NULL ELSE max(amount) END AS highest_amount
FROM timeline.chartings
WHERE (graded OR indication = 'baseline')
  AND NOT unproven
  AND (
      -- in force in the minute before time zero
      (start_minute < 0 AND end_minute >= 0)
      -- CPAP and BiPAP are worn at night: in force at any time of the day before
      OR (worn_at_night = 'yes' AND start_minute < 0 AND end_minute > -minutes_of_hours(getvariable('baseline_window_h')))
  )
GROUP BY subject_no, concept
ORDER BY subject_no, concept
