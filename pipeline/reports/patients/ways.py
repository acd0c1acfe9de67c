"""The way from a place in the report to a patient's course: a link for every subject id that stands there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

FOLDER = "patients"
"""The folder of the pages, beside the report."""

IN_ONE_FILE = 200
"""Patients whose courses stand in report.html. At the densest that is drawn (payload.DENSE readings of three vitals) a course
takes about 45 kB, so that the report, 6 MB without them, stays below 15 MB; with more, each patient has a page of their own."""


@dataclass(frozen=True)
class Ways:
    """Where the patients of a cohort are.

    numbers -- by subject id the number of the subject
    in_folder -- whether each has a page of their own
    """

    numbers: Mapping[str, int]
    in_folder: bool

    @property
    def digits(self) -> int:
        """How many digits the names of the pages have."""
        return len(str(max(self.numbers.values(), default=0)))

    def file(self, number: int) -> str:
        """The name of a patient's page. Ids are free text; the number is safe in any file system."""
        return f"{number:0{self.digits}d}.html"

    def to(self, subject: str) -> str | None:
        """The address of a patient's course in the report; None of whom is no patient of the cohort."""
        number = self.numbers.get(subject)
        if number is None:
            return None
        return f"{FOLDER}/{self.file(number)}" if self.in_folder else f"#patient={quote(subject, safe='')}"

    def linked(self, text: str, subjects: Iterable[str]) -> Markup:
        """The text, escaped, with a link at each of these ids, which stand in it in this order."""
        parts, rest = [], text
        for subject in subjects:
            before, found, after = rest.partition(subject)
            address = self.to(subject)
            if not found or address is None:
                continue
            parts.append(escape(before) + Markup('<a href="{}">{}</a>').format(address, subject))
            rest = after
        return Markup("").join([*parts, escape(rest)])
