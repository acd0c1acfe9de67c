"""Section 3: how long a charted device or infusion is in force, how firmly, and whether it is new."""

from dataclasses import dataclass
from fractions import Fraction

from . import vocabulary as v
from .charting import Charting


@dataclass(frozen=True)
class Hold:
    """A device or infusion in force in `[start, end)`; `presumed` where nothing proves that it lasted."""

    charting: Charting
    start: int
    end: int
    presumed: bool

    def in_force(self, minute):
        """Is it in force in this minute?"""
        return self.start <= minute < self.end


@dataclass(frozen=True)
class Piece:
    """A graded hold with its weight in the grade: counted, or possible only (it lifts the ceiling alone)."""

    hold: Hold
    counted: bool
    baseline: bool

    @property
    def concept(self):
        """The device or agent."""
        return self.hold.charting.concept

    @property
    def presumed(self):
        """Counts as one agent running, but not toward two at once."""
        return self.counted and self.hold.presumed


def same_channel(one, other):
    """'The next oxygen charting of any device'; 'the next charting of the same drug'."""
    if one.concept in v.OXYGEN:
        return other.concept in v.OXYGEN
    return one.concept == other.concept


def hold_of(charting, chart, longest):
    """The time in force of one device or infusion.

    'With an end: its end; a later charting never shortens it.' With none: 'the next charting, 14 h at most',
    and 'a next charting at exactly 14 h still proves'. 'An interval that would be empty occupies its minute.'
    """
    start = charting.start
    if charting.end is not None:
        return Hold(charting, start, max(charting.end, start + 1), presumed=False)
    later = [other.start for other in chart if same_channel(charting, other) and other.start > start]
    following = min(later, default=None)
    if following is not None and following - start <= longest:
        return Hold(charting, start, following, presumed=False)
    return Hold(charting, start, max(start + longest, start + 1), presumed=True)


def support_holds(chart, choices):
    """The holds of all devices and infusions of the chart, those before time zero included."""
    support = [charting for charting in chart if charting.concept in v.SUPPORT]
    return [hold_of(charting, support, choices.open_support_holds) for charting in support]


def is_push(charting):
    """'A vasopressor row with neither rate nor end proves nothing that lasts.'"""
    return charting.concept in v.VASOPRESSORS and charting.end is None and not charting.has_rate


def can_be_support(charting):
    """A device that gives oxygen or a vasopressor, given at all."""
    return charting.concept in (*v.OXYGEN_DEVICES, *v.VASOPRESSORS) and charting.given


def makes_baseline(hold, window):
    """'A device or vasopressor in force in the minute before time zero, and CPAP or BiPAP (worn at night) in
    any of the 24 h before it, presumed holds included, indication empty, `crs` or `baseline`'; a push 'makes
    no baseline'."""
    charting = hold.charting
    if not can_be_support(charting) or is_push(charting) or charting.indication not in ("", "crs", "baseline"):
        return False
    looks_back = window if charting.concept in v.WORN_AT_NIGHT else 1
    return any(hold.in_force(minute) for minute in range(-max(looks_back, 1), 0))


def baseline_amounts(holds, choices):
    """Per concept of the baseline its highest flow or rate then, None where any of them is unknown."""
    amounts: dict[str, Fraction | None] = {}
    for hold in holds:
        if not makes_baseline(hold, choices.baseline_window):
            continue
        concept, amount = hold.charting.concept, hold.charting.value
        known_so_far = amounts.get(concept, amount)
        amounts[concept] = None if amount is None or known_so_far is None else max(amount, known_so_far)
    return amounts


def is_baseline_support(charting, baseline):
    """'Counts afterwards only at a higher flow or rate than its highest then, concept by concept (any amount
    unknown then or now: not counted).'"""
    if charting.concept not in baseline:
        return False
    before, now = baseline[charting.concept], charting.value
    return before is None or now is None or now <= before


def graded_pieces(holds, choices):
    """The graded devices and vasopressors, each counted or possible only."""
    baseline = baseline_amounts(holds, choices)
    pieces = []
    for hold in holds:
        charting = hold.charting
        if charting.graded and can_be_support(charting):
            set_aside = is_baseline_support(charting, baseline)
            pieces.append(Piece(hold, counted=not set_aside and not is_push(charting), baseline=set_aside))
    return pieces
