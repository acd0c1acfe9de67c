"""The grade a clinician wrote down, taken from the script and not from any grader."""

from typing import NamedTuple

from .patient import Patient
from .roster import Recording
from .script import GRADED_SYSTEMS, Episode, Script


class RecordedGrade(NamedTuple):
    """One recorded episode, in minutes since the infusion; `grade` None was left empty."""

    system: str
    grade: int | None
    start_minute: int
    end_minute: int | None


def written_grade(episode: Episode, recording: Recording) -> int | None:
    """The grade of the system in use, ASTCT where none is named, with the clinician's error."""
    if recording.error is None:
        return None
    system = recording.system if recording.system in GRADED_SYSTEMS else "astct_2019"
    return getattr(episode, system) + recording.error


def recorded_grades(p: Patient, script: Script, recording: Recording | None) -> list[RecordedGrade]:
    """One row an episode: noticed up to three hours late, closed at a later ward round.

    No end is recorded where the patient died or was lost before it.
    """
    if recording is None:
        return []
    rows = []
    for episode in script.episodes:
        start = episode.start + float(p.rng.uniform(0.2, 3))
        end = episode.end + float(p.rng.uniform(0, 12))
        closed = end < script.last_hour
        rows.append(
            RecordedGrade(
                recording.system,
                written_grade(episode, recording),
                30 * round(start * 2),
                30 * round(end * 2) if closed else None,
            )
        )
    return rows
