"""What a layer is to the boundary: Keras's own, a stack, a graph, a wrapper, or written by somebody; and its parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from functional_course.boundary import allowed
from functional_course.boundary.wire import BoundaryError
from functional_course.models import keras_private
from functional_course.models.graph import nodes_before

import keras

INPUT = keras.layers.InputLayer


def is_kerass_own(value: Any) -> bool:
    """Whether a value is of a class of operations that Keras ships and that run only what they were configured for."""
    return isinstance(value, keras.Operation) and allowed.is_shipped(value)


def check_is_operation(value: Any) -> keras.Operation:
    """The value, if it is a layer or another operation of Keras.

    Raises:
        BoundaryError: it is something else that could be called.
    """
    if not isinstance(value, keras.Operation):
        raise BoundaryError("what came is no layer")
    return value


def check_is_layer(value: Any) -> keras.layers.Layer:
    """The value, if it is a layer.

    Raises:
        BoundaryError: it is none.
    """
    if not isinstance(value, keras.layers.Layer):
        raise BoundaryError("what came is no layer")
    return value


def is_wrapper(layer: Any) -> bool:
    """Whether a layer is one of Keras's around one other layer."""
    wraps = isinstance(layer, keras.layers.Wrapper) and not isinstance(layer, keras.layers.Bidirectional)
    return wraps and is_kerass_own(layer)


def is_sequential(value: Any) -> bool:
    """Whether a value is a stack of layers and computes as such: of a subclass too, unless it is called otherwise."""
    return isinstance(value, keras.Sequential) and _calls_as(value, keras.Sequential)


def is_functional(value: Any) -> bool:
    """Whether a value is a functional model and computes its graph, be it of a subclass."""
    kind = type(functional_example())
    return isinstance(value, kind) and _calls_as(value, kind)


def _calls_as(value: Any, kind: type) -> bool:
    return all(getattr(type(value), name) is getattr(kind, name) for name in ("call", "__call__"))


_EXAMPLE: list[keras.Model] = []


def functional_example() -> keras.Model:
    """A functional model: ``keras.Model(inputs, outputs)`` is of a class that Keras gives no public name."""
    if not _EXAMPLE:
        entry = keras.Input((1,))
        # Keras before 3.13 refuses a model without a layer between input and output.
        _EXAMPLE.append(keras.Model(entry, keras.layers.Identity(name="example")(entry)))
    return _EXAMPLE[0]


def is_container(layer: keras.layers.Layer) -> bool:
    """Whether a layer is a model that computes with its layers alone, and has no weights of its own."""
    return is_sequential(layer) or is_functional(layer)


def parts_of(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers in a layer that have a key of their own."""
    if is_sequential(layer):
        return list(keras_private.parts_of(layer))
    if is_functional(layer):
        return list(keras_private.parts_of(layer))
    if is_kerass_own(layer):
        if is_wrapper(layer):
            return [layer.layer]
        # A cell that somebody wrote, in a layer of Keras's that goes along a sequence.
        return _written_in(layer) if isinstance(layer, keras.layers.Layer) else []
    if isinstance(layer, keras.layers.Layer) and not isinstance(layer, INPUT):
        return list(keras_private.parts_of(layer))
    return []


def _written_in(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    found, pending = [], list(keras_private.parts_of(layer))
    while pending:
        part = pending.pop(0)
        if is_kerass_own(part):
            pending = [*keras_private.parts_of(part), *pending]
        else:
            found.append(part)
    return found


def tensors_inside(model: keras.Sequential) -> Iterable[keras.KerasTensor]:
    """The symbolic tensors in a sequential model, each after those that it depends on; none if it was never built."""
    functional = keras_private.functional_of(model)
    return [tensor for node in nodes_before(functional.outputs) for tensor in node.outputs] if functional else []
