"""Time to an event in the presence of a competing one: cumulative incidence by Aalen and Johansen.

Aalen OO, Johansen S. Scand J Stat 1978;5:141-150 (the estimator).
Marubini E, Valsecchi MG. Analysing survival data from clinical trials and observational studies. Wiley 1995, chapter 10
(its variance by the delta method, as in statsmodels).
Kalbfleisch JD, Prentice RL. The statistical analysis of failure time data, 2nd ed. Wiley 2002 (limits on the log(-log) scale).
Brookmeyer R, Crowley J. Biometrics 1982;38:29-41 (limits of a quantile: where those of the curve cross it).
"""

from collections import Counter
from collections.abc import Sequence
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from pipeline.statistics.intervals import LEVEL

EVENT, COMPETING, CENSORED = "event", "competing", "censored"
"""What may end a subject's time. In one and the same minute whoever is censored was still at risk."""

NORMAL = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2)


class Step(NamedTuple):
    """What happens at one time, and the incidences from then on, as shares of 1.

    n_at_risk -- subjects whose time had not ended before
    incidence, se, low, high -- of the event: estimate, standard error, 95 % limits (None where it is 0 or 1)
    competing -- incidence of the competing event
    """

    time: float
    n_at_risk: int
    n_event: int
    n_competing: int
    n_censored: int
    incidence: float
    se: float
    low: float | None
    high: float | None
    competing: float


def aalen_johansen(times: Sequence[float], statuses: Sequence[str]) -> list[Step]:
    """The cumulative incidence of the event, at time 0 and at every time at which somebody's time ends.

    times    -- one per subject, from 0 on, in any unit
    statuses -- beside them, how it ended: event, competing or censored
    Nothing of nobody. With no competing event it is one less the Kaplan-Meier estimate, and the variance that of Greenwood.
    """
    if not times:
        return []
    ended = Counter(zip(times, statuses, strict=True))
    at_risk = len(times)
    free = 1.0  # the share that neither event has met
    incidence = competing = 0.0
    # Sums over the times so far, of which the variance is made; weighted by the incidence at their time, and its square.
    all_sum = all_first = all_second = own = cross = cross_first = 0.0
    steps = []
    for time in sorted({0.0, *times}):
        events, others, censored = (ended[time, status] for status in (EVENT, COMPETING, CENSORED))
        ends = events + others
        if events:
            incidence += free * events / at_risk
            own += free**2 * (at_risk - events) * events / at_risk**3
            cross += free * events / at_risk**2
            cross_first += incidence * free * events / at_risk**2
        if ends and ends < at_risk:
            term = ends / (at_risk * (at_risk - ends))
            all_sum += term
            all_first += term * incidence
            all_second += term * incidence**2
        if ends:
            competing += free * others / at_risk
            free *= 1 - ends / at_risk
        variance = (
            incidence**2 * all_sum - 2 * incidence * all_first + all_second + own - 2 * (incidence * cross - cross_first)
        )
        se = sqrt(max(variance, 0.0))
        low, high = _limits(incidence, se)
        steps.append(Step(time, at_risk, events, others, censored, incidence, se, low, high, competing))
        at_risk -= ends + censored
    return steps


def _limits(incidence: float, se: float) -> tuple[float | None, float | None]:
    """95 % limits on the log(-log) scale: they stay between 0 and 1."""
    if not 0 < incidence < 1 - 1e-12:
        return None, None
    spread = NORMAL * se / (incidence * log(incidence))
    return incidence ** exp(-spread), incidence ** exp(spread)


def quantile(steps: Sequence[Step], share: float = 0.5) -> tuple[float | None, float | None, float | None]:
    """The first time at which the incidence reaches this share, and its 95 % limits; None what is not reached.

    The limits are the first times at which the upper and the lower limit of the incidence reach it.
    """

    def first(name: str) -> float | None:
        return next((step.time for step in steps if (getattr(step, name) or 0) >= share - 1e-12), None)

    return first("incidence"), first("high"), first("low")
