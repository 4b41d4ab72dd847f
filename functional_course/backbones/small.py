"""A small VGG-style network, pretrained: 1.2 MB of weights, in the package, so nothing is downloaded.

It was trained to recognise drawn people from one portrait to the next. It was given neither their ages nor their
labels, but it was rewarded for seeing them: its people came in families of look-alikes, in which little else tells one
from another. ``small.json`` beside the weights records the task, the command, the seed, the data and the sha256;
``course pretrain`` does it again.
"""

from __future__ import annotations

import os
from pathlib import Path

from functional_course.backbones.ends import images_of, pooled, weights_file
from functional_course.backbones.pixels import as_floats

import keras
import numpy as np
from keras import layers

IMAGE_SHAPE = (64, 64, 3)
WEIGHTS = Path(__file__).with_name("small.weights.h5")
RECORD = Path(__file__).with_name("small.json")

_MEAN, _SPREAD = 115.0, 64.0  # of the pixels it was trained on, rounded


def preprocess_input(images):
    """Images with values from 0 to 255 as this backbone expects them: centred on 0, with a spread of about 1.

    Args:
        images: an array, or a Keras tensor inside a model.

    Returns:
        float32, the same shape.

    Example:

    >>> preprocess_input(np.array([115, 179], "uint8"))
    array([0., 1.], dtype=float32)
    """
    return (as_floats(images) - _MEAN) / _SPREAD


def build(
    weights: str | os.PathLike[str] | None = "course",
    input_shape: tuple[int, int, int] = IMAGE_SHAPE,
    pooling: str | None = None,
    name: str = "small",
) -> keras.Model:
    """The network: four blocks of convolutions, each ending in a pooling layer that halves the map.

    Layers are named as in VGG16, ``block1_conv1`` to ``block4_pool``. Blocks 1 and 2 are one convolution each, blocks
    3 and 4 are two, each followed by BatchNormalization (``block3_bn1``) and its activation (``block3_relu1``).
    Unlike VGG16's, the first convolution moves two pixels at a time, which saves most of the work.

    Args:
        weights: ``"course"`` for the pretrained weights, ``None`` for new ones, or the path of a ``.weights.h5`` file.
        input_shape: height and width are free, from 32; the channels are three.
        pooling: ``None`` gives maps, ``(2, 2, 128)`` for images of 64 by 64; ``"avg"`` and ``"max"`` give one
            vector of 128 an image.
        name: of the model. Two backbones in one model need two names.

    Raises:
        ValueError: an input shape or a pooling that the network has not.
        FileNotFoundError: there is no such weights file.

    Example:

    >>> build().output_shape
    (None, 2, 2, 128)
    """
    images = images_of(input_shape, "The small backbone")
    x = layers.Conv2D(24, 3, strides=2, padding="same", activation="relu", name="block1_conv1")(images)
    x = layers.MaxPooling2D(2, name="block1_pool")(x)
    x = layers.Conv2D(48, 3, padding="same", activation="relu", name="block2_conv1")(x)
    x = layers.MaxPooling2D(2, name="block2_pool")(x)
    for block, filters in ((3, 64), (4, 128)):
        for number in (1, 2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"block{block}_conv{number}")(x)
            x = layers.BatchNormalization(momentum=0.9, name=f"block{block}_bn{number}")(x)
            x = layers.Activation("relu", name=f"block{block}_relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    model = keras.Model(images, pooled(x, pooling), name=name)
    if weights is not None:
        _load(model, weights_file(WEIGHTS if weights == "course" else Path(weights), "course pretrain"))
    return model


_read: dict[tuple[Path, int], list[np.ndarray]] = {}


def _load(model: keras.Model, path: Path) -> None:
    """Give a model that was just built the weights in a file, which is read once: reading takes as long as building."""
    key = path, path.stat().st_mtime_ns
    if key in _read:
        model.set_weights(_read[key])
    else:
        model.load_weights(path)
        _read[key] = model.get_weights()
