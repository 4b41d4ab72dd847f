"""Faces side by side under their captions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functional_course.figures.pictures import Picture
from functional_course.figures.plots.images import image_grid

if TYPE_CHECKING:
    from functional_course.data.faces import Faces

_STEP = 8  # of 256 shades; the eye misses none at this size, and the picture takes half the bytes


def sheet(faces: Faces, captions: Sequence[object] | None = None, columns: int = 6, what: str = "portraits") -> Picture:
    """Faces in rows, each under its caption. A page carries about thirty of 64 by 64 pixels.

    Args:
        faces: drawn or real.
        captions: one a face, for example what a model says of it; label and age if not given.
        columns: faces in a row.
        what: what they are, for the alt text.

    Raises:
        ValueError: no faces, or not one caption a face.
        PictureTooBigError: too many faces, or too large ones, for one page.

    Example:

    >>> sheet(portraits.draw(2, seed=3))  # doctest: +SKIP
    2 portraits of 64 by 64 pixels, in one row: woman 26, man 40.
    """
    shades = faces.images // _STEP * _STEP + _STEP // 2
    return image_grid(shades, faces.captions() if captions is None else captions, columns, what=what, limits=(0, 255))
