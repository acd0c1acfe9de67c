"""The plain cohort in the folder layout of MIMIC-IV, with the habits of its charts.

Readings of intensive care come from an arterial line and the others from a cuff; temperatures are degF where they were
once charted so; a flow stands beside its device; some texts end in a blank; a dose may be two tablets; there are
admissions before and after the one that matters, items that nobody asks for, doses that were not given, and a patient
who was never infused. `anchors.csv` says who was infused and when.
"""

import csv
import gzip
import io
from datetime import datetime
from pathlib import Path

from . import ward
from .plain import Charting, Plain, Subject, at, text

NOT_CARRIED = {
    "blow_by": "O2 Delivery Device(s) has no such word",
    "ecmo": "it is charted in items that the mapping does not read",
    "metaraminol": "inputevents has no such item",
    "other_vasopressor": "inputevents has no item for what it does not name",
    "metamizole": "it is not given in the hospital that the charts come from",
}
"""Concepts that the layout has no word for, and why."""

COLUMNS = {
    "hosp/patients": "subject_id gender anchor_age anchor_year anchor_year_group dod",
    "hosp/admissions": "subject_id hadm_id admittime dischtime deathtime admission_type admit_provider_id "
    "admission_location discharge_location insurance language marital_status race edregtime edouttime hospital_expire_flag",
    "hosp/labevents": "labevent_id subject_id hadm_id specimen_id itemid order_provider_id charttime storetime value "
    "valuenum valueuom ref_range_lower ref_range_upper flag priority comments",
    "hosp/emar": "subject_id hadm_id emar_id emar_seq poe_id pharmacy_id enter_provider_id charttime medication event_txt "
    "scheduletime storetime",
    "hosp/emar_detail": "subject_id emar_id emar_seq parent_field_ordinal administration_type pharmacy_id barcode_type "
    "reason_for_no_barcode complete_dose_not_given dose_due dose_due_unit dose_given dose_given_unit "
    "will_remainder_of_dose_be_given product_amount_given product_unit product_code product_description "
    "product_description_other prior_infusion_rate infusion_rate infusion_rate_adjustment "
    "infusion_rate_adjustment_amount infusion_rate_unit route infusion_complete completion_interval new_iv_bag_hung "
    "continued_infusion_in_other_location restart_interval side site non_formulary_visual_verification",
    "icu/icustays": "subject_id hadm_id stay_id first_careunit last_careunit intime outtime los",
    "icu/chartevents": "subject_id hadm_id stay_id caregiver_id charttime storetime itemid value valuenum valueuom warning",
    "icu/inputevents": "subject_id hadm_id stay_id caregiver_id starttime endtime storetime itemid amount amountuom rate "
    "rateuom orderid linkorderid ordercategoryname secondaryordercategoryname ordercomponenttypedescription "
    "ordercategorydescription patientweight totalamount totalamountuom isopenbag continueinnextdept statusdescription "
    "originalamount originalrate",
    "icu/procedureevents": "subject_id hadm_id stay_id caregiver_id starttime endtime storetime itemid value valueuom "
    "location locationcategory orderid linkorderid ordercategoryname ordercategorydescription patientweight isopenbag "
    "continueinnextdept statusdescription ORIGINALAMOUNT ORIGINALRATE",
}

CUFF = {"systolic_bp": 220179, "diastolic_bp": 220180, "mean_bp": 220181}
ARTERIAL = {"systolic_bp": 220050, "diastolic_bp": 220051, "mean_bp": 220052}
READINGS = {"spo2": (220277, "%"), "heart_rate": (220045, "bpm"), "respiratory_rate": (220210, "insp/min")}
DEGF, DEGC, FIO2, KILOGRAMS, POUNDS, FLOW = 223761, 223762, 223835, 226512, 226531, 223834
DEVICE = 226732
DEVICES = {
    "room_air": "None",
    "nasal_cannula": "Nasal cannula",
    "high_flow_nasal_cannula": "High flow nasal cannula",
    "face_mask": "Medium conc mask ",
    "venturi_mask": "Venti mask ",
    "non_rebreather_mask": "Non-rebreather",
    "other_mask": "Face tent",
    "cpap": "CPAP mask ",
    "bipap": "Bipap mask ",
    "invasive_ventilation": "Endotracheal tube",
    "oxygen_unspecified": "Other",
}
INTUBATION, EXTUBATION = 224385, 227194
RATES = {
    "norepinephrine": 221906,
    "epinephrine": 221289,
    "phenylephrine": 221749,
    "dopamine": 221662,
    "angiotensin_ii": 229709,
    "vasopressin": 222315,
    "dobutamine": 221653,
    "milrinone": 221986,
}
SALINE = 225158
LABS = {"creatinine": 50912, "ast": 50878, "alt": 50861, "bilirubin": 50885}
MEDICATIONS = {
    "acetaminophen": "Acetaminophen",
    "ibuprofen": "Ibuprofen",
    "other_antipyretic": "Naproxen",
    "tocilizumab": "Tocilizumab",
    "siltuximab": "Siltuximab",
    "anakinra": "Anakinra",
    "other_anticytokine": "Ruxolitinib",
    "dexamethasone": "Dexamethasone",
    "methylprednisolone": "MethylPREDNISolone Sodium Succ",
    "hydrocortisone": "Hydrocortisone Na Succ.",
    "prednisone": "Prednisone",
    "other_corticosteroid": "PrednisoLONE",
}

NOBODY_ASKS_FOR = ((220048, "SR (Sinus Rhythm)", "", ""), (223751, "160", "160", "mmHg"), (220227, "96", "96", "%"))


class Chart:
    """The rows of every table, as they are written down."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict]] = {table: [] for table in COLUMNS}

    def add(self, table: str, **cells) -> int:
        """One row of a table; the cells not named are empty. Returns its number."""
        self.rows[table].append(cells)
        return len(self.rows[table])


class Patient:
    """A subject on the ward: the clock, the numbers of the admission and of the stay."""

    def __init__(self, chart: Chart, subject: Subject, number: int) -> None:
        self.chart, self.subject, self.number = chart, subject, number
        self.ids = {"subject_id": subject.subject_id, "hadm_id": 20_000_000 + 10 * number}
        self.stay = {**self.ids, "stay_id": 30_000_000 + number}

    def clock(self, minute: int | None) -> str:
        return "" if minute is None else _written(at(self.subject, minute))


def write(plain: Plain, folder: Path) -> None:
    """Write hosp/ and icu/, each table as .csv.gz, and anchors.csv. What the layout has no word for is left out."""
    plain, chart = plain.without(NOT_CARRIED), Chart()
    charted = ward.charted(plain)
    for number, subject in enumerate(plain.subjects, start=1):
        patient, rows = Patient(chart, subject, number), charted[subject.subject_id]
        _admit(patient, ward.first_minute(rows))
        _chart(patient, rows)
        _what_nobody_asks_for(patient, ward.first_minute(rows))
    _never_infused(Patient(chart, ward.NEVER_INFUSED, len(plain.subjects) + 1))
    for table, rows in chart.rows.items():
        _write_table(folder / f"{table}.csv.gz", COLUMNS[table].split(), rows)
    _write_anchors(plain.subjects, folder / "anchors.csv")


def _admit(patient: Patient, first: int) -> None:
    """The patient, the stay in intensive care, and the admissions."""
    subject, number = patient.subject, patient.number
    back = min(number % 3, subject.age_years or 0)
    year = subject.infusion.year - back
    patient.chart.add(
        "hosp/patients",
        subject_id=subject.subject_id,
        gender=subject.sex,
        anchor_age="" if subject.age_years is None else subject.age_years - back,
        anchor_year=year,
        anchor_year_group="2029 - 2031",
    )
    admissions = ward.stays(subject, number, first)
    for place, (start, stop) in enumerate(admissions):
        died = stop is not None and stop == subject.death_minute
        patient.chart.add(
            "hosp/admissions",
            subject_id=subject.subject_id,
            hadm_id=patient.ids["hadm_id"] + place,
            admittime=patient.clock(start),
            dischtime=patient.clock(stop),
            deathtime=patient.clock(subject.death_minute if died else None),
            admission_type="URGENT",
            hospital_expire_flag=int(died),
        )
    patient.chart.add(
        "icu/icustays",
        **patient.stay,
        first_careunit="Medical Intensive Care Unit (MICU)",
        last_careunit="Medical Intensive Care Unit (MICU)",
        intime=patient.clock(first + 60),
        outtime=patient.clock(admissions[1][1]),
    )


def _chart(patient: Patient, rows: list[Charting]) -> None:
    """Every charting in the table of its kind. Raises ValueError for a concept that the layout does not carry."""
    arterial = ward.arterial_minutes(rows)
    device_before = None
    for one in rows:
        if one.concept in DEVICES:
            _chart_device(patient, one, device_before)
            device_before = one.concept
        elif one.concept in RATES:
            _chart_rate(patient, one)
        elif one.concept == "fluid_bolus":
            _chart_bolus(patient, one)
        elif one.concept in MEDICATIONS:
            _chart_dose(patient, one)
        elif one.concept in LABS:
            _chart_lab(patient, one)
        else:
            item, value, unit = _reading(one, one.start_minute in arterial)
            _chart_event(patient, one.start_minute, item, value, value, unit)


def _reading(one: Charting, is_arterial: bool) -> tuple[int, str, str]:
    """Item, number and unit of a vital sign or weight."""
    if one.concept in CUFF:
        return (ARTERIAL if is_arterial else CUFF)[one.concept], text(one.value), "mmHg"
    if one.concept in READINGS:
        item, unit = READINGS[one.concept]
        return item, text(one.value), unit
    if one.concept == "fio2":
        # In percent, and the unit is blank in the charts.
        return FIO2, text(round(one.value * 100, 10)), ""
    if one.concept == "temperature":
        degrees = _if_exact(one.value, f"{one.value * 1.8 + 32:.1f}", lambda given: (given - 32) * 1 / 1.8)
        return (DEGF, degrees, "°F") if degrees else (DEGC, text(one.value), "°C")
    if one.concept == "weight":
        pounds = _if_exact(one.value, f"{one.value / 0.45359237:.1f}", lambda given: given * 0.45359237 / 1)
        return (POUNDS, pounds, "lbs") if pounds else (KILOGRAMS, text(one.value), "kg")
    raise ValueError(f"the writer of mimic_iv has no item for {one.concept}; add it to NOT_CARRIED with the reason")


def _if_exact(value: float, other: str, back) -> str | None:
    """The number in the other unit, where the value is not short in its own and comes back from it to the last bit."""
    return text(float(other)) if round(value, 1) != value and back(float(other)) == value else None


def _chart_event(patient: Patient, minute: int, item: int, value: str, number: str, unit: str) -> None:
    cells = {"charttime": patient.clock(minute), "itemid": item, "value": value, "valuenum": number, "valueuom": unit}
    patient.chart.add("icu/chartevents", **patient.stay, **cells)


def _chart_device(patient: Patient, one: Charting, before: str | None) -> None:
    """A device, its flow beside it, and the tube that goes in or comes out as a procedure too."""
    _chart_event(patient, one.start_minute, DEVICE, DEVICES[one.concept], "", "")
    if one.value is not None:
        _chart_event(patient, one.start_minute, FLOW, text(one.value), text(one.value), "L/min")
    tube = "invasive_ventilation"
    if one.concept == tube != before and one.value is None:
        _chart_procedure(patient, one.start_minute, INTUBATION, "Intubation/Extubation")
    if before == tube != one.concept:
        _chart_procedure(patient, one.start_minute, EXTUBATION, "Intubation/Extubation")


def _chart_procedure(patient: Patient, minute: int, item: int, category: str) -> None:
    patient.chart.add(
        "icu/procedureevents",
        **patient.stay,
        starttime=patient.clock(minute),
        endtime=patient.clock(minute + 1),
        itemid=item,
        value=1,
        valueuom="None",
        ordercategoryname=category,
        ordercategorydescription="Task",
        statusdescription="FinishedRunning",
    )


def _chart_rate(patient: Patient, one: Charting) -> None:
    """An infusion at its rate; vasopressin by the hour."""
    rate, unit = text(one.value), "mcg/kg/min"
    if one.concept == "vasopressin":
        rate, unit = "" if one.value is None else text(round(one.value * 60, 10)), "units/hour"
    patient.chart.add(
        "icu/inputevents",
        **patient.stay,
        starttime=patient.clock(one.start_minute),
        endtime=patient.clock(one.end_minute),
        itemid=RATES[one.concept],
        rate=rate,
        rateuom=unit if rate else "",
        ordercategoryname="01-Drips",
        ordercategorydescription="Continuous Med",
        statusdescription="ChangeDose/Rate",
    )


def _chart_bolus(patient: Patient, one: Charting) -> None:
    patient.chart.add(
        "icu/inputevents",
        **patient.stay,
        starttime=patient.clock(one.start_minute),
        itemid=SALINE,
        amount=text(one.value),
        amountuom="ml",
        ordercategoryname="03-IV Fluid Bolus",
        ordercategorydescription="Bolus",
        statusdescription="FinishedRunning",
    )


def _chart_dose(patient: Patient, one: Charting, event: str = "Administered") -> None:
    """A dose given; from 1000 mg on in two halves."""
    number = _chart_emar(patient, one.start_minute, MEDICATIONS[one.concept], event)
    if one.value is not None:
        parts = [one.value] if one.value < 1000 else [one.value / 2] * 2
        for place, part in enumerate(parts, start=1):
            patient.chart.add(
                "hosp/emar_detail",
                subject_id=one.subject_id,
                emar_id=f"{one.subject_id}-{number}",
                emar_seq=number,
                parent_field_ordinal=f"1.{place}",
                dose_given=text(part),
                dose_given_unit="mg",
            )


def _chart_emar(patient: Patient, minute: int, medication: str, event: str) -> int:
    """One line of the record of medication; returns its number."""
    number = len(patient.chart.rows["hosp/emar"]) + 1
    identity = {"emar_id": f"{patient.subject.subject_id}-{number}", "emar_seq": number}
    clock = patient.clock(minute)
    return patient.chart.add(
        "hosp/emar", **patient.ids, **identity, charttime=clock, medication=medication, event_txt=event, scheduletime=clock
    )


def _chart_lab(patient: Patient, one: Charting) -> None:
    patient.chart.add(
        "hosp/labevents",
        labevent_id=len(patient.chart.rows["hosp/labevents"]) + 1,
        **patient.ids,
        itemid=LABS[one.concept],
        charttime=patient.clock(one.start_minute),
        value=text(one.value),
        valuenum=text(one.value),
        valueuom="mg/dL" if one.unit == "mg/dL" else "IU/L",
    )


def _what_nobody_asks_for(patient: Patient, minute: int) -> None:
    """Items, fluids and drugs that the mapping passes over; a dose not given and eye drops, that it refuses."""
    for item, value, number, unit in NOBODY_ASKS_FOR:
        _chart_event(patient, minute, item, value, number, unit)
    _chart_emar(patient, minute, "Ondansetron", "Administered")
    _chart_procedure(patient, minute, 224275, "Peripheral Lines")
    patient.chart.add(
        "icu/inputevents", **patient.stay, starttime=patient.clock(minute), endtime=patient.clock(minute + 60), itemid=220949,
        amount=100, amountuom="ml", rate=100, rateuom="mL/hour", ordercategoryname="02-Fluids (Crystalloids)",
        statusdescription="FinishedRunning",
    )  # fmt: skip
    patient.chart.add(
        "hosp/labevents", labevent_id=len(patient.chart.rows["hosp/labevents"]) + 1, **patient.ids, itemid=50971,
        charttime=patient.clock(minute), value=4.1, valuenum=4.1, valueuom="mEq/L",
    )  # fmt: skip
    if patient.number % 10 == 0:
        _chart_emar(patient, minute, "Acetaminophen", "Not Given")
        _chart_emar(patient, minute, "Dexamethasone Ophthalmic Susp 0.1%", "Administered")


def _never_infused(patient: Patient) -> None:
    """A patient whom the anchors do not name."""
    _admit(patient, 0)
    _chart_event(patient, 30, DEGC, "39", "39", "°C")
    _chart_emar(patient, 30, "Acetaminophen", "Administered")


def _written(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _write_anchors(subjects: list[Subject], path: Path) -> None:
    rows = [("subject_id", "infusion_time"), *((one.subject_id, _written(one.infusion)) for one in subjects)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _write_table(path: Path, columns: list[str], rows: list[dict]) -> None:
    """A table as .csv.gz, with no time of writing in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    held = io.StringIO()
    writer = csv.DictWriter(held, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(gzip.compress(held.getvalue().encode("utf-8"), compresslevel=9, mtime=0))
