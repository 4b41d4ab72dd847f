"""How far apart arrays are: one answer for shapes, NaN, infinity and every type of number."""

from __future__ import annotations

from functional_course.checks.numbers import largest_difference

import numpy as np
import pytest

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0]], 0.0),
        ([[1.0]], [[-1.0]], 2.0),
        ([[1.0], [5.0]], [[1.5], [3.0]], 2.0),
        ([[1.0]], [1.0], INFINITE),
        ([[1.0]], [[1.0], [2.0]], INFINITE),
        ([], [[1.0]], INFINITE),
        ([], [], 0.0),
        ([np.zeros((0, 3))], [np.zeros((0, 3))], 0.0),
        ([[INFINITE, -INFINITE]], [[INFINITE, -INFINITE]], 0.0),
        ([[INFINITE]], [[-INFINITE]], INFINITE),
        ([[INFINITE]], [[1.0]], INFINITE),
        ([np.array([3], "uint8")], [np.array([5], "uint8")], 2.0),
        ([np.array([True])], [np.array([False])], 1.0),
        ([np.array([1j])], [np.array([0j])], 1.0),
        ([np.array([60000], "float16")], [np.array([-60000], "float16")], 120000.0),
    ],
)
def test_the_largest_difference(first, second, found):
    assert largest_difference([*map(np.asarray, first)], [*map(np.asarray, second)]) == pytest.approx(found, rel=1e-3)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("sides", [(NAN, 1.0), (1.0, NAN), (NAN, NAN)])
def test_nan_is_near_to_nothing_wherever_it_stands(place, sides):
    first, second = ([np.ones(2), np.ones(1), np.ones(3)] for _ in range(2))
    first[place][0], second[place][0] = sides
    assert not largest_difference(first, second) <= INFINITE
