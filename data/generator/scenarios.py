"""Clinical courses. Each function writes one patient's story into a script, in hours since infusion.

The grades named in `ends` are what the story means by the published tables; no grader is asked.
"""

from .care import (
    acetaminophen,
    dexamethasone,
    fever,
    fluid_bolus,
    give,
    hypotension,
    in_intensive_care,
    infusion,
    minute_of,
    oxygen,
    oxygen_for_hypoxia,
    titrated,
    tocilizumab,
)
from .patient import Patient
from .script import Episode, Row, Script, Span


def onset_hour(p: Patient, median: float = 64) -> float:
    """First fever: skewed, most in the first four days, never before six hours."""
    return float(min(max(median * p.rng.lognormal(0, 0.55), 6), 220))


def fever_hours(p: Patient, median: float, shortest: float = 24) -> float:
    """Length of a fever: skewed, at least a day."""
    return float(min(max(median * p.rng.lognormal(0, 0.3), shortest), 190))


def moderate_peak(p: Patient) -> float:
    """Peak temperature of a mild course, degC."""
    return float(p.rng.uniform(38.8, 39.6))


def high_peak(p: Patient) -> float:
    """Peak temperature of a severe course, degC."""
    return float(p.rng.uniform(39.5, 40.6))


def ends(script: Script, start: float, end: float, astct: int, lee: int, ctcae: int) -> Script:
    """Close an episode and say what it was by ASTCT 2019, Lee 2014 and CTCAE v5.0."""
    script.episodes.append(Episode(start, end, astct, lee, ctcae))
    return script


# ---- no CRS ------------------------------------------------------------------------------------


def no_crs(p: Patient) -> Script:
    """An uneventful course."""
    return Script()


def fever_from_infection(p: Patient) -> Script:
    """Neutropenic fever with a positive culture: every febrile reading is put down to infection."""
    script = Script()
    onset = onset_hour(p, 96)
    fever(script, onset, 60, 39.2, cause="infection")
    acetaminophen(p, script, onset + 3)
    return script


def fever_before_infusion_only(p: Patient) -> Script:
    """Tumour fever the evening before the infusion, none after it."""
    script = Script()
    fever(script, -16, 9, 38.6)
    acetaminophen(p, script, -13)
    return script


def premedicated_never_febrile(p: Patient) -> Script:
    """Dexamethasone premedication, no fever ever, low pressure on day 2 answered with fluids.

    Premedication does not stand in for a fever, so this is not CRS.
    """
    script = Script()
    give(script, -1, "dexamethasone", 10, "mg")
    for start in (44, 51):
        hypotension(script, start, 2)
        fluid_bolus(p, script, start + 0.5)
    return script


def afebrile_fluid_overload(p: Patient) -> Script:
    """Two litres by cannula for pulmonary congestion on day 4, never febrile: not CRS."""
    script = Script()
    oxygen_for_hypoxia(p, script, 98, [(22, "nasal_cannula", 2, None)])
    return script


def fever_after_day_thirty(p: Patient) -> Script:
    """A first fever on day 34, too late to be called CRS."""
    script = Script()
    script.followup_end_hour = 42 * 24.0
    onset = 34 * 24 + float(p.rng.uniform(0, 8))
    course = fever(script, onset, 40, 38.8)
    script.readmissions.append(Span(onset - 1, course.end + 20))
    acetaminophen(p, script, onset + 3)
    return script


def temperature_never_charted(p: Patient) -> Script:
    """Temperatures kept on a paper sheet that never reached the export: not evaluable."""
    script = Script()
    script.temperature_charted = False
    return script


# ---- grade 1 -----------------------------------------------------------------------------------


def fever_only(p: Patient) -> Script:
    """Fever with acetaminophen, nothing else."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, fever_hours(p, 84), moderate_peak(p))
    acetaminophen(p, script, onset + 2)
    acetaminophen(p, script, onset + 10)
    return ends(script, course.start, course.end, 1, 1, 1)


def long_fever_treated(p: Patient) -> Script:
    """Fever for more than three days, then tocilizumab; pressure and saturation hold."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, 92, 39.6)
    acetaminophen(p, script, onset + 2)
    tocilizumab(p, script, course.end - 12)
    return ends(script, course.start, course.end, 1, 1, 1)


def fever_with_organ_injury(p: Patient) -> Script:
    """Fever with creatinine above 3 and transaminases above 5 times the upper limit.

    Organ injury does not move ASTCT; Lee grades it 3.
    """
    script = Script()
    onset = onset_hour(p, 50)
    course = fever(script, onset, 96, 39.4)
    script.organ_injury_hour = onset + 36
    acetaminophen(p, script, onset + 2)
    return ends(script, course.start, course.end, 1, 3, 1)


def late_onset(p: Patient) -> Script:
    """First fever on day 16, readmitted from home."""
    script = Script()
    onset = 16 * 24 + float(p.rng.uniform(0, 8))
    course = fever(script, onset, 50, 38.9)
    script.readmissions.append(Span(onset - 1, course.end + 40))
    acetaminophen(p, script, onset + 3)
    return ends(script, course.start, course.end, 1, 1, 1)


def lost_to_followup_febrile(p: Patient) -> Script:
    """Taken home febrile on day 9 and not seen again: the end is not known."""
    script = Script()
    script.followup_end_hour = 9 * 24 + 2.0
    onset = 7 * 24 + float(p.rng.uniform(-10, 8))
    fever(script, onset, 110, 39.0)
    acetaminophen(p, script, onset + 2)
    return ends(script, onset, script.followup_end_hour, 1, 1, 1)


def home_cpap_with_fever(p: Patient) -> Script:
    """Sleep apnoea: CPAP every night before and after the infusion, unchanged during a fever."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, fever_hours(p, 84), moderate_peak(p))
    acetaminophen(p, script, onset + 2)
    first_night = 22.5 - p.infusion_minute / 60 - 24
    for night in range(8):
        start = first_night + 24 * night + float(p.rng.uniform(-0.5, 0.5))
        script.rows.append(Row(minute_of(start), "cpap", end_minute=minute_of(start + 7.5)))
    return ends(script, course.start, course.end, 1, 1, 1)


def intubated_for_airway_protection(p: Patient) -> Script:
    """A seizure on the third day of fever; ventilated to protect the airway, lungs clear."""
    script = Script()
    onset = onset_hour(p, 48)
    course = fever(script, onset, 84, 39.3)
    acetaminophen(p, script, onset + 2)
    dexamethasone(p, script, onset + 50, doses=4)
    oxygen(p, script, onset + 50, [(30, "invasive_ventilation", None, 0.3)], indication="airway_protection")
    return ends(script, course.start, course.end, 1, 1, 1)


def oxygen_for_comfort(p: Patient) -> Script:
    """Two litres by cannula at the patient's wish, saturation normal throughout."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, fever_hours(p, 78), moderate_peak(p))
    acetaminophen(p, script, onset + 2)
    oxygen(p, script, onset + 12, [(14, "nasal_cannula", 2, None)], indication="comfort")
    return ends(script, course.start, course.end, 1, 1, 1)


def fever_across_a_transfer(p: Patient) -> Script:
    """Fever, with twenty hours uncharted while the patient changed wards."""
    script = Script()
    onset = onset_hour(p, 50)
    course = fever(script, onset, 90, 39.2)
    acetaminophen(p, script, onset + 2)
    script.uncharted.append(Span(onset + 30, onset + 50))
    return ends(script, course.start, course.end, 1, 1, 1)


def progression_after_fever(p: Patient) -> Script:
    """Grade 1 resolved; death of lymphoma progression on day 24."""
    script = fever_only(p)
    script.death_hour = 24 * 24 + float(p.rng.uniform(0, 12))
    script.death_cause = "progression"
    return script


# ---- grade 2 -----------------------------------------------------------------------------------


def hypotension_with_fluids(p: Patient) -> Script:
    """Fever, then two spells of low pressure answered with fluids, tocilizumab after the second."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, fever_hours(p, 86, shortest=58), high_peak(p))
    acetaminophen(p, script, onset + 2)
    for start in (onset + 26, onset + 36):
        hypotension(script, start, float(p.rng.uniform(1.5, 3.5)), depth=6)
        fluid_bolus(p, script, start + 0.5)
    tocilizumab(p, script, onset + 39)
    return ends(script, course.start, course.end, 2, 2, 2)


def low_flow_oxygen(p: Patient) -> Script:
    """Fever, then two to four litres by cannula for a day or so."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, fever_hours(p, 86, shortest=58), high_peak(p))
    acetaminophen(p, script, onset + 2)
    end = oxygen_for_hypoxia(
        p,
        script,
        onset + float(p.rng.uniform(26, 38)),
        [(6, "nasal_cannula", 2, None), (16, "nasal_cannula", 4, None), (10, "nasal_cannula", 2, None)],
    )
    tocilizumab(p, script, onset + 40)
    return ends(script, course.start, max(course.end, end), 2, 2, 2)


def hypotension_and_low_flow_oxygen(p: Patient) -> Script:
    """Low pressure answered with fluids and three litres by cannula in one evening."""
    script = hypotension_with_fluids(p)
    onset = script.fevers[0].start
    oxygen_for_hypoxia(p, script, onset + 37, [(18, "nasal_cannula", 3, None)])
    return script


def home_oxygen_raised(p: Patient) -> Script:
    """Two litres at home for lung disease; four during the fever, back to two afterwards.

    Once lowered, the two litres are charted like any other oxygen, with no word that they are baseline.
    """
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, 86, high_peak(p))
    acetaminophen(p, script, onset + 2)
    raised = onset + 28
    oxygen(p, script, -22, [(22 + raised, "nasal_cannula", 2, None)], "baseline", then_room_air=False)
    script.desaturations.append(Span(raised - 0.8, raised, 5))
    lowered = oxygen(p, script, raised, [(34, "nasal_cannula", 4, None)], then_room_air=False)
    oxygen(p, script, lowered, [(64, "nasal_cannula", 2, None)], then_room_air=False)
    return ends(script, course.start, course.end, 2, 2, 2)


def blow_by_oxygen(p: Patient) -> Script:
    """A small child with fever who tolerates only blow-by oxygen; pressure low-normal for age."""
    script = Script()
    onset = onset_hour(p)
    course = fever(script, onset, 84, high_peak(p))
    acetaminophen(p, script, onset + 2)
    oxygen_for_hypoxia(p, script, onset + 28, [(20, "blow_by", 8, None)], depth=6)
    tocilizumab(p, script, onset + 30)
    return ends(script, course.start, course.end, 2, 2, 2)


def recurrent(p: Patient) -> Script:
    """Grade 2, quiet for more than a week, then fever again."""
    script = low_flow_oxygen(p)
    second = script.episodes[0].end + 24 * float(p.rng.uniform(8.5, 10))
    course = fever(script, second, 48, 38.9)
    script.readmissions.append(Span(second - 1, course.end + 40))
    acetaminophen(p, script, second + 3)
    return ends(script, course.start, course.end, 1, 1, 1)


def recurrent_worse(p: Patient) -> Script:
    """A short grade 1, quiet for more than a week, then fever with one low pressure."""
    script = Script()
    onset = onset_hour(p, 40)
    first = fever(script, onset, 48, 38.8)
    acetaminophen(p, script, onset + 2)
    ends(script, first.start, first.end, 1, 1, 1)
    second = first.end + 24 * 9
    course = fever(script, second, 60, 39.4)
    script.readmissions.append(Span(second - 1, course.end + 40))
    hypotension(script, second + 10, 0.6)
    fluid_bolus(p, script, second + 10.2)
    return ends(script, course.start, course.end, 2, 2, 2)


def hypotension_after_dexamethasone(p: Patient) -> Script:
    """Fever for a day, ended by acetaminophen and dexamethasone; low pressure 30 hours later, afebrile."""
    script = Script()
    onset = onset_hour(p, 50)
    course = fever(script, onset, 24, 39.4)
    acetaminophen(p, script, onset + 2)
    acetaminophen(p, script, onset + 14)
    dexamethasone(p, script, onset + 15, doses=4)
    low = course.end + 30
    hypotension(script, low, 3)
    fluid_bolus(p, script, low + 0.5)
    return ends(script, course.start, low + 3, 2, 2, 2)


def progression_during_crs(p: Patient) -> Script:
    """Grade 2 still going on when the patient dies of progression on day 11."""
    script = Script()
    onset = 6 * 24 + float(p.rng.uniform(-12, 12))
    script.death_hour = 11 * 24 + float(p.rng.uniform(0, 10))
    script.death_cause = "progression"
    fever(script, onset, 200, 39.2)
    acetaminophen(p, script, onset + 2)
    oxygen_for_hypoxia(p, script, onset + 40, [(120, "nasal_cannula", 4, None)])
    return ends(script, onset, script.death_hour, 2, 2, 2)


# ---- grade 3 -----------------------------------------------------------------------------------


def low_dose_vasopressor(p: Patient) -> Script:
    """One vasopressor at a low dose, titrated up and weaned over a day: ASTCT 3, Lee 2."""
    script = Script()
    onset = onset_hour(p, 42)
    course = fever(script, onset, fever_hours(p, 92, shortest=62), high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 27, 2.5, depth=9)
    fluid_bolus(p, script, onset + 27.5)
    tocilizumab(p, script, onset + 30)
    infusion(p, script, "norepinephrine", onset + 29, titrated(p, 0.12, 26))
    dexamethasone(p, script, onset + 30, doses=4)
    return ends(script, course.start, course.end, 3, 2, 3)


def norepinephrine_with_vasopressin(p: Patient) -> Script:
    """Vasopressin added to norepinephrine: still one vasopressor by ASTCT."""
    script = Script()
    onset = onset_hour(p, 40)
    course = fever(script, onset, 100, high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 25, 2.5, depth=12)
    fluid_bolus(p, script, onset + 25.5)
    infusion(p, script, "norepinephrine", onset + 27, titrated(p, 0.22, 40))
    infusion(p, script, "vasopressin", onset + 32, [(18, 0.03), (6, 0.02)])
    tocilizumab(p, script, onset + 28)
    dexamethasone(p, script, onset + 28, doses=6)
    return ends(script, course.start, course.end, 3, 3, 4)


def quick_switch_of_vasopressor(p: Patient) -> Script:
    """Phenylephrine from the ward changed for norepinephrine, ten minutes running together."""
    script = Script()
    onset = onset_hour(p, 42)
    course = fever(script, onset, 94, high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 28, 2, depth=9)
    fluid_bolus(p, script, onset + 28.5)
    stopped = infusion(p, script, "phenylephrine", onset + 29.5, [(2, 0.5), (4, 0.8)])
    infusion(p, script, "norepinephrine", stopped - 1 / 6, titrated(p, 0.1, 20))
    tocilizumab(p, script, onset + 30)
    return ends(script, course.start, course.end, 3, 2, 3)


def vasopressor_stop_not_charted(p: Patient) -> Script:
    """Norepinephrine weaned overnight; its stop was never charted."""
    script = Script()
    onset = onset_hour(p, 42)
    course = fever(script, onset, 90, high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 28, 2, depth=8)
    fluid_bolus(p, script, onset + 28.5)
    infusion(p, script, "norepinephrine", onset + 30, [(3, 0.05), (6, 0.1), (5, 0.04)], stop_charted=False)
    tocilizumab(p, script, onset + 31)
    return ends(script, course.start, course.end, 3, 2, 3)


def vasopressin_only(p: Patient) -> Script:
    """Vasopressin alone, chosen for a fast atrial rhythm."""
    script = Script()
    onset = onset_hour(p, 44)
    course = fever(script, onset, 92, high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 30, 2, depth=8)
    fluid_bolus(p, script, onset + 30.5)
    infusion(p, script, "vasopressin", onset + 31.5, [(10, 0.03), (6, 0.02)])
    tocilizumab(p, script, onset + 32)
    return ends(script, course.start, course.end, 3, 2, 3)


def fever_masked_by_tocilizumab(p: Patient) -> Script:
    """Tocilizumab ends the fever within hours; norepinephrine goes on for two afebrile days."""
    script = Script()
    onset = onset_hour(p, 42)
    course = fever(script, onset, 26, high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 14, 2, depth=10)
    fluid_bolus(p, script, onset + 14.5)
    tocilizumab(p, script, onset + 16)
    stopped = infusion(p, script, "norepinephrine", onset + 16, titrated(p, 0.14, 58))
    dexamethasone(p, script, onset + 17, doses=4)
    return ends(script, course.start, stopped, 3, 2, 3)


def high_flow_after_tocilizumab(p: Patient) -> Script:
    """Tocilizumab ends the fever; more than a day later new oxygen by high flow, afebrile."""
    script = Script()
    onset = onset_hour(p, 44)
    course = fever(script, onset, 30, high_peak(p))
    acetaminophen(p, script, onset + 2)
    oxygen_for_hypoxia(p, script, onset + 16, [(14, "nasal_cannula", 3, None)])
    tocilizumab(p, script, onset + 18)
    stopped = oxygen_for_hypoxia(
        p,
        script,
        course.end + 32,
        [
            (20, "high_flow_nasal_cannula", 40, 0.5),
            (10, "venturi_mask", 6, 0.35),
            (12, "nasal_cannula", 3, None),
        ],
        depth=9,
    )
    dexamethasone(p, script, course.end + 33, doses=4)
    return ends(script, course.start, stopped, 3, 3, 3)


# ---- grade 4 and 5 -----------------------------------------------------------------------------


def two_vasopressors(p: Patient) -> Script:
    """Norepinephrine, then epinephrine beside it for half a day."""
    script = Script()
    onset = onset_hour(p, 34)
    course = fever(script, onset, 106, high_peak(p))
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 15, 3, depth=14)
    fluid_bolus(p, script, onset + 15.5)
    fluid_bolus(p, script, onset + 16.5)
    infusion(p, script, "norepinephrine", onset + 17, titrated(p, 0.4, 60))
    infusion(p, script, "epinephrine", onset + 24.5, [(4, 0.05), (6, 0.08), (4, 0.03)])
    oxygen_for_hypoxia(p, script, onset + 20, [(40, "nasal_cannula", 4, None)])
    tocilizumab(p, script, onset + 17)
    tocilizumab(p, script, onset + 29)
    dexamethasone(p, script, onset + 18, doses=10, every_h=6)
    return ends(script, course.start, course.end, 4, 3, 4)


def up_and_down_the_oxygen_ladder(p: Patient) -> Script:
    """Cannula, high flow, mask, BiPAP, ventilator, and back to room air."""
    script = Script()
    onset = onset_hour(p, 38)
    course = fever(script, onset, 98, high_peak(p))
    acetaminophen(p, script, onset + 2)
    tocilizumab(p, script, onset + 27)
    dexamethasone(p, script, onset + 28, doses=10, every_h=6)
    stopped = oxygen_for_hypoxia(
        p,
        script,
        onset + 24,
        [
            (5, "nasal_cannula", 4, None),
            (6, "high_flow_nasal_cannula", 40, 0.5),
            (2, "non_rebreather_mask", 15, None),
            (4, "bipap", None, 0.6),
            (20, "invasive_ventilation", None, 0.7),
            (14, "invasive_ventilation", None, 0.4),
            (10, "high_flow_nasal_cannula", 30, 0.4),
            (14, "nasal_cannula", 3, None),
            (8, "nasal_cannula", 1, None),
        ],
        depth=9,
    )
    return ends(script, course.start, max(course.end, stopped), 4, 4, 4)


def fatal(p: Patient) -> Script:
    """Shock and lung failure through every measure; death adjudicated to CRS on day 6 or 7."""
    script = Script()
    onset = onset_hour(p, 26)
    script.death_hour = onset + 118
    script.death_cause = "crs"
    fever(script, onset, 200, 40.6)
    acetaminophen(p, script, onset + 2)
    hypotension(script, onset + 10, 3, depth=16)
    fluid_bolus(p, script, onset + 10.5)
    fluid_bolus(p, script, onset + 11.5)
    tocilizumab(p, script, onset + 12)
    tocilizumab(p, script, onset + 22)
    dexamethasone(p, script, onset + 12, doses=16, every_h=6)
    give(script, onset + 40, "siltuximab", 11, "mg/kg")
    give(script, onset + 60, "anakinra", 100, "mg")
    infusion(p, script, "norepinephrine", onset + 12, [(8, 0.15), (24, 0.35), (80, 0.5)])
    infusion(p, script, "vasopressin", onset + 20, [(100, 0.04)])
    infusion(p, script, "epinephrine", onset + 44, [(20, 0.1), (60, 0.2)])
    script.rows.append(Row(minute_of(onset + 70), "dobutamine", "5", "ug/kg/min", minute_of(onset + 100)))
    oxygen_for_hypoxia(
        p,
        script,
        onset + 14,
        [
            (8, "nasal_cannula", 5, None),
            (6, "venturi_mask", 10, 0.5),
            (6, "bipap", None, 0.7),
            (100, "invasive_ventilation", None, 0.8),
        ],
        depth=10,
    )
    in_intensive_care(script, onset + 10, script.death_hour)
    return ends(script, onset, script.death_hour, 5, 5, 5)
