"""Values by group, a dot for each: how far the seeds of an experiment lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functional_course.figures.pictures import Picture
from functional_course.figures.style import COLOURS, INK, POINTS_AN_INCH, WIDTH, new_figure, style

import numpy as np
from matplotlib.textpath import TextPath


def spread(
    groups: Mapping[str, Any],
    what: str = "accuracy",
    *,
    references: Mapping[str, float] | None = None,
    digits: int = 2,
    log: bool = False,
) -> Picture:
    """Values by group, one row a group: a dot for each seed, a bar at the mean, and the mean as a number.

    Args:
        groups: by name, one value a seed, shape ``(seeds,)``, in the order to draw them from top to bottom.
        what: what was measured, for the axis and the alt text.
        references: values to draw as upright lines, by name, for example the share of the most frequent class.
        digits: decimals of the means, in the picture and in the alt text. With ``log``, significant digits.
        log: draw on a logarithmic axis, for values that differ by powers of ten.

    Raises:
        ValueError: no group, a group without values, a value that is not finite, or one below or at 0 with ``log``.

    Example:

    >>> spread({"both": [0.95, 0.97]}, references={"majority": 0.5})
    Accuracy. both: mean 0.96 of 2, from 0.95 to 0.97. A line marks majority: 0.50.
    """
    values = {name: np.asarray(group, dtype=float).ravel() for name, group in groups.items()}
    _refuse_spread(values, log)
    references = dict(references or {})

    def said(value: float) -> str:
        return f"{value:.{digits}g}" if log else f"{value:.{digits}f}"

    with style():
        height = 0.95 + 0.34 * len(values) + (0.2 if references else 0)
        figure = new_figure(WIDTH, height)
        axes = figure.add_subplot()
        widest, across = max(len(name) for name in values), WIDTH * POINTS_AN_INCH
        numbers = max(len(said(group.mean())) for group in values.values())
        figure.subplots_adjust(
            left=max(min(0.5, (widest * 6.2 + 12) / across), (max(map(_width_of, values)) + 12) / across),
            right=1 - (numbers * 6.2 + 14) / across,
            bottom=0.48 / height,
            top=1 - (0.3 if references else 0.1) / height,
        )
        if log:
            axes.set_xscale("log")
        axes.set_xlabel(what)
        axes.grid(axis="x")
        axes.set_ylim(len(values) - 0.5, -0.5)
        axes.set_yticks(range(len(values)), list(values))
        axes.tick_params(axis="y", length=0)
        for row, group in enumerate(values.values()):
            colour = COLOURS[row % len(COLOURS)]
            axes.plot(group, [row] * len(group), linestyle="none", marker="o", markersize=5, color=colour, alpha=0.7)
            axes.plot([group.mean()] * 2, [row - 0.3, row + 0.3], linestyle="solid", marker="", color=INK)
            axes.annotate(
                said(group.mean()),
                xy=(1, row),
                xycoords=("axes fraction", "data"),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        for name, value in references.items():
            axes.axvline(value, color=INK, linewidth=1, linestyle=(0, (2, 2)), marker="")
            axes.annotate(
                name,
                xy=(value, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontsize=9,
            )
    words = [f"{what[:1].upper()}{what[1:]}."]
    words.extend(
        f"{name}: mean {said(group.mean())} of {len(group)}, from {said(group.min())} to {said(group.max())}."
        for name, group in values.items()
    )
    words.extend(f"A line marks {name}: {said(value)}." for name, value in references.items())
    return Picture(figure, " ".join(words))


def _refuse_spread(values: Mapping[str, np.ndarray], log: bool) -> None:
    if not values:
        raise ValueError("No values to draw: give groups={'name': [one value a seed]}.")
    for name, group in values.items():
        if not len(group):
            raise ValueError(f"Group {name!r} has no value.")
        if not np.isfinite(group).all() or (log and (group <= 0).any()):
            wanted = "finite and above 0" if log else "finite"
            raise ValueError(f"Group {name!r} has a value that is not {wanted}: {group.tolist()}.")


def _width_of(name: str) -> float:
    """The width in points of a name beside an axis."""
    return TextPath((0, 0), name, size=9).get_extents().width if name.strip() else 0.0
