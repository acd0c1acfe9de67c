"""The plain cohort in CLIF 3.0: one Parquet file per table, times in UTC, five hours ahead of the clocks on the wall.

A row of respiratory_support holds the device, its flow and the FiO2 of one minute. An infusion is an order: its start,
its changes of dose, its stop. There are categories that nobody asks for, doses that were not given, hospitalizations
before and after the one that matters, and a patient who was never infused. `anchors.csv` says who was infused and when.
"""

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from . import ward
from .plain import Charting, Plain, Subject, at

NOT_CARRIED = {
    "fluid_bolus": "the layout does not tell a bolus from the fluid that a drug is given in",
    "ecmo": "it stands in a table of its own that is not read",
    "metaraminol": "there is no such category of medication",
    "other_vasopressor": "there is no category for what is not named",
    "metamizole": "there is no such category of medication",
}
"""Concepts that the layout has no word for, and why."""

WALL = timezone(timedelta(hours=-5))
MOMENT = pa.timestamp("us", tz="UTC")
MEDICATION = {
    "hospitalization_id": pa.string(),
    "med_order_id": pa.string(),
    "med_name": pa.string(),
    "admin_dttm": MOMENT,
    "mar_action_name": pa.string(),
    "mar_action_category": pa.string(),
    "med_dose": pa.float64(),
    "med_dose_unit": pa.string(),
    "med_route_name": pa.string(),
    "med_route_category": pa.string(),
    "med_category": pa.string(),
    "med_group": pa.string(),
}
COLUMNS = {
    "patient": {
        "patient_id": pa.string(),
        "sex_name": pa.string(),
        "birth_date": pa.timestamp("us"),
        "death_dttm": MOMENT,
        "sex_category": pa.string(),
    },
    "hospitalization": {
        "patient_id": pa.string(),
        "hospitalization_id": pa.string(),
        "admission_dttm": MOMENT,
        "discharge_dttm": MOMENT,
        "age_at_admission": pa.int64(),
        "discharge_category": pa.string(),
    },
    "adt": {
        "patient_id": pa.string(),
        "hospitalization_id": pa.string(),
        "hospital_id": pa.string(),
        "in_dttm": MOMENT,
        "out_dttm": MOMENT,
        "location_name": pa.string(),
        "location_category": pa.string(),
        "hospital_type": pa.string(),
    },
    "vitals": {
        "hospitalization_id": pa.string(),
        "recorded_dttm": MOMENT,
        "vital_name": pa.string(),
        "vital_category": pa.string(),
        "vital_value": pa.float64(),
        "meas_site_name": pa.string(),
    },
    "respiratory_support": {
        "hospitalization_id": pa.string(),
        "recorded_dttm": MOMENT,
        "device_name": pa.string(),
        "device_category": pa.string(),
        "mode_name": pa.string(),
        "mode_category": pa.string(),
        "tracheostomy": pa.bool_(),
        "fio2_set": pa.float64(),
        "lpm_set": pa.float64(),
        "peep_set": pa.float64(),
    },
    "medication_admin_continuous": MEDICATION,
    "medication_admin_intermittent": MEDICATION,
    "labs": {
        "hospitalization_id": pa.string(),
        "lab_order_dttm": MOMENT,
        "lab_collect_dttm": MOMENT,
        "lab_result_dttm": MOMENT,
        "lab_name": pa.string(),
        "lab_category": pa.string(),
        "lab_value": pa.string(),
        "lab_value_numeric": pa.float64(),
        "reference_unit": pa.string(),
    },
}

VITALS = {
    "temperature": ("temp_c", "Temperature Celsius"),
    "spo2": ("spo2", "O2 saturation pulseoxymetry"),
    "heart_rate": ("heart_rate", "Heart Rate"),
    "respiratory_rate": ("respiratory_rate", "Respiratory Rate"),
    "weight": ("weight_kg", "Admission Weight (Kg)"),
}
PRESSURES = {"systolic_bp": ("sbp", "systolic"), "diastolic_bp": ("dbp", "diastolic"), "mean_bp": ("map", "mean")}
DEVICES = {
    "room_air": ("room_air", "None"),
    "nasal_cannula": ("nasal_cannula", "Nasal cannula"),
    "high_flow_nasal_cannula": ("hfnc", "High flow nasal cannula"),
    "blow_by": ("other", "Blow-by"),
    "face_mask": ("face_mask", "Medium conc mask"),
    "venturi_mask": ("face_mask", "Venti mask"),
    "non_rebreather_mask": ("face_mask", "Non-rebreather"),
    "other_mask": ("face_mask", "Face tent"),
    "cpap": ("cpap", "CPAP mask"),
    "bipap": ("nippv", "Bipap mask"),
    "invasive_ventilation": ("imv", "Endotracheal tube"),
    "oxygen_unspecified": ("other", "Other"),
}
CATEGORIES = {
    "angiotensin_ii": "angiotensin",
    "other_antipyretic": "ketorolac",
    "other_anticytokine": "ruxolitinib",
    "other_corticosteroid": "prednisolone",
}
RATES = (
    "norepinephrine",
    "epinephrine",
    "phenylephrine",
    "dopamine",
    "angiotensin_ii",
    "vasopressin",
    "dobutamine",
    "milrinone",
)
LABS = {"creatinine": "creatinine", "ast": "ast", "alt": "alt", "bilirubin": "bilirubin_total"}


class Stay:
    """A subject in the hospitalization of the infusion, and the tables to write in."""

    def __init__(self, tables: dict[str, list[dict]], subject: Subject, number: int) -> None:
        self.tables, self.subject, self.number = tables, subject, number
        self.first_id = 20_000_000 + 10 * number
        self.id = str(self.first_id + 1)

    def clock(self, minute: int | None) -> datetime | None:
        return None if minute is None else at(self.subject, minute).replace(tzinfo=WALL)

    def add(self, table: str, **cells) -> None:
        self.tables[table].append(cells)

    def chart(self, table: str, moment: str, minute: int, **cells) -> None:
        """A row of this hospitalization, at a minute since the infusion."""
        self.add(table, hospitalization_id=self.id, **{moment: self.clock(minute)}, **cells)


def write(plain: Plain, folder: Path) -> None:
    """Write clif_NAME.parquet of every table, and anchors.csv. What the layout has no word for is left out."""
    plain = plain.without(NOT_CARRIED)
    tables: dict[str, list[dict]] = {name: [] for name in COLUMNS}
    charted = ward.charted(plain)
    for number, subject in enumerate(plain.subjects, start=1):
        stay, rows = Stay(tables, subject, number), charted[subject.subject_id]
        _admit(stay, ward.first_minute(rows))
        _chart(stay, rows)
        _what_nobody_asks_for(stay, ward.first_minute(rows))
    _never_infused(Stay(tables, ward.NEVER_INFUSED, len(plain.subjects) + 1))
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        table = pa.Table.from_pylist(tables[name], schema=pa.schema(list(columns.items())))
        pq.write_table(table, folder / f"clif_{name}.parquet", compression="zstd")
    _write_anchors(plain.subjects, folder / "anchors.csv")


def _admit(stay: Stay, first: int) -> None:
    """The patient, the hospitalizations, and the way from the ward to intensive care."""
    subject = stay.subject
    sex = {"F": "female", "M": "male"}.get(subject.sex)
    death = stay.clock(subject.death_minute)
    stay.add("patient", patient_id=subject.subject_id, sex_name=subject.sex, sex_category=sex, death_dttm=death)
    for place, (start, stop) in enumerate(ward.stays(subject, stay.number, first)):
        # The age at the infusion is that of the hospitalization of the infusion: a year less before, a birthday after.
        years = max(subject.age_years + (place > 1) - (place == 0), 0) if subject.age_years is not None else None
        died = stop is not None and stop == subject.death_minute
        stay.add(
            "hospitalization",
            patient_id=subject.subject_id,
            hospitalization_id=str(stay.first_id + place),
            admission_dttm=stay.clock(start),
            discharge_dttm=stay.clock(stop),
            age_at_admission=years,
            discharge_category="expired" if died else "home",
        )
    for location, start, stop in (("ward", first, first + 60), ("icu", first + 60, None)):
        stay.add(
            "adt",
            patient_id=subject.subject_id,
            hospitalization_id=stay.id,
            hospital_id="invented",
            in_dttm=stay.clock(start),
            out_dttm=stay.clock(stop),
            location_name=location.upper(),
            location_category=location,
            hospital_type="academic",
        )


def _chart(stay: Stay, rows: list[Charting]) -> None:
    """Every charting in the table of its kind. Raises ValueError for a concept that the layout does not carry."""
    arterial, breathing = ward.arterial_minutes(rows), {}
    for one in rows:
        if one.concept in DEVICES or one.concept == "fio2":
            breathing.setdefault(one.start_minute, []).append(one)
        elif one.concept in LABS:
            _chart_lab(stay, one)
        elif one.concept in VITALS or one.concept in PRESSURES:
            category, name = VITALS.get(one.concept) or _pressure(one.concept, one.start_minute in arterial)
            cells = {"vital_name": name, "vital_category": category, "vital_value": one.value}
            stay.chart("vitals", "recorded_dttm", one.start_minute, **cells)
        elif one.family in ("antipyretic", "anticytokine", "corticosteroid"):
            _chart_dose(stay, one)
        elif one.concept not in RATES:
            raise ValueError(f"the writer of clif has no category for {one.concept}; add it to NOT_CARRIED with the reason")
    for minute, charted in breathing.items():
        _chart_breathing(stay, minute, charted)
    for concept in RATES:
        _chart_infusions(stay, [one for one in rows if one.concept == concept])


def _pressure(concept: str, is_arterial: bool) -> tuple[str, str]:
    """Category and name of a pressure."""
    category, kind = PRESSURES[concept]
    return category, f"{'Arterial' if is_arterial else 'Non Invasive'} Blood Pressure {kind}"


def _chart_breathing(stay: Stay, minute: int, charted: list[Charting]) -> None:
    """The devices of a minute, a row each; the FiO2 stands in the first, or in a row of its own."""
    fractions = [one.value for one in charted if one.concept == "fio2"]
    devices = [one for one in charted if one.concept != "fio2"]
    for place in range(max(len(fractions), len(devices))):
        cells: dict = {"fio2_set": fractions[place]} if place < len(fractions) else {}
        if place < len(devices):
            category, name = DEVICES[devices[place].concept]
            cells |= {"device_category": category, "device_name": name, "lpm_set": devices[place].value}
        stay.chart("respiratory_support", "recorded_dttm", minute, **cells)


def _chart_infusions(stay: Stay, rows: list[Charting]) -> None:
    """The infusions of one drug: rows that touch are one order, which is stopped where its last row ends."""
    running: Charting | None = None
    orders = 0
    for one in [*rows, None]:
        goes_on = running and one and running.end_minute == one.start_minute
        if running and not goes_on and running.end_minute is not None:
            _chart_rate(stay, running, running.end_minute, orders, "stop", None)
        if one:
            orders += not goes_on
            _chart_rate(stay, one, one.start_minute, orders, "dose_change" if goes_on else "start", one.value)
        running = one


def _chart_rate(stay: Stay, one: Charting, minute: int, order: int, action: str, rate: float | None) -> None:
    category = CATEGORIES.get(one.concept, one.concept)
    stay.chart(
        "medication_admin_continuous",
        "admin_dttm",
        minute,
        med_order_id=f"{stay.id}-{category}-{order}",
        med_name=category.capitalize(),
        mar_action_name=action,
        mar_action_category=action,
        med_dose=rate,
        med_dose_unit="units/min" if one.unit == "U/min" else "mcg/kg/min",
        med_route_category="iv",
        med_category=category,
        med_group="vasoactives",
    )


def _chart_dose(stay: Stay, one: Charting, action: str = "given", route: str = "iv") -> None:
    category = CATEGORIES.get(one.concept, one.concept)
    stay.chart(
        "medication_admin_intermittent",
        "admin_dttm",
        one.start_minute,
        med_order_id=f"{stay.id}-{category}",
        med_name=category.capitalize(),
        mar_action_name=action,
        mar_action_category=action,
        med_dose=one.value,
        med_dose_unit="mg",
        med_route_category=route,
        med_category=category,
    )


def _chart_lab(stay: Stay, one: Charting) -> None:
    stay.chart(
        "labs",
        "lab_collect_dttm",
        one.start_minute,
        lab_name=one.concept.upper(),
        lab_category=LABS[one.concept],
        lab_value=str(one.value),
        lab_value_numeric=one.value,
        reference_unit=one.unit,
    )


def _what_nobody_asks_for(stay: Stay, minute: int) -> None:
    """Categories that the mapping passes over; for every tenth a dose not given and eye drops, that it refuses."""

    def dose(concept: str) -> Charting:
        return Charting(stay.subject.subject_id, concept, minute, None, 1.0, "mg", "")

    stay.chart(
        "vitals", "recorded_dttm", minute, vital_name="Height (cm)", vital_category="height_cm", vital_value=170.0
    )
    stay.chart("labs", "lab_collect_dttm", minute, lab_category="potassium", lab_value="4.1", lab_value_numeric=4.1)
    _chart_dose(stay, dose("vancomycin"))
    _chart_rate(stay, dose("propofol"), minute, 1, "start", 10.0)
    if stay.number % 10 == 0:
        _chart_dose(stay, dose("acetaminophen"), "not_given")
        _chart_dose(stay, dose("dexamethasone"), route="ophthalmic")


def _never_infused(stay: Stay) -> None:
    """A patient whom the anchors do not name."""
    _admit(stay, 0)
    fever = {"vital_name": "Temperature Celsius", "vital_category": "temp_c", "vital_value": 39.0}
    stay.chart("vitals", "recorded_dttm", 30, **fever)


def _write_anchors(subjects: list[Subject], path: Path) -> None:
    infused = [(one.subject_id, one.infusion.replace(tzinfo=WALL).isoformat(timespec="minutes")) for one in subjects]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("patient_id", "infusion_time"), *infused])
