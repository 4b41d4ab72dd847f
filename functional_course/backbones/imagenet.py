"""What VGG16 and ResNet50 have in common: ImageNet weights that are large, and perhaps not to be had."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras


def without_top(
    network: Callable[..., keras.Model],
    file: str,
    size: str,
    weights: str | os.PathLike[str] | None,
    **settings: Any,
) -> keras.Model:
    """Build one of ``keras.applications`` without its top, or say which file is missing.

    Args:
        network: for example ``keras.applications.VGG16``.
        file: the name under which Keras keeps its ImageNet weights without top.
        size: how large that file is, in words.
        weights: ``"imagenet"``, ``None``, or the path of a weights file.
        **settings: what else the network gets.

    Raises:
        FileNotFoundError: the weights are neither in the cache nor to be downloaded, or not at the path.
    """
    if weights is None:
        return network(include_top=False, weights=None, **settings)
    if weights != "imagenet":
        path = Path(weights)
        if not path.is_file():
            raise FileNotFoundError(
                f"There is no weights file {path}. Use weights='imagenet', weights=None, or the path of a file."
            )
        return network(include_top=False, weights=str(path), **settings)
    try:
        return network(include_top=False, weights="imagenet", **settings)
    except ValueError:  # the settings are at fault, or the file that came is damaged; Keras says which
        raise
    except Exception as error:  # Keras raises a bare Exception when the download fails
        kept = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"
        raise FileNotFoundError(
            f"The ImageNet weights of {network.__name__} are neither in Keras's cache nor could they be downloaded "
            f"({error}). Put {file} ({size}) into {kept}, or start with KERAS_HOME set to a folder that has it in "
            "models. Without it, functional_course.backbones.small comes with its weights."
        ) from error
