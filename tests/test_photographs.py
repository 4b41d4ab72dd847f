"""Crops of the photographs: balanced, where they say they come from, and no pixel on both sides of the line."""

from __future__ import annotations

from functional_course.data import photographs

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view


def places(crop: np.ndarray, name: str) -> np.ndarray:
    """The left edges at which a crop is found in a photograph."""
    windows = sliding_window_view(photographs.photograph(name), crop.shape[:2], axis=(0, 1))
    return np.argwhere((windows == crop.transpose(2, 0, 1)).all(axis=(2, 3, 4)))[:, 1]


@pytest.mark.parametrize("seed", [0, 1])
def test_half_of_the_pairs_are_of_one_photograph(seed: int):
    for part, count in zip(photographs.load_data(train=40, test=20, size=24, seed=seed), (40, 20), strict=True):
        assert part.left.shape == part.right.shape == (count, 24, 24, 3) and len(part) == count
        assert part.left.dtype == part.answers.dtype == np.float32
        assert part.answers.mean() == 0.5
        assert 0 < part.answers[: count // 2].sum() < count // 2, "yes and no are not shuffled"
        assert np.array_equal(part.answers, part.photographs[:, 0] == part.photographs[:, 1])
        assert 2 < part.left.max() <= 255


def test_crops_come_from_their_photograph_and_stay_on_their_side_of_the_middle():
    train, test = photographs.load_data(train=6, test=6, size=32)
    for part, low, high in ((train, 0, 160 - 32), (test, 160, 320 - 32)):
        for crops, shown in ((part.left, part.photographs[:, 0]), (part.right, part.photographs[:, 1])):
            for crop, which in zip(crops, shown, strict=True):
                found = places(crop, photographs.NAMES[which])
                assert len(found) and (found >= low).all() and (found <= high).all()


def test_the_seed_decides():
    first, again, other = (photographs.load_data(4, 2, seed=seed)[0].left for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_photograph_is_halved_and_cannot_be_changed():
    china = photographs.photograph("china")
    assert china.shape == (213, 320, 3)
    with pytest.raises(ValueError, match="read-only"):
        china[0, 0] = 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"train": 3}, "their number is even and not 0; 3 is not"),
        ({"test": 0}, "their number is even and not 0; 0 is not"),
        ({"size": 161}, "from 1 to 160 pixels on a side, not 161"),
        ({"size": 0}, "not 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: dict[str, int], message: str):
    with pytest.raises(ValueError, match=message):
        photographs.load_data(**arguments)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="'china', 'flower'; there is no 'cat'"):
        photographs.photograph("cat")
