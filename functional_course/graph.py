"""The graph that a functional model records, as plain values: which operation was called where, on which tensors.

Diagrams and checks both read it. A layer called twice is one operation with two calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

Shape = tuple[int | None, ...]


class NoGraphError(TypeError):
    """The model records no graph: it is subclassed, or a Sequential that does not know its input shape."""


@dataclass(frozen=True, eq=False)
class Call:
    """One call of one operation: a node of the graph.

    Attributes:
        operation: the layer or operation that was called.
        number: 0 for its first call in this model, 1 for its second, and so on.
        inputs: the symbolic tensors that went in, in the order of the arguments.
        outputs: the symbolic tensors that came out.
    """

    operation: keras.Operation
    number: int
    inputs: tuple[keras.KerasTensor, ...]
    outputs: tuple[keras.KerasTensor, ...]


@dataclass(frozen=True, eq=False)
class Inside:
    """A call of a nested model, from inside.

    Attributes:
        graph: the nested model's own graph.
        given: for each of its inputs, in its own order, what the call hands it: a tensor outside, or a constant.
        made: for each of its outputs, in its own order, the tensor outside that came out.
    """

    graph: Graph
    given: tuple[Any, ...]
    made: tuple[keras.KerasTensor, ...]


class Graph:
    """The calls between a model's inputs and its outputs.

    Args:
        model: a functional model, or a Sequential one that knows its input shape.

    Attributes:
        inputs: the model's input tensors, in its own order.
        outputs: the model's output tensors, in its own order.
        input_names: what the inputs are called, in the same order: the keys of a dict, else the tensors' names.
        output_names: what the outputs are called, in the same order: the keys of a dict, else the names of the layers
            that they come out of.
        calls: every call between them, each after the calls that feed it.

    Raises:
        NoGraphError: the model records no graph.

    Example:

    >>> pixels = keras.Input((64,))
    >>> dense = keras.layers.Dense(64)
    >>> graph = Graph(keras.Model(pixels, dense(dense(pixels))))
    >>> len(graph.calls_of(dense))
    2
    """

    def __init__(self, model: keras.Model) -> None:
        outputs = getattr(model, "outputs", None)
        if not isinstance(model, keras.Model) or not outputs:
            raise NoGraphError(
                f"{getattr(model, 'name', model)!r} ({type(model).__name__}) records no graph. "
                "Build it as keras.Model(inputs, outputs), or give a Sequential model a keras.Input first."
            )
        self.model = model
        self.inputs: tuple[keras.KerasTensor, ...] = tuple(model.inputs)
        self.outputs: tuple[keras.KerasTensor, ...] = tuple(outputs)
        self.calls: tuple[Call, ...] = tuple(_calls_between(self.inputs, self.outputs))
        self._producer = {id(tensor): call for call in self.calls for tensor in call.outputs}
        self.input_names: tuple[str, ...] = tuple(
            _keys(_structure(model, "_inputs_struct"), self.inputs) or [tensor.name for tensor in self.inputs]
        )
        self.output_names: tuple[str, ...] = tuple(
            _keys(_structure(model, "_outputs_struct"), self.outputs)
            or getattr(model, "output_names", None)
            or [tensor._keras_history[0].name for tensor in self.outputs]
        )

    @property
    def operations(self) -> tuple[keras.Operation, ...]:
        """Every operation once, in the order of its first call."""
        return tuple({id(call.operation): call.operation for call in self.calls}.values())

    def calls_of(self, operation: keras.Operation) -> tuple[Call, ...]:
        """The calls of one layer or operation in this model; empty if it is not called."""
        return tuple(call for call in self.calls if call.operation is operation)

    def producer(self, tensor: keras.KerasTensor) -> Call | None:
        """The call that a tensor came out of, or ``None`` for a tensor from outside the model."""
        return self._producer.get(id(tensor))

    def inside(self, call: Call) -> Inside | None:
        """A call of a nested model from inside; ``None`` where Keras records nothing inside.

        That is so for a layer, a wrapper, a subclassed model, and a model with a ``call`` of its own: there the graph
        that the model has need not be what it computes.
        """
        model = call.operation
        if not isinstance(model, keras.Model) or not type(model).call.__module__.startswith("keras."):
            return None
        try:
            graph = Graph(model)
        except NoGraphError:
            return None
        given = _given(call, graph)
        if len(given) != len(graph.inputs) or len(call.outputs) != len(graph.outputs):
            return None
        return Inside(graph, given, call.outputs)

    def consumers(self, tensor: keras.KerasTensor) -> tuple[Call, ...]:
        """The calls that a tensor goes into."""
        return tuple(call for call in self.calls if any(given is tensor for given in call.inputs))

    def reached_from(self, tensors: Iterable[keras.KerasTensor]) -> tuple[Call, ...]:
        """The calls that depend on any of the given tensors."""
        known = {id(tensor) for tensor in tensors}
        reached = []
        for call in self.calls:
            if any(id(tensor) in known for tensor in call.inputs):
                reached.append(call)
                known.update(id(tensor) for tensor in call.outputs)
        return tuple(reached)


def _given(call: Call, graph: Graph) -> tuple[Any, ...]:
    """What a call hands to a nested model, in the order of the model's own inputs, as Keras sorts it out.

    ``keras.src.models.functional.Functional._standardize_inputs`` is the rule: a dict that meets a model which was not
    built on one is read by the names of the inputs; everything else is flattened, and goes by its place.
    """
    operation, node, _ = call.outputs[0]._keras_history
    arguments = operation._inbound_nodes[node].arguments
    given: Any = arguments.args[0] if arguments.args else arguments.kwargs.get("inputs")
    built_on = _structure(graph.model, "_inputs_struct")
    if isinstance(given, Mapping) and not isinstance(built_on, Mapping):
        names = [tensor.name for tensor in graph.inputs]
        if all(name in given for name in names):
            return tuple(given[name] for name in names)
    return tuple(keras.tree.flatten(given))


def _structure(model: keras.Model, kind: str) -> Any:
    """What a model was built on, or gives; a Sequential one has it in the functional model inside."""
    found = getattr(model, kind, None)
    return getattr(getattr(model, "_functional", None), kind, None) if found is None else found


def _keys(structure: Any, tensors: tuple[keras.KerasTensor, ...]) -> list[str]:
    """The key of each tensor, in the order in which Keras flattens the dict; none if there is not one for each."""
    keys = keras.tree.flatten({key: str(key) for key in structure}) if isinstance(structure, dict) else []
    return keys if len(keys) == len(tensors) else []


def _calls_between(inputs, outputs) -> Iterable[Call]:
    """Walk back from the outputs; yield each node once, after those it depends on.

    ``_keras_history`` is how Keras itself walks: ``keras.Function`` builds a model from it.
    """
    given = {id(tensor) for tensor in inputs}
    done: set[int] = set()
    numbers: dict[int, int] = {}
    # A stack, not recursion: a deep residual network has more nodes than Python has frames.
    stack = [(tensor, False) for tensor in reversed(outputs)]
    while stack:
        tensor, fed = stack.pop()
        operation, index, _ = tensor._keras_history
        node = operation._inbound_nodes[index]
        if id(node) in done:
            continue
        if not fed:
            stack.append((tensor, True))
            if id(tensor) not in given:
                stack.extend((source, False) for source in reversed(node.input_tensors))
            continue
        done.add(id(node))
        number = numbers.get(id(operation), 0)
        numbers[id(operation)] = number + 1
        sources = () if id(tensor) in given else tuple(node.input_tensors)
        yield Call(operation, number, sources, tuple(node.output_tensors))
