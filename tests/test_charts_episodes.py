"""Charts on episodes: onset, end, gaps, calendar days, what was seen of the end, late fevers, and death.

Numbers in brackets are those of the edge cases in the clinical notes that this project was written from.
"""

from charts import chart

# The tables are drawn by hand.
# fmt: off


def test_eight_hours_without_fever_are_quiet_hours_of_the_episode():
    """[60] They are in the duration of 16 h, and not in the 8 h of CRS."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         38.5
           6         37.0
          12                       120
          14         38.4
          18         37.0
    """, until=20).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   6      1        1  fever          1
           6  14      0        0                 1
          14  18      1        1  fever          1
          18  20      0        0
    """).episodes("""
        episode  from  to  grade  highest_at  days  hours  crs_hours  resolved
              1     2  18      1           2     1     16          8  yes
    """)


def test_fever_again_after_exactly_seven_days_is_the_same_episode():
    """[60] End to start, 7 days included; days in which nothing is known do not end it."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         38.5
           6         37.0
         170                       120
         174         38.5
         178         37.0
    """, until=180).gives("""
        from   to  grade  ceiling  because  episode
           0    2      0        0
           2    6      1        1  fever          1
           6   14      0        0                 1
          14  170      0        2                 1
         170  174      0        1                 1
         174  178      1        1  fever          1
         178  180      0        0
    """).episodes("""
        episode  from   to  grade  highest_at  days  hours  crs_hours  resolved
              1     2  178      1           2     8    176          8  yes
    """)


def test_fever_again_after_seven_days_and_a_minute_is_a_second_episode():
    """[61] The summary is of the first; the week between belongs to neither."""
    chart("""
          hour  temperature  systolic_bp
             0         37.0          120
             2         38.5
             6         37.0
           170                       120
        174:01         38.5
           178         37.0
    """, until=180).gives("""
          from      to  grade  ceiling  because  episode
             0       2      0        0
             2       6      1        1  fever          1
             6      14      0        0
            14     170      0        2
           170  174:01      0        1
        174:01     178      1        1  fever          2
           178     180      0        0
    """).episodes("""
        episode    from   to  grade  highest_at  days  resolved
              1       2    6      1           2     1  yes
              2  174:01  178      1      174:01     1  yes
    """).summary(episodes=2, onset_hour=2, end_hour=6, duration_hours=4, crs_hours=4)


def test_the_summary_tells_of_the_first_episode_and_of_the_highest_grade_of_all():
    """Fever on the first day, shock on the ninth."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  37.0         120
           2  38.5
           6  37.0
         199  37.0         120
         200  38.5
         202                            0.1 -> 204
         206  37.0
    """, until=208).episodes("""
        episode  from   to  grade  highest_at  crs_hours
              1     2    6      1           2          4
              2   200  206      3         202          6
    """).summary(
        max_grade=3, first_episode_max_grade=1, episodes=2, first_max_hour=2, end_hour=6, duration_days=1
    ).raises_no("single_reading")


def test_an_episode_opens_with_its_first_fever_in_force():
    """Tocilizumab still stands in for the fever of the week before, so the shock is graded. But it is more
    than seven days from that episode, and has no fever of its own until hour 206: until then it is in no
    episode."""
    chart("""
        hour  temperature  systolic_bp  tocilizumab  norepinephrine
           0  37.0         120
           2  38.5
           6  37.0
         100                            on
         196  37.0         120
         200                                         0.1 -> 210
         206  38.5
         209  37.0         120
    """, until=214).gives("""
        from   to  grade  ceiling  because            episode
           0    2      0        0
           2    6      1        1  fever                    1
           6   14      0        0
          14  196      0        2
         196  200      0        0
         200  206      3        3  vasopressor
         206  209      3        3  fever vasopressor        2
         209  210      3        3  vasopressor              2
         210  214      0        0
    """).episodes("""
        episode  from   to  grade  highest_at
              1     2    6      1           2
              2   206  210      3         206
    """).raises_no("support_without_fever")


def test_graded_shock_with_no_fever_in_a_week_either_side_is_no_episode():
    """The same with no new fever: graded by an old waiver, but CRS opens with a fever."""
    chart("""
        hour  temperature  systolic_bp  tocilizumab  norepinephrine
           0  37.0         120
           2  38.5
           6  37.0
         100                            on
         196  37.0         120
         200                                         0.1 -> 210
         206  37.0
         209               120
    """, until=214).gives("""
        from   to  grade  ceiling  because      episode
           0    2      0        0
           2    6      1        1  fever              1
           6   14      0        0
          14  196      0        2
         196  200      0        0
         200  210      3        3  vasopressor
         210  214      0        0
    """).summary(max_grade=1, episodes=1).raises("support_without_fever")


def test_onset_and_duration_go_by_the_calendar():
    """Infused at 22:00. A fever at 23:59 is of day 0, and 24 h of it touch three dates."""
    chart("""
        hour  temperature
        1:59         38.5
          14         38.3
          26         37.0
    """, infused_at="22:00", until=40).summary(
        onset_day=0, onset_cdisc_day=1, end_day=2, duration_days=3, duration_hours=24 + 1 / 60
    )


def test_a_fever_at_midnight_is_of_the_next_day():
    """A minute later it is of day 1, and the duration is 2 days."""
    chart("""
        hour  temperature
           2         38.5
          14         38.3
          26         37.0
    """, infused_at="22:00", until=40).summary(
        onset_day=1, onset_cdisc_day=2, end_day=2, duration_days=2, duration_hours=24
    )


def test_a_temperature_23_59_after_the_end_shows_that_the_episode_was_over():
    """Any temperature, a fever of infection too: somebody was there and looked."""
    chart("""
         hour  temperature      norepinephrine
            0  37.0
            2  38.5             0.1 -> 10
            4  37.0
        33:59  38.9 !infection
    """, until=40).summary(end_hour=10, resolved=True)


def test_a_temperature_24_hours_after_the_end_comes_too_late():
    """Within `[end, end + 24 h)`: else the duration is censored."""
    chart("""
         hour  temperature      norepinephrine
            0  37.0
            2  38.5             0.1 -> 10
            4  37.0
           34  36.9
    """, until=40).summary(end_hour=10, resolved=False)


def test_a_temperature_at_the_end_of_follow_up_does_not_exist():
    """Nothing from that minute on does, so the end was not seen."""
    chart("""
         hour  temperature      norepinephrine
            0  37.0
            2  38.5             0.1 -> 10
            4  37.0
           12  36.9
    """, until=12).summary(end_hour=10, resolved=False)


def test_a_patient_discharged_febrile_is_censored():
    """[87] The fever ends with the observation; the reading in its last minute is not part of it."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           2         38.5
           5         37.0
    """, until=5).gives("""
        from  to  grade  ceiling  because  episode
           0   2      0        0
           2   5      1        1  fever          1
    """).summary(end_hour=5, resolved=False)


def test_a_fever_on_day_14_is_not_late():
    """[53] Infused at 14:00, 345:59 later it is 23:59 of day 14."""
    chart("""
          hour  temperature
           330         36.8
        345:59         38.5
           350         37.0
    """, infused_at="14:00", until=360).summary(
        onset_day=14, onset_cdisc_day=15, flags=["single_reading"]
    )


def test_a_fever_on_day_15_is_crs_and_flagged_late():
    """[53] A minute later it is day 15: rare, so look for another cause."""
    chart("""
          hour  temperature
           330         36.8
           346         38.5
           350         37.0
    """, infused_at="14:00", until=360).summary(
        status="crs", onset_day=15, onset_cdisc_day=16, flags=["late_onset", "single_reading"]
    )


def test_a_fever_a_minute_before_30_days_is_crs():
    """[53] The last minute in which an episode can open. What is known of the month before is nothing."""
    chart("""
          hour  temperature  systolic_bp
           715                       120
        719:59         38.5
           724         37.0
    """, until=728).gives("""
          from      to  grade  ceiling  because  episode
             0     715      0        2
           715  719:59      0        1
        719:59     724      1        1  fever          1
           724     728      0        0
    """).flags("late_onset", "single_reading")


def test_a_fever_at_30_days_is_graded_and_is_no_crs():
    """[54] The stretch keeps its grade and is in no episode."""
    chart("""
          hour  temperature  systolic_bp
           715                       120
           720         38.5
           724         37.0
    """, until=728).gives("""
          from      to  grade  ceiling  because  episode
             0     715      0        2
           715     720      0        1
           720     724      1        1  fever
           724     728      0        0
    """).summary(status="no_crs", max_grade=0, episodes=0, onset_hour=None).flags("late_event")


def test_a_late_event_leaves_the_episode_before_it_as_it_was():
    """CRS in the first week, a febrile shock on day 31: one episode of grade 1."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  37.0         120
           2  38.5
           6  37.0
         744  38.5         110
         745                            0.1 -> 748
         749  37.0
    """, until=750).summary(max_grade=1, episodes=1, end_hour=6).flags("late_event", "single_reading")


def test_an_episode_that_opened_in_time_may_go_on_beyond_30_days():
    """Only its onset must lie before."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
         718  38.5         110
         721                            0.1 -> 723
         726  37.0
    """, until=728).gives("""
        from   to  grade  ceiling  because            episode
           0  718      0        2
         718  721      1        1  fever                    1
         721  723      3        3  fever vasopressor        1
         723  726      1        1  fever                    1
         726  728      0        0
    """).flags("late_onset")


def test_the_quiet_hours_of_an_episode_count_for_its_highest_ceiling():
    """On day 14 nobody took the pressure for a night, between two fevers of one episode: it may have been
    low."""
    chart("""
        hour  temperature  systolic_bp
         330         38.5          120
         334         37.0
         346         37.0
         360         38.5          120
         364         37.0
    """, until=366).gives("""
        from   to  grade  ceiling  because  episode
           0  330      0        2
         330  334      1        1  fever          1
         334  344      0        0                 1
         344  360      0        2                 1
         360  364      1        1  fever          1
         364  366      0        0
    """).summary(max_ceiling=2, hours_unknown=330)


def test_only_the_first_14_days_and_the_episodes_count_for_the_highest_ceiling_and_the_unknown_hours():
    """A vasopressor on day 20, no temperature: it could be anything. 322 of the first 336 hours are a
    blank."""
    chart("""
        hour  temperature  systolic_bp  norepinephrine
           0  37.0         120
         480               110
         481                            0.1 -> 485
    """, until=490).gives("""
        from   to  grade  ceiling  because  episode
           0   14      0        0
          14  480      0        2
         480  481      0        1
         481  485      0        3
         485  490      0        1
    """).summary(max_ceiling=0, hours_unknown=322)


DYING = """
    hour  temperature  systolic_bp  norepinephrine
       0  38.5         110
       2                            0.1 -> 20
"""


def test_death_adjudicated_to_crs_makes_the_open_episode_grade_5_and_ends_it():
    """[58] The stretches keep what the chart proves; the grade of death is the episode's, at its last
    minute."""
    chart(DYING, death=10, death_cause="crs").gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2  10      3        3  fever vasopressor        1
    """).episodes("""
        episode  from  to  grade  highest_at  days  hours  crs_hours  resolved
              1     0  10      5          10     1     10         10  no
    """).summary(max_grade=5, first_max_hour=10).flags("short_followup")


def test_death_of_another_cause_leaves_the_grade_and_censors_the_episode():
    """[58, 59] Grade 5 is by adjudication only."""
    chart(DYING, death=10, death_cause="progression").gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2  10      3        3  fever vasopressor        1
    """).episodes("""
        episode  from  to  grade  highest_at  days  hours  crs_hours  resolved
              1     0  10      3           2     1     10         10  no
    """)


def test_death_of_crs_after_the_end_of_follow_up_counts_all_the_same():
    """The chart ends at hour 8, the episode at death."""
    chart(DYING, until=8, death=12, death_cause="crs").gives("""
        from  to  grade  ceiling  because            episode
           0   2      1        1  fever                    1
           2   8      3        3  fever vasopressor        1
    """).episodes("""
        episode  from  to  grade  highest_at  hours  crs_hours  resolved
              1     0  12      5          12     12          8  no
    """)


def test_death_of_crs_with_nothing_to_show_for_it_is_an_episode_of_its_own():
    """No onset, no duration, no hours: grade 5 at the minute of death."""
    chart("""
        hour  systolic_bp
           0          110
    """, death=10, death_cause="crs").gives("""
        from  to  grade  ceiling  because  episode
           0  10      0        1
    """).episodes("""
        episode  from  to  grade  highest_at  days  hours  crs_hours  resolved
              1        10      5          10                       0  no
    """).summary(status="crs", max_grade=5, first_episode_max_grade=5, onset_hour=None, duration_days=None)


FEVER_AND_A_QUIET_WEEK = """
    hour  temperature  systolic_bp
       0         37.0          120
       2         38.5
       6         37.0
"""


def test_death_of_crs_exactly_seven_days_after_the_fever_belongs_to_its_episode():
    """The quiet week is in the episode and in its duration."""
    chart(FEVER_AND_A_QUIET_WEEK, death=174, death_cause="crs").gives("""
        from   to  grade  ceiling  because  episode
           0    2      0        0
           2    6      1        1  fever          1
           6   14      0        0                 1
          14  174      0        2                 1
    """).episodes("""
        episode  from   to  grade  highest_at  days  hours  crs_hours  resolved
              1     2  174      5         174     8    172          4  no
    """)


def test_death_of_crs_a_minute_later_is_an_episode_of_its_own():
    """The first episode stays what it was."""
    chart(FEVER_AND_A_QUIET_WEEK, death="174:01", death_cause="crs").gives("""
        from      to  grade  ceiling  because  episode
           0       2      0        0
           2       6      1        1  fever          1
           6      14      0        0
          14  174:01      0        2
    """).episodes("""
        episode  from      to  grade  highest_at  days  hours  crs_hours  resolved
              1     2       6      1           2     1      4          4  yes
              2        174:01      5      174:01                       0  no
    """).summary(max_grade=5, first_episode_max_grade=1, episodes=2)


def test_a_fever_in_the_minute_of_death_does_not_exist():
    """[59] Nothing from that minute on does."""
    chart("""
        hour  temperature  systolic_bp
           0         37.0          120
           6         39.0
    """, death=6, death_cause="progression").gives("""
        from  to  grade  ceiling  because  episode
           0   6      0        0
    """).summary(status="no_crs")


def test_four_days_of_fever_stay_grade_1():
    """[93] Managed as grade 2, graded 1. Infused at midnight, 96 h from day 0 to day 4."""
    chart("""
        hour  temperature  systolic_bp
           0         38.5          120
          12         38.5          120
          24         38.5          120
          36         38.5          120
          48         38.5          120
          60         38.5          120
          72         38.5          120
          84         38.5          120
          96         37.0          120
    """, until=98).gives("""
        from  to  grade  ceiling  because  episode
           0  96      1        1  fever          1
          96  98      0        0
    """).summary(duration_days=5, duration_hours=96, crs_hours=96, resolved=True)
