"""Charts on what Lee, Penn and CARTOX add to the vitals: organ grades, boluses, fractions of oxygen."""

from charts import chart

# The tables are drawn by hand.
# fmt: off


# Organ grades


def test_creatinine_above_6_times_its_limit_is_grade_4_while_the_result_holds():
    """Upper limit 1.2 mg/dL; the next result ends it."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            0.9
           0  38.6         110
           2                            7.3
           8                            6.5
          10  37.0         110
    """, until=12, system="lee_2014").gives("""
        from  to  grade  ceiling  because                                                   episode
           0   2      1        1  fever                                                           1
           2   8      4        4  fever organ_toxicity_2 organ_toxicity_3 organ_toxicity_4        1
           8  10      3        3  fever organ_toxicity_2 organ_toxicity_3                         1
          10  12      3        3  organ_toxicity_2 organ_toxicity_3                               1
    """)


def test_exactly_at_a_limit_is_the_lower_grade():
    """1.5, 3 and 6 times 1.2 mg/dL; each a little above in the next hour. The baseline is high enough to play no part."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            1.2
           0  38.6         110
           1                            1.8
           2                            1.81
           3                            3.6
           4                            3.61
           5                            7.2
           6                            7.21
    """, until=7, system="cartox_2018").gives("""
        from  to  grade  ceiling  because                                                                    episode
           0   1      1        1  fever                                                                            1
           1   2      1        1  fever organ_toxicity_1                                                           1
           2   4      2        2  fever organ_toxicity_1 organ_toxicity_2                                          1
           4   6      3        3  fever organ_toxicity_1 organ_toxicity_2 organ_toxicity_3                         1
           6   7      4        4  fever organ_toxicity_1 organ_toxicity_2 organ_toxicity_3 organ_toxicity_4        1
    """)


def test_creatinine_is_also_judged_against_the_last_result_before_the_infusion():
    """From 0.4 to 0.61 mg/dL is more than 1.5 times; the older 2.0 plays no part. To 1.21 is more than 3 times."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -60                            2.0
         -20                            0.4
           0  38.6         110
           1                            0.6
           2                            0.61
           3                            1.21
    """, until=4, system="lee_2014").gives("""
        from  to  grade  ceiling  because                                  episode
           0   2      1        1  fever                                          1
           2   3      2        2  fever organ_toxicity_2                         1
           3   4      3        3  fever organ_toxicity_2 organ_toxicity_3        1
    """)


def test_an_organ_grade_of_the_baseline_does_not_count():
    """Grade 2 before and after (2.0, then 2.5 mg/dL); grade 3 is above it."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            2.0
           0  38.6         110
           2                            2.5
           6                            3.7
    """, until=8, system="lee_2014").gives("""
        from  to  grade  ceiling  because                                  episode
           0   6      1        1  fever                                          1
           6   8      3        3  fever organ_toxicity_2 organ_toxicity_3        1
    """)


def test_with_no_result_before_the_infusion_the_upper_limit_alone_decides():
    """Taken as it is; what it was before may be asked for by choice, and then leaves grade 3 possible."""
    chart("""
        hour  temperature  systolic_bp  creatinine
           0  38.6         110
           2                            1.9
    """, until=4, system="lee_2014").summary(max_grade=2, max_ceiling=2)
    chart("""
        hour  temperature  systolic_bp  creatinine
           0  38.6         110          1.9
    """, until=4, system="lee_2014", uncharted_labs_lift_ceiling=1).gives("""
        from  to  grade  ceiling  because                 episode
           0   4      2        3  fever organ_toxicity_2        1
    """)


def test_transaminases_never_make_grade_4():
    """AST above 20 times 40 U/L: 3 in Lee and Penn, though creatinine of that grade is 4 in Lee."""
    chart("""
        hour  temperature  systolic_bp  ast
         -20                            30
           0  38.6         110
           2                            800
           4                            801
    """, until=6, system="penn_2018").gives("""
        from  to  grade  ceiling  because                                episode
           0   2      1        2  fever                                        1
           2   4      2        3  fever transaminases_3                        1
           4   6      3        3  fever transaminases_3 transaminases_4        1
    """)
    chart("""
        hour  temperature  systolic_bp  alt
         -20                            30
           0  38.6         110
           2                            801
    """, until=6, system="lee_2014").summary(max_grade=3, max_ceiling=3)


def test_a_result_holds_for_72_hours():
    """Fever every half day, one result on the first day: at hour 74 it is not known any more."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            0.9
           0  38.6         110
           2                            2.0
          12  38.6         110
          24  38.6         110
          36  38.6         110
          48  38.6         110
          60  38.6         110
          72  38.6         110
          84  38.6         110
    """, until=90, system="lee_2014").gives("""
        from  to  grade  ceiling  because                 episode
           0   2      1        1  fever                         1
           2  74      2        2  fever organ_toxicity_2        1
          74  90      1        1  fever                         1
    """)


def test_an_organ_grade_counts_until_72_hours_after_the_last_fever():
    """The fever ends at hour 4; results go on. From hour 76 on the kidney is not put down to CRS."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            0.9
           0  38.6         110          2.0
           4  37.0         110
          16  37.0         110
          28  37.0         110
          40  37.0         110          2.0
          52  37.0         110
          64  37.0         110
          76  37.0         110
          88  37.0         110
    """, until=90, system="lee_2014").gives("""
        from  to  grade  ceiling  because                 episode
           0   4      2        2  fever organ_toxicity_2        1
           4  76      2        2  organ_toxicity_2              1
          76  90      0        0
    """)


def test_where_no_temperature_is_known_a_fever_may_have_kept_the_window_open():
    """Pressures go on, temperatures end with hour 18: from hour 76 on the organ grade is possible only."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            0.9
           0  38.6         110          2.0
           4  37.0         110
          16              110
          28              110
          40              110          2.0
          52              110
          64              110
          76              110
          88              110
    """, until=80, system="lee_2014").gives("""
        from  to  grade  ceiling  because                 episode
           0   4      2        2  fever organ_toxicity_2        1
           4  76      2        2  organ_toxicity_2              1
          76  80      0        2
    """)


def test_creatinine_before_any_sign_of_crs_is_no_organ_grade():
    """High from hour 2, fever from hour 6."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            0.9
           0  37.0         110
           2                            2.0
           6  38.6         110
    """, until=8, system="lee_2014").gives("""
        from  to  grade  ceiling  because                 episode
           0   6      0        0
           6   8      2        2  fever organ_toxicity_2        1
    """)


def test_a_result_put_down_to_another_cause_is_no_organ_grade():
    """Contrast medium, say."""
    chart("""
        hour  temperature  systolic_bp  creatinine
         -20                            0.9
           0  38.6         110          7.3 !contrast
    """, until=8, system="lee_2014").summary(max_grade=1, max_ceiling=1)


def test_a_result_nobody_charted_may_be_anything_by_choice():
    """With uncharted_labs_lift_ceiling a fever without results may be grade 4 in Lee, 3 in Penn, and 1 in MSKCC."""
    chart("""
        hour  temperature  systolic_bp
           0  38.6         110
    """, until=4, system="lee_2014", uncharted_labs_lift_ceiling=1).summary(max_grade=1, max_ceiling=4)
    chart("""
        hour  temperature  systolic_bp
           0  38.6         110
    """, until=4, system="penn_2018", uncharted_labs_lift_ceiling=1).summary(max_grade=1, max_ceiling=3)
    chart("""
        hour  temperature  systolic_bp
           0  38.6         110
    """, until=4, system="mskcc_2018", uncharted_labs_lift_ceiling=1).summary(max_grade=1, max_ceiling=1)


# Boluses


def test_two_boluses_for_a_low_pressure_are_grade_3_in_penn_until_a_day_after_the_first():
    """84 mmHg at hour 2; boluses at hours 2 and 6."""
    chart("""
        hour  temperature  systolic_bp  fluid_bolus
           0  38.6         110
           2               84           500
           3               110
           6                            500
          12  38.2         110
          24  38.2         110
    """, until=30, system="penn_2018").gives("""
        from  to  grade  ceiling  because                episode
           0   6      1        2  fever                        1
           6  26      3        3  fever several_boluses        1
          26  30      1        2  fever                        1
    """)


def test_a_bolus_counts_within_6_hours_of_a_low_pressure():
    """84 mmHg in force from hour 8 to 9. A bolus at hour 2 lies 6 h before, one at 14:59 the same after, one at 15 and
    one at 1:59 a minute too far."""
    chart("""
        hour   temperature  systolic_bp  fluid_bolus
           0   38.6         110
           2                             500
           8                84
           9                110
        14:59                            500
          15   38.6         110
    """, until=16, system="penn_2018").summary(max_grade=3, first_max_hour="14:59")
    chart("""
        hour  temperature  systolic_bp  fluid_bolus
           0  38.6         110
           2                            500
           8               84
           9               110
          15  38.6         110          500
    """, until=16, system="penn_2018").summary(max_grade=1, max_ceiling=2)
    chart("""
        hour   temperature  systolic_bp  fluid_bolus
           0   38.6         110
        1:59                             500
           8                84
           9                110
        14:59                            500
          15   38.6         110
    """, until=16, system="penn_2018").summary(max_grade=1, max_ceiling=2)


def test_boluses_with_no_pressure_charted_are_possible_only():
    """A low pressure cannot be ruled out."""
    chart("""
        hour  temperature  fluid_bolus
           0  38.6
           2               500
           6               500
    """, until=8, system="penn_2018").gives("""
        from  to  grade  ceiling  because  episode
           0   6      1        2  fever          1
           6   8      1        3  fever          1
    """)


def test_boluses_24_hours_apart_are_not_several():
    """Exactly a day: the first is not less than 24 h ago."""
    chart("""
        hour  temperature  systolic_bp  fluid_bolus
           0  38.6         84           500
          12  38.6         84
          24  38.6         84           500
    """, until=26, system="penn_2018").summary(max_grade=1)
    chart("""
        hour   temperature  systolic_bp  fluid_bolus
           0   38.6         84           500
          12   38.6         84
        23:59                            500
    """, until=26, system="penn_2018").summary(max_grade=3, first_max_hour="23:59", crs_hours=26)


# Fractions of oxygen


def test_a_charted_fraction_goes_before_the_flow():
    """2 L/min would be 28 %; charted is 40 %, then 39 %. The first reading stands from its minute on."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  fio2
           0  38.6         110
           2                            2 -> 10
           4                                           0.40
           6                                           39 %
    """, until=12, system="lee_2014").gives("""
        from  to  grade  ceiling  because                  episode
           0   2      1        1  fever                          1
           2   4      2        2  fever oxygen                   1
           4   6      3        3  fever oxygen high_oxygen       1
           6  10      2        2  fever oxygen                   1
          10  12      1        1  fever                          1
    """)


def test_a_charted_fraction_ends_with_the_oxygen_it_belongs_to():
    """At hour 6 the next device begins, and its flow decides: 3 L/min is 32 %. A fraction with no oxygen is of none."""
    chart("""
        hour  temperature  systolic_bp  venturi_mask  nasal_cannula  fio2
           0  38.6         110
           1                                                         0.6
           2                            on                           0.5
           6                                          3 -> 9
    """, until=12, system="lee_2014").gives("""
        from  to  grade  ceiling  because                  episode
           0   2      1        1  fever                          1
           2   6      3        3  fever oxygen high_oxygen       1
           6   9      2        2  fever oxygen                   1
           9  12      1        1  fever                          1
    """)


def test_a_cannula_up_to_6_litres_is_estimated_and_the_last_litre_is_doubtful():
    """4.9 L/min is 39.6 %; 5 to 6 may be 40 % or not; above 6 and with no flow the fraction is not known."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
           0  38.6         110          4.9 -> 2
           2                            5 -> 4
           4                            6 -> 6
           6                            6.1 -> 8
           8                            on -> 10
          10                            4.9 -> 12
    """, until=12, system="lee_2014").gives("""
        from  to  grade  ceiling  because       episode
           0   2      2        2  fever oxygen        1
           2  10      2        3  fever oxygen        1
          10  12      2        2  fever oxygen        1
    """)


def test_masks_are_estimated_where_they_can_be():
    """A simple mask from 5 L/min on and a non-rebreather give 40 % at least; any other device may."""
    chart("""
        hour  temperature  systolic_bp  face_mask  non_rebreather_mask  venturi_mask  high_flow_nasal_cannula  blow_by  other_mask
           0  38.6         110          5 -> 1
           1                            4.9 -> 2
           2                                       on -> 3
           3                                                            8 -> 4
           4                                       15 -> 5
           5                                                                          40 -> 6
           6                                                                                                   10 -> 7
           7                                                                                                            8 -> 8
           8                            on -> 9
    """, until=9, system="ctcae_5").gives("""
        from  to  grade  ceiling  because                  episode
           0   1      3        3  fever oxygen high_oxygen       1
           1   2      2        3  fever oxygen                   1
           2   3      3        3  fever oxygen high_oxygen       1
           3   4      2        3  fever oxygen                   1
           4   5      3        3  fever oxygen high_oxygen       1
           5   9      2        3  fever oxygen                   1
    """)


def test_without_the_estimate_every_device_may_give_40_percent():
    """fio2_from_flow = 0."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
           0  38.6         110          1 -> 4
    """, until=4, system="lee_2014", fio2_from_flow=0).summary(max_grade=2, max_ceiling=3)
    chart("""
        hour  temperature  systolic_bp  non_rebreather_mask
           0  38.6         110          15 -> 4
    """, until=4, system="lee_2014", fio2_from_flow=0).summary(max_grade=2, max_ceiling=3)


# A fever opens it


def test_support_before_the_fever_is_graded_and_of_no_episode_and_needs_no_fever_after_it():
    """Nothing is linked: the cannula of hour 30 counts with no fever within a day, in the episode that is still open."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
           0  37.0         110
           2                            2 -> 4
           6  38.6         110
           8  37.0         110
          20  37.0         110
          30  37.0         110          2 -> 34
          40  37.0         110
    """, until=44, system="penn_2018").gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   4      3        3  oxygen
           4   6      0        0
           6   8      1        2  fever          1
           8  30      0        0                 1
          30  34      3        3  oxygen         1
          34  44      0        0
    """).summary(max_grade=3, onset_hour=6, end_hour=34, episodes=1)


def test_low_pressure_has_an_age_in_lee_and_none_in_cartox():
    """85 mmHg at 4 years: the limit is 78 by age, 90 in CARTOX."""
    chart("""
        hour  temperature  systolic_bp
           0  38.6         85
    """, until=4, age=4, system="lee_2014").summary(max_grade=1, max_ceiling=1)
    chart("""
        hour  temperature  systolic_bp
           0  38.6         85
    """, until=4, age=4, system="cartox_2018").summary(max_grade=2, max_ceiling=2)
    chart("""
        hour  temperature  systolic_bp
           0  38.6         90
    """, until=4, age=50, system="cartox_2018").summary(max_grade=1, max_ceiling=1)
