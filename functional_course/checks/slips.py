"""A model with one slip, for every slip that people often make: another activation, maximum for mean, inputs swapped.

Nothing is built. While a slip is entered, one operation of the model computes something else when it is called, so the
weights, nested models and shared layers are the model's own.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from functional_course.faults import Fault
from functional_course.models import Call, Graph

import keras
from keras import ops

Tensors = list[Any]


@dataclass(frozen=True)
class Slip:
    """A slip, and what kind of difference it makes.

    Attributes:
        fault: the kind of difference.
        entered: a context; inside it the model computes what it would with this slip.
        order_in: for each of the model's inputs, which of the arrays it gets; as they are, if left out.
        order_out: for each place among the outputs, which output stands there; as they are, if left out.
        before: what happens to each input.
    """

    fault: Fault
    entered: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
    order_in: tuple[int, ...] | None = None
    order_out: tuple[int, ...] | None = None
    before: Callable[[Any], Any] | None = field(default=None)


def slips_of(model: keras.Model) -> Iterator[Slip]:
    """The slips for a model, those first that are likeliest in each of its operations.

    Args:
        model: a model with a graph; one without has no slips.

    Example:

    >>> entry = keras.Input((4,))
    >>> slips = slips_of(keras.Model(entry, keras.layers.Dense(3, activation="relu")(entry)))
    >>> next(slips).fault
    <Fault.ACTIVATION: 'an activation differs'>
    """
    graph = Graph(model)
    by_operation = [list(_of_call(call, around)) for call, around in _operations(graph)]
    rounds = itertools.chain.from_iterable(itertools.zip_longest(*by_operation))
    yield from itertools.chain(_of_ends(graph), (slip for slip in rounds if slip is not None), _of_scales(graph))


def work_of(model: keras.Model) -> int:
    """About how many multiplications a model needs for one example."""
    work = 0
    for call, _ in _operations(Graph(model), every_call=True):
        size = math.prod(_known(call.outputs[0].shape))
        weights = sum(math.prod(weight.shape) for weight in getattr(call.operation, "weights", ()))
        channels = _known(call.outputs[0].shape)[-1] if call.outputs[0].shape[1:] else 1
        work += size + weights * size // max(channels, 1)
    return work


def _known(shape: Sequence[int | None]) -> list[int]:
    return [size or 32 for size in shape[1:]]


def _operations(graph: Graph, every_call: bool = False) -> Iterator[tuple[Call, Graph]]:
    """The calls in a model and in those inside it, with the graph around; of each operation the first alone."""
    seen: set[int] = set()
    for around, call in graph.innermost_calls():
        if call.inputs and (every_call or id(call.operation) not in seen):
            seen.add(id(call.operation))
            yield call, around


# What hands its numbers on, so that an activation behind it is one before it.
_HANDS_ON = ("Reshape", "Flatten", "Identity", "Dropout", "SpatialDropout2D", "Permute", "Transpose", "GetItem", "Cast")
_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "softmax")
_POOLS = {
    "GlobalAveragePooling": (ops.max, ops.mean, ops.sum),
    "GlobalMaxPooling": (ops.mean, ops.sum),
}
_REDUCING = {"Mean": (ops.max, ops.sum), "Max": (ops.mean, ops.sum), "Sum": (ops.mean, ops.max), "Min": (ops.max,)}
_MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "Add": ops.add,
    "Subtract": ops.subtract,
    "Multiply": ops.multiply,
    "Maximum": ops.maximum,
    "Minimum": ops.minimum,
}
_SCALES = ("Rescaling", "Normalization", "UnitNormalization", "Multiply", "Divide", "TrueDivide", "Sqrt", "Rsqrt")
_OF_A_DIFFERENCE = {"Absolute": ops.abs, "Square": ops.square}


def _of_call(call: Call, around: Graph) -> Iterator[Slip]:
    """The slips in one operation."""
    operation, kind = call.operation, type(call.operation).__name__
    shape = tuple(call.outputs[0].shape)
    same_shape = len(call.inputs) == len(call.outputs) == 1 and tuple(call.inputs[0].shape) == shape
    yield from _of_activation(operation, kind, len(shape))
    yield from _of_pooling(operation, kind)
    if len(call.inputs) > 1:
        yield from _of_merge(operation, kind, call)
    yield from _of_settings(operation, kind)
    if kind in _OF_A_DIFFERENCE and _is_difference(around.producer(call.inputs[0])):
        for name, other in {**_OF_A_DIFFERENCE, "Identity": _same}.items():
            if name != kind:
                yield _computing(Fault.MERGE, operation, other)
    if kind in _SCALES and same_shape:
        yield _computing(Fault.SCALE, operation, _same)
    if same_shape and kind not in (*_HANDS_ON, "ReLU", "Relu"):
        yield _calling(Fault.SCALE if kind in _SCALES else Fault.CONNECTED, operation, _twice)
    if kind in ("Multiply", "Divide", "TrueDivide") and len(call.inputs) == 1:
        yield _calling(Fault.SCALE, operation, _by_the_root)
    if kind not in _HANDS_ON and not callable(getattr(operation, "activation", None)):
        yield _calling(Fault.ACTIVATION, operation, _with_relu)


def _of_activation(operation: keras.Operation, kind: str, rank: int) -> Iterator[Slip]:
    own = getattr(operation, "activation", None)
    yield from _of_softmax(operation, own, kind, rank)
    if callable(own):
        name = getattr(own, "__name__", "")
        for other in _ACTIVATIONS:
            if other != name:
                yield _having(Fault.ACTIVATION, operation, activation=keras.activations.get(other))
    elif kind.lower() in _ACTIVATIONS or kind in ("LeakyReLU", "ELU", "Silu", "Gelu", "Softplus"):
        for other in _ACTIVATIONS:
            if other != kind.lower():
                yield _computing(Fault.ACTIVATION, operation, keras.activations.get(other))


def _of_softmax(operation: keras.Operation, own: Any, kind: str, rank: int) -> Iterator[Slip]:
    """A softmax along another axis."""
    axis = getattr(operation, "axis", -1) if kind == "Softmax" else -1
    if (kind != "Softmax" and own is not keras.activations.softmax) or not isinstance(axis, int):
        return
    for other in range(1, rank):
        if other != axis % rank:
            softmax = functools.partial(ops.softmax, axis=other)
            if kind == "Softmax":
                yield _computing(Fault.ACTIVATION, operation, softmax)
            else:
                yield _having(Fault.ACTIVATION, operation, activation=softmax)


def _of_pooling(operation: keras.Operation, kind: str) -> Iterator[Slip]:
    if kind[:-2] in _POOLS:
        for reduce in _POOLS[kind[:-2]]:
            yield _computing(Fault.POOLING, operation, functools.partial(_pooled, operation, reduce))
    elif kind in _REDUCING:
        for reduce in _REDUCING[kind]:
            other = functools.partial(reduce, axis=operation.axis, keepdims=operation.keepdims)
            yield _computing(Fault.POOLING, operation, other)
    elif kind in ("Std", "Var"):
        other = functools.partial(_spread, kind, operation.axis, operation.keepdims)
        yield _computing(Fault.SCALE, operation, other)
    elif kind[:-2] in ("MaxPooling", "AveragePooling"):
        own, opposite = ("max", "average") if kind.startswith("Max") else ("average", "max")
        for name, padding, strides, fault in (
            (opposite, operation.padding, operation.strides, Fault.POOLING),
            (own, _OTHER_PADDING.get(operation.padding), operation.strides, Fault.PADDING),
            *((own, operation.padding, strides, Fault.PADDING) for strides in _other_strides(operation.strides)),
        ):
            options = {"pool_size": operation.pool_size, "strides": strides, "padding": padding}
            options["data_format"] = operation.data_format
            pool = {"max": ops.max_pool, "average": ops.average_pool}[name]
            yield _computing(fault, operation, functools.partial(pool, **options))


_OTHER_PADDING = {"same": "valid", "valid": "same"}


def _other_strides(strides: Sequence[int]) -> list[tuple[int, ...]]:
    """Other strides than these; what changes a size so that no layer fits behind it explains nothing."""
    doubled = tuple(2 * stride for stride in strides)
    others = dict.fromkeys((doubled, *((step,) * len(strides) for step in (1, 2, 3))))
    return [each for each in others if each != tuple(strides)]


def _of_settings(operation: keras.Operation, kind: str) -> Iterator[Slip]:
    if kind in ("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D", "DepthwiseConv2D"):
        if operation.padding in _OTHER_PADDING:
            yield _having(Fault.PADDING, operation, padding=_OTHER_PADDING[operation.padding])
        for strides in _other_strides(operation.strides):
            yield _having(Fault.PADDING, operation, strides=strides)
    elif kind == "Embedding":
        yield _having(Fault.PADDING, operation, mask_zero=not operation.mask_zero, _supports_masking=True)
    elif kind == "Dot":
        yield _having(Fault.SCALE, operation, normalize=not operation.normalize)


def _of_merge(operation: keras.Operation, kind: str, call: Call) -> Iterator[Slip]:
    count = len(call.inputs)
    if kind in ("Concatenate", "Stack") and count <= 3:
        for order in itertools.permutations(range(count)):
            if order != tuple(range(count)):
                yield _calling(Fault.ORDER, operation, functools.partial(_reordered, order))
        return
    if kind not in (*_MERGES, "Average", "Divide", "TrueDivide"):
        return
    shape = tuple(call.outputs[0].shape)
    for place, tensor in enumerate(call.inputs):
        if tuple(tensor.shape) == shape:
            yield _calling(Fault.CONNECTED, operation, functools.partial(_one_of, place))
    if kind in ("Subtract", "Divide", "TrueDivide"):
        yield _calling(Fault.ORDER, operation, functools.partial(_reordered, (1, 0)))
    for name, merge in _MERGES.items():
        if name != kind and (count == 2 or name != "Subtract"):
            yield _joining(Fault.MERGE, operation, merge)
    if kind != "Average":
        yield _joining(Fault.MERGE, operation, ops.add, 1 / count)


def _of_ends(graph: Graph) -> Iterator[Slip]:
    """Two inputs or two outputs of the same shape change places."""
    for tensors, swapped in ((graph.inputs, _swapped_in), (graph.outputs, _swapped_out)):
        shapes = [tuple(tensor.shape) for tensor in tensors]
        for first, second in itertools.islice(itertools.combinations(range(len(tensors)), 2), 6):
            if shapes[first] == shapes[second]:
                order = list(range(len(tensors)))
                order[first], order[second] = second, first
                yield swapped(tuple(order))


def _swapped_in(order: tuple[int, ...]) -> Slip:
    return Slip(Fault.ORDER, order_in=order)


def _swapped_out(order: tuple[int, ...]) -> Slip:
    return Slip(Fault.ORDER, order_out=order)


def _of_scales(graph: Graph) -> Iterator[Slip]:
    """Pixels, or the same numbers in rows, that are prepared once more, or not at all."""
    ranks = {len(tensor.shape) for tensor in graph.inputs if "float" in str(tensor.dtype)}
    for rank in sorted(ranks, reverse=True):
        for factor, offset in ((1 / 255, 0.0), (255.0, 0.0), (1 / 127.5, -1.0)):
            yield Slip(Fault.SCALE, before=functools.partial(_scaled, rank, factor, offset))


def _having(fault: Fault, operation: keras.Operation, **settings: Any) -> Slip:
    """An operation with other settings."""
    return Slip(fault, functools.partial(_instead, operation, **settings))


def _calling(fault: Fault, operation: keras.Operation, function: Callable[..., Any]) -> Slip:
    """An operation whose call is left to a function: it gets the usual call and its arguments."""
    return Slip(fault, functools.partial(_instead, operation, call=functools.partial(function, operation.call)))


def _computing(fault: Fault, operation: keras.Operation, function: Callable[[Any], Any]) -> Slip:
    """An operation that computes another function of its tensor."""
    return _calling(fault, operation, functools.partial(_of_first, function))


def _joining(fault: Fault, operation: keras.Operation, merge: Callable[[Any, Any], Any], factor: float = 1.0) -> Slip:
    """An operation that joins its tensors in another way."""
    return _calling(fault, operation, functools.partial(_joined, merge, factor))


@contextlib.contextmanager
def _instead(operation: keras.Operation, **attributes: Any) -> Iterator[None]:
    """Give an operation other attributes, past what Keras does when one is set."""
    own = operation.__dict__
    before = {name: own[name] for name in attributes if name in own}
    own.update(attributes)
    try:
        yield
    finally:
        for name in attributes:
            del own[name]
        own.update(before)


def _tensors(args: tuple, kwargs: dict[str, Any]) -> Tensors:
    given = [*args, *(value for name, value in kwargs.items() if name not in ("mask", "training"))]
    return [each for each in keras.tree.flatten(given) if getattr(each, "ndim", 0)]


def _of_first(function: Callable[[Any], Any], _: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(_tensors(args, kwargs)[0])


def _joined(merge: Callable[[Any, Any], Any], factor: float, _: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return factor * functools.reduce(merge, _tensors(args, kwargs))


def _one_of(place: int, _: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return _tensors(args, kwargs)[place]


def _reordered(order: tuple[int, ...], call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    tensors = _tensors(args, kwargs)
    chosen = iter([tensors[place] for place in order])
    args, kwargs = keras.tree.map_structure(
        lambda each: next(chosen) if getattr(each, "ndim", 0) else each, (args, kwargs)
    )
    return call(*args, **kwargs)


def _twice(call: Callable[..., Any], first: Any, *args: Any, **kwargs: Any) -> Any:
    return call(call(first, *args, **kwargs), *args, **kwargs)


def _with_relu(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return keras.tree.map_structure(ops.relu, call(*args, **kwargs))


def _pooled(layer: keras.Layer, reduce: Callable[..., Any], maps: Any) -> Any:
    first = 1 if layer.data_format == "channels_last" else 2
    return reduce(maps, axis=tuple(range(first, first + maps.ndim - 2)), keepdims=layer.keepdims)


def _scaled(rank: int, factor: float, offset: float, array: Any) -> Any:
    return array * factor + offset if getattr(array, "ndim", 0) == rank else array


def _spread(kind: str, axis: Any, keepdims: bool, tensor: Any) -> Any:
    """A variance in the place of a standard deviation, or the other way round."""
    return (ops.var if kind == "Std" else ops.std)(tensor, axis=axis, keepdims=keepdims)


def _by_the_root(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A call with the root of its factor: Keras hands a constant on as a number, or as an array without axes."""

    def root(leaf: Any) -> Any:
        constant = isinstance(leaf, (int, float)) or getattr(leaf, "ndim", 1) == 0
        return abs(float(leaf)) ** 0.5 if constant and not isinstance(leaf, bool) else leaf

    return call(*keras.tree.map_structure(root, args), **kwargs)


def _same(tensor: Any) -> Any:
    return tensor


def _is_difference(call: Call | None) -> bool:
    return call is not None and type(call.operation).__name__ == "Subtract"
