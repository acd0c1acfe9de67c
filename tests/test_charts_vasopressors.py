"""Charts on vasopressors: one, several, switches, presumed holds, pushes, short runs, and the patient's own.

Numbers in brackets are those of the edge cases in the clinical notes that this project was written from.
"""

from charts import chart

# The tables are drawn by hand.
# fmt: off


def test_grade_falls_to_one_when_the_vasopressor_stops():
    """[8] Grade 3 while it runs, to the minute; the fever that is left is grade 1."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.6         110
           2                            0.05 -> 12
          12  38.2         115
          14  37.2
    """, until=18).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2  12      3        3  fever vasopressor        1
          12  14      1        1  fever                    1
          14  18      0        0
    """).summary(max_grade=3, first_max_hour=2, crs_hours=14)


def test_vasopressin_beside_norepinephrine_leaves_it_at_grade_3():
    """[9] 'A vasopressor with or without vasopressin.'"""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  vasopressin
           0  38.5         110
           2                            0.1 -> 8
           3                                            0.03 -> 6
    """, until=10).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   8      3        3  fever vasopressor        1
           8  10      1        1  fever                    1
    """).raises_no("vasopressin_only")


def test_two_vasopressors_at_once_are_grade_4_and_meet_grade_3_too():
    """[10, 11] Vasopressin is not counted among them. A criterion means 'at least this grade'."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine  vasopressin
           0  38.5         110
           2                            0.1 -> 8                     0.03 -> 8
           4                                            0.05 -> 6
    """, until=10).gives("""
        from  to  grade  ceiling  because                                 episode
           0   2      1        1  fever                                         1
           2   4      3        3  fever vasopressor                             1
           4   6      4        4  fever vasopressor several_vasopressors        1
           6   8      3        3  fever vasopressor                             1
           8  10      1        1  fever                                         1
    """)


def test_angiotensin_with_norepinephrine_is_two_vasopressors():
    """[20] By the letter: it is a vasopressor, and it is not vasopressin."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  angiotensin_ii
           0  38.5         110
           2                            0.1 -> 4        20 ng/kg/min -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because                                 episode
           0   2      1        1  fever                                         1
           2   4      4        4  fever vasopressor several_vasopressors        1
           4   6      1        1  fever                                         1
    """)


VASOPRESSIN_FIRST = """
    hour  temperature  systolic_bp  norepinephrine  vasopressin
       0  38.5         110
       2                                            0.03 -> 8
       4                            0.05 -> 6
"""


def test_vasopressin_alone_is_grade_3_by_default():
    """[12] The table names it only beside another vasopressor; it is one, so 3, and flagged."""
    chart(VASOPRESSIN_FIRST, until=10).gives("""
        from  to  grade  ceiling  because                                       episode
           0   2      1        1  fever                                               1
           2   4      3        3  fever vasopressin_alone_2 vasopressin_alone         1
           4   6      3        3  fever vasopressor                                   1
           6   8      3        3  fever vasopressin_alone_2 vasopressin_alone         1
           8  10      1        1  fever                                               1
    """).flags("short_followup", "vasopressin_only")


def test_vasopressin_alone_can_be_chosen_to_be_grade_2():
    """[12] 'Not requiring vasopressors', read literally, is no place for it either; 2 is the cautious
    choice."""
    chart(VASOPRESSIN_FIRST, until=10, vasopressin_alone_grade=2).gives("""
        from  to  grade  ceiling  because                      episode
           0   2      1        1  fever                              1
           2   4      2        2  fever vasopressin_alone_2          1
           4   6      3        3  fever vasopressor                  1
           6   8      2        2  fever vasopressin_alone_2          1
           8  10      1        1  fever                              1
    """)


def test_vasopressin_alone_can_be_chosen_not_to_count():
    """[12] Then it neither proves nor suggests anything."""
    chart(VASOPRESSIN_FIRST, until=10, vasopressin_alone_grade=0).gives("""
        from  to  grade  ceiling  because            episode
           0   4      1        1  fever                    1
           4   6      3        3  fever vasopressor        1
           6  10      1        1  fever                    1
    """)


def test_an_overlap_of_59_minutes_is_a_switch():
    """[14] The new drug is started before the old one stops: never two needed at once."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1 -> 6
        5:01                                            0.05 -> 8
    """, until=10).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   8      3        3  fever vasopressor        1
           8  10      1        1  fever                    1
    """)


def test_an_overlap_of_60_minutes_is_two_at_once_from_its_first_minute():
    """[14] Long enough is 60 minutes; then all of them are grade 4."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1 -> 6
           5                                            0.05 -> 8
    """, until=10).gives("""
        from  to  grade  ceiling  because                                 episode
           0   2      1        1  fever                                         1
           2   5      3        3  fever vasopressor                             1
           5   6      4        4  fever vasopressor several_vasopressors        1
           6   8      3        3  fever vasopressor                             1
           8  10      1        1  fever                                         1
    """)


def test_an_overlap_of_61_minutes_is_two_at_once():
    """[14] Above the limit as at it."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1 -> 6
        4:59                                            0.05 -> 8
    """, until=10).gives("""
        from    to  grade  ceiling  because                                 episode
           0     2      1        1  fever                                         1
           2  4:59      3        3  fever vasopressor                             1
        4:59     6      4        4  fever vasopressor several_vasopressors        1
           6     8      3        3  fever vasopressor                             1
           8    10      1        1  fever                                         1
    """)


def test_two_at_once_need_not_be_the_same_two():
    """Norepinephrine and epinephrine, then epinephrine and phenylephrine: an hour on two, without a break."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine   phenylephrine
           0  38.5         110
           2                            0.1 -> 4
        3:30                                            0.05 -> 4:30
           4                                                          0.5 -> 6
    """, until=8).gives("""
        from    to  grade  ceiling  because                                 episode
           0     2      1        1  fever                                         1
           2  3:30      3        3  fever vasopressor                             1
        3:30  4:30      4        4  fever vasopressor several_vasopressors        1
        4:30     6      3        3  fever vasopressor                             1
           6     8      1        1  fever                                         1
    """)


def test_a_minute_on_one_drug_breaks_the_hour_on_two():
    """The same with the third drug a minute later: 30 and 29 minutes, two switches."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine   phenylephrine
           0  38.5         110
           2                            0.1 -> 4
        3:30                                            0.05 -> 4:30
        4:01                                                          0.5 -> 6
    """, until=8).gives("""
        from    to  grade  ceiling  because                                 episode
           0     2      1        1  fever                                         1
           2     6      3        3  fever vasopressor                             1
           6     8      1        1  fever                                         1
    """)


SWITCH_IN_TEN_MINUTES = """
    hour  temperature  systolic_bp  norepinephrine  epinephrine
       0  38.5         110
       2                            0.1 -> 4:10
       4                                            0.05 -> 6
"""


def test_ten_minutes_on_two_drugs_are_a_switch():
    """[14] A taper across: grade 3 by default."""
    chart(SWITCH_IN_TEN_MINUTES, until=8).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   6      3        3  fever vasopressor        1
           6   8      1        1  fever                    1
    """)


def test_any_overlap_can_be_chosen_to_be_two_at_once():
    """[14] Without a least overlap the ten minutes are grade 4."""
    chart(SWITCH_IN_TEN_MINUTES, until=8, multiple_vasopressors_overlap_min=0).gives("""
        from    to  grade  ceiling  because                                 episode
           0     2      1        1  fever                                         1
           2     4      3        3  fever vasopressor                             1
           4  4:10      4        4  fever vasopressor several_vasopressors        1
        4:10     6      3        3  fever vasopressor                             1
           6     8      1        1  fever                                         1
    """)


def test_one_vasopressor_after_another_is_never_two():
    """[13, 15] Two drugs in one day, two hours apart: grade 3 each, grade 1 between."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  phenylephrine
           0  38.5         110
           2                            0.1 -> 4
           6                                            0.5 -> 8
    """, until=10).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      3        3  fever vasopressor        1
           4   6      1        1  fever                    1
           6   8      3        3  fever vasopressor        1
           8  10      1        1  fever                    1
    """)


def test_a_second_vasopressor_half_an_hour_before_follow_up_ends_is_not_a_switch():
    """What cuts the overlap short is the end of observation, not the end of the first drug."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1 -> 9
        5:30                                            0.05 -> 9
    """, until=6).gives("""
        from    to  grade  ceiling  because                                 episode
           0     2      1        1  fever                                         1
           2  5:30      3        3  fever vasopressor                             1
        5:30     6      4        4  fever vasopressor several_vasopressors        1
    """)


def test_half_an_hour_on_two_drugs_a_minute_before_follow_up_ends_is_a_switch():
    """It ended by itself, under observation."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1 -> 6
        5:30                                            0.05 -> 9
    """, until="6:01").gives("""
        from    to  grade  ceiling  because                                 episode
           0     2      1        1  fever                                         1
           2  6:01      3        3  fever vasopressor                             1
    """)


def test_an_open_infusion_charted_again_after_13_59_ran_until_then():
    """Its stop proves that it ran: two at once while the epinephrine did."""
    chart("""
         hour  temperature  systolic_bp  norepinephrine  epinephrine
            0  37.0         120
            2  38.5                      0.1
            4                                            0.05 -> 8
           13               110
           14  38.4
        15:59                            0
           20  37.0
    """, until=24).gives("""
         from     to  grade  ceiling  because                                 episode
            0      2      0        0
            2      4      3        3  fever vasopressor                             1
            4      8      4        4  fever vasopressor several_vasopressors        1
            8  15:59      3        3  fever vasopressor                             1
        15:59     20      1        1  fever                                         1
           20     24      0        0
    """).raises_no("presumed_hold")


def test_an_open_infusion_charted_again_after_14_00_ran_until_then():
    """[66] A next charting at exactly 14 h still proves."""
    chart("""
         hour  temperature  systolic_bp  norepinephrine  epinephrine
            0  37.0         120
            2  38.5                      0.1
            4                                            0.05 -> 8
           13               110
           14  38.4
           16                            0
           20  37.0
    """, until=24).gives("""
         from     to  grade  ceiling  because                                 episode
            0      2      0        0
            2      4      3        3  fever vasopressor                             1
            4      8      4        4  fever vasopressor several_vasopressors        1
            8     16      3        3  fever vasopressor                             1
           16     20      1        1  fever                                         1
           20     24      0        0
    """).raises_no("presumed_hold")


def test_an_open_infusion_charted_again_after_14_01_is_presumed_and_is_one_drug_not_one_of_two():
    """[66] That it ran for 14 h is taken as one vasopressor; that it ran beside the epinephrine is only
    possible."""
    chart("""
         hour  temperature  systolic_bp  norepinephrine  epinephrine
            0  37.0         120
            2  38.5                      0.1
            4                                            0.05 -> 8
           13               110
           14  38.4
        16:01                            0
           20  37.0
    """, until=24).gives("""
         from     to  grade  ceiling  because            episode
            0      2      0        0
            2      4      3        3  fever vasopressor        1
            4      8      3        4  fever vasopressor        1
            8     16      3        3  fever vasopressor        1
           16     20      1        1  fever                    1
           20     24      0        0
    """).raises("presumed_hold")


def test_only_the_tail_of_an_open_infusion_is_presumed():
    """The rate charted at hour 4 proves the two hours before it: an hour of them beside epinephrine is grade
    4."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1
           3                                            0.05 -> 6
           4                            0.2
          12  38.5         110
    """, until=20).gives("""
        from  to  grade  ceiling  because                                 episode
           0   2      1        1  fever                                         1
           2   3      3        3  fever vasopressor                             1
           3   4      4        4  fever vasopressor several_vasopressors        1
           4   6      3        4  fever vasopressor                             1
           6  18      3        3  fever vasopressor                             1
          18  20      1        1  fever                                         1
    """)


def test_a_presumed_tail_does_not_make_a_proven_half_hour_long_enough():
    """Thirty minutes proven together, two hours more only possible: grade 3, ceiling 4 for all of them."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
           0  38.5         110
           2                            0.1
        3:30                                            0.05 -> 6
           4                            0.2
          12  38.5         110
    """, until=20).gives("""
        from    to  grade  ceiling  because            episode
           0     2      1        1  fever                    1
           2  3:30      3        3  fever vasopressor        1
        3:30     6      3        4  fever vasopressor        1
           6    18      3        3  fever vasopressor        1
          18    20      1        1  fever                    1
    """)


def test_a_push_proves_nothing_that_lasts():
    """[17] Neither a rate nor an end was charted: it may be an infusion, so 3 cannot be ruled out for 14
    h."""
    chart("""
        hour  temperature  systolic_bp  phenylephrine
           0  38.5         110
           2                            on
          12  38.5         110
    """, until=20).gives("""
        from  to  grade  ceiling  because  episode
           0   2      1        1  fever          1
           2  16      1        3  fever          1
          16  20      1        1  fever          1
    """).flags("short_followup")


def test_a_vasopressor_with_no_rate_but_an_end_is_given():
    """The exposure is the fact; its amount is not needed."""
    chart("""
        hour  temperature  systolic_bp  phenylephrine
           0  38.5         110
           2                            on -> 3
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   3      3        3  fever vasopressor        1
           3   6      1        1  fever                    1
    """)


def test_an_infusion_after_a_push_counts_from_its_own_start():
    """The next charting of the drug ends the push; it does not make an infusion of it."""
    chart("""
        hour  temperature  systolic_bp  phenylephrine
           0  38.5         110
           2                            on
           4                            0.5 -> 6
    """, until=8).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      1        3  fever                    1
           4   6      3        3  fever vasopressor        1
           6   8      1        1  fever                    1
    """)


def test_a_push_beside_an_infusion_may_be_the_second_vasopressor():
    """Ceiling 4 while both may run, ceiling 3 while only the push may go on."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  phenylephrine
           0  38.5         110
           2                            0.1 -> 6
           3                                            on
    """, until=8).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   3      3        3  fever vasopressor        1
           3   6      3        4  fever vasopressor        1
           6   8      1        3  fever                    1
    """)


def test_a_rate_of_zero_stops_an_open_infusion():
    """[67] Rates up and down are one infusion; 0 is not running."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1
           3                            0.2
           5                            0
    """, until=8).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   5      3        3  fever vasopressor        1
           5   8      1        1  fever                    1
    """)


def test_a_charted_end_stands_whatever_is_charted_later():
    """A later row never shortens an infusion that has its end; overlapping rows of one drug are one agent
    [69]."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1 -> 8
           4                            0.05 -> 6
           5                            0
    """, until=10).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   8      3        3  fever vasopressor        1
           8  10      1        1  fever                    1
    """)


def test_an_infusion_that_stops_in_the_minute_it_starts_occupies_that_minute():
    """An interval is half-open, but none is empty."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1 -> 2
    """, until=4).gives("""
        from    to  grade  ceiling  because            episode
           0     2      1        1  fever                    1
           2  2:01      3        3  fever vasopressor        1
        2:01     4      1        1  fever                    1
    """)


def test_an_infusion_that_ends_before_it_starts_is_refused():
    """One of the two times is wrong, nobody knows which: the row is listed with its reason, not graded."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1 -> 1
    """, until=4).gives("""
        from  to  grade  ceiling  because  episode
           0   4      1        1  fever          1
    """)


def test_inotropes_are_not_vasopressors():
    """[16] Dobutamine and milrinone are not named by the table, not even as a possibility."""
    chart("""
        hour  temperature  systolic_bp  dobutamine  milrinone
           0  38.5         110
           2                            5 -> 6      0.3 -> 6
    """, until=8).gives("""
        from  to  grade  ceiling  because  episode
           0   8      1        1  fever          1
    """)


def test_a_vasopressor_for_a_procedure_is_not_graded_and_ends_the_one_before_it():
    """[17, 19] The infusion is relabelled at hour 5: from then on it has another cause."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1
           5                            0.1 !procedure
           8                            0
    """, until=10).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   5      3        3  fever vasopressor        1
           5  10      1        1  fever                    1
    """)


def test_twenty_minutes_on_a_vasopressor_are_grade_3():
    """[22] No least length was published."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1 -> 2:20
    """, until=4).gives("""
        from    to  grade  ceiling  because            episode
           0     2      1        1  fever                    1
           2  2:20      3        3  fever vasopressor        1
        2:20     4      1        1  fever                    1
    """)


def test_a_least_length_can_be_chosen_and_rows_that_touch_are_one_run():
    """[22] With 60 minutes asked for: 59 do not count, 60 do, and so do two half hours that touch."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
           2                            0.1 -> 2:59
           4                            0.1 -> 5
           7                            0.1 -> 7:30
         7:30                           0.2 -> 8
    """, until=10, vasopressor_min_minutes=60).gives("""
        from  to  grade  ceiling  because            episode
           0   4      1        1  fever                    1
           4   5      3        3  fever vasopressor        1
           5   7      1        1  fever                    1
           7   8      3        3  fever vasopressor        1
           8  10      1        1  fever                    1
    """)


def test_a_short_run_does_not_count_even_where_follow_up_cuts_it_short():
    """Unlike for an overlap there is no exemption at the cut: the thirty minutes that are seen are not
    enough."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  38.5         110
        5:30                            0.1 -> 9
    """, until=6, vasopressor_min_minutes=60).gives("""
        from  to  grade  ceiling  because  episode
           0   6      1        1  fever          1
    """)


def test_a_vasopressor_from_before_the_infusion_counts_only_at_a_higher_rate():
    """[23] Chronic support is not CRS; that it is needed for CRS now cannot be ruled out, so 3 is the
    ceiling."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
          -5                            0.05
           0  38.5         110
           1                            0.05
           3                            0.1
           5                            0.05
           7                            0
    """, until=9).gives("""
        from  to  grade  ceiling  because            episode
           0   3      1        3  fever                    1
           3   5      3        3  fever vasopressor        1
           5   7      1        3  fever                    1
           7   9      1        1  fever                    1
    """).flags("baseline_support", "short_followup")


def test_a_new_vasopressor_beside_the_patients_own_is_one_and_may_be_the_second():
    """[23] Concept by concept: epinephrine is new, norepinephrine is not."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine  epinephrine
          -5                            0.05 -> 6
           0  38.5         110
           2                                            0.05 -> 4
    """, until=8).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        3  fever                    1
           2   4      3        4  fever vasopressor        1
           4   6      1        3  fever                    1
           6   8      1        1  fever                    1
    """).raises("baseline_support")


def test_a_vasopressor_that_ran_to_the_minute_of_the_infusion_is_the_patients_own():
    """In force in the minute before time zero: the same rate two hours later is no news."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
          -5                            0.05 -> 0
           0  38.5         110
           2                            0.05 -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   2      1        1  fever          1
           2   4      1        3  fever          1
           4   6      1        1  fever          1
    """).raises("baseline_support")


def test_a_vasopressor_that_stopped_a_minute_before_the_infusion_is_not():
    """Not in force in the minute before time zero: what starts later is new."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
          -5                            0.05 -> -0:01
           0  38.5         110
           2                            0.05 -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   4      3        3  fever vasopressor        1
           4   6      1        1  fever                    1
    """).raises_no("baseline_support")


def test_a_baseline_rate_that_nobody_knows_cannot_be_exceeded():
    """A pump rate in mL/h before the infusion: no later rate is provably higher."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
          -2                            5 mL/h -> 2
           0  38.5         110
           2                            0.5 -> 4
    """, until=6).gives("""
        from  to  grade  ceiling  because  episode
           0   4      1        3  fever          1
           4   6      1        1  fever          1
    """).raises("baseline_support")


def test_a_rate_per_minute_and_the_same_rate_per_weight_are_equal():
    """3.5 ug/min at 70 kg is 0.05 ug/kg/min: compared in one unit, that is no rise. 0.06 is."""
    chart("""
        hour  temperature  systolic_bp  weight  norepinephrine
         -10                            70
          -2                                    3.5 mcg/min -> 2
           0  38.5         110
           2                                    0.05 ug/kg/min -> 4
           4                                    0.06 ug/kg/min -> 5
    """, until=6).gives("""
        from  to  grade  ceiling  because            episode
           0   4      1        3  fever                    1
           4   5      3        3  fever vasopressor        1
           5   6      1        1  fever                    1
    """)
