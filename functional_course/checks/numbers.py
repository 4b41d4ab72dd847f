"""How far apart arrays are, decided once: what differs in shape is infinitely far, and NaN is near to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def largest_difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """The largest difference between two lists of arrays.

    Compare it as ``not largest_difference(a, b) <= tolerance``: no comparison with NaN holds.

    Args:
        first: arrays of any shapes and types of numbers.
        second: as many, each to compare with the one at its place.

    Returns:
        0.0 for the same numbers, equal infinities among them, and for empty arrays; infinity if there are more arrays
        on one side or a shape differs; NaN if either holds one.

    Example:

    >>> largest_difference([np.array([1.0, 2.0])], [np.array([1.0, 2.5])])
    0.5
    >>> largest_difference([np.zeros((2, 1))], [np.zeros(2)])
    inf
    """
    if [array.shape for array in first] != [array.shape for array in second]:
        return float("inf")
    # np.max over the arrays too: Python's max drops a NaN that does not come first.
    return float(np.max([_apart(one, other) for one, other in zip(first, second, strict=True)], initial=0.0))


def shapes_of(arrays: Sequence[np.ndarray]) -> str:
    """The shapes of arrays in words."""
    return ", ".join(str(array.shape) for array in arrays) or "none"


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    # Unsigned numbers would wrap, and booleans cannot be subtracted.
    one, other = (each if each.dtype.kind == "c" else each.astype("float64") for each in (one, other))
    with np.errstate(invalid="ignore"):  # infinity less infinity
        return np.max(np.where(one == other, 0.0, np.abs(one - other)), initial=0.0)
