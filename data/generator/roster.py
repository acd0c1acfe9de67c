"""Which patient number follows which course, at which site, and how the clinician recorded it.

The sixty places repeat: subject 61 has the course of subject 1 with draws of its own.
"""

from collections.abc import Callable
from typing import NamedTuple

from . import scenarios as s
from . import slips
from .patient import ADULT, ALDER, BIRCH, CEDAR, Patient, Site
from .script import Row, Script


class Recording(NamedTuple):
    """What the clinician wrote: the system named, and the error made in the grade.

    `error` None means the grade was left empty.
    """

    system: str = "astct_2019"
    error: int | None = 0


RIGHT = Recording()
LEE = Recording("lee_2014")
CTCAE = Recording("ctcae_5")
ONE_TOO_HIGH = Recording(error=1)
ONE_TOO_LOW = Recording(error=-1)
NO_GRADE = Recording(error=None)
NO_SYSTEM = Recording(system="")
OWN_SYSTEM = Recording(system="institutional")
NOT_RECORDED = None


class Place(NamedTuple):
    """One place of the roster."""

    scenario: Callable[[Patient], Script]
    site: Site
    recording: Recording | None = NOT_RECORDED
    age: int | None = ADULT
    slip: Callable[[Patient, list[Row]], list[Row]] | None = None


ROSTER = (
    Place(s.fever_only, ALDER, RIGHT),
    Place(s.no_crs, BIRCH),
    Place(s.hypotension_with_fluids, CEDAR, RIGHT),
    Place(s.low_dose_vasopressor, ALDER, ONE_TOO_LOW, slip=slips.pump_rate_in_millilitres),
    Place(s.low_flow_oxygen, BIRCH, ONE_TOO_HIGH),
    Place(s.fever_only, CEDAR, RIGHT, slip=slips.unknown_concept),
    Place(s.two_vasopressors, BIRCH, RIGHT),
    Place(s.no_crs, ALDER, slip=slips.text_for_a_pulse),
    Place(s.blow_by_oxygen, ALDER, RIGHT, age=4),
    Place(s.recurrent, CEDAR, RIGHT),
    Place(s.fever_only, BIRCH, NO_GRADE),
    Place(s.fever_masked_by_tocilizumab, CEDAR, CTCAE),
    Place(s.temperature_never_charted, BIRCH),
    Place(s.hypotension_with_fluids, ALDER, LEE, slip=slips.dose_in_vials),
    Place(s.fever_only, ALDER, RIGHT, age=15),
    Place(s.fever_from_infection, CEDAR),
    Place(s.low_flow_oxygen, ALDER, RIGHT, slip=slips.text_for_a_flow),
    Place(s.up_and_down_the_oxygen_ladder, ALDER, RIGHT),
    Place(s.fever_only, CEDAR, CTCAE, slip=slips.end_before_start),
    Place(s.fever_after_day_thirty, CEDAR),
    Place(s.late_onset, ALDER, RIGHT),
    Place(s.hypotension_with_fluids, BIRCH, RIGHT, age=9),
    Place(s.norepinephrine_with_vasopressin, CEDAR, RIGHT),
    Place(s.home_cpap_with_fever, BIRCH, RIGHT),
    Place(s.fever_only, BIRCH, LEE),
    Place(s.fatal, ALDER, RIGHT),
    Place(s.premedicated_never_febrile, ALDER),
    Place(s.home_oxygen_raised, BIRCH, RIGHT),
    Place(s.fever_only, ALDER, RIGHT, slip=slips.impossible_temperature),
    Place(s.quick_switch_of_vasopressor, ALDER, ONE_TOO_HIGH),
    Place(s.progression_during_crs, CEDAR, RIGHT),
    Place(s.no_crs, ALDER, slip=slips.unknown_subject),
    Place(s.low_flow_oxygen, CEDAR, NO_SYSTEM),
    Place(s.lost_to_followup_febrile, BIRCH, RIGHT),
    Place(s.fever_only, CEDAR, ONE_TOO_HIGH),
    Place(s.hypotension_with_fluids, ALDER, RIGHT),
    Place(s.fever_before_infusion_only, BIRCH),
    Place(s.intubated_for_airway_protection, CEDAR, RIGHT),
    Place(s.vasopressor_stop_not_charted, BIRCH, LEE),
    Place(s.fever_only, ALDER, NOT_RECORDED),
    Place(s.long_fever_treated, CEDAR, RIGHT, slip=slips.temperature_without_unit),
    Place(s.hypotension_and_low_flow_oxygen, BIRCH, RIGHT),
    Place(s.vasopressin_only, ALDER, RIGHT),
    Place(s.no_crs, BIRCH, slip=slips.missing_value),
    Place(s.hypotension_after_dexamethasone, ALDER, RIGHT),
    Place(s.fever_only, BIRCH, RIGHT),
    Place(s.fever_with_organ_injury, CEDAR, LEE),
    Place(s.recurrent_worse, ALDER, RIGHT),
    Place(s.low_flow_oxygen, CEDAR, ONE_TOO_HIGH),
    Place(s.afebrile_fluid_overload, ALDER),
    Place(s.fever_only, ALDER, OWN_SYSTEM),
    Place(s.high_flow_after_tocilizumab, CEDAR, RIGHT),
    Place(s.progression_after_fever, BIRCH, RIGHT),
    Place(s.hypotension_with_fluids, CEDAR, ONE_TOO_LOW),
    Place(s.oxygen_for_comfort, ALDER, RIGHT),
    Place(s.low_flow_oxygen, BIRCH, CTCAE),
    Place(s.fever_across_a_transfer, ALDER, NOT_RECORDED),
    Place(s.no_crs, CEDAR),
    Place(s.fever_only, BIRCH, NOT_RECORDED, slip=slips.date_without_clock),
    Place(s.low_flow_oxygen, ALDER, RIGHT),
)


def place(number: int) -> Place:
    """The place of subject `number`, counted from 1."""
    return ROSTER[(number - 1) % len(ROSTER)]
