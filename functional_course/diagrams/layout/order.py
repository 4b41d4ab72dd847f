"""Order within a rank: as few crossings as sorting by the neighbours can reach."""

from __future__ import annotations

from functional_course.diagrams.layout.nodes import Link, Node

_SWEEPS = 24


def sort(ranks: list[list[Node]], links: list[Link]) -> None:
    """Sort each rank, in place, after the places of its neighbours, down and up; keep what has the fewest crossings."""
    above: dict[int, list[Link]] = {}
    below: dict[int, list[Link]] = {}
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
            wanted: dict[int, float] = {}
            for node in rank:
                ends = [
                    places[id(link.upper)] + link.upper_port / 1e4
                    if down
                    else places[id(link.lower)] + link.lower_port / 1e4
                    for link in (above if down else below).get(id(node), ())
                ]
                if ends:
                    wanted[id(node)] = sum(ends) / len(ends)
            _sort_movable(rank, wanted)
        _swap_neighbours(ranks, below)
        crossings = _crossings(ranks, below)
        if crossings < fewest:
            best, fewest = [list(rank) for rank in ranks], crossings
    for rank, kept in zip(ranks, best, strict=True):
        rank[:] = kept


def _places(ranks: list[list[Node]], rank: list[Node], down: bool) -> dict[int, float]:
    neighbours = ranks[rank[0].rank + (-1 if down else 1)]
    return {id(node): float(place) for place, node in enumerate(neighbours)}


def _sort_movable(rank: list[Node], wanted: dict[int, float]) -> None:
    """Sort the nodes that have neighbours; the others keep their places."""
    movable = [node for node in rank if id(node) in wanted]
    movable.sort(key=lambda node: wanted[id(node)])
    remaining = iter(movable)
    rank[:] = [next(remaining) if id(node) in wanted else node for node in rank]


def _crossings(ranks: list[list[Node]], below: dict[int, list[Link]]) -> int:
    return sum(_crossings_below(upper, lower, below) for upper, lower in zip(ranks, ranks[1:], strict=False))


def _crossings_below(upper: list[Node], lower: list[Node], below: dict[int, list[Link]]) -> int:
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


def _swap_neighbours(ranks: list[list[Node]], below: dict[int, list[Link]]) -> None:
    for number, rank in enumerate(ranks):
        for place in range(len(rank) - 1):
            before = _crossings_around(ranks, number, below)
            if before == 0:
                break
            rank[place], rank[place + 1] = rank[place + 1], rank[place]
            if _crossings_around(ranks, number, below) >= before:
                rank[place], rank[place + 1] = rank[place + 1], rank[place]


def _crossings_around(ranks: list[list[Node]], number: int, below: dict[int, list[Link]]) -> int:
    count = 0
    if number > 0:
        count += _crossings_below(ranks[number - 1], ranks[number], below)
    if number + 1 < len(ranks):
        count += _crossings_below(ranks[number], ranks[number + 1], below)
    return count
