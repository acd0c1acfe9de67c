"""What all figures share: the colours of the grades, type, axes, and how a figure is written into a page.

The look is a Plotly template, registered by the name `cytograde` on import: `go.Figure(layout={"template": "cytograde"})`
has it, in the report as in a notebook. `layout` and `axis` add what belongs to one figure.
"""

from dataclasses import dataclass, field

import plotly.graph_objects as go
import plotly.io as pio

GRADE_COLOURS = {
    0: "#e6eaee",
    1: "#fbd560",
    2: "#e9853a",
    3: "#bf3b45",
    4: "#74206f",
    5: "#1d0d30",
}
"""Light to dark, so that the order also holds in grey and for the colour blind. Defined here and nowhere else."""

GRADE_INKS = {0: "#1b2430", 1: "#1b2430", 2: "#1b2430", 3: "#ffffff", 4: "#ffffff", 5: "#ffffff"}
"""The colour of text on the colour of a grade."""

INK = "#1b2430"
FAINT = "#55606d"
RULE = "#d5dbe1"
OUTSIDE = "#bcc7d2"
"""A grade of 1 or more that is in no episode."""
LINE = "#98a4b0"
UNKNOWN = "#b0bbc6"
"""The hatching where nothing is known."""
RESOLVED = "#3f6f96"
TREATMENT = "#0b5cad"
FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"

CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
    "doubleClick": "reset",
}
"""How a figure behaves. The buttons are named one by one: none of them sends anything anywhere."""


@dataclass(frozen=True)
class Figure:
    """A figure with what belongs to it.

    id       -- its name in the page
    title    -- what it shows, the first words of its caption
    caption  -- how to read it
    alt      -- what is to be seen in it, for a reader who does not see it
    drawing  -- the Plotly figure; None where there is nothing to draw
    instead  -- what is said then
    table    -- its numbers
    notes    -- conventions, below it
    choices  -- names of the choices it depends on
    """

    id: str
    title: str
    caption: str
    alt: str
    drawing: go.Figure | None
    table: object = None
    instead: str = ""
    notes: tuple[str, ...] = ()
    choices: tuple[str, ...] = field(default=())

    def json(self) -> str:
        """The drawing as JSON; the same drawing gives the same text."""
        return self.drawing.to_json(validate=True, pretty=False, remove_uids=True, engine="json")


AXIS = {
    "gridcolor": RULE,
    "zeroline": False,
    "linecolor": LINE,
    "tickcolor": LINE,
    "tickfont": {"size": 12, "color": FAINT},
    "title": {"font": {"size": 12.5, "color": FAINT}, "standoff": 10},
    "automargin": True,
}

COLOURS = (TREATMENT, "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", INK)
"""Of what has no grade: told apart with any colour vision (after Okabe and Ito 2008)."""

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 13, "color": INK},
        "colorway": list(COLOURS),
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": LINE,
            "font": {"family": FONT, "size": 13, "color": INK},
            "align": "left",
        },
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "font": {"size": 12.5}},
        "modebar": {"bgcolor": "rgba(255,255,255,0)", "color": LINE, "activecolor": INK},
        "margin": {"l": 56, "r": 16, "t": 40, "b": 48},
        "xaxis": AXIS,
        "yaxis": AXIS,
    }
)
pio.templates["cytograde"] = TEMPLATE


def axis(**own: object) -> dict:
    """An axis in the house style; what the template says need not be said again."""
    title = own.pop("title", None)
    return {**({"title": {"text": title}} if title else {}), **own}


def layout(height: int, **own: object) -> dict:
    """The layout in the house style. height -- in pixels"""
    return {"template": "cytograde", "height": height, "autosize": True, **own}


def hatched(colour: str = UNKNOWN, ground: str = "#ffffff") -> dict:
    """A bar filled with hatching."""
    pattern = {"shape": "/", "fgcolor": colour, "bgcolor": ground, "size": 6, "solidity": 0.28}
    return {"color": ground, "pattern": pattern, "line": {"width": 0}}


def columns_of_facets(systems: int) -> int:
    """How many small figures stand side by side, one per grading system."""
    return min(systems, 2 if systems <= 4 else 3)
