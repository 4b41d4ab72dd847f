"""Checks of what does not change: frozen parts, the statistics of BatchNormalization, a model that others build on.

``trainable`` is a promise about ``fit``. So the checks here look at the flag and at what training does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.failure import CheckFailed
from functional_course.checks.numbers import largest_difference
from functional_course.checks.structure import check_model

import keras
import numpy as np


def check_frozen(model: object, part: keras.Layer) -> None:
    """Nothing in a part of the model trains with it.

    Args:
        model: any built model.
        part: a layer of it, which may be a model.

    Raises:
        CheckFailed: the part is not in the model, or naming its weights that train.

    Example:

    >>> base = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    >>> base.trainable = False
    >>> check_frozen(keras.Sequential([base, keras.layers.Dense(1)]), base)
    """
    _check_inside(model, part)
    trains = {id(weight) for weight in model.trainable_weights}
    loose = [weight.path for weight in part.weights if id(weight) in trains]
    if loose:
        raise CheckFailed(f"{part.name!r} frozen", f"{len(loose)} weights in it that train: {_listed(loose)}")


def check_stays_frozen(model: object, part: keras.Layer, x: object, y: object, epochs: int = 2) -> None:
    """Through ``fit``, nothing in the part changes, statistics included, and something in the rest does.

    It trains as the model is compiled. A part that was frozen after the first ``fit``, without another ``compile``,
    still trains.

    Args:
        model: a compiled model. Its weights are put back; its optimizer's state is not.
        part: a layer of it, which may be a model.
        x: inputs to train on.
        y: targets.
        epochs: how long to train.

    Raises:
        CheckFailed: the model is not compiled, the part is not in it, or naming what changed, or that nothing did.
    """
    _check_inside(model, part)
    if not model.compiled:
        raise CheckFailed("a compiled model", "one without compile")
    inside = {id(weight) for weight in part.weights}
    with weights_kept(model):
        before = [_array(weight) for weight in model.weights]
        model.fit(x, y, epochs=epochs, verbose=0)
        moved = [weight for weight, old in zip(model.weights, before, strict=True) if not _same(old, _array(weight))]
    changed = [weight.path for weight in moved if id(weight) in inside]
    if changed:
        raise CheckFailed(f"{part.name!r} unchanged by fit", f"{len(changed)} weights that changed: {_listed(changed)}")
    if not moved:
        raise CheckFailed(f"something besides {part.name!r} to learn in fit", "no weight that changed")


def check_statistics_kept(model: object, x: object, part: keras.Layer | None = None) -> None:
    """A step in training mode leaves the moving mean and variance of every BatchNormalization as they are.

    ``model(x, training=True)`` is how ``fit`` calls a model.

    Args:
        model: any model. Its weights are put back.
        x: a few rows of inputs, as the model takes them.
        part: where to look, a layer of the model; everywhere, if left out.

    Raises:
        CheckFailed: there is no BatchNormalization, or naming those whose statistics moved, and by how much.
    """
    check_model(model)
    where = model if part is None else part
    model(_first(x), training=False)  # builds a model that is not built yet
    kept = {id(each): each for each in where._flatten_layers() if isinstance(each, keras.layers.BatchNormalization)}
    if not kept:
        raise CheckFailed(f"a BatchNormalization in {where.name!r}", "none")
    with weights_kept(model):
        before = {key: (_array(layer.moving_mean), _array(layer.moving_variance)) for key, layer in kept.items()}
        model(x, training=True)
        drift = {
            layer.name: largest_difference(before[key], (_array(layer.moving_mean), _array(layer.moving_variance)))
            for key, layer in kept.items()
        }
    moved = {name: by for name, by in drift.items() if by != 0}
    if moved:
        told = _listed([f"{name} by {by:.2g}" for name, by in moved.items()])
        raise CheckFailed("statistics that training leaves alone", f"{len(moved)} of {len(drift)} moved: {told}")


@contextlib.contextmanager
def check_unchanged(source: object, inputs: object = None) -> Iterator[None]:
    """What happens in the block leaves a model as it is: its weights, what of it trains, and its predictions.

    Args:
        source: a built model that others build on.
        inputs: a few rows, to compare predictions on; none are compared, if left out.

    Raises:
        CheckFailed: at the end of the block, naming what changed.

    Example:

    >>> source = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    >>> with check_unchanged(source):
    ...     keras.models.clone_model(source).trainable = False
    """
    check_model(source)
    layers = list({id(layer): layer for layer in source._flatten_layers() if layer.weights}.values())
    weights = list(source.weights)
    numbers, flags = [_array(weight) for weight in weights], [layer.trainable for layer in layers]
    predicted = None if inputs is None else outputs_of(source, inputs)
    yield
    asked = f"{source.name!r} as it was"
    now = list(source.weights)
    if [id(weight) for weight in now] != [id(weight) for weight in weights]:
        raise CheckFailed(asked, f"other weights: {len(weights)} before and {len(now)} after")
    moved = [weight.path for weight, old in zip(weights, numbers, strict=True) if not _same(old, _array(weight))]
    if moved:
        raise CheckFailed(asked, f"{len(moved)} weights that changed: {_listed(moved)}")
    turned = [layer.name for layer, flag in zip(layers, flags, strict=True) if layer.trainable != flag]
    if turned:
        raise CheckFailed(asked, f"another `trainable` at {_listed(turned)}")
    if predicted is not None:
        after = outputs_of(source, inputs)
        if len(after) != len(predicted) or not all(map(_same, predicted, after)):
            raise CheckFailed(asked, "other predictions, by the same weights")


def _check_inside(model: object, part: keras.Layer) -> None:
    check_model(model)
    if not part.weights:
        raise CheckFailed(f"weights in {part.name!r}", "none")
    held = {id(weight) for weight in model.weights}
    missing = sum(id(weight) not in held for weight in part.weights)
    if missing:
        found = "none of them" if missing == len(part.weights) else f"{len(part.weights) - missing} of them"
        raise CheckFailed(f"the {len(part.weights)} weights of {part.name!r} in the model", found)


def _first(x: object) -> object:
    return keras.tree.map_structure(lambda array: array[:1], x)


def _array(weight: keras.Variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(weight))


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    # Not-a-number equals nothing: a frozen weight that became one has changed, and so have predictions.
    return np.array_equal(first, second)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
