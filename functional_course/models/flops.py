"""How many floating-point operations one example costs in a functional model, layer by layer, from shapes alone.

The rule, for inference on one example:

- Dense layers and convolutions: a multiplication and an addition for each weight that is used, at each place; one more
  addition for each value that gets a bias; one operation for each value that goes through an activation function.
- Adding, subtracting, comparing, activating and the like: one operation for each number that comes out, and for a merge
  of *n* tensors, *n* - 1.
- BatchNormalization: two for each value, a multiplication and an addition.
- Pooling: one for each value that it looks at.
- What only moves or keeps numbers, such as Flatten, Concatenate, Embedding and Dropout: none.

A nested model costs what is inside it, at each call. Other counts of the same model differ by such conventions; compare
only counts made by one rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from functional_course.models.graph import Call, Graph

import keras
from keras import layers

Shape = tuple[int, ...]

_MOVES = (
    layers.InputLayer,
    layers.Concatenate,
    layers.Cropping2D,
    layers.Dropout,
    layers.Embedding,
    layers.Flatten,
    layers.Identity,
    layers.Permute,
    layers.RepeatVector,
    layers.Reshape,
    layers.SpatialDropout2D,
    layers.UpSampling2D,
    layers.ZeroPadding2D,
)
_MERGES = (layers.Add, layers.Average, layers.Maximum, layers.Minimum, layers.Multiply, layers.Subtract)
_EACH_OUTPUT = (layers.Activation, layers.ELU, layers.LeakyReLU, layers.ReLU, layers.Rescaling, layers.Softmax)
_POOLS = (layers.AveragePooling1D, layers.AveragePooling2D, layers.MaxPooling1D, layers.MaxPooling2D)
_GLOBAL_POOLS = (
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
)
_CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
# Operations of keras.ops in a graph are of classes that Keras does not export; their class names are public enough.
_OPERATIONS = {"Absolute", "Add", "Divide", "Exp", "Maximum", "Minimum", "Multiply", "Relu", "Sigmoid", "Square"} | {
    "Sqrt",
    "Subtract",
    "Tanh",
}


class UnknownCostError(ValueError):
    """The rule does not say what a layer costs."""


@dataclass(frozen=True)
class Cost:
    """What one layer costs in a model.

    Attributes:
        name: the layer's name.
        kind: its class.
        calls: how often the model calls it.
        flops: operations for one example, all calls together.
        parameters: its weights, counted once.
    """

    name: str
    kind: str
    calls: int
    flops: int
    parameters: int


def count_flops(model: keras.Model) -> int:
    """The floating-point operations of one example through a model, by the rule of this module.

    Args:
        model: a functional model, or a Sequential one that knows its input shape.

    Raises:
        UnknownCostError: the model has a layer that the rule does not name, or a size that is not known.
        NoGraphError: the model records no graph.

    Example:

    >>> pixels = keras.Input((64,))
    >>> count_flops(keras.Model(pixels, layers.Dense(10)(pixels)))  # 64 * 10 * 2 and 10 biases
    1290
    """
    return sum(_flops(call) for _, call in Graph(model).innermost_calls())


def by_layer(model: keras.Model) -> list[Cost]:
    """What each layer of a model costs, in the order of first calls; without its inputs.

    A layer called twice is one entry with two calls: its operations are counted twice and its parameters once.

    Raises:
        UnknownCostError: the model has a layer that the rule does not name, or a size that is not known.
        NoGraphError: the model records no graph.
    """
    graph = Graph(model)
    costs = []
    for operation in graph.operations:
        if isinstance(operation, layers.InputLayer):
            continue
        calls = graph.calls_of(operation)
        parameters = operation.count_params() if isinstance(operation, layers.Layer) else 0
        flops = sum(_flops(inner) for call in calls for inner in _inside(graph, call))
        costs.append(Cost(operation.name, type(operation).__name__, len(calls), flops, parameters))
    return costs


def _inside(graph: Graph, call: Call) -> list[Call]:
    """The calls that make up one call: those in a nested model, otherwise itself."""
    inside = graph.inside(call)
    return [call] if inside is None else [inner for _, inner in inside.graph.innermost_calls()]


def _flops(call: Call) -> int:
    operation = call.operation
    if isinstance(operation, _MOVES):
        return 0
    given = [_sizes(operation, tensor) for tensor in call.inputs]
    made = _sizes(operation, call.outputs[0])
    values = math.prod(made)
    if isinstance(operation, layers.Dense):
        return values * (2 * given[0][-1] + _extras(operation))
    if type(operation) in _CONVOLUTIONS:  # not their subclasses: a transposed convolution counts otherwise
        if operation.data_format != "channels_last":
            raise UnknownCostError(f"Layer {operation.name!r} has its channels first; the rule reads them last.")
        window = math.prod(operation.kernel_size) * given[0][-1] // operation.groups
        return values * (2 * window + _extras(operation))
    if isinstance(operation, layers.BatchNormalization):
        return 2 * values
    if isinstance(operation, _MERGES):
        return (len(given) - 1) * values
    if isinstance(operation, _POOLS):
        size = operation.pool_size
        return values * (math.prod(size) if isinstance(size, tuple) else size)
    if isinstance(operation, _GLOBAL_POOLS):
        return math.prod(given[0])
    if isinstance(operation, _EACH_OUTPUT):
        return values
    if not isinstance(operation, layers.Layer) and type(operation).__name__ in _OPERATIONS:
        return values
    raise UnknownCostError(
        f"The rule does not say what {operation.name!r} ({type(operation).__name__}) costs. "
        "Count it by hand, or add it to functional_course/models/flops.py with a test."
    )


def _extras(layer: layers.Layer) -> int:
    """Operations for each value besides the weights: its bias and its activation."""
    return int(layer.use_bias) + int(layer.activation is not keras.activations.linear)


def _sizes(operation: keras.Operation, tensor: keras.KerasTensor) -> Shape:
    """A tensor's shape for one example."""
    shape = tuple(tensor.shape[1:])
    if None in shape:
        raise UnknownCostError(
            f"{operation.name!r} meets a tensor of shape {tuple(tensor.shape)}. Give the Input all its sizes."
        )
    return shape
