"""The graph that a functional model records, as plain values: which operation was called where, on which tensors.

Diagrams and checks both read it. A layer called twice is one operation with two calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


class Graph:
    """The calls between a model's inputs and its outputs.

    Args:
        model: a functional model, or a Sequential one that knows its input shape.

    Attributes:
        inputs: the model's input tensors, in its own order.
        outputs: the model's output tensors, in its own order.
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
