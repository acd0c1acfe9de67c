"""Cytograde: charted vitals of a trial cohort in, grades of cytokine release syndrome over time out.

The rooms, in the order in which data flows: `sources` (one file per input layout), `staging` (one shape, one unit,
nothing lost), `timeline` (from chartings to what holds over time), `grading` (systems, findings, grades, evidence),
`episodes`, `summaries` (the first room that looks across subjects), `quality` (how well it was charted), `recorded` (grades
that people gave, against derived ones), `results` (the tables to publish), `audits` (what should not be), `reports`.
Beside them: `privacy` (identifiers, pseudonyms, small counts) and `statistics` (what SQL does not have).
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.errors import CytogradeError

if TYPE_CHECKING:
    from pipeline.api import Cohort, grade

__version__ = "0.1.0"

__all__ = ["Cohort", "CytogradeError", "grade", "__version__"]


def __getattr__(name: str) -> object:
    """`Cohort` and `grade` when they are first asked for: the command line needs neither, nor what they import."""
    if name in ("api", "Cohort", "grade"):
        api = import_module("pipeline.api")
        return api if name == "api" else getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
