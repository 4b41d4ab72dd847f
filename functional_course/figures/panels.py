"""Pictures side by side, each under its heading, as one picture. On the site they stand below each other on a phone."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping

from functional_course.figures.pictures import Bundle, Picture, bundle, refuse_too_big, sharpest
from functional_course.figures.rasters import PIXELS_AN_INCH, rastered
from functional_course.figures.style import FONT, INK, PAPER, PIXELS_A_POINT, new_figure, style

from PIL import Image, ImageChops

WIDEST = 1000
"""Pixels in a row: about what a notebook's output has on a laptop."""

_GAP = 16
_MARGIN = 8  # of paper around all of them, which a page in dark mode does not have
_HEAD = 26  # pixels above a picture, for its heading
_TITLE = 11  # points


class Panels:
    """Several pictures as one output of a cell.

    Args:
        pictures: the pictures by their headings, in the order to show them.

    Attributes:
        pictures: the same.
        width: how many pixels wide they are shown where there is room.
        height: and how high.
        svg: all of them in one SVG document, dark on white, each with its words inside.
        png: the same as pixels.

    Raises:
        ValueError: there is no picture.
        PictureTooBigError: together they take more than 150 KB, as SVG or as PNG.

    Example:

    >>> Panels({"shared": draw(one), "separate": draw(other)})  # doctest: +SKIP
    """

    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        if not pictures:
            raise ValueError("There are no pictures to lay side by side: give {'heading': picture}.")
        self.pictures = dict(pictures)
        sizes = [
            (max(picture.width, _title(heading, sharper=1).width), _HEAD + picture.height)
            for heading, picture in self.pictures.items()
        ]
        places = list(_places(sizes))
        self.width = _MARGIN + max(x + width for (x, _), (width, _) in zip(places, sizes, strict=True))
        self.height = _MARGIN + max(y + height for (_, y), (_, height) in zip(places, sizes, strict=True))
        self.svg = self._as_svg(places)
        self.png = sharpest(lambda sharper: self._as_image(places, sharper))
        refuse_too_big(self.svg, self.png)

    @property
    def alt(self) -> str:
        """What the pictures say, a sentence or two for each after its heading."""
        return " ".join(f"{heading}. {picture.alt}" for heading, picture in self.pictures.items())

    @property
    def text(self) -> str:
        """All that the pictures say, in words, each after its heading."""
        return "\n\n".join(f"{heading}. {picture.text}" for heading, picture in self.pictures.items())

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return bundle(self.svg, self.png, self.text, self.alt, self.width, self.height)

    def _as_svg(self, places: Iterable[tuple[int, int]]) -> str:
        size = _TITLE * PIXELS_A_POINT
        panels = "".join(
            f'<g><text x="{x}" y="{y + size:.1f}" font-size="{size:.2f}" font-weight="bold">'
            f"{html.escape(heading, quote=False)}</text>{picture.placed(x, y + _HEAD)}</g>"
            for (x, y), (heading, picture) in zip(places, self.pictures.items(), strict=True)
        )
        return (
            f'<svg class="course-panels" xmlns="http://www.w3.org/2000/svg" role="img" width="{self.width}" '
            f'height="{self.height}" viewBox="0 0 {self.width} {self.height}" fill="{INK}" font-family="{FONT}">'
            f"<title>{html.escape(self.alt, quote=False)}</title>"
            f'<rect width="100%" height="100%" fill="{PAPER}"/>{panels}</svg>'
        )

    def _as_image(self, places: Iterable[tuple[int, int]], sharper: float) -> Image.Image:
        def scaled(x: int, y: int) -> tuple[int, int]:
            return round(x * sharper), round(y * sharper)

        whole = Image.new("RGB", scaled(self.width, self.height), PAPER)
        for (x, y), (heading, picture) in zip(places, self.pictures.items(), strict=True):
            whole.paste(_title(heading, sharper), scaled(x, y))
            image, size = picture.pixels(sharper), scaled(picture.width, picture.height)
            # A very long picture has fewer pixels than others.
            near = abs(image.height - size[1]) <= 2
            whole.paste(image if near else image.resize(size), scaled(x, y + _HEAD))
        return whole


def _title(heading: str, sharper: float) -> Image.Image:
    """A heading as pixels, no wider than its words."""
    with style():
        figure = new_figure(WIDEST / PIXELS_AN_INCH, _HEAD / PIXELS_AN_INCH)
        baseline = 1 - _TITLE * PIXELS_A_POINT / _HEAD
        figure.text(0, baseline, heading, fontsize=_TITLE, fontweight="bold", va="baseline", parse_math=False)
        image = rastered(figure, sharper)
    _, _, right, _ = ImageChops.invert(image).getbbox() or (0, 0, 1, 0)
    return image.crop((0, 0, right, image.height))


def _places(sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where each goes, in rows that are at most ``WIDEST`` wide or hold a single one."""
    x, y, tallest = _MARGIN, _MARGIN, 0
    for width, height in sizes:
        if x > _MARGIN and x + width + _MARGIN > WIDEST:
            x, y, tallest = _MARGIN, y + tallest + _GAP, 0
        yield x, y
        x, tallest = x + width + _GAP, max(tallest, height)
