"""Checks of what does not change: frozen parts, the statistics of BatchNormalization, a model that others build on.

``trainable`` is a promise about ``fit``. So the checks here look at the flag and at what training does.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from functional_course.boundary.handed import in_sight
from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.failure import CheckFailed
from functional_course.checks.numbers import largest_difference
from functional_course.checks.structure import check_model
from functional_course.faults import Fault
from functional_course.models import keras_private

import keras
import numpy as np


def check_frozen(model: Any, part: keras.Layer) -> None:
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
        raise CheckFailed(
            f"{part.name!r} frozen", f"{len(loose)} weights in it that train: {_listed(loose)}", Fault.TRAINS
        )


def check_stays_frozen(model: Any, part: keras.Layer, x: object, y: object, epochs: int = 2) -> None:
    """Through ``fit``, nothing in the part changes, statistics included, and something in the rest does.

    It trains as the model is compiled; with ``run_eagerly``, all rows make one step. A part that was frozen after the
    first ``fit``, without another ``compile``, still trains.

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
        raise CheckFailed("a compiled model", "one that wasn't compiled", Fault.COMPILED)
    inside = {id(weight) for weight in part.weights}
    with weights_kept(model):
        before = [_array(weight) for weight in model.weights]
        if model.run_eagerly:
            for _ in range(epochs):  # what fit would do, without what it prepares for many steps
                model.train_on_batch(x, y)
        else:  # only fit still takes the steps that were traced before
            model.fit(x, y, epochs=epochs, verbose=0)
        moved = [weight for weight, old in zip(model.weights, before, strict=True) if not _same(old, _array(weight))]
    changed = [weight.path for weight in moved if id(weight) in inside]
    if changed:
        raise CheckFailed(
            f"{part.name!r} unchanged by fit", f"{len(changed)} weights that changed: {_listed(changed)}", Fault.TRAINS
        )
    if not moved:
        raise CheckFailed(f"something besides {part.name!r} to learn in fit", "no weight that changed", Fault.TRAINS)


def check_statistics_kept(model: Any, x: object, part: keras.Layer | None = None) -> None:
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
    inside = keras_private.layers_inside(where, itself=True)
    kept = {id(each): each for each in inside if isinstance(each, keras.layers.BatchNormalization)}
    if not kept:
        raise CheckFailed(f"a BatchNormalization in {where.name!r}", "none", Fault.WEIGHTS)
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
        raise CheckFailed(
            "statistics that training leaves alone", f"{len(moved)} of {len(drift)} moved: {told}", Fault.TRAINS
        )


@contextlib.contextmanager
def check_unchanged(source: Any, inputs: object = None, trainable: bool = True) -> Iterator[None]:
    """What happens in the block leaves a model as it is: weights, layers and their settings, what trains, predictions.

    Whether it is compiled counts too, and with what. A model that is not built yet may be built.

    Args:
        source: a model or a layer that others build on.
        inputs: a few rows, to compare predictions on; none are compared, if left out.
        trainable: whether what trains has to stay too; otherwise the block may freeze and thaw.

    Raises:
        CheckFailed: at the end of the block, naming what changed.

    Example:

    >>> source = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    >>> with check_unchanged(source):
    ...     keras.models.clone_model(source).trainable = False
    """
    if not isinstance(source, keras.Layer):
        check_model(source)
    before = _State(source)
    predicted = None if inputs is None else outputs_of(source, inputs)
    yield
    before.check(trainable)
    if predicted is not None:
        after = outputs_of(source, inputs)
        if len(after) != len(predicted) or not all(map(_same, predicted, after)):
            raise CheckFailed(
                f"{source.name!r} as it was", "different predictions from the same weights", Fault.CHANGED
            )


def leaving_alone(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Call a function of an answer, which has to leave all that it is given as it was.

    Judge what it returns with the original, or make a new one: a model that was changed on the way proves anything.
    The numbers of arrays are put back, so that what other tests look at is as it was.

    Args:
        function: what to call.
        given: its arguments. Looked at are models, layers and arrays among them and in lists, tuples and dicts, and
            these lists and dicts themselves.
        named: arguments by keyword.

    Returns:
        What the function returns.

    Raises:
        CheckFailed: naming what changed.

    Example:

    >>> leaving_alone(sorted, [3, 1, 2])
    [1, 2, 3]
    >>> leaving_alone(list.sort, [3, 1, 2])
    Traceback (most recent call last):
    ...
    functional_course.checks.failure.CheckFailed: asked for the given list as it was; found different items or order
    """
    checks = [_state_of(each) for each in (*given, *named.values())]
    with in_sight():
        returned = function(*given, **named)
    failures = []
    for check in checks:
        try:
            check()
        except CheckFailed as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return returned


@contextlib.contextmanager
def printing_nothing() -> Iterator[None]:
    """What runs in the block prints nothing, neither on stdout nor on stderr.

    Raises:
        CheckFailed: at the end of the block, with the number of lines.

    Example:

    >>> with printing_nothing():
    ...     print("Epoch 1/3")
    Traceback (most recent call last):
    ...
    functional_course.checks.failure.CheckFailed: asked for nothing printed; found 1 line
    """
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        yield
    count = len(printed.getvalue().splitlines())
    if count:
        raise CheckFailed("nothing printed", f"{count} line{'s' if count != 1 else ''}", Fault.PRINTS)


def _state_of(value: Any) -> Callable[[], None]:
    """What tells whether a value has changed since now."""
    if isinstance(value, keras.Layer):
        return _State(value).check
    if isinstance(value, np.ndarray):
        before = value.copy()

        def array_is_the_same() -> None:
            if value.shape != before.shape or value.dtype != before.dtype or not _equal(value, before):
                if value.shape == before.shape and value.dtype == before.dtype:
                    value[...] = before  # other tests look at it too
                raise CheckFailed(
                    f"the given array of shape {before.shape} as it was", "different numbers in it", Fault.CHANGED
                )

        return array_is_the_same
    if isinstance(value, (list, tuple, dict)):
        kept = list(value.items()) if isinstance(value, dict) else list(value)
        inside = [_state_of(each) for each in (value.values() if isinstance(value, dict) else value)]

        def items_are_the_same() -> None:
            now = list(value.items()) if isinstance(value, dict) else list(value)
            flat, flat_now = (
                [id(each) if not isinstance(value, dict) else (each[0], id(each[1])) for each in items]
                for items in (kept, now)
            )
            if flat != flat_now:
                raise CheckFailed(
                    f"the given {type(value).__name__} as it was", "different items or order", Fault.CHANGED
                )
            for check in inside:
                check()

        return items_are_the_same
    return lambda: None


def _equal(first: np.ndarray, second: np.ndarray) -> bool:
    # Where nothing was written, what was not a number still is none.
    return np.array_equal(first, second, equal_nan=first.dtype.kind in "fc")


class _State:
    """A model or layer at one moment.

    Args:
        source: the model or layer.
    """

    def __init__(self, source: keras.Layer) -> None:
        self._source = source
        self._layers = _parts(source)
        self._weights = list(source.weights)
        self._numbers = [_array(weight) for weight in self._weights]
        self._flags = [layer.trainable for layer in self._layers]
        self._trains = [weight.trainable for weight in self._weights]
        self._settings = [_settings(layer) for layer in self._layers]
        self._compiled = _compiled(source)

    def check(self, trainable: bool = True) -> None:
        """Compare with now.

        Args:
            trainable: whether what trains has to be the same.

        Raises:
            CheckFailed: naming what changed.
        """
        source = self._source
        asked = f"{source.name!r} as it was"
        now = list(source.weights)
        # A set: Keras lists what trains first.
        if self._weights and {id(weight) for weight in now} != {id(weight) for weight in self._weights}:
            raise CheckFailed(
                asked, f"different weights: {len(self._weights)} before and {len(now)} after", Fault.CHANGED
            )
        pairs = list(zip(self._weights, self._numbers, self._trains, strict=True))
        moved = [weight.path for weight, old, _ in pairs if not _same(old, _array(weight))]
        if moved:
            raise CheckFailed(asked, f"{len(moved)} weights that changed: {_listed(moved)}", Fault.CHANGED)
        if [id(layer) for layer in _parts(source)] != [id(layer) for layer in self._layers]:
            raise CheckFailed(asked, "different layers in it", Fault.CHANGED)
        turned = [layer.name for layer, flag in zip(self._layers, self._flags, strict=True) if layer.trainable != flag]
        turned += [weight.path for weight, _, trains in pairs if weight.trainable != trains]
        if turned and trainable:
            raise CheckFailed(asked, f"a different `trainable` at {_listed(turned)}", Fault.CHANGED)
        settings = zip(self._layers, self._settings, strict=True)
        other = [layer.name for layer, before in settings if _settings(layer) != before]
        if other:
            raise CheckFailed(asked, f"different settings of {_listed(other)}", Fault.CHANGED)
        if _compiled(source) != self._compiled:
            raise CheckFailed(asked, "a different `compile`", Fault.CHANGED)


def _parts(source: keras.Layer) -> list[keras.Layer]:
    # A Sequential model makes a functional one of itself when it is built; that is no layer that somebody changed.
    inside = {id(layer): layer for layer in keras_private.layers_inside(source, itself=True)}
    models = [layer for layer in inside.values() if isinstance(layer, keras.Sequential)]
    made = {id(keras_private.functional_of(model)) for model in models}
    entries = keras.layers.InputLayer
    return [layer for key, layer in inside.items() if key not in made and not isinstance(layer, entries)]


def _settings(layer: keras.Layer) -> str | None:
    if isinstance(layer, keras.Model):
        return None  # it consists of its layers, and a Sequential one learns its input shape when it is called
    try:
        said = repr(sorted((key, value) for key, value in layer.get_config().items() if key != "trainable"))
    except Exception:  # a layer of somebody's own, which cannot describe itself
        return None
    return re.sub(r" at 0x[0-9a-f]+", "", said)  # an object that is made anew each time


def _compiled(source: keras.Layer) -> tuple[int, ...] | None:
    if not isinstance(source, keras.Model) or not source.compiled:
        return None
    return (id(source.optimizer), id(source.loss))


def _check_inside(model: Any, part: keras.Layer) -> None:
    check_model(model)
    if not part.weights:
        raise CheckFailed(f"weights in {part.name!r}", "none", Fault.WEIGHTS)
    held = {id(weight) for weight in model.weights}
    missing = sum(id(weight) not in held for weight in part.weights)
    if missing:
        found = "none of them" if missing == len(part.weights) else f"{len(part.weights) - missing} of them"
        raise CheckFailed(f"the {len(part.weights)} weights of {part.name!r} in the model", found, Fault.COPY)


def _first(x: object) -> object:
    return keras.tree.map_structure(lambda array: array[:1], x)


def _array(weight: keras.Variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(weight))


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    # Not-a-number equals nothing: a frozen weight that became one has changed, and so have predictions.
    return np.array_equal(first, second)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
