-- One row per system and stratum (all, each site, each recorder): how well the grade recorded agrees with the grade derived.
-- Key: system, stratum, level
-- Of subjects with a grade on both sides; who has none on one side is counted beside them.
WITH stratified AS (
    SELECT 'all' AS stratum, 'all' AS level, * FROM recorded.subjects WHERE derived <> 'not graded'
    UNION ALL
    SELECT 'site', site_level, * FROM recorded.subjects WHERE derived <> 'not graded'
    UNION ALL
    SELECT 'recorder', recorder, * FROM recorded.subjects WHERE derived <> 'not graded' AND recorder IS NOT NULL
),

counted AS (
    SELECT
        system, stratum, level, recorded, derived, recorded_grade, derived_grade,
        recorded_grade IS NOT NULL AND derived_grade IS NOT NULL AS both_known,
        count(*) AS subjects
    FROM stratified
    GROUP BY ALL
),

summed AS (
    SELECT
        system, stratum, level,
        coalesce(sum(subjects) FILTER (both_known), 0)::BIGINT AS n_both,
        coalesce(sum(subjects) FILTER (recorded_grade = derived_grade), 0)::BIGINT AS n_same,
        coalesce(sum(subjects) FILTER (recorded_grade < derived_grade), 0)::BIGINT AS n_recorded_lower,
        coalesce(sum(subjects) FILTER (recorded_grade > derived_grade), 0)::BIGINT AS n_recorded_higher,
        coalesce(sum(subjects) FILTER (abs(recorded_grade - derived_grade) <= 1), 0)::BIGINT AS n_within_one,
        coalesce(sum(subjects) FILTER (recorded = 'not recorded' AND derived_grade >= 1), 0)::BIGINT AS n_not_recorded,
        coalesce(sum(subjects) FILTER (recorded = 'not recorded' AND derived_grade < 1), 0)::BIGINT AS n_neither,
        coalesce(sum(subjects) FILTER (recorded = 'no grade'), 0)::BIGINT AS n_no_grade,
        coalesce(sum(subjects) FILTER (recorded = 'other system'), 0)::BIGINT AS n_other_system,
        coalesce(sum(subjects) FILTER (derived = 'not evaluable'), 0)::BIGINT AS n_not_evaluable,
        list(recorded_grade ORDER BY recorded_grade, derived_grade) FILTER (both_known) AS recorded_grades,
        list(derived_grade ORDER BY recorded_grade, derived_grade) FILTER (both_known) AS derived_grades,
        list(subjects ORDER BY recorded_grade, derived_grade) FILTER (both_known) AS numbers
    FROM counted
    GROUP BY system, stratum, level
),

-- Beside the intervals by formula those by drawing the subjects with replacement, which rest on no formula.
judged AS (
    SELECT
        *,
        agreement_of(recorded_grades, derived_grades, numbers) AS found,
        resampled_of(recorded_grades, derived_grades, numbers) AS resampled
    FROM summed
)

SELECT
    system, stratum, level,
    n_both,
    n_same, pct(n_same, n_both) AS pct_same,
    exact_low(n_same, n_both) AS pct_same_low, exact_high(n_same, n_both) AS pct_same_high,
    resampled.pct_same_low AS pct_same_resampled_low, resampled.pct_same_high AS pct_same_resampled_high,
    n_recorded_lower, n_recorded_higher,
    n_within_one, pct(n_within_one, n_both) AS pct_within_one,
    exact_low(n_within_one, n_both) AS pct_within_one_low, exact_high(n_within_one, n_both) AS pct_within_one_high,
    n_not_recorded, n_neither, n_no_grade, n_other_system, n_not_evaluable,
    found.kappa_linear, found.kappa_linear_low, found.kappa_linear_high,
    resampled.kappa_linear_low AS kappa_linear_resampled_low, resampled.kappa_linear_high AS kappa_linear_resampled_high,
    found.kappa_quadratic, found.kappa_quadratic_low, found.kappa_quadratic_high,
    resampled.kappa_quadratic_low AS kappa_quadratic_resampled_low,
    resampled.kappa_quadratic_high AS kappa_quadratic_resampled_high,
    found.ac2_quadratic, found.ac2_quadratic_low, found.ac2_quadratic_high,
    resampled.ac2_quadratic_low AS ac2_quadratic_resampled_low, resampled.ac2_quadratic_high AS ac2_quadratic_resampled_high
FROM judged
ORDER BY system, stratum <> 'all', stratum DESC, level
