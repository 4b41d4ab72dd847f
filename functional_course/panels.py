"""Pictures side by side, each under its heading: on a narrow screen they stand one below the other."""

from __future__ import annotations

import html
from collections.abc import Mapping

from functional_course.pictures import Picture


class Panels:
    """Several pictures as one output of a cell.

    Args:
        pictures: the pictures by their headings, in the order to show them.

    Raises:
        ValueError: there is no picture.

    Example:

    >>> Panels({"shared": draw(one), "separate": draw(other)})  # doctest: +SKIP
    """

    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        if not pictures:
            raise ValueError("There are no pictures to lay side by side: give {'heading': picture}.")
        self.pictures = dict(pictures)

    @property
    def text(self) -> str:
        """All that the pictures say, in words, each after its heading."""
        return "\n\n".join(f"{heading}. {picture.text}" for heading, picture in self.pictures.items())

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        panels = "".join(
            f'<div style="flex:{picture.narrowest} 1 {picture.narrowest}px;min-width:0">'
            f'<p style="margin:0"><strong>{html.escape(heading)}</strong></p>{picture._repr_html_()}</div>'
            for heading, picture in self.pictures.items()
        )
        return f'<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start">{panels}</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.text}
