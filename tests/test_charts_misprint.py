"""Charts on the ladder as one public article prints it: grade 2 repeats grade 3 without the fever.

Kept so that its effect on a cohort can be seen; the guideline it cites grades as ASTCT does.
"""

from charts import chart

# The tables are drawn by hand.
# fmt: off


def test_a_vasopressor_is_grade_2_without_fever_and_3_with_it():
    """Two at once with fever are 4, without it 2 again. The stretch before the fever is in no episode."""
    chart("""
        hour  temperature  norepinephrine  epinephrine
           0  37.0
           2               0.1 -> 10
           4  38.5
           6                               0.05 -> 9
           8  37.0
    """, until=12, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                                                       episode
           0   2      0        0
           2   4      2        2  vasopressor_or_oxygen
           4   6      3        3  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
           6   8      4        4  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
                                  fever_with_several_vasopressors
           8  10      2        2  vasopressor_or_oxygen                                               1
          10  12      0        0
    """)


def test_oxygen_without_any_fever_is_grade_2_and_no_crs():
    """Nothing is linked, so it is graded; a chain without fever is no episode."""
    chart("""
        hour  temperature  nasal_cannula
           0  37.0
           2               2 -> 6
    """, until=8, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                episode
           0   2      0        0
           2   6      2        2  vasopressor_or_oxygen
           6   8      0        0
    """).summary(status="no_crs", max_grade=0).flags("short_followup", "support_without_fever")


def test_support_with_no_temperature_known_may_be_a_grade_higher():
    """One vasopressor may be 3, two may be 4."""
    chart("""
        hour  norepinephrine  epinephrine
           2  0.1 -> 6
           3                  0.05 -> 5
    """, until=8, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                episode
           0   2      0        1
           2   3      2        3  vasopressor_or_oxygen
           3   5      2        4  vasopressor_or_oxygen
           5   6      2        3  vasopressor_or_oxygen
           6   8      0        1
    """)


def test_vasopressin_alone_is_a_vasopressor_whatever_was_chosen_for_astct():
    """`vasopressin_alone_grade` plays no part in this ladder."""
    chart("""
        hour  temperature  vasopressin
           0  38.5
           2               0.03 -> 6
    """, until=8, system="nccn_2022_as_cited", vasopressin_alone_grade=0).gives("""
        from  to  grade  ceiling  because                                                       episode
           0   2      1        1  fever                                                               1
           2   6      3        3  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
           6   8      1        1  fever                                                               1
    """)


def test_positive_pressure_is_grade_2_without_fever_and_4_with_it():
    """BiPAP through the onset of the fever."""
    chart("""
        hour  temperature  bipap
           0  37.0
           2               on -> 6
           4  38.5
    """, until=8, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                                                       episode
           0   2      0        0
           2   4      2        2  vasopressor_or_oxygen
           4   6      4        4  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
                                  fever_with_positive_pressure
           6   8      1        1  fever                                                               1
    """)


def test_oxygen_with_no_device_named_may_be_positive_pressure():
    """Any device is enough for 3 with a fever; which one decides on 4."""
    chart("""
        hour  temperature  oxygen_unspecified
           0  38.5
           2               on -> 4
    """, until=6, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                                                       episode
           0   2      1        1  fever                                                               1
           2   4      3        4  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
           4   6      1        1  fever                                                               1
    """)


def test_a_low_pressure_has_no_place_in_the_printed_ladder():
    """Hypotension without a vasopressor is neither graded nor possible."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5           70
    """, until=6, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because  episode
           0   6      1        1  fever          1
    """)


LOW_FLOW = """
    hour  temperature  systolic_bp  nasal_cannula
       0  38.5         120
       2                            2 -> 4
"""


def test_low_flow_oxygen_with_fever_is_grade_2_by_astct_and_3_as_printed():
    """What the misprint does to a cohort: every febrile cannula is a grade 3."""
    chart(LOW_FLOW, until=6).gives("""
        from  to  grade  ceiling  because                  episode
           0   2      1        1  fever                          1
           2   4      2        2  fever low_flow_oxygen          1
           4   6      1        1  fever                          1
    """)
    chart(LOW_FLOW, until=6, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                                                       episode
           0   2      1        1  fever                                                               1
           2   4      3        3  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
           4   6      1        1  fever                                                               1
    """)


def test_home_oxygen_and_a_presumed_second_vasopressor_are_possible_only():
    """Baselines and holds are as in ASTCT: home oxygen lifts the ceiling to 3, two at once that rest on a
    hold to 4."""
    chart("""
        hour  temperature  nasal_cannula  norepinephrine  epinephrine
          -3               2 -> 2
           0  38.5
           4                              0.1
           6                                              0.05 -> 8
          12  37.0
    """, until=20, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                                                       episode
           0   2      1        3  fever                                                               1
           2   4      1        1  fever                                                               1
           4   6      3        3  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
           6   8      3        4  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
           8  12      3        3  fever vasopressor_or_oxygen fever_with_vasopressor_or_oxygen        1
          12  18      2        2  vasopressor_or_oxygen                                               1
          18  20      0        0
    """)


def test_a_recent_fever_or_a_waiver_does_not_stand_in_for_fever():
    """No window, no waiver: afebrile support is 2 whatever was given."""
    chart("""
        hour  temperature  tocilizumab  norepinephrine
           0  38.5
           2  37.0         on
           4                            0.1 -> 6
    """, until=8, system="nccn_2022_as_cited").gives("""
        from  to  grade  ceiling  because                episode
           0   2      1        1  fever                        1
           2   4      0        0                               1
           4   6      2        2  vasopressor_or_oxygen        1
           6   8      0        0
    """).raises_no("waiver_used")
