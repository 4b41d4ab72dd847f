"""A layout as a matplotlib figure. Nothing is decided here but ink, colour and pattern."""

from __future__ import annotations

import math
from typing import Any

from functional_course.diagrams.layout.measures import BADGE, FROST, LINE, PAD_X, PAD_Y, TEXT_SIZE, TITLE_SIZE
from functional_course.diagrams.layout.placed import Arrow, Layout, PlacedBox
from functional_course.figures.style import COLOURS, DASHES, INK, POINTS_AN_INCH, new_figure, style

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

_LINE_WIDTH = 1.1
_CALL_WIDTH = 1.8
_HEAD = 6.0
_FILL = {
    "input": "none",
    "output": "none",
    "layer": "#2a86bd30",
    "operation": "#80808030",
    "model": "#008f6824",
    "block": "#a8700028",
}
_PLAIN: dict[str, Any] = {"parse_math": False}  # a dollar in a name is a dollar
_ICE = "#7f9fb5"
_COMMANDS = {"M": (Path.MOVETO,), "L": (Path.LINETO,), "C": (Path.CURVE4,) * 3}


def render(layout: Layout) -> Figure:
    """Draw a layout, one point of it as one point on the page.

    Args:
        layout: boxes, arrows and shapes with their places.

    Returns:
        A figure of the layout's size.
    """
    figure = new_figure(layout.width / POINTS_AN_INCH, layout.height / POINTS_AN_INCH)
    with style():
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, layout.width)
        axes.set_ylim(layout.height, 0)
        axes.set_axis_off()
        for box in layout.boxes:
            _draw_box(axes, box)
        for arrow in layout.arrows:
            _draw_arrow(axes, arrow)
        for arrow in layout.arrows:
            _draw_badges(axes, arrow)
        for label in layout.labels:
            axes.text(
                label.x, label.y, label.text, fontsize=TEXT_SIZE, va="center_baseline", ha="left", color=INK, **_PLAIN
            )
    return figure


def _draw_box(axes: Axes, box: PlacedBox) -> None:
    corner = 11.0 if box.kind in ("input", "output") else 3.0
    dash = (0, (3, 2)) if box.dangling else "solid"
    edge = 1.6 if box.kind in ("model", "block") else 1.0
    axes.add_patch(
        FancyBboxPatch(
            (box.x, box.y),
            box.width,
            box.height,
            boxstyle=f"round,pad=0,rounding_size={corner}",
            facecolor="none" if box.opened else _FILL[box.kind],
            edgecolor=INK,
            linewidth=edge,
            linestyle=dash,
        )
    )
    if box.frozen:
        # Strips at both sides, so that the hatch does not lie under the words.
        for left in (box.x + 1, box.x + box.width - FROST):
            strip = Rectangle(
                (left, box.y + 1), FROST - 1, box.height - 2, facecolor="none", edgecolor=_ICE, hatch="//////"
            )
            strip.set_linewidth(0)
            axes.add_patch(strip)
    if box.kind in ("model", "block") and not box.opened:
        # A second line inside says that there is more to see.
        inner = ((box.x + 2.5, box.y + 2.5), box.width - 5, box.height - 5)
        axes.add_patch(
            FancyBboxPatch(
                *inner, facecolor="none", edgecolor=INK, linewidth=0.6, boxstyle="round,pad=0,rounding_size=2"
            )
        )
    middle = box.x + box.width / 2
    y = box.y + PAD_Y + LINE / 2
    axes.text(middle, y, box.title, fontsize=TITLE_SIZE, fontweight="bold", ha="center", va="center_baseline", **_PLAIN)
    if box.frozen:
        _draw_snowflake(axes, box.x + FROST + PAD_X + 2, y)
    for number, line in enumerate(box.lines, start=1):
        axes.text(middle, y + number * LINE, line, fontsize=TEXT_SIZE, ha="center", va="center_baseline", **_PLAIN)


def _draw_snowflake(axes: Axes, x: float, y: float, radius: float = 5.0) -> None:
    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    for spoke in range(6):
        angle = math.pi / 6 + spoke * math.pi / 3
        tip = (x + radius * math.cos(angle), y + radius * math.sin(angle))
        vertices += [(x, y), tip]
        for side in (-1, 1):
            start = (x + radius * 0.55 * math.cos(angle), y + radius * 0.55 * math.sin(angle))
            branch = angle + side * math.pi / 4
            vertices += [start, (start[0] + 2.2 * math.cos(branch), start[1] + 2.2 * math.sin(branch))]
        codes += [Path.MOVETO, Path.LINETO] * 3
    axes.add_patch(PathPatch(Path(vertices, codes), facecolor="none", edgecolor=INK, linewidth=0.9))


def _draw_arrow(axes: Axes, arrow: Arrow) -> None:
    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    for command, *numbers in arrow.path:
        vertices += list(zip(numbers[::2], numbers[1::2], strict=True))
        codes += _COMMANDS[command]
    (start, top), (x, y) = vertices[0], vertices[-1]
    vertices[-1] = (x, y - _HEAD + 1)  # the line ends inside the head, not at its point
    # The line breaks off where a number stands: no fill could hide it, the page may have any colour.
    for badge in arrow.badges:
        if abs(badge.y - top) < abs(badge.y - y):
            vertices[0] = (start, badge.y + BADGE)
        else:
            vertices[-1] = (x, badge.y - BADGE)
    colour = COLOURS[(arrow.call - 1) % len(COLOURS)] if arrow.call else INK
    axes.add_patch(
        PathPatch(
            Path(vertices, codes),
            facecolor="none",
            edgecolor=colour,
            linewidth=_CALL_WIDTH if arrow.call else _LINE_WIDTH,
            linestyle=DASHES[(arrow.call - 1) % len(DASHES)] if arrow.call else "solid",
            capstyle="butt",
        )
    )
    axes.add_patch(Polygon([(x, y), (x - 3.2, y - _HEAD), (x + 3.2, y - _HEAD)], facecolor=colour, edgecolor="none"))
    if arrow.fork is not None:
        axes.add_patch(Circle(arrow.fork, 2.4, facecolor=colour, edgecolor="none"))


def _draw_badges(axes: Axes, arrow: Arrow) -> None:
    for badge in arrow.badges:
        colour = COLOURS[(badge.number - 1) % len(COLOURS)]
        axes.add_patch(Circle((badge.x, badge.y), BADGE, facecolor="none", edgecolor=colour, linewidth=1.5))
        axes.text(
            badge.x,
            badge.y,
            str(badge.number),
            fontsize=TEXT_SIZE,
            fontweight="bold",
            ha="center",
            va="center_baseline",
        )
