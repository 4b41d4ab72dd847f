"""What the steps of the layout work on: nodes on ranks, the pieces of arrows between them, and whole arrows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from functional_course.diagrams.layout.placed import Layout
from functional_course.diagrams.scene import Box, End

_BETWEEN = 18.0  # between neighbours on a rank


@dataclass
class Node:
    """A box, or the place where an arrow passes a rank."""

    key: Any
    rank: int
    width: float = 0.0
    height: float = 0.0
    left: float = 0.0  # room to the left and right of the middle
    right: float = 0.0
    gap: float = _BETWEEN
    box: Box | None = None
    inner: Layout | None = None
    ins: dict[tuple[int, int], float] = field(default_factory=dict)  # where each call's tensors enter, from the middle
    outs: dict[tuple[int, int], float] = field(default_factory=dict)
    inner_middle: float = 0.0  # what of the opened model stands in the middle of its frame
    x: float = 0.0
    y: float = 0.0

    @property
    def calls(self) -> int:
        """How often the model calls the box; 0 where an arrow only passes."""
        return self.box.calls if self.box is not None else 0


@dataclass
class Link:
    """A piece of an arrow between two neighbouring ranks."""

    upper: Node
    lower: Node
    upper_port: float
    lower_port: float
    weight: float


@dataclass
class Route:
    """One way of one tensor through the ranks: the nodes it passes, downwards, or upwards on a lane."""

    source: End
    target: End
    through: list[Node]
    back: bool = False
    forked: bool = False
    tracks: tuple[float, float] = (0.0, 0.0)  # how far below its source and above its target it turns round
