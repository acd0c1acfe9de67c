"""Charts on fever: what one is, how long a reading holds, what does not count, and what nobody charted.

Numbers in brackets are those of the edge cases in the clinical notes that this project was written from.
"""

from charts import chart

# The tables are drawn by hand.
# fmt: off


def test_a_temperature_is_a_fever_from_38_0_on_and_is_not_rounded_up_to_it():
    """[1, 2, 3] 38.0 and 100.4 degF are fevers; 37.99 and 100.35 degF (37.97) are none, though both print as
    38.0."""
    chart("""
        hour  temperature  systolic_bp
           0  37.9                 120
           2  100.35 degF
           4  38.0
           6  100.4 degF
           8  37.99
    """, until=10).gives("""
        from  to  grade  ceiling  because  episode
           0   4      0        0
           4   8      1        1  fever          1
           8  10      0        0
    """)


def test_tachycardia_low_saturation_and_organ_injury_leave_a_fever_at_grade_1():
    """[4, 56, 57, 71] Symptoms and organ toxicity do not grade; hypoxia counts by what it required, here
    nothing."""
    chart("""
        hour  temperature  systolic_bp  heart_rate  respiratory_rate  spo2  creatinine   ast
           0         36.9          130
           2         40.5          118         150                32    86         8.0  2000
           8         37.2
    """, until=12).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   8      1        1  fever          1
           8  12      0        0
    """)


def test_a_fever_holds_for_fourteen_hours_and_is_then_unknown():
    """One missed round is bridged, a day is not. From then on a fever cannot be ruled out, nor that CRS went
    on."""
    chart("""
        hour  temperature  systolic_bp
           0                       120
           2         38.5
           8                       118
          20                       121
    """, until=24).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        1
           2  16      1        1  fever          1
          16  24      0        1
    """).summary(end_hour=16, resolved=False)


def test_the_next_temperature_after_exactly_fourteen_hours_leaves_nothing_unknown():
    """A reading is in force until the next one, 14 h at most."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         38.5
          12                       118
          16         37.0
    """, until=18).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2  16      1        1  fever          1
          16  18      0        0
    """).summary(end_hour=16, resolved=True)


def test_the_next_temperature_after_a_minute_more_leaves_a_minute_unknown():
    """The same, a minute late: in that minute the fever may have gone on."""
    chart("""
         hour  temperature  systolic_bp
            0         37.0          120
            2         38.5
           12                       118
        16:01         37.0
    """, until=18).gives("""
         from     to  grade  ceiling  because  episode
            0      2      0        0
            2     16      1        1  fever          1
           16  16:01      0        1
        16:01     18      0        0
    """).summary(end_hour=16, resolved=True)


def test_a_reading_put_down_to_infection_ends_the_fever_before_it():
    """It is not graded, but it is a reading: it ends what it follows, is known, and shows that the episode
    ended."""
    chart("""
        hour  temperature      systolic_bp
           0  37.0             120
           2  38.6
           6  38.9 !infection
          10  37.0
    """, until=12).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   6      1        1  fever          1
           6  12      0        0
    """).summary(end_hour=6, resolved=True)


def test_a_low_pressure_beside_a_fever_put_down_to_infection_is_not_crs():
    """Fever must not be attributable to another cause: such a reading opens no window and no waiver
    either."""
    chart("""
        hour  temperature      systolic_bp  dexamethasone
           0  37.0             120
           2  39.2 !infection
           4                                10
           6  37.0
           7                   82
           9                   110
    """, until=11).gives("""
        from  to  grade  ceiling  because  episode
           0  11      0        0
    """).summary(status="no_crs", max_grade=0, max_ceiling=0)


def test_of_two_temperatures_in_one_minute_the_higher_counts():
    """[80, for temperatures] Two thermometers disagree: the fever is not averaged away."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         38.4
           2         37.2
           6         37.0
    """, until=8).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   6      1        1  fever          1
           6   8      0        0
    """)


def test_a_fever_before_the_infusion_does_not_hold_over():
    """[50] Readings count from time zero on: until the next one the temperature is unknown, not febrile."""
    chart("""
        hour  temperature  systolic_bp
          -1         38.6
           0                       120
           2         37.0
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        1
           2   6      0        0
    """).summary(status="no_crs")


def test_a_fever_within_half_a_minute_of_the_infusion_is_of_its_first_minute():
    """Minutes are the nearest: 29 seconds before the infusion is minute 0, and onset is on day 0."""
    chart("""
          hour  temperature  systolic_bp
        -0.008         38.2
             0                       120
             4         37.0
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   4      1        1  fever          1
           4   6      0        0
    """).summary(onset_hour=0, onset_day=0, onset_cdisc_day=1).raises_no("fever_before_infusion")


def test_an_end_charted_for_a_temperature_is_ignored():
    """A reading is a point; how long it holds is ruled by the next one."""
    chart("""
        hour  temperature  systolic_bp
           0  37.0         120
           2  38.5 -> 10
           4  37.0
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   4      1        1  fever          1
           4   6      0        0
    """)


def test_a_temperature_that_nobody_can_have_is_refused_and_ends_nothing():
    """[76] 104 filed as degC is no fever, no cooling, nothing. 45 and 25 degC can be, and are never
    clipped."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         45.0
           3          104
           4         25.0
           5         45.1
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   4      1        1  fever          1
           4   6      0        0
    """)


def test_a_vasopressor_goes_on_counting_while_nobody_takes_the_temperature():
    """[64] Once linked to a fever, support counts until it stops; that nobody measured is no recovery."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0               110
           2  38.5
           4                            0.05 -> 40
          12               105
          24               104
          36               112
    """, until=44).gives("""
        from  to  grade  ceiling  because            episode
           0   2      0        1
           2   4      1        1  fever                    1
           4  16      3        3  fever vasopressor        1
          16  40      3        3  vasopressor              1
          40  44      0        1
    """).summary(end_hour=40, resolved=False)


def test_a_patient_without_any_temperature_is_not_evaluable_and_may_have_had_grade_3():
    """[65] No fever was ruled out: the vasopressor may be CRS. That is the ceiling, never the grade."""
    chart("""
        hour  systolic_bp  norepinephrine
           0  118
           2               0.1 -> 6
    """, until=10).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        1
           2   6      0        3
           6  10      0        1
    """).summary(status="not_evaluable", max_grade=None, max_ceiling=3, hours_unknown=0)


def test_hours_in_which_nothing_was_charted_are_unknown_and_not_normal():
    """Fever and low pressure may have come and gone; the highest ceiling does not count hours of no chart at
    all."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
          20         36.9          122
    """, until=24).gives("""
        from  to  grade  ceiling  because  episode
           0  14      0        0
          14  20      0        2
          20  24      0        0
    """).summary(status="no_crs", max_grade=0, max_ceiling=0, hours_unknown=6)
