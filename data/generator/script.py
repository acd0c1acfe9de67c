"""What happens to one patient. All times are hours since the infusion unless a name says minute."""

from dataclasses import dataclass, field
from typing import NamedTuple

GRADED_SYSTEMS = ("astct_2019", "lee_2014", "ctcae_5")


class Fever(NamedTuple):
    """A fever from `start` to `end` (hours) with its peak (degC); `cause` empty means CRS."""

    start: float
    end: float
    peak: float
    cause: str = ""


class Span(NamedTuple):
    """A stretch of hours, with a depth where one is meant (mmHg below the limit, % SpO2 lost)."""

    start: float
    end: float
    depth: float = 0.0


class Episode(NamedTuple):
    """The episode the script means: hours, and the grade each system gives to what happens."""

    start: float
    end: float
    astct_2019: int
    lee_2014: int
    ctcae_5: int


class Row(NamedTuple):
    """One charted row, in minutes since the infusion; texts override what would be written."""

    minute: int
    concept: str
    value: str = ""
    unit: str = ""
    end_minute: int | None = None
    indication: str = ""
    start_text: str | None = None
    subject_id: str | None = None


@dataclass
class Script:
    """The course of one patient, filled in by a scenario."""

    fevers: list[Fever] = field(default_factory=list)
    low_pressure: list[Span] = field(default_factory=list)
    on_vasopressor: list[Span] = field(default_factory=list)
    desaturations: list[Span] = field(default_factory=list)
    breathing_support: list[tuple[Span, str]] = field(default_factory=list)
    intensive_care: list[Span] = field(default_factory=list)
    readmissions: list[Span] = field(default_factory=list)
    uncharted: list[Span] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    organ_injury_hour: float | None = None
    temperature_charted: bool = True
    death_hour: float | None = None
    death_cause: str = ""
    followup_end_hour: float = 29 * 24.0

    @property
    def last_hour(self) -> float:
        """Follow-up ends with death; nothing is charted from this hour on."""
        return self.followup_end_hour if self.death_hour is None else self.death_hour

    @property
    def grade(self) -> int:
        """The highest scripted ASTCT grade, 0 with no episode."""
        return max((episode.astct_2019 for episode in self.episodes), default=0)
