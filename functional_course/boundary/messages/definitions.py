"""A definition of any kind: what the other side has to know of before it can understand a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functional_course.boundary import tags
from functional_course.boundary.messages.graphs import Call, Entrance, Graph, Loose, Stack
from functional_course.boundary.messages.layers import Own, Wrapper, Written
from functional_course.boundary.messages.parts import Json
from functional_course.boundary.wire import BoundaryError

Definition = Call | Loose | Entrance | Stack | Graph | Own | Wrapper | Written
_DEFINITIONS: dict[str, Callable[[Json], Definition]] = {
    each.KIND: each.of for each in (Call, Loose, Entrance, Stack, Graph, Own, Wrapper, Written)
}


def definition(coded: Any) -> Definition:
    """A definition that came.

    Args:
        coded: what ``to_json`` of any of :data:`Definition` makes.

    Raises:
        BoundaryError: it is no dict, of no kind that there is, or not as its kind is to be.
    """
    if not isinstance(coded, dict):
        raise BoundaryError("a definition that is no dict")
    kind = coded.get(tags.Definition.KIND)
    of = _DEFINITIONS.get(kind) if isinstance(kind, str) else None
    if of is None:
        raise BoundaryError(f"nothing is of the kind {str(kind)[:40]!r}")
    return of(coded)
