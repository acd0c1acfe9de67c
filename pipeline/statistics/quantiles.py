"""Quantiles by the definition that choice `quartiles` names; `quantile_of` of macros.sql is the same in SQL.

Hyndman RJ, Fan Y. Am Stat 1996;50:361-365 (the types).
"""

from collections.abc import Sequence

NUMPY_METHODS = {2: "averaged_inverted_cdf", 7: "linear"}
"""What numpy calls each type."""


def quantile_of(values: Sequence[float], share: float, kind: int) -> float:
    """Return a quantile of some values: type 2, as SAS by default, or type 7, as R by default."""
    import numpy as np

    return float(np.quantile(values, share, method=NUMPY_METHODS[kind]))
