"""What an answer's function does to lists and arrays that it is given is told here, and done where a test looks."""

from __future__ import annotations

from functional_course.boundary.handed import hand_back, in_sight

import numpy as np
import pytest


def write_back(given, now):
    with in_sight():
        return hand_back(given, now)


ROWS = np.arange(6.0).reshape(2, 3)
MODEL, OTHER = object(), object()


@pytest.mark.parametrize(
    ("given", "now", "becomes"),
    [
        ([3, 1, 2], [1, 2, 3], [1, 2, 3]),
        ([1, 2], [1], [1]),
        ([1], [1, 2], [1, 2]),
        ([[1], [2]], [[1], [5]], [[1], [5]]),
        (([1],), ([2],), ([2],)),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {}, {}),
        ({"a": [1]}, {"a": [1], "b": 2}, {"a": [1], "b": 2}),
        ({1, 2}, {1}, {1}),
        ([1], (2,), [1]),
        ([1], None, [1]),
    ],
)
def test_containers_become_what_they_became(given, now, becomes):
    before, kind = repr(given), type(given)
    changes = repr(becomes) != before
    assert hand_back(given, now) == changes and repr(given) == before  # out of sight
    assert write_back(given, now) == changes
    assert given == becomes and type(given) is kind


def test_what_did_not_change_stays_the_same_object():
    inner, array = [1, float("nan"), "x"], ROWS.copy()
    given = [inner, array, MODEL, {"k": inner}]
    items = list(given)
    write_back(given, [[1, float("nan"), "x"], ROWS.copy(), OTHER, {"k": [1, float("nan"), "x"]}])
    assert all(one is other for one, other in zip(given, items, strict=True))


def test_arrays_become_what_they_became_as_far_as_it_fits():
    for now, changes in (
        (ROWS + 1, True),
        (ROWS.astype("float32") + 1, False),
        ((ROWS + 1).T, False),
        ([[1]], False),
        (None, False),
    ):
        given = ROWS.copy()
        write_back([given], [now])
        assert np.array_equal(given, ROWS + 1 if changes else ROWS)
    fixed = ROWS.copy()
    fixed.flags.writeable = False
    write_back((fixed,), (ROWS + 1,))
    assert np.array_equal(fixed, ROWS)
