"""The UCI handwritten digits that scikit-learn ships: 1,797 real images of 8×8 pixels.

Source: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

Arrays = tuple[np.ndarray, np.ndarray]

IMAGE_SHAPE = (8, 8, 1)
CLASSES = 10
TEST_IMAGES = 360


def load_data(seed: int = 0) -> tuple[Arrays, Arrays]:
    """Load the digits, split into training and test images with every class in proportion.

    Args:
        seed: which images fall on the test side.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images as float32 in [0, 1] of shape ``(1437, 8, 8, 1)``
        and ``(360, 8, 8, 1)``, labels as int64 of shape ``(1437,)`` and ``(360,)``.

    Example:

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_test.shape
    ((1437, 8, 8, 1), (360,))
    """
    bunch = load_digits()
    images = (bunch.images[..., np.newaxis] / 16).astype("float32")
    x_train, x_test, y_train, y_test = train_test_split(
        images, bunch.target.astype("int64"), test_size=TEST_IMAGES, stratify=bunch.target, random_state=seed
    )
    return (x_train, y_train), (x_test, y_test)


def strips(images: np.ndarray, labels: np.ndarray, count: int, length: int = 4, seed: int = 0) -> Arrays:
    """Lay digits side by side: strips of ``length`` images, drawn at random with repetition.

    Args:
        images: digits of shape ``(n, 8, 8, 1)``.
        labels: their classes, shape ``(n,)``.
        count: how many strips.
        length: how many digits a strip.
        seed: which digits stand where.

    Returns:
        The strips, shape ``(count, length, 8, 8, 1)``, and their labels, shape ``(count, length)``.

    Raises:
        ValueError: ``images`` and ``labels`` differ in number, or there are none.

    Example:

    >>> (x_train, y_train), _ = load_data()
    >>> strip, digits = strips(x_train, y_train, count=100)
    >>> strip.shape, digits.shape
    ((100, 4, 8, 8, 1), (100, 4))
    """
    if len(images) != len(labels) or not len(images):
        raise ValueError(f"strips needs as many labels as images, and at least one: {len(images)} and {len(labels)}.")
    chosen = np.random.default_rng(seed).integers(len(images), size=(count, length))
    return images[chosen], labels[chosen]
