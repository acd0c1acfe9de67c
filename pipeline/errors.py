"""What can go wrong, in the reader's words: one sentence, and an exit code per kind."""

import re


def first_line(fault: BaseException) -> str:
    """What a library says of a fault, in one sentence and without the name of its kind."""
    line = re.sub(r"^(\w+ )*(Error|\w+Exception): ", "", (str(fault).splitlines() or [""])[0])
    return re.split(r"[.!?] +(?=[A-Z])", line)[0]


class CytogradeError(Exception):
    """A fault the user can mend. Its text is one sentence: the place, the rule, the remedy."""

    exit_code = 1


class ResourceError(CytogradeError):
    """The machine has not what the run needs."""


class UsageError(CytogradeError):
    """Wrong usage or wrong choices."""

    exit_code = 2


class SourceError(CytogradeError):
    """The source could not be read."""

    exit_code = 3


class AuditError(CytogradeError):
    """The build is done, but it breaks one of its own laws."""

    exit_code = 4


class SystemFileError(CytogradeError):
    """A grading system's file is wrong."""

    exit_code = 5
