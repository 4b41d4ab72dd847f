"""How far around itself a place of a map looks."""

from __future__ import annotations

from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.structure import check_model

import keras
import numpy as np


def extents_of_channels(model: keras.Model) -> list[tuple[int, int]]:
    """How many rows and columns of the input each output channel depends on, at the centre of the map.

    It asks the model: the weights become positive numbers, so that no ReLU hides anything, one place of the input
    changes at a time, and what moves at the centre of the output depends on it. The weights are put back.

    Args:
        model: a model from one map to another of the same height and width, large enough for what it depends on.

    Returns:
        For each channel the height and width of the window of such places; (0, 0) for a channel that depends on none,
        or that leaves out places in between, as a dilated kernel does.

    Example:

    >>> entry = keras.Input((7, 7, 2))
    >>> extents_of_channels(keras.Model(entry, keras.layers.Conv2D(1, 3, padding="same")(entry)))
    [(3, 3)]
    """
    check_model(model)
    _, height, width, channels = model.inputs[0].shape
    generator = np.random.default_rng(0)
    plain = generator.uniform(0.5, 1.0, size=(1, height, width, channels)).astype("float32")
    maps = np.repeat(plain, height * width + 1, axis=0)
    for place in range(height * width):
        maps[place + 1, place // width, place % width] += 1.0
    with weights_kept(model):
        for weight in model.trainable_weights:
            if len(weight.shape) > 1:
                fan_in = int(np.prod(weight.shape[:-1]))
                weight.assign(generator.uniform(0.5, 1.0, size=weight.shape) / fan_in)
        centre = outputs_of(model, maps)[0][:, height // 2, width // 2]
    # What is computed in another order may differ in its last digits; a place that counts moves far more than that.
    moved = np.abs(centre[1:] - centre[0]) > 1e-5 * np.abs(centre[0]).max()
    found = []
    for channel in moved.T.reshape(-1, height, width):
        rows, columns = np.flatnonzero(channel.any(axis=1)), np.flatnonzero(channel.any(axis=0))
        extent = (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1) if len(rows) else (0, 0)
        found.append(extent if np.count_nonzero(channel) == np.prod(extent) else (0, 0))
    return found
