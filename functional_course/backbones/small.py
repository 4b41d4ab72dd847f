"""A small VGG-style network, pretrained: at most 2 MB of weights, in the package, so nothing is downloaded.

``small.json`` beside the weights records what they were trained on, with the command, the seed and the sha256.
"""

from __future__ import annotations

import os

import keras

IMAGE_SHAPE = (64, 64, 3)


def preprocess_input(images):
    """Images with values from 0 to 255 as this backbone expects them: centred on 0, with a spread of about 1.

    Args:
        images: an array, or a Keras tensor inside a model.

    Returns:
        float32, the same shape.
    """
    raise NotImplementedError


def build(
    weights: str | os.PathLike[str] | None = "course",
    input_shape: tuple[int, int, int] = IMAGE_SHAPE,
    pooling: str | None = None,
    name: str = "small",
) -> keras.Model:
    """The network: four blocks of convolutions, each ending in a pooling layer that halves the map.

    Layers are named as in VGG16, ``block1_conv1`` to ``block4_pool``. The last two blocks have BatchNormalization
    (``block3_bn1`` and so on).

    Args:
        weights: ``"course"`` for the pretrained weights, ``None`` for new ones, or the path of a ``.weights.h5`` file.
        input_shape: height and width are free, from 16; the channels are three.
        pooling: ``None`` gives maps, ``(4, 4, channels)`` for images of 64 by 64; ``"avg"`` and ``"max"`` give one
            vector an image.
        name: of the model. Two backbones in one model need two names.

    Raises:
        ValueError: an input shape or a pooling that the network has not.
        FileNotFoundError: there is no such weights file.

    Example:

    >>> build().output_shape
    (None, 4, 4, 96)
    """
    raise NotImplementedError
