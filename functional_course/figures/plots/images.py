"""Images in rows, and the maps that a layer makes of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from functional_course.figures.pictures import Picture
from functional_course.figures.style import INK, WIDTH, new_figure, style

import numpy as np
from matplotlib.figure import Figure

_FRAME = "#808080"


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
        images: shape ``(n, height, width)``, ``(n, height, width, 1)`` or ``(n, height, width, 3)``, or a list of
            images, which may differ in size.
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
    across = min(0.9 * max(aspect, 1), (WIDTH - 0.08 * (columns - 1)) / columns)
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
