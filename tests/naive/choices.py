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
