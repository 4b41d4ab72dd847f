"""What a function did to the lists, dicts, sets and arrays that it was given, done to the originals on this side.

A function of the other side works on copies. In one kernel it would have worked on the caller's own objects, so a test
that looks whether they are as they were has to see here what it would see there. Models and layers are told apart from
these: their state crosses by itself.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

_PLAIN = (type(None), bool, int, float, complex, str, bytes)


def write_back(given: Any, now: Any) -> None:
    """Make what was given what it has become.

    Args:
        given: what the function was called with; changed in place, as far as it is a list, a dict, a set or an array,
            or holds some.
        now: the same from the other side, after the call. Not to be trusted: what does not fit is left out.

    Example:

    >>> rows = [3, 1, 2]
    >>> write_back(rows, [1, 2, 3])
    >>> rows
    [1, 2, 3]
    """
    _become(given, now)


def _become(given: Any, now: Any) -> Any:
    """The object that stands in the place of ``given``: itself where it can be changed, else what it became."""
    kind = type(given)
    if kind is np.ndarray:
        _become_array(given, now)
    elif kind in (list, tuple, dict, set) and type(now) is kind:
        _CONTAINERS[kind](given, now)
    elif kind in (list, dict, set) or kind in _PLAIN or isinstance(given, (np.generic, keras.Operation)):
        return given if _is_same(given, now) else now
    return given  # a tensor or a function comes back as something that stands for it


def _become_array(given: np.ndarray, now: Any) -> None:
    fits = type(now) is np.ndarray and now.shape == given.shape and now.dtype == given.dtype
    if fits and given.flags.writeable and not given.dtype.hasobject and given.tobytes() != now.tobytes():
        given[...] = now


def _become_list(given: list[Any], now: list[Any]) -> None:
    items = [_become(one, other) for one, other in zip(given, now, strict=False)] + now[len(given) :]
    if len(items) != len(given) or any(one is not other for one, other in zip(items, given, strict=True)):
        given[:] = items


def _become_tuple(given: tuple[Any, ...], now: tuple[Any, ...]) -> None:
    for one, other in zip(given, now, strict=False):
        _become(one, other)


def _become_dict(given: dict[Any, Any], now: dict[Any, Any]) -> None:
    items = {key: _become(given[key], value) if key in given else value for key, value in now.items()}
    if list(items) != list(given) or any(items[key] is not given[key] for key in items):
        given.clear()
        given.update(items)


def _become_set(given: set[Any], now: set[Any]) -> None:
    if all(type(each) in _PLAIN for each in (*given, *now)) and given != now:
        given.clear()
        given.update(now)


_CONTAINERS = {list: _become_list, tuple: _become_tuple, dict: _become_dict, set: _become_set}


def _is_same(given: Any, now: Any) -> bool:
    if given is now:
        return True
    if type(given) is not type(now) or isinstance(given, keras.Operation):
        return False
    return bool(given == now or (given != given and now != now))  # a NaN is not equal to itself
