"""A matplotlib figure as SVG: the same bytes for the same figure, without what a page does not need."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from xml.etree import ElementTree

from functional_course.figures.style import PIXELS_A_POINT, SAVED_AS

import matplotlib
from matplotlib.figure import Figure

_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_SANS = re.compile(r"font-family: [^;]*DejaVu Sans'[^;]*;? ?")
_MONO = re.compile(r"font-family: [^;]*Mono'[^;]*")


def drawn(figure: Figure) -> tuple[ElementTree.Element, int, int]:
    """Draw a figure as SVG.

    Args:
        figure: a matplotlib figure; it is left as it was.

    Returns:
        The tree of its elements, tidied, and its natural width and height in pixels.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(SAVED_AS), warnings.catch_warnings():
        # Text stays text, so a letter that this font lacks is drawn by the reader's.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(
            buffer, format="svg", dpi=72, transparent=True, metadata={"Date": None, "Creator": None, "Type": None}
        )
    root = ElementTree.fromstring(buffer.getvalue())
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    return _tidy(root), round(width * PIXELS_A_POINT), round(height * PIXELS_A_POINT)


def serialised(root: ElementTree.Element) -> str:
    """What an element holds as SVG, without the element itself."""
    return "".join(ElementTree.tostring(child, encoding="unicode") for child in root)


def with_own_ids(svg: str) -> str:
    """Rename the ids to ones of this picture alone: several pictures stand on one page and share its ids.

    Args:
        svg: an SVG document or a part of one.

    Returns:
        The same, its ids made of a digest of it: equal pictures have equal ids.
    """
    names = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))
    if not names:
        return svg
    digest = hashlib.sha256(svg.encode()).hexdigest()[:10]
    new = {name: f"p{digest}-{number}" for number, name in enumerate(names)}
    svg = re.sub(r'\bid="([^"]+)"', lambda found: f'id="{new[found.group(1)]}"', svg)
    svg = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{new.get(found.group(1), found.group(1))}"', svg)
    return _REFERENCE.sub(lambda found: f"url(#{new.get(found.group(1), found.group(1))})", svg)


def _tidy(root: ElementTree.Element) -> ElementTree.Element:
    """Drop what a page does not need: namespaces, metadata, page-wide style, empty groups, ids nobody refers to."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            if value.startswith("rotate(-0 "):  # matplotlib turns every text, most by nothing
                continue
            element.set(name.rpartition("}")[2], _short(name, value))
        element.text = element.text if element.tag in ("text", "tspan") else None
        element.tail = None
    referenced = {element.get("href", "")[1:] for element in root.iter() if element.get("href", "").startswith("#")}
    for element in root.iter():
        for value in element.attrib.values():
            referenced.update(_REFERENCE.findall(value))
    for element in root.iter():
        if element.get("id") not in referenced:
            element.attrib.pop("id", None)
    _prune(root)
    return root


def _short(name: str, value: str) -> str:
    if name.endswith("href") and value.startswith("data:"):
        return "".join(value.split())
    if name == "style":
        value = _SANS.sub("", _MONO.sub("font-family: monospace", value))
        return value.replace(": ", ":").replace("; ", ";").strip("; ")
    if name in ("d", "x", "y", "width", "height", "transform", "points"):
        value = " ".join(value.split())
        return _NUMBER.sub(lambda found: f"{float(found.group()):.2f}".rstrip("0").rstrip("."), value)
    return value


def _prune(element: ElementTree.Element) -> None:
    children: list[ElementTree.Element] = []
    for child in element:
        if child.tag in ("metadata", "style"):
            continue
        _prune(child)
        if child.tag in ("g", "defs") and not len(child):
            continue
        # matplotlib draws the figure's and the axes' background even when it is nothing.
        if child.tag == "path" and child.get("style") == "fill:none":
            continue
        if child.tag == "g" and not child.attrib:
            children.extend(child)
        else:
            children.append(child)
    element[:] = children
