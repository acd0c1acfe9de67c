"""Charts on oxygen: the ladder of devices, flows that nobody charted, other reasons, and the patient's own.

Numbers in brackets are those of the edge cases in the clinical notes that this project was written from.
"""

from charts import chart

# The tables are drawn by hand.
# fmt: off


def test_a_cannula_goes_by_its_flow_whatever_it_is_called():
    """[24, 25, 26] 6 L/min is low flow, more is high; each charting ends the device before it."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  high_flow_nasal_cannula  room_air
           0  38.5         120
           2                            6
           3                            6.5
           4                                           6
           5                                           7
           6                                                                    on
    """, until=8).gives("""
        from  to  grade  ceiling  because                                      episode
           0   2      1        1  fever                                              1
           2   3      2        2  fever low_flow_oxygen                              1
           3   4      3        3  fever low_flow_oxygen high_flow_or_mask            1
           4   5      2        2  fever low_flow_oxygen                              1
           5   6      3        3  fever low_flow_oxygen high_flow_or_mask            1
           6   8      1        1  fever                                              1
    """)


def test_the_grade_climbs_the_ladder_of_devices_and_falls_with_it():
    """[27, 30, 35, 83] Blow-by is low flow at any flow, a mask never is, and pressure is the top."""
    chart("""
        hour  temperature  systolic_bp  blow_by  face_mask  bipap  room_air
           0  38.5         120
           2                            10
           3                                     5
           4                                                on
           5                                     5
           6                            10
           7                                                       on
    """, until=9).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   3      2        2  fever low_flow_oxygen            1
           3   4      3        3  fever high_flow_or_mask          1
           4   5      4        4  fever positive_pressure          1
           5   6      3        3  fever high_flow_or_mask          1
           6   7      2        2  fever low_flow_oxygen            1
           7   9      1        1  fever                            1
    """)


def test_every_mask_is_grade_3_at_any_flow_or_none():
    """[28, 29, 32] Face tents, hoods and reservoirs are charted as other masks."""
    chart("""
        hour  temperature  systolic_bp  venturi_mask  non_rebreather_mask  other_mask
           0  38.5         120
           2                            2
           3                                          15
           4                                                               on -> 5
    """, until=6).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   5      3        3  fever high_flow_or_mask          1
           5   6      1        1  fever                            1
    """)


def test_every_positive_pressure_is_grade_4():
    """[35, 94] A flow of 0 on CPAP says nothing: it gives pressure all the same."""
    chart("""
        hour  temperature  systolic_bp  cpap  ecmo  invasive_ventilation
           0  38.5         120
           2                            0
           3                                  on
           4                                        on -> 5
    """, until=6).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   5      4        4  fever positive_pressure          1
           5   6      1        1  fever                            1
    """)


def test_a_flow_that_nobody_charted_proves_the_device_and_leaves_the_rest_open():
    """[33, 34] A cannula proves 2 and may be 3; a high-flow cannula is used above 6 L/min; a flow with no
    device may be anything up to a ventilator. A flow of `low` or of 120 L/min is no flow."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  high_flow_nasal_cannula  oxygen_unspecified
           0  38.5         120
           2                            on
           3                                           on
           4                                                                    6
           5                                                                    on
           6                                                                    6.5
           7                            low
           8                            120
           9                            0
    """, until=11).gives("""
        from  to  grade  ceiling  because                                      episode
           0   2      1        1  fever                                              1
           2   3      2        3  fever low_flow_oxygen                              1
           3   4      3        3  fever low_flow_oxygen high_flow_or_mask            1
           4   6      2        4  fever low_flow_oxygen                              1
           6   7      3        4  fever low_flow_oxygen high_flow_or_mask            1
           7   9      2        3  fever low_flow_oxygen                              1
           9  11      1        1  fever                                              1
    """)


def test_of_two_devices_at_once_the_higher_grades_and_both_are_named():
    """[29, 82] A mask over the cannula, later a vasopressor beside it: the more severe event decides."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  non_rebreather_mask  norepinephrine
           0  38.5         120
           2                            2 -> 7
           3                                           15 -> 4
           5                                                                0.1 -> 6
    """, until=8).gives("""
        from  to  grade  ceiling  because                                      episode
           0   2      1        1  fever                                              1
           2   3      2        2  fever low_flow_oxygen                              1
           3   4      3        3  fever low_flow_oxygen high_flow_or_mask            1
           4   5      2        2  fever low_flow_oxygen                              1
           5   6      3        3  fever low_flow_oxygen vasopressor                  1
           6   7      2        2  fever low_flow_oxygen                              1
           7   8      1        1  fever                                              1
    """)


def test_of_two_devices_charted_in_one_minute_neither_ends_the_other():
    """A cannula and a mask with no ends: both go on until the next charting, and the higher grades."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  face_mask  room_air
           0  38.5         120
           2                            2              5
           4                                                      on
    """, until=6).gives("""
        from  to  grade  ceiling  because                                      episode
           0   2      1        1  fever                                              1
           2   4      3        3  fever low_flow_oxygen high_flow_or_mask            1
           4   6      1        1  fever                                              1
    """)


def test_a_ventilator_for_the_airway_is_not_graded_and_ends_the_cannula():
    """[38, 39] Intubated for a seizure: no hypoxia, and the cannula is off."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  invasive_ventilation
           0  38.5         120
           2                            2
           4                                           on -> 8 !airway_protection
    """, until=10).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   4      2        2  fever low_flow_oxygen            1
           4  10      1        1  fever                            1
    """)


def test_a_ventilator_first_for_hypoxia_then_for_the_mind_is_grade_4_until_then():
    """[40] The lungs have recovered at hour 6, the patient has not woken up."""
    chart("""
        hour  temperature  systolic_bp  invasive_ventilation
           0  38.5         120
           2                            on
           6                            on -> 12 !encephalopathy
           8  37.0
    """, until=12).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   6      4        4  fever positive_pressure          1
           6   8      1        1  fever                            1
           8  12      0        0
    """).summary(end_hour=8, resolved=True)


def test_oxygen_for_comfort_is_not_graded():
    """[72] Charted as such, it raises neither the grade nor the ceiling."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
           0  38.5         120
           2                            2 -> 6 !comfort
    """, until=8).gives("""
        from  to  grade  ceiling  because  episode
           0   8      1        1  fever          1
    """)


def test_cpap_of_the_night_before_and_of_the_night_after_is_the_patients_own():
    """[36] Off by day and at the infusion, but worn in the 24 h before it. Ceiling only."""
    chart("""
        hour  temperature  systolic_bp  cpap
          -8                            on -> -1
           0  37.0         120
          12  38.5         120
          14                            on -> 22
          20  38.4
          24  37.0         120
    """, until=26).gives("""
        from  to  grade  ceiling  because  episode
           0  12      0        0
          12  14      1        1  fever          1
          14  22      1        4  fever          1
          22  24      1        1  fever          1
          24  26      0        0
    """).flags("baseline_support", "short_followup")


def test_cpap_that_ended_24_hours_before_the_infusion_is_not_the_patients_own():
    """[36] A minute later would have been within the 24 h."""
    chart("""
        hour  temperature  systolic_bp  cpap
         -30                            on -> -24
           0  38.5         120
           2                            on -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   4      4        4  fever positive_pressure          1
           4   6      1        1  fever                            1
    """).raises_no("baseline_support")


def test_cpap_that_ended_23_59_before_the_infusion_is_the_patients_own():
    """[36] In force in a minute of the 24 h before."""
    chart("""
        hour  temperature  systolic_bp  cpap
         -30                            on -> -23:59
           0  38.5         120
           2                            on -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   2      1        1  fever          1
           2   4      1        4  fever          1
           4   6      1        1  fever          1
    """).raises("baseline_support")


def test_cpap_put_on_two_evenings_ago_with_no_word_of_its_end_is_presumed_into_the_day_before():
    """Presumed holds make a baseline too: put on at -37 h it is taken to run until -23 h."""
    chart("""
        hour  temperature  systolic_bp  cpap
         -37                            on
           0  38.5         120
           2                            on -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   2      1        1  fever          1
           2   4      1        4  fever          1
           4   6      1        1  fever          1
    """).raises("baseline_support")


def test_bipap_is_new_where_only_cpap_was_worn():
    """Concept by concept."""
    chart("""
        hour  temperature  systolic_bp  cpap      bipap
          -8                            on -> -1
           0  38.5         120
           2                                      on -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because                    episode
           0   2      1        1  fever                            1
           2   4      4        4  fever positive_pressure          1
           4   6      1        1  fever                            1
    """).raises_no("baseline_support")


def test_a_cannula_of_the_night_before_that_was_off_at_the_infusion_is_no_baseline():
    """Only CPAP and BiPAP look back a day; oxygen for a line placement says nothing of the patient's own."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
          -8                            2 -> -1
           0  38.5         120
           2                            2 -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because                  episode
           0   2      1        1  fever                          1
           2   4      2        2  fever low_flow_oxygen          1
           4   6      1        1  fever                          1
    """).raises_no("baseline_support")


def test_home_oxygen_counts_while_it_is_raised():
    """[37] 2 L/min at home, 4 L/min in the fever, 2 L/min again: grade 2 only while raised."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
          -3                            2 -> 4
           0  38.5         120
           4                            4 -> 8
           8                            2 -> 12
    """, until=14).gives("""
        from  to  grade  ceiling  because                  episode
           0   4      1        2  fever                          1
           4   8      2        2  fever low_flow_oxygen          1
           8  12      1        2  fever                          1
          12  14      1        1  fever                          1
    """).flags("baseline_support", "short_followup")


def test_home_oxygen_at_a_flow_that_nobody_charted_is_no_rise_and_a_mask_is_new():
    """[37] The cannula may be at any flow: ceiling 3. The mask was not the patient's own."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  face_mask
          -3                            2 -> 4
           0  38.5         120
           4                            on -> 6
           6                                           5 -> 7
    """, until=9).gives("""
        from  to  grade  ceiling  because                    episode
           0   4      1        2  fever                            1
           4   6      1        3  fever                            1
           6   7      3        3  fever high_flow_or_mask          1
           7   9      1        1  fever                            1
    """)


def test_oxygen_charted_as_baseline_makes_a_baseline_and_is_not_graded_itself():
    """The row that says so is not even a possibility; the next, which says nothing, is the patient's own:
    ceiling."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
          -3                            2 -> 4 !baseline
           0  38.5         120
           4                            2 -> 8
    """, until=10).gives("""
        from  to  grade  ceiling  because  episode
           0   4      1        1  fever          1
           4   8      1        2  fever          1
           8  10      1        1  fever          1
    """).raises("baseline_support")


def test_oxygen_for_a_procedure_at_the_infusion_makes_no_baseline():
    """Another reason then is not the patient's own need now."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
          -3                            2 -> 1 !procedure
           0  38.5         120
           4                            2 -> 8
    """, until=10).gives("""
        from  to  grade  ceiling  because                  episode
           0   4      1        1  fever                          1
           4   8      2        2  fever low_flow_oxygen          1
           8  10      1        1  fever                          1
    """).raises_no("baseline_support")


def test_a_cannula_taken_off_after_exactly_14_hours_ended_then():
    """The word on room air shows both that it ran and when it ended."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula  room_air
           0  37.0         120
           2  38.5                      2
           6  37.0
          12               120
          16                                           on
          18  37.0
    """, until=20).gives("""
        from  to  grade  ceiling  because                  episode
           0   2      0        0
           2   6      2        2  fever low_flow_oxygen          1
           6  16      2        2  low_flow_oxygen                1
          16  20      0        0
    """).summary(end_hour=16, resolved=True).flags("short_followup")


def test_a_cannula_with_no_word_for_14_hours_is_presumed_and_leaves_the_end_unseen():
    """A minute later: the same grades, but the end at hour 16 is our presumption, so the duration is
    censored."""
    chart("""
         hour  temperature  systolic_bp  nasal_cannula  room_air
            0  37.0         120
            2  38.5                      2
            6  37.0
           12               120
        16:01                                           on
           18  37.0
    """, until=20).gives("""
        from  to  grade  ceiling  because                  episode
           0   2      0        0
           2   6      2        2  fever low_flow_oxygen          1
           6  16      2        2  low_flow_oxygen                1
          16  20      0        0
    """).summary(end_hour=16, resolved=False).flags("presumed_hold", "short_followup")
