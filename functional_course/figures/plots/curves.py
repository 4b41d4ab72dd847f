"""Curves: training runs by epoch, values along the layers of a network, values against a size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from functional_course.figures.pictures import Picture
from functional_course.figures.plots.line_ends import label_ends
from functional_course.figures.style import COLOURS, DASHES, INK, MARKERS, WIDTH, new_figure, style

import numpy as np
from matplotlib.ticker import MaxNLocator

_LOWER_IS_BETTER = ("loss", "error", "crossentropy")


def training_curves(
    histories: Mapping[str, Any],
    metric: str = "accuracy",
    *,
    references: Mapping[str, float] | None = None,
    digits: int = 2,
) -> Picture:
    """One curve a training run, by epoch, each with its name at its end.

    Args:
        histories: the runs by name; each what ``model.fit`` returned, its ``history``, or any mapping of metric to
            one value an epoch, shape ``(epochs,)``. Runs may differ in length.
        metric: which metric to draw, for example ``"val_accuracy"``.
        references: values to draw as level lines, by name, for example what an article reports.
        digits: decimals in the alt text. Few enough that another machine gives the same text.

    Raises:
        ValueError: no run, an empty run, or a run without the metric.

    Example:

    >>> training_curves({"deep": {"loss": [2.0, 1.1, 1.3]}}, metric="loss")
    Loss by epoch, 3 epochs. deep: first 2.00, last 1.30, best 1.10 in epoch 2.
    """
    curves = {name: _values(name, history, metric) for name, history in histories.items()}
    if not curves:
        raise ValueError("No training run to draw: give histories={'name': model.fit(...)}.")
    references = dict(references or {})
    with style():
        figure = new_figure(WIDTH, 3.2)
        axes = figure.add_subplot()
        axes.set_xlabel("epoch")
        axes.set_title(_spoken(metric), loc="left")
        axes.grid(axis="y")
        ends = []
        for number, (name, values) in enumerate(curves.items()):
            epochs = np.arange(1, len(values) + 1)
            colour = COLOURS[number % len(COLOURS)]
            axes.plot(
                epochs,
                values,
                color=colour,
                linestyle=DASHES[number % len(DASHES)],
                marker=MARKERS[number % len(MARKERS)],
                markevery=max(1, len(values) // 8),
                clip_on=False,
                zorder=3,
            )
            ends.append((name, float(epochs[-1]), values[-1], colour))
        for name, value in references.items():
            axes.axhline(value, color=INK, linewidth=1, linestyle=(0, (2, 2)))
            ends.append((name, float(max(len(values) for values in curves.values())), value, INK))
        longest = max(len(values) for values in curves.values())
        axes.set_xlim(min(1.0, longest - 0.5), longest)
        axes.set_xticks(_ticks(longest))
        label_ends(figure, axes, ends)
    words = [f"{_spoken(metric)} by epoch, {longest} epoch{'s' if longest > 1 else ''}."]
    for name, values in curves.items():
        words.append(f"{name}: {_summary(values, metric, digits)}.")
    words.extend(f"A level line marks {name}: {value:.{digits}f}." for name, value in references.items())
    return Picture(figure, " ".join(words))


def profiles(
    groups: Mapping[str, Any],
    along: str = "layer",
    what: str = "gradient norm",
    *,
    digits: int = 1,
) -> Picture:
    """Positive values along the layers of a network, one curve a group: its geometric mean, and a dot for each seed.

    The axis is logarithmic: what shrinks or grows by the same factor from layer to layer is a straight line.

    Args:
        groups: by name, an array of shape ``(seeds, places)``.
        along: what the places are, counted from 1.
        what: what was measured, for the title and the alt text.
        digits: significant digits in the alt text.

    Raises:
        ValueError: no group, an array of another rank, or a value that is not finite and above 0.

    Example:

    >>> profiles({"plain": [[0.01, 0.1, 1.0]], "skips": [[0.5, 0.5, 0.5]]})
    Gradient norm by layer, 1 to 3. plain: 0.01 at 1, 1 at 3. skips: 0.5 at 1, 0.5 at 3.
    """
    values = {name: np.asarray(group, dtype=float) for name, group in groups.items()}
    if not values:
        raise ValueError("No values to draw: give groups={'name': array of (seeds, places)}.")
    for name, group in values.items():
        if group.ndim != 2 or 0 in group.shape or not (np.isfinite(group).all() and (group > 0).all()):
            raise ValueError(
                f"Group {name!r} has to be (seeds, places) of finite values above 0; it is {group.shape} "
                f"with values from {group.min(initial=np.inf):.3g} to {group.max(initial=-np.inf):.3g}."
            )
    longest = max(group.shape[1] for group in values.values())
    words = [f"{what[:1].upper()}{what[1:]} by {along}, 1 to {longest}."]
    with style():
        figure = new_figure(WIDTH, 3.2)
        axes = figure.add_subplot()
        axes.set_xlabel(along)
        axes.set_title(what[:1].upper() + what[1:], loc="left")
        axes.grid(axis="y")
        ends = []
        for number, (name, group) in enumerate(values.items()):
            colour = COLOURS[number % len(COLOURS)]
            places = np.arange(1, group.shape[1] + 1)
            for seed in np.log10(group):
                axes.plot(places, seed, linestyle="none", marker=".", markersize=4, color=colour, alpha=0.4)
            mean = np.log10(group).mean(axis=0)
            dashes = DASHES[number % len(DASHES)]
            axes.plot(places, mean, color=colour, linestyle=dashes, marker="", zorder=3)
            ends.append((name, float(places[-1]), float(mean[-1]), colour))
            first, last = (f"{10 ** mean[place]:.{digits}g}" for place in (0, -1))
            words.append(f"{name}: {first} at 1, {last} at {len(places)}.")
        # Powers of ten on a linear axis of exponents: the names at the ends are placed on it.
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        axes.yaxis.set_major_formatter(lambda exponent, _: f"$10^{{{exponent:.0f}}}$")
        axes.set_xlim(1, longest)
        axes.set_xticks(_ticks(longest))
        label_ends(figure, axes, ends)
    return Picture(figure, " ".join(words))


def by_size(
    groups: Mapping[str, Mapping[int, Any]],
    what: str = "test error",
    along: str = "labels",
    *,
    references: Mapping[str, float] | None = None,
    digits: int = 2,
) -> Picture:
    """Values against a size, such as a number of labels: one curve a group, through its means, and a dot a seed.

    The sizes stand on a logarithmic axis, which starts and ends at the smallest and the largest of them.

    Args:
        groups: by name, the values at each size, one a seed, shape ``(seeds,)``.
        what: what was measured, for the title and the alt text.
        along: what the sizes count.
        references: values to draw as level lines, by name, for example the error of one fixed answer.
        digits: decimals in the alt text.

    Raises:
        ValueError: no group, a group of fewer than two sizes, a size that is not above 0, a size without values, or a
            value that is not finite.

    Example:

    >>> by_size({"pixels": {20: [0.44, 0.46], 320: [0.36]}, "features": {20: [0.2], 320: [0.1]}})
    Test error by labels, 20 to 320. pixels: 0.45 at 20, 0.36 at 320. features: 0.20 at 20, 0.10 at 320.
    """
    values = {
        name: {size: np.asarray(group[size], dtype=float).ravel() for size in sorted(group)}
        for name, group in groups.items()
    }
    _refuse_by_size(values)
    references = dict(references or {})
    sizes = sorted({size for group in values.values() for size in group})
    words = [f"{what[:1].upper()}{what[1:]} by {along}, {sizes[0]} to {sizes[-1]}."]
    with style():
        figure = new_figure(WIDTH, 3.4)
        axes = figure.add_subplot()
        axes.set_xscale("log")
        axes.set_xlabel(along)
        axes.set_title(what[:1].upper() + what[1:], loc="left")
        axes.grid(axis="y")
        ends = []
        for number, (name, group) in enumerate(values.items()):
            colour = COLOURS[number % len(COLOURS)]
            marker = MARKERS[number % len(MARKERS)]
            for size, seeds in group.items():
                axes.plot(
                    [size] * len(seeds),
                    seeds,
                    linestyle="none",
                    marker=".",
                    markersize=5,
                    color=colour,
                    alpha=0.45,
                    clip_on=False,
                )
            means = [float(seeds.mean()) for seeds in group.values()]
            dashes = DASHES[number % len(DASHES)]
            axes.plot(list(group), means, color=colour, linestyle=dashes, marker=marker, clip_on=False, zorder=3)
            ends.append((name, float(list(group)[-1]), means[-1], colour))
            said = ", ".join(f"{mean:.{digits}f} at {size}" for size, mean in zip(group, means, strict=True))
            words.append(f"{name}: {said}.")
        for name, value in references.items():
            axes.axhline(value, color=INK, linewidth=1, linestyle=(0, (2, 2)), marker="")
            ends.append((name, float(sizes[-1]), value, INK))
            words.append(f"A level line marks {name}: {value:.{digits}f}.")
        axes.set_xlim(sizes[0] * 0.93, sizes[-1])
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        label_ends(figure, axes, ends)
    return Picture(figure, " ".join(words))


def _refuse_by_size(values: Mapping[str, Mapping[int, np.ndarray]]) -> None:
    if not values:
        raise ValueError("No values to draw: give groups={'name': {size: [one value a seed]}}.")
    for name, group in values.items():
        if len(group) < 2 or min(group) <= 0:
            raise ValueError(f"Group {name!r} has to have two sizes or more, all above 0: {list(group)}.")
        for size, seeds in group.items():
            if not len(seeds) or not np.isfinite(seeds).all():
                raise ValueError(f"Group {name!r} has no finite values at {size}: {seeds.tolist()}.")


def _values(name: str, history: Any, metric: str) -> list[float]:
    history = getattr(history, "history", history)
    if metric not in history:
        raise ValueError(f"Run {name!r} has no {metric!r}. It has: {', '.join(map(str, history)) or 'nothing'}.")
    values = [float(value) for value in history[metric]]
    if not values:
        raise ValueError(f"Run {name!r} has no epoch in {metric!r}.")
    return values


def _ticks(epochs: int) -> list[int]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 10**9) if epochs / step <= 12)
    return [1, *(tick for tick in range(step, epochs + 1, step) if tick > 1)]


def _summary(values: list[float], metric: str, digits: int) -> str:
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    rounded = [float(f"{value:.{digits}f}") for value in values]
    known = [value for value in rounded if not math.isnan(value)]
    if not known:
        return "not a number in every epoch"
    best = min(known) if metric.endswith(_LOWER_IS_BETTER) else max(known)
    # The first epoch that reaches the rounded best: the exact best may be another one on another machine.
    return (
        f"first {rounded[0]:.{digits}f}, last {rounded[-1]:.{digits}f}, "
        f"best {best:.{digits}f} in epoch {rounded.index(best) + 1}"
    )


def _spoken(metric: str) -> str:
    words = metric.removeprefix("val_").replace("_", " ")
    return words[:1].upper() + words[1:] + (" on validation data" if metric.startswith("val_") else "")
