"""Crops of the two photographs that scikit-learn ships, in pairs: do both come from the same photograph?

Each photograph is divided down its middle. Training crops lie left of the line and test crops right of it, so that no
pixel is on both sides. The photographs themselves are on both: this is not a test on new scenes.

Source: scikit-learn's ``load_sample_images``, *china.jpg* (Summer Palace) and *flower.jpg* (dahlia), both CC BY.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.datasets import load_sample_image

NAMES = ("china", "flower")
SHRINK = 2
"""The photographs are halved, 426 by 640 to 213 by 320, so that a small crop shows more than a colour."""


@dataclass(frozen=True)
class Crops:
    """Pairs of crops.

    Attributes:
        left: the first crop of every pair, float32 from 0 to 255 of shape ``(n, size, size, 3)``.
        right: the second.
        answers: 1.0 where both come from the same photograph, float32 of shape ``(n,)``.
        photographs: from which, int64 of shape ``(n, 2)``; indices into :data:`NAMES`.
    """

    left: np.ndarray
    right: np.ndarray
    answers: np.ndarray
    photographs: np.ndarray

    def __len__(self) -> int:
        return len(self.answers)


def load_data(train: int = 640, test: int = 600, size: int = 32, seed: int = 0) -> tuple[Crops, Crops]:
    """Draw pairs of crops: for training from the left halves of the photographs, for testing from the right halves.

    Args:
        train: how many training pairs, an even number.
        test: how many test pairs, an even number.
        size: height and width of a crop in pixels, at most 160.
        seed: where the crops lie.

    Returns:
        The training pairs and the test pairs, half of them of the same photograph.

    Raises:
        ValueError: an odd number of pairs, or a crop that is larger than half a photograph.

    Example:

    >>> train, test = load_data(train=20, test=10)
    >>> train.left.shape, test.answers.mean().item()
    ((20, 32, 32, 3), 0.5)
    """
    middle = photograph("china").shape[1] // 2
    return (
        _draw(slice(None, middle), train, size, np.random.default_rng([seed, 0])),
        _draw(slice(middle, None), test, size, np.random.default_rng([seed, 1])),
    )


@cache
def photograph(name: str) -> np.ndarray:
    """One of the photographs at half its size, float32 from 0 to 255 of shape ``(213, 320, 3)``.

    Args:
        name: ``"china"`` or ``"flower"``.

    Raises:
        ValueError: another name.
    """
    if name not in NAMES:
        raise ValueError(f"The photographs are {', '.join(map(repr, NAMES))}; there is no {name!r}.")
    pixels = load_sample_image(f"{name}.jpg").astype("float32")
    height, width = (length // SHRINK for length in pixels.shape[:2])
    pixels = pixels[: height * SHRINK, : width * SHRINK]
    halved = pixels.reshape(height, SHRINK, width, SHRINK, 3).mean(axis=(1, 3))
    halved.flags.writeable = False  # it is kept for the next call
    return halved


def _draw(columns: slice, count: int, size: int, rng: np.random.Generator) -> Crops:
    if count < 2 or count % 2:
        raise ValueError(f"Half of the pairs are of one photograph, so their number is even and not 0; {count} is not.")
    halves = [photograph(name)[:, columns] for name in NAMES]
    height, width = halves[0].shape[:2]
    if not 0 < size <= min(height, width):
        raise ValueError(f"A crop has from 1 to {min(height, width)} pixels on a side, not {size}.")
    first = rng.integers(2, size=count)
    second = np.where(np.arange(count) < count // 2, first, 1 - first)
    shown = rng.permutation(np.stack([first, second], axis=1))
    tops = rng.integers(height - size + 1, size=(count, 2))
    lefts = rng.integers(width - size + 1, size=(count, 2))
    crops = np.empty((2, count, size, size, 3), dtype="float32")
    for row in range(count):
        for side in range(2):
            top, left = tops[row, side], lefts[row, side]
            crops[side, row] = halves[shown[row, side]][top : top + size, left : left + size]
    answers = (shown[:, 0] == shown[:, 1]).astype("float32")
    return Crops(crops[0], crops[1], answers, shown.astype("int64"))
