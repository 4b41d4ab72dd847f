"""Work that is done number by number, or all at once where parts would do, is seen in what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from effort import lines_of, most_bytes_of


def by_the_number(image: np.ndarray) -> float:
    total = 0.0
    for row in image:
        for number in row:
            total += number
    return total


def test_each_turn_of_a_loop_is_counted_and_what_is_called_too():
    image = np.ones((50, 40))
    assert lines_of(image.sum) < 50 < 2 * 50 * 40 < lines_of(lambda: by_the_number(image)) < 3 * 50 * 40


def test_what_looked_on_before_looks_on_after_an_error():
    import sys

    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError):
        lines_of(lambda: 1 / 0)
    assert sys.gettrace() is before


def test_arrays_are_counted_in_bytes():
    assert 8e6 <= most_bytes_of(lambda: np.ones(1_000_000)) < 9e6
    assert 16e6 <= most_bytes_of(lambda: [np.ones(1_000_000), np.ones(1_000_000)]) < 17e6
