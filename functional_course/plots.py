"""Plots of what training and models give: curves and images, each a :class:`Picture`.

Every plot says its numbers in its alt text, so a test compares them and a screen reader reads them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from functional_course.pictures import COLOURS, DASHES, INK, MARKERS, Picture, new_figure, style

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from matplotlib.ticker import MaxNLocator

_WIDTH = 5.0  # inches: what a phone shows after scaling down to the smallest readable size
_LOWER_IS_BETTER = ("loss", "error", "crossentropy")
_POINTS_AN_INCH = 72
_FRAME = "#808080"


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
            one value an epoch.
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
        figure = new_figure(_WIDTH, 3.2)
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
        _label_ends(figure, axes, ends)
    words = [f"{_spoken(metric)} by epoch, {longest} epoch{'s' if longest > 1 else ''}."]
    for name, values in curves.items():
        words.append(f"{name}: {_summary(values, metric, digits)}.")
    words.extend(f"A level line marks {name}: {value:.{digits}f}." for name, value in references.items())
    return Picture(figure, " ".join(words))


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
        groups: one value a seed, by the group's name, in the order to draw them from top to bottom.
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
        figure = new_figure(_WIDTH, height)
        axes = figure.add_subplot()
        widest, across = max(len(name) for name in values), _WIDTH * _POINTS_AN_INCH
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
        figure = new_figure(_WIDTH, 3.2)
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
        _label_ends(figure, axes, ends)
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
        groups: by name, one value a seed by size.
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
        figure = new_figure(_WIDTH, 3.4)
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
        _label_ends(figure, axes, ends)
    return Picture(figure, " ".join(words))


def image_grid(
    images: Any,
    titles: Sequence[object] | None = None,
    columns: int = 8,
    *,
    what: str = "images",
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Small images side by side, every pixel crisp, each under its title.

    Args:
        images: ``(n, height, width)``, ``(n, height, width, 1)`` or ``(n, height, width, 3)``, or a list of images.
        titles: one title an image, for example its label or a prediction.
        columns: images in a row.
        what: what the images are, for the alt text, for example ``"digits with their predictions"``.
        limits: the values that are black and white; the smallest and largest value if not given. Of an RGB image,
            values from 0 to 1, or from 0 to 255 if they are integers.

    Raises:
        ValueError: no images, an image of another rank, or not one title an image.

    Example:

    >>> image_grid(np.zeros((2, 8, 8)), titles=[5, 3], what="digits")
    2 digits of 8 by 8 pixels, in one row: 5, 3.
    """
    pixels = [_image(image, number) for number, image in enumerate(images)]
    if not pixels:
        raise ValueError("No images to draw: the first axis of images counts them, and it is empty.")
    if titles is not None and len(titles) != len(pixels):
        raise ValueError(f"{len(pixels)} images need as many titles; {len(titles)} were given.")
    named = None if titles is None else [str(title) for title in titles]
    limits = limits or _range(pixels)
    columns = min(columns, len(pixels))
    with style():
        figure = _grid(pixels, named, columns, limits, "gray")
    sizes = {image.shape[:2] for image in pixels}
    size = f" of {_by(*sizes.pop())} pixels" if len(sizes) == 1 else " of different sizes"
    what = what if len(pixels) > 1 or what != "images" else "image"
    listed = f": {', '.join(named)}" if named else ""
    return Picture(figure, f"{len(pixels)} {what}{size}, {_in_rows(len(pixels), columns)}{listed}.")


def feature_maps(maps: Any, columns: int = 8, *, what: str = "feature maps", digits: int = 2) -> Picture:
    """The channels of one layer's output as images on one common scale: dark is the smallest value, bright the largest.

    Args:
        maps: ``(height, width, channels)``, or the same with a leading batch axis of 1.
        columns: maps in a row.
        what: what the maps are, for the alt text, for example ``"feature maps of conv1 for a 5"``.
        digits: decimals in the picture and in the alt text.

    Raises:
        ValueError: another rank, or a batch of more than one.

    Example:

    >>> feature_maps(np.stack([np.zeros((6, 6)), np.eye(6)], axis=-1))
    2 feature maps of 6 by 6 pixels, in one row. Values from 0.00 to 1.00. The same value everywhere: map 0.
    """
    array = np.asarray(maps, dtype=float)
    if array.ndim == 4 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError(
            f"feature_maps draws one image's maps, (height, width, channels); this array is {np.shape(maps)}. "
            "Take one image of the batch: maps[0]."
        )
    channels = [array[..., number] for number in range(array.shape[-1])]
    columns = min(columns, len(channels))
    low, high = float(array.min()), float(array.max())
    with style():
        figure = _grid(
            channels,
            [str(number) for number in range(len(channels))],
            columns,
            (low, high),
            "viridis",
            footnote=f"dark {low:.{digits}f}, bright {high:.{digits}f}",
        )
    flat = [str(number) for number, channel in enumerate(channels) if np.ptp(channel) < 10**-digits]
    said = f" The same value everywhere: map{'s' if len(flat) > 1 else ''} {', '.join(flat)}." if flat else ""
    return Picture(
        figure,
        f"{len(channels)} {what} of {_by(*array.shape[:2])} pixels, {_in_rows(len(channels), columns)}. "
        f"Values from {low:.{digits}f} to {high:.{digits}f}.{said}",
    )


def _refuse_spread(values: Mapping[str, np.ndarray], log: bool) -> None:
    if not values:
        raise ValueError("No values to draw: give groups={'name': [one value a seed]}.")
    for name, group in values.items():
        if not len(group):
            raise ValueError(f"Group {name!r} has no value.")
        if not np.isfinite(group).all() or (log and (group <= 0).any()):
            wanted = "finite and above 0" if log else "finite"
            raise ValueError(f"Group {name!r} has a value that is not {wanted}: {group.tolist()}.")


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


def _label_ends(figure: Figure, axes: Axes, ends: list[tuple[str, float, float, str]]) -> None:
    """Write each line's name at its right end, moved apart where they would overlap."""
    widest = max(len(name) for name, *_ in ends)
    margin = min(0.45, (widest * 6.2 + 22) / (_WIDTH * _POINTS_AN_INCH))
    figure.subplots_adjust(left=0.1, right=1 - margin, top=0.9, bottom=0.15)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    height = axes.get_position().height * figure.get_figheight() * _POINTS_AN_INCH
    ends = [end for end in ends if math.isfinite(end[2])]
    wanted = [(value - low) / (high - low) * height for _, _, value, _ in ends]
    placed = _spread(wanted, gap=13)
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
        ).set_x(1 + 16 / (axes.get_position().width * _WIDTH * _POINTS_AN_INCH))
        start = axes.transAxes.inverted().transform(axes.transData.transform((x, value)))
        axes.plot(
            [start[0], 1 + 13 / (axes.get_position().width * _WIDTH * _POINTS_AN_INCH)],
            [start[1], point / height],
            transform=axes.transAxes,
            color=colour,
            linewidth=0.8,
            linestyle="solid",
            marker="",
            clip_on=False,
        )


def _width_of(name: str) -> float:
    """The width in points of a name beside an axis."""
    return TextPath((0, 0), name, size=9).get_extents().width if name.strip() else 0.0


def _spread(wanted: list[float], gap: float) -> list[float]:
    """The places nearest to the wanted ones that keep their order and at least ``gap`` between them."""
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], -index))
    blocks: list[list[float]] = []  # pooled neighbours: [sum of wanted less own offset, members]
    for rank, index in enumerate(order):
        blocks.append([wanted[index] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, members = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += members
    levels = [total / members for total, members in blocks for _ in range(int(members))]
    placed = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        placed[index] = levels[rank] + rank * gap
    return placed


def _image(image: Any, number: int) -> np.ndarray:
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[-1] == 3) or 0 in pixels.shape:
        raise ValueError(
            f"Image {number} has the shape {pixels.shape}; an image is (height, width), (height, width, 1) "
            "or (height, width, 3)."
        )
    return pixels


def _range(images: list[np.ndarray]) -> tuple[float, float]:
    grey = [image for image in images if image.ndim == 2] or images
    return float(min(image.min() for image in grey)), float(max(image.max() for image in grey))


def _grid(
    images: list[np.ndarray],
    titles: list[str] | None,
    columns: int,
    limits: tuple[float, float],
    colours: str,
    footnote: str = "",
) -> Figure:
    rows = math.ceil(len(images) / columns)
    aspect = max(image.shape[1] / image.shape[0] for image in images)
    across = min(0.9 * max(aspect, 1), (_WIDTH - 0.08 * (columns - 1)) / columns)
    side = across / aspect
    lines = max((title.count("\n") + 1 for title in titles), default=1) if titles else 0
    head, gap, foot = lines * 0.18, 0.08, 0.25 if footnote else 0.04
    widest = max((len(line) for title in titles or () for line in title.split("\n")), default=0)
    cell = max(across, widest * 0.082)
    width, height = columns * cell + (columns - 1) * gap + 0.08, rows * (side + head + gap) + foot
    figure = new_figure(max(width, len(footnote) * 0.085), height)
    width = figure.get_figwidth()
    low, high = limits if limits[0] < limits[1] else (limits[0], limits[0] + 1)
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        left = 0.04 + column * (cell + gap) + (cell - across) / 2
        bottom = height - (row + 1) * (side + head + gap) + gap
        axes = figure.add_axes((left / width, bottom / height, across / width, side / height))
        axes.imshow(image, cmap=colours, vmin=low, vmax=high, interpolation="none")
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set(visible=True, color=_FRAME, linewidth=0.6)
        if titles:
            axes.set_title(titles[number], fontsize=9, fontweight="normal", pad=2, color=INK)
    if footnote:
        figure.text(0.04 / width, 0.08 / height, footnote, fontsize=9, va="bottom")
    return figure


def _by(height: int, width: int) -> str:
    return f"{height} by {width}"


def _in_rows(count: int, columns: int) -> str:
    return "in one row" if count <= columns else f"in rows of {columns}"
