"""Calls of the other side that are differentiated across the boundary, for what records no operations of Keras.

A layer that computes with TensorFlow's own functions, or a function that branches on numbers, is called where it lives
each time: its results come from there, and on TensorFlow and PyTorch so do its gradients. JAX traces what it
differentiates or compiles, and a trace has no numbers to call anything with: on JAX a call is answered where there are
numbers, and refused elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functional_course.boundary.asking import Asking
from functional_course.boundary.specs import Spec, is_float, is_tensor
from functional_course.boundary.tags import Command
from functional_course.boundary.wire import BoundaryError, CannotCross

import keras
import numpy as np
from keras import tree


def _checked(answer: Any, variables: list[keras.Variable]) -> tuple[int, Any, list[Any], list[tuple[int, np.ndarray]]]:
    """What :meth:`.tapes.Tapes.apply` returned on the other side.

    Raises:
        BoundaryError: it is something else.
    """
    if not isinstance(answer, list) or len(answer) != 4:
        raise BoundaryError("what came is no answer of a call")
    number, result, losses, changed = answer
    if type(number) is not int or not 0 <= number < 1 << 62:
        raise BoundaryError("a call without a number")
    if not isinstance(losses, list) or not all(is_tensor(loss) for loss in losses) or not isinstance(changed, list):
        raise BoundaryError("what came is no answer of a call")
    place: Any
    value: Any
    for pair in changed:
        place, value = pair if isinstance(pair, (list, tuple)) and len(pair) == 2 else (None, None)
        known = type(place) is int and 0 <= place < len(variables) and isinstance(value, np.ndarray)
        if not known or value.shape != tuple(variables[place].shape) or value.dtype.kind not in "biuf":
            raise BoundaryError("a call that changed weights that it has not")
    return number, result, losses, changed


class _Call:
    """A call of the other side.

    Args:
        peer: this side.
        key: what to call.
        args: its arguments, tensors and plain values.
        kwargs: its named arguments.
        variables: the weights on this side that it uses.

    Attributes:
        leaves: how many of the arguments are tensors.
        tensors: these, and then the weights.
        result: what it returned, with tensors as they came or a :class:`~.specs.Spec` for each.
        losses: those that it added, likewise.
    """

    def __init__(self, peer: Asking, key: str, args: Any, kwargs: Any, variables: list[keras.Variable]) -> None:
        given = [leaf for leaf in tree.flatten((args, kwargs)) if is_tensor(leaf)]
        self.leaves, self.tensors = len(given), [*given, *(variable.value for variable in variables)]
        self.result: Any = None
        self.losses: list[Any] = []
        self._peer, self._key, self._given, self._variables = peer, key, (args, kwargs), variables

    def ask(self, *given: Any, differentiated: bool = True) -> tuple[int, list[Any]]:
        """Have it called with these numbers, those of the arguments and then the weights.

        Args:
            given: the numbers.
            differentiated: whether :meth:`pull` may be asked for, so that the call is made with gradients in view.

        Returns:
            the call's number, and the tensors that it returned and those of its losses, as they came.
        """
        pending, weights = iter(given[: self.leaves]), list(given[self.leaves :])
        args, kwargs = tree.map_structure(lambda leaf: next(pending) if is_tensor(leaf) else leaf, self._given)
        asked = [self._key, args, kwargs, weights, differentiated]
        answer = self._peer.request(Command.APPLY, asked, may_change=False)
        number, self.result, self.losses, changed = _checked(answer, self._variables)
        own = self._peer.known.own_variables() if changed else {}
        for place, value in changed:
            if id(self._variables[place]) not in own:  # what this side made is not the other's to set
                self._variables[place].assign(value)
        return number, [leaf for leaf in [*tree.flatten(self.result), *self.losses] if is_tensor(leaf)]

    def outline(self) -> list[Spec]:
        """The shapes and dtypes of the tensors that :meth:`ask` would return."""
        specs = tree.map_structure(
            lambda leaf: (
                Spec(tuple(leaf.shape), keras.backend.standardize_dtype(leaf.dtype)) if is_tensor(leaf) else leaf
            ),
            self._given,
        )
        self.result, self.losses = self._peer.applied_outline(self._key, *specs)
        return [leaf for leaf in tree.flatten([self.result, self.losses]) if isinstance(leaf, Spec)]

    def pull(self, number: int, upstream: list[np.ndarray]) -> list[Any]:
        """The gradients of a call for the tensors that have a fraction.

        Args:
            number: the call's.
            upstream: gradients for what came of it that has a fraction.
        """
        return self._peer.request(Command.PULL, [self._key, number, upstream], may_change=False)


def applied(
    peer: Asking,
    key: str,
    args: Any,
    kwargs: Any,
    variables: list[keras.Variable],
    named: str,
    layer: keras.layers.Layer | None = None,
) -> Any:
    """Call something of the other side with tensors, so that gradients flow through the call.

    Args:
        peer: this side.
        key: what to call.
        args: its arguments, tensors and plain values.
        kwargs: its named arguments.
        variables: the weights on this side that it uses.
        named: what it is called in messages.
        layer: the layer on this side that is told the losses, if it is one.

    Raises:
        CannotCross: the backend is neither TensorFlow nor PyTorch, and there are no numbers to call it with.
    """
    run = _RUNS.get(keras.backend.backend())
    if run is None:
        raise CannotCross(f"{named} computes with more than Keras's operations, and cannot be judged here")
    call = _Call(peer, key, args, kwargs, variables)
    outputs = iter(run(call, named))

    def put(leaf: Any) -> Any:
        # An array stays one: a function may return what is no tensor.
        made = next(outputs) if is_tensor(leaf) or isinstance(leaf, Spec) else leaf
        return leaf if isinstance(leaf, np.ndarray) else made

    result, losses = tree.map_structure(put, (call.result, call.losses))
    if layer is not None:
        for loss in losses:
            layer.add_loss(loss)
    return result


def _in_tensorflow(call: _Call, named: str) -> list[Any]:
    """What came of the call, in TensorFlow's own graph or step by step."""
    import tensorflow as tf

    tensors = [tf.convert_to_tensor(each) for each in call.tensors]
    floats = [place for place, each in enumerate(tensors) if is_float(each)]

    def ask(*given: Any) -> list[Any]:
        number, outputs = call.ask(*map(np.asarray, given))
        return [tf.constant(number, tf.int64), *map(tf.convert_to_tensor, outputs)]

    def pulled(number: Any, *upstream: Any) -> list[Any]:
        gradients = call.pull(int(number), [np.asarray(each) for each in upstream])
        return [tf.convert_to_tensor(each) for each in gradients]

    @tf.custom_gradient
    def run(*given: Any) -> Any:
        if tf.executing_eagerly():
            number, *outputs = ask(*given)
        else:
            wanted = call.outline()
            number, *outputs = tf.py_function(ask, given, [tf.int64, *(each.dtype for each in wanted)])
            for output, spec in zip(outputs, wanted, strict=True):
                output.set_shape(spec.shape)
            number.set_shape(())

        def gradient(*upstream: Any) -> list[Any]:
            kept = [each for each, output in zip(upstream, outputs, strict=True) if is_float(output)]
            if tf.executing_eagerly():
                gradients = pulled(number, *kept)
            else:
                gradients = tf.py_function(pulled, [number, *kept], [tensors[place].dtype for place in floats])
            found: list[Any] = [None] * len(tensors)
            for place, each in zip(floats, gradients, strict=True):
                each.set_shape(tensors[place].shape)
                found[place] = each
            return found

        return tuple(outputs), gradient

    return tree.flatten(run(*tensors))


def _in_torch(call: _Call, named: str) -> list[Any]:
    """What came of the call, as a step of PyTorch's autograd."""
    import torch

    tensors = [keras.ops.convert_to_tensor(each) for each in call.tensors]
    # What asks for no gradient is called without one, as in one kernel: it may ask for numbers, or change what it got.
    differentiated = torch.is_grad_enabled() and any(each.requires_grad for each in tensors)

    class Called(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, *given: Any) -> Any:
            numbers = map(keras.ops.convert_to_numpy, given)
            context.number, outputs = call.ask(*numbers, differentiated=differentiated)
            made = tuple(keras.ops.convert_to_tensor(each) for each in outputs)
            context.floats = [is_float(each) for each in made]
            context.mark_non_differentiable(*(each for each in made if not is_float(each)))
            return made

        @staticmethod
        def backward(context: Any, *upstream: Any) -> Any:
            kept = [
                keras.ops.convert_to_numpy(each)
                for each, wanted in zip(upstream, context.floats, strict=True)
                if wanted
            ]
            pulled = [keras.ops.convert_to_tensor(each) for each in call.pull(context.number, kept)]
            floats = [each for each in tensors if is_float(each)]
            if [each.shape for each in pulled] != [each.shape for each in floats]:
                raise BoundaryError("what came are no gradients of a call")
            gradients = iter(pulled)
            return tuple(next(gradients) if is_float(each) else None for each in tensors)

    return list(Called.apply(*tensors))


def _in_jax(call: _Call, named: str) -> list[Any]:
    """What came of the call, if it was made with numbers.

    Raises:
        CannotCross: it was made in a trace.
    """
    import jax

    if any(isinstance(each, jax.core.Tracer) for each in call.tensors):
        raise CannotCross(f"{named} computes with more than Keras's operations, and cannot be judged on JAX")
    _, outputs = call.ask(*map(keras.ops.convert_to_numpy, call.tensors))
    return [keras.ops.convert_to_tensor(each) for each in outputs]


_RUNS: dict[str, Callable[[_Call, str], list[Any]]] = {
    "tensorflow": _in_tensorflow,
    "torch": _in_torch,
    "jax": _in_jax,
}
"""How a call is made a part of what each backend computes."""
