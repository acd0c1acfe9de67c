"""The bootstrap patient by patient: what the intervals of many tables at once are held against."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from pipeline.statistics.agreement import DRAWS, ENOUGH, LEVEL, SEED


def bootstrap(
    tables: ArrayLike, statistic: Callable[[np.ndarray], float | None], draws: int = DRAWS, seed: int = SEED
) -> tuple[float | None, float | None]:
    """The 95 % percentile interval of a statistic, drawing patients with replacement.

    tables    -- one square table per patient, who may count in several cells, or several times: patients are drawn whole,
                 so that what repeats within a patient does not pass for so many patients
    statistic -- of the sum of the tables drawn, such as `lambda table: kappa(table, "linear").value`; None where undefined
    The order of the patients plays no part, and the same patients give the same interval. No interval where there is nobody,
    or where the statistic is defined in fewer than 95 of 100 samples.
    """
    drawn = np.asarray(tables, dtype=np.int64)
    if not len(drawn):
        return None, None
    # Patients with the same table are interchangeable: what is drawn is how many of each kind.
    kinds, patients = np.unique(drawn.reshape(len(drawn), -1), axis=0, return_counts=True)
    # The older generator: its numbers are promised to stay the same in every version of numpy.
    random = np.random.RandomState(seed)
    sums = random.multinomial(len(drawn), patients / len(drawn), size=draws) @ kinds
    samples, times = np.unique(sums, axis=0, return_counts=True)
    values = [statistic(sample.reshape(drawn.shape[1:])) for sample in samples]
    found = np.array([value for value, n in zip(values, times) for _ in range(n) if value is not None])
    if len(found) < ENOUGH * draws:
        return None, None
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(found, [tail, 100 - tail])
    return float(low), float(high)
