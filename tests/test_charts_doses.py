"""Charts on how much of a vasopressor runs and for how long: high doses, dips, weights, equivalents, 24 hours.

The dose tables are those of Lee 2014 and Penn; MSKCC asks for the hours of any vasopressor.
"""

from charts import chart

# The tables are drawn by hand.
# fmt: off


# Three hours of a high dose


def test_a_high_dose_of_three_hours_is_grade_3_from_its_first_minute():
    """Lee 2014: at least 20 ug/min of norepinephrine for at least 180 minutes."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            20 ug/min -> 5
           8  37.0         110
    """, until=10, system="lee_2014").gives("""
        from  to  grade  ceiling  because                                  episode
           0   2      1        1  fever                                          1
           2   5      3        3  fever vasopressor high_dose_vasopressor        1
           5   8      1        1  fever                                          1
           8  10      0        0
    """)


def test_a_minute_less_than_three_hours_is_a_low_dose():
    """179 minutes."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            20 ug/min -> 4:59
           8  37.0         110
    """, until=10, system="lee_2014").gives("""
        from  to    grade  ceiling  because            episode
           0  2         1        1  fever                    1
           2  4:59      2        2  fever vasopressor        1
        4:59  8         1        1  fever                    1
           8  10        0        0
    """)


def test_just_below_the_dose_is_a_low_dose():
    """19.9 ug/min for ten hours."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            19.9 ug/min -> 12
          13  37.0         110
    """, until=14, system="lee_2014").summary(max_grade=2, max_ceiling=2)


def test_a_dip_of_15_minutes_does_not_end_a_high_dose():
    """100 minutes, 15 lower, 80: 195 minutes in one stretch, the dip among them."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            25 ug/min -> 3:40
        3:40                            5 ug/min -> 3:55
        3:55                            25 ug/min -> 5:15
           8  37.0         110
    """, until=10, system="lee_2014").gives("""
        from  to    grade  ceiling  because                                  episode
           0  2         1        1  fever                                          1
           2  5:15      3        3  fever vasopressor high_dose_vasopressor        1
        5:15  8         1        1  fever                                          1
           8  10        0        0
    """)


def test_a_dip_of_16_minutes_ends_a_high_dose():
    """One minute more than is bridged: two stretches of a high dose, each too short."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            25 ug/min -> 3:40
        3:40                            5 ug/min -> 3:56
        3:56                            25 ug/min -> 5:15
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=2, max_ceiling=2)


def test_a_stop_of_ten_minutes_is_a_dip_too():
    """A syringe is changed: the high dose goes on, though no vasopressor runs for ten minutes."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            25 ug/min -> 3:40
        3:50                            25 ug/min -> 5:15
           8  37.0         110
    """, until=10, system="lee_2014").gives("""
        from  to    grade  ceiling  because                                  episode
           0  2         1        1  fever                                          1
           2  3:40      3        3  fever vasopressor high_dose_vasopressor        1
        3:40  3:50      3        3  fever high_dose_vasopressor                    1
        3:50  5:15      3        3  fever vasopressor high_dose_vasopressor        1
        5:15  8         1        1  fever                                          1
           8  10        0        0
    """)


def test_death_does_not_make_a_short_high_dose_long():
    """Two hours and then death: three hours were not seen."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            40 ug/min -> 9
    """, death=4, system="lee_2014").summary(max_grade=2, max_ceiling=2)


def test_a_high_dose_before_the_infusion_is_not_counted():
    """Its stretch begins at time zero: 170 minutes of it lie after."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
          -4                            5 ug/min -> -1
          -1                            25 ug/min -> 2:50
           0  38.6         110
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=1, max_ceiling=2).raises("baseline_support")


# The weight


def test_the_weight_converts_a_dose():
    """0.25 ug/kg/min is 20 ug/min at 80 kg, and less at 79."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine
          -1  80
           0          38.6         110
           2                                    0.25 -> 6
           8          37.0         110
    """, until=10, system="lee_2014").summary(max_grade=3, max_ceiling=3)
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine
          -1  79
           0          38.6         110
           2                                    0.25 -> 6
           8          37.0         110
    """, until=10, system="lee_2014").summary(max_grade=2, max_ceiling=2)


def test_with_no_weight_a_low_dose_is_proven_and_a_high_one_possible():
    """Norepinephrine per kilogram against a limit per minute."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            0.05 -> 6
           8  37.0         110
    """, until=10, system="lee_2014").gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   6      2        3  fever vasopressor        1
           6   8      1        1  fever                    1
           8  10      0        0
    """)


def test_with_no_weight_a_dose_is_judged_in_the_unit_it_was_charted_in():
    """Penn asks for ug/kg/min of norepinephrine: it needs no weight; Lee asks for ug/min and needs one."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            0.2 -> 6
           8  37.0         110
    """, until=10, system="penn_2018").summary(max_grade=4, max_ceiling=4)
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            0.2 -> 6
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=2, max_ceiling=3)


def test_an_unknown_dose_that_runs_less_than_three_hours_cannot_be_a_high_one():
    """In mL/h, for two hours."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            8 mL/h -> 4
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=2, max_ceiling=2)


def test_a_vasopressor_outside_the_formula_may_be_a_high_dose():
    """Angiotensin II has no norepinephrine equivalent here."""
    chart("""
        hour  temperature  systolic_bp  angiotensin_ii
           0  38.6         110
           2                            0.02 -> 6
           8  37.0         110
    """, until=10, system="penn_2018").gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        2  fever                    1
           2   6      3        4  fever vasopressor        1
           6   8      1        2  fever                    1
           8  10      0        0
    """)


# Norepinephrine equivalents


def test_a_low_dose_beside_vasopressin_may_be_high():
    """Penn: an equivalent of 10 ug/min beside vasopressin, where 0.1 ug/kg/min is not reached at 150 kg."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine   vasopressin
          -1  150
           0          38.6         110
           2                                    10 ug/min -> 6   0.03 -> 6
           8          37.0         110
    """, until=10, system="penn_2018").summary(max_grade=4, first_max_hour=2)
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine    vasopressin
          -1  150
           0          38.6         110
           2                                    9.9 ug/min -> 6   0.03 -> 6
           8          37.0         110
    """, until=10, system="penn_2018").summary(max_grade=3, max_ceiling=3)


def test_doses_in_combination_add_up_as_norepinephrine():
    """At 70 kg 12 ug/min of norepinephrine, 100 ug/min / 10 of phenylephrine and 5 ug/kg/min / 2 of dopamine are 24.5;
    Penn's 0.2 ug/kg/min of norepinephrine is 14 ug/min, so none of the three is a high dose alone."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine  phenylephrine    dopamine
          -1  70
           0          38.6         110
           2                                    12 ug/min -> 6  100 ug/min -> 6  5 -> 6
           8          37.0         110
    """, until=10, system="penn_2018").summary(max_grade=4, first_max_hour=2)
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine  phenylephrine   dopamine
          -1  70
           0          38.6         110
           2                                    12 ug/min -> 6  50 ug/min -> 6  5 -> 6
           8          37.0         110
    """, until=10, system="penn_2018").summary(max_grade=3, max_ceiling=3)


def test_each_vasopressor_has_its_own_dose():
    """Lee 2014: dopamine 10 ug/kg/min, phenylephrine 200 and epinephrine 10 ug/min, each alone."""
    chart("""
        hour  temperature  systolic_bp  dopamine
           0  38.6         110
           2                            10 -> 6
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=3, max_ceiling=3)
    chart("""
        hour  temperature  systolic_bp  phenylephrine
           0  38.6         110
           2                            200 ug/min -> 6
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=3, max_ceiling=3)
    chart("""
        hour  temperature  systolic_bp  epinephrine
           0  38.6         110
           2                            10 ug/min -> 6
           8  37.0         110
    """, until=10, system="lee_2014").summary(max_grade=3, max_ceiling=3)


# Vasopressin counted


def test_vasopressin_is_counted_where_the_system_counts_it():
    """Norepinephrine beside vasopressin is two vasopressors for Lee, one for ASTCT; MSKCC does not count."""
    drawn = """
        hour  weight  temperature  systolic_bp  norepinephrine  vasopressin
          -1  70
           0          38.6         110
           2                                    0.02 -> 6       0.03 -> 5
           8          37.0         110
    """
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine  vasopressin
          -1  70
           0          38.6         110
           2                                    0.02 -> 6       0.03 -> 5
           8          37.0         110
    """, until=10, system="lee_2014").gives("""
        from  to  grade  ceiling  because                                 episode
           0   2      1        1  fever                                         1
           2   5      3        3  fever vasopressor several_vasopressors        1
           5   6      2        2  fever vasopressor                             1
           6   8      1        1  fever                                         1
           8  10      0        0
    """)
    chart(drawn, until=10, system="mskcc_2018").summary(max_grade=2)
    chart(drawn, until=10, system="ctcae_5").summary(max_grade=4)


def test_a_switch_to_vasopressin_is_no_second_vasopressor():
    """Both run for 59 minutes: less than multiple_vasopressors_overlap_min."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine  vasopressin
          -1  70
           0          38.6         110
           2                                    0.02 -> 5:59
           5                                                    0.03 -> 9
          10          37.0         110
    """, until=11, system="lee_2014").summary(max_grade=2, max_ceiling=2)


# Hours on any vasopressor


def test_a_vasopressor_for_24_hours_is_grade_3_in_mskcc_from_its_first_minute():
    """The same drug for a day, then a minute less."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine
          -1  70
           0          38.6         110
           2                                    0.02 -> 26
          12                       110
          24          37.0         110
    """, until=30, system="mskcc_2018").gives("""
        from  to  grade  ceiling  because                             episode
           0   2      1        1  fever                                     1
           2  14      3        3  fever vasopressor vasopressor_24_h        1
          14  26      3        3  vasopressor vasopressor_24_h              1
          26  30      0        0
    """)
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine
          -1  70
           0          38.6         110
           2                                    0.02 -> 25:59
          12                       110
          24          37.0         110
    """, until=30, system="mskcc_2018").summary(max_grade=2)


def test_different_vasopressors_with_a_gap_of_an_hour_are_one_course():
    """Norepinephrine for 12 h, an hour off, vasopressin for 11 h: 24 h in all, the gap among them."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine  vasopressin
          -1  70
           0          38.6         110
           2                                    0.02 -> 14
          12          38.1
          15                                                    0.03 -> 26
          20          37.0
          28          37.0
    """, until=30, system="mskcc_2018").gives("""
        from  to  grade  ceiling  because                             episode
           0   2      1        1  fever                                     1
           2  14      3        3  fever vasopressor vasopressor_24_h        1
          14  15      3        3  fever vasopressor_24_h                    1
          15  20      3        3  fever vasopressor vasopressor_24_h        1
          20  26      3        3  vasopressor vasopressor_24_h              1
          26  30      0        0
    """)


def test_a_gap_of_61_minutes_begins_a_new_course():
    """One minute more than is bridged."""
    chart("""
        hour  weight  temperature  systolic_bp  norepinephrine  vasopressin
          -1  70
           0          38.6         110
           2                                    0.02 -> 14
        15:01                                                   0.03 -> 27
          28          37.0
    """, until=30, system="mskcc_2018").summary(max_grade=2)


def test_a_high_dose_may_be_refractory_in_mskcc():
    """No data decide it: the ceiling is 4, the grade is that of any vasopressor."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            20 ug/min -> 5
           8  37.0         110
    """, until=10, system="mskcc_2018").gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   5      2        4  fever vasopressor        1
           5   8      1        1  fever                    1
           8  10      0        0
    """)
