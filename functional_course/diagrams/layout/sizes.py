"""Sizes: how large each box is, and where tensors enter and leave it."""

from __future__ import annotations

from functional_course.diagrams.labels import below_title, shape
from functional_course.diagrams.layout.measures import (
    BADGE,
    FRAME_PAD,
    FROST,
    LINE,
    PAD_X,
    PAD_Y,
    TEXT_SIZE,
    TITLE_SIZE,
)
from functional_course.diagrams.layout.nodes import Node
from functional_course.diagrams.layout.placed import Layout
from functional_course.diagrams.letters import width as text_width
from functional_course.diagrams.scene import Box, Scene

_SMALLEST_BOX = 64.0
_SNOWFLAKE = 16.0  # room at the left of a frozen box's title
_PORTS = 16.0  # between two arrows into one box


def box_node(box: Box, scene: Scene, inner: Layout | None) -> Node:
    """A box with its size, and with the places where tensors enter and leave it.

    Args:
        box: a box.
        scene: what it stands in.
        inner: the layout of what it holds, if it is an opened model.
    """
    node = Node(box.key, 0, box=box, inner=inner)
    lines = below_title(box, scene)
    title = text_width(box.title, TITLE_SIZE, bold=True) + (2 * _SNOWFLAKE if box.frozen else 0)
    text = max([title, *(text_width(line, TEXT_SIZE) for line in lines)])
    node.width = max(_SMALLEST_BOX, text + 2 * PAD_X) + (2 * FROST if box.frozen else 0)
    node.height = 2 * PAD_Y + LINE * (1 + len(lines))
    if inner is not None:
        node.inner_middle = _middle(inner)
        half = max(node.inner_middle, inner.width - node.inner_middle)
        node.width = max(node.width, 2 * (half + FRAME_PAD))
        node.height += inner.height + FRAME_PAD
    ins = sorted({(end.call, end.place) for wire in scene.wires for end in wire.targets if end.box == box.key})
    outs = sorted(
        {
            (wire.source.call, wire.source.place): shape(wire)
            for wire in scene.wires
            if wire.source.box == box.key and wire.targets
        }.items()
    )
    badge = BADGE if box.calls > 1 else 0.0
    # Each shape stands at the right of its arrow, so the next arrow starts behind it.
    steps = [text_width(text, TEXT_SIZE) + badge + 18 for _, text in outs]
    span = sum(steps[:-1])
    node.width = max(node.width, span + 24, (len(ins) - 1) * _PORTS + 24)
    x = -span / 2
    for (port, _), step in zip(outs, steps, strict=True):
        node.outs[port] = x
        x += step
    for number, port in enumerate(ins):
        node.ins[port] = (number - (len(ins) - 1) / 2) * _PORTS
    node.left = node.right = node.width / 2
    if outs:
        node.right = max(node.right, x - 4)
    return node


def _middle(layout: Layout) -> float:
    """The x of an opened model that belongs under the arrow into its frame: its only input, else its middle."""
    top = min(box.depth for box in layout.boxes)
    ends = [box for box in layout.boxes if box.kind == "input" and box.depth == top]
    return ends[0].x + ends[0].width / 2 if len(ends) == 1 else layout.width / 2
