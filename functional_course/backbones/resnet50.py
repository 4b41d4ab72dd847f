"""ResNet50 as Keras ships it, without its top: 23,587,712 parameters, 53 BatchNormalization layers.

ImageNet weights come from Keras's cache or from the network.
"""

from __future__ import annotations

import os

from functional_course.backbones.imagenet import without_top
from functional_course.backbones.pixels import as_floats

import keras

IMAGE_SHAPE = (224, 224, 3)
WEIGHTS = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
"""The file with the ImageNet weights, as Keras names it in its cache."""


def preprocess_input(images):
    """Images with values from 0 to 255, red, green, blue, as ResNet50's ImageNet weights expect them.

    Args:
        images: an array, which stays as it is, or a Keras tensor inside a model.

    Returns:
        float32, the same shape: blue, green, red, each minus its mean over ImageNet.
    """
    # Keras's own function writes into a float array that it is given, and computes with bytes where it gets bytes.
    return keras.applications.resnet50.preprocess_input(as_floats(images))


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

    Example:

    >>> build(weights=None).output_shape
    (None, 7, 7, 2048)
    """
    return without_top(
        keras.applications.ResNet50, WEIGHTS, "95 MB", weights, input_shape=input_shape, pooling=pooling, name=name
    )
