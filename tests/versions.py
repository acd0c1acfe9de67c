"""Print the requirements of one end of the versions that pyproject.toml allows: `python tests/versions.py newest` or `oldest`.

newest -- every requirement as it is written: pip takes the newest version that fits
oldest -- every requirement at its lower bound (`duckdb==1.5.6`); what these require in turn is pip's choice
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
LOWER_BOUND = re.compile(r">=\s*([0-9][^,; ]*)")


def requirements(project: dict) -> list[str]:
    """Return what the project and its development need, as it is written in pyproject.toml."""
    return [*project["dependencies"], *project["optional-dependencies"]["dev"]]


def at_lower_bound(requirement: str) -> str:
    """Return a requirement at the oldest version that it allows; as it is where it has no lower bound."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)[0]
    bound = LOWER_BOUND.search(requirement)
    marker = requirement.partition(";")[2]
    if bound is None:
        return requirement
    return f"{name}=={bound[1]}" + (f" ;{marker}" if marker else "")


def main(end: str) -> None:
    """Print the requirements of an end, one a line."""
    wanted = requirements(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"])
    print("\n".join(at_lower_bound(one) if end == "oldest" else one for one in wanted))


if __name__ == "__main__":
    main(sys.argv[1])
