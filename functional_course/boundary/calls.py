"""Calls of the other side that are differentiated across the boundary, for what records no operations of Keras.

A layer that computes with TensorFlow's own functions, or a function that branches on numbers, is called where it lives
each time: its results come from there, and so do its gradients.
"""

from __future__ import annotations

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
        CannotCross: the backend is not TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise CannotCross(f"{named} computes with more than Keras's operations, and cannot be judged here")
    import tensorflow as tf

    leaves = [tf.convert_to_tensor(leaf) for leaf in tree.flatten((args, kwargs)) if is_tensor(leaf)]
    tensors = leaves + [tf.convert_to_tensor(variable.value) for variable in variables]
    floats = [place for place, each in enumerate(tensors) if is_float(each)]

    def filled(values: list[Any]) -> tuple[Any, Any]:
        pending = iter(values)
        return tree.map_structure(lambda leaf: next(pending) if is_tensor(leaf) else leaf, (args, kwargs))

    said: dict[str, Any] = {}

    def ask(*given: Any) -> list[Any]:
        given_args, given_kwargs = filled([np.asarray(each) for each in given[: len(leaves)]])
        weights = [np.asarray(each) for each in given[len(leaves) :]]
        answer = peer.request(Command.APPLY, [key, given_args, given_kwargs, weights], may_change=False)
        number, result, losses, changed = _checked(answer, variables)
        own = peer.known.own_variables() if changed else {}
        for place, value in changed:
            if id(variables[place]) not in own:  # what this side made is not the other's to set
                variables[place].assign(value)
        said["result"], said["losses"] = result, losses
        outputs = [leaf for leaf in [*tree.flatten(result), *losses] if is_tensor(leaf)]
        return [tf.constant(int(number), tf.int64), *(tf.convert_to_tensor(leaf) for leaf in outputs)]

    def pulled(number: Any, *upstream: Any) -> list[Any]:
        gradients = peer.request(
            Command.PULL, [key, int(number), [np.asarray(each) for each in upstream]], may_change=False
        )
        return [tf.convert_to_tensor(each) for each in gradients]

    @tf.custom_gradient
    def run(*given: Any) -> Any:
        if tf.executing_eagerly():
            number, *outputs = ask(*given)
        else:
            specs = tree.map_structure(
                lambda leaf: (
                    Spec(tuple(leaf.shape), keras.backend.standardize_dtype(leaf.dtype)) if is_tensor(leaf) else leaf
                ),
                (args, kwargs),
            )
            said["result"], said["losses"] = peer.applied_outline(key, *specs)
            wanted = [leaf for leaf in tree.flatten([said["result"], said["losses"]]) if isinstance(leaf, Spec)]
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

    outputs = iter(tree.flatten(run(*tensors)))

    def put(leaf: Any) -> Any:
        # An array stays one: a function may return what is no tensor.
        made = next(outputs) if is_tensor(leaf) or isinstance(leaf, Spec) else leaf
        return leaf if isinstance(leaf, np.ndarray) else made

    result, losses = tree.map_structure(put, (said["result"], said["losses"]))
    if layer is not None:
        for loss in losses:
            layer.add_loss(loss)
    return result
