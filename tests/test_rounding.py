"""Rounding of what is printed: half away from zero on the decimal value, by one function in Python and one in the page."""

import ast
import re
from fractions import Fraction

import nbformat
import pytest
from conftest import ROOT

from pipeline.reports import assets, words
from pipeline.reports.rounding import HELD, digits, fixed, short
from pipeline.statistics.rounding import DIGITS as STORED

PIPELINE = ROOT / "pipeline"

TIES = [
    (6.25, 1, "6.3"), (100 / 16, 1, "6.3"), (2.5, 0, "3"), (0.5, 0, "1"), (0.35, 1, "0.4"), (2.675, 2, "2.68"), (1.15, 1, "1.2"),
    (-0.05, 1, "-0.1"), (-2.5, 0, "-3"), (-0.04, 1, "0.0"), (-0.0, 1, "0.0"), (0, 1, "0.0"), (99.95, 1, "100.0"),
    (0.0625, 3, "0.063"), (3.14999999999, 1, "3.1"), (3.1499999999999, 1, "3.2"), (1234567.85, 1, "1234567.9"),
    (1e-7, 1, "0.0"), (12, 2, "12.00"),
]  # fmt: skip
"""A number, how many decimals, and what is printed. Behind the twelfth digit stands noise: 3.1499999999999 is 3.15."""

SHORT = [(3.0, 2, "3"), (2.5, 2, "2.5"), (2.675, 2, "2.68"), (100, 0, "100"), (-0.004, 2, "0"), (1e-7, 8, "0.0000001"),
         (1e15, 2, "1000000000000000")]  # fmt: skip

SIGNIFICANT = [
    (38.254, 4, "38.25"), (38.255, 4, "38.26"), (0.21355, 4, "0.2136"), (2.0, 4, "2"), (12345.6, 4, "12346"), (0, 4, "0"),
    (99.996, 4, "100"),
]  # fmt: skip


def by_hand(value, decimals):
    """The exact number, rounded in whole numbers, half away from zero."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = str(whole).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and whole else ""
    return sign + (f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text)


@pytest.mark.parametrize(("value", "decimals", "printed"), TIES)
def test_a_half_is_rounded_away_from_zero_on_the_decimal_value(value, decimals, printed):
    assert fixed(value, decimals) == printed


@pytest.mark.parametrize(("value", "decimals", "printed"), SHORT)
def test_a_short_number_has_no_zeros_at_its_end_and_no_exponent(value, decimals, printed):
    assert short(value, decimals) == printed


@pytest.mark.parametrize(("value", "significant", "printed"), SIGNIFICANT)
def test_of_significant_digits_no_whole_one_is_left_out(value, significant, printed):
    assert digits(value, significant) == printed


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_every_percentage_of_up_to_400_patients_is_printed_as_by_hand(decimals):
    wrong = [
        (n, of) for of in range(1, 401) for n in range(of + 1)
        if fixed(100 * n / of, decimals) != by_hand(Fraction(100 * n, of), decimals)
    ]  # fmt: skip
    assert wrong == []


def test_a_percentage_stored_to_12_significant_digits_is_printed_as_by_hand():
    wrong = [
        (n, of) for of in range(1, 401) for n in range(of + 1)
        if words.percent(float(f"{100 * n / of:.12g}")) != f"{by_hand(Fraction(100 * n, of), 1)}%"
    ]  # fmt: skip
    assert wrong == []


def test_every_time_of_up_to_20000_minutes_is_printed_in_hours_and_days_as_by_hand():
    minutes = range(-20000, 20001)
    assert [m for m in minutes if words.hours(m) != by_hand(Fraction(m, 60), 1)] == []
    assert [m for m in minutes if fixed(m / 1440, 1) != by_hand(Fraction(m, 1440), 1)] == []


def test_as_many_digits_count_as_are_stored():
    assert HELD == STORED == int(re.search(r"HELD = (\d+);", assets.read("rounding.js")).group(1))


def test_what_is_said_in_the_report_is_rounded_so():
    assert words.percent(6.25) == "6.3%"
    assert words.interval(2.25, 6.35) == "2.3–6.4"
    assert words.number(2.675) == "2.68" and words.number(3.0) == "3"
    assert words.span(2.0, 4.5) == "2–4.5"
    assert words.setting(0.04) == "0.04" and words.setting(0.001234567) == "0.001234567"
    assert words.days_and_hours(15, 30, 0) == "day 0 00:15 to day 0 00:30 (0.3 h), from 0.3 h after the infusion"


# The law: numbers are rounded for people in one place


NOT_PRINTED = {
    "build.py": {"{_peak_memory():.2f}": "the memory that a run took, measured"},
    "reports/figures/density.py": {"round(place * (len(rows) - 1) / (at_most - 1))": "which of the rows are drawn"},
    "reports/figures/incidence.py": {"round(3.4 * len(words.count(most)))": "how far aside a text stands, in pixels"},
    "reports/figures/swimmer.py": {
        "round(start, 5)": "where a bar begins",
        "round(end - start, 5)": "how long a bar is",
        "round(last_day * DAY)": "the minute of a whole day",
        "round(_day(minute, by_no[number]), 5)": "where a mark stands",
    },
    "statistics/rounding.py": {"{value:.{DIGITS}g}": "a number that is stored"},
    "summaries/intervals.py": {"round(100 * share, 10)": "a limit that is stored"},
}
"""By module, what is rounded there and is no number of a result that a person reads, and what it is."""

MODULES = sorted(path for path in PIPELINE.rglob("*.py") if path != PIPELINE / "reports" / "rounding.py")

SPEC = re.compile(r"\.\d*[fgeEGF%]$|[fgeEGF%]$")
"""A format that rounds: .1f, .4g, g, .0%."""

D3 = re.compile(r"%\{[^}]*:[^}]*\}")
"""A number that Plotly formats, and rounds as the computer holds it."""

TEXT = re.compile(r"\{[^{}]*:[^{}]*[fgeEGF%]\}|%\.\d+[fge]")
"""A format in a text: "{:.1f}".format, '%.2f', or of SQL."""


def faults(source):
    """The places of a module at which a number is rounded otherwise than by rounding.py."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if _rounds(node)]


def _rounds(node):
    if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
        spec = "".join(part.value for part in node.format_spec.values if isinstance(part, ast.Constant))
        return bool(SPEC.search(spec))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(D3.search(node.value) or TEXT.search(node.value))
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("round", "format")


def named(path):
    """How a module is called in the list above."""
    return path.relative_to(PIPELINE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_rounds_for_people_by_itself(path):
    """What is allowed is there, too: the list names nothing that has gone."""
    found = [fault.strip("f'\"") for fault in faults(path.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(NOT_PRINTED.get(named(path), {}))


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_notebook_rounds_a_number_by_itself(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [fault for cell in cells for fault in faults(cell)] == []


@pytest.mark.parametrize("path", sorted((PIPELINE / "reports" / "page").glob("*.js*")), ids=lambda path: path.name)
def test_no_script_of_the_page_rounds_a_number_by_itself(path):
    # toExponential gives the helper the 12 digits.
    allowed = ["toExponential"] if path.name == "rounding.js" else []
    code = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(r"toFixed|toPrecision|toExponential|NumberFormat", code) == allowed
    assert not D3.search(code)


@pytest.mark.parametrize("path", sorted((PIPELINE / "reports").rglob("*.sql")), ids=lambda path: path.stem)
def test_no_query_of_the_courses_rounds_what_is_printed(path):
    """Whole thousandths of a reading are how they are packed, and more than is printed."""
    text = path.read_text(encoding="utf-8").replace("round(c.value * 1000)::BIGINT", "")
    assert not re.search(r"\bround\(|\bformat\(|\bprintf\(", text)


def test_no_model_and_no_audit_prints_a_double_to_so_many_decimals():
    """Where a half of a double is rounded to depends on its last bit, and in DuckDB on the version; a DECIMAL has no such bit."""
    files = sorted(PIPELINE.rglob("*.sql"))
    texts = {named(path): path.read_text(encoding="utf-8") for path in files}
    assert [name for name, text in texts.items() if re.search(r"\{:[^}]*\.\d+[f%]\}|%\.\d+f", text)] == []


def test_no_template_rounds_a_number():
    for path in (PIPELINE / "reports" / "page").glob("*.j2"):
        assert not re.search(r"\|\s*(round|format)\b|\.format\(", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    "source",
    ['f"{share:.1f}%"', 'f"{value:g}"', 'f"{share:.0%}"', "round(share, 1)", '"{:.1f}".format(share)', '"day %{x:.2f}"',
     'format(x, ".1f")', '"SELECT format(\'{:.0f} h\', hours)"', 'f"%{{y:.1f}}%"', 'f"{value:{width}.2f}"'],
)  # fmt: skip
def test_the_law_sees_a_number_that_is_rounded_elsewhere(source):
    assert faults(source)


# The page


@pytest.mark.browser
def test_the_page_rounds_as_python_does(browser):
    page = browser.new_page()
    try:
        page.add_script_tag(content=assets.read("rounding.js"))

        def asked(name, cases):
            return page.evaluate(f"cases => cases.map(([value, places]) => Rounding.{name}(value, places))", cases)

        for name, cases in (("fixed", TIES), ("short", SHORT), ("digits", SIGNIFICANT)):
            assert asked(name, [[value, places] for value, places, _ in cases]) == [printed for *_, printed in cases]
        shares = [[100 * n / of, 1] for of in range(1, 401) for n in range(of + 1)]
        assert asked("fixed", shares) == [fixed(*case) for case in shares]
        hours = [[minutes / 60, 1] for minutes in range(-20000, 20001)]
        assert asked("fixed", hours) == [fixed(*case) for case in hours]
        readings = [[thousandths / 1000, 4] for thousandths in range(30000, 42000, 7)]
        assert asked("digits", readings) == [digits(*case) for case in readings]
    finally:
        page.close()
