"""Places for the boxes and arrows of a scene: data flows from top to bottom.

A layered layout after Sugiyama, in plain Python: boxes on ranks by their longest way from an input, fewer crossings by
sorting each rank after its neighbours, places by least squares under the distances that must be kept. All steps break
ties by the order of the model, so the same model gives the same picture. Lengths are points, y grows downwards.

An opened model is laid out first and then placed as one large box. A wire that leads back (a layer called again on what
came out of it) runs upwards on a lane of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from functional_course.diagrams.letters import width as text_width
from functional_course.diagrams.scene import Box, End, Scene

TITLE_SIZE = 10.0
TEXT_SIZE = 9.0
LINE = 12.0
PAD_X = 10.0
PAD_Y = 6.0
FRAME_PAD = 12.0
FROST = 9.0
"""The width of the hatched strips at both sides of a frozen box."""
BADGE = 6.0
"""The radius of the number that says which call an arrow belongs to."""

_SMALLEST_BOX = 64.0
_SNOWFLAKE = 16.0  # room at the left of a frozen box's title
_TRACK = 5.0  # between arrows that turn round in the same gap
_BETWEEN = 18.0  # between neighbours on a rank
_LANE = 14.0  # between an arrow that passes a rank and its neighbours
_LABEL_ZONE = 17.0  # below a box: the arrows go straight, their shapes beside them
_HEAD_ZONE = 12.0  # above a box: the arrows go straight into it
_BADGE_ZONE = 24.0  # the same with room for the numbers of calls
_PORTS = 16.0  # between two arrows into one box
_MARGIN = 6.0
_SWEEPS = 24

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


@dataclass
class _Node:
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


@dataclass
class _Link:
    """A piece of an arrow between two neighbouring ranks."""

    upper: _Node
    lower: _Node
    upper_port: float
    lower_port: float
    weight: float


def lay_out(scene: Scene, depth: int = 0) -> Layout:
    """Place a scene.

    Args:
        scene: boxes and wires.
        depth: how many opened models it stands in.
    """
    nodes = {box.key: _box_node(box, scene, depth) for box in scene.boxes}
    back = _rank(nodes, scene)
    ranks, links, routes = _chains(nodes, scene, back)
    _sort(ranks, links)
    _place(ranks, links)
    _add_lanes(ranks, routes)
    return _finished(scene, nodes, ranks, routes, depth)


# Sizes.


def lines_of(box: Box) -> tuple[str, ...]:
    """What stands on a box below its title."""
    name = (f"“{box.name}”",) if box.name else ()
    return (*name, *box.details, *((box.parameters,) if box.parameters else ()))


def _lines(box: Box, scene: Scene) -> tuple[str, ...]:
    """What stands on a box in this scene: an input that nothing uses has no arrow for its shape to stand on."""
    unused = [wire.shape for wire in scene.wires if wire.source.box == box.key and not wire.targets]
    return (*lines_of(box), *unused, "not used") if unused and box.kind == "input" else lines_of(box)


def _box_node(box: Box, scene: Scene, depth: int) -> _Node:
    node = _Node(box.key, 0, box=box)
    lines = _lines(box, scene)
    title = text_width(box.title, TITLE_SIZE, bold=True) + (2 * _SNOWFLAKE if box.frozen else 0)
    text = max([title, *(text_width(line, TEXT_SIZE) for line in lines)])
    node.width = max(_SMALLEST_BOX, text + 2 * PAD_X) + (2 * FROST if box.frozen else 0)
    node.height = 2 * PAD_Y + LINE * (1 + len(lines))
    if box.inner is not None:
        node.inner = lay_out(box.inner, depth + 1)
        node.inner_middle = _middle(node.inner)
        half = max(node.inner_middle, node.inner.width - node.inner_middle)
        node.width = max(node.width, 2 * (half + FRAME_PAD))
        node.height += node.inner.height + FRAME_PAD
    ins = sorted({(end.call, end.place) for wire in scene.wires for end in wire.targets if end.box == box.key})
    outs = sorted(
        {
            (wire.source.call, wire.source.place): wire.shape
            for wire in scene.wires
            if wire.source.box == box.key and wire.targets
        }.items()
    )
    badge = BADGE if box.calls > 1 else 0.0
    # Each shape stands at the right of its arrow, so the next arrow starts behind it.
    steps = [text_width(shape, TEXT_SIZE) + badge + 18 for _, shape in outs]
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


# Ranks.


def _rank(nodes: dict[str, _Node], scene: Scene) -> set[tuple[str, str]]:
    """Put every box one rank below the lowest box before it; return the pairs of boxes whose wires lead back.

    A wire leads back only on a circle, which is there because a layer is called again on what came out of it.
    """
    order = {key: number for number, key in enumerate(nodes)}
    after: dict[str, set[str]] = {key: set() for key in nodes}
    for wire in scene.wires:
        after[wire.source.box].update(end.box for end in wire.targets)
    back = {
        (source, target)
        for source, targets in after.items()
        for target in targets
        if order[target] <= order[source] and source in _reached(target, after)
    }
    forward = {
        source: [target for target in sorted(targets, key=order.__getitem__) if (source, target) not in back]
        for source, targets in after.items()
    }
    before = Counter(target for targets in forward.values() for target in targets)
    ready = [key for key in nodes if not before[key]]
    while ready:
        key = ready.pop()
        for target in forward[key]:
            nodes[target].rank = max(nodes[target].rank, nodes[key].rank + 1)
            before[target] -= 1
            if not before[target]:
                ready.append(target)
    # Some of them lead down all the same, where a longer way puts their target lower.
    return {(source, target) for source, target in back if nodes[target].rank <= nodes[source].rank}


def _reached(start: str, after: dict[str, set[str]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        new = after[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return reached


@dataclass
class _Route:
    """One way of one tensor through the ranks: the nodes it passes, downwards, or upwards on a lane."""

    source: End
    target: End
    through: list[_Node]
    back: bool = False
    forked: bool = False
    tracks: tuple[float, float] = (0.0, 0.0)  # how far below its source and above its target it turns round


def _chains(nodes: dict[str, _Node], scene: Scene, back: set[tuple[str, str]]):
    """The nodes by rank, with one more node wherever an arrow passes a rank, and the pieces of arrows between them."""
    ranks: list[list[_Node]] = [[] for _ in range(max((node.rank for node in nodes.values()), default=0) + 1)]
    for node in nodes.values():
        ranks[node.rank].append(node)
    links: list[_Link] = []
    routes: list[_Route] = []
    for number, wire in enumerate(scene.wires):
        for index, end in enumerate(wire.targets):
            source, target = nodes[wire.source.box], nodes[end.box]
            route = _Route(wire.source, end, [], forked=len(wire.targets) > 1)
            routes.append(route)
            if (source.key, target.key) in back:
                route.back = True
                continue
            previous, port = source, source.outs[wire.source.call, wire.source.place]
            for rank in range(source.rank + 1, target.rank):
                passing = _Node((number, index, rank), rank, gap=_LANE)
                ranks[rank].append(passing)
                route.through.append(passing)
                links.append(_Link(previous, passing, port, 0.0, 1.0 if previous is source else 6.0))
                previous, port = passing, 0.0
            into = target.ins[end.call, end.place]
            links.append(_Link(previous, target, port, into, 1.0 if previous is not source else 4.0))
    return ranks, links, routes


# Order within a rank.


def _sort(ranks: list[list[_Node]], links: list[_Link]) -> None:
    """Sort each rank after the places of its neighbours, down and up, and keep the order with the fewest crossings."""
    above: dict[int, list[_Link]] = {}
    below: dict[int, list[_Link]] = {}
    for link in links:
        above.setdefault(id(link.lower), []).append(link)
        below.setdefault(id(link.upper), []).append(link)
    best, fewest = [list(rank) for rank in ranks], _crossings(ranks, below)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for rank in ranks[1:] if down else ranks[-2::-1]:
            places = _places(ranks, rank, down)
            wanted = {}
            for node in rank:
                ends = [
                    places[id(link.upper)] + link.upper_port / 1e4
                    if down
                    else places[id(link.lower)] + link.lower_port / 1e4
                    for link in (above if down else below).get(id(node), ())
                ]
                wanted[id(node)] = sum(ends) / len(ends) if ends else None
            _sort_movable(rank, wanted)
        _swap_neighbours(ranks, below)
        crossings = _crossings(ranks, below)
        if crossings < fewest:
            best, fewest = [list(rank) for rank in ranks], crossings
    for rank, kept in zip(ranks, best, strict=True):
        rank[:] = kept


def _places(ranks: list[list[_Node]], rank: list[_Node], down: bool) -> dict[int, float]:
    neighbours = ranks[rank[0].rank + (-1 if down else 1)]
    return {id(node): float(place) for place, node in enumerate(neighbours)}


def _sort_movable(rank: list[_Node], wanted: dict[int, float | None]) -> None:
    """Sort the nodes that have neighbours; the others keep their places."""
    movable = [node for node in rank if wanted[id(node)] is not None]
    movable.sort(key=lambda node: wanted[id(node)])
    remaining = iter(movable)
    rank[:] = [node if wanted[id(node)] is None else next(remaining) for node in rank]


def _crossings(ranks: list[list[_Node]], below: dict[int, list[_Link]]) -> int:
    return sum(_crossings_below(upper, lower, below) for upper, lower in zip(ranks, ranks[1:], strict=False))


def _crossings_below(upper: list[_Node], lower: list[_Node], below: dict[int, list[_Link]]) -> int:
    place = {id(node): number for number, node in enumerate(lower)}
    ends = [
        (number, link.upper_port, place[id(link.lower)], link.lower_port)
        for number, node in enumerate(upper)
        for link in below.get(id(node), ())
    ]
    ends.sort()
    count = 0
    for number, (_, _, *first) in enumerate(ends):
        for start, port, *second in ends[number + 1 :]:
            # Two ways that leave from the same port cannot cross.
            if second < first and (start, port) != ends[number][:2]:
                count += 1
    return count


def _swap_neighbours(ranks: list[list[_Node]], below: dict[int, list[_Link]]) -> None:
    for number, rank in enumerate(ranks):
        for place in range(len(rank) - 1):
            before = _crossings_around(ranks, number, below)
            if before == 0:
                break
            rank[place], rank[place + 1] = rank[place + 1], rank[place]
            if _crossings_around(ranks, number, below) >= before:
                rank[place], rank[place + 1] = rank[place + 1], rank[place]


def _crossings_around(ranks: list[list[_Node]], number: int, below: dict[int, list[_Link]]) -> int:
    count = 0
    if number > 0:
        count += _crossings_below(ranks[number - 1], ranks[number], below)
    if number + 1 < len(ranks):
        count += _crossings_below(ranks[number], ranks[number + 1], below)
    return count


# Places within a rank.


def _place(ranks: list[list[_Node]], links: list[_Link]) -> None:
    """Give every node its x: straight chains are rigid columns, and columns move to where other arrows bend least."""
    above: dict[int, list[_Link]] = {}
    below: dict[int, list[_Link]] = {}
    for link in links:
        above.setdefault(id(link.lower), []).append(link)
        below.setdefault(id(link.upper), []).append(link)
    _centre_main_ports(ranks, above)
    columns = _columns(ranks, above, below)
    limits = _limits(ranks, columns)
    _compact(columns, limits)
    pulls = _pulls(links, columns)
    for sweep in range(_SWEEPS * 10):
        moved = 0.0
        for column in columns.order if sweep % 2 == 0 else columns.order[::-1]:
            moved = max(moved, _move([column], columns, limits, pulls))
        for group in _touching(columns, limits):
            moved = max(moved, _move(group, columns, limits, pulls))
        if moved < 0.02:
            break
    for rank in ranks:
        for node in rank:
            column, offset = columns.of[id(node)]
            node.x = columns.x[column] + offset


def _centre_main_ports(ranks: list[list[_Node]], above: dict[int, list[_Link]]) -> None:
    """Where one box leads to another and all else passes by, let that arrow enter in the middle: no column drifts."""
    for node in (node for rank in ranks for node in rank if node.box is not None):
        arriving = above.get(id(node), [])
        main = [link for link in arriving if link.upper.box is not None]
        if len(main) != 1 or len(node.ins) < 2 or node.box.calls > 1:
            continue
        shift = main[0].lower_port
        for link in arriving:
            link.lower_port -= shift
        node.ins = {port: x - shift for port, x in node.ins.items()}
        needed = 2 * max(abs(x) for x in node.ins.values()) + 24
        extra = max(0.0, needed - node.width) / 2
        node.width += 2 * extra
        node.left += extra
        node.right = max(node.right, node.width / 2)


@dataclass
class _Columns:
    """Nodes that keep their places relative to each other: ``of`` gives a node's column and its offset in it."""

    of: dict[int, tuple[int, float]]
    order: list[int]
    x: dict[int, float]


def _columns(ranks: list[list[_Node]], above: dict[int, list[_Link]], below: dict[int, list[_Link]]) -> _Columns:
    """Join neighbours that shall stand straight above each other, as long as their arrows do not cross."""
    place = {id(node): number for rank in ranks for number, node in enumerate(rank)}
    parent: dict[int, _Link] = {}  # the link that joins a node to the one above it
    for upper in ranks:
        wanted = [link for node in upper for link in below.get(id(node), ()) if _is_straight(link, above, below)]
        wanted.sort(key=lambda link: link.upper.box is not None or link.lower.box is not None)
        kept: list[tuple[int, int]] = []
        for link in wanted:
            start, end = place[id(link.upper)], place[id(link.lower)]
            if all((start - other) * (end - its_end) > 0 for other, its_end in kept):
                kept.append((start, end))
                parent[id(link.lower)] = link
    of: dict[int, tuple[int, float]] = {}
    count = 0
    for rank in ranks:
        for node in rank:
            link = parent.get(id(node))
            if link is None:
                of[id(node)] = (count, 0.0)
                count += 1
            else:
                column, offset = of[id(link.upper)]
                of[id(node)] = (column, offset + link.upper_port - link.lower_port)
    return _Columns(of, list(range(count)), dict.fromkeys(range(count), 0.0))


def _is_straight(link: _Link, above: dict[int, list[_Link]], below: dict[int, list[_Link]]) -> bool:
    """Whether an arrow should be straight here: it passes ranks, or it is a box's only way to or from another box."""
    if link.upper.box is None and link.lower.box is None:
        return True
    if link.upper.box is None:
        return len(above[id(link.lower)]) == 1
    if link.lower.box is None:
        return len(below[id(link.upper)]) == 1
    downwards = [other for other in below[id(link.upper)] if other.lower.box is not None]
    upwards = [other for other in above[id(link.lower)] if other.upper.box is not None]
    # An output hangs at the side of a chain that goes on.
    onwards = [other for other in downwards if other.lower.box.kind != "output"] or downwards
    return onwards == [link] and len(upwards) == 1


@dataclass
class _Limits:
    """How far apart columns stay: ``right[a][b]`` is the least distance from ``a`` to ``b`` at its right."""

    right: dict[int, dict[int, float]]
    left: dict[int, dict[int, float]]


def _limits(ranks: list[list[_Node]], columns: _Columns) -> _Limits:
    right: dict[int, dict[int, float]] = {column: {} for column in columns.order}
    left: dict[int, dict[int, float]] = {column: {} for column in columns.order}
    for rank in ranks:
        for one, other in zip(rank, rank[1:], strict=False):
            (a, its_offset), (b, offset) = columns.of[id(one)], columns.of[id(other)]
            least = _distance(one, other) + its_offset - offset
            right[a][b] = left[b][a] = max(right[a].get(b, least), least)
    return _Limits(right, left)


def _compact(columns: _Columns, limits: _Limits) -> None:
    """Sort the columns from left to right and push each as far left as it may go."""
    waiting = {column: len(limits.left[column]) for column in columns.order}
    ready = [column for column in columns.order if not waiting[column]]
    order = []
    while ready:
        column = ready.pop(0)
        order.append(column)
        columns.x[column] = max((columns.x[a] + least for a, least in limits.left[column].items()), default=0.0)
        for following in limits.right[column]:
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    columns.order = order


def _pulls(links: list[_Link], columns: _Columns) -> dict[int, list[tuple[int, float, float]]]:
    """For each column: the other column that an arrow ties it to, their wanted distance, and how strongly."""
    pulls: dict[int, list[tuple[int, float, float]]] = {column: [] for column in columns.order}
    for link in links:
        (a, its_offset), (b, offset) = columns.of[id(link.upper)], columns.of[id(link.lower)]
        if a != b:
            distance = its_offset + link.upper_port - offset - link.lower_port
            pulls[b].append((a, distance, link.weight))
            pulls[a].append((b, -distance, link.weight))
    return pulls


def _touching(columns: _Columns, limits: _Limits) -> list[list[int]]:
    """Groups of two or more columns that stand as close as they may: they can only move together."""
    group = {column: column for column in columns.order}

    def find(column: int) -> int:
        while group[column] != column:
            column = group[column]
        return column

    for a in columns.order:
        for b, least in limits.right[a].items():
            if columns.x[b] - columns.x[a] - least < 0.05:
                group[find(b)] = find(a)
    groups: dict[int, list[int]] = {}
    for column in columns.order:
        groups.setdefault(find(column), []).append(column)
    return [members for members in groups.values() if len(members) > 1]


def _move(
    group: list[int], columns: _Columns, limits: _Limits, pulls: dict[int, list[tuple[int, float, float]]]
) -> float:
    """Move columns together to where their arrows to others bend least, as far as others leave room."""
    members, x = set(group), columns.x
    total = weights = 0.0
    low, high = -1e9, 1e9
    for column in group:
        for other, distance, weight in pulls[column]:
            if other not in members:
                total += weight * (x[other] + distance - x[column])
                weights += weight
        for other, least in limits.left[column].items():
            if other not in members:
                low = max(low, x[other] + least - x[column])
        for other, least in limits.right[column].items():
            if other not in members:
                high = min(high, x[other] - least - x[column])
    if not weights:
        return 0.0
    step = max(low, min(high, total / weights))
    for column in group:
        x[column] += step
    return abs(step)


def _distance(left: _Node, right: _Node) -> float:
    return left.right + right.left + (min(left.gap, right.gap) if _LANE in (left.gap, right.gap) else left.gap)


def _add_lanes(ranks: list[list[_Node]], routes: list[_Route]) -> None:
    """Give every arrow that leads back a lane at the right, outside all that it passes."""
    by_key = {node.key: node for rank in ranks for node in rank}
    back = [route for route in routes if route.back]
    # The innermost lane is the shortest one, and of a layer's loops the last: so loops lie within each other.
    back.sort(key=lambda route: (by_key[route.source.box].rank - by_key[route.target.box].rank, -route.source.call))
    turns: dict[tuple[str, int], int] = {}
    for route in back:
        source, target = by_key[route.source.box], by_key[route.target.box]
        below, above = ("below", source.rank), ("above", target.rank)
        turns[below], turns[above] = turns.get(below, 0) + 1, turns.get(above, 0) + 1
        route.tracks = (turns[below] * _TRACK, turns[above] * _TRACK)
        span = range(target.rank, source.rank + 1)
        x = max(node.x + node.right for rank in span for node in ranks[rank]) + _LANE
        if source is target:
            # A loop keeps to its own box; the neighbours at the right give way.
            x = source.x + source.right + _LANE
            source.right = x - source.x
            rank = ranks[source.rank]
            for left, right in zip(rank[rank.index(source) :], rank[rank.index(source) + 1 :], strict=False):
                right.x = max(right.x, left.x + _distance(left, right))
            route.through = [_Node(None, source.rank, x=x)]
            continue
        for rank in span:
            lane = _Node((id(route), rank), rank, gap=_LANE, x=x)
            ranks[rank].append(lane)
            route.through.append(lane)


# Lines.


def _finished(
    scene: Scene, nodes: dict[str, _Node], ranks: list[list[_Node]], routes: list[_Route], depth: int
) -> Layout:
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
    for node in nodes.values():
        box = node.box
        x, y = _round(node.x - node.width / 2), _round(node.y)
        dangling = box.kind == "input" and box.key not in used
        boxes.append(
            PlacedBox(
                key=box.key,
                kind=box.kind,
                title=box.title,
                lines=_lines(box, scene),
                frozen=box.frozen,
                calls=box.calls,
                opened=box.inner is not None,
                dangling=dangling,
                depth=depth,
                x=x,
                y=y,
                width=_round(node.width),
                height=_round(node.height),
            )
        )
        if node.inner is not None:
            dx = node.x - node.inner_middle
            dy = node.y + node.height - node.inner.height - FRAME_PAD
            moved = _moved(node.inner, dx, dy)
            boxes.extend(moved.boxes)
            arrows.extend(moved.arrows)
            labels.extend(moved.labels)
    for wire in scene.wires:
        if not wire.targets:
            continue
        node = nodes[wire.source.box]
        x = node.x + node.outs[wire.source.call, wire.source.place]
        badge = BADGE if node.box.calls > 1 else 0
        y = node.y + node.height + _LABEL_ZONE / 2
        labels.append(Label(wire.shape, _round(x + 5 + badge), _round(y)))
    for route in routes:
        arrows.append(_arrow(route, nodes, tops, bottoms, heads))
    width = max(max(node.x + node.right for node in everything), _MARGIN) + _MARGIN
    # Only an arrow that leads back from the last rank reaches below its boxes.
    lowest = max((segment[-1] for arrow in arrows for segment in arrow.path), default=0.0)
    height = max(bottoms[-1], lowest) + _MARGIN
    return Layout(_round(width), _round(height), tuple(boxes), tuple(arrows), tuple(labels))


def _heights(nodes: dict[str, _Node], ranks: list[list[_Node]], routes: list[_Route]):
    """Where each rank begins and ends, and how far above it the arrows go straight."""
    tops, bottoms, heads = [], [], []
    y = _MARGIN
    for number, rank in enumerate(ranks):
        several = any(node.box is not None and node.box.calls > 1 for node in rank)
        heads.append(_BADGE_ZONE if several else _HEAD_ZONE)
        if number:
            y += _LABEL_ZONE + _bend(number, ranks, routes, nodes) + heads[-1]
        tops.append(y)
        y += max((node.height for node in rank), default=0.0)
        bottoms.append(y)
    return tops, bottoms, heads


def _bend(number: int, ranks: list[list[_Node]], routes: list[_Route], nodes: dict[str, _Node]) -> float:
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
    return max(bend, down + up + _TRACK if down + up else 0.0)


def _points(route: _Route, source: _Node, target: _Node) -> list[float]:
    """The x of an arrow at every rank that it leaves, passes and enters."""
    start = source.x + source.outs[route.source.call, route.source.place]
    end = target.x + target.ins[route.target.call, route.target.place]
    return [start, *(node.x for node in route.through), end]


def _arrow(
    route: _Route, nodes: dict[str, _Node], tops: list[float], bottoms: list[float], heads: list[float]
) -> Arrow:
    source, target = nodes[route.source.box], nodes[route.target.box]
    points = _points(route, source, target)
    path: list[Segment] = [("M", points[0], source.y + source.height)]
    after = bottoms[source.rank] + _LABEL_ZONE
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
                path.append(("L", points[step + 1], bottoms[rank] + _LABEL_ZONE))
    path.append(("L", points[-1], target.y))
    badges = []
    if source.box.calls > 1:
        badges.append(Badge(route.source.call + 1, points[0], source.y + source.height + _LABEL_ZONE / 2))
    if target.box.calls > 1:
        badges.append(Badge(route.target.call + 1, points[-1], target.y - 7 - BADGE))
    call = badges[0].number if badges else 0
    fork = (points[0], after) if route.forked else None
    return Arrow(
        route.source.box,
        route.target.box,
        call,
        _rounded(path),
        tuple(Badge(badge.number, _round(badge.x), _round(badge.y)) for badge in badges),
        None if fork is None else (_round(fork[0]), _round(fork[1])),
    )


def _curve(x0: float, y0: float, x1: float, y1: float) -> Segment:
    """A curve that leaves and arrives vertically."""
    middle = (y0 + y1) / 2
    return ("C", x0, middle, x1, middle, x1, y1)


def _turn(start: float, down: float, lane: float, up: float, end: float) -> list[Segment]:
    """Down to ``down``, over to the lane at the right, up to ``up`` and back to ``end``, round the corners."""
    r = _TRACK
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
        segment = (command, *(_round(number) for number in numbers))
        if command == "L" and len(joined) > 1 and joined[-1][0] == "L" and joined[-1][1] == segment[1]:
            joined[-1] = segment
        else:
            joined.append(segment)
    return tuple(joined)


def _round(number: float) -> float:
    return round(number, 1) + 0.0


def _moved(layout: Layout, dx: float, dy: float) -> Layout:
    def move(segment: Segment) -> Segment:
        command, *numbers = segment
        return (command, *(_round(n + (dy if place % 2 else dx)) for place, n in enumerate(numbers)))

    return Layout(
        layout.width,
        layout.height,
        tuple(replace(box, x=_round(box.x + dx), y=_round(box.y + dy)) for box in layout.boxes),
        tuple(
            replace(
                arrow,
                path=tuple(move(segment) for segment in arrow.path),
                badges=tuple(replace(b, x=_round(b.x + dx), y=_round(b.y + dy)) for b in arrow.badges),
                fork=None if arrow.fork is None else (_round(arrow.fork[0] + dx), _round(arrow.fork[1] + dy)),
            )
            for arrow in layout.arrows
        ),
        tuple(replace(label, x=_round(label.x + dx), y=_round(label.y + dy)) for label in layout.labels),
    )
