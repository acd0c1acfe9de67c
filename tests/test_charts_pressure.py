"""Charts on low pressure: its limit by age, how it is confirmed, and what is unknown without readings.

Numbers in brackets are those of the edge cases in the clinical notes that this project was written from.
"""

import pytest
from charts import chart

# The tables are drawn by hand.
# fmt: off


def test_a_pressure_is_low_below_90_and_not_at_90():
    """[6] Hypotension that nobody treated is grade 2 all the same: 'not requiring vasopressors'."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5           90
           2                      89.9
           4                      90.1
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      2        2  fever hypotension        1
           4   6      1        1  fever                    1
    """)


LIMITS = {
    "27 days": (27 / 365.25, 60),
    "28 days": (28 / 365.25, 70),
    "a day short of 1 year": (364 / 365.25, 70),
    "1 year": (1, 72),
    "9 years": (9, 88),
    "nearly 10 years": (9.99, 88),
    "10 years": (10, 90),
    "age not known": (None, 90),
}

CHILDREN = {
    name: chart(f"""
        hour  temperature  systolic_bp
           0         38.5           {limit}
           2                      {limit - 0.5}
           4                        {limit}
    """, age=age, until=6)
    for name, (age, limit) in LIMITS.items()
}


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_is_hypotensive_below_the_limit_of_its_age_and_not_at_it(name):
    """[77] PALS: 60 in the first 28 days, 70 in the first year, 70 + 2 x whole years, 90 from 10 years on."""
    CHILDREN[name].gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      2        2  fever hypotension        1
           4   6      1        1  fever                    1
    """)


def test_a_fever_with_no_pressure_charted_may_be_grade_2():
    """Unknown is not normal. Before the fever a low pressure would not have been CRS; after it, it would."""
    chart("""
        hour  temperature
           0         37.0
           2         38.5
           6         37.0
    """, until=8).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   6      1        2  fever          1
           6   8      0        2
    """).summary(max_grade=1, max_ceiling=2)


def test_a_fluid_bolus_is_neither_needed_for_grade_2_nor_enough():
    """[5, 7] The bolus tells of the treatment; the grade goes by the pressure."""
    chart("""
        hour  temperature  systolic_bp  fluid_bolus
           0         38.5          100
           1                                   1000
           2                        85         1000
           5                        95
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   5      2        2  fever hypotension        1
           5   6      1        1  fever                    1
    """)


def test_a_low_mean_pressure_or_a_fall_from_the_usual_is_not_low():
    """[78, 79] No rule of the mean or of the patient's own pressure is in force."""
    chart("""
        hour  temperature  systolic_bp  diastolic_bp  mean_bp
          -3                       160            90      113
           0         38.5           95            40       58
    """, until=4).gives("""
        from  to  grade  ceiling  because  episode
           0   4      1        1  fever          1
    """)


def test_of_an_arterial_and_a_cuff_pressure_in_one_minute_the_lower_counts():
    """[80] 80 by the line, 105 by the cuff."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          110
           2                       105
           2                        80
           4                       108
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      2        2  fever hypotension        1
           4   6      1        1  fever                    1
    """)


def test_one_low_pressure_normal_five_minutes_later_is_five_minutes_of_grade_2():
    """[81] By default one reading is enough, and it holds until the next."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          110
           2                        85
        2:05                       104
    """, until=6).gives("""
        from    to  grade  ceiling  because            episode
           0     2      1        1  fever                    1
           2  2:05      2        2  fever hypotension        1
        2:05     6      1        1  fever                    1
    """)


def test_a_low_pressure_that_nobody_measured_again_holds_fourteen_hours_and_is_then_unknown():
    """Within a day of the fever it may still be low. A reading that runs out is no presumed hold:
    resolved."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         38.5
           3                        85
           4         37.0
          12         37.0
          20         37.0
    """, until=24).gives("""
        from  to  grade  ceiling  because            episode
           0   2      0        0
           2   3      1        1  fever                    1
           3   4      2        2  fever hypotension        1
           4  17      2        2  hypotension              1
          17  24      0        2
    """).summary(end_hour=17, resolved=True).raises_no("presumed_hold")


def test_a_low_pressure_before_the_fever_counts_from_the_fever_on():
    """[45] Until then it has another cause; the fever links the stretch that is still going on."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           1                        85
           3         38.5
           5                       110
    """, until=7).gives("""
        from  to  grade  ceiling  because            episode
           0   3      0        0
           3   5      2        2  fever hypotension        1
           5   7      1        1  fever                    1
    """).summary(onset_hour=3)


def test_a_low_pressure_while_no_temperature_is_known_may_be_crs_to_its_end():
    """A fever at its start cannot be ruled out, and would count until the pressure is normal: 37.0 does not
    undo it."""
    chart("""
        hour  temperature  systolic_bp
           0                       120
           1                        85
           6         37.0
           8                       110
    """, until=10).gives("""
        from  to  grade  ceiling  because  episode
           0   1      0        1
           1   8      0        2
           8  10      0        0
    """).summary(status="no_crs", max_grade=0, max_ceiling=2)


def test_a_low_pressure_is_graded_from_the_first_temperature_that_shows_a_fever():
    """Before it the fever is only possible: ceiling 2. From it on it is proven."""
    chart("""
        hour  temperature  systolic_bp
           0                       120
           1                        85
           6         38.5
           8                       110
    """, until=10).gives("""
        from  to  grade  ceiling  because            episode
           0   1      0        1
           1   6      0        2
           6   8      2        2  fever hypotension        1
           8  10      1        1  fever                    1
    """).summary(onset_hour=6)


def test_a_low_pressure_under_sedation_for_a_procedure_is_known_and_does_not_count():
    """It is charted with its cause: not low for CRS, and the low pressure before it ends with it."""
    chart("""
        hour  temperature  systolic_bp
           0  38.5         110
           2               85
           4               84 !procedure
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      2        2  fever hypotension        1
           4   6      1        1  fever                    1
    """)


def test_a_low_pressure_before_the_infusion_does_not_hold_over():
    """As for a fever: until the first reading after time zero the pressure is unknown."""
    chart("""
        hour  temperature  systolic_bp
          -1                        80
           1         38.5
           2                       110
    """, until=4).gives("""
        from  to  grade  ceiling  because  episode
           0   1      0        2
           1   2      1        2  fever          1
           2   4      1        1  fever          1
    """)


def test_a_low_pressure_confirmed_by_the_next_counts_from_the_first_of_the_two():
    """[81] With two readings asked for, a single low one at hour 2 is none; 85 and 84 at hours 4 and 5
    are."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          110
           2                        85
           3                       100
           4                        85
           5                        84
           6                       110
    """, until=8, hypotension_confirm_readings=2).gives("""
        from  to  grade  ceiling  because            episode
           0   4      1        1  fever                    1
           4   6      2        2  fever hypotension        1
           6   8      1        1  fever                    1
    """)


def test_two_low_pressures_in_one_minute_do_not_confirm_each_other():
    """Two channels of one monitor are one reading; and a last low reading that nobody repeated stays
    unconfirmed."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          110
           2                        85
           2                        84
           3                       110
           5                        80
    """, until=6, hypotension_confirm_readings=2).gives("""
        from  to  grade  ceiling  because  episode
           0   6      1        1  fever          1
    """)


def test_a_gap_in_charting_does_not_part_two_low_pressures():
    """They are consecutive readings. While neither is in force the pressure is unknown."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          110
           2                        85
          12         38.5
          20                        84
          22                       110
    """, until=24, hypotension_confirm_readings=2).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2  16      2        2  fever hypotension        1
          16  20      1        2  fever                    1
          20  22      2        2  fever hypotension        1
          22  24      1        1  fever                    1
    """)


def test_a_reading_during_a_procedure_parts_two_low_pressures():
    """Whatever it shows: it is not a reading of CRS, and the two around it are not consecutive."""
    chart("""
        hour  temperature  systolic_bp
           0  38.5         110
           2               85
           3               83 !procedure
           4               84
           5               110
    """, until=6, hypotension_confirm_readings=2).gives("""
        from  to  grade  ceiling  because  episode
           0   6      1        1  fever          1
    """)


def test_a_low_pressure_before_the_infusion_confirms_none_after_it():
    """Readings count from time zero on, for confirming too."""
    chart("""
          hour  temperature  systolic_bp
            -1                        84
             0         38.5           85
             2                       110
    """, until=4, hypotension_confirm_readings=2).gives("""
        from  to  grade  ceiling  because  episode
           0   4      1        1  fever          1
    """)


def test_of_three_readings_asked_for_two_low_ones_are_not_enough():
    """Two at hours 2 and 3, normal at 4; three from hour 5 on."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          110
           2                        85
           3                        84
           4                        90
           5                        83
           6                        82
           7                        81
           8                       110
    """, until=10, hypotension_confirm_readings=3).gives("""
        from  to  grade  ceiling  because            episode
           0   5      1        1  fever                    1
           5   8      2        2  fever hypotension        1
           8  10      1        1  fever                    1
    """)
