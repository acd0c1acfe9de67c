"""The drawing of charts itself: what a drawn table means, and what a test that fails shows."""

import pytest
from charts import DrawingError, chart, draw_table, hour_of, minute_of, read_stretches, read_table

# The tables are drawn by hand.
# fmt: off

FEBRILE = """
    hour  temperature  systolic_bp
       0         37.0          120
       2         38.5
       6         37.0
"""


def test_a_cell_belongs_to_the_column_above_it():
    """Empty cells say nothing; a cell may be wider than the name of its column."""
    assert read_table("""
        hour  temperature  norepinephrine
          50                 0.05 -> 60:30
          52  38.9 !infection
    """) == [
        {"hour": "50", "norepinephrine": "0.05 -> 60:30"},
        {"hour": "52", "temperature": "38.9 !infection"},
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("   2                              110", "under no column"),
        ("   2           38.5 110", "under temperature and systolic_bp"),
        ("   2  38.5  38.6         110", "two cells stand under temperature"),
    ],
)
def test_a_cell_under_no_column_or_two_is_a_fault_of_the_drawing(line, fault):
    """A reading must never slip silently into the next column."""
    with pytest.raises(DrawingError, match=fault):
        read_table(f"hour  temperature  systolic_bp\n{line}")


def test_hours_are_drawn_in_hours_or_on_the_clock():
    """Halves of a minute go up, as in the pipeline."""
    assert [minute_of(hours) for hours in ("4", "4.5", "4:01", "-0:30", 2, "-0.008", "0.025")] == [
        240, 270, 241, -30, 120, 0, 2
    ]
    assert [hour_of(minute) for minute in (240, 241, -30, None)] == ["4", "4:01", "-0:30", ""]


def test_a_chart_becomes_rows_of_the_source_tidy():
    """Value, unit, end and indication, each where it was drawn; a temperature with no unit is in degC."""
    drawn = chart("""
        hour  temperature  nasal_cannula   norepinephrine       tocilizumab
           2  38.6         on
         3.5  100.4 degF   4 L/min -> 6    0.1 -> 5 !procedure  8 mg/kg
    """)
    assert [tuple(row.values()) for row in drawn.observations()] == [
        ("temperature", 2.0, None, "38.6", "degC", None),
        ("nasal_cannula", 2.0, None, None, None, None),
        ("temperature", 3.5, None, "100.4", "degF", None),
        ("nasal_cannula", 3.5, 6.0, "4", "L/min", None),
        ("norepinephrine", 3.5, 5.0, "0.1", None, "procedure"),
        ("tocilizumab", 3.5, None, "8", "mg/kg", None),
    ]


def test_a_table_that_was_got_can_be_pasted_into_a_test():
    """What is drawn is read back as it was."""
    rows = [{"from": "0", "to": "16:01", "because": "fever hypotension"}, {"from": "16:01", "to": "20"}]
    assert read_table(draw_table(["from", "to", "because"], rows)) == rows


def test_criteria_go_on_below_where_a_row_would_be_too_long():
    """Only criteria do: a row without its hours is else a fault of the drawing."""
    assert read_stretches("""
        from  to  grade  ceiling  because            episode
           0   2      4        4  fever vasopressor
                                  several_vasopressors
    """) == [(0, 120, 4, 4, ("fever", "vasopressor", "several_vasopressors"), None)]
    with pytest.raises(DrawingError, match="from is empty"):
        read_stretches("from  to  grade  ceiling  because  episode\n       2      1        1")


def test_a_chart_that_gives_something_else_shows_what_was_got():
    """The message holds the chart, the first difference, and the table that was got."""
    with pytest.raises(AssertionError) as failed:
        chart(FEBRILE, until=8).gives("""
            from  to  grade  ceiling  because  episode
               0   2      0        0
               2   8      1        1  fever          1
        """)
    message = str(failed.value)
    assert "first difference: drawn 2-8 grade 1 ceiling 1 (fever) in episode 1, got 2-6 grade 1" in message
    assert "   2         38.5" in message
    assert "   6   8      0        0" in message


@pytest.mark.parametrize(
    "claim",
    [
        lambda drawn: drawn.summary(max_grade=2),
        lambda drawn: drawn.flags(),
        lambda drawn: drawn.raises("late_onset"),
        lambda drawn: drawn.raises_no("short_followup"),
        lambda drawn: drawn.episodes("episode  from\n1        3"),
    ],
)
def test_a_wrong_claim_about_the_summary_fails(claim):
    """Every way to claim something of a chart can fail."""
    with pytest.raises(AssertionError, match="got:"):
        claim(chart(FEBRILE, until=8))


def test_a_misspelt_column_is_a_fault_of_the_drawing():
    """Else a test could ask for what does not exist, and hold."""
    with pytest.raises(DrawingError, match="onset_our"):
        chart(FEBRILE, until=8).summary(onset_our=2)
    with pytest.raises(DrawingError, match="onset"):
        chart(FEBRILE, until=8).episodes("episode  onset\n1        2")
    with pytest.raises(DrawingError, match="a table of verdicts has the columns from, to, grade"):
        chart(FEBRILE, until=8).gives("from  to  grade  ceiling\n   0   8      1        1")


def test_a_misspelt_drug_is_a_fault_of_the_drawing():
    """The pipeline would refuse it, and a chart on what does not count would hold for the wrong reason."""
    with pytest.raises(DrawingError, match="'noradrenalin' is no concept"):
        chart("""
            hour  noradrenalin
               2  0.1 -> 4
        """)


def test_a_chart_drawn_with_a_variable_of_the_test_is_graded_too():
    """Only what stands in the source can be graded beforehand; the rest is graded when it is asked for."""
    hours = 9
    chart(FEBRILE, until=hours).summary(onset_hour=2, end_hour=6, max_grade=1)
