"""A picture for a page: one matplotlib figure as SVG, as PNG and in words, accessible and deterministic.

The course shows every picture through :class:`Picture`. A notebook stores no HTML for it, because a viewer that does
not trust a notebook cleans its HTML and shows no SVG: there the PNG shows. The site makes the stored SVG follow its
light and dark mode, fit a phone, and unfold its words (``book/_ext/pictures.py``). The same figure gives the same bytes
on every run.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import html
import io
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from functional_course.rasters import SHARPER, as_png, rastered
from functional_course.writing import write_whole

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

# On the site, whatever is drawn in INK takes the colour of the text around the picture, and whatever is drawn in PAPER
# takes the colour of the page.
INK = "#000000"
PAPER = "#ffffff"

# Okabe and Ito's colours for colour-blind readers, the light ones darkened until all six keep a contrast of 3:1 on
# white and on near-black. Colour never stands alone: give a line its dash or marker too.
COLOURS = ("#0072b2", "#d55e00", "#008f68", "#b5609a", "#a87000", "#2a86bd")
DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "solid",
    (0, (5, 2)),
    (0, (5, 2, 1, 2)),
    (0, (1, 1.5)),
    (0, (8, 2)),
    (0, (8, 2, 1, 2, 1, 2)),
)
MARKERS = ("o", "s", "^", "D", "v", "P")

LARGEST = 150_000
"""The most bytes that one picture may take in a notebook, as SVG and as PNG each."""

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
PIXELS_A_POINT = 4 / 3

_SAVED_AS = {
    "font.sans-serif": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "functional-course",
    "svg.image_inline": True,
    "image.composite_image": False,
    "path.simplify": True,
}

_STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib, and is as wide as the widest font a page may choose
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": "#808080",
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS, linestyle=DASHES, marker=MARKERS),
}


class PictureTooBigError(ValueError):
    """The picture takes more bytes than a page should carry."""


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in the course's style: font, sizes, colours, and lines that differ by more than colour.

    Example:

    >>> with style():
    ...     figure = new_figure(5.6, 3)
    ...     axes = figure.add_subplot()
    """
    with matplotlib.rc_context(_STYLE):
        yield


def new_figure(width: float, height: float) -> Figure:
    """A figure of the given size in inches that pyplot does not know, so nothing has to be closed."""
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    return figure


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
        self._tree, self.width, self.height = _drawn(figure)
        self._figure = figure
        _close(figure)
        self.svg = _with_own_ids(self._as_svg(' class="course-picture"'))
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
        """
        path = Path(path)
        if path.suffix != ".svg":
            raise ValueError(f"A picture is saved as SVG: name the file {path.stem}.svg, not {path.name}.")
        write_whole(path, _with_own_ids(self._as_svg() + "\n"))
        return path

    def __repr__(self) -> str:
        return self.text

    def pixels(self, sharper: float = SHARPER) -> Image.Image:
        """The picture as an image, dark on white.

        Args:
            sharper: pixels for each that it is shown with.
        """
        with matplotlib.rc_context(_SAVED_AS):
            return rastered(self._figure, sharper)

    def placed(self, x: int, y: int) -> str:
        """The picture as a part of a larger SVG document.

        Args:
            x: pixels from the left.
            y: pixels from the top.
        """
        return _with_own_ids(self._as_svg(f' class="course-picture" x="{x}" y="{y}"', paper=""))

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
            f"{paper}{_serialised(self._tree)}</svg>"
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


def _drawn(figure: Figure) -> tuple[ElementTree.Element, int, int]:
    """The figure as a tree of SVG elements, with its natural size in pixels."""
    buffer = io.StringIO()
    with matplotlib.rc_context(_SAVED_AS), warnings.catch_warnings():
        # Text stays text, so a letter that this font lacks is drawn by the reader's.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(
            buffer, format="svg", dpi=72, transparent=True, metadata={"Date": None, "Creator": None, "Type": None}
        )
    root = ElementTree.fromstring(buffer.getvalue())
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    return _tidy(root), round(width * PIXELS_A_POINT), round(height * PIXELS_A_POINT)


def _coded_size(png: bytes) -> int:
    """The bytes that a file takes in a notebook."""
    return len(base64.b64encode(png))


def _close(figure: Figure) -> None:
    # A private figure was never open; without pyplot nothing is.
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_SANS = re.compile(r"font-family: [^;]*DejaVu Sans'[^;]*;? ?")
_MONO = re.compile(r"font-family: [^;]*Mono'[^;]*")


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
    children = []
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


def _serialised(root: ElementTree.Element) -> str:
    return "".join(ElementTree.tostring(child, encoding="unicode") for child in root)


def _with_own_ids(svg: str) -> str:
    """Rename the ids to ones of this picture alone: several pictures stand on one page and share its ids."""
    names = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))
    if not names:
        return svg
    digest = hashlib.sha256(svg.encode()).hexdigest()[:10]
    new = {name: f"p{digest}-{number}" for number, name in enumerate(names)}
    svg = re.sub(r'\bid="([^"]+)"', lambda found: f'id="{new[found.group(1)]}"', svg)
    svg = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{new.get(found.group(1), found.group(1))}"', svg)
    return _REFERENCE.sub(lambda found: f"url(#{new.get(found.group(1), found.group(1))})", svg)
