"""Serves calls that are differentiated across the boundary."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Callable
from typing import Any

from functional_course.boundary.specs import Spec, is_float, is_tensor
from functional_course.boundary.wire import BoundaryError
from functional_course.models import keras_private

import keras
import numpy as np
from keras import tree

MOST_TAPES = 64
"""Calls whose gradients can still be asked for."""


_Pull = Callable[[list[Any]], list[np.ndarray]]
"""From gradients for what came of a call to those for what went into it."""

_Called = Callable[[], tuple[Any, list[Any], list[Any]]]
"""Makes a call: returns what it returned, the losses that it added, and of all these what has a fraction."""


def _in_tensorflow(called: _Called, sources: list[Any]) -> tuple[Any, list[Any], _Pull]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(sources)
        result, losses, targets = called()

    def pull(upstream: list[Any]) -> list[np.ndarray]:
        upstream = [tf.convert_to_tensor(each) for each in upstream]
        gradients = tape.gradient(targets, sources, upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [np.asarray(tf.convert_to_tensor(gradient)) for gradient in gradients]

    return result, losses, pull


def _without_gradients(called: _Called, sources: list[Any]) -> tuple[Any, list[Any], _Pull]:
    in_view: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if keras.backend.backend() == "torch" and any(source.requires_grad for source in sources):
        import torch

        in_view = torch.no_grad()  # a weight asks for gradients where nobody does, as in predict
    with in_view:
        result, losses, _ = called()

    def pull(upstream: list[Any]) -> list[np.ndarray]:
        raise BoundaryError("a call that is not differentiated")

    return result, losses, pull


def _in_torch(called: _Called, sources: list[Any]) -> tuple[Any, list[Any], _Pull]:
    import torch

    for source in sources:
        if not isinstance(source, torch.nn.Parameter):  # a weight says itself whether it is trained
            source.requires_grad_()
    with torch.enable_grad():
        result, losses, targets = called()

    def pull(upstream: list[Any]) -> list[np.ndarray]:
        reached = [(each, keras.ops.convert_to_tensor(given)) for each, given in zip(targets, upstream, strict=True)]
        reached = [(each, given) for each, given in reached if each.requires_grad]
        trained = [source for source in sources if source.requires_grad]
        gradients: dict[int, Any] = {}
        if reached and trained:
            ends, given = zip(*reached, strict=True)
            found = torch.autograd.grad(ends, trained, given, allow_unused=True)
            gradients = {id(each): gradient for each, gradient in zip(trained, found, strict=True)}
        pulled = [
            torch.zeros_like(each) if gradients.get(id(each)) is None else gradients[id(each)] for each in sources
        ]
        return [keras.ops.convert_to_numpy(each) for each in pulled]

    return result, losses, pull


_RECORDED: dict[str, Callable[[_Called, list[Any]], tuple[Any, list[Any], _Pull]]] = {
    "tensorflow": _in_tensorflow,
    "torch": _in_torch,
    "jax": _without_gradients,
}
"""How a call is made on each backend so that its gradients can be asked for."""


class Tapes:
    """Serves calls: each is kept for a while, in case its gradient is asked for."""

    def __init__(self) -> None:
        self._kept: collections.OrderedDict[int, _Pull] = collections.OrderedDict()
        self._count = 0

    def apply(
        self,
        subject: Any,
        args: Any,
        kwargs: Any,
        weights: list[np.ndarray],
        variables: list[Any],
        differentiated: bool = True,
    ) -> list[Any]:
        """Call a function or a layer.

        Args:
            subject: which.
            args: arguments.
            kwargs: named arguments.
            weights: what the weights that it uses are on the side that asks; none if it may not set them.
            variables: those weights on this side.
            differentiated: whether the other side may ask for gradients.

        Returns:
            the call's number, what it returned, the losses that it added, and the weights that it changed as pairs of
            place and value.

        Raises:
            BoundaryError: as many weights as it has did not come.
            Exception: it raised that.
        """
        layer = subject if isinstance(subject, keras.layers.Layer) else None
        if len(variables) != len(weights):
            raise BoundaryError("a layer with other weights than it was said to have")
        for variable, value in zip(variables, weights, strict=True):
            if not np.array_equal(keras.ops.convert_to_numpy(variable), value):
                variable.assign(value)
        parts = keras_private.layers_inside(layer, itself=True) if layer is not None else []
        for part in parts:
            keras_private.forget_losses(part)
        args, kwargs = tree.map_structure(
            lambda leaf: keras.ops.convert_to_tensor(leaf) if is_tensor(leaf) else leaf, (args, kwargs)
        )
        sources = [leaf for leaf in tree.flatten((args, kwargs)) if is_tensor(leaf) and is_float(leaf)]
        sources += [variable.value for variable in variables if is_float(variable)]

        def called() -> tuple[Any, list[Any], list[Any]]:
            result = subject(*args, **kwargs)
            losses = [loss for part in parts for loss in keras_private.losses_of_call(part)]
            targets = [leaf for leaf in [*tree.flatten(result), *losses] if is_tensor(leaf) and is_float(leaf)]
            return result, losses, targets

        recorded = _RECORDED[keras.backend.backend()] if differentiated else _without_gradients
        result, losses, pull = recorded(called, sources)
        self._count += 1
        self._kept[self._count] = pull
        if len(self._kept) > MOST_TAPES:
            self._kept.popitem(last=False)
        now = [keras.ops.convert_to_numpy(variable) for variable in variables]
        changed = [
            [place, value]
            for place, (value, before) in enumerate(zip(now, weights, strict=True))
            if not np.array_equal(value, before)
        ]
        return [self._count, result, losses, changed]

    def pull(self, number: Any, upstream: list[Any]) -> list[np.ndarray]:
        """The gradients of a call, for its arguments and then for its layer's weights, of those that have a fraction.

        Args:
            number: the call.
            upstream: gradients for what it returned and for the losses that it added, shaped as those are.

        Returns:
            one array for each, shaped as what it is the gradient for.

        Raises:
            BoundaryError: the call is not kept, or its gradients were asked for before; or the backend is JAX.
        """
        if number not in self._kept:
            raise BoundaryError("a call that is not kept")
        return self._kept.pop(number)(upstream)

    @staticmethod
    def outline(subject: Any, args: Any, kwargs: Any) -> list[Any]:
        """What a call returns and the losses that it adds, as they are recorded for a TensorFlow function.

        Args:
            subject: a function or a layer.
            args: its arguments, with a :class:`~.specs.Spec` for each tensor.
            kwargs: its named arguments, likewise.

        Returns:
            what it returned and a list of the losses, with a :class:`~.specs.Spec` for each tensor.

        Raises:
            Exception: it raised that.
        """
        import tensorflow as tf

        layer = subject if isinstance(subject, keras.layers.Layer) else None
        parts = keras_private.layers_inside(layer, itself=True) if layer is not None else []
        with tf.__internal__.FuncGraph("outline").as_default():
            args, kwargs = tree.map_structure(
                lambda leaf: tf.compat.v1.placeholder(leaf.dtype, leaf.shape) if isinstance(leaf, Spec) else leaf,
                (args, kwargs),
            )
            for part in parts:
                keras_private.forget_losses(part)
            result = subject(*args, **kwargs)
            losses = [loss for part in parts for loss in keras_private.losses_of_call(part)]
            outline = tree.map_structure(
                lambda leaf: Spec(tuple(leaf.shape), leaf.dtype.name) if keras.ops.is_tensor(leaf) else leaf,
                [result, losses],
            )
            for part in parts:
                keras_private.forget_losses(part)
        return outline
