"""EfficientNet-Lite0, pretrained on ImageNet: less than 7 MB of weights in the package, so nothing is downloaded.

It has seen photographs of 1,000 kinds of things and no drawing of the course. The architecture is that of Google's
EfficientNet-Lite (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite): no squeeze and
excitation, ReLU6, and layers named as in Keras's own EfficientNetB0. ``lite0.json`` beside the weights records where
they come from, their licence (Apache 2.0) and their sha256; ``course convert-lite0`` makes the file again.

Kernels are stored as float16, which halves the file, and BatchNormalization as float32; both are used as float32.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from functional_course.backbones.ends import images_of, pooled, weights_file
from functional_course.backbones.pixels import as_floats

import keras
import numpy as np
from keras import layers

IMAGE_SHAPE = (224, 224, 3)
WEIGHTS = Path(__file__).with_name("lite0.npz")
RECORD = Path(__file__).with_name("lite0.json")

# Of each stage: how many blocks, size of the depthwise kernel, stride of the first block, expansion, channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def preprocess_input(images):
    """Images with values from 0 to 255 as this backbone expects them: about -1 to 1.

    Args:
        images: an array, or a Keras tensor inside a model.

    Returns:
        float32, the same shape.

    Example:

    >>> preprocess_input(np.array([127, 255], "uint8"))
    array([0., 1.], dtype=float32)
    """
    return (as_floats(images) - 127.0) / 128.0


def build(
    weights: str | os.PathLike[str] | None = "course",
    input_shape: tuple[int, int, int] = IMAGE_SHAPE,
    pooling: str | None = None,
    name: str = "lite0",
) -> keras.Model:
    """The network without its classifier: 49 convolutions in seven stages, ``block1a`` to ``block7a``.

    Args:
        weights: ``"course"`` or ``"imagenet"`` for the pretrained weights, ``None`` for new ones, or the path of a file
            that ``course convert-lite0`` wrote.
        input_shape: height and width are free, from 32; the channels are three. It was trained at 224 by 224.
        pooling: ``None`` gives maps, ``(7, 7, 1280)`` for images of 224 by 224; ``"avg"`` and ``"max"`` give one
            vector of 1,280 an image.
        name: of the model. Two backbones in one model need two names.

    Raises:
        ValueError: an input shape or a pooling that the network has not, or weights of another network.
        FileNotFoundError: there is no such weights file.

    Example:

    >>> build(input_shape=(96, 96, 3)).output_shape
    (None, 3, 3, 1280)
    """
    images = images_of(input_shape, "Lite0")
    x = _convolved(images, 32, 3, "stem", strides=2)
    for number, (blocks, kernel, strides, expansion, filters) in enumerate(STAGES, start=1):
        for index in range(blocks):
            block = f"block{number}{'abcd'[index]}"
            x = _block(x, block, kernel, strides if index == 0 else 1, expansion, filters)
    x = _convolved(x, 1280, 1, "top")
    model = keras.Model(images, pooled(x, pooling), name=name)
    if weights is not None:
        path = WEIGHTS if weights in ("course", "imagenet") else Path(weights)
        with np.load(weights_file(path, "course convert-lite0"), allow_pickle=False) as stored:
            fill(model, stored)
    return model


def _convolved(x, filters: int, kernel: int, name: str, strides: int = 1):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_activation")(x)


def _block(x, name: str, kernel: int, strides: int, expansion: int, filters: int):
    """One inverted residual: widen, filter each channel by itself, narrow, and add what came in where it fits."""
    entry = x
    if expansion > 1:
        x = _convolved(x, expansion * x.shape[-1], 1, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_dwconv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    x = layers.ReLU(6.0, name=f"{name}_activation")(x)
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_project_bn")(x)
    if strides == 1 and entry.shape[-1] == filters:
        x = layers.Add(name=f"{name}_add")([x, entry])
    return x


def fill(model: keras.Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Give the network its weights.

    Args:
        model: as :func:`build` makes it.
        arrays: ``block2a_expand_conv/kernel`` and so on -> array.

    Raises:
        ValueError: an array is missing.
    """
    for layer in model.layers:
        if layer.weights:
            names = [f"{layer.name}/{weight.name}" for weight in layer.weights]
            missing = [name for name in names if name not in arrays]
            if missing:
                raise ValueError(f"These aren't the weights of Lite0: {missing[0]} is missing.")
            layer.set_weights([np.asarray(arrays[name], "float32") for name in names])
