"""Statistics that SQL does not have: exact intervals, the agreement of two gradings, time to event. Pure functions."""

from pipeline.statistics.agreement import (
    bowker,
    gwet,
    gwets,
    kappa,
    kappas,
    percentile_interval,
    resampled,
    shares_same,
    weights_of,
    within,
)
from pipeline.statistics.intervals import LEVEL, Share, exact_interval, median_rank, share
from pipeline.statistics.quantiles import quantile_of
from pipeline.statistics.rounding import DIGITS, significant
from pipeline.statistics.survival import Step, aalen_johansen, quantile, time_reached

__all__ = [
    "DIGITS", "LEVEL", "Share", "Step", "aalen_johansen", "bowker", "exact_interval", "gwet", "gwets", "kappa", "kappas",
    "median_rank", "percentile_interval", "quantile", "quantile_of", "resampled", "share", "shares_same", "significant",
    "time_reached", "weights_of", "within",
]  # fmt: skip
