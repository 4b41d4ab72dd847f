"""Checks of what a model is: its inputs and outputs, its parameters, and the graph between them.

Each returns nothing, or raises :class:`~functional_course.checks.failure.CheckFailed`. They look at properties, never
at names that the task did not ask for, so a Sequential or a nested model inside is as good as a flat graph. Shapes are
written as Keras writes them, with ``None`` for the batch axis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functional_course.checks.failure import CheckFailed
from functional_course.faults import Fault
from functional_course.models import Graph, NoGraphError, keras_private

import keras
import numpy as np

Shape = tuple[int | None, ...]
Shapes = Sequence[Shape] | Mapping[str, Shape]


def check_model(model: Any) -> None:
    """The object is a Keras model, and neither its class nor its output.

    Args:
        model: anything.

    Raises:
        CheckFailed: naming what it is instead.

    Example:

    >>> check_model(keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)]))
    """
    if isinstance(model, keras.KerasTensor):
        raise CheckFailed("a keras.Model", "a KerasTensor: the output of a layer, not a model", Fault.KIND)
    if not isinstance(model, keras.Model):
        kind = "the class itself, not a model made from it" if isinstance(model, type) else f"a {type(model).__name__}"
        raise CheckFailed("a keras.Model", kind, Fault.KIND)


def check_functional(model: Any) -> None:
    """The model is a graph from ``keras.Model(inputs, outputs)``: not Sequential, not subclassed without a graph.

    Args:
        model: anything.

    Raises:
        CheckFailed: naming what it is instead.
    """
    check_model(model)
    if isinstance(model, keras.Sequential):
        raise CheckFailed("a model made with keras.Model(inputs, outputs)", "a Sequential model", Fault.KIND)
    _graph(model)


def check_sequential(model: Any) -> None:
    """The model is a ``keras.Sequential`` that knows its input shape.

    Args:
        model: anything.

    Raises:
        CheckFailed: naming what it is instead.
    """
    check_model(model)
    if not isinstance(model, keras.Sequential):
        raise CheckFailed("a keras.Sequential model", f"a {type(model).__name__} model", Fault.KIND)
    _graph(model)


def check_inputs(model: Any, shapes: Shapes) -> None:
    """The model's inputs have these shapes, in this order or under these names.

    Args:
        model: a functional or a built Sequential model.
        shapes: a list of shapes with the batch axis, or a dict from input name to shape.

    Raises:
        CheckFailed: naming what was asked and what was found.

    Example:

    >>> image, question = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="question")
    >>> joined = keras.layers.Concatenate()([keras.layers.Flatten()(image), question])
    >>> check_inputs(keras.Model([image, question], joined), {"image": (None, 8, 8, 1), "question": (None, 5)})
    """
    graph = _graph(model)
    found = zip(graph.input_names, graph.inputs, strict=True)
    _compare("input", shapes, [(name, tuple(tensor.shape)) for name, tensor in found])


def check_outputs(model: Any, shapes: Shapes) -> None:
    """The model's outputs have these shapes, in this order or under these names.

    Args:
        model: a functional or a built Sequential model.
        shapes: a list of shapes with the batch axis, or a dict from output name to shape.

    Raises:
        CheckFailed: naming what was asked and what was found.
    """
    graph = _graph(model)
    found = zip(graph.output_names, graph.outputs, strict=True)
    _compare("output", shapes, [(name, tuple(tensor.shape)) for name, tensor in found])


def check_parameters(model: Any, total: int | None = None, trainable: int | None = None) -> None:
    """The model has this many parameters: all of them, those that train, or both.

    Args:
        model: any built model.
        total: how many numbers its weights hold; not compared, if left out.
        trainable: how many of them train; not compared, if left out.

    Raises:
        CheckFailed: naming both counts.
    """
    check_model(model)
    if total is not None and model.count_params() != total:
        raise CheckFailed(f"{total:,} parameters", f"{model.count_params():,}", Fault.WEIGHTS)
    if trainable is not None:
        found = sum(int(keras.ops.size(weight)) for weight in model.trainable_weights)
        if found != trainable:
            raise CheckFailed(f"{trainable:,} trainable parameters", f"{found:,}", _of_what_trains(model))


def check_separate(first: Any, second: Any) -> None:
    """The two models have no weight in common: training one leaves the other as it is.

    Args:
        first: any built model.
        second: another.

    Raises:
        CheckFailed: saying how many they share.

    Example:

    >>> inner = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    >>> check_separate(inner, keras.models.clone_model(inner))
    """
    check_model(first)
    check_model(second)
    theirs = {id(weight) for weight in first.weights}
    shared = sum(id(weight) in theirs for weight in second.weights)
    if shared:
        raise CheckFailed("models without a weight in common", f"{shared} that both have", Fault.SHARING)


def copied(model: Any, *given: keras.Layer) -> Fault | None:
    """Whether a model that should hold what it was given, layers or models, holds other weights in its place.

    For the message of an ``assert``: ``assert same, checks.copied(model, encoder) or checks.Fault.NUMBERS``.

    Args:
        model: any model.
        *given: the layers or models that it should hold.

    Returns:
        :attr:`Fault.COPY` if a weight of what was given isn't among the model's, else None.

    Example:

    >>> inner = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    >>> copied(keras.Sequential([keras.Input((8,)), keras.models.clone_model(inner)]), inner).name
    'COPY'
    """
    held = {id(weight) for weight in getattr(model, "weights", ())}
    missing = any(id(weight) not in held for layer in given for weight in layer.weights)
    return Fault.COPY if missing else None


def other_values(model: Any, *values: np.ndarray) -> Fault | None:
    """Whether a model that should hold these numbers as weights holds others.

    For the message of an ``assert``: ``assert same, checks.other_values(model, kernel, bias) or checks.Fault.NUMBERS``.

    Args:
        model: any built model.
        *values: each the whole of a weight, in its shape; where it stands in the model doesn't matter.

    Returns:
        :attr:`Fault.VALUES` if one of them is none of the model's weights, up to rounding, else None.

    Example:

    >>> inner = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, use_bias=False)])
    >>> other_values(inner, np.full((8, 1), 2.0)).name
    'VALUES'
    """
    held = [keras.ops.convert_to_numpy(weight) for weight in getattr(model, "weights", ())]
    missing = any(
        all(each.shape != value.shape or not np.allclose(each, value, atol=1e-6) for each in held) for value in values
    )
    return Fault.VALUES if missing else None


def check_layers(model: Any, kinds: Mapping[type, int]) -> None:
    """The model has this many different layers of each kind, counting inside nested models, each object once.

    Args:
        model: any built model.
        kinds: from a layer class to how many layers of it there are.

    Raises:
        CheckFailed: naming the class and how many there are.

    Example:

    >>> stack = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    >>> check_layers(stack, {keras.layers.Dense: 2})
    """
    check_model(model)
    found = {id(layer): layer for layer in keras_private.layers_inside(model)}.values()
    for kind, count in kinds.items():
        here = sum(isinstance(layer, kind) for layer in found)
        if here != count:
            raise CheckFailed(f"{count} {kind.__name__} layer{'s' if count != 1 else ''}", str(here), Fault.SHARING)


def check_calls(model: Any, layer: keras.Layer, times: int) -> None:
    """The layer is called this often between the model's inputs and outputs, counting inside nested models.

    Args:
        model: a functional or a built Sequential model.
        layer: a layer, which may be a model.
        times: how often.

    Raises:
        CheckFailed: saying how often it is called.

    Example:

    >>> a, b, shared = keras.Input((8,)), keras.Input((8,)), keras.layers.Dense(4)
    >>> check_calls(keras.Model([a, b], shared(a) - shared(b)), shared, times=2)
    """
    found = sum(call.operation is layer for _, call in _graph(model).innermost_calls(whole=layer))
    if found != times:
        raise CheckFailed(f"{layer.name!r} called {_times(times)} in the model", _times(found), Fault.SHARING)


def check_path(model: Any, source: keras.KerasTensor, target: keras.KerasTensor, exists: bool = True) -> None:
    """There is a way along the model's layers from one of its tensors to another, or (``exists=False``) there is none.

    A nested model is walked through: a way into it and a way out of it have to be connected inside. Any other layer,
    a subclassed one too, is taken to use all that goes in for all that comes out.

    Args:
        model: a functional or a built Sequential model.
        source: one of its tensors, such as ``model.inputs[0]``.
        target: another, such as ``model.outputs[0]``.
        exists: whether a way is asked for or forbidden.

    Raises:
        CheckFailed: naming both tensors, or the one that does not belong to the model.

    Example:

    >>> image, question = keras.Input((8, 8, 1), name="image"), keras.Input((5,), name="question")
    >>> model = keras.Model([image, question], keras.layers.Dense(1)(keras.layers.Flatten()(image)))
    >>> check_path(model, image, model.outputs[0])
    >>> check_path(model, question, model.outputs[0], exists=False)
    """
    graph = _graph(model)
    known = {id(tensor) for tensor in (*graph.inputs, *(tensor for call in graph.calls for tensor in call.outputs))}
    for tensor in (source, target):
        if id(tensor) not in known:
            raise CheckFailed(
                f"a tensor of the model {graph.model.name!r}", f"{tensor.name!r} from outside it", Fault.CONNECTED
            )
    if any(tensor is target for tensor in graph.reached_from([source])) != exists:
        way = f"path from {_named(graph, source)} to {_named(graph, target)}"
        raise CheckFailed(f"a {way}" if exists else f"no {way}", "none" if exists else "one", Fault.CONNECTED)


def check_no_chain(model: Any) -> None:
    """Somewhere in the model two tensors that come from its inputs meet in one layer, which no list of layers says.

    A nested model is looked into; any other layer is taken as a whole.

    Args:
        model: a functional or a built Sequential model.

    Raises:
        CheckFailed: no two tensors meet.

    Example:

    >>> entry = keras.Input((8,))
    >>> check_no_chain(keras.Model(entry, keras.layers.Add()([entry, keras.layers.Dense(8)(entry)])))
    """
    graph = _graph(model)
    if not _meets(graph, graph.inputs):
        raise CheckFailed(
            "a layer in which two tensors meet", "a chain, which a list of layers could say too", Fault.CONNECTED
        )


def _graph(model: Any) -> Graph:
    check_model(model)
    try:
        return Graph(model)
    except NoGraphError as error:
        if isinstance(model, keras.Sequential):
            found = "a Sequential that is not: it has no keras.Input"
            parts = keras_private.parts_of(model)
            if parts and isinstance(parts[0], keras.layers.InputLayer):
                found = "a Sequential that is not: its last add failed, and the layer that doesn't fit is still in it"
            raise CheckFailed("a model that is built", found, Fault.KIND) from error
        raise CheckFailed("a model with a graph", "a subclassed one", Fault.KIND) from error


def _of_what_trains(model: keras.Model) -> Fault:
    """Why another number of parameters trains than was asked for: part of the model is frozen, or it has others."""
    frozen = any(not layer.trainable for layer in keras_private.layers_inside(model, itself=True))
    return Fault.TRAINS if frozen else Fault.WEIGHTS


def _of_shapes(asked: Shapes, found: list[tuple[str, Shape]]) -> Fault:
    shapes = [shape for _, shape in found]
    wanted = [tuple(shape) for shape in (asked.values() if isinstance(asked, Mapping) else asked)]
    if Counter(shapes) != Counter(wanted):
        return Fault.SHAPE
    renamed = isinstance(asked, Mapping) and set(asked) != {name for name, _ in found}
    return Fault.NAME if renamed else Fault.ORDER


def _meets(graph: Graph, sources: Iterable[keras.KerasTensor]) -> bool:
    """Whether two tensors that depend on those given go into one layer."""
    reached = graph.reached_from(sources)
    known = {id(tensor) for tensor in reached}
    for call in graph.calls:
        inside = graph.inside(call)
        if inside is not None:
            if _meets(inside.graph, inside.entries_of(reached)):
                return True
        elif len({id(tensor) for tensor in call.inputs} & known) > 1:
            return True
    return False


def _named(graph: Graph, tensor: keras.KerasTensor) -> str:
    """What a message calls a tensor: only inputs have names that a learner gave."""
    if any(tensor is entry for entry in graph.inputs):
        return repr(tensor.name)
    return f"the output of {graph.operation_of(tensor).name!r}"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _compare(what: str, asked: Shapes, found: list[tuple[str, Shape]]) -> None:
    if isinstance(asked, Mapping):
        same = dict(found) == {name: tuple(shape) for name, shape in asked.items()}
        wanted = [f"{name!r} {tuple(shape)}" for name, shape in asked.items()]
        got = [f"{name!r} {shape}" for name, shape in found]
    else:
        same = [shape for _, shape in found] == [tuple(shape) for shape in asked]
        wanted = [str(tuple(shape)) for shape in asked]
        got = [str(shape) for _, shape in found]
    if not same:
        plural = "s" if len(wanted) != 1 else ""
        raise CheckFailed(
            f"{len(wanted)} {what}{plural} of shape {', '.join(wanted)}", ", ".join(got), _of_shapes(asked, found)
        )
