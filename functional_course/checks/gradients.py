"""Checks of what training reaches: the gradient of a loss on some outputs, at the weights of some layers.

They use nothing but a step of Keras's own training, so they hold on every backend: where a step of plain gradient
descent moves a weight, the gradient is there.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.failure import CheckFailed
from functional_course.checks.structure import check_model
from functional_course.faults import Fault
from functional_course.models import keras_private

import keras
import numpy as np

# So large that a gradient of 1e-12 still moves a weight of 1 in float32. Nothing is computed after the step.
_RATE = 1e6

# A gradient below this may be rounding. Then the layer's weights go this far, where a real one would be seen.
_FAINT, _FAR = 1e-2, 10.0
_LAST_DIGITS = 1e-6


def check_gradient_reaches(
    model: Any,
    x: object,
    layer: keras.Layer | None = None,
    output: int | str | None = None,
    reaches: bool = True,
) -> None:
    """A loss on the model's outputs, or on one of them, has a gradient at the weights of a layer, or of every layer.

    The loss weights each number of an output differently, so a softmax passes its gradient on. The model runs as in
    inference: no dropout, stored statistics. What counts is a gradient that is not zero for these inputs: behind a
    ReLU that is never on, or ``stop_gradient``, there is none. Nor is there one behind a softmax over one number: it
    is 1 whatever comes in, but some processors round it to a little less, and its gradient to a little more than zero.
    Frozen weights get none. Penalties on weights (regularizers) are no part of the loss.

    Args:
        model: any model, with or without a graph. Its weights are put back, and how it is compiled stays.
        x: a few rows of inputs, as the model takes them.
        layer: a layer of the model, which may be a model itself or a wrapper: each layer in it with weights of its
            own has to be reached. All layers of the model that can be trained, if left out.
        output: which output the loss is on, by its place, or by its key or name; all of them, if left out.
        reaches: whether a gradient is asked for, or forbidden at every weight of the layer.

    Raises:
        CheckFailed: naming the layers that get no gradient, or that get one and should not.

    Example:

    >>> a, b = keras.Input((4,)), keras.Input((4,))
    >>> left, right = keras.layers.Dense(2), keras.layers.Dense(3)
    >>> model = keras.Model([a, b], [left(a), right(b)])
    >>> x = [np.ones((2, 4)), np.ones((2, 4))]
    >>> check_gradient_reaches(model, x)
    >>> check_gradient_reaches(model, x, right, output=0, reaches=False)
    """
    check_model(model)
    places = _places(model, model(x, training=False), output)  # the call builds a model that is not built yet
    asked = _owners(model if layer is None else layer)
    if reaches and not asked:
        where = "the model" if layer is None else repr(layer.name)
        raise CheckFailed(f"weights that can be trained in {where}", "none", Fault.TRAINS)
    moved = _moved(model, x, places)
    loss = "the outputs" if output is None else f"output {output!r}"
    if reaches:
        left_out = [name for name, weights in asked if not any(id(weight) in moved for weight in weights)]
        if left_out:
            raise CheckFailed(
                f"a gradient from {loss} at the weights of {_listed(asked, layer)}", _none_at(left_out), Fault.TRAINS
            )
    else:
        trained = [name for name, weights in asked if any(id(weight) in moved for weight in weights)]
        if trained:
            raise CheckFailed(
                f"no gradient from {loss} at the weights of {_listed(asked, layer)}", _one_at(trained), Fault.TRAINS
            )


def check_shared_trunk(model: Any, x: object, outputs: Sequence[int | str] | None = None, shared: bool = True) -> None:
    """Some weight gets a gradient from each of the outputs on its own, or (``shared=False``) none does.

    Where none does, the outputs are trained by separate models, whatever they read in common. See
    :func:`check_gradient_reaches` for what counts as a gradient.

    Args:
        model: any model with several outputs. Its weights are put back.
        x: a few rows of inputs, as the model takes them.
        outputs: by their places, or by their keys or names; all of them, if left out.
        shared: whether a common weight is asked for or forbidden.

    Raises:
        CheckFailed: no weight is common, or naming the layers that have one.

    Example:

    >>> image = keras.Input((4,))
    >>> code = keras.layers.Dense(3)(image)
    >>> model = keras.Model(image, [keras.layers.Dense(1)(code), keras.layers.Dense(2)(code)])
    >>> check_shared_trunk(model, np.ones((2, 4)))
    """
    check_model(model)
    computed = model(x, training=False)
    chosen = range(len(keras.tree.flatten(computed))) if outputs is None else outputs
    reached = [_moved(model, x, _places(model, computed, output)) for output in chosen]
    common = set.intersection(*reached)
    named = " and ".join(repr(output) for output in outputs) if outputs else "all"
    holders = [name for name, weights in _owners(model) if any(id(weight) in common for weight in weights)]
    if shared and not holders:
        raise CheckFailed(f"a layer that trains on outputs {named} together", "none", Fault.SHARING)
    if holders and not shared:
        raise CheckFailed(
            f"no layer that trains on outputs {named} together", ", ".join(map(repr, holders)), Fault.SHARING
        )


class _Probe(keras.Model):
    """The model with a loss that needs no targets: each number of the chosen outputs times a number of its own."""

    def __init__(self, model: keras.Model, places: list[int]) -> None:
        super().__init__()
        self.model, self.places = model, places
        # A loss that reaches no weight at all is an error to some backends; it always reaches this one.
        self.anchor = self.add_weight(shape=(), initializer="zeros", name="anchor")

    def call(self, inputs, training=None):
        outputs = keras.tree.flatten(self.model(inputs, training=False))
        total = self.anchor
        for place in self.places:
            numbers = keras.ops.reshape(keras.ops.cast(outputs[place], "float32"), (-1,))
            counted = keras.ops.cumsum(keras.ops.ones_like(numbers))
            total = total + keras.ops.sum(numbers * keras.ops.sin(2.4 * counted))
        return keras.ops.reshape(total, (1,))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # Without the penalties that layers add to a loss.
        return keras.ops.sum(y_pred)


def _places(model: keras.Model, outputs: object, output: int | str | None) -> list[int]:
    """Where the chosen output stands among all arrays that the model returns."""
    count = len(keras.tree.flatten(outputs))
    numbered = keras.tree.pack_sequence_as(outputs, list(range(count)))
    names = getattr(model, "output_names", ())
    named = numbered if isinstance(numbered, dict) else dict(zip(names, range(count), strict=False))
    if output is None:
        return list(range(count))
    if output in named:
        return keras.tree.flatten(named[output])
    if isinstance(output, int) and output < count:
        return [output]
    known = ", ".join(repr(name) for name in named)
    raise CheckFailed(
        f"an output {output!r}", f"{count} output{'s' if count != 1 else ''}" + (known and f": {known}"), Fault.NAME
    )


def _moved(model: keras.Model, x: object, places: list[int]) -> set[int]:
    """The ids of the weights that a step of gradient descent changes, and that change the outputs with it."""
    # A constraint may change a weight without a gradient: compare with a step of length zero.
    still, stepped = _after_step(model, x, places, 0.0), _after_step(model, x, places, _RATE)
    steps: dict[int, np.ndarray] = {}
    for weight, before, after in zip(model.trainable_weights, still, stepped, strict=True):
        if not np.all(np.isfinite(after)):
            raise CheckFailed("finite gradients", f"one that is not, at {weight.path!r}", Fault.NUMBERS)
        if not np.array_equal(before, after):
            steps[id(weight)] = after - before
    for _, weights in _owners(model):
        own = [(weight, steps[id(weight)]) for weight in weights if id(weight) in steps]
        longest = max((float(np.abs(step).max()) for _, step in own), default=0.0)
        if 0 < longest < _FAINT * _RATE and _the_same_after(model, x, places, own, _FAR / longest):
            for weight, _ in own:
                del steps[id(weight)]
    return set(steps)


def _the_same_after(
    model: keras.Model, x: object, places: list[int], steps: list[tuple[keras.Variable, np.ndarray]], times: float
) -> bool:
    """Whether the outputs are the same to their last digits when these weights alone go so many times their step."""
    before = outputs_of(model, x)
    with weights_kept(model), np.errstate(all="ignore"):
        for weight, step in steps:
            weight.assign(keras.ops.convert_to_numpy(weight) + times * step)
        after = outputs_of(model, x)
    return all(
        np.allclose(
            before[place], after[place], rtol=0, atol=_LAST_DIGITS * float(np.abs(before[place]).max(initial=0))
        )
        for place in places
    )


def _after_step(model: keras.Model, x: object, places: list[int], rate: float) -> list[np.ndarray]:
    probe = _Probe(model, places)
    probe.compile(keras.optimizers.SGD(rate), run_eagerly=True, jit_compile=False)
    with weights_kept(model), warnings.catch_warnings():
        # Keras warns of weights without a gradient; they are what this looks for.
        warnings.filterwarnings("ignore", message="Gradients do not exist")
        probe.train_on_batch(x)
        return [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]


def _owners(layer: keras.Layer) -> list[tuple[str, list[keras.Variable]]]:
    """Each layer in this one that has trainable weights of its own, by name."""
    owners = []
    for part in {id(part): part for part in keras_private.layers_inside(layer, itself=True)}.values():
        inside = {id(w) for inner in keras_private.layers_inside(part) for w in inner.trainable_weights}
        own = [weight for weight in part.trainable_weights if id(weight) not in inside]
        if own:
            owners.append((part.name, own))
    return owners


def _listed(asked: list[tuple[str, list]], layer: keras.Layer | None) -> str:
    if layer is not None:
        return repr(layer.name)
    return f"all {len(asked)} layers" if len(asked) > 1 else repr(asked[0][0])


def _none_at(names: list[str]) -> str:
    return f"none at {', '.join(repr(name) for name in names)}"


def _one_at(names: list[str]) -> str:
    return f"one at {', '.join(repr(name) for name in names)}"
