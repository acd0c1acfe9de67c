"""The input layouts, one module each: the folder is the registry.

A source is a module or a package (where a mapping goes with it) with LAYOUT (what it reads, in words) and
`read(connection, folder, anchors) -> notices`, which fills the schema `sources`: `files`, `time_zero`, `subjects`,
`observations`, `recorded_grades`, with the columns of `parts.columns` and `parts.registry`. One row of a file is one
row of `observations`. When it is called, the choices are set as variables and the seeds of `staging` are there.
"""

import difflib
import importlib
import pkgutil
from types import ModuleType

from pipeline.errors import UsageError


def names() -> list[str]:
    """The names of all sources."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "parts")


def get(name: str) -> ModuleType:
    """The source of this name. Raises UsageError for an unknown one."""
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1, cutoff=0.3)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names())}."
        raise UsageError(f"there is no source named {name!r}; {hint}")
    return importlib.import_module(f"{__name__}.{name}")
