"""Section 7: how much of a vasopressor runs, for how long, and what that is in norepinephrine."""

import math
from functools import cache

from . import vocabulary as v
from .charting import exact
from .moments import counts_in, minutes_in_force, unbroken_runs

UNKNOWN_DOSE = math.inf


def bridged_runs(minutes, gap):
    """These minutes as runs, where a gap of at most so many minutes does not part two of them; the minutes of the
    gap belong to the run."""
    runs = []
    for run in unbroken_runs(minutes):
        if runs and run[0] - (runs[-1][-1] + 1) <= gap:
            runs[-1] = list(range(runs[-1][0], run[-1] + 1))
        else:
            runs.append(run)
    return runs


def hours_of_course(agents, choices):
    """Per minute how many hours the course of vasopressors lasts that it belongs to: 'any vasopressor,
    continuous, gaps <= 60 min'; 0 outside."""
    hours = [0] * len(agents)
    running = [minute for minute, names in enumerate(agents) if names]
    for run in bridged_runs(running, choices.vasopressor_gap_min):
        for minute in run:
            hours[minute] = len(run) / 60
    return hours


def sustained(doses, limit, choices):
    """The minutes of high dose: '>= 180 min continuous, dips of at most 15 min bridged', from the first minute."""
    reached = [minute for minute, dose in enumerate(doses) if dose >= limit]
    runs = bridged_runs(reached, choices.high_dose_dip_min)
    return {minute for run in runs if len(run) >= choices.high_dose_sustained_min for minute in run}


def in_norepinephrine(charting, choices):
    """'Equivalent (VASST), ug/min = norepinephrine + dopamine (ug/kg/min) / 2 + epinephrine + phenylephrine / 10.'
    None where it is not known."""
    dose = charting.value if charting.concept == "dopamine" else charting.per_minute
    factor = {
        "norepinephrine": 1,
        "epinephrine": exact(choices.equivalent_per_epinephrine),
        "dopamine": exact(choices.equivalent_per_dopamine),
        "phenylephrine": exact(choices.equivalent_per_phenylephrine),
    }.get(charting.concept)
    return None if factor is None or dose is None else dose * factor


def in_norepinephrine_per_kg(charting, choices):
    """The same per kilogram. What was charted per kilogram needs no weight, but for dopamine."""
    if charting.concept == "dopamine":
        whole = in_norepinephrine(charting, choices)
        return None if whole is None or charting.kilograms is None else whole / charting.kilograms
    factor = {
        "norepinephrine": 1,
        "epinephrine": exact(choices.equivalent_per_epinephrine),
        "phenylephrine": exact(choices.equivalent_per_phenylephrine),
    }.get(charting.concept)
    return None if factor is None or charting.value is None else charting.value * factor


class Doses:
    """The doses of every minute, at least (of what counts) and at most (of all that may run)."""

    def __init__(self, moments, choices):
        self.moments, self.choices = moments, choices
        self.running = [{} for _ in range(moments.last)]
        for piece in moments.pieces:
            if piece.concept in v.VASOPRESSORS:
                for minute in minutes_in_force(piece.hold, moments.last):
                    if piece.concept in moments.vasopressors.possible[minute]:
                        self.running[minute].setdefault(piece.concept, []).append(piece)
        self.minutes = [minute for minute, agents in enumerate(self.running) if agents]

    def counting(self, minute, agent, lasting=False):
        """The pieces of the agent that count; lasting: also toward two at once, so no presumed hold."""
        return [
            piece
            for piece in self.running[minute].get(agent, ())
            if counts_in(piece, minute, self.moments.vasopressors) and not (lasting and piece.presumed)
        ]

    def of_agent(self, agent, dose_of):
        """(at least, at most) of one agent. Overlapping rows of one drug are one agent: the highest dose."""
        at_least, at_most = self.nothing(), self.nothing()
        for minute in self.minutes:
            known = [dose_of(piece.hold.charting) for piece in self.counting(minute, agent)]
            at_least[minute] = max((dose for dose in known if dose is not None), default=0)
            every = [dose_of(piece.hold.charting) for piece in self.running[minute].get(agent, ())]
            at_most[minute] = max((UNKNOWN_DOSE if dose is None else dose for dose in every), default=0)
        return at_least, at_most

    def nothing(self):
        """No dose in any minute."""
        return [0] * self.moments.last

    def equivalents(self, dose_of):
        """(at least, at most): the sum over the agents that last, and over all that may run."""
        at_least, at_most = self.nothing(), self.nothing()
        for minute in self.minutes:
            low = high = 0
            for agent, pieces in self.running[minute].items():
                if agent == "vasopressin":
                    continue
                known = [dose_of(piece.hold.charting) for piece in self.counting(minute, agent, lasting=True)]
                low += max((dose for dose in known if dose is not None), default=0)
                every = [dose_of(piece.hold.charting) for piece in pieces]
                high += max(UNKNOWN_DOSE if dose is None else dose for dose in every)
            at_least[minute], at_most[minute] = low, high
        return at_least, at_most

    def agents(self, minute, lasting):
        """Which agents run in this minute."""
        return {
            agent for agent in self.running[minute] if not lasting or self.counting(minute, agent, lasting=True)
        }

    def beside_vasopressin(self, dose_of):
        """'With vasopressin an equivalent': 0 where no vasopressin runs beside it."""
        low, high = self.equivalents(dose_of)
        at_least, at_most = self.nothing(), self.nothing()
        for minute in self.minutes:
            at_least[minute] = low[minute] if "vasopressin" in self.agents(minute, True) else 0
            at_most[minute] = high[minute] if "vasopressin" in self.agents(minute, False) else 0
        return at_least, at_most

    def combined(self, dose_of):
        """'In combination without it': two or more at once; an agent outside the formula may equal any dose."""
        low, high = self.equivalents(dose_of)
        formula = {"norepinephrine", "epinephrine", "dopamine", "phenylephrine", "vasopressin"}
        at_least, at_most = self.nothing(), self.nothing()
        for minute in self.minutes:
            lasting, running = self.agents(minute, True), self.agents(minute, False)
            at_least[minute] = low[minute] if len(lasting - {"vasopressin"}) >= 2 else 0
            several = len(running - {"vasopressin"}) >= 2 or running - formula
            at_most[minute] = high[minute] if several else 0
        return at_least, at_most


def per_minute(charting):
    """ug/min"""
    return charting.per_minute


def per_kilogram(charting):
    """ug/kg/min"""
    return charting.value


def high_dose(moments, choices, table):
    """True where some dose of the table is sustained, None where one may be. Each table is looked up once."""
    if table not in moments.high_doses:
        moments.high_doses[table] = high_dose_of(moments, choices, table)
    return moments.high_doses[table]


def high_dose_of(moments, choices, table):
    """The same, from the doses."""
    doses = Doses(moments, choices)

    @cache
    def whole(charting):
        return in_norepinephrine(charting, choices)

    @cache
    def per_kg(charting):
        return in_norepinephrine_per_kg(charting, choices)

    lee = [
        (doses.of_agent("norepinephrine", per_minute), 20),
        (doses.of_agent("dopamine", per_kilogram), 10),
        (doses.of_agent("phenylephrine", per_minute), 200),
        (doses.of_agent("epinephrine", per_minute), 10),
        (doses.beside_vasopressin(whole), 10),
        (doses.combined(whole), 20),
    ]
    penn = [
        (doses.of_agent("norepinephrine", per_kilogram), exact(0.2)),
        (doses.of_agent("epinephrine", per_kilogram), exact(0.1)),
        (doses.of_agent("dopamine", per_kilogram), 10),
        (doses.of_agent("phenylephrine", per_minute), 200),
        (doses.beside_vasopressin(per_kg), exact(0.1)),
        (doses.beside_vasopressin(whole), 10),
        (doses.combined(whole), 20),
    ]
    proven, possible = set(), set()
    for (at_least, at_most), limit in {"lee": lee, "penn": penn}[table]:
        proven |= sustained(at_least, limit, choices)
        possible |= sustained(at_most, limit, choices)
    return [True if minute in proven else None if minute in possible else False for minute in range(moments.last)]
