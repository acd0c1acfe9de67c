"""Charts on the flags of the summary: each where it is raised, and where it almost is. The list is closed.

`late_onset`, `late_event` and `support_without_fever` are also in the charts on episodes.
"""

from pathlib import Path

from charts import chart

# The tables are drawn by hand.
# fmt: off

FLAGS = [
    "baseline_support",
    "fever_before_infusion",
    "late_event",
    "late_onset",
    "presumed_hold",
    "short_followup",
    "single_reading",
    "support_without_fever",
    "vasopressin_only",
    "waiver_used",
]


def test_an_uneventful_fortnight_raises_no_flag():
    """Two febrile readings, their end seen, fourteen days observed."""
    chart("""
        hour  temperature
           2         38.5
           4         38.4
           6         37.0
    """, until=336).flags()


def test_follow_up_of_a_minute_less_than_14_days_is_short():
    """No CRS in a shorter time is less than no CRS."""
    chart("""
        hour  temperature
           2         38.5
           4         38.4
           6         37.0
    """, until="335:59").flags("short_followup")


def test_a_fever_within_the_day_before_the_infusion_is_flagged():
    """[51] What follows may not be new."""
    chart("""
          hour  temperature
        -23:59         38.0
             2         37.0
    """, until=336).flags("fever_before_infusion")


def test_a_fever_of_infection_before_the_infusion_is_flagged_too():
    """Any temperature counts here: what it was put down to is what a reader should look at."""
    chart("""
        hour  temperature
          -1  38.9 !infection
           2  37.0
    """, until=336).flags("fever_before_infusion")


def test_a_fever_more_than_a_day_before_or_a_warm_patient_just_before_is_not_flagged():
    """A day and a minute before, and 37.9 an hour before."""
    chart("""
          hour  temperature
        -24:01         39.0
            -1         37.9
             2         37.0
    """, until=336).flags()


def test_support_from_before_the_infusion_that_goes_on_is_flagged():
    """Set aside, so that a reader can put it back."""
    chart("""
        hour  temperature  nasal_cannula
          -3               2 -> 4
           2  37.0
    """, until=336).flags("baseline_support")


def test_support_that_ended_before_the_infusion_is_not_flagged():
    """Nothing after the infusion was set aside for it."""
    chart("""
        hour  temperature  nasal_cannula
          -3               2 -> -1
           2  37.0
    """, until=336).flags()


def test_vasopressin_with_no_other_vasopressor_in_an_episode_is_flagged():
    """The table is silent on it; its grade is our choice."""
    chart("""
        hour  temperature  vasopressin
           2  38.5         0.03 -> 4
           6  37.0
    """, until=336).flags("vasopressin_only")


def test_vasopressin_always_beside_another_is_not_flagged():
    """It starts after norepinephrine and stops with it."""
    chart("""
        hour  temperature  vasopressin  norepinephrine
           2  38.5                      0.1 -> 5
           3               0.03 -> 5
           6  37.0
    """, until=336).flags()


def test_vasopressin_of_a_patient_without_fever_is_not_flagged():
    """It is not graded: there is no episode that it could decide."""
    chart("""
        hour  temperature  vasopressin
           2  37.0         0.03 -> 4
           6  37.0
    """, until=336).flags()


def test_a_grade_that_rests_on_the_waiver_alone_is_flagged():
    """Two days after the fever, on steroids."""
    chart("""
        hour  temperature  dexamethasone  norepinephrine
           2  38.5
           4  37.0         10
          50  37.0                        0.1 -> 54
    """, until=336).flags("waiver_used")


def test_a_grade_that_would_stand_without_the_waiver_is_not_flagged():
    """The vasopressor starts within a day of the fever, steroids or not, and is linked until it stops."""
    chart("""
        hour  temperature  dexamethasone  norepinephrine
           2  38.5
           4  37.0         10
          20  37.0                        0.1 -> 54
    """, until=336).flags()


def test_a_highest_grade_on_one_reading_is_flagged():
    """One low pressure in two days of fever: artefact or shock, look at it."""
    chart("""
        hour  temperature  systolic_bp
           2         38.5          110
           3                        85
           4         38.5          110
           6         37.0
    """, until=336).flags("single_reading")


def test_a_single_febrile_reading_is_flagged():
    """Grade 1, and nobody measured it twice."""
    chart("""
        hour  temperature
           2         38.5
           6         37.0
    """, until=336).flags("single_reading")


def test_a_highest_grade_on_two_low_pressures_is_not_flagged():
    """Charted again half an hour later, still low."""
    chart("""
        hour  temperature  systolic_bp
           2         38.5          110
           3                        85
        3:30                        86
           4         38.5          110
           6         37.0
    """, until=336).flags()


def test_a_highest_grade_on_two_low_pressures_days_apart_is_not_flagged():
    """Two readings, each alone in its stretch, are still two."""
    chart("""
        hour  temperature  systolic_bp
           2         38.5          110
           3                        85
           4         38.5          110
          14         38.5          110
          15                        85
          16         38.5          110
          18         37.0
    """, until=336).flags()


def test_a_highest_grade_that_a_device_shares_or_carries_is_not_flagged():
    """The cannula is grade 2 as well, all the time that the pressure is low."""
    chart("""
        hour  temperature  systolic_bp  nasal_cannula
           2  38.5         110          2 -> 4
           3               85
           4  38.5         110
           6  37.0
    """, until=336).flags()


def test_a_hold_that_is_presumed_within_an_episode_is_flagged():
    """Nobody charted the cannula again: it is taken to be on for 14 h."""
    chart("""
        hour  temperature  nasal_cannula
           2  38.5         2
           6  37.0
    """, until=336).flags("presumed_hold")


def test_a_hold_of_what_does_not_count_is_not_flagged():
    """A push, a cannula for comfort, an inotrope: none of them is graded, so nothing rests on their holds."""
    chart("""
        hour  temperature  phenylephrine  nasal_cannula  dobutamine
           2  38.5         on             2 !comfort     5
           4  38.4
           6  37.0
    """, until=336).flags()


def test_a_presumed_hold_of_a_patient_without_fever_is_not_flagged():
    """There is no episode that it could lengthen."""
    chart("""
        hour  temperature  nasal_cannula
           2  37.0         2
           6  37.0
    """, until=336).flags()


def test_a_fever_on_day_15_is_late_and_on_day_14_is_not():
    """Calendar days, the infusion at midnight: hour 359:59 and hour 360."""
    chart("""
          hour  temperature
        359:59         38.5
           362         38.5
           364         37.0
    """, until=370).flags()
    chart("""
        hour  temperature
         360         38.5
         362         38.5
         364         37.0
    """, until=370).flags("late_onset")


def test_a_fever_from_30_days_on_is_a_late_event_and_no_late_onset():
    """It is no CRS, so it has no onset."""
    chart("""
        hour  temperature
         720         38.5
         722         38.5
         724         37.0
    """, until=730).flags("late_event")


def test_support_that_nothing_linked_is_not_flagged_as_support_without_fever():
    """By ASTCT it is not graded: it makes no chain that could lack a fever."""
    chart("""
        hour  temperature  norepinephrine
           2  37.0         0.1 -> 4
           6  37.0
    """, until=336).flags()


def test_support_that_the_printed_ladder_grades_without_fever_is_flagged():
    """The same chart by the misprinted ladder: grade 2 in no episode."""
    chart("""
        hour  temperature  norepinephrine
           2  37.0         0.1 -> 4
           6  37.0
    """, until=336, system="nccn_2022_as_cited").flags("support_without_fever")


def test_every_flag_is_raised_by_a_chart_of_this_file():
    """A flag without a chart would be a word without a meaning."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [flag for flag in FLAGS if f'.flags("{flag}")' not in source] == []
