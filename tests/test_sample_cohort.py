"""The committed sample cohort is what its command makes, and holds what its README says."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
SAMPLE = DATA / "sample" / "tidy"
TABLES = ("subjects", "observations", "recorded_grades")
MEBIBYTE = 1024 * 1024

VITALS = {
    "temperature",
    "systolic_bp",
    "diastolic_bp",
    "mean_bp",
    "spo2",
    "fio2",
    "heart_rate",
    "respiratory_rate",
}
OXYGEN = set(
    "room_air nasal_cannula high_flow_nasal_cannula blow_by face_mask venturi_mask non_rebreather_mask "
    "other_mask cpap bipap invasive_ventilation ecmo oxygen_unspecified".split()
)
VASOPRESSORS = set(
    "norepinephrine epinephrine phenylephrine dopamine angiotensin_ii metaraminol other_vasopressor "
    "vasopressin".split()
)
DRUGS = set(
    "dobutamine milrinone acetaminophen ibuprofen metamizole other_antipyretic tocilizumab siltuximab "
    "anakinra other_anticytokine dexamethasone methylprednisolone hydrocortisone prednisone "
    "other_corticosteroid fluid_bolus".split()
)
OTHERS = {"creatinine", "bilirubin", "ast", "alt", "weight"}
CONCEPTS = VITALS | OXYGEN | VASOPRESSORS | DRUGS | OTHERS

MASS, RATE_PER_KG = {"mg", "g", "mg/kg"}, {"ug/kg/min", "mcg/kg/min", "ug/min"}
UNITS = {
    "temperature": {"degC", "degF"},
    "heart_rate": {"1/min", ""},
    "respiratory_rate": {"1/min", ""},
    "spo2": {"%"},
    "fio2": {"%", "fraction"},
    "creatinine": {"mg/dL", "umol/L"},
    "bilirubin": {"mg/dL"},
    "ast": {"U/L"},
    "alt": {"U/L"},
    "weight": {"kg", "lb"},
    "fluid_bolus": {"mL"},
    "vasopressin": {"U/min", "units/h"},
    **dict.fromkeys(("systolic_bp", "diastolic_bp", "mean_bp"), {"mmHg"}),
    **dict.fromkeys(OXYGEN, {"L/min", ""}),
    **dict.fromkeys(("norepinephrine", "epinephrine", "phenylephrine", "dobutamine"), RATE_PER_KG),
    **dict.fromkeys(("acetaminophen", "tocilizumab", "siltuximab", "anakinra", "dexamethasone"), MASS),
}


def command(*arguments):
    """Run data/generate.py as a reader would."""
    call = [sys.executable, str(DATA / "generate.py"), *arguments]
    return subprocess.run(call, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def made(folder, subjects=60, seed=2026, form="csv"):
    """A cohort made by the command into a folder."""
    sizes = ("--subjects", str(subjects), "--seed", str(seed))
    command("sample", *sizes, "--out", str(folder), "--format", form)
    return folder


def read(name, folder=SAMPLE):
    """A table as the text it is."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def subjects():
    return read("subjects").set_index("subject_id")


@pytest.fixture(scope="module")
def observations(subjects):
    """The sample with hours since infusion and numbers where there is one, temperatures in degC."""
    rows = read("observations")
    infused = pd.to_datetime(rows.subject_id.map(subjects.infusion_time))
    rows["hour"] = (pd.to_datetime(rows.start_time, format="ISO8601") - infused).dt.total_seconds() / 3600
    rows["end_hour"] = (pd.to_datetime(rows.end_time, format="ISO8601") - infused).dt.total_seconds() / 3600
    number = pd.to_numeric(rows.value, errors="coerce")
    rows["number"] = np.where(rows.unit == "degF", (number - 32) / 1.8, number)
    return rows


@pytest.fixture(scope="module")
def recorded():
    return read("recorded_grades")


def of(observations, subject, *concepts):
    """The rows of one subject, of some concepts."""
    mine = observations[observations.subject_id == subject]
    return mine[mine.concept.isin(concepts)] if concepts else mine


def fevers(observations, subject):
    """Febrile readings of one subject in time order, the impossible one aside."""
    readings = of(observations, subject, "temperature")
    return readings[(readings.number >= 37.999) & (readings.number < 45)]


def hours_in_force(rows):
    """First start and last end of the rows."""
    return rows.hour.min(), rows.end_hour.max()


# ---- how it is made ----------------------------------------------------------------------------


def test_committed_files_are_what_the_command_makes(tmp_path):
    made(tmp_path)
    for name in TABLES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (SAMPLE / f"{name}.csv").read_bytes(), name
    assert sorted(path.name for path in SAMPLE.iterdir()) == sorted(f"{name}.csv" for name in TABLES)


def test_a_subject_is_the_same_in_a_cohort_of_any_size(tmp_path):
    small, large = made(tmp_path / "small", 17), made(tmp_path / "large", 75)
    for name in TABLES:
        in_small, in_sample, in_large = read(name, small), read(name), read(name, large)
        numbers = in_small.subject_id.unique()
        assert "CG-1017" in numbers
        for one in (in_sample, in_large):
            same = one[one.subject_id.isin(numbers)].reset_index(drop=True)
            pd.testing.assert_frame_equal(in_small, same)


def test_another_seed_gives_other_patients_with_the_same_courses(tmp_path):
    other = made(tmp_path, 60, seed=7)
    assert (read("subjects", other).infusion_time != read("subjects").infusion_time).sum() >= 59
    assert len(read("recorded_grades", other)) == 48


def test_courses_repeat_from_subject_61_with_new_draws(tmp_path):
    people = read("subjects", made(tmp_path, 120)).set_index("subject_id")
    assert people.site.tolist()[:60] == people.site.tolist()[60:]
    assert people.loc["CG-1009", "age_years"] == people.loc["CG-1069", "age_years"] == "4"
    assert people.loc["CG-1009", "infusion_time"] != people.loc["CG-1069", "infusion_time"]


def test_parquet_holds_the_same_rows(tmp_path):
    made(tmp_path, form="parquet")
    for name in TABLES:
        table = pq.read_table(tmp_path / f"{name}.parquet")
        rows = [["" if cell is None else str(cell) for cell in row.values()] for row in table.to_pylist()]
        assert rows == read(name).to_numpy().tolist(), name


def test_files_are_small_plain_and_in_columns_of_the_contract():
    for name in TABLES:
        content = (SAMPLE / f"{name}.csv").read_bytes()
        assert len(content) < MEBIBYTE
        assert b"\r" not in content and content.isascii() and content.endswith(b"\n")
    assert list(read("observations")) == [
        "subject_id", "concept", "start_time", "end_time", "value", "unit", "indication",
    ]  # fmt: skip
    assert list(read("recorded_grades")) == [
        "subject_id", "system", "grade", "start_time", "end_time", "recorder",
    ]  # fmt: skip
    assert list(read("subjects")) == [
        "subject_id", "infusion_time", "age_years", "sex", "site", "arm", "product",
        "death_time", "death_cause", "followup_end_time",
    ]  # fmt: skip


def test_readme_says_invented_and_lists_every_subject():
    readme = (DATA / "sample" / "README.md").read_text(encoding="utf-8")
    assert "No real person is in it" in readme
    assert "python data/generate.py sample --subjects 60 --seed 2026 --out data/sample/tidy" in readme
    assert command("scripts", "--subjects", "60", "--seed", "2026").strip() in readme
    for name in TABLES:
        assert f"| `{name}.csv` | {len(read(name)):,} |" in readme


# ---- what is in it -----------------------------------------------------------------------------


def test_row_counts(subjects, observations, recorded):
    assert (len(subjects), len(observations), len(recorded)) == (60, 21399, 48)
    assert subjects.site.value_counts().to_dict() == {"Alder": 24, "Birch": 18, "Cedar": 18}
    assert list(subjects.index) == [f"CG-{1001 + number}" for number in range(60)]
    counts = observations.concept.value_counts()
    assert counts["temperature"] == 4550
    assert counts["norepinephrine"] == 36
    assert counts["nasal_cannula"] == 98


def test_rows_stand_as_an_export_orders_them(observations):
    at_home = observations[(observations.subject_id != "CG-0999") & (observations.start_time.str.len() > 10)]
    assert at_home.subject_id.is_monotonic_increasing
    assert at_home.groupby("subject_id").hour.apply(lambda hours: hours.is_monotonic_increasing).all()


def test_concepts_and_units_are_known_but_for_the_planted_ones(observations):
    unknown = observations[~observations.concept.isin(CONCEPTS)]
    assert unknown[["subject_id", "concept"]].to_numpy().tolist() == [["CG-1006", "diphenhydramine"]]
    known = observations[observations.concept.isin(CONCEPTS)]
    odd = known[[unit not in UNITS[concept] for concept, unit in zip(known.concept, known.unit, strict=True)]]
    assert odd[["subject_id", "concept", "value", "unit"]].to_numpy().tolist() == [
        ["CG-1004", "norepinephrine", "6", "mL/h"],
        ["CG-1014", "tocilizumab", "1", "vial"],
        ["CG-1041", "temperature", "102.0", ""],
    ]
    indications = set(observations.indication)
    assert indications == {"", "crs", "baseline", "infection", "airway_protection", "comfort"}


def test_rows_that_must_be_refused_or_blanked(observations):
    def where(mask):
        return observations.loc[mask, ["subject_id", "concept", "value"]].to_numpy().tolist()

    measured = observations.concept.isin(VITALS | OTHERS)
    assert where((observations.concept == "temperature") & (observations.number > 45)) == [
        ["CG-1029", "temperature", "384"],
        ["CG-1041", "temperature", "102.0"],
    ]
    assert where(measured & observations.number.isna()) == [
        ["CG-1008", "heart_rate", "irregular"],
        ["CG-1044", "spo2", ""],
    ]
    assert where(observations.value == "low") == [["CG-1017", "nasal_cannula", "low"]]
    assert where(observations.start_time.str.len() == 10) == [["CG-1059", "creatinine", "59"]]
    assert where(observations.end_hour < observations.hour) == [["CG-1019", "nasal_cannula", "2"]]
    assert where(~observations.subject_id.isin([f"CG-{1001 + n}" for n in range(60)])) == [
        ["CG-0999", "heart_rate", "78"]
    ]


def test_sites_chart_by_their_habits(subjects, observations):
    site = observations.subject_id.map(subjects.site)
    temperatures = observations[(observations.concept == "temperature") & (observations.unit != "")]
    assert set(temperatures.unit[site == "Cedar"]) == {"degF"}
    assert set(temperatures.unit[site != "Cedar"]) == {"degC"}
    clock = pd.to_datetime(observations.start_time, format="ISO8601").dt.hour
    vitals = observations.concept.isin({"temperature", "systolic_bp"})
    at_night = clock.isin([23, 0, 1, 2, 3, 4])
    share = (vitals & at_night).groupby(site).sum() / vitals.groupby(site).sum()
    assert share["Birch"] < 0.06
    assert share["Alder"] > 0.12 and share["Cedar"] > 0.12
    cannulas = observations[
        (observations.concept == "nasal_cannula") & (observations.subject_id != "CG-1019")
    ]
    assert (cannulas.end_time != "").groupby(site).mean().to_dict() == {"Alder": 0, "Birch": 1, "Cedar": 0}


def test_vital_signs_hang_together(observations):
    readings = observations[observations.concept.isin(VITALS)]
    slips = (readings.concept == "temperature") & (readings.number > 45)
    readings = readings[~slips & readings.number.notna()]
    wide = readings.pivot_table(index=["subject_id", "start_time"], columns="concept", values="number")
    assert (wide.systolic_bp - wide.diastolic_bp).min() == 30
    assert ((wide.systolic_bp + 2 * wide.diastolic_bp) / 3 - wide.mean_bp).abs().max() < 0.5
    adults = wide.drop(["CG-1009", "CG-1015", "CG-1022"], level="subject_id")
    assert adults.temperature.corr(adults.heart_rate) > 0.6
    assert adults.temperature.corr(adults.respiratory_rate) > 0.4
    assert wide.temperature.dropna().between(35.8, 41).all()
    assert wide.spo2.dropna().between(85, 100).all()


# ---- the courses -------------------------------------------------------------------------------


def test_grades_of_the_scripts_are_mixed_as_in_published_cohorts():
    table = command("scripts", "--subjects", "60", "--seed", "2026").splitlines()[2:]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]
    grades = pd.Series([int(row[4]) for row in cells]).value_counts().to_dict()
    assert grades == {1: 21, 2: 18, 0: 11, 3: 7, 4: 2, 5: 1}
    assert [row[0] for row in cells if row[5] == "2"] == ["CG-1010", "CG-1048"]


def test_no_fever_where_none_is_scripted(observations):
    quiet = ["CG-1002", "CG-1008", "CG-1027", "CG-1032", "CG-1044", "CG-1050", "CG-1058"]
    assert [subject for subject in quiet if len(fevers(observations, subject))] == []
    assert of(observations, "CG-1013", "temperature").empty
    assert len(of(observations, "CG-1013", "heart_rate")) > 20
    before = fevers(observations, "CG-1037")
    assert len(before) >= 2 and before.hour.max() < 0
    infected = fevers(observations, "CG-1016")
    assert len(infected) > 10 and set(infected.indication) == {"infection"}


def test_children_have_the_pressures_of_their_age(subjects, observations):
    assert subjects.age_years[["CG-1009", "CG-1022", "CG-1015"]].tolist() == ["4", "9", "15"]
    four = of(observations, "CG-1009", "systolic_bp").number
    assert (four < 90).sum() > 10 and four.min() >= 78
    nine = of(observations, "CG-1022", "systolic_bp").number
    assert (nine < 88).sum() >= 4
    assert of(observations, "CG-1009", "blow_by").number.tolist() == [8, 8, 8]


def test_recurrent_episodes_are_more_than_a_week_apart(observations):
    for subject in ("CG-1010", "CG-1048"):
        assert fevers(observations, subject).hour.diff().max() > 7 * 24
    low = of(observations, "CG-1048", "systolic_bp")
    assert (low.number < 90).sum() == 1


def test_late_fevers(observations):
    assert fevers(observations, "CG-1021").hour.min() // 24 == 16
    assert fevers(observations, "CG-1020").hour.min() // 24 == 34


def test_norepinephrine_goes_on_after_tocilizumab_ended_the_fever(observations):
    last_fever = fevers(observations, "CG-1012").hour.max()
    tocilizumab = of(observations, "CG-1012", "tocilizumab").hour.iloc[0]
    stopped = of(observations, "CG-1012", "norepinephrine").end_hour.max()
    assert tocilizumab < last_fever < tocilizumab + 14
    assert stopped - last_fever > 40


def test_new_oxygen_more_than_a_day_after_the_last_fever(observations):
    last_fever = fevers(observations, "CG-1052").hour.max()
    high_flow = of(observations, "CG-1052", "high_flow_nasal_cannula").hour.min()
    assert 24 < high_flow - last_fever < 48
    assert of(observations, "CG-1052", "tocilizumab").hour.iloc[0] < last_fever


def test_low_pressure_after_dexamethasone_without_fever(observations):
    last_fever = fevers(observations, "CG-1045").hour.max()
    readings = of(observations, "CG-1045", "systolic_bp")
    low = readings[readings.number < 90].hour
    assert len(low) >= 3 and low.min() - last_fever > 24
    assert of(observations, "CG-1045", "dexamethasone").hour.min() < last_fever


def test_premedication_without_any_fever(observations):
    drug = of(observations, "CG-1027", "dexamethasone")
    pressure = of(observations, "CG-1027", "systolic_bp")
    assert drug.hour.tolist() == [-1]
    assert (pressure.number < 90).sum() >= 4


def test_devices_go_up_and_come_down(observations):
    devices = of(observations, "CG-1018", *OXYGEN).concept
    steps = devices[devices != devices.shift()].tolist()
    assert steps == [
        "room_air",
        "nasal_cannula",
        "high_flow_nasal_cannula",
        "non_rebreather_mask",
        "bipap",
        "invasive_ventilation",
        "high_flow_nasal_cannula",
        "nasal_cannula",
        "room_air",
    ]


def test_saturation_falls_before_oxygen_and_recovers_on_it(observations):
    start = of(observations, "CG-1018", "nasal_cannula").hour.min()
    saturation = of(observations, "CG-1018", "spo2")
    assert saturation[saturation.hour.between(start - 0.8, start)].number.max() <= 91
    assert saturation[saturation.hour.between(start + 0.1, start + 24)].number.min() >= 91


def test_titrated_rates_are_rows_that_touch(observations):
    rows = of(observations, "CG-1004", "norepinephrine")
    assert len(rows) == 6
    assert rows.end_time.tolist()[:-1] == rows.start_time.tolist()[1:]
    assert rows.number.tolist()[1:] == [0.084, 0.12, 0.084, 0.048, 0.024]


def test_two_vasopressors_together_and_a_quick_switch(observations):
    start, end = hours_in_force(of(observations, "CG-1007", "epinephrine"))
    other_start, other_end = hours_in_force(of(observations, "CG-1007", "norepinephrine"))
    assert round(end - start, 6) == 14 and other_start < start and end < other_end
    stopped = of(observations, "CG-1030", "phenylephrine").end_hour.max()
    started = of(observations, "CG-1030", "norepinephrine").hour.min()
    assert round((stopped - started) * 60) == 10


def test_vasopressin_beside_norepinephrine_and_alone(observations):
    beside = set(of(observations, "CG-1023", *VASOPRESSORS).concept)
    alone = set(of(observations, "CG-1043", *VASOPRESSORS).concept)
    assert beside == {"norepinephrine", "vasopressin"} and alone == {"vasopressin"}


def test_an_infusion_whose_stop_is_not_charted(observations):
    rows = of(observations, "CG-1039", "norepinephrine")
    assert (rows.end_time == "").tolist() == [False, False, True]
    assert of(observations, "CG-1039").hour.max() - rows.hour.max() > 14


def test_support_from_before_the_infusion(observations):
    oxygen = of(observations, "CG-1028", "nasal_cannula")
    assert oxygen.number[oxygen.hour < 0].unique().tolist() == [2]
    assert oxygen.number[oxygen.number != oxygen.number.shift()].tolist() == [2, 4, 2]
    nights = of(observations, "CG-1024", "cpap")
    assert len(nights) == 8 and nights.hour.min() < 0


def test_support_for_other_reasons(observations):
    tube = of(observations, "CG-1038", "invasive_ventilation", "fio2")
    assert len(tube) == 8 and set(tube.indication) == {"airway_protection"}
    comfort = of(observations, "CG-1055", "nasal_cannula")
    assert set(comfort.indication) == {"comfort"}
    assert of(observations, "CG-1055", "spo2").number.min() >= 94


def test_deaths_and_loss_to_followup(subjects, observations):
    dead = subjects[subjects.death_time != ""]
    assert dead.death_cause.to_dict() == {
        "CG-1026": "crs",
        "CG-1031": "progression",
        "CG-1053": "progression",
    }
    assert (dead.death_time == dead.followup_end_time).all()
    hours = pd.to_datetime(subjects.followup_end_time) - pd.to_datetime(subjects.infusion_time)
    assert hours["CG-1034"] == pd.Timedelta(days=9, hours=2)
    assert (hours.drop(["CG-1034", "CG-1020", *dead.index]) == pd.Timedelta(days=29)).all()
    assert fevers(observations, "CG-1034").hour.max() > 8.5 * 24
    last = observations.groupby("subject_id").hour.max().drop("CG-0999")
    assert (last < hours.dt.total_seconds() / 3600).all()


def test_a_gap_of_twenty_hours_in_a_fever(observations):
    readings = of(observations, "CG-1057", *VITALS).drop_duplicates("hour")
    gap = readings.hour.diff()
    first_week = gap[readings.hour < 7 * 24]
    assert 20 <= first_week.max() < 24


def test_organ_injury_without_support(observations):
    assert of(observations, "CG-1047", "creatinine").number.max() > 3.6
    assert of(observations, "CG-1047", "ast", "alt").number.max() > 200
    assert of(observations, "CG-1047", *VASOPRESSORS).empty


# ---- what the clinician wrote ------------------------------------------------------------------


def test_recorded_grades(recorded):
    assert recorded.system.value_counts().to_dict() == {
        "astct_2019": 39,
        "lee_2014": 4,
        "ctcae_5": 3,
        "institutional": 1,
        "": 1,
    }
    assert recorded.subject_id[recorded.grade == ""].tolist() == ["CG-1011"]
    assert recorded.subject_id.nunique() == 46
    missing = {"CG-1040", "CG-1057", "CG-1059"}
    assert missing.isdisjoint(recorded.subject_id)
    grades = recorded.set_index("subject_id").grade
    assert grades[["CG-1004", "CG-1005", "CG-1030", "CG-1054"]].tolist() == ["2", "3", "4", "1"]
    assert grades[["CG-1026", "CG-1007", "CG-1047"]].tolist() == ["5", "4", "3"]


def test_recorded_episodes_start_after_the_first_fever_and_end_unless_cut(recorded, observations, subjects):
    infused = pd.to_datetime(recorded.subject_id.map(subjects.infusion_time))
    start = (pd.to_datetime(recorded.start_time) - infused).dt.total_seconds() / 3600
    first = {subject: fevers(observations, subject).hour.min() for subject in recorded.subject_id}
    delay = (start - recorded.subject_id.map(first))[~recorded.subject_id.duplicated()]
    assert delay.between(-0.5, 3.5).all()
    assert recorded.subject_id[recorded.end_time == ""].tolist() == ["CG-1026", "CG-1031", "CG-1034"]
