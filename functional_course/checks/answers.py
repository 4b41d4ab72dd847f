"""Why the numbers that a function of an answer returns aren't those that were asked for.

That numbers differ helps nobody. So the answer is asked once more, the same and something else, and its numbers are
compared with what usual slips make of the right ones. What is said was seen to be true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functional_course.faults import Fault

import keras
import numpy as np


def what_differs(
    found: Any,
    asked: Any = None,
    again: Callable[[], Any] | None = None,
    other: Callable[[], Any] | None = None,
    tolerance: float = 1e-4,
) -> Fault | None:
    """What kind of difference makes the numbers found others than those asked for.

    For the message of an ``assert``, as in ``assert right, checks.what_differs(found, asked) or checks.Fault.NUMBERS``.
    It never raises.

    Args:
        found: a number, or an array, list, tuple or dict of numbers.
        asked: the right ones, in the same structure; left out, only ``again`` and ``other`` are used.
        again: asks the answer for the same once more.
        other: asks it for something whose right answer is another.
        tolerance: the largest difference that still counts as the same.

    Returns:
        A fault that was seen to be true, or None.

    Example:

    >>> what_differs([0.2, 0.9], [0.9, 0.2]).name, what_differs(0.75, 0.25).name, what_differs(0.3, 0.25)
    ('SWAPPED', 'TURNED', None)
    >>> what_differs(1.0, 4.0, other=lambda: 1.0).name
    'UNMOVED'
    """
    try:
        numbers = _numbers(found)
        if not np.all(np.isfinite(numbers)) and (asked is None or np.all(np.isfinite(_numbers(asked)))):
            return Fault.UNDEFINED
        if again is not None and not _same(numbers, _numbers(again()), 1e-6):
            return Fault.TWICE
        if other is not None and _same(numbers, _numbers(other()), 0.0):
            return Fault.UNMOVED
        return None if asked is None else _slip(numbers, _numbers(asked), tolerance)
    except Exception:  # a diagnosis is a favour: what cannot be looked at so has the general sentence
        return None


def _slip(found: np.ndarray, asked: np.ndarray, tolerance: float) -> Fault | None:
    """Which usual slip makes the right numbers those that were found."""
    if found.shape != asked.shape:
        return Fault.SHAPE
    if _same(found, asked, tolerance):
        return None
    if found.size > 2 and np.ptp(found) == 0 < np.ptp(asked):
        return Fault.CONSTANT
    if found.size > 1 and _same(np.sort(found), np.sort(asked), tolerance):
        return Fault.SWAPPED
    if np.any(asked != 0) and _same(found, -asked, tolerance):
        return Fault.SIGN
    if np.all((asked >= 0) & (asked <= 1)) and _same(found, 1 - asked, tolerance):
        return Fault.TURNED
    if np.all(asked >= 0) and (_same(found, asked**2, tolerance) or _same(found**2, asked, tolerance)):
        return Fault.POWER
    if found.size > 2 and np.ptp(found) > 0 and np.ptp(asked) > 0 and abs(np.corrcoef(found, asked)[0, 1]) > 1 - 1e-6:
        return Fault.SCALE
    return None


def _numbers(values: Any) -> np.ndarray:
    """All numbers of a structure in one row; those of a dict in the order of its keys."""
    if any(each is None for each in keras.tree.flatten(values)):
        raise ValueError("no number")
    parts = [np.ravel(keras.ops.convert_to_numpy(each)).astype("float64") for each in keras.tree.flatten(values)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _same(first: np.ndarray, second: np.ndarray, tolerance: float) -> bool:
    with np.errstate(invalid="ignore"):  # infinity less infinity
        return first.shape == second.shape and bool(np.all(np.abs(first - second) <= tolerance))
