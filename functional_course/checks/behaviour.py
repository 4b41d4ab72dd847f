"""Checks of what a model does: on numbers, through copying of weights, through saving and loading, under training.

None of them changes the model that it is given: weights are put back. A comparison with NaN fails.
"""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from functional_course.checks.diagnosis import diagnosed
from functional_course.checks.failure import CheckFailed, first_line_of
from functional_course.checks.numbers import largest_difference, shapes_of
from functional_course.checks.structure import check_model
from functional_course.faults import Fault

import keras
import numpy as np


def outputs_of(model: keras.Model, inputs: object) -> list[np.ndarray]:
    """What the model computes in inference.

    Args:
        model: any model.
        inputs: arrays as the model takes them.

    Returns:
        One array for each of its outputs, in the order in which Keras flattens them.
    """
    return [np.asarray(keras.ops.convert_to_numpy(out)) for out in keras.tree.flatten(model(inputs, training=False))]


def check_same_outputs(first: Any, second: Any, inputs: object, tolerance: float = 0.0) -> None:
    """Two models give the same numbers on the same inputs.

    Args:
        first: a model.
        second: another.
        inputs: arrays, as either model takes them.
        tolerance: the largest difference that still counts as the same.

    Raises:
        CheckFailed: naming the largest difference, or the shapes if they differ, and whether other numbers in the
            weights are why.
    """
    check_model(first)
    check_model(second)
    asked = outputs_of(first, inputs)
    try:
        _compare(asked, outputs_of(second, inputs), tolerance, "the same outputs from both models")
    except CheckFailed as failure:
        if not _differ_in_weights(first, second, inputs, asked, tolerance):
            raise
        found = f"{failure.found}: the weights hold other numbers"
        raise CheckFailed(failure.asked, found, Fault.VALUES) from None


def check_same_function(first: Any, second: Any, inputs: object, tolerance: float = 0.0, training: bool = True) -> None:
    """Two models are the same function once they hold the same weights.

    The first model's weights are copied into the second, as they are and then with other numbers of either sign: what
    is positive by chance would hide a ReLU. Both get their own back afterwards.

    Args:
        first: a model.
        second: another, with weights of the same shapes in the same order.
        inputs: arrays, as either model takes them.
        tolerance: the largest difference that still counts as the same, relative for numbers above 1.
        training: whether they also have to do the same in training, see :func:`check_same_in_training`.

    Raises:
        CheckFailed: the weights do not fit, or the outputs differ.
    """
    with _same_weights(first, second):
        draws = [first.get_weights(), *_other_numbers(first)]
        for place, numbers in enumerate(draws):
            asked, found = (_outputs_with(model, numbers, inputs) for model in (first, second))
            size = max(largest_difference(asked, [np.zeros_like(each) for each in asked]), 1.0) if place else 1.0
            # A reference that takes a root of a weight has no numbers to compare where the weight is negative.
            if not np.isfinite(size):
                continue
            what = "the same outputs from both models" + (", with other weights" if place else "")
            try:
                _compare(asked, found, tolerance * size, what)
            except CheckFailed as failure:
                raise _explained(failure, first, second, draws, inputs, tolerance) from None
        if training:
            _compare_with_other_numbers(first, second, inputs)


def check_same_in_training(first: Any, second: Any, inputs: object) -> None:
    """In training, two models with the same weights drop the same: neither anything, or both alike.

    Alike is what has the same mean and the same spread over many runs, so it does not matter whether a mask is drawn
    before or after a ``Flatten``. The first model's weights are copied into the second; both get their own back.

    Args:
        first: a model.
        second: another, with weights of the same shapes in the same order.
        inputs: arrays, as either model takes them; the first rows are used.

    Raises:
        CheckFailed: the weights do not fit, one is random in training and the other is not, or they differ in how.
    """
    with _same_weights(first, second):
        _compare_with_other_numbers(first, second, inputs)


def check_steady(model: Any, inputs: object) -> None:
    """In training the model gives the same numbers each time: nothing in it drops numbers or adds noise.

    Args:
        model: a model. Its weights, and the statistics among them, are put back.
        inputs: a few rows, as the model takes them, of numbers that are not zero.

    Raises:
        CheckFailed: the numbers change from call to call.

    Example:

    >>> check_steady(keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)]), np.ones((3, 8)))
    """
    check_model(model)
    if _is_random(model, inputs):
        raise CheckFailed(
            "a model that drops nothing in training", "numbers that change from call to call", Fault.DROPPED
        )


def compare_in_training(first: keras.Model, second: keras.Model, inputs: object) -> None:
    """What :func:`check_same_in_training` does, for models that hold the same weights already.

    Args:
        first: a model.
        second: another, with the same weights.
        inputs: arrays, as either model takes them; the first rows are used.

    Raises:
        CheckFailed: one is random in training and the other is not, or they differ in how.
    """
    asked, found = _is_random(first, inputs), _is_random(second, inputs)
    if asked != found:
        told = ("numbers that are the same at every call", "numbers that change from call to call, as after Dropout")
        raise CheckFailed(f"{told[asked]}, in training", told[found], Fault.DROPPED)
    if not asked:
        return
    (means, spreads), (other_means, other_spreads) = (_over_many_runs(model, inputs) for model in (first, second))
    for mean, other_mean, spread, other_spread in zip(means, other_means, spreads, other_spreads, strict=True):
        # A mean of so many runs is off by a few of these; what is dropped elsewhere moves it by far more.
        off = np.maximum(spread, other_spread) / np.sqrt(_RUNS)
        if not _size(mean - other_mean) <= 4 * _size(off) + 1e-6:
            raise CheckFailed(
                "the same numbers dropped in training",
                "different ones: an output has a different mean over many runs",
                Fault.DROPPED,
            )
        if not _size(spread - other_spread) <= 0.12 * max(_size(spread), _size(other_spread)):
            raise CheckFailed(
                "the same numbers dropped in training",
                "different ones: an output has a different spread over many runs",
                Fault.DROPPED,
            )


def check_survives_saving(model: Any, inputs: object, tolerance: float = 1e-6) -> None:
    """The model, saved as ``.keras`` and loaded again, gives the same numbers.

    Args:
        model: a built model.
        inputs: arrays as the model takes them.
        tolerance: the largest difference that still counts as the same.

    Raises:
        CheckFailed: it cannot be saved, cannot be loaded, or the loaded model computes something else.
    """
    loaded = saved_and_loaded(model)
    _compare(
        outputs_of(model, inputs),
        outputs_of(loaded, inputs),
        tolerance,
        "the same outputs after save and load",
        Fault.SAVED,
    )


def saved_and_loaded(model: Any) -> keras.Model:
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
            raise CheckFailed("a model that can be saved and loaded", first_line_of(error), Fault.SAVED) from error


def check_loss_falls(model: Any, x: object, y: object, to: float, epochs: int = 5, batch_size: int = 32) -> None:
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
        raise CheckFailed("a compiled model", "one that wasn't compiled", Fault.COMPILED)
    with weights_kept(model):
        before = model.evaluate(x, y, batch_size=256, verbose=0, return_dict=True)["loss"]
        model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
        after = model.evaluate(x, y, batch_size=256, verbose=0, return_dict=True)["loss"]
    if not after < to * before:
        raise CheckFailed(
            f"a loss below {to:.0%} of where it began after {epochs} epochs",
            f"{before:.3g} before and {after:.3g} after",
            Fault.LEARNED,
        )


@contextlib.contextmanager
def weights_kept(model: keras.Model) -> Iterator[None]:
    """Put a model's weights back when the block ends, however it ends."""
    weights = model.get_weights()
    try:
        yield
    finally:
        model.set_weights(weights)


@contextlib.contextmanager
def _same_weights(first: Any, second: Any) -> Iterator[None]:
    """Copy the first model's weights into the second, and put back those of both at the end."""
    check_model(first)
    check_model(second)
    theirs, own = first.get_weights(), second.get_weights()
    if [w.shape for w in theirs] != [w.shape for w in own]:
        ordered = sorted(w.shape for w in theirs) == sorted(w.shape for w in own)
        raise CheckFailed(
            "weights of the same shapes in the same order",
            f"{shapes_of(theirs)} and {shapes_of(own)}",
            Fault.ORDER if ordered else Fault.WEIGHTS,
        )
    with weights_kept(first), weights_kept(second):
        second.set_weights(theirs)
        yield


def _differ_in_weights(
    first: keras.Model, second: keras.Model, inputs: object, asked: list[np.ndarray], tolerance: float
) -> bool:
    """Whether the second model gives what the first does once it holds the same weights."""
    try:
        with _same_weights(first, second):
            return bool(largest_difference(asked, outputs_of(second, inputs)) <= max(tolerance, 1e-6))
    except CheckFailed:  # their weights don't fit
        return False


def _outputs_with(model: keras.Model, numbers: list[np.ndarray], inputs: object) -> list[np.ndarray]:
    model.set_weights(numbers)
    return outputs_of(model, inputs)


def _explained(
    failure: CheckFailed,
    first: keras.Model,
    second: keras.Model,
    draws: list[list[np.ndarray]],
    inputs: object,
    tolerance: float,
) -> CheckFailed:
    """The failure of a comparison with equal weights, which says what differs if that can be told."""
    # Weights of either sign first: with the zeros of fresh biases many models are the same.
    draws = [*draws[1:], draws[0]]
    diagnosis = diagnosed(
        [(first, draws, [lambda draw: _outputs_with(second, draws[draw], inputs)])], inputs, tolerance
    )
    if failure.fault is Fault.SHAPE and diagnosis.fault is Fault.OUTPUTS:
        return failure
    return CheckFailed(failure.asked, f"{failure.found}{diagnosis}", diagnosis.fault)


def _compare_with_other_numbers(first: keras.Model, second: keras.Model, inputs: object) -> None:
    # Numbers that follow from the shapes alone: with those of a fresh model a ReLU may hide what is dropped, or not.
    for numbers in _other_numbers(first):
        first.set_weights(numbers)
        second.set_weights(numbers)
        compare_in_training(first, second, inputs)


def _other_numbers(model: keras.Model) -> Iterator[list[np.ndarray]]:
    """Weights of either sign, as large as fresh ones; what does not train, such as a variance, stays."""
    generator = np.random.default_rng(0)
    trains = {id(weight) for weight in model.trainable_weights}
    begun = model.get_weights()
    drawn = [generator.uniform(-1, 1, size=array.shape) * _usual_size(array.shape) for array in begun]
    for sign in (1.0, -1.0):
        yield [
            sign * new if id(weight) in trains else old
            for weight, old, new in zip(model.weights, begun, drawn, strict=True)
        ]


def _usual_size(shape: tuple[int, ...]) -> float:
    return float(np.sqrt(3 / np.prod(shape[:-1]))) if len(shape) > 1 else 0.3


def _size(numbers: np.ndarray) -> float:
    return float(np.sqrt(np.mean(numbers.astype("float64") ** 2)))


_RUNS = 1024
_SEED = 1337


def _is_random(model: keras.Model, inputs: object) -> bool:
    runs = []
    with _seeded(model):
        for _ in range(3):
            with weights_kept(model):  # statistics that move are no chance
                runs.append(_in_training(model, inputs))
    return not all(largest_difference(runs[0], run) == 0 for run in runs[1:])


def _over_many_runs(model: keras.Model, inputs: object) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Mean and spread of each output for each of the first rows."""
    many = keras.tree.map_structure(lambda array: np.repeat(np.asarray(array)[:4], _RUNS, axis=0), inputs)
    with weights_kept(model), _seeded(model):
        outputs = [out.reshape(-1, _RUNS, *out.shape[1:]) for out in _in_training(model, many)]
    return [out.mean(axis=1) for out in outputs], [out.std(axis=1) for out in outputs]


def _in_training(model: keras.Model, inputs: object) -> list[np.ndarray]:
    return [np.asarray(keras.ops.convert_to_numpy(out)) for out in keras.tree.flatten(model(inputs, training=True))]


@contextlib.contextmanager
def _seeded(model: keras.Model) -> Iterator[None]:
    """Have what a model draws at random follow from the model alone, so that a verdict is the same at each run."""
    states = [each for each in model.variables if each.name == "seed_generator_state"]
    kept = [np.array(keras.ops.convert_to_numpy(state)) for state in states]
    for place, state in enumerate(states):
        state.assign(np.array([_SEED, place], state.dtype))
    try:
        yield
    finally:
        for state, before in zip(states, kept, strict=True):
            state.assign(before)


def _compare(
    first: list[np.ndarray], second: list[np.ndarray], tolerance: float, asked: str, fault: Fault = Fault.NUMBERS
) -> None:
    largest = largest_difference(first, second)
    if not largest <= tolerance:
        other_shapes = [a.shape for a in first] != [b.shape for b in second]
        shapes = f"shapes {shapes_of(first)} and {shapes_of(second)}"
        raise CheckFailed(
            asked,
            shapes if other_shapes else f"differences of up to {largest:.2g}",
            Fault.SHAPE if other_shapes else fault,
        )
