"""Places within a rank: where arrows bend least, under the distances that must be kept."""

from __future__ import annotations

from dataclasses import dataclass

from functional_course.diagrams.layout.measures import LANE, TRACK
from functional_course.diagrams.layout.nodes import Link, Node, Route

_SWEEPS = 240


def place(ranks: list[list[Node]], links: list[Link]) -> None:
    """Give every node its x: straight chains are rigid columns, and columns move to where other arrows bend least."""
    above: dict[int, list[Link]] = {}
    below: dict[int, list[Link]] = {}
    for link in links:
        above.setdefault(id(link.lower), []).append(link)
        below.setdefault(id(link.upper), []).append(link)
    _centre_main_ports(ranks, above)
    columns = _columns(ranks, above, below)
    limits = _limits(ranks, columns)
    _compact(columns, limits)
    pulls = _pulls(links, columns)
    for sweep in range(_SWEEPS):
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


def _centre_main_ports(ranks: list[list[Node]], above: dict[int, list[Link]]) -> None:
    """Where one box leads to another and all else passes by, let that arrow enter in the middle: no column drifts."""
    for node in (node for rank in ranks for node in rank if node.calls):
        arriving = above.get(id(node), [])
        main = [link for link in arriving if link.upper.box is not None]
        if len(main) != 1 or len(node.ins) < 2 or node.calls > 1:
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


def _columns(ranks: list[list[Node]], above: dict[int, list[Link]], below: dict[int, list[Link]]) -> _Columns:
    """Join neighbours that shall stand straight above each other, as long as their arrows do not cross."""
    place = {id(node): number for rank in ranks for number, node in enumerate(rank)}
    parent: dict[int, Link] = {}  # the link that joins a node to the one above it
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
            if id(node) in parent:
                link = parent[id(node)]
                column, offset = of[id(link.upper)]
                of[id(node)] = (column, offset + link.upper_port - link.lower_port)
            else:
                of[id(node)] = (count, 0.0)
                count += 1
    return _Columns(of, list(range(count)), dict.fromkeys(range(count), 0.0))


def _is_straight(link: Link, above: dict[int, list[Link]], below: dict[int, list[Link]]) -> bool:
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
    onwards = [other for other in downwards if other.lower.box and other.lower.box.kind != "output"] or downwards
    return onwards == [link] and len(upwards) == 1


@dataclass
class _Limits:
    """How far apart columns stay: ``right[a][b]`` is the least distance from ``a`` to ``b`` at its right."""

    right: dict[int, dict[int, float]]
    left: dict[int, dict[int, float]]


def _limits(ranks: list[list[Node]], columns: _Columns) -> _Limits:
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


def _pulls(links: list[Link], columns: _Columns) -> dict[int, list[tuple[int, float, float]]]:
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


def _distance(left: Node, right: Node) -> float:
    return left.right + right.left + (min(left.gap, right.gap) if LANE in (left.gap, right.gap) else left.gap)


def add_lanes(ranks: list[list[Node]], routes: list[Route]) -> None:
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
        route.tracks = (turns[below] * TRACK, turns[above] * TRACK)
        span = range(target.rank, source.rank + 1)
        x = max(node.x + node.right for rank in span for node in ranks[rank]) + LANE
        if source is target:
            # A loop keeps to its own box; the neighbours at the right give way.
            x = source.x + source.right + LANE
            source.right = x - source.x
            beside = ranks[source.rank][ranks[source.rank].index(source) :]
            for left, right in zip(beside, beside[1:], strict=False):
                right.x = max(right.x, left.x + _distance(left, right))
            route.through = [Node(None, source.rank, x=x)]
            continue
        for rank in span:
            lane = Node((id(route), rank), rank, gap=LANE, x=x)
            ranks[rank].append(lane)
            route.through.append(lane)
