"""How far around itself a place of a map looks."""

from __future__ import annotations

from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.structure import check_model

import keras
import numpy as np


def extents_of_channels(model: keras.Model) -> list[tuple[int, int]]:
    """How many rows and columns of the input each output channel depends on, at the centre of the map.

    It asks the model: the weights become positive numbers, so that no ReLU hides anything, one place of the input
    changes at a time, to more than all the others and to less, and what moves at the centre of the output depends on
    it. The weights are put back.

    Args:
        model: a model from one map to another of the same height and width, large enough for what it depends on.

    Returns:
        For each channel the height and width of the window of such places; (0, 0) for a channel that depends on none,
        that leaves out places in between, as a dilated kernel does, or whose window isn't around its place.

    Example:

    >>> entry = keras.Input((7, 7, 2))
    >>> extents_of_channels(keras.Model(entry, keras.layers.Conv2D(1, 3, padding="same")(entry)))
    [(3, 3)]
    """
    check_model(model)
    _, height, width, channels = model.inputs[0].shape
    generator = np.random.default_rng(0)
    plain = generator.uniform(0.5, 1.0, size=(1, height, width, channels)).astype("float32")
    places = height * width
    maps = np.repeat(plain, 2 * places + 1, axis=0)
    for place in range(places):
        # More than all others moves a maximum, less than all others a minimum.
        maps[1 + place, place // width, place % width] += 1.0
        maps[1 + places + place, place // width, place % width] -= 1.0
    with weights_kept(model):
        for weight in model.trainable_weights:
            if len(weight.shape) > 1:
                fan_in = int(np.prod(weight.shape[:-1]))
                weight.assign(generator.uniform(0.5, 1.0, size=weight.shape) / fan_in)
        centre = outputs_of(model, maps)[0][:, height // 2, width // 2]
    # What is computed in another order may differ in its last digits; a place that counts moves far more than that.
    moved = np.abs(centre[1:] - centre[0]) > 1e-5 * np.abs(centre[0]).max()
    moved = moved[:places] | moved[places:]
    found = []
    for channel in moved.T.reshape(-1, height, width):
        rows, columns = np.flatnonzero(channel.any(axis=1)), np.flatnonzero(channel.any(axis=0))
        extent = (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1) if len(rows) else (0, 0)
        whole = np.count_nonzero(channel) == np.prod(extent)
        around = _middle(rows) == height // 2 and _middle(columns) == width // 2
        found.append(extent if whole and around else (0, 0))
    return found


def _middle(places: np.ndarray) -> float | None:
    return (places[0] + places[-1]) / 2 if len(places) else None
