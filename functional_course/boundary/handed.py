"""What a function does to the lists, dicts, sets and arrays that it is given, when it lives on the other side.

It works on copies. In one kernel it would have worked on the caller's own objects, so a test that asks whether they are
as they were has to see here what it would see there (:func:`in_sight`). Any other test goes on with what it made: a
function could else make its own answer the right one, by changing what the right one is computed from.

Models and layers are told apart from these: their state crosses by itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import keras
import numpy as np

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_in_sight: ContextVar[bool] = ContextVar("in_sight", default=False)

Changes = list[Callable[[], object]]


@contextlib.contextmanager
def in_sight() -> Iterator[None]:
    """What functions of the other side do to what they are given here is done to the originals, as in one kernel.

    Example:

    >>> rows = [3, 1, 2]
    >>> with in_sight():
    ...     hand_back(rows, [1, 2, 3])
    True
    >>> rows
    [1, 2, 3]
    """
    before = _in_sight.set(True)
    try:
        yield
    finally:
        _in_sight.reset(before)


def is_in_sight() -> bool:
    """Whether what functions of the other side do now is done here too."""
    return _in_sight.get()


def hand_back(given: Any, now: Any) -> bool:
    """Whether what was given has become something else; it does so here too, where that is :func:`in_sight`.

    Args:
        given: what the function was called with; changed in place, as far as it is a list, a dict, a set or an array,
            or holds some.
        now: the same from the other side, after the call. Not to be trusted: what does not fit is left out.
    """
    changes: Changes = []
    _become(given, now, changes)
    if _in_sight.get():
        for change in changes:
            change()
    return bool(changes)


def _become(given: Any, now: Any, changes: Changes) -> Any:
    """The object that stands in the place of ``given``: itself where it can be changed, else what it became."""
    kind = type(given)
    if kind is np.ndarray:
        _become_array(given, now, changes)
    elif kind in (list, tuple, dict, set) and type(now) is kind:
        _CONTAINERS[kind](given, now, changes)
    elif kind in (list, dict, set) or kind in _PLAIN or isinstance(given, (np.generic, keras.Operation)):
        return given if _is_same(given, now) else now
    return given  # a tensor or a function comes back as something that stands for it


def _become_array(given: np.ndarray, now: Any, changes: Changes) -> None:
    fits = type(now) is np.ndarray and now.shape == given.shape and now.dtype == given.dtype
    if fits and given.flags.writeable and not given.dtype.hasobject and given.tobytes() != now.tobytes():
        changes.append(lambda: np.copyto(given, now))


def _become_list(given: list[Any], now: list[Any], changes: Changes) -> None:
    items = [_become(one, other, changes) for one, other in zip(given, now, strict=False)] + now[len(given) :]
    if len(items) != len(given) or any(one is not other for one, other in zip(items, given, strict=True)):
        changes.append(lambda: given.__setitem__(slice(None), items))


def _become_tuple(given: tuple[Any, ...], now: tuple[Any, ...], changes: Changes) -> None:
    for one, other in zip(given, now, strict=False):
        _become(one, other, changes)


def _become_dict(given: dict[Any, Any], now: dict[Any, Any], changes: Changes) -> None:
    items = {key: _become(given[key], value, changes) if key in given else value for key, value in now.items()}
    if list(items) != list(given) or any(items[key] is not given[key] for key in items):
        changes += [given.clear, lambda: given.update(items)]


def _become_set(given: set[Any], now: set[Any], changes: Changes) -> None:
    if all(type(each) in _PLAIN for each in (*given, *now)) and given != now:
        changes += [given.clear, lambda: given.update(now)]


_CONTAINERS: dict[Any, Callable[[Any, Any, Changes], None]] = {
    list: _become_list,
    tuple: _become_tuple,
    dict: _become_dict,
    set: _become_set,
}


def _is_same(given: Any, now: Any) -> bool:
    if given is now:
        return True
    if type(given) is not type(now) or isinstance(given, keras.Operation):
        return False
    return bool(given == now or (given != given and now != now))  # a NaN is not equal to itself
