"""VGG16 as Keras ships it, without its top: 14,714,688 parameters.

ImageNet weights come from Keras's cache or from the network.
"""

from __future__ import annotations

from functional_course.backbones.imagenet import IMAGE_SHAPE, ImageNetNetwork

__all__ = ["IMAGE_SHAPE", "WEIGHTS", "build", "preprocess_input"]

_network = ImageNetNetwork(
    "VGG16",
    weights_file="vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    size="59 MB",
)
WEIGHTS = _network.weights_file
build = _network.build
preprocess_input = _network.preprocess_input
