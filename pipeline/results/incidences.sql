-- One row per system, row and column of a table that gives a cumulative incidence, and statistic.
-- Key: system, table_id, shell_no, line_no, column_no, statistic
-- Aalen-Johansen with death as the competing event, as in summaries.incidence, here of the patients of each column.
WITH times AS (
    SELECT e.system, e.endpoint, m.column_no, e.days, e.status, e.subject_id
    FROM summaries.time_to_event AS e
    JOIN staging.subjects AS s ON s.subject_id = e.subject_id
    JOIN results.members AS m ON m.subject_no = s.subject_no
    WHERE e.endpoint IN (SELECT measure FROM rules.shells WHERE shown_as = 'incidence')
),

curves AS (
    SELECT system, endpoint, column_no, count(*) AS n,
           count(*) FILTER (status = 'event') AS n_event,
           count(*) FILTER (status = 'competing') AS n_competing,
           count(*) FILTER (status = 'censored') AS n_censored,
           incidence_of(
               list(days ORDER BY subject_id), list(status ORDER BY subject_id), getvariable('incidence_limits')) AS steps
    FROM times
    GROUP BY system, endpoint, column_no
),

asked AS (
    SELECT y.system, s.table_id, s.shell_no, c.column_no, coalesce(k.n, 0) AS n, coalesce(k.n_event, 0) AS n_event,
           coalesce(k.n_competing, 0) AS n_competing, coalesce(k.n_censored, 0) AS n_censored, coalesce(k.steps, []) AS steps
    FROM rules.systems AS y
    CROSS JOIN results.columns AS c
    CROSS JOIN rules.shells AS s
    LEFT JOIN curves AS k ON k.system = y.system AND k.endpoint = s.measure AND k.column_no = c.column_no
    WHERE s.shown_as = 'incidence'
),

-- What stands on a day is the last step before it; after the last time of anybody nothing is known, unless all have ended.
days AS (
    SELECT unnest([1, 2, 3]) AS day_no,
           unnest([getvariable('incidence_early_d'), getvariable('incidence_middle_d'), getvariable('incidence_late_d')])::DOUBLE AS day
),

on_days AS (
    SELECT a.system, a.table_id, a.shell_no, a.column_no, a.n, a.n_competing, d.day_no, d.day,
           list_filter(a.steps, lambda step: step.days <= d.day)[-1] AS step,
           coalesce(a.steps[-1].days >= d.day OR a.steps[-1].incidence + a.steps[-1].competing_incidence >= 100, FALSE) AS is_known
    FROM asked AS a
    CROSS JOIN days AS d
),

-- The times at which the curve and its limits reach a half: the middle where a curve stays on it, as SAS and R give it.
medians AS (
    SELECT
        *,
        list_transform(steps, lambda step: step.days) AS times,
        time_reached(times, list_transform(steps, lambda step: step.incidence), 50) AS half,
        -- The upper limit reaches a half first: its time is the lower limit of the median.
        time_reached(times, list_transform(steps, lambda step: step.incidence_high), 50) AS half_low,
        time_reached(times, list_transform(steps, lambda step: step.incidence_low), 50) AS half_high,
        -- Who is left without any event could still have it: not reached. With nobody left nothing can reach it any more.
        CASE WHEN steps[-1].incidence + steps[-1].competing_incidence >= 100 THEN 'NE' ELSE 'NR' END AS limit_label,
        limits_scale(n_competing, getvariable('incidence_limits')) AS scale
    FROM asked
),

described AS (
    SELECT system, table_id, shell_no, column_no, n, unnest([
        {'line_no': 1, 'line': 'Events', 'statistic': 'n', 'value': n_event::DOUBLE, 'null_label': NULL, 'unit': 'patients',
         'method': 'count'},
        {'line_no': 2, 'line': 'Deaths before it', 'statistic': 'n', 'value': n_competing::DOUBLE, 'null_label': NULL,
         'unit': 'patients', 'method': 'count'},
        {'line_no': 3, 'line': 'Censored', 'statistic': 'n', 'value': n_censored::DOUBLE, 'null_label': NULL, 'unit': 'patients',
         'method': 'count'},
        {'line_no': 4, 'line': 'Median time [95% CI], days', 'statistic': 'time_median', 'value': half, 'null_label': 'NR',
         'unit': 'days', 'method': 'time at which the incidence reaches 50 %, the middle where it stays on it (Aalen-Johansen)'},
        {'line_no': 4, 'line': 'Median time [95% CI], days', 'statistic': 'time_median_low', 'value': half_low,
         'null_label': limit_label, 'unit': 'days', 'method': 'Brookmeyer-Crowley, ' || scale},
        {'line_no': 4, 'line': 'Median time [95% CI], days', 'statistic': 'time_median_high', 'value': half_high,
         'null_label': limit_label, 'unit': 'days', 'method': 'Brookmeyer-Crowley, ' || scale}
    ], recursive := TRUE)
    FROM medians
    UNION ALL
    SELECT system, table_id, shell_no, column_no, n, unnest([
        {'line_no': 4 + day_no, 'line': format('Incidence by {:g} days', day), 'statistic': 'incidence',
         'value': CASE WHEN is_known THEN step.incidence END, 'null_label': NULL, 'unit': '%', 'method': 'Aalen-Johansen'},
        {'line_no': 4 + day_no, 'line': format('Incidence by {:g} days', day), 'statistic': 'incidence_low',
         'value': CASE WHEN is_known THEN step.incidence_low END, 'null_label': NULL, 'unit': '%',
         'method': 'delta method, ' || limits_scale(n_competing, getvariable('incidence_limits'))},
        {'line_no': 4 + day_no, 'line': format('Incidence by {:g} days', day), 'statistic': 'incidence_high',
         'value': CASE WHEN is_known THEN step.incidence_high END, 'null_label': NULL, 'unit': '%',
         'method': 'delta method, ' || limits_scale(n_competing, getvariable('incidence_limits'))}
    ], recursive := TRUE)
    FROM on_days
)

SELECT system, table_id, shell_no, line_no::INTEGER AS line_no, column_no, line, statistic, value::DOUBLE AS value,
       -- Of nobody there is no time to be reached.
       CASE WHEN value IS NULL AND n > 0 THEN null_label END AS null_label, unit, n, method
FROM described
ORDER BY system, table_id, shell_no, line_no, column_no, statistic
