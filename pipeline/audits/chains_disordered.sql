-- Chains of graded stretches that overlap, or stand no farther apart than the gap that ends one.
-- Law: a quiet time longer than the gap parts two episodes; what finds it takes grading.verdicts in the order in which it is stored.
WITH neighbours AS (
    SELECT *, lag(end_minute) OVER (PARTITION BY system, subject_no ORDER BY start_minute) AS end_before
    FROM grading.chains
)

SELECT system, subject_no, chain, start_minute, end_minute, end_before
FROM neighbours
WHERE end_minute < start_minute OR start_minute - end_before <= minutes_of_days(getvariable('episode_gap_d'))
