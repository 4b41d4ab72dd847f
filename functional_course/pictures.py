"""A picture for a page: one matplotlib figure as one themed, accessible, deterministic SVG.

The course shows every picture through :class:`Picture`. It reads in light and in dark mode, it keeps a readable size
on a phone, it says in words what it shows, and the same figure gives the same bytes on every run.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import io
import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from functional_course.writing import write_whole

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# Whatever is drawn in INK takes the colour of the text around the picture, whatever is drawn in PAPER takes the
# colour of the page.
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
"""The most bytes of HTML that one picture may take."""

_FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_PAGE = "var(--pst-color-background, var(--jp-layout-color0, var(--vscode-editor-background, Canvas)))"
_PIXELS_PER_POINT = 4 / 3
_SMALLEST_SCALE = 0.75  # below this, 9 point text is smaller than 9 pixels: scroll instead
_NARROWEST_PAGE = 320

_SAVED_AS = {
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
    """One figure, shown once, the same in a notebook and in the book.

    Args:
        figure: a matplotlib figure. It is drawn at once and closed, so a notebook does not show it a second time.
        alt: what the picture says, in a sentence or two, with its numbers.
        words: the facts of a picture that a sentence cannot hold, one a line. They stand under the picture, folded.

    Attributes:
        alt: the sentence.
        words: the lines.
        svg: the picture as ``<svg>`` for a page. Black is drawn in the colour of the page's text, white in the
            colour of the page.

    Raises:
        ValueError: ``alt`` is empty.
        PictureTooBigError: the picture takes more than 150 KB.

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
        self._tree, self._width, self._height = _drawn(figure)
        _close(figure)
        self.svg = self._as_svg()
        size = len(self._repr_html_().encode())
        if size > LARGEST:
            raise PictureTooBigError(
                f"This picture takes {size / 1000:.0f} KB; a page carries at most {LARGEST / 1000:.0f} KB a picture. "
                "Draw fewer points, fewer or smaller images, or less of the model (fold it, or open fewer models)."
            )

    @property
    def text(self) -> str:
        """All that the picture says, in words."""
        return "\n".join([self.alt, *(f"- {line}" for line in self.words)])

    @property
    def narrowest(self) -> int:
        """The width in pixels below which a page scrolls the picture instead of making it smaller."""
        return min(self._width, round(self._width * _SMALLEST_SCALE))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as an SVG file that stands alone, dark on white, with its words inside.

        The file appears whole or not at all.

        Args:
            path: where to write; ends in ``.svg``. Missing folders are made.
        """
        path = Path(path)
        if path.suffix != ".svg":
            raise ValueError(f"A picture is saved as SVG: name the file {path.stem}.svg, not {path.name}.")
        write_whole(path, self._as_file())
        return path

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        # What scrolls must be reachable by keyboard.
        focus = ' tabindex="0"' if self.narrowest > _NARROWEST_PAGE else ""
        parts = [
            '<figure class="course-picture" style="margin:0.5em 0;max-width:100%">',
            f'<div style="overflow-x:auto"{focus}>{self.svg}</div>',
        ]
        if self.words:
            lines = "".join(f"<li>{html.escape(line, quote=False)}</li>" for line in self.words)
            parts.append(f"<details><summary>The picture in words</summary><ul>{lines}</ul></details>")
        parts.append("</figure>")
        return "".join(parts)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.text}

    def _as_svg(self) -> str:
        body = _serialised(self._tree)
        return _with_own_ids(
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(self.alt)}" '
            f'viewBox="{self._tree.get("viewBox")}" fill="currentColor" font-family="{_FONT}" '
            f'style="--course-paper:{_PAGE};display:block;width:100%;min-width:{self.narrowest}px;'
            f'max-width:{self._width}px;height:auto;stroke-linejoin:round">'
            + body.replace(INK, "currentColor").replace(PAPER, "var(--course-paper)")
            + "</svg>"
        )

    def _as_file(self) -> str:
        body = _serialised(self._tree)
        described = html.escape("\n".join(self.words), quote=False)
        description = f"<desc>{described}</desc>" if described else ""
        return _with_own_ids(
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{self._width}" height="{self._height}" '
            f'viewBox="{self._tree.get("viewBox")}" fill="{INK}" font-family="{_FONT}" '
            f'style="stroke-linejoin:round"><title>{html.escape(self.alt, quote=False)}</title>{description}'
            f'<rect width="100%" height="100%" fill="{PAPER}"/>{body}</svg>\n'
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
    return _tidy(root), round(width * _PIXELS_PER_POINT), round(height * _PIXELS_PER_POINT)


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
