"""Ranks: every box below all that lead to it, and the way of every arrow through the ranks between."""

from __future__ import annotations

from collections import Counter

from functional_course.diagrams.layout.measures import LANE
from functional_course.diagrams.layout.nodes import Link, Node, Route
from functional_course.diagrams.scene import Scene


def rank(nodes: dict[str, Node], scene: Scene) -> set[tuple[str, str]]:
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


def chains(
    nodes: dict[str, Node], scene: Scene, back: set[tuple[str, str]]
) -> tuple[list[list[Node]], list[Link], list[Route]]:
    """Lead every arrow through the ranks.

    Args:
        nodes: the boxes by their keys, on their ranks.
        scene: the wires.
        back: the pairs of boxes whose wires lead back; they get their lanes later.

    Returns:
        The nodes by rank, with one more node wherever an arrow passes a rank; the pieces of arrows between neighbouring
        ranks; and the arrows.
    """
    ranks: list[list[Node]] = [[] for _ in range(max((node.rank for node in nodes.values()), default=0) + 1)]
    for node in nodes.values():
        ranks[node.rank].append(node)
    links: list[Link] = []
    routes: list[Route] = []
    for number, wire in enumerate(scene.wires):
        for index, end in enumerate(wire.targets):
            source, target = nodes[wire.source.box], nodes[end.box]
            route = Route(wire.source, end, [], forked=len(wire.targets) > 1)
            routes.append(route)
            if (source.key, target.key) in back:
                route.back = True
                continue
            previous, port = source, source.outs[wire.source.call, wire.source.place]
            for rank in range(source.rank + 1, target.rank):
                passing = Node((number, index, rank), rank, gap=LANE)
                ranks[rank].append(passing)
                route.through.append(passing)
                links.append(Link(previous, passing, port, 0.0, 1.0 if previous is source else 6.0))
                previous, port = passing, 0.0
            into = target.ins[end.call, end.place]
            links.append(Link(previous, target, port, into, 1.0 if previous is not source else 4.0))
    return ranks, links, routes
