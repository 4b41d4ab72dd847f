"""The data that ships with the course, and the data that does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from functional_course.data import digits, mnist

import numpy as np
import pytest


def test_digits_are_split_in_proportion_and_scaled():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.shape == (1437, *digits.IMAGE_SHAPE) and x_test.shape == (360, *digits.IMAGE_SHAPE)
    assert x_train.dtype == np.float32 and y_train.dtype == np.int64
    assert x_train.min() == 0 and x_train.max() == 1
    shares = [np.bincount(y, minlength=10) / len(y) for y in (y_train, y_test)]
    assert np.abs(shares[0] - shares[1]).max() < 0.005


def test_the_seed_decides_the_split():
    first, again, other = (digits.load_data(seed)[1][1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_strips_hold_the_digits_that_their_labels_name():
    (images, labels), _ = digits.load_data()
    strips, names = digits.strips(images, labels, count=50, length=3, seed=1)
    assert strips.shape == (50, 3, 8, 8, 1) and names.shape == (50, 3)
    for strip, name in zip(strips.reshape(-1, 8, 8, 1), names.ravel(), strict=True):
        assert name in labels[(images == strip).all(axis=(1, 2, 3))]


def test_strips_need_labels_for_images():
    with pytest.raises(ValueError, match="as many labels as images"):
        digits.strips(np.zeros((3, 8, 8, 1)), np.zeros(2), count=1)


def test_digits_load_without_keras():
    code = "import sys; from functional_course.data import digits; digits.load_data(); print('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def arrays(images: int = 3) -> dict[str, np.ndarray]:
    pixels, labels = np.zeros((images, 28, 28), "uint8"), np.zeros(images, "uint8")
    return {"x_train": pixels, "y_train": labels, "x_test": pixels, "y_test": labels}


def test_mnist_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    np.savez(tmp_path / "mnist.npz", **arrays())
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    (x_train, _), (_, y_test) = mnist.load_data()
    assert x_train.shape == (3, 28, 28) and y_test.shape == (3,)


def test_a_folder_without_mnist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"there is no mnist\.npz in it.*unset COURSE_DATA"):
        mnist.load_data()
    np.savez(tmp_path / "mnist.npz", x_train=np.zeros(1))
    with pytest.raises(ValueError, match="has no array y_train, x_test, y_test"):
        mnist.load_data()


def test_without_network_the_message_says_what_to_put_where(monkeypatch: pytest.MonkeyPatch):
    import keras

    def offline(*_, **__):
        raise Exception("URL fetch failure")

    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", offline)
    with pytest.raises(FileNotFoundError, match=r"Put mnist\.npz into a folder and set COURSE_DATA"):
        mnist.load_data()
