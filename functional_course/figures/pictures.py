"""A picture for a page: one matplotlib figure as SVG, as PNG and in words, accessible and deterministic.

The course shows every picture through :class:`Picture`. A notebook stores no HTML for it, because a viewer that does
not trust a notebook cleans its HTML and shows no SVG: there the PNG shows. The site makes the stored SVG follow its
light and dark mode, fit a phone, and unfold its words (``book/_ext/pictures.py``). The same figure gives the same bytes
on every run.
"""

from __future__ import annotations

import base64
import functools
import html
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from functional_course.figures.rasters import SHARPER, as_png, rastered
from functional_course.figures.style import FONT, INK, PAPER, SAVED_AS
from functional_course.figures.svg import drawn, serialised, with_own_ids
from functional_course.writing import write_whole

import matplotlib
from matplotlib.figure import Figure
from PIL import Image

LARGEST = 150_000
"""The most bytes that one picture may take in a notebook, as SVG and as PNG each."""


class PictureTooBigError(ValueError):
    """The picture takes more bytes than a page should carry."""


class Picture:
    """One figure, shown once, in a notebook that is trusted or not, and in the book.

    Args:
        figure: a matplotlib figure. It is drawn at once and closed, so a notebook does not show it a second time.
        alt: what the picture says, in a sentence or two, with its numbers.
        words: the facts of a picture that a sentence cannot hold, one a line. They stand under the picture, folded.

    Attributes:
        alt: the sentence.
        words: the lines.
        width: how many pixels wide it is shown where there is room.
        height: and how high.
        svg: the picture as an SVG document, dark on white, with its words inside.
        png: the same as pixels, more of them than are shown at that size. They are made when they are asked for.

    Raises:
        ValueError: ``alt`` is empty.
        PictureTooBigError: the picture takes more than 150 KB as SVG. As PNG, it is raised where the pixels are made.

    Example:

    >>> figure = new_figure(2, 1)
    >>> _ = figure.text(0.5, 0.5, "5")
    >>> Picture(figure, "The digit five.")
    The digit five.
    """

    def __init__(self, figure: Figure, alt: str, words: Sequence[str] = ()) -> None:
        self.alt = " ".join(alt.split())
        self.words = tuple(" ".join(line.split()) for line in words)
        if not self.alt:
            raise ValueError("A picture needs alt text: say in a sentence what it shows, with its numbers.")
        self._tree, self.width, self.height = drawn(figure)
        self._figure = figure
        _close(figure)
        self.svg = with_own_ids(self._as_svg(' class="course-picture"'))
        refuse_too_big(self.svg)

    @functools.cached_property
    def png(self) -> bytes:  # a picture that is only saved needs none, and they take longer than all the rest
        png = sharpest(self.pixels)
        refuse_too_big(self.svg, png)
        return png

    @property
    def text(self) -> str:
        """All that the picture says, in words."""
        return "\n".join([self.alt, *(f"- {line}" for line in self.words)])

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as an SVG file that stands alone, dark on white, with its words inside.

        The file appears whole or not at all.

        Args:
            path: where to write; ends in ``.svg``. Missing folders are made.

        Returns:
            The path.

        Raises:
            ValueError: the path does not end in ``.svg``.
            OSError: nothing can be written there.
        """
        path = Path(path)
        if path.suffix != ".svg":
            raise ValueError(f"A picture is saved as SVG: name the file {path.stem}.svg, not {path.name}.")
        write_whole(path, with_own_ids(self._as_svg() + "\n"))
        return path

    def __repr__(self) -> str:
        return self.text

    def pixels(self, sharper: float = SHARPER) -> Image.Image:
        """The picture as an image, dark on white.

        Args:
            sharper: pixels for each that it is shown with.

        Returns:
            An RGB image.
        """
        with matplotlib.rc_context(SAVED_AS):
            return rastered(self._figure, sharper)

    def placed(self, x: int, y: int) -> str:
        """The picture as a part of a larger SVG document.

        Args:
            x: pixels from the left.
            y: pixels from the top.
        """
        return with_own_ids(self._as_svg(f' class="course-picture" x="{x}" y="{y}"', paper=""))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return bundle(self.svg, self.png, self.text, self.alt, self.width, self.height)

    def _as_svg(self, attributes: str = "", paper: str = f'<rect width="100%" height="100%" fill="{PAPER}"/>') -> str:
        described = html.escape("\n".join(self.words), quote=False)
        description = f"<desc>{described}</desc>" if described else ""
        return (
            f'<svg{attributes} xmlns="http://www.w3.org/2000/svg" role="img" '
            f'width="{self.width}" height="{self.height}" '
            f'viewBox="{self._tree.get("viewBox")}" fill="{INK}" font-family="{FONT}" '
            f'style="stroke-linejoin:round"><title>{html.escape(self.alt, quote=False)}</title>{description}'
            f"{paper}{serialised(self._tree)}</svg>"
        )


Bundle = tuple[dict[str, str], dict[str, dict[str, Any]]]
"""What a notebook stores of an output: the data by their kind, and what is said about each."""


def bundle(svg: str, png: bytes, text: str, alt: str, width: int, height: int) -> Bundle:
    """What a notebook stores of a picture: something for every viewer, and nothing that one of them cleans away.

    Args:
        svg: for viewers that trust the notebook.
        png: for those that don't.
        text: for those that show no pictures.
        alt: what the picture says in a sentence or two.
        width: the pixels that it is shown with; ``png`` has more.
        height: and how high.
    """
    data = {"image/svg+xml": svg, "image/png": base64.b64encode(png).decode("ascii"), "text/plain": text}
    said = {"alt": alt, "width": width, "height": height}
    return data, {"image/svg+xml": {"alt": alt}, "image/png": said}


def sharpest(pixels: Callable[[float], Image.Image]) -> bytes:
    """A PNG as sharp as it may be: a picture that takes too much is stored with one pixel for each shown.

    Args:
        pixels: draws the picture with so many pixels for each.

    Returns:
        A PNG file.
    """
    png = as_png(pixels(SHARPER))
    return png if _coded_size(png) <= LARGEST else as_png(pixels(1))


def refuse_too_big(svg: str, png: bytes = b"") -> None:
    """Hold a picture to what one may take.

    Args:
        svg: the picture as SVG.
        png: as PNG, where that is made already.

    Raises:
        PictureTooBigError: it takes more than 150 KB, as SVG or as PNG.
    """
    size = max(len(svg.encode()), _coded_size(png))
    if size > LARGEST:
        raise PictureTooBigError(
            f"This picture takes {size / 1000:.0f} KB; a page carries at most {LARGEST / 1000:.0f} KB a picture. "
            "Draw fewer points, fewer or smaller images, or less of the model (fold it, or open fewer models)."
        )


def _coded_size(png: bytes) -> int:
    """The bytes that a file takes in a notebook."""
    return len(base64.b64encode(png))


def _close(figure: Figure) -> None:
    # A private figure was never open; without pyplot nothing is.
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)
