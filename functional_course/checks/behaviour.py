"""Checks of what a model does: on numbers, through copying of weights, through saving and loading, under training.

None of them changes the model that it is given: weights are put back. A comparison with NaN fails.
"""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from functional_course.checks.failure import CheckFailed, first_line_of
from functional_course.checks.numbers import largest_difference, shapes_of
from functional_course.checks.structure import check_model

import keras
import numpy as np


def outputs_of(model: keras.Model, inputs: object) -> list[np.ndarray]:
    """What the model computes in inference, as a flat list of arrays."""
    return [np.asarray(keras.ops.convert_to_numpy(out)) for out in keras.tree.flatten(model(inputs, training=False))]


def check_same_outputs(first: object, second: object, inputs: object, tolerance: float = 0.0) -> None:
    """Two models give the same numbers on the same inputs.

    Args:
        first: a model.
        second: another.
        inputs: arrays, as either model takes them.
        tolerance: the largest difference that still counts as the same.

    Raises:
        CheckFailed: naming the largest difference, or the shapes if they differ.
    """
    check_model(first)
    check_model(second)
    _compare(outputs_of(first, inputs), outputs_of(second, inputs), tolerance, "the same outputs from both models")


def check_same_function(first: object, second: object, inputs: object, tolerance: float = 0.0) -> None:
    """Two models are the same function once they hold the same weights.

    The first model's weights are copied into the second, which gets its own back afterwards.

    Raises:
        CheckFailed: the weights do not fit, or the outputs differ.
    """
    check_model(first)
    check_model(second)
    theirs, own = first.get_weights(), second.get_weights()
    if [w.shape for w in theirs] != [w.shape for w in own]:
        raise CheckFailed("weights of the same shapes in the same order", f"{shapes_of(theirs)} and {shapes_of(own)}")
    with weights_kept(second):
        second.set_weights(theirs)
        check_same_outputs(first, second, inputs, tolerance)


def check_survives_saving(model: object, inputs: object, tolerance: float = 1e-6) -> None:
    """The model, saved as ``.keras`` and loaded again, gives the same numbers.

    Raises:
        CheckFailed: it cannot be saved, cannot be loaded, or the loaded model computes something else.
    """
    loaded = saved_and_loaded(model)
    _compare(outputs_of(model, inputs), outputs_of(loaded, inputs), tolerance, "the same outputs after save and load")


def saved_and_loaded(model: object) -> keras.Model:
    """The model as it comes back from a ``.keras`` file.

    Raises:
        CheckFailed: it cannot be saved or cannot be loaded.
    """
    check_model(model)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # What Keras warns of on the way shows in the loaded model, or raises.
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.keras"
        try:
            model.save(path)
            return keras.models.load_model(path)
        except Exception as error:  # Keras raises many kinds here; each means that the model does not come back
            raise CheckFailed("a model that can be saved and loaded", first_line_of(error)) from error


def check_loss_falls(model: object, x: object, y: object, to: float, epochs: int = 5, batch_size: int = 32) -> None:
    """A few epochs of ``fit``, as the model is compiled, bring the loss below a share of where it began.

    Args:
        model: a compiled model. Its weights are put back afterwards; its optimizer's state is not.
        x: inputs to train on.
        y: targets.
        to: the share of the first loss that the last has to be below, between 0 and 1.
        epochs: how long to train.
        batch_size: rows a step.

    Raises:
        CheckFailed: the model is not compiled, or the loss did not fall that far.
    """
    check_model(model)
    if not model.compiled:
        raise CheckFailed("a compiled model", "one without compile")
    with weights_kept(model):
        before = model.evaluate(x, y, batch_size=256, verbose=0, return_dict=True)["loss"]
        model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
        after = model.evaluate(x, y, batch_size=256, verbose=0, return_dict=True)["loss"]
    if not after < to * before:
        raise CheckFailed(
            f"a loss below {to:.0%} of where it began after {epochs} epochs",
            f"{before:.3g} before and {after:.3g} after",
        )


@contextlib.contextmanager
def weights_kept(model: keras.Model) -> Iterator[None]:
    """Put a model's weights back when the block ends, however it ends."""
    weights = model.get_weights()
    try:
        yield
    finally:
        model.set_weights(weights)


def _compare(first: list[np.ndarray], second: list[np.ndarray], tolerance: float, asked: str) -> None:
    largest = largest_difference(first, second)
    if not largest <= tolerance:
        other_shapes = [a.shape for a in first] != [b.shape for b in second]
        shapes = f"shapes {shapes_of(first)} and {shapes_of(second)}"
        raise CheckFailed(asked, shapes if other_shapes else f"differences of up to {largest:.2g}")
