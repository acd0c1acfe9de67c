#!/bin/sh
# Where a Kaplan-Meier curve is exactly one half from one event to the next, SAS (LIFETEST) and R (survfit) give the middle of
# the two times. lifelines 0.30.3 gives the first, statsmodels 0.15.0 the last. All four durations below are observed:
# 3, 5, 7, 9 have a median of 6, as the plain median of the same numbers.
# Whom it hurts: the median duration of any even number of patients, none of them censored, differs from the statistician's.
# Exit code 0 while the behaviour is as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lifelines==0.30.3 statsmodels==0.15.0
(cd "$folder" && venv/bin/python - <<'PYTHON'
from statistics import median
import lifelines
from statsmodels.duration.survfunc import SurvfuncRight

durations = [3.0, 5.0, 7.0, 9.0]
first = lifelines.KaplanMeierFitter().fit(durations, [1, 1, 1, 1]).median_survival_time_
last = SurvfuncRight(durations, [1, 1, 1, 1]).quantile(0.5)
print(f"plain median {median(durations):g}; lifelines {first:g}; statsmodels {last:g}")
assert (median(durations), first, last) == (6, 5, 7)
PYTHON
)
