"""What every backbone's preprocessing starts from: pixel values as float32."""

from __future__ import annotations

import keras
import numpy as np


def as_floats(images):
    """Pixel values as float32, in an array of their own or, inside a model, in a tensor.

    Integers must not get further: 100 - 104 is 252 among bytes, in Keras's tensors as in NumPy's arrays.

    Args:
        images: an array, or a Keras tensor inside a model.
    """
    if keras.backend.is_keras_tensor(images):
        is_float32 = keras.backend.standardize_dtype(images.dtype) == "float32"
        return images if is_float32 else keras.ops.cast(images, "float32")
    return np.array(images, "float32")
