"""A matplotlib figure as pixels, dark on white: small as a PNG, and the same bytes for the same figure."""

from __future__ import annotations

import io
import warnings

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

PIXELS_AN_INCH = 96
"""What a browser calls an inch: a picture is shown at this size."""

SHARPER = 1.5
"""Pixels of the PNG for each of those: sharp on a dense screen, and no notebook of two megabytes."""

_LONGEST_SIDE = 8_000  # what a grader's page shows of a learner's pictures (functional_course.grading.judging.showable)
_STEP = 17  # of 255: sixteen shades a channel keep every outline and letter, in a third of the bytes
_RARE = 1 / 2000  # of an image's pixels: what has fewer lies between an outline and its ground
_MOST_IN_A_PALETTE = 256


def rastered(figure: Figure, sharper: float = SHARPER) -> Image.Image:
    """Draw a figure on white.

    Args:
        figure: a matplotlib figure; it is left as it was.
        sharper: pixels for each that the figure is shown with.

    Returns:
        An RGB image without transparency. A figure so long that it would have more than 8,000 pixels is drawn smaller.
    """
    longest = max(figure.get_size_inches()) * PIXELS_AN_INCH
    scale = min(sharper, _LONGEST_SIDE / longest)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"savefig.bbox": None}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="png", dpi=PIXELS_AN_INCH * scale, transparent=True)
    with Image.open(buffer) as drawn:
        paper = Image.new("RGBA", drawn.size, "white")
        return Image.alpha_composite(paper, drawn.convert("RGBA")).convert("RGB")


def as_png(image: Image.Image) -> bytes:
    """An RGB image as a PNG file of at most 256 colours.

    What fills an area keeps its colour; of what does not, no channel is off by more than 8 of 255. Where an image has
    more colours than that, its rarest are replaced by the nearest of the others.
    """
    pixels = np.asarray(image).astype(np.uint32)
    codes = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    found, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=-1).astype(np.uint8)
    rare = counts < _RARE * codes.size
    colours[rare] = np.rint(colours[rare] / _STEP) * _STEP
    palette, which = np.unique(colours, axis=0, return_inverse=True)
    if len(palette) <= _MOST_IN_A_PALETTE:
        small = Image.fromarray(which.reshape(-1)[places].reshape(codes.shape).astype(np.uint8)).convert("P")
        small.putpalette(palette.tobytes())
    else:
        near = Image.fromarray(colours[places].reshape(pixels.shape))
        small = near.quantize(_MOST_IN_A_PALETTE, dither=Image.Dither.NONE, kmeans=1)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
