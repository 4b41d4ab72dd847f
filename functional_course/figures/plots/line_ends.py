"""The names of lines at their right ends, in the place of a legend."""

from __future__ import annotations

import math

from functional_course.figures.style import POINTS_AN_INCH, WIDTH

from matplotlib.axes import Axes
from matplotlib.figure import Figure


def label_ends(figure: Figure, axes: Axes, ends: list[tuple[str, float, float, str]]) -> None:
    """Write each line's name at its right end, moved apart where they would overlap.

    Args:
        figure: is given margins, the right one for the names.
        axes: its only axes, with all lines drawn and the limits of x set. Those of y are kept as they are now.
        ends: for each line its name, the x and y of its last point in units of the data, and its colour. An end that is
            not finite gets no name.
    """
    widest = max(len(name) for name, *_ in ends)
    margin = min(0.45, (widest * 6.2 + 22) / (WIDTH * POINTS_AN_INCH))
    figure.subplots_adjust(left=0.1, right=1 - margin, top=0.9, bottom=0.15)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    height = axes.get_position().height * figure.get_figheight() * POINTS_AN_INCH
    ends = [end for end in ends if math.isfinite(end[2])]
    wanted = [(value - low) / (high - low) * height for _, _, value, _ in ends]
    placed = spread_apart(wanted, gap=13)
    over = max([0.0, *(point - height - 8 for point in placed)])  # names that share the top move down together
    placed = [point - over for point in placed]
    for (name, x, value, colour), point in zip(ends, placed, strict=True):
        axes.annotate(
            name,
            xy=(x, value),
            xytext=(1, point / height),
            xycoords="data",
            textcoords="axes fraction",
            va="center",
            fontsize=9,
            annotation_clip=False,
        ).set_x(1 + 16 / (axes.get_position().width * WIDTH * POINTS_AN_INCH))
        start = axes.transAxes.inverted().transform(axes.transData.transform((x, value)))
        axes.plot(
            [start[0], 1 + 13 / (axes.get_position().width * WIDTH * POINTS_AN_INCH)],
            [start[1], point / height],
            transform=axes.transAxes,
            color=colour,
            linewidth=0.8,
            linestyle="solid",
            marker="",
            clip_on=False,
        )


def spread_apart(wanted: list[float], gap: float) -> list[float]:
    """The places nearest to the wanted ones that keep their order and at least ``gap`` between them.

    Args:
        wanted: where each wants to be; of equal ones, the first goes highest.
        gap: the least distance between neighbours, in the same unit.

    Returns:
        One place for each, in the order of ``wanted``.

    Example:

    >>> spread_apart([0, 0, 0], gap=10)
    [10.0, 0.0, -10.0]
    """
    from sklearn.isotonic import isotonic_regression

    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], -index))
    # Less its own offset, a place is never below the one before it.
    levels = isotonic_regression([wanted[index] - rank * gap for rank, index in enumerate(order)])
    placed = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        placed[index] = float(levels[rank]) + rank * gap
    return placed
