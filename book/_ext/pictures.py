"""Sphinx extension: a picture that a notebook stores as SVG becomes a part of the page, with its words under it.

A notebook stores each picture of the course dark on white, for viewers that show it as a file. In the book it follows
the theme, light or dark: black becomes the colour of the text, white the colour of the page. It shrinks as far as its
text stays readable and scrolls below that, and several pictures in one stand below each other where they must.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from xml.etree import ElementTree

from sphinx.application import Sphinx

SVG = "image/svg+xml"
PICTURE, PANELS = "course-picture", "course-panels"

_SPACE = "{http://www.w3.org/2000/svg}"
_THEMED = {"#000000": "currentColor", "#ffffff": "var(--course-paper)"}
_SMALLEST_SCALE = 0.75  # below this, 9 point text is smaller than 9 pixels: scroll instead
_NARROWEST_PAGE = 320


def on_page(svg: str) -> str | None:
    """The HTML for a stored picture, or for several in one.

    Args:
        svg: an SVG document as a :class:`Picture` or :class:`Panels` of ``functional_course.figures`` makes it.

    Returns:
        The HTML; None for any other document.
    """
    if f'class="{PICTURE}"' not in svg and f'class="{PANELS}"' not in svg:
        return None
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SPACE)
    if root.get("class") == PICTURE:
        return _figure(root)
    if root.get("class") == PANELS:
        return f'<div class="{PANELS}">{"".join(map(_panel, root.findall("g")))}</div>'
    return None


def show_pictures(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the HTML in the place of the stored pictures of a notebook, before it is read."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for data in _outputs(notebook):
        markup = on_page("".join(data.get(SVG, ())))
        if markup is not None:
            words = data.get("text/plain", "")
            data.clear()
            data.update({"text/html": markup, "text/plain": words})
    source[0] = json.dumps(notebook)


def _outputs(notebook: dict) -> Iterator[dict]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if "data" in output:
                yield output["data"]


def _panel(group: ElementTree.Element) -> str:
    heading, picture = group.find("text"), group.find("svg")
    narrowest = _narrowest(picture)
    return (
        f'<div style="flex:{narrowest} 1 {narrowest}px"><p><strong>{html.escape(heading.text)}</strong></p>'
        f"{_figure(picture)}</div>"
    )


def _figure(picture: ElementTree.Element) -> str:
    narrowest, described = _narrowest(picture), picture.findtext("desc")
    # What scrolls must be reachable by keyboard.
    focus = ' tabindex="0"' if narrowest > _NARROWEST_PAGE else ""
    words = ""
    if described:
        lines = "".join(f"<li>{html.escape(line, quote=False)}</li>" for line in described.split("\n"))
        words = f"<details><summary>The picture in words</summary><ul>{lines}</ul></details>"
    font = html.escape(picture.get("font-family"))
    drawing = "".join(_themed(child) for child in picture if not _of_a_file(child))
    return (
        f'<figure class="{PICTURE}"><div{focus}>'
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(picture.findtext("title"))}" '
        f'viewBox="{picture.get("viewBox")}" fill="currentColor" font-family="{font}" '
        f'style="min-width:{narrowest}px;max-width:{picture.get("width")}px">{drawing}</svg></div>{words}</figure>'
    )


def _narrowest(picture: ElementTree.Element) -> int:
    """The width in pixels below which a page scrolls the picture instead of making it smaller."""
    width = int(picture.get("width"))
    return min(width, round(width * _SMALLEST_SCALE))


def _of_a_file(element: ElementTree.Element) -> bool:
    """Whether an element is only for a picture that stands alone: its words, and the paper behind it."""
    return element.tag in ("title", "desc") or (element.tag == "rect" and element.get("width") == "100%")


def _themed(drawing: ElementTree.Element) -> str:
    for element in drawing.iter():
        for name, value in element.attrib.items():
            for stored, shown in _THEMED.items():
                value = value.replace(stored, shown)
            element.set(name, value)
    return ElementTree.tostring(drawing, encoding="unicode")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", show_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
