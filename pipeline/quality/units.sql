-- One row per site (and all together), concept and unit as written: rows used at any time, and why the unit looks wrong.
-- Key: stratum, level, concept, unit_written
WITH written AS (
    SELECT
        p.spelling_no,
        k.concept_no,
        k.concept,
        k.kind,
        k.quantity,
        k.unit,
        k.low,
        k.high,
        coalesce(nullif(trim(p.unit_written), ''), 'not given') AS unit_written,
        u.unit_no,
        u.minus,
        u.times,
        u.divide,
        -- A number can be read in another unit only where both are free of the weight and of a concentration.
        coalesce(u.weight IS NULL AND u.amount = 'known', FALSE) AS converts
    FROM staging.spellings AS p
    JOIN staging.concepts AS k ON k.concept_no = p.concept_no
    LEFT JOIN staging.units AS u ON u.unit_no = p.unit_no
),

counted AS (
    SELECT
        l.stratum,
        l.level,
        w.concept_no,
        w.unit_written,
        min(w.unit_no) AS unit_no,
        coalesce(sum(t.rows_charted) FILTER (f.outcome IS DISTINCT FROM 'refused'), 0)::BIGINT AS rows_used,
        count(DISTINCT t.subject_no) FILTER (f.outcome IS DISTINCT FROM 'refused') AS patients,
        coalesce(sum(t.rows_charted) FILTER (f.flaw = 'impossible'), 0)::BIGINT AS rows_impossible
    FROM staging.tallies AS t
    JOIN quality.levels AS l ON l.subject_no IS NOT DISTINCT FROM t.subject_no
    JOIN written AS w ON w.spelling_no = t.spelling_no
    LEFT JOIN quality.flaws AS f ON f.fault_no = t.fault_no
    GROUP BY l.stratum, l.level, w.concept_no, w.unit_written
),

held AS (
    SELECT n.stratum, n.level, w.concept_no, w.unit_written, a.amount, sum(a.rows_used) AS rows_used
    FROM quality.amounts AS a
    JOIN written AS w ON w.spelling_no = a.spelling_no
    CROSS JOIN LATERAL (SELECT unnest(['site', 'all']) AS stratum, unnest([a.level, 'all']) AS level) AS n
    GROUP BY n.stratum, n.level, w.concept_no, w.unit_written, a.amount
),

ranked AS (
    SELECT
        *,
        sum(rows_used) OVER (PARTITION BY stratum, level, concept_no, unit_written ORDER BY amount) AS up_to,
        sum(rows_used) OVER (PARTITION BY stratum, level, concept_no, unit_written) AS total
    FROM held
),

medians AS (
    SELECT
        stratum,
        level,
        concept_no,
        unit_written,
        min(amount) FILTER (2 * up_to >= total) AS value_median,
        min(amount) AS lowest,
        max(amount) AS highest
    FROM ranked
    GROUP BY stratum, level, concept_no, unit_written
),

-- What was refused or blanked as impossible, in the number that was written: a reading was converted, a treatment was not.
impossible AS (
    SELECT
        c.subject_no,
        w.*,
        CASE WHEN w.kind = 'reading' THEN c.value * w.divide / w.times + w.minus ELSE c.value END AS number_written
    FROM staging.charted AS c
    JOIN quality.flaws AS f ON f.fault_no = c.fault_no AND f.flaw = 'impossible'
    JOIN written AS w ON w.spelling_no = c.spelling_no AND w.converts
),

-- The same number read in the other units of its quantity: possible in which?
possible AS (
    SELECT l.stratum, l.level, i.concept_no, i.unit_written, u.unit_no, u.unit AS other_unit, count(*) AS rows_possible
    FROM impossible AS i
    JOIN quality.levels AS l ON l.subject_no IS NOT DISTINCT FROM i.subject_no
    JOIN staging.units AS u
        ON u.quantity = i.quantity AND u.unit_no <> i.unit_no AND u.weight IS NULL AND u.amount = 'known'
    WHERE ((i.number_written - u.minus) * u.times / u.divide < i.low) IS NOT TRUE
      AND ((i.number_written - u.minus) * u.times / u.divide > i.high) IS NOT TRUE
    GROUP BY l.stratum, l.level, i.concept_no, i.unit_written, u.unit_no, u.unit
),

refused_hints AS (
    SELECT
        stratum,
        level,
        concept_no,
        unit_written,
        max_by(other_unit, (rows_possible, -unit_no)) AS other_unit,
        max(rows_possible) AS rows_possible
    FROM possible
    GROUP BY stratum, level, concept_no, unit_written
),

-- All that a site holds of a concept, in whatever unit.
ranges AS (
    SELECT level, concept_no, min(lowest) AS lowest, max(highest) AS highest
    FROM medians
    WHERE stratum = 'site'
    GROUP BY level, concept_no
),

-- A number that is possible may still be in another unit (a creatinine has no upper limit): set the median of the site
-- against what each other site holds, as it is and as it would be in another unit.
readings_elsewhere AS (
    SELECT
        c.level,
        c.concept_no,
        c.unit_written,
        u.unit_no,
        u.unit AS other_unit,
        count(*) AS sites,
        count(*) FILTER (
            m.value_median NOT BETWEEN e.lowest AND e.highest
            AND (m.value_median * own.divide / own.times + own.minus - u.minus) * u.times / u.divide
                BETWEEN e.lowest AND e.highest
        ) AS sites_that_fit
    FROM counted AS c
    JOIN medians AS m
        ON m.stratum = c.stratum AND m.level = c.level AND m.concept_no = c.concept_no AND m.unit_written = c.unit_written
    JOIN staging.units AS own ON own.unit_no = c.unit_no AND own.weight IS NULL AND own.amount = 'known'
    JOIN staging.units AS u
        ON u.quantity = own.quantity AND u.unit_no <> own.unit_no AND u.weight IS NULL AND u.amount = 'known'
    JOIN ranges AS e ON e.concept_no = c.concept_no AND e.level <> c.level
    WHERE c.stratum = 'site'
    GROUP BY c.level, c.concept_no, c.unit_written, u.unit_no, u.unit
),

-- It looks wrong where it fits most of the other sites only when read in another unit.
median_hints AS (
    SELECT
        level,
        concept_no,
        unit_written,
        max_by(other_unit, (sites_that_fit, -unit_no)) AS other_unit,
        max(sites_that_fit) AS sites_that_fit,
        min(sites) AS sites
    FROM readings_elsewhere
    WHERE 2 * sites_that_fit > sites
    GROUP BY level, concept_no, unit_written
)

SELECT
    c.stratum,
    c.level,
    k.concept,
    c.unit_written,
    c.rows_used,
    c.patients,
    m.value_median,
    k.unit,
    c.rows_impossible,
    r.other_unit,
    r.rows_possible,
    nullif(concat_ws('; ',
        CASE WHEN r.other_unit IS NOT NULL
             THEN format('{:,} of {:,} values that are impossible would be in the kept range as {}',
                         r.rows_possible, c.rows_impossible, r.other_unit) END,
        CASE WHEN h.other_unit IS NOT NULL
             THEN printf('the median, %g %s, lies outside all that %d of %d other sites hold, and inside it when read as %s',
                         m.value_median, k.unit, h.sites_that_fit, h.sites, h.other_unit) END
    ), '') AS hint
FROM counted AS c
JOIN staging.concepts AS k ON k.concept_no = c.concept_no
LEFT JOIN medians AS m
    ON m.stratum = c.stratum AND m.level = c.level AND m.concept_no = c.concept_no AND m.unit_written = c.unit_written
LEFT JOIN refused_hints AS r
    ON r.stratum = c.stratum AND r.level = c.level AND r.concept_no = c.concept_no AND r.unit_written = c.unit_written
LEFT JOIN median_hints AS h
    ON c.stratum = 'site' AND h.level = c.level AND h.concept_no = c.concept_no AND h.unit_written = c.unit_written
ORDER BY c.stratum, c.level, c.concept_no, c.unit_written
