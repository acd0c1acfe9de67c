"""Source mimic_iv: what becomes of every charted item, device, mode, drug and event of MIMIC-IV, and of the folder.

Patient A was infused on 4 May 2131 at 10:00; hours in a line count from then (see mimic.py).
"""

import gzip
import zlib

import pytest
from cohorts import said
from mimic import ANCHORS, refused, staged, table, ward

UNKNOWN = "the concept is not one that is known: see `cytograde tables` for the list"


def charted(folder, *lines, **changed):
    """The staging of chart events."""
    return staged(ward(folder, chartevents=lines), **changed)


def given(folder, *lines, details=(), **changed):
    """The staging of a record of medication: lines `hour,emar_id,medication,event`."""
    return staged(ward(folder, emar=lines, emar_detail=details), **changed)


def infused(folder, *lines, **changed):
    """The staging of infusions and pushes."""
    return staged(ward(folder, inputevents=lines), **changed)


# ---- vitals, weight, labs


def test_a_temperature_is_in_the_unit_of_its_item(tmp_path):
    found = charted(tmp_path, "1,223761,101.3", "2,223762,38.5", "3,226329,39.1", "4,223761,100.4")
    assert found.observed() == [
        ("temperature", 60, None, 38.5),
        ("temperature", 120, None, 38.5),
        ("temperature", 180, None, 39.1),
        ("temperature", 240, None, (100.4 - 32) / 1.8),
    ]
    assert (100.4 - 32) / 1.8 >= 38.0


def test_three_values_in_degf_under_the_item_in_degc_are_refused_and_never_converted(tmp_path):
    found = charted(tmp_path, "1,223762,97.2", "2,223762,98.9", "3,223762,99.0", "4,223762,31.1")
    assert found.observed() == [("temperature", 240, None, 31.1)]
    assert found.said() == [("temperature", "the value is impossible: temperature is kept from 25 to 45 degC")] * 3


def test_a_number_goes_before_its_text_and_a_text_alone_is_no_number(tmp_path):
    with_number = table("chartevents", ["1,220045,80"]).replace(",80,80,", ",eighty,80,")
    rows = with_number + "A,,,,2131-05-04 12:00:00,,220045,fast,,bpm,\nA,,,,2131-05-04 13:00:00,,220045,,,bpm,\n"
    found = staged(ward(tmp_path, chartevents=rows))
    assert found.observed() == [("heart_rate", 60, None, 80)]
    assert found.said() == [
        ("heart_rate", "the value is not a number: write it with digits and a decimal point"),
        ("heart_rate", "no value: a measurement needs one, give it"),
    ]


def test_pulse_breaths_saturation_and_mean_pressure_have_their_items_and_alarms_are_passed_over(tmp_path):
    lines = ["1,220045,80", "1,220210,18", "1,224690,22", "1,220277,97", "1,220181,70", "1,220052,68", "1,225312,66"]
    lines += ["1,220227,96", "1,226253,90", "1,224688,14", "1,223751,160", "1,220048,SR (Sinus Rhythm)"]
    found = charted(tmp_path, *lines)
    assert [(concept, value) for concept, *_, value in found.observed()] == [
        ("heart_rate", 80), ("respiratory_rate", 18), ("respiratory_rate", 22), ("spo2", 97),
        ("mean_bp", 70), ("mean_bp", 68), ("mean_bp", 66),
    ]  # fmt: skip
    assert found.passed_over() == {"chartevents": 5}


PRESSURES = ("2,220179,100", "2,220050,82", "3,224167,95", "4,225309,84")
LOSES = {
    1: "an arterial pressure of the same minute goes first: see choice blood_pressure_first",
    2: "a cuff pressure of the same minute goes first: see choice blood_pressure_first",
}


@pytest.mark.parametrize(
    ("first", "kept", "lost"), [(0, [100, 82, 95, 84], None), (1, [82, 95, 84], "100"), (2, [100, 95, 84], "82")]
)
def test_a_cuff_and_an_arterial_line_in_one_minute_are_settled_by_a_choice(first, kept, lost, tmp_path):
    found = charted(tmp_path, *PRESSURES, blood_pressure_first=first)
    assert [value for *_, value in found.observed()] == kept
    assert found.said() == ([("systolic_bp", LOSES[first])] if lost else [])
    assert found.rows("SELECT value FROM staging.refusals") == ([(lost,)] if lost else [])


def test_where_both_methods_count_the_lower_pressure_is_in_force(tmp_path):
    found = charted(tmp_path, "2,220179,100", "2,220050,82", timeline=True)
    in_force = "SELECT start_minute, systolic_bp FROM timeline.states ORDER BY 1"
    assert found.rows(in_force)[:2] == [(0, None), (120, 82)]


def test_methods_are_compared_pressure_by_pressure_and_minute_by_minute(tmp_path):
    lines = ["2,220179,100", "2,220051,50", "2.02,220050,82", "2.04,220050,81"]
    # Within 12:01 the arterial pressure of the same minute goes first, seconds aside; the diastolic one has no rival.
    found = charted(tmp_path, *lines, "2.03,220179,99", blood_pressure_first=1)
    assert [(concept, value) for concept, *_, value in found.observed()] == [
        ("systolic_bp", 100), ("diastolic_bp", 50), ("systolic_bp", 82), ("systolic_bp", 81),
    ]  # fmt: skip
    assert len(found.said()) == 1


@pytest.mark.parametrize(("first", "impossible"), [(1, "2,220050,801"), (2, "2,220179,0")])
def test_a_pressure_that_cannot_be_one_takes_no_others_place(first, impossible, tmp_path):
    other = "2,220179,100" if first == 1 else "2,220050,100"
    found = charted(tmp_path, impossible, other, blood_pressure_first=first)
    assert found.observed() == [("systolic_bp", 120, None, 100)]
    assert found.said() == [("systolic_bp", "the value is impossible: systolic_bp is kept from 20 to 300 mmHg")]


def test_an_inspired_fraction_is_in_percent_although_its_unit_is_blank_and_0_and_4_are_refused(tmp_path):
    found = charted(tmp_path, "1,223835,50", "2,223835,100", "3,223835,21", "4,223835,0", "5,223835,4", "6,223835,0.5")
    assert [value for *_, value in found.observed()] == [0.5, 1.0, 0.21]
    assert found.said() == [("fio2", "the value is impossible: fio2 is kept from 0.15 to 1 fraction")] * 3


def test_a_weight_at_admission_is_in_kg_or_lb_by_its_item(tmp_path):
    found = charted(tmp_path, "-20,226512,80.5", "-19,226531,154", "10,224639,79")
    assert [value for *_, value in found.observed()] == [80.5, 154 * 0.45359237, 79]


def test_labs_have_their_items_and_units_and_a_text_is_no_result(tmp_path):
    lines = ["1,50912,1.2,mg/dL", "1,50878,40,IU/L", "1,50861,38,IU/L", "1,50885,0.6,mg/dL", "1,50971,4.1,mEq/L"]
    lines += ["2,50885,LESS THAN 0.2,mg/dL", "3,50912,1.3,", "4,50912,1.3,g"]
    found = staged(ward(tmp_path, labevents=lines))
    assert [(concept, value) for concept, *_, value in found.observed()] == [
        ("creatinine", 1.2), ("ast", 40), ("alt", 38), ("bilirubin", 0.6), ("creatinine", 1.3),
    ]  # fmt: skip
    assert found.said() == [
        ("bilirubin", "the value is not a number: write it with digits and a decimal point"),
        ("creatinine", "the unit is not one that is known for creatinine: see `cytograde tables`"),
    ]
    assert found.passed_over() == {"labevents": 1}


def test_what_only_a_program_takes_for_a_number_is_none(tmp_path):
    labs = ["1,50912,nan,mg/dL", "2,50912,inf,mg/dL", "3,50912,1_000,mg/dL"]
    found = staged(ward(tmp_path, labevents=labs, inputevents=["1,2,221906,nan,mcg/kg/min", "3,4,221906,inf,mcg/kg/min"]))
    assert found.said() == [("creatinine", "the value is not a number: write it with digits and a decimal point")] * 3
    assert found.observed() == [("norepinephrine", 60, 120, None), ("norepinephrine", 180, 240, None)]


# ---- oxygen


def test_a_flow_is_that_of_the_device_of_its_minute(tmp_path):
    found = charted(tmp_path, "2,226732,Nasal cannula", "2,223834,4", "3,226732,Non-rebreather")
    assert found.observed() == [
        ("nasal_cannula", 120, None, 4),
        ("nasal_cannula", 120, None, 4),
        ("non_rebreather_mask", 180, None, None),
    ]


@pytest.mark.parametrize(
    ("hour", "device"),
    [("3", "nasal_cannula"), ("16", "nasal_cannula"), ("16.02", "oxygen_unspecified"), ("20", "oxygen_unspecified")],
)
def test_a_flow_with_no_device_is_that_of_the_last_device_for_14_hours(hour, device, tmp_path):
    found = charted(tmp_path, "2,226732,Nasal cannula", f"{hour},223834,5")
    assert [(concept, value) for concept, _, _, value in found.observed()] == [("nasal_cannula", None), (device, 5)]


def test_how_long_a_device_lends_its_name_to_a_flow_is_the_choice_of_how_long_it_holds(tmp_path):
    found = charted(tmp_path, "2,226732,Nasal cannula", "20,223834,5", open_support_holds_h=18)
    assert [concept for concept, *_ in found.observed()] == ["nasal_cannula", "nasal_cannula"]


def test_a_device_lends_its_name_to_no_flow_of_another_patient(tmp_path):
    lines = ["B:1,226732,Nasal cannula", "2,223834,5", "B:3,223834,6"]
    tables = {"patients": ["F,60,2131", "B:M,40,2131"], "chartevents": lines}
    found = staged(ward(tmp_path, anchors=ANCHORS + "B,2131-05-04T10:00\n", **tables))
    assert [concept for concept, *_ in found.observed()] == ["nasal_cannula", "oxygen_unspecified", "nasal_cannula"]


@pytest.mark.parametrize("before", [(), ("1,226732,None",), ("1,226732,Snorkel",)])
def test_a_flow_after_nothing_after_room_air_or_after_what_nobody_knows_is_oxygen_of_no_device(before, tmp_path):
    found = charted(tmp_path, *before, "2,223834,5")
    assert found.observed()[-1] == ("oxygen_unspecified", 120, None, 5)


def test_a_flow_beside_room_air_is_oxygen_of_no_device(tmp_path):
    found = charted(tmp_path, "2,226732,None", "2,223834,3")
    assert found.observed() == [("room_air", 120, None, None), ("oxygen_unspecified", 120, None, 3)]


def test_the_flow_of_a_second_cannula_is_that_of_the_cannula_of_its_minute(tmp_path):
    lines = ["1,226732,High flow nasal cannula", "1,227287,40", "2,226732,Venti mask ", "2,227287,3", "3,227287,2"]
    found = charted(tmp_path, *lines)
    assert found.observed() == [
        ("high_flow_nasal_cannula", 60, None, 40),
        ("high_flow_nasal_cannula", 60, None, 40),
        ("venturi_mask", 120, None, None),
        ("nasal_cannula", 120, None, 3),
        ("nasal_cannula", 180, None, 2),
    ]


def test_the_first_flow_of_a_cannula_goes_before_that_of_a_second_one_on_the_row_of_the_device(tmp_path):
    found = charted(tmp_path, "1,227287,2", "1,226732,Nasal cannula", "1,223834,5")
    assert [(concept, value) for concept, _, _, value in found.observed()] == [
        ("nasal_cannula", 2), ("nasal_cannula", 5), ("nasal_cannula", 5),
    ]  # fmt: skip


def test_a_flow_of_bipap_is_bipap(tmp_path):
    found = charted(tmp_path, "1,226732,Bipap mask ", "1,227582,6", "5,227582,8")
    assert found.observed() == [("bipap", 60, None, 6), ("bipap", 60, None, 6), ("bipap", 300, None, 8)]


def test_a_mode_charted_beside_a_device_with_a_flow_has_none_of_its_own(tmp_path):
    found = charted(tmp_path, "1,226732,Bipap mask ", "1,227582,6", "1,227577,Spontaneous (S)")
    assert found.observed() == [("bipap", 60, None, 6), ("bipap", 60, None, 6), ("bipap", 60, None, None)]


DEVICES = {
    "Nasal cannula": "nasal_cannula", "High flow nasal cannula": "high_flow_nasal_cannula", "None": "room_air",
    "Non-rebreather": "non_rebreather_mask", "Venti mask ": "venturi_mask", "Medium conc mask ": "face_mask",
    "Aerosol-cool": "other_mask", "Face tent": "other_mask", "High flow neb": "other_mask", "T-piece": "other_mask",
    "Trach mask ": "other_mask", "Tracheostomy tube": "oxygen_unspecified", "Other": "oxygen_unspecified",
    "CPAP mask ": "cpap", "Bipap mask ": "bipap", "Endotracheal tube": "invasive_ventilation",
    " nasal CANNULA ": "nasal_cannula",
}  # fmt: skip


def test_devices_are_known_by_their_words_with_or_without_blanks_around_them(tmp_path):
    found = charted(tmp_path, *(f"{hour},226732,{text}" for hour, text in enumerate(DEVICES)))
    assert [concept for concept, *_ in found.observed()] == list(DEVICES.values())


def test_the_word_none_is_room_air_and_a_blank_is_refused(tmp_path):
    found = charted(tmp_path, "1,226732,None", "2,226732,")
    assert found.observed() == [("room_air", 60, None, None)]
    assert [reason for _, reason in found.said()] == ["no device is written: chart it, or None for room air"]


def test_a_device_of_blanks_alone_is_refused_as_a_blank(tmp_path):
    found = charted(tmp_path, "3,226732,  ")
    assert [reason for _, reason in found.said()] == ["no device is written: chart it, or None for room air"]


def test_words_that_the_mapping_does_not_know_are_refused_with_them_and_can_be_counted(tmp_path):
    chart = ["1,226732,Snorkel", "2,226732,Snorkel ", "3,223849,Turbo", "4,226732,Nasal cannula"]
    emar = ["1,a,Acetaminophen Lollipop,Administered", "2,b,Acetaminophen,Dreamt"]
    found = staged(ward(tmp_path, chartevents=chart, emar=emar, emar_detail=[]))
    counted = "SELECT concept, value, reason, count(*) FROM staging.refusals GROUP BY ALL ORDER BY concept DESC"
    assert found.rows(counted) == [
        ('mode "Turbo"', "Turbo", UNKNOWN, 1),
        ('medication "Acetaminophen Lollipop"', "Administered", UNKNOWN, 1),
        ('device "Snorkel"', "Snorkel", UNKNOWN, 2),
        (
            "acetaminophen",
            "Dreamt",
            'the mapping does not know the event "Dreamt": whether the dose was given is unknown',
            1,
        ),
    ]
    assert found.observed() == [("nasal_cannula", 240, None, None)]


def test_two_devices_in_one_minute_are_two_chartings_and_the_flow_is_of_the_higher(tmp_path):
    found = charted(tmp_path, "1,226732,Nasal cannula", "1,226732,Non-rebreather", "1,223834,15")
    assert found.observed() == [
        ("nasal_cannula", 60, None, None),
        ("non_rebreather_mask", 60, None, 15),
        ("non_rebreather_mask", 60, None, 15),
    ]


def test_modes_of_a_ventilator_are_ventilation_by_tube_or_by_mask(tmp_path):
    lines = ["1,223849,CMV/ASSIST/AutoFlow", "2,229314,NIV-ST", "3,227577,CPAP", "4,223849,CPAP/PSV", "5,229314,SPONT"]
    assert [concept for concept, *_ in charted(tmp_path, *lines).observed()] == [
        "invasive_ventilation", "bipap", "cpap", "invasive_ventilation", "invasive_ventilation",
    ]  # fmt: skip


def test_a_ventilator_on_standby_ventilates_nobody(tmp_path):
    found = charted(tmp_path, "1,223849,Standby", "2,229314,Ambient")
    assert found.observed() == []
    assert found.rows("SELECT value, reason FROM staging.refusals ORDER BY source_row") == [
        ("Standby", "the mapping sets it aside: a ventilator on standby ventilates nobody"),
        ("Ambient", "the mapping sets it aside: the ventilator mode says that room air is breathed past the machine"),
    ]


def test_a_ventilation_charted_as_a_procedure_has_its_start_and_end(tmp_path):
    found = staged(ward(tmp_path, procedureevents=["2,9,225792", "20,22.5,225794", "30,,225792", "1,1.5,224275"]))
    assert found.observed() == [
        ("invasive_ventilation", 120, 540, None),
        ("bipap", 1200, 1350, None),
        ("invasive_ventilation", 1800, None, None),
    ]
    assert found.passed_over() == {"procedureevents": 1}


def test_an_intubation_begins_ventilation_and_its_own_end_ends_nothing(tmp_path):
    found = staged(ward(tmp_path, procedureevents=["2,2.02,224385"]), timeline=True)
    assert found.observed() == [("invasive_ventilation", 120, None, None)]
    lasts = "SELECT start_minute, end_minute, presumed FROM timeline.chartings"
    assert found.rows(lasts) == [(120, 120 + 14 * 60, True)]


@pytest.mark.parametrize("item", ["227194", "225468", "225477"])
def test_an_extubation_ends_a_tube_charted_open_and_is_no_oxygen(item, tmp_path):
    folder = ward(tmp_path, chartevents=["2,226732,Endotracheal tube"], procedureevents=[f"6,6.02,{item}"])
    found = staged(folder, timeline=True)
    assert found.observed() == [("invasive_ventilation", 120, None, None), ("oxygen_unspecified", 360, None, 0)]
    lasts = "SELECT concept, start_minute, end_minute FROM timeline.chartings"
    assert found.rows(lasts) == [("invasive_ventilation", 120, 360)]


def test_a_procedure_that_was_rewritten_is_set_aside(tmp_path):
    found = staged(ward(tmp_path, procedureevents=["2,9,225792,Rewritten", "2,8,225792,FinishedRunning"]))
    assert found.observed() == [("invasive_ventilation", 120, 480, None)]
    assert found.said() == [
        ("invasive_ventilation", "the mapping sets it aside: the row was rewritten, and another row holds what was given")
    ]


# ---- infusions and pushes


def test_rows_of_a_vasopressor_that_touch_are_one_agent(tmp_path):
    lines = ["1,2,221906,0.05,mcg/kg/min", "2,5,221906,0.1,mcg/kg/min", "5,6,221906,0.02,mcg/kg/min"]
    found = infused(tmp_path, *lines, timeline=True)
    assert [value for *_, value in found.observed()] == [0.05, 0.1, 0.02]
    agents = "SELECT concept, start_minute, end_minute FROM timeline.agents WHERE level = 'proven'"
    assert found.rows(agents) == [("norepinephrine", 60, 360)]


def test_a_paused_infusion_is_two_runs_of_one_agent(tmp_path):
    lines = ["1,2,221906,0.05,mcg/kg/min,,,01-Drips,Paused", "4,5,221906,0.05,mcg/kg/min,,,01-Drips,FinishedRunning"]
    found = infused(tmp_path, *lines, timeline=True)
    agents = "SELECT start_minute, end_minute FROM timeline.agents WHERE level = 'proven' ORDER BY 1"
    assert found.rows(agents) == [(60, 120), (240, 300)]


def test_every_item_of_phenylephrine_is_phenylephrine(tmp_path):
    lines = [f"{hour},{hour + 1},{item},1.5,mcg/kg/min" for hour, item in enumerate((221749, 229630, 229631, 229632))]
    assert infused(tmp_path, *lines).observed() == [
        ("phenylephrine", 60 * hour, 60 * hour + 60, 1.5) for hour in range(4)
    ]


def test_every_vasoactive_drug_has_its_items(tmp_path):
    items = {
        221906: "norepinephrine", 221289: "epinephrine", 229617: "epinephrine", 221662: "dopamine",
        229709: "angiotensin_ii", 221653: "dobutamine", 221986: "milrinone",
    }  # fmt: skip
    found = infused(tmp_path, *(f"1,2,{item},2,mcg/kg/min" for item in items))
    assert found.observed() == [(concept, 60, 120, 2) for concept in items.values()]


def test_angiotensin_in_nanograms_and_vasopressin_by_the_hour_are_converted(tmp_path):
    found = infused(tmp_path, "1,2,229764,20,ng/kg/min", "1,2,222315,2.4,units/hour")
    assert found.observed() == [("angiotensin_ii", 60, 120, 0.02), ("vasopressin", 60, 120, 0.04)]


def test_a_row_that_was_rewritten_or_cancelled_is_set_aside(tmp_path):
    lines = ["1,2,221906,0.5,mcg/kg/min,,,01-Drips,Rewritten,0", "1,2,221906,0.05,mcg/kg/min,,,01-Drips,FinishedRunning,0"]
    found = infused(tmp_path, *lines, "3,4,221906,0.3,mcg/kg/min,,,01-Drips,FinishedRunning,2")
    assert found.observed() == [("norepinephrine", 60, 120, 0.05)]
    assert found.said() == [
        ("norepinephrine", "the mapping sets it aside: the row was rewritten, and another row holds what was given"),
        ("norepinephrine", "the row was cancelled in the chart"),
    ]


def test_the_column_of_cancelled_rows_need_not_be_there(tmp_path):
    text = table("inputevents", ["1,2,221906,0.05,mcg/kg/min"])
    text = "".join(line.rpartition(",")[0] + "\n" for line in text.splitlines())
    assert "cancelreason" not in text
    assert staged(ward(tmp_path, inputevents=text)).observed() == [("norepinephrine", 60, 120, 0.05)]


def test_a_push_with_no_rate_was_given_in_an_amount_that_is_unknown(tmp_path):
    found = infused(tmp_path, "1,1.02,229617,,,10,mcg", "2,2.02,221749,,,100,mcg,05-Med Bolus")
    assert found.observed() == [("epinephrine", 60, 61, None), ("phenylephrine", 120, 121, None)]
    assert found.judged() == []


def test_a_rate_in_a_unit_that_is_not_known_runs_in_an_amount_that_is_unknown(tmp_path):
    found = infused(tmp_path, "1,2,221906,5,drops/min")
    assert found.observed() == [("norepinephrine", 60, 120, None)]
    assert found.judged() == [
        ("norepinephrine", "blanked", "the unit is not one that is known for norepinephrine: the exposure is kept with no amount")
    ]


def test_acetaminophen_by_vein_counts_by_its_amount(tmp_path):
    found = infused(tmp_path, "1,1.25,228315,66,mg/min,1000,mg", "9,9.25,228315,,,1,grams", "12,12.02,229072,,,15,mg")
    assert found.observed() == [
        ("acetaminophen", 60, 75, 1000), ("acetaminophen", 540, 555, 1000), ("other_antipyretic", 720, 721, 15),
    ]  # fmt: skip


def test_a_fluid_bolus_is_known_by_the_category_of_its_order_whatever_the_fluid(tmp_path):
    lines = ["1,1.02,225158,,,500,ml,03-IV Fluid Bolus", "2,2.02,225828,,,1,L,03-iv fluid bolus "]
    found = infused(tmp_path, *lines, "3,9,225158,100,mL/hour,600,ml,02-Fluids (Crystalloids)", "4,5,220949,,,50,ml")
    assert found.observed() == [("fluid_bolus", 60, 61, 500), ("fluid_bolus", 120, 121, 1000)]
    assert found.passed_over() == {"inputevents": 2}


def test_an_infusion_that_ends_before_it_begins_is_refused(tmp_path):
    found = infused(tmp_path, "2,1,221906,0.1,mcg/kg/min")
    assert found.said() == [("norepinephrine", "the end lies before the start: correct one of them")]


# ---- the record of medication


def test_a_dose_is_given_by_its_event_and_its_amount_stands_in_the_details(tmp_path):
    lines = ["1,a,Acetaminophen,Administered", "2,b,Tocilizumab,Started", "3,c,MethylPREDNISolone Sodium Succ,Administered"]
    found = given(tmp_path, *lines, details=["a,650,mg", "b,0.6,g", "c,125,mg", "zz,9,mg"])
    assert found.observed() == [
        ("acetaminophen", 60, None, 650), ("tocilizumab", 120, None, 600), ("methylprednisolone", 180, None, 125),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("Not Given", "the dose was not given: charted as not given"),
        ("Hold Dose", "the dose was not given: charted as held back"),
        ("Delayed", "the dose was not given: charted as delayed; the dose has a row of its own when it is given"),
        ("Stopped", "the dose was not given: the end of an infusion is no dose"),
        ("", "it is not charted whether the dose was given"),
        ("Levitated", 'the mapping does not know the event "Levitated": whether the dose was given is unknown'),
    ],
)
def test_a_dose_that_was_not_given_or_may_not_have_been_is_refused(event, reason, tmp_path):
    found = given(tmp_path, f"1,a,Dexamethasone,{event}", details=["a,10,mg"])
    assert found.observed() == []
    assert found.said() == [("dexamethasone", reason)]


def test_a_dose_given_late_in_part_or_elsewhere_is_given(tmp_path):
    events = ["Delayed Administered", "Partial Administered", "Administered in Other Location", "Restarted", " administered "]
    found = given(tmp_path, *(f"{hour},{hour},Ibuprofen,{event}" for hour, event in enumerate(events)))
    assert found.observed() == [("ibuprofen", 60 * hour, None, None) for hour in range(5)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Dexamethasone Ophthalmic Susp 0.1%", "eye drops, not a dose to the whole body"),
        ("Ketorolac 0.5% Ophth Soln", "eye drops, not a dose to the whole body"),
        ("Hydrocortisone (Rectal) 2.5% Cream", "a cream for one place, not a dose to the whole body"),
        ("Aspirin", "aspirin is given to these patients against clots as a rule and in doses that lower no fever"),
    ],
)
def test_what_does_not_reach_the_whole_body_or_lower_a_fever_is_set_aside(name, reason, tmp_path):
    found = given(tmp_path, f"1,a,{name},Administered")
    assert found.said() == [(name, f"the mapping sets it aside: {reason}")]


def test_a_combination_with_acetaminophen_is_acetaminophen_and_other_drugs_are_passed_over(tmp_path):
    names = ["OxyCODONE--Acetaminophen (5mg-325mg)", "Acetaminophen-Caff-Butalbital", "Acetaminophen (Rectal)", "Ondansetron"]
    found = given(tmp_path, *(f"{hour},{hour},{name},Administered" for hour, name in enumerate(names)))
    assert [concept for concept, *_ in found.observed()] == ["acetaminophen"] * 3
    assert found.passed_over() == {"emar": 1}


def test_several_tablets_are_one_dose_and_no_amount_where_their_units_differ(tmp_path):
    lines = [f"{hour},{one},Acetaminophen,Administered" for hour, one in enumerate("abcd")]
    details = ["a,325,mg", "a,325,MG", "b,0.1,g", "b,0.2,g", "c,500,mg", "c,1,TAB", "d,500,mg", "d,one,mg", "d,,mg"]
    assert given(tmp_path, *lines, details=details).observed() == [
        ("acetaminophen", 0, None, 650), ("acetaminophen", 60, None, 300), ("acetaminophen", 120, None, None),
        ("acetaminophen", 180, None, None),
    ]  # fmt: skip


def test_a_dose_in_tablets_was_given_in_an_amount_that_is_unknown(tmp_path):
    found = given(tmp_path, "1,a,Prednisone,Administered", details=["a,2,TAB"])
    assert found.observed() == [("prednisone", 60, None, None)]
    assert found.judged() == [
        ("prednisone", "blanked", "the unit is not one that is known for prednisone: the exposure is kept with no amount")
    ]


# ---- the patient


def test_death_is_that_of_the_admission_and_ends_the_follow_up_that_its_discharge_came_before(tmp_path):
    found = staged(ward(tmp_path, admissions=["-24,100,100.5"]))
    assert found.people() == [("A", 600, 60, 6030, 6030)]


@pytest.mark.parametrize(
    ("written", "unreadable", "what"),
    [("-24,720,700", "2131-06-02 14:00:00", "the time of death"), ("-24,720,", "2131-06-03 10:00:00", "the end of follow-up")],
)
def test_an_end_of_life_or_admission_that_cannot_be_read_stops_the_run(written, unreadable, what, tmp_path):
    admissions = table("admissions", [written]).replace(unreadable, "soon")
    assert "soon" in admissions
    assert f"{what} cannot be read" in refused(ward(tmp_path, admissions=admissions))


def test_a_date_of_death_alone_has_no_clock_and_is_not_used(tmp_path):
    patients = table("patients", ["F,60,2131"]).replace("2131,,\n", "2131,,2131-05-06\n")
    assert "2131-05-06" in patients
    assert staged(ward(tmp_path, patients=patients)).people() == [("A", 600, 60, None, 43200)]


@pytest.mark.parametrize(
    ("admission", "end"),
    [
        ("200,300,", 300),
        # It begins in the last minute of the onset window of 30 days, or just after it.
        ("719.98,1000,", 1000),
        ("720,1000,", 168),
        ("-900,-800,", 168),
    ],
)
def test_follow_up_ends_with_the_last_admission_that_begins_within_the_onset_window(admission, end, tmp_path):
    found = staged(ward(tmp_path, admissions=["-24,168,", admission]))
    assert found.people() == [("A", 600, 60, None, 60 * end)]


def test_the_window_in_which_a_readmission_counts_is_the_onset_window(tmp_path):
    found = staged(ward(tmp_path, admissions=["-24,168,", "400,500,"]), onset_window_d=14)
    assert found.people()[0][4] == 168 * 60


def test_a_death_in_a_later_admission_is_known_and_the_follow_up_ended_before(tmp_path):
    found = staged(ward(tmp_path, admissions=["-24,168,", "900,950,949.5"]))
    assert found.people() == [("A", 600, 60, 949.5 * 60, 168 * 60)]


def test_a_patient_with_no_admission_after_the_infusion_has_no_end_of_follow_up(tmp_path):
    assert staged(ward(tmp_path, admissions=["-90,-24,"])).people() == [("A", 600, 60, None, None)]


@pytest.mark.parametrize(("anchored", "age"), [("60,2131", 60), ("60,2128", 63), ("17,2132", 16)])
def test_age_is_counted_from_the_year_of_the_anchor(anchored, age, tmp_path):
    assert staged(ward(tmp_path, patients=[f"M,{anchored}"])).people()[0][2] == age


@pytest.mark.parametrize(("anchored", "age"), [("89,2131", 89), ("89,2130", 90), ("91,2131", 90), ("88,2127", 90)])
def test_all_ages_over_89_are_one_group_of_90_or_older(anchored, age, tmp_path):
    assert staged(ward(tmp_path, patients=[f"M,{anchored}"])).people()[0][2] == age


def test_age_is_that_in_the_year_of_the_infusion(tmp_path):
    anchors = "subject_id,infusion_time\nA,2133-01-02T10:00\n"
    assert staged(ward(tmp_path, anchors=anchors, patients=["M,60,2131"])).people() == [("A", 600, 62, None, None)]


# ---- who was infused and when


def anchored(folder, anchors, **tables):
    """A ward with these lines of anchors."""
    stays = {"icustays": ["1,-5", "2,30", "B:3,50"], "patients": ["F,60,2131", "B:M,40,2131"]}
    return ward(folder, anchors=anchors, admissions=["-24,168,", "B:-24,168,"], **{**stays, **tables})


def people(found):
    return [(subject, minute_of_day) for subject, minute_of_day, *_ in found.people()]


def test_an_anchor_names_the_patient_and_the_time(tmp_path):
    folder = anchored(tmp_path, "infusion_time,subject_id\n2131-05-05 09:15:00,B\n", chartevents=["B:1,223762,38", "2,223762,39"])
    found = staged(folder)
    assert people(found) == [("B", 555)]
    assert [minute for _, minute, *_ in found.observed()] == [-22 * 60 - 15]
    assert found.passed_over() == {"patients": 1, "chartevents": 1}
    assert found.rows("FROM sources.time_zero") == [(False, "Time zero is the start of the infusion, as it was given.")]


def test_an_anchor_names_a_stay_and_the_time(tmp_path):
    found = staged(anchored(tmp_path, "stay_id,infusion_time\n2,2131-05-06T08:00\n3,2131-05-06T09:00\n"))
    assert people(found) == [("A", 480), ("B", 540)]
    assert found.rows("SELECT is_stand_in FROM sources.time_zero") == [(False,)]


def test_an_anchor_that_names_a_stay_and_no_time_takes_the_start_of_that_stay_as_a_stand_in(tmp_path):
    found = staged(anchored(tmp_path, "stay_id\n2\n"))
    assert people(found) == [("A", 16 * 60)]
    assert found.rows("FROM sources.time_zero") == [
        (
            True,
            "Time zero is a stand-in, the start of the stay that the anchors name: "
            "nobody in these data is known to have been infused, so no grade in them is CRS.",
        )
    ]


def test_with_no_anchors_the_first_stay_stands_in_and_patients_without_one_are_passed_over(tmp_path):
    folder = anchored(tmp_path, None, patients=["F,60,2131", "B:M,40,2131", "C:M,40,2131"], icustays=["2,30", "1,-5", "B:3,50"])
    found = staged(folder)
    assert people(found) == [("A", 300), ("B", 720)]
    assert found.rows("FROM sources.time_zero") == [
        (
            True,
            "Time zero is a stand-in, the start of each patient's first ICU stay: "
            "nobody in these data is known to have been infused, so no grade in them is CRS.",
        )
    ]
    assert found.passed_over() == {"patients": 1}


@pytest.mark.parametrize(
    ("anchors", "sentence"),
    [
        (
            "subject_id,infusion_time\nA,2131-05-04T10:00\nZ,2131-05-04T10:00\n",
            "anchors.csv, row 2, subject_id 'Z': no patient of the data has this subject_id; correct it, or leave the row out.",
        ),
        (
            "stay_id\n77\n",
            "anchors.csv, row 1, stay_id '77': no patient of the data has this stay_id; correct it, or leave the row out.",
        ),
        (
            "subject_id,infusion_time\nA,2131-05-04T10:00\nB,2131-05-04T10:00\nA,2131-06-04T10:00\n",
            "anchors.csv, row 1, subject_id 'A': the patient is named twice; give one infusion per patient, the first.",
        ),
        (
            "stay_id,infusion_time\n1,2131-05-04T10:00\n2,2131-05-06T10:00\n",
            "anchors.csv, row 1, stay_id '1': the patient is named twice; give one infusion per patient, the first.",
        ),
        (
            "subject_id,infusion_time\nA,\n",
            "anchors.csv, row 1, subject_id 'A': infusion_time is empty; give it, or leave the row out.",
        ),
        (
            "subject_id,infusion_time\nA,yesterday\n",
            "anchors.csv, row 1, subject_id 'A': infusion_time cannot be read; "
            "write ISO 8601 with a time of day, such as 2031-05-04T14:30.",
        ),
        (
            "subject_id,infusion_time\nA,2131-05-04\n",
            "anchors.csv, row 1, subject_id 'A': infusion_time cannot be read; "
            "write ISO 8601 with a time of day, such as 2031-05-04T14:30.",
        ),
        (
            "subject_id,infusion_time\nA,2131-05-04T10:00Z\n",
            "anchors.csv, row 1, subject_id 'A': infusion_time has a zone offset and the charts have none; "
            "write it as the clock on the wall, 2031-05-04T14:30.",
        ),
        ("subject_id,infusion_time\n", "anchors.csv: there is no patient in it; give one row per patient of the cohort."),
        ("", "anchors.csv: the file is empty; give at least its header line."),
        (
            "subject_id\nA\n",
            "anchors.csv: the column infusion_time is missing; add it, or rename the one that holds it (there is subject_id).",
        ),
        (
            "patient,infusion_time\nA,2131-05-04T10:00\n",
            "anchors.csv: the column subject_id or stay_id is missing; add it, or rename the one that holds it "
            "(there is patient, infusion_time).",
        ),
    ],
)
def test_anchors_that_do_not_fit_the_data_stop_the_run_with_one_sentence(anchors, sentence, tmp_path):
    assert refused(anchored(tmp_path, anchors)) == sentence


def test_a_file_of_anchors_that_is_not_there_stops_the_run(tmp_path):
    missing = tmp_path / "nobody.csv"
    assert refused(ward(tmp_path), missing) == (
        f"--anchors {missing}: there is no such file; give a file of subject_id and infusion_time."
    )


# ---- the folder


@pytest.mark.parametrize("is_flat", [True, False], ids=["all in one folder", "hosp and icu"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_tables_stand_in_hosp_and_icu_or_in_one_folder_packed_or_not(is_flat, ending, tmp_path):
    tables = {"chartevents": ["2,223762,38.5"], "labevents": ["3,50912,1.1,mg/dL"]}
    found = staged(ward(tmp_path, is_flat=is_flat, ending=ending, **tables))
    assert found.observed() == [("temperature", 120, None, 38.5), ("creatinine", 180, None, 1.1)]


def test_a_table_that_is_there_twice_stops_the_run(tmp_path):
    folder = ward(tmp_path)
    events = (folder / "icu" / "chartevents.csv").read_bytes()
    (folder / "chartevents.csv.gz").write_bytes(gzip.compress(events))
    assert refused(folder) == (
        f"{folder}: icu/chartevents.csv and chartevents.csv.gz are two files of one table; keep one of them."
    )


@pytest.mark.parametrize("name", ["patients", "admissions", "icustays", "chartevents"])
def test_a_table_that_is_needed_and_missing_stops_the_run(name, tmp_path):
    place = "icu" if name in ("icustays", "chartevents") else "hosp"
    folder = ward(tmp_path, **{name: None})
    assert refused(folder) == (
        f"{folder}: there is no {place}/{name}.csv.gz or {place}/{name}.csv or {name}.csv.gz or {name}.csv in it; "
        "give the folder of MIMIC-IV, see `cytograde sources`."
    )


def test_a_folder_that_is_none_stops_the_run(tmp_path):
    assert refused(tmp_path / "nowhere") == (
        f"{tmp_path / 'nowhere'}: does not exist; give the folder that holds the tables of MIMIC-IV."
    )


def test_tables_that_need_not_be_there_are_told_of_when_they_are_missing(tmp_path):
    found = staged(ward(tmp_path, chartevents=["2,223762,38.5"], emar=["1,a,Ibuprofen,Administered"]))
    assert found.notices == [
        f"{name}: there is no such file in the folder, and nothing of it is read"
        for name in ("inputevents", "procedureevents", "emar_detail", "labevents")
    ]
    assert [concept for concept, *_ in found.observed()] == ["temperature", "ibuprofen"]


def test_a_column_that_is_missing_is_named(tmp_path):
    text = table("chartevents", ["2,223762,38.5"]).replace("itemid", "item")
    folder = ward(tmp_path, chartevents=text)
    assert refused(folder) == (
        "icu/chartevents.csv: the column itemid is missing; add it, or rename the one that holds it (there is subject_id, "
        "hadm_id, stay_id, caregiver_id, charttime, storetime, item, value, valuenum, valueuom, warning)."
    )


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize("before", [1, 500], ids=["in the first lines", "further down"])
def test_a_file_that_is_not_utf_8_stops_the_run(before, ending, tmp_path):
    lines = [*(["2,223762,38.5"] * before), "3,226732,Sonde nasale à oxygène"]
    folder = ward(tmp_path, chartevents=table("chartevents", lines).encode("latin-1"), ending=ending)
    sentence = f"chartevents{ending}, line {before + 2}: the text is not UTF-8; export the file as UTF-8."
    assert refused(folder).removeprefix("icu/") == sentence


@pytest.mark.parametrize("row", ["A", "A,2131-05-04T10:00,1", '"A,2131-05-04T10:00'])
def test_a_broken_row_of_the_anchors_stops_the_run(row, tmp_path):
    folder = ward(tmp_path, anchors=f"subject_id,infusion_time\n{row}\n")
    assert refused(folder).startswith("anchors.csv, line 2: ")


def test_a_row_with_too_few_columns_stops_the_run(tmp_path):
    folder = ward(tmp_path, chartevents=table("chartevents", ["2,223762,38.5"]) + "A,1,2\n")
    assert refused(folder) == (
        "chartevents.csv, line 3: the row has 3 columns where the header has 11; "
        "give every row as many, and quote texts that hold commas."
    )


def test_an_empty_file_stops_the_run(tmp_path):
    assert refused(ward(tmp_path, labevents="")) == "hosp/labevents.csv: the file is empty; give at least its header line."


PULSES = [f"{hour},220045,{60 + hour % 40}" for hour in range(2000)]


def test_a_packed_file_that_is_cut_off_within_a_row_stops_the_run(tmp_path):
    folder = ward(tmp_path, ending=".csv.gz", chartevents=PULSES)
    path = folder / "icu" / "chartevents.csv.gz"
    path.write_bytes(path.read_bytes()[:-2000])
    assert "chartevents.csv.gz" in refused(folder)


def test_a_packed_file_that_is_cut_off_after_a_row_stops_the_run(tmp_path):
    folder = ward(tmp_path, ending=".csv.gz", chartevents=PULSES)
    packer = zlib.compressobj(wbits=31)
    cut_off = packer.compress(table("chartevents", PULSES[:1000]).encode()) + packer.flush(zlib.Z_FULL_FLUSH)
    (folder / "icu" / "chartevents.csv.gz").write_bytes(cut_off)
    assert "chartevents.csv.gz" in refused(folder)


# ---- the whole


def test_a_run_on_a_folder_grades_and_says_what_time_zero_is(tmp_path):
    lines = ["2,223761,101.3", "3,223761,102.2", "3,226732,Nasal cannula", "3,223834,4", "9,226732,None", "12,223761,98.6"]
    folder = ward(tmp_path, chartevents=lines, anchors=ANCHORS)
    out = tmp_path / "out"
    words = ("run", "mimic_iv", folder, "--out", out, "--no-report", "--systems", "astct_2019")
    printed = said(*words, "--anchors", folder / "anchors.csv")
    assert printed.code == 0
    assert "astct_2019                     1         1        1" in printed.out
    graded = (out / "tables" / "subjects.csv").read_text().splitlines()[1]
    assert graded.startswith("astct_2019,A,crs,2,2,")
    stand_in = said(*words)
    assert "Time zero is a stand-in" in stand_in.out + stand_in.err


def test_an_unknown_patient_in_the_anchors_is_exit_code_3_on_the_command_line(tmp_path):
    folder = ward(tmp_path, anchors="subject_id,infusion_time\nZ,2131-05-04T10:00\n")
    said("run", "mimic_iv", folder, "--anchors", folder / "anchors.csv", "--out", tmp_path / "out", "--no-report").sentence(3)
