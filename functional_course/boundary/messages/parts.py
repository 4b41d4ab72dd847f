"""The parts of a message that came: what stands under a key, if it is what it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from functional_course.boundary.wire import BoundaryError

Json = dict[str, Any]
Coded = Any
"""What an :class:`functional_course.boundary.values.Encoder` makes of a value."""

_Kind = TypeVar("_Kind")
_MISSING = object()


def part(coded: Json, key: str, where: str, default: Any = _MISSING) -> Any:
    """What stands under a key.

    Args:
        coded: the message, or a dict in it.
        key: one of :mod:`functional_course.boundary.tags`.
        where: what the dict is, as an error names it.
        default: what to give if nothing stands there.

    Raises:
        BoundaryError: nothing does, and there is no default.
    """
    found = coded.get(key, default)
    if found is _MISSING:
        raise BoundaryError(f"{where} without {key!r}")
    return found


def _of_kind(kind: type[_Kind], called: str) -> Callable[..., _Kind]:
    """:func:`part` for what is to be of one kind, with an error for anything else."""

    def part_of_kind(coded: Json, key: str, where: str, default: Any = _MISSING) -> _Kind:
        found = part(coded, key, where, default)
        if not isinstance(found, kind):
            raise BoundaryError(f"{where} whose {key!r} is no {called}")
        return found

    return part_of_kind


dict_at = _of_kind(dict, "dict")
list_at = _of_kind(list, "list")
text_at = _of_kind(str, "text")
bool_at = _of_kind(bool, "bool")


def keys_at(coded: Json, key: str, where: str, default: Any = _MISSING) -> list[str]:
    """A list of the keys by which both sides know things.

    Args:
        coded: the message, or a dict in it.
        key: one of :mod:`functional_course.boundary.tags`.
        where: what the dict is, as an error names it.
        default: what to give if nothing stands there.

    Raises:
        BoundaryError: it is none.
    """
    found: list[str] = list_at(coded, key, where, default)
    if not all(isinstance(each, str) for each in found):
        raise BoundaryError(f"{where} whose {key!r} are no keys")
    return found
