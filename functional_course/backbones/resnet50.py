"""ResNet50 as Keras ships it, without its top. ImageNet weights come from Keras's cache or from the network."""

from __future__ import annotations

import os

import keras

IMAGE_SHAPE = (224, 224, 3)


def preprocess_input(images):
    """Images with values from 0 to 255, red, green, blue, as ResNet50's ImageNet weights expect them.

    Args:
        images: an array, or a Keras tensor inside a model.

    Returns:
        float32, the same shape: blue, green, red, each minus its mean over ImageNet.
    """
    raise NotImplementedError


def build(
    weights: str | os.PathLike[str] | None = "imagenet",
    input_shape: tuple[int, int, int] = IMAGE_SHAPE,
    pooling: str | None = None,
    name: str = "resnet50",
) -> keras.Model:
    """The network without its top.

    Args:
        weights: ``"imagenet"``, ``None`` for new ones, or the path of a weights file.
        input_shape: height and width are free, from 32; the channels are three.
        pooling: ``None`` gives maps, ``"avg"`` and ``"max"`` give one vector an image.
        name: of the model. Two backbones in one model need two names.

    Raises:
        FileNotFoundError: no ImageNet weights in the cache or from the network, or no file at the path. The message
            says which file to put where.
    """
    raise NotImplementedError
