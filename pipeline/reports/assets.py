"""What stands in a page or beside it as it is: styles, scripts, Plotly, and JSON that no text can break out of."""

from functools import cache
from pathlib import Path

from markupsafe import Markup

from pipeline.reports.figures import house

FOLDER = Path(__file__).parent / "page"


def read(name: str) -> str:
    """A file of the page."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def plotly() -> str:
    """Plotly.js."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def inline_plotly() -> Markup:
    """Plotly.js, to stand in a page once. Nothing in it may close the script it stands in."""
    return Markup(plotly().replace("</script", "<\\/script").replace("<!--", "<\\!--"))


def script(json: str) -> Markup:
    """JSON to stand in a script: no text in it can close the script or open another."""
    for character in "<>&\u2028\u2029":
        json = json.replace(character, f"\\u{ord(character):04x}")
    return Markup(json)


def grade_variables() -> str:
    """The colours of the grades as variables of the style sheet."""
    inks = house.GRADE_INKS
    lines = (f"  --grade-{grade}: {colour}; --ink-{grade}: {inks[grade]};" for grade, colour in house.GRADE_COLOURS.items())
    return ":root {\n" + "\n".join(lines) + "\n}\n"
