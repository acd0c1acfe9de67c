-- One row per pair of systems: how many subjects have the same highest grade, how far apart, and agreement beyond chance.
-- Key: system_a, system_b
WITH counts AS (
    SELECT
        system_a,
        system_b,
        coalesce(sum(subjects) FILTER (both_known), 0)::BIGINT AS n_both,
        coalesce(sum(subjects) FILTER (grade_b = grade_a), 0)::BIGINT AS n_same,
        coalesce(sum(subjects) FILTER (grade_b < grade_a), 0)::BIGINT AS n_lower,
        coalesce(sum(subjects) FILTER (grade_b > grade_a), 0)::BIGINT AS n_higher,
        coalesce(sum(subjects) FILTER (abs(grade_b - grade_a) <= 1), 0)::BIGINT AS n_within_one,
        agreement_of(
            list(grade_a ORDER BY grade_a, grade_b) FILTER (both_known),
            list(grade_b ORDER BY grade_a, grade_b) FILTER (both_known),
            list(subjects ORDER BY grade_a, grade_b) FILTER (both_known)) AS found
    FROM (SELECT *, grade_a IS NOT NULL AND grade_b IS NOT NULL AS both_known FROM summaries.agreement)
    GROUP BY system_a, system_b
)

SELECT
    system_a, system_b, n_both,
    n_same, pct(n_same, n_both) AS pct_same,
    exact_low(n_same, n_both) AS pct_same_low, exact_high(n_same, n_both) AS pct_same_high,
    n_lower, pct(n_lower, n_both) AS pct_lower,
    exact_low(n_lower, n_both) AS pct_lower_low, exact_high(n_lower, n_both) AS pct_lower_high,
    n_higher, pct(n_higher, n_both) AS pct_higher,
    exact_low(n_higher, n_both) AS pct_higher_low, exact_high(n_higher, n_both) AS pct_higher_high,
    n_within_one, pct(n_within_one, n_both) AS pct_within_one,
    exact_low(n_within_one, n_both) AS pct_within_one_low, exact_high(n_within_one, n_both) AS pct_within_one_high,
    found.kappa, found.kappa_low, found.kappa_high,
    found.kappa_linear, found.kappa_linear_low, found.kappa_linear_high,
    found.kappa_quadratic, found.kappa_quadratic_low, found.kappa_quadratic_high,
    found.ac1, found.ac1_low, found.ac1_high,
    found.ac2_linear, found.ac2_linear_low, found.ac2_linear_high,
    found.ac2_quadratic, found.ac2_quadratic_low, found.ac2_quadratic_high
FROM counts
ORDER BY system_a, system_b
