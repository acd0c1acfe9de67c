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
           incidence_of(list(days ORDER BY subject_id), list(status ORDER BY subject_id)) AS steps
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
    SELECT a.system, a.table_id, a.shell_no, a.column_no, a.n, d.day_no, d.day,
           list_filter(a.steps, lambda step: step.days <= d.day)[-1] AS step,
           coalesce(a.steps[-1].days >= d.day OR a.steps[-1].incidence + a.steps[-1].competing_incidence >= 100, FALSE) AS is_known
    FROM asked AS a
    CROSS JOIN days AS d
),

described AS (
    SELECT system, table_id, shell_no, column_no, n, unnest([
        {'line_no': 1, 'line': 'Events', 'statistic': 'n', 'value': n_event::DOUBLE, 'unit': 'patients', 'method': 'count'},
        {'line_no': 2, 'line': 'Deaths before it', 'statistic': 'n', 'value': n_competing::DOUBLE, 'unit': 'patients', 'method': 'count'},
        {'line_no': 3, 'line': 'Censored', 'statistic': 'n', 'value': n_censored::DOUBLE, 'unit': 'patients', 'method': 'count'},
        -- The first time at which the incidence reaches a half; its limits are where those of the curve do.
        {'line_no': 4, 'line': 'Median time [95% CI], days', 'statistic': 'time_median',
         'value': list_filter(steps, lambda step: step.incidence >= 50)[1].days, 'unit': 'days',
         'method': 'first time at which the incidence reaches 50 % (Aalen-Johansen)'},
        {'line_no': 4, 'line': 'Median time [95% CI], days', 'statistic': 'time_median_low',
         'value': list_filter(steps, lambda step: step.incidence_high >= 50)[1].days, 'unit': 'days',
         'method': 'Brookmeyer-Crowley, log(-log), 95 %'},
        {'line_no': 4, 'line': 'Median time [95% CI], days', 'statistic': 'time_median_high',
         'value': list_filter(steps, lambda step: step.incidence_low >= 50)[1].days, 'unit': 'days',
         'method': 'Brookmeyer-Crowley, log(-log), 95 %'}
    ], recursive := TRUE)
    FROM asked
    UNION ALL
    SELECT system, table_id, shell_no, column_no, n, unnest([
        {'line_no': 4 + day_no, 'line': format('Incidence by {:g} days', day), 'statistic': 'incidence',
         'value': CASE WHEN is_known THEN step.incidence END, 'unit': '%',
         'method': 'Aalen-Johansen'},
        {'line_no': 4 + day_no, 'line': format('Incidence by {:g} days', day), 'statistic': 'incidence_low',
         'value': CASE WHEN is_known THEN step.incidence_low END, 'unit': '%',
         'method': 'delta method, log(-log), 95 %'},
        {'line_no': 4 + day_no, 'line': format('Incidence by {:g} days', day), 'statistic': 'incidence_high',
         'value': CASE WHEN is_known THEN step.incidence_high END, 'unit': '%',
         'method': 'delta method, log(-log), 95 %'}
    ], recursive := TRUE)
    FROM on_days
)

SELECT system, table_id, shell_no, line_no::INTEGER AS line_no, column_no, line, statistic, value::DOUBLE AS value, unit, n, method
FROM described
ORDER BY system, table_id, shell_no, line_no, column_no, statistic
