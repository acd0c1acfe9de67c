-- One row per system, endpoint and time at which some subject's time ends (and time 0): the cumulative incidence from then on.
-- Key: system, endpoint, days
-- Aalen-Johansen with death as the competing event; variance by the delta method, 95 % limits on the log(-log) scale:
-- of the event-free share where no event competes (as SAS and R with Kaplan-Meier), else of the incidence; choice incidence_limits.
-- Of all treated, whatever they were given for it. Who has no temperature is censored at 0.
WITH steps AS (
    SELECT
        system,
        endpoint,
        unnest(incidence_of(
            list(days ORDER BY subject_id), list(status ORDER BY subject_id), getvariable('incidence_limits'))) AS step
    FROM summaries.time_to_event
    GROUP BY system, endpoint
)

SELECT system, endpoint, step.*
FROM steps
ORDER BY system, endpoint, step.days
