"""The choices of the semantics with their defaults, and their durations in minutes."""

from types import SimpleNamespace

from .charting import minutes_of_days, minutes_of_hours

DEFAULTS = {
    "temperature_holds_h": 14,
    "blood_pressure_holds_h": 14,
    "open_support_holds_h": 14,
    "baseline_window_h": 24,
    "hypotension_sbp_below": 90,
    "hypotension_confirm_readings": 1,
    "multiple_vasopressors_overlap_min": 60,
    "vasopressor_min_minutes": 0,
    "vasopressin_alone_grade": 3,
    "fever_window_h": 24,
    "waiver_anticytokine_h": 168,
    "waiver_antipyretic_h": 24,
    "episode_gap_d": 7,
    "onset_window_d": 30,
    "late_onset_d": 14,
    "resolved_within_h": 24,
    "observed_window_d": 14,
    "fever_before_infusion_h": 24,
    "high_dose_sustained_min": 180,
    "high_dose_dip_min": 15,
    "vasopressor_gap_min": 60,
    "equivalent_per_epinephrine": 1,
    "equivalent_per_dopamine": 0.5,
    "equivalent_per_phenylephrine": 0.1,
    "fio2_from_flow": 1,
    "fio2_with_no_flow": 0.20,
    "fio2_per_l_min": 0.04,
    "fio2_estimated_to_l_min": 6,
    "fio2_doubtful_from_l_min": 5,
    "fio2_mask_at_least": 0.40,
    "fio2_mask_from_l_min": 5,
    "bolus_window_h": 24,
    "bolus_low_pressure_within_h": 6,
    "labs_hold_h": 72,
    "organ_window_h": 72,
    "creatinine_upper_limit": 1.2,
    "ast_upper_limit": 40,
    "alt_upper_limit": 40,
    "uncharted_labs_lift_ceiling": 0,
}


def settle(choices=None):
    """The choices in force, durations in minutes: `temperature_holds_h` is read as `temperature_holds`.

    `late_onset_d` counts calendar days and stays as it is.
    """
    named = {**DEFAULTS, **(choices or {})}
    unknown = set(named) - set(DEFAULTS)
    if unknown:
        raise ValueError(f"no such choice: {sorted(unknown)}")
    settled = {}
    for name, value in named.items():
        if name == "late_onset_d":
            settled[name] = value
        elif name.endswith("_h"):
            settled[name.removesuffix("_h")] = minutes_of_hours(value)
        elif name.endswith("_d"):
            settled[name.removesuffix("_d")] = minutes_of_days(value)
        else:
            settled[name] = value
    return SimpleNamespace(**settled)
