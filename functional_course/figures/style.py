"""The style that all figures share: ink, colours, dashes, sizes and fonts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler

# On the site, whatever is drawn in INK takes the colour of the text around the picture, and whatever is drawn in PAPER
# takes the colour of the page.
INK = "#000000"
PAPER = "#ffffff"

# Okabe and Ito's colours for colour-blind readers, the light ones darkened until all six keep a contrast of 3:1 on
# white and on near-black. Colour never stands alone: give a line its dash or marker too.
COLOURS = ("#0072b2", "#d55e00", "#008f68", "#b5609a", "#a87000", "#2a86bd")
DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "solid",
    (0, (5, 2)),
    (0, (5, 2, 1, 2)),
    (0, (1, 1.5)),
    (0, (8, 2)),
    (0, (8, 2, 1, 2, 1, 2)),
)
MARKERS = ("o", "s", "^", "D", "v", "P")

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

WIDTH = 5.0
"""Inches of most figures: what a phone shows after scaling down to the smallest readable size."""

POINTS_AN_INCH = 72
PIXELS_A_POINT = 4 / 3

# Every version of matplotlib has another type for the names of its settings.
SAVED_AS: dict[Any, Any] = {
    "font.sans-serif": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "functional-course",
    "svg.image_inline": True,
    "image.composite_image": False,
    "path.simplify": True,
}

_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib, and is as wide as the widest font a page may choose
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": "#808080",
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "axes.prop_cycle": cycler(color=COLOURS, linestyle=DASHES, marker=MARKERS),
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in the course's style: font, sizes, colours, and lines that differ by more than colour.

    A context manager: matplotlib's settings are as before once it ends.

    Example:

    >>> with style():
    ...     figure = new_figure(5.6, 3)
    ...     axes = figure.add_subplot()
    """
    with matplotlib.rc_context(_STYLE):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure that pyplot does not know, so nothing has to be closed.

    Args:
        width: in inches, which are 72 points each.
        height: the same.
    """
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    return figure
