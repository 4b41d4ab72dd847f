"""What a layout is: boxes, arrows and shapes with their places. Lengths are points, y grows downwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

Segment = tuple[Any, ...]


@dataclass(frozen=True)
class PlacedBox:
    """A box with its place; ``x`` and ``y`` are its upper left corner. ``lines`` are the texts below the title."""

    key: str
    kind: str
    title: str
    lines: tuple[str, ...]
    frozen: bool
    calls: int
    opened: bool
    dangling: bool
    depth: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """A shape that stands beside an arrow; ``x`` is its left end, ``y`` its middle."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Badge:
    """The number of a call, on an arrow of a layer that is called more than once. ``x`` and ``y`` are its middle."""

    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Arrow:
    """One way of one tensor, from a box to a box.

    Attributes:
        source: the key of the box that it leaves.
        target: the key of the box that it enters.
        call: the number of the call that it belongs to, from 1; 0 if both its boxes are called once.
        path: ``("M", x, y)``, then ``("L", x, y)`` and ``("C", x1, y1, x2, y2, x, y)``.
        badges: the numbers that stand on it.
        fork: where it parts from the other ways of the same tensor, or ``None``.
    """

    source: str
    target: str
    call: int
    path: tuple[Segment, ...]
    badges: tuple[Badge, ...] = ()
    fork: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """All boxes and arrows with their places. Opened models come before what they hold."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[Label, ...]

    def as_dict(self) -> dict[str, Any]:
        """The layout as plain values for JSON."""
        return asdict(self)


def moved(layout: Layout, dx: float, dy: float) -> Layout:
    """The same drawing so many points further to the right and down, in a page of the same size."""

    def move(segment: Segment) -> Segment:
        command, *numbers = segment
        return (command, *(tenth(n + (dy if place % 2 else dx)) for place, n in enumerate(numbers)))

    return Layout(
        layout.width,
        layout.height,
        tuple(replace(box, x=tenth(box.x + dx), y=tenth(box.y + dy)) for box in layout.boxes),
        tuple(
            replace(
                arrow,
                path=tuple(move(segment) for segment in arrow.path),
                badges=tuple(replace(b, x=tenth(b.x + dx), y=tenth(b.y + dy)) for b in arrow.badges),
                fork=None if arrow.fork is None else (tenth(arrow.fork[0] + dx), tenth(arrow.fork[1] + dy)),
            )
            for arrow in layout.arrows
        ),
        tuple(replace(label, x=tenth(label.x + dx), y=tenth(label.y + dy)) for label in layout.labels),
    )


def tenth(points: float) -> float:
    """A length to a tenth of a point, which no eye sees and which keeps drawings the same on every machine."""
    return round(points, 1) + 0.0  # 0.0, and not -0.0
