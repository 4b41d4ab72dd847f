"""Calls of the other side that are differentiated across the boundary, for what records no operations of Keras.

A layer that computes with TensorFlow's own functions, or a function that branches on numbers, is called where it lives
each time: its results come from there, and so do its gradients.
"""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functional_course.boundary.wire import BoundaryError, CannotCross

import keras
import numpy as np
from keras import tree

if TYPE_CHECKING:
    from functional_course.boundary.peer import Peer

MOST_TAPES = 64
"""Calls whose gradients can still be asked for."""


class Spec:
    """The shape and dtype of a tensor that a computation is recorded for."""

    def __init__(self, shape: tuple[int | None, ...], dtype: str) -> None:
        self.shape, self.dtype = shape, dtype


def is_tensor(leaf: Any) -> bool:
    """Whether a value is an array, a tensor with numbers or a variable."""
    return isinstance(leaf, (np.ndarray, keras.Variable)) or keras.ops.is_tensor(leaf)


def _is_float(tensor: Any) -> bool:
    return keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype))


def weights_of(layer: keras.layers.Layer | None, reads: Sequence[keras.layers.Layer]) -> list[keras.Variable]:
    """The weights that a computation uses: of a layer, and of those that it reads, each once."""
    weights = [weight for each in ([layer] if layer is not None else []) + list(reads) for weight in each.weights]
    return list({id(weight): weight for weight in weights}.values())


class Tapes:
    """Serves calls: each is kept for a while, in case its gradient is asked for."""

    def __init__(self) -> None:
        self._kept: collections.OrderedDict[int, tuple[Any, list[Any], list[Any]]] = collections.OrderedDict()
        self._count = 0

    def apply(self, subject: Any, args: Any, kwargs: Any, weights: list[np.ndarray], variables: list[Any]) -> list[Any]:
        """Call a function or a layer.

        Args:
            subject: which.
            args: arguments.
            kwargs: named arguments.
            weights: what the weights that it uses are on the side that asks; none if it may not set them.
            variables: those weights on this side.

        Returns:
            the call's number, what it returned, the losses that it added, and the weights that it changed as pairs of
            place and value.
        """
        import tensorflow as tf

        layer = subject if isinstance(subject, keras.layers.Layer) else None
        if len(variables) != len(weights):
            raise BoundaryError("a layer with other weights than it was said to have")
        for variable, value in zip(variables, weights, strict=True):
            if not np.array_equal(keras.ops.convert_to_numpy(variable), value):
                variable.assign(value)
        parts = layer._flatten_layers() if layer is not None else []
        for part in parts:
            part._clear_losses()
        args, kwargs = tree.map_structure(
            lambda leaf: tf.convert_to_tensor(leaf) if is_tensor(leaf) else leaf, (args, kwargs)
        )
        sources = [leaf for leaf in tree.flatten((args, kwargs)) if is_tensor(leaf) and _is_float(leaf)]
        sources += [variable.value for variable in variables if _is_float(variable)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            result = subject(*args, **kwargs)
        losses = [loss for part in parts for loss in part._losses]
        targets = [leaf for leaf in [*tree.flatten(result), *losses] if is_tensor(leaf) and _is_float(leaf)]
        self._count += 1
        self._kept[self._count] = (tape, targets, sources)
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
            upstream: gradients for what it returned and for the losses that it added.
        """
        import tensorflow as tf

        if number not in self._kept:
            raise BoundaryError("a call that is not kept")
        tape, targets, sources = self._kept.pop(number)
        upstream = [tf.convert_to_tensor(each) for each in upstream]
        gradients = tape.gradient(targets, sources, upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [np.asarray(tf.convert_to_tensor(gradient)) for gradient in gradients]

    @staticmethod
    def outline(subject: Any, args: Any, kwargs: Any) -> list[Any]:
        """What a call returns and the losses that it adds, as they are recorded for a TensorFlow function."""
        import tensorflow as tf

        layer = subject if isinstance(subject, keras.layers.Layer) else None
        parts = layer._flatten_layers() if layer is not None else []
        with tf.__internal__.FuncGraph("outline").as_default():
            args, kwargs = tree.map_structure(
                lambda leaf: tf.compat.v1.placeholder(leaf.dtype, leaf.shape) if isinstance(leaf, Spec) else leaf,
                (args, kwargs),
            )
            for part in parts:
                part._clear_losses()
            result = subject(*args, **kwargs)
            losses = [loss for part in parts for loss in part._losses]
            outline = tree.map_structure(
                lambda leaf: Spec(tuple(leaf.shape), leaf.dtype.name) if keras.ops.is_tensor(leaf) else leaf,
                [result, losses],
            )
            for part in parts:
                part._clear_losses()
        return outline


def _checked(answer: Any, variables: list[keras.Variable]) -> tuple[int, Any, list[Any], list[tuple[int, np.ndarray]]]:
    """What :meth:`Tapes.apply` returned on the other side.

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
    for pair in changed:
        place, value = pair if isinstance(pair, (list, tuple)) and len(pair) == 2 else (None, None)
        known = type(place) is int and 0 <= place < len(variables) and isinstance(value, np.ndarray)
        if not known or value.shape != tuple(variables[place].shape) or value.dtype.kind not in "biuf":
            raise BoundaryError("a call that changed weights that it has not")
    return number, result, losses, changed


def applied(
    peer: Peer,
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
    floats = [place for place, each in enumerate(tensors) if _is_float(each)]

    def filled(values: list[Any]) -> tuple[Any, Any]:
        pending = iter(values)
        return tree.map_structure(lambda leaf: next(pending) if is_tensor(leaf) else leaf, (args, kwargs))

    said: dict[str, Any] = {}

    def ask(*given: Any) -> list[Any]:
        given_args, given_kwargs = filled([np.asarray(each) for each in given[: len(leaves)]])
        weights = [np.asarray(each) for each in given[len(leaves) :]]
        answer = peer.request("apply", [key, given_args, given_kwargs, weights], may_change=False)
        number, result, losses, changed = _checked(answer, variables)
        own = peer.known.own_variables() if changed else {}
        for place, value in changed:
            if id(variables[place]) not in own:  # what this side made is not the other's to set
                variables[place].assign(value)
        said["result"], said["losses"] = result, losses
        outputs = [leaf for leaf in [*tree.flatten(result), *losses] if is_tensor(leaf)]
        return [tf.constant(int(number), tf.int64), *(tf.convert_to_tensor(leaf) for leaf in outputs)]

    def pulled(number: Any, *upstream: Any) -> list[Any]:
        gradients = peer.request("pull", [key, int(number), [np.asarray(each) for each in upstream]], may_change=False)
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
            kept = [each for each, output in zip(upstream, outputs, strict=True) if _is_float(output)]
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
    for loss in losses if layer is not None else ():
        layer.add_loss(loss)
    return result
