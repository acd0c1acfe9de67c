-- Small words that every model may use. Each is one expression; none holds a clinical number.

-- A length of time in whole minutes, nearest minute, halves up.
CREATE OR REPLACE MACRO minutes_of_hours(hours) AS floor(hours * 60 + 0.5)::INTEGER;
CREATE OR REPLACE MACRO minutes_of_days(days) AS floor(days * 1440 + 0.5)::INTEGER;

-- Calendar day of a minute since time zero; the infusion day is day 0.
CREATE OR REPLACE MACRO day_of(minute, minute_of_day) AS floor((minute + minute_of_day) / 1440)::INTEGER;

-- The CDISC study day of a day: there is no day 0, the infusion day is day 1.
CREATE OR REPLACE MACRO cdisc_day_of(day) AS CASE WHEN day >= 0 THEN day + 1 ELSE day END;

-- A share in percent; nothing where nobody is.
CREATE OR REPLACE MACRO pct(count, total) AS CASE WHEN total > 0 THEN 100 * count / total END;
