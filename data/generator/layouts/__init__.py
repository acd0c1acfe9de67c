"""The sample cohort in the layouts of the sources, one writer each: the folder is the registry.

plain.py       the cohort as every layout can carry it, read from the staging of the sample
ward.py        what the layouts of hospitals have around it
<source>.py    `write(plain, folder)`, and NOT_CARRIED: concepts that the layout has no word for, and why
"""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

SHARED = ("plain", "ward")


def names() -> list[str]:
    """The layouts that there is a writer for."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in SHARED)


def get(name: str) -> ModuleType:
    """The writer of a layout. Raises ModuleNotFoundError where there is none."""
    return importlib.import_module(f"{__name__}.{name}")


def write(name: str, cohort: Path, folder: Path) -> None:
    """Write the cohort of a folder of `tidy` in a layout."""
    from . import plain

    get(name).write(plain.of_folder(cohort), folder)
