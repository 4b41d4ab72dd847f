"""The two ends that the course's own backbones share: the images that they take, and how their maps become vectors."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

POOLINGS = {None: None, "avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}


def images_of(input_shape: tuple[int, int, int], who: str) -> keras.KerasTensor:
    """The input of a backbone.

    Args:
        input_shape: height and width, from 32 or None for any, and three channels.
        who: how a message calls the backbone.

    Raises:
        ValueError: another shape.
    """
    if len(input_shape) != 3 or input_shape[-1] != 3 or min(side or 32 for side in input_shape[:2]) < 32:
        raise ValueError(f"{who} takes images of (32, 32, 3) or larger, with three channels: {input_shape}.")
    return keras.Input(input_shape, name="images")


def pooled(maps: keras.KerasTensor, pooling: str | None) -> keras.KerasTensor:
    """The maps as they are, or their mean (``"avg"``) or maximum (``"max"``) for each channel.

    Args:
        maps: ``(batch, height, width, channels)``.
        pooling: None, ``"avg"`` or ``"max"``.

    Raises:
        ValueError: another pooling.
    """
    if pooling not in POOLINGS:
        raise ValueError(f"pooling is one of {', '.join(map(repr, POOLINGS))}, not {pooling!r}.")
    return maps if pooling is None else POOLINGS[pooling](name=f"{pooling}_pool")(maps)


def weights_file(path: Path, command: str) -> Path:
    """The file of a backbone's weights, if it is there.

    Args:
        path: where it should be.
        command: which command of the course makes it.

    Raises:
        FileNotFoundError: it isn't there; the message says what to do.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no weights file {path}. Use weights='course' for the pretrained weights, weights=None for new "
            f"ones; {command} makes the file anew."
        )
    return path
