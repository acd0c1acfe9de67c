-- Small words that every model may use. Each is one expression; none holds a clinical number.
-- What several models do to tables (merging intervals that touch, stepping from edge to edge) is written out in each: a table
-- macro takes its table as a text, which hides what a model reads and cannot name a CTE.

-- A length of time in whole minutes, nearest minute, halves up.
CREATE OR REPLACE MACRO minutes_of_hours(hours) AS floor(hours * 60 + 0.5)::INTEGER;
CREATE OR REPLACE MACRO minutes_of_days(days) AS floor(days * 1440 + 0.5)::INTEGER;

-- Calendar day of a minute since time zero; the infusion day is day 0.
CREATE OR REPLACE MACRO day_of(minute, minute_of_day) AS floor((minute + minute_of_day) / 1440)::INTEGER;

-- The CDISC study day of a day: there is no day 0, the infusion day is day 1.
CREATE OR REPLACE MACRO cdisc_day_of(day) AS CASE WHEN day >= 0 THEN day + 1 ELSE day END;

-- A computed number to 12 significant digits, as it is stored: the last digits of a double depend on the engine, its version
-- and its threads, and are no result. `pipeline/statistics/rounding.py` is the same rule in Python.
CREATE OR REPLACE MACRO significant(number) AS format('{:.12g}', number::DOUBLE)::DOUBLE;

-- A length of time in hours, or in days, from whole minutes.
CREATE OR REPLACE MACRO hours_of(minutes) AS significant(minutes / 60);
CREATE OR REPLACE MACRO days_of(minutes) AS significant(minutes / 1440);

-- A share in percent; nothing where nobody is.
CREATE OR REPLACE MACRO pct(count, total) AS CASE WHEN total > 0 THEN significant(100 * count / total) END;

-- A quantile of values in ascending order, by the type of its definition (choice `quartiles`; Hyndman and Fan, Am Stat 1996).
-- Type 2: the value at the next place above n * share, and the mean of both neighbours where n * share is a whole number.
-- Type 7: linear between the values around place 1 + (n - 1) * share.
CREATE OR REPLACE MACRO quantile_type_2(ordered, share) AS CASE
    WHEN len(ordered) * share = floor(len(ordered) * share)
        THEN (ordered[(len(ordered) * share)::BIGINT] + ordered[(len(ordered) * share)::BIGINT + 1]) / 2
    ELSE ordered[floor(len(ordered) * share)::BIGINT + 1] END;
CREATE OR REPLACE MACRO quantile_type_7(ordered, share) AS
    ordered[floor((len(ordered) - 1) * share)::BIGINT + 1]
    + ((len(ordered) - 1) * share - floor((len(ordered) - 1) * share))
    * (ordered[ceil((len(ordered) - 1) * share)::BIGINT + 1] - ordered[floor((len(ordered) - 1) * share)::BIGINT + 1]);
CREATE OR REPLACE MACRO quantile_of(ordered, share, type) AS significant(CASE
    WHEN len(ordered) = 0 THEN NULL
    WHEN type = 7 THEN quantile_type_7(ordered, share)
    ELSE quantile_type_2(ordered, share) END);
CREATE OR REPLACE MACRO quantile_method(type) AS CASE type
    WHEN 7 THEN 'quantile of type 7, linear between values'
    ELSE 'quantile of type 2, as SAS with PCTLDEF=5' END;

-- Whose log(-log) the limits of a cumulative incidence are (choice `incidence_limits`).
CREATE OR REPLACE MACRO limits_scale(n_competing, limits) AS CASE
    WHEN limits = 1 AND n_competing = 0 THEN 'log(-log) of the event-free share, 95 %'
    ELSE 'log(-log) of the incidence, 95 %' END;

-- The place of a level among those of its stratum, then by name: ages from the youngest, who has no value last.
CREATE OR REPLACE MACRO place_of_level(level) AS CASE level WHEN 'under 18' THEN 0 WHEN 'not recorded' THEN 2 ELSE 1 END;

-- A clock in microseconds of UTC; one with no zone offset is counted as it is written.
CREATE OR REPLACE MACRO instant_us(clock, zone_offset) AS epoch_us(clock) - coalesce(zone_offset, 0)::BIGINT * 60000000;

-- Minutes since time zero, not yet rounded: subtract first, then round. The clock goes before the hours.
CREATE OR REPLACE MACRO elapsed_minutes(clock, zone_offset, hours, zero_us) AS
    CASE WHEN clock IS NOT NULL THEN (instant_us(clock, zone_offset) - zero_us) / 60000000 ELSE round(hours * 60, 9) END;

-- An elapsed time in whole minutes, nearest minute, halves up.
CREATE OR REPLACE MACRO whole_minute(elapsed) AS try_cast(floor(elapsed + 0.5) AS INTEGER);

-- Does one of two clocks carry a zone offset and the other not?
CREATE OR REPLACE MACRO offset_differs(clock, zone_offset, zero_offset) AS
    clock IS NOT NULL AND (zone_offset IS NULL) <> (zero_offset IS NULL);

-- A text of the tables in the terms that hold: with no infusion known nobody was treated, and nothing is called CRS.
CREATE OR REPLACE MACRO in_terms(written, is_stand_in) AS list_reduce(
    [written,
     '{Overview}|' || CASE WHEN is_stand_in THEN 'Criteria met: overview' ELSE 'Cytokine release syndrome: overview' END,
     '{all treated}|' || CASE WHEN is_stand_in THEN 'all patients' ELSE 'all treated patients' END,
     '{Treated}|' || CASE WHEN is_stand_in THEN 'Patients' ELSE 'Treated' END,
     '{CRS}|' || CASE WHEN is_stand_in THEN 'an episode by the criteria' ELSE 'CRS' END,
     '{Any CRS}|' || CASE WHEN is_stand_in THEN 'Criteria met' ELSE 'Any CRS' END,
     '{No CRS}|' || CASE WHEN is_stand_in THEN 'Criteria not met' ELSE 'No CRS' END,
     '{Highest grade}|' || CASE WHEN is_stand_in THEN 'Highest grade by the criteria' ELSE 'Highest grade of CRS' END,
     '{the infusion}|' || CASE WHEN is_stand_in THEN 'time zero' ELSE 'the infusion' END,
     '{the infusion day}|' || CASE WHEN is_stand_in THEN 'the day of time zero' ELSE 'the infusion day' END],
    lambda said, term: replace(said, split_part(term, '|', 1), split_part(term, '|', 2)));
