"""The graph that a functional model records, as plain values: which operation was called where, on which tensors.

Diagrams, checks, costs and the boundary read it. A layer called twice is one operation with two calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functional_course.models import keras_private

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
        arguments: what it was called with, tensors and all else, as ``args`` and ``kwargs``.
    """

    operation: keras.Operation
    number: int
    inputs: tuple[keras.KerasTensor, ...]
    outputs: tuple[keras.KerasTensor, ...]
    arguments: Any


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

    def entries_of(self, tensors: Iterable[keras.KerasTensor]) -> tuple[keras.KerasTensor, ...]:
        """The nested model's inputs that the call hands one of these tensors outside."""
        known = {id(tensor) for tensor in tensors}
        pairs = zip(self.graph.inputs, self.given, strict=True)
        return tuple(entry for entry, tensor in pairs if id(tensor) in known)

    def made_from(self, tensors: Iterable[keras.KerasTensor]) -> tuple[keras.KerasTensor, ...]:
        """The tensors that come out of the call and depend on one of these outside."""
        known = {id(tensor) for tensor in self.graph.reached_from(self.entries_of(tensors))}
        return tuple(tensor for exit_, tensor in zip(self.graph.outputs, self.made, strict=True) if id(exit_) in known)


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
            _keys(input_structure(model), self.inputs) or [tensor.name for tensor in self.inputs]
        )
        self.output_names: tuple[str, ...] = tuple(
            _keys(output_structure(model), self.outputs)
            or getattr(model, "output_names", None)
            or [self.operation_of(tensor).name for tensor in self.outputs]
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

    def operation_of(self, tensor: keras.KerasTensor) -> keras.Operation:
        """The layer or operation that made a tensor; for an input, also one that nothing reads, its InputLayer.

        Raises:
            KeyError: the tensor came out of no call.
        """
        node = keras_private.node_of(tensor)
        if node is None:
            raise KeyError(tensor)
        return node.operation

    def inside(self, call: Call) -> Inside | None:
        """A nested model's call from inside; ``None`` where Keras records nothing inside.

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

    def reached_from(self, tensors: Iterable[keras.KerasTensor]) -> tuple[keras.KerasTensor, ...]:
        """The tensors that depend on any of these, which come first.

        A nested model is walked through: what comes out of it depends on what goes in only where the two are connected
        inside. Any other layer is taken to use all that goes in for all that comes out.
        """
        reached = {id(tensor): tensor for tensor in tensors}
        for call in self.calls:
            if any(id(tensor) in reached for tensor in call.inputs):
                inside = self.inside(call)
                made = call.outputs if inside is None else inside.made_from(reached.values())
                reached.update((id(tensor), tensor) for tensor in made)
        return tuple(reached.values())

    def innermost_calls(self, whole: keras.Operation | None = None) -> Iterator[tuple[Graph, Call]]:
        """Every call, with those inside a nested model in the place of its own, and the graph that each stands in.

        Args:
            whole: a nested model whose calls are taken as they are.
        """
        for call in self.calls:
            inside = self.inside(call) if call.operation is not whole else None
            if inside is None:
                yield self, call
            else:
                yield from inside.graph.innermost_calls(whole)


def _given(call: Call, graph: Graph) -> tuple[Any, ...]:
    """What a call hands to a nested model, in the order of the model's own inputs, as Keras sorts it out.

    ``keras.src.models.functional.Functional._standardize_inputs`` is the rule: a dict that meets a model which was not
    built on one is read by the names of the inputs; everything else is flattened, and goes by its place.
    """
    arguments = call.arguments
    given: Any = arguments.args[0] if arguments.args else arguments.kwargs.get("inputs")
    built_on = input_structure(graph.model)
    if isinstance(given, Mapping) and not isinstance(built_on, Mapping):
        names = [tensor.name for tensor in graph.inputs]
        if all(name in given for name in names):
            return tuple(given[name] for name in names)
    return tuple(keras.tree.flatten(given))


def input_structure(model: keras.Model) -> Any:
    """What a model was built on: a tensor, or tensors in a list, tuple or dict; ``None`` if it records no graph.

    Example:

    >>> image = keras.Input((8,), name="image")
    >>> list(input_structure(keras.Model({"image": image}, keras.layers.Dense(1)(image))))
    ['image']
    """
    functional = keras_private.functional_of(model)
    return None if functional is None else functional.input


def output_structure(model: keras.Model) -> Any:
    """What a model gives, as :func:`input_structure` says what it was built on."""
    functional = keras_private.functional_of(model)
    return None if functional is None else functional.output


def _keys(structure: Any, tensors: tuple[keras.KerasTensor, ...]) -> list[str]:
    """The key of each tensor, in the order in which Keras flattens the dict; none if there is not one for each."""
    keys = keras.tree.flatten({key: str(key) for key in structure}) if isinstance(structure, dict) else []
    return keys if len(keys) == len(tensors) else []


def nodes_before(outputs: Iterable[keras.KerasTensor], inputs: Iterable[keras.KerasTensor] = ()) -> Iterator[Any]:
    """The nodes that Keras recorded on the way to some tensors, each once and after those that it depends on.

    Args:
        outputs: symbolic tensors. One that came out of no call adds nothing.
        inputs: where the way begins; where Keras knows no more, if left out. What an input came out of counts, and
            what came before that doesn't.

    Yields:
        Keras's own nodes, with ``operation``, ``arguments``, ``input_tensors`` and ``outputs``.
    """
    return (node for node, _ in _walk(outputs, {id(tensor) for tensor in inputs}))


def _walk(outputs: Iterable[keras.KerasTensor], given: set[int]) -> Iterator[tuple[Any, bool]]:
    """Each node, and whether the way begins there."""
    done: set[int] = set()
    # A stack, not recursion: a deep residual network has more nodes than Python has frames.
    stack = [(tensor, False) for tensor in reversed(list(outputs))]
    while stack:
        tensor, fed = stack.pop()
        node = keras_private.node_of(tensor)
        if node is None or id(node) in done:
            continue
        if not fed:
            stack.append((tensor, True))
            if id(tensor) not in given:
                stack.extend((source, False) for source in reversed(node.input_tensors))
            continue
        done.add(id(node))
        yield node, id(tensor) in given


def _calls_between(inputs: Iterable[keras.KerasTensor], outputs: Iterable[keras.KerasTensor]) -> Iterator[Call]:
    numbers: dict[int, int] = {}
    for node, begins in _walk(outputs, {id(tensor) for tensor in inputs}):
        number = numbers.get(id(node.operation), 0)
        numbers[id(node.operation)] = number + 1
        sources = () if begins else tuple(node.input_tensors)
        yield Call(node.operation, number, sources, tuple(node.outputs), node.arguments)
