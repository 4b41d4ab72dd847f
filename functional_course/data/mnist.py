"""MNIST at full size: 70,000 handwritten digits, 28×28, from a folder of yours or through Keras.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

Arrays = tuple[np.ndarray, np.ndarray]

_KEYS = ("x_train", "y_train", "x_test", "y_test")


def load_data() -> tuple[Arrays, Arrays]:
    """Load MNIST as ``keras.datasets.mnist`` does, or from the folder named in ``COURSE_DATA``.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images as uint8 of shape ``(60000, 28, 28)`` and
        ``(10000, 28, 28)``, labels as uint8 of shape ``(60000,)`` and ``(10000,)``.

    Raises:
        FileNotFoundError: ``COURSE_DATA`` is set and holds no ``mnist.npz``, or it is not set and
            Keras can neither find nor download the file. The message says what to put where.
        ValueError: the file lacks one of the four arrays.

    Example:

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    folder = os.environ.get("COURSE_DATA")
    return _from_folder(Path(folder)) if folder else _from_keras()


def _from_folder(folder: Path) -> tuple[Arrays, Arrays]:
    path = folder / "mnist.npz"
    if not path.is_file():
        raise FileNotFoundError(
            f"COURSE_DATA is {folder}, and there is no mnist.npz in it. Put mnist.npz (arrays {', '.join(_KEYS)}) "
            "there, or unset COURSE_DATA to let Keras download it."
        )
    with np.load(path, allow_pickle=False) as stored:
        missing = [key for key in _KEYS if key not in stored]
        if missing:
            raise ValueError(f"{path} has no array {', '.join(missing)}. It should hold {', '.join(_KEYS)}.")
        x_train, y_train, x_test, y_test = (stored[key] for key in _KEYS)
    return (x_train, y_train), (x_test, y_test)


def _from_keras() -> tuple[Arrays, Arrays]:
    import keras

    try:
        return keras.datasets.mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception when the download fails
        raise FileNotFoundError(
            f"MNIST is neither in Keras's cache nor could it be downloaded ({error}). "
            "Put mnist.npz into a folder and set COURSE_DATA to that folder."
        ) from error
