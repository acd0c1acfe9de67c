"""Who is treated: the invented patients and the charting habits of the three sites."""

from dataclasses import dataclass

import numpy as np

ADULT = None


@dataclass(frozen=True)
class Site:
    """How one hospital charts. Hours are clock hours, intervals are hours."""

    name: str
    temperature_unit: str
    weight_unit: str
    creatinine_unit: str
    catecholamine_unit: str
    vasopressin_unit: str
    fio2_unit: str
    antipyretic_unit: str
    rate_unit_charted: bool
    support_ends_charted: bool
    premedicates: bool
    ward_hours: tuple[int, ...]
    stable_hours: tuple[int, ...]
    charts_at_night: bool
    febrile_every_h: int
    visit_days: tuple[int, ...]
    keeps_home_diary: bool
    recorder: str


ALDER = Site(
    name="Alder",
    temperature_unit="degC",
    weight_unit="kg",
    creatinine_unit="mg/dL",
    catecholamine_unit="ug/kg/min",
    vasopressin_unit="U/min",
    fio2_unit="fraction",
    antipyretic_unit="mg",
    rate_unit_charted=True,
    support_ends_charted=False,
    premedicates=True,
    ward_hours=(2, 6, 10, 14, 18, 22),
    stable_hours=(6, 14, 22),
    charts_at_night=True,
    febrile_every_h=2,
    visit_days=(10, 14, 21, 28),
    keeps_home_diary=True,
    recorder="investigator",
)

BIRCH = Site(
    name="Birch",
    temperature_unit="degC",
    weight_unit="kg",
    creatinine_unit="umol/L",
    catecholamine_unit="mcg/kg/min",
    vasopressin_unit="U/min",
    fio2_unit="%",
    antipyretic_unit="g",
    rate_unit_charted=False,
    support_ends_charted=True,
    premedicates=False,
    ward_hours=(6, 10, 14, 18, 22),
    stable_hours=(6, 14, 22),
    charts_at_night=False,
    febrile_every_h=3,
    visit_days=(9, 11, 14, 21, 28),
    keeps_home_diary=False,
    recorder="study nurse",
)

CEDAR = Site(
    name="Cedar",
    temperature_unit="degF",
    weight_unit="lb",
    creatinine_unit="mg/dL",
    catecholamine_unit="ug/min",
    vasopressin_unit="units/h",
    fio2_unit="%",
    antipyretic_unit="mg",
    rate_unit_charted=True,
    support_ends_charted=False,
    premedicates=True,
    ward_hours=(0, 4, 8, 12, 16, 20),
    stable_hours=(4, 12, 20),
    charts_at_night=True,
    febrile_every_h=2,
    visit_days=(10, 14, 21, 28),
    keeps_home_diary=True,
    recorder="research coordinator",
)

ADULT_NORMS = (76, 16, 124)
#                age: heart rate, breaths, systolic mmHg
CHILD_NORMS = {4: (104, 24, 98), 9: (90, 20, 106), 15: (80, 17, 114)}
CHILD_KG = {4: 16.5, 9: 29.0, 15: 54.0}


@dataclass(frozen=True)
class Patient:
    """One invented patient at rest; `rng` is this patient's own random stream."""

    number: int
    rng: np.random.Generator
    site: Site
    infusion: np.datetime64
    age_years: int
    sex: str
    weight_kg: float
    arm: str
    product: str
    temperature: float
    heart_rate: float
    respiratory_rate: float
    systolic: float
    spo2: float

    @property
    def subject_id(self) -> str:
        return subject_id(self.number)

    @property
    def is_child(self) -> bool:
        return self.age_years < 18

    @property
    def low_systolic(self) -> int:
        """Systolic pressure (mmHg) below which a nurse calls: 90, in children the PALS rule."""
        return 90 if self.age_years >= 10 else 70 + 2 * self.age_years

    @property
    def infusion_minute(self) -> int:
        """Minute of the day at which the infusion starts."""
        return int((self.infusion - self.infusion.astype("datetime64[D]")).astype(int))

    def clock(self, hour):
        """Clock hour (0 to 24) of an hour since the infusion."""
        return (self.infusion_minute / 60 + hour) % 24


def subject_id(number: int) -> str:
    return f"CG-{1000 + number}"


def stream(seed: int, number: int) -> np.random.Generator:
    """The random stream of one patient, the same in a cohort of any size."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))


def draw_patient(seed: int, number: int, site: Site, age: int | None = ADULT) -> Patient:
    """Draw one patient; children are given by age, adults are 24 to 82 years old."""
    rng = stream(seed, number)
    infusion = (
        np.datetime64("2031-01-06T09:00")
        + np.timedelta64(int(rng.integers(0, 900)), "D")
        + np.timedelta64(int(rng.integers(0, 72)) * 5, "m")
    )
    sex = str(rng.choice(["F", "M"]))
    arm = str(rng.choice(["dose level 1", "dose level 2"]))
    adult_age = int(np.clip(rng.normal(61, 11), 24, 82))
    adult_kg = float(np.clip(rng.normal(72 if sex == "F" else 84, 11), 46, 130))
    child_share = float(rng.uniform(0.9, 1.1))
    product = "INV-CAR19" if age is not ADULT or rng.random() < 0.7 else "INV-CARBCMA"
    heart, breaths, systolic = ADULT_NORMS if age is ADULT else CHILD_NORMS[age]
    return Patient(
        number=number,
        rng=rng,
        site=site,
        infusion=infusion,
        age_years=adult_age if age is ADULT else age,
        sex=sex,
        weight_kg=round(adult_kg if age is ADULT else CHILD_KG[age] * child_share, 1),
        arm=arm,
        product=product,
        temperature=float(np.clip(rng.normal(36.7, 0.15), 36.3, 37.0)),
        heart_rate=float(np.clip(rng.normal(heart, 6), heart - 12, heart + 12)),
        respiratory_rate=float(np.clip(rng.normal(breaths, 1), breaths - 2, breaths + 2)),
        systolic=float(np.clip(rng.normal(systolic, 6), systolic - 10, systolic + 16)),
        spo2=float(np.clip(rng.normal(97.3, 0.6), 96, 98.5)),
    )
