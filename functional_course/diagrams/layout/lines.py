"""Lines: the height of every rank, the path of every arrow, and all of it as one drawing."""

from __future__ import annotations

from functional_course.diagrams.labels import below_title, shape
from functional_course.diagrams.layout.measures import BADGE, FRAME_PAD, LABEL_ZONE, TRACK
from functional_course.diagrams.layout.nodes import Node, Route
from functional_course.diagrams.layout.placed import Arrow, Badge, Label, Layout, PlacedBox, Segment, moved, tenth
from functional_course.diagrams.scene import Scene

_HEAD_ZONE = 12.0  # above a box: the arrows go straight into it
_BADGE_ZONE = 24.0  # the same with room for the numbers of calls
_MARGIN = 6.0


def finished(scene: Scene, nodes: dict[str, Node], ranks: list[list[Node]], routes: list[Route], depth: int) -> Layout:
    """Draw the lines between boxes whose ranks and places are known.

    Args:
        scene: boxes and wires.
        nodes: the boxes by their keys.
        ranks: all nodes by rank, from left to right.
        routes: the arrows.
        depth: how many opened models the scene stands in.
    """
    tops, bottoms, heads = _heights(nodes, ranks, routes)
    everything = [node for rank in ranks for node in rank]
    shift = _MARGIN - min(node.x - node.left for node in everything)
    for node in everything:
        node.x += shift
    for route in routes:
        for lane in route.through:
            if lane.key is None:
                lane.x += shift
    for number, rank in enumerate(ranks):
        for node in rank:
            node.y = tops[number]

    used = {wire.source.box for wire in scene.wires if wire.targets}
    boxes: list[PlacedBox] = []
    arrows: list[Arrow] = []
    labels: list[Label] = []
    for box in scene.boxes:
        node = nodes[box.key]
        x, y = tenth(node.x - node.width / 2), tenth(node.y)
        dangling = box.kind == "input" and box.key not in used
        boxes.append(
            PlacedBox(
                key=box.key,
                kind=box.kind,
                title=box.title,
                lines=below_title(box, scene),
                frozen=box.frozen,
                calls=box.calls,
                opened=box.inner is not None,
                dangling=dangling,
                depth=depth,
                x=x,
                y=y,
                width=tenth(node.width),
                height=tenth(node.height),
            )
        )
        if node.inner is not None:
            dx = node.x - node.inner_middle
            dy = node.y + node.height - node.inner.height - FRAME_PAD
            inside = moved(node.inner, dx, dy)
            boxes.extend(inside.boxes)
            arrows.extend(inside.arrows)
            labels.extend(inside.labels)
    for wire in scene.wires:
        if not wire.targets:
            continue
        node = nodes[wire.source.box]
        x = node.x + node.outs[wire.source.call, wire.source.place]
        badge = BADGE if node.calls > 1 else 0
        y = node.y + node.height + LABEL_ZONE / 2
        labels.append(Label(shape(wire), tenth(x + 5 + badge), tenth(y)))
    for route in routes:
        arrows.append(_arrow(route, nodes, tops, bottoms, heads))
    width = max(max(node.x + node.right for node in everything), _MARGIN) + _MARGIN
    # Only an arrow that leads back from the last rank reaches below its boxes.
    lowest = max((segment[-1] for arrow in arrows for segment in arrow.path), default=0.0)
    height = max(bottoms[-1], lowest) + _MARGIN
    return Layout(tenth(width), tenth(height), tuple(boxes), tuple(arrows), tuple(labels))


def _heights(
    nodes: dict[str, Node], ranks: list[list[Node]], routes: list[Route]
) -> tuple[list[float], list[float], list[float]]:
    """Where each rank begins and ends, and how far above it the arrows go straight."""
    tops: list[float] = []
    bottoms: list[float] = []
    heads: list[float] = []
    y = _MARGIN
    for number, rank in enumerate(ranks):
        several = any(node.calls > 1 for node in rank)
        heads.append(_BADGE_ZONE if several else _HEAD_ZONE)
        if number:
            y += LABEL_ZONE + _bend(number, ranks, routes, nodes) + heads[-1]
        tops.append(y)
        y += max((node.height for node in rank), default=0.0)
        bottoms.append(y)
    return tops, bottoms, heads


def _bend(number: int, ranks: list[list[Node]], routes: list[Route], nodes: dict[str, Node]) -> float:
    """How much height the arrows need between two ranks to change their places."""
    furthest = 0.0
    down = up = 0.0
    for route in routes:
        source, target = nodes[route.source.box], nodes[route.target.box]
        if route.back:
            down = max(down, route.tracks[0] if number == source.rank + 1 else 0.0)
            up = max(up, route.tracks[1] if number == target.rank else 0.0)
            continue
        if not source.rank < number <= target.rank:
            continue
        points = _points(route, source, target)
        step = number - source.rank - 1
        furthest = max(furthest, abs(points[step + 1] - points[step]))
    bend = 4.0 if furthest < 1 else min(40.0, 12 + 0.12 * furthest)
    return max(bend, down + up + TRACK if down + up else 0.0)


def _points(route: Route, source: Node, target: Node) -> list[float]:
    """The x of an arrow at every rank that it leaves, passes and enters."""
    start = source.x + source.outs[route.source.call, route.source.place]
    end = target.x + target.ins[route.target.call, route.target.place]
    return [start, *(node.x for node in route.through), end]


def _arrow(route: Route, nodes: dict[str, Node], tops: list[float], bottoms: list[float], heads: list[float]) -> Arrow:
    source, target = nodes[route.source.box], nodes[route.target.box]
    points = _points(route, source, target)
    path: list[Segment] = [("M", points[0], source.y + source.height)]
    after = bottoms[source.rank] + LABEL_ZONE
    path.append(("L", points[0], after))
    if route.back:
        before = tops[target.rank] - heads[target.rank]
        below, above = after + route.tracks[0], before - route.tracks[1]
        path.extend(_turn(points[0], below, route.through[0].x, above, points[-1]))
    else:
        for step, rank in enumerate(range(source.rank + 1, target.rank + 1)):
            before = tops[rank] - heads[rank]
            if abs(points[step] - points[step + 1]) > 0.05:
                path.append(_curve(points[step], path[-1][-1], points[step + 1], before))
            if rank < target.rank:
                path.append(("L", points[step + 1], bottoms[rank] + LABEL_ZONE))
    path.append(("L", points[-1], target.y))
    badges = []
    if source.calls > 1:
        badges.append(Badge(route.source.call + 1, points[0], source.y + source.height + LABEL_ZONE / 2))
    if target.calls > 1:
        badges.append(Badge(route.target.call + 1, points[-1], target.y - 7 - BADGE))
    call = badges[0].number if badges else 0
    fork = (points[0], after) if route.forked else None
    return Arrow(
        route.source.box,
        route.target.box,
        call,
        _rounded(path),
        tuple(Badge(badge.number, tenth(badge.x), tenth(badge.y)) for badge in badges),
        None if fork is None else (tenth(fork[0]), tenth(fork[1])),
    )


def _curve(x0: float, y0: float, x1: float, y1: float) -> Segment:
    """A curve that leaves and arrives vertically."""
    middle = (y0 + y1) / 2
    return ("C", x0, middle, x1, middle, x1, y1)


def _turn(start: float, down: float, lane: float, up: float, end: float) -> list[Segment]:
    """Down to ``down``, over to the lane at the right, up to ``up`` and back to ``end``, round the corners."""
    r = TRACK
    return [
        ("L", start, down - r),
        ("C", start, down, start, down, start + r, down),
        ("L", lane - r, down),
        ("C", lane, down, lane, down, lane, down - r),
        ("L", lane, up + r),
        ("C", lane, up, lane, up, lane - r, up),
        ("L", end + r, up),
        ("C", end, up, end, up, end, up + r),
    ]


def _rounded(path: list[Segment]) -> tuple[Segment, ...]:
    """Round, and join straight pieces that follow each other."""
    joined: list[Segment] = []
    for command, *numbers in path:
        segment = (command, *(tenth(number) for number in numbers))
        if command == "L" and len(joined) > 1 and joined[-1][0] == "L" and joined[-1][1] == segment[1]:
            joined[-1] = segment
        else:
            joined.append(segment)
    return tuple(joined)
