"""What VGG16 and ResNet50 have in common: ImageNet weights that are large, and perhaps not to be had."""

from __future__ import annotations

import os
from pathlib import Path

from functional_course.backbones.pixels import as_floats

import keras

IMAGE_SHAPE = (224, 224, 3)


class ImageNetNetwork:
    """One of ``keras.applications``, without its top.

    Args:
        application: its name there, for example ``"VGG16"``.
        weights_file: the name under which Keras keeps these weights, without top, in its cache.
        size: how large that file is, in words.
    """

    def __init__(self, application: str, weights_file: str, size: str):
        self._application = application
        self.weights_file = weights_file
        self._size = size

    def preprocess_input(self, images):
        """Images with values from 0 to 255, red, green, blue, as the ImageNet weights expect them.

        Args:
            images: an array, which stays as it is, or a Keras tensor inside a model.

        Returns:
            float32, the same shape: blue, green, red, each minus its mean over ImageNet.
        """
        # Keras's own function writes into a float array that it is given, and computes with bytes where it gets bytes.
        return getattr(keras.applications, self._application.lower()).preprocess_input(as_floats(images))

    def build(
        self,
        weights: str | os.PathLike[str] | None = "imagenet",
        input_shape: tuple[int, int, int] = IMAGE_SHAPE,
        pooling: str | None = None,
        name: str | None = None,
    ) -> keras.Model:
        """The network without its top.

        Args:
            weights: ``"imagenet"``, ``None`` for new ones, or the path of a weights file.
            input_shape: height and width are free, from 32; the channels are three.
            pooling: ``None`` gives maps, ``"avg"`` and ``"max"`` give one vector an image.
            name: of the model, Keras's own if None. Two backbones in one model need two names.

        Raises:
            FileNotFoundError: no ImageNet weights in the cache or from the network, or no file at the path. The
                message says which file to put where.

        Example:

        >>> vgg16.build(weights=None).output_shape
        (None, 7, 7, 512)
        """
        application = getattr(keras.applications, self._application)
        settings = {"include_top": False, "input_shape": input_shape, "pooling": pooling}
        if name is not None:
            settings["name"] = name
        if weights is None:
            return application(weights=None, **settings)
        if weights != "imagenet":
            path = Path(weights)
            if not path.is_file():
                raise FileNotFoundError(
                    f"There is no weights file {path}. Use weights='imagenet', weights=None, or the path of a file."
                )
            return application(weights=str(path), **settings)
        try:
            return application(weights="imagenet", **settings)
        except ValueError:  # the settings are at fault, or the file that came is damaged; Keras says which
            raise
        except Exception as error:  # Keras raises a bare Exception when the download fails
            kept = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"
            raise FileNotFoundError(
                f"The ImageNet weights of {self._application} are neither in Keras's cache nor could they be "
                f"downloaded ({error}). Put {self.weights_file} ({self._size}) into {kept}, or start with KERAS_HOME "
                "set to a folder that has it in models. Without it, functional_course.backbones.small comes with its "
                "weights."
            ) from error
