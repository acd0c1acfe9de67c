"""Sections 3 and 4: what the chart says in each minute of observation.

A truth is True, False or None (unknown). Every list here has one entry per minute of `[0, last)`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from . import vocabulary as v
from .charting import Charting, end_of_observation, is_missing, read_chart
from .holds import Piece, graded_pieces, support_holds

FEVER = 38
CARTOX_LOW = 90
NEONATE_YEARS = 28 / 365.25


@dataclass
class InForce:
    """One vital over the minutes: when the reading in force was charted (None: unknown), and what it reads
    (None also where it is charted with another indication: known, and not counting)."""

    charted: list[int | None]
    value: list[Fraction | None]


@dataclass
class Vasopressors:
    """Per minute the agents that run: counted; by a proven hold; counted or possible; and two or more at
    once."""

    counted: list[set[str]]
    possible: list[set[str]]
    several_proven: set[int]
    several_possible: set[int]
    several_with_vasopressin_proven: set[int]
    several_with_vasopressin_possible: set[int]


@dataclass
class Moments:
    """All that the criteria ask about, minute by minute."""

    last: int
    cut: int | None
    chart: list[Charting]
    pieces: list[Piece]
    temperature: InForce
    pressure: InForce
    fever: list[bool | None]
    window: list[bool]
    waiver: list[bool]
    hypotension: list[bool | None]
    oxygen: list[list[Piece]]
    vasopressors: Vasopressors
    presumed: list[bool]
    presumed_ends: set[int]
    low_for_cartox: list[bool | None]
    high_doses: dict[str, list[bool | None]] = field(default_factory=dict)

    def is_known(self, minute):
        """Is temperature or pressure in force known in this minute?"""
        return self.temperature.charted[minute] is not None or self.pressure.charted[minute] is not None


def charted_in_observation(chart, concept):
    """Readings by minute. 'Readings count from time zero on. A fever or low pressure charted before it
    neither holds over nor counts.'"""
    readings = defaultdict(list)
    for charting in chart:
        if charting.concept == concept and charting.start >= 0:
            readings[charting.start].append(charting)
    return dict(sorted(readings.items()))


def worst_by_minute(chart, concept, worst):
    """Per charted minute its reading: 'two readings in one minute: highest temperature, lowest systolic
    pressure'; the graded ones are in force; None where all have another indication."""
    return {
        minute: worst((reading.value for reading in readings if reading.graded), default=None)
        for minute, readings in charted_in_observation(chart, concept).items()
    }


def in_force(readings, holds, last):
    """'A reading is in force until the next reading of it, 14 h at most; then unknown.'"""
    charted, value, latest = [], [], None
    for minute in range(last):
        if minute in readings:
            latest = minute
        known = latest is not None and minute - latest < holds
        charted.append(latest if known else None)
        value.append(readings[latest] if known else None)
    return InForce(charted, value)


def judge(vital, counts):
    """Unknown where no reading is in force, false where it has another indication, else what `counts` says of
    it."""
    truths = []
    for charted, value in zip(vital.charted, vital.value, strict=True):
        if charted is None:
            truths.append(None)
        else:
            truths.append(value is not None and counts(charted, value))
    return truths


def since_latest(events, within, last):
    """Per minute: has one of these events happened less than `within` minutes ago?"""
    holds, latest = [], None
    for minute in range(last):
        if minute in events:
            latest = minute
        holds.append(latest is not None and minute - latest < within)
    return holds


def doses_after_fever(chart, drugs, first_fever):
    """'Given (its start counts; with another indication it waives nothing) at or after the first fever since
    time zero. Premedication waives nothing.'"""
    if first_fever is None:
        return set()
    return {
        dose.start
        for dose in chart
        if dose.concept in drugs and dose.graded and dose.given and dose.start >= first_fever
    }


def waiver(chart, fever_minutes, choices, last):
    """'For 7 days after the dose (`waiver_anticytokine_h`); an antipyretic likewise for 24 h.'"""
    first_fever = min(fever_minutes, default=None)
    anticytokine = doses_after_fever(chart, v.ANTICYTOKINES, first_fever)
    antipyretic = doses_after_fever(chart, v.ANTIPYRETICS, first_fever)
    return [
        one or other
        for one, other in zip(
            since_latest(anticytokine, choices.waiver_anticytokine, last),
            since_latest(antipyretic, choices.waiver_antipyretic, last),
            strict=True,
        )
    ]


def systolic_threshold(age, choices):
    """'90 mmHg from 10 years on or age unknown, 70 + 2 x age (whole years) from 1 year, 70 below 1 year, 60
    below 28 days.'"""
    if is_missing(age) or age >= 10:
        return choices.hypotension_sbp_below
    if age >= 1:
        return 70 + 2 * int(age)
    return 70 if age >= NEONATE_YEARS else 60


def confirmed_low(readings, threshold, confirm):
    """The charted minutes of low readings that count: 'only runs of at least n consecutive low readings,
    those of one minute being one, from the first of the run; an ungraded reading breaks a run, a gap does
    not'."""
    confirmed, run = set(), []
    for minute, pressure in [*readings.items(), (None, None)]:
        if pressure is not None and pressure < threshold:
            run.append(minute)
            continue
        if len(run) >= confirm:
            confirmed.update(run)
        run = []
    return confirmed


def minutes_in_force(hold, last):
    """The minutes of observation in which it is in force. 'Intervals are cut.'"""
    return range(max(hold.start, 0), min(hold.end, last))


def unbroken_runs(minutes):
    """These minutes as runs without a gap."""
    runs = []
    for minute in sorted(minutes):
        if runs and minute == runs[-1][-1] + 1:
            runs[-1].append(minute)
        else:
            runs.append([minute])
    return runs


def long_runs(minutes, at_least, cut=None):
    """Of these minutes those in an unbroken run of at least so many minutes, or in one that reaches the
    cut."""
    return {minute for run in unbroken_runs(minutes) if len(run) >= at_least or run[-1] + 1 == cut for minute in run}


def minutes_of_agent(pieces, agent, last):
    """All minutes in which one of these pieces of the agent is in force: 'overlapping rows of one drug are
    one agent'."""
    holds = [piece.hold for piece in pieces if piece.concept == agent]
    return {minute for hold in holds for minute in minutes_in_force(hold, last)}


def agents_by_minute(minutes_by_agent, last):
    """Per minute the agents that run in it."""
    return [{agent for agent, minutes in minutes_by_agent.items() if minute in minutes} for minute in range(last)]


def several_at_once(agents, choices, cut, aside=frozenset({"vasopressin"})):
    """'At least two agents at once, whichever they are, unbroken, for less than this are a switch, unless
    death or the end of follow-up cuts it short; where it is long enough, grade 4 from its first minute.'
    What stands aside is not counted: vasopressin, but for the systems that count it."""
    overlap = {minute for minute, running in enumerate(agents) if len(running - aside) >= 2}
    return long_runs(overlap, choices.multiple_vasopressors_overlap_min, cut)


def vasopressors(pieces, choices, last, cut):
    """Which agents run. 'Baseline rows are set aside first, then short runs, then overlaps are sought, from
    time zero on': 'a merged run of one agent shorter than `vasopressor_min_minutes`, with no exemption at the
    cut, is not counted'; 'the tail of an open infusion counts as one agent running, but not toward two at
    once'."""
    counted, proven, possible = {}, {}, {}
    shortest = choices.vasopressor_min_minutes
    for agent in v.VASOPRESSORS:
        counting = [piece for piece in pieces if piece.counted]
        counted[agent] = long_runs(minutes_of_agent(counting, agent, last), shortest)
        possible[agent] = long_runs(minutes_of_agent(pieces, agent, last), shortest)
        lasting = [piece for piece in counting if not piece.presumed]
        proven[agent] = minutes_of_agent(lasting, agent, last) & counted[agent]
    lasting, running = agents_by_minute(proven, last), agents_by_minute(possible, last)
    return Vasopressors(
        counted=agents_by_minute(counted, last),
        possible=running,
        several_proven=several_at_once(lasting, choices, cut),
        several_possible=several_at_once(running, choices, cut),
        several_with_vasopressin_proven=several_at_once(lasting, choices, cut, aside=set()),
        several_with_vasopressin_possible=several_at_once(running, choices, cut, aside=set()),
    )


def oxygen_by_minute(pieces, last):
    """Per minute the graded devices in force."""
    devices = [[] for _ in range(last)]
    for piece in pieces:
        if piece.concept in v.OXYGEN_DEVICES:
            for minute in minutes_in_force(piece.hold, last):
                devices[minute].append(piece)
    return devices


def counts_in(piece, minute, agents):
    """Does this piece count in this minute, short runs left out?"""
    return piece.counted and (piece.concept in v.OXYGEN_DEVICES or piece.concept in agents.counted[minute])


def presumed_minutes(pieces, agents, last):
    """Per minute: does a presumed hold of a device or infusion count in it?"""
    presumed = [False] * last
    for piece in pieces:
        if piece.presumed:
            for minute in minutes_in_force(piece.hold, last):
                presumed[minute] = presumed[minute] or counts_in(piece, minute, agents)
    return presumed


def presumed_hold_ends(pieces, agents, last):
    """The minutes at which a presumed hold of a counting device or infusion runs out."""
    return {
        piece.hold.end
        for piece in pieces
        if piece.presumed and 0 < piece.hold.end <= last and counts_in(piece, piece.hold.end - 1, agents)
    }


def leaves_force(charting, holds, choices):
    """The first minute in which this charting is in force no more.

    'A reading (temperature, pressure, SpO2)' holds 14 h, from time zero on; a device or an infusion as section 3
    has it; anything else, and what is 'not running or given', occupies its minute, or lasts to its charted end.
    """
    if charting.concept == "temperature":
        return charting.start + choices.temperature_holds if charting.start >= 0 else 0
    if charting.concept in (*v.PRESSURES, "spo2"):
        return charting.start + choices.blood_pressure_holds if charting.start >= 0 else 0
    if charting in holds and charting.given and charting.concept != "room_air":
        return holds[charting].end
    return max(charting.start + 1, charting.end or 0)


def last_minute(chart, holds, choices, cut):
    """Death or the end of follow-up, whichever is first; 'with neither given nothing is cut', and the last
    minute is that in which anything charted is still in force."""
    if cut is not None:
        return cut
    holds = {hold.charting: hold for hold in holds}
    return max((leaves_force(charting, holds, choices) for charting in chart), default=0)


def observe(subject, observations, choices):
    """The whole chart, minute by minute."""
    cut = end_of_observation(subject)
    chart = read_chart(subject, observations)
    holds = support_holds(chart, choices)
    last = max(last_minute(chart, holds, choices, cut), 0)
    pieces = graded_pieces(holds, choices)

    temperatures = worst_by_minute(chart, "temperature", max)
    pressures = worst_by_minute(chart, "systolic_bp", min)
    fever_minutes = {minute for minute, value in temperatures.items() if value is not None and value >= FEVER}
    threshold = systolic_threshold(subject.get("age_years"), choices)
    low = confirmed_low(pressures, threshold, choices.hypotension_confirm_readings)
    low_at_any_age = confirmed_low(pressures, CARTOX_LOW, choices.hypotension_confirm_readings)

    temperature = in_force(temperatures, choices.temperature_holds, last)
    pressure = in_force(pressures, choices.blood_pressure_holds, last)
    agents = vasopressors(pieces, choices, last, cut)
    return Moments(
        last=last,
        cut=cut,
        chart=chart,
        pieces=pieces,
        temperature=temperature,
        pressure=pressure,
        fever=judge(temperature, lambda charted, value: value >= FEVER),
        window=since_latest(fever_minutes, choices.fever_window, last),
        waiver=waiver(chart, fever_minutes, choices, last),
        hypotension=judge(pressure, lambda charted, value: charted in low),
        oxygen=oxygen_by_minute(pieces, last),
        vasopressors=agents,
        presumed=presumed_minutes(pieces, agents, last),
        presumed_ends=presumed_hold_ends(pieces, agents, last),
        low_for_cartox=judge(pressure, lambda charted, value: charted in low_at_any_age),
    )
