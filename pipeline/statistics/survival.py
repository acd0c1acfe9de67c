"""Time to an event in the presence of a competing one: cumulative incidence by Aalen and Johansen.

Aalen OO, Johansen S. Scand J Stat 1978;5:141-150 (the estimator).
Marubini E, Valsecchi MG. Analysing survival data from clinical trials and observational studies. Wiley 1995, chapter 10
(its variance by the delta method, as in statsmodels).
Kalbfleisch JD, Prentice RL. The statistical analysis of failure time data, 2nd ed. Wiley 2002 (limits on the log(-log) scale).
Brookmeyer R, Crowley J. Biometrics 1982;38:29-41 (limits of a quantile: where those of the curve cross it).
The definitions of a quantile over a flat part of the curve are those of R's survfit (survival 3.5) and of SAS's LIFETEST.
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

TOLERANCE = 1e-9
"""How near to a share of 1 a curve counts as being on it: a product of doubles is 0.5 only by luck."""


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


def aalen_johansen(times: Sequence[float], statuses: Sequence[str], limits_of_event_free: bool = True) -> list[Step]:
    """Return the cumulative incidence of the event at time 0 and at every time at which a subject's time ends.

    times    -- one per subject, from 0 on, in any unit
    statuses -- beside them, how it ended: event, competing or censored
    limits_of_event_free -- whether, where no event competes, the limits are log(-log) of the event-free share, as SAS and R
                            give them with a Kaplan-Meier curve; else, and wherever an event competes, of the incidence
    An empty list for no subjects. With no competing event it is 1 less the Kaplan-Meier estimate, with Greenwood's variance.
    """
    if not times:
        return []
    of_event_free = limits_of_event_free and COMPETING not in statuses
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
        low, high = event_free_limits(incidence, se) if of_event_free else incidence_limits(incidence, se)
        steps.append(Step(time, at_risk, events, others, censored, incidence, se, low, high, competing))
        at_risk -= ends + censored
    return steps


def incidence_limits(incidence: float, se: float) -> tuple[float | None, float | None]:
    """Return 95 % limits of an incidence, log(-log) of the incidence itself; None where it is 0 or 1."""
    if not TOLERANCE < incidence < 1 - TOLERANCE:
        return None, None
    spread = NORMAL * se / (incidence * log(incidence))
    return incidence ** exp(-spread), incidence ** exp(spread)


def event_free_limits(incidence: float, se: float) -> tuple[float | None, float | None]:
    """Return 95 % limits of an incidence from those of the event-free share, 1 less it, log(-log) of that share."""
    low, high = incidence_limits(1 - incidence, se)
    return (None, None) if low is None or high is None else (1 - high, 1 - low)


def time_reached(times: Sequence[float], curve: Sequence[float | None], share: float) -> float | None:
    """Return the time at which a rising curve of steps reaches a share, or None where it never does.

    times -- in ascending order; curve -- beside them its value from then on, None where it has none
    A curve that stays on the share for a while reaches it in the middle of that while: half-way to its next rise. On a curve
    that ends there, it is the time at which that last part begins. So the median of 3, 5, 7, 9 is 6, as without censoring.
    """
    first = rise = None
    for time, value in zip(times, curve, strict=True):
        if value is None:
            continue
        if first is None and value >= share - TOLERANCE:
            first = time
            if value > share + TOLERANCE:
                return first
        elif first is not None and value > share + TOLERANCE:
            rise = time
            break
    return first if first is None or rise is None else (first + rise) / 2


def quantile(steps: Sequence[Step], share: float = 0.5) -> tuple[float | None, float | None, float | None]:
    """Return the time at which the incidence reaches this share, and its 95 % limits; None for what is not reached.

    The limits are the times at which the upper and the lower limit of the incidence reach it (Brookmeyer and Crowley).
    """
    times = [step.time for step in steps]
    curves = ([getattr(step, name) for step in steps] for name in ("incidence", "high", "low"))
    median, low, high = (time_reached(times, curve, share) for curve in curves)
    return median, low, high
