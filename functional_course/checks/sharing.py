"""Checks of what is shared: a layer, called on several tensors, or a tensor, which several calls read.

A shared layer saves weights; a shared tensor saves computation. The structural checks here look into nested models, but
not into what records no graph: a wrapper such as ``TimeDistributed``, a subclassed layer or model. There the layer is
somewhere inside, and how often it runs cannot be read. So its holder gets the benefit of the doubt: it counts for
whatever was asked of tensors that feed it. Compare the numbers as well.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from functional_course.checks.behaviour import outputs_of, saved_and_loaded, weights_kept
from functional_course.checks.failure import CheckFailed
from functional_course.checks.numbers import largest_difference
from functional_course.checks.structure import check_model
from functional_course.faults import Fault
from functional_course.models import keras_private
from functional_course.models.graph import Graph, NoGraphError, input_structure

import keras
import numpy as np

Source: TypeAlias = "str | keras.KerasTensor"


def check_calls_from(
    model: Any, layer: keras.Layer, sources: Sequence[Source | Iterable[Source]], exact: bool = True
) -> None:
    """The layer is called once for each entry of ``sources``, and is fed by just what the entry names.

    What feeds a call is everything that it depends on, followed upwards as far as a tensor that is named in ``sources``
    or an input of the model.

    Args:
        model: a functional or a built Sequential model.
        layer: a layer, which may be a model.
        sources: one entry for each call, in any order: the name of an input (for dict inputs, its key), a tensor of the
            model, or several of them.
        exact: whether other calls are refused.

    Raises:
        CheckFailed: naming what was asked and what feeds each call.

    Example:

    >>> left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    >>> shared = keras.layers.Dense(4)
    >>> check_calls_from(keras.Model([left, right], shared(left) - shared(right)), shared, ["left", "right"])
    """
    asked = [_names(entry) for entry in sources]
    given = [tensor for entry in sources for tensor in _entries(entry) if not isinstance(tensor, str)]
    trace = _traced(model, layer, given)
    unknown = sorted({name for names in asked for name in names} - trace.known)
    if unknown:
        raise CheckFailed(
            f"an input {unknown[0]!r}", f"inputs {', '.join(map(repr, sorted(trace.inputs)))}", Fault.NAME
        )
    missing = list(asked)
    other = []
    for call in trace.calls:
        if call.hidden:
            continue
        if call.sources in missing:
            missing.remove(call.sources)
        else:
            other.append(call)
    hidden = [call.sources for call in trace.calls if call.hidden]
    missing = [names for names in missing if not any(names <= held for held in hidden)]
    if missing or (other and exact):
        wanted = f"{layer.name!r} called {_listed(asked)}"
        raise CheckFailed(
            wanted,
            f"it called {_listed([call.sources for call in trace.calls])}",
            _of_calls(model, layer, trace, asked),
        )


def check_layer_shared(model: Any, layer: keras.Layer) -> None:
    """The layer is called on at least two different tensors: its weights are shared.

    Calling it again on the same tensor does not count; that computes the same a second time.

    Args:
        model: a functional or a built Sequential model.
        layer: a layer, which may be a model.

    Raises:
        CheckFailed: saying how often it is called.

    Example:

    >>> a, b, shared = keras.Input((8,)), keras.Input((8,)), keras.layers.Dense(4)
    >>> check_layer_shared(keras.Model([a, b], shared(a) - shared(b)), shared)
    """
    calls = _traced(model, layer).calls
    asked = f"{layer.name!r} called on different tensors"
    if any(call.hidden for call in calls):
        return
    if len(calls) < 2:
        raise CheckFailed(
            asked, "one call, so only its output, a tensor, can be shared" if calls else "no call", Fault.SHARING
        )
    if len({call.reads for call in calls}) == 1:
        raise CheckFailed(asked, f"{len(calls)} calls on one and the same tensor", Fault.SHARING)


def check_tensor_shared(model: Any, layer: keras.Layer) -> None:
    """The layer is called once, and what comes out is used more than once: its computation is shared.

    Used more than once is a tensor that several calls read, or one that leads to several outputs of the model.

    Args:
        model: a functional or a built Sequential model.
        layer: a layer, which may be a model.

    Raises:
        CheckFailed: saying how often it is called, or that its output is used once or never.

    Example:

    >>> image, trunk = keras.Input((8,)), keras.layers.Dense(4)
    >>> code = trunk(image)
    >>> check_tensor_shared(keras.Model(image, [keras.layers.Dense(1)(code), keras.layers.Dense(3)(code)]), trunk)
    """
    trace = _traced(model, layer)
    asked = f"{layer.name!r} called once, and its output used more than once"
    if not trace.calls:
        raise CheckFailed(asked, "no call", Fault.SHARING)
    if len(trace.calls) > 1:
        raise CheckFailed(
            asked, f"{len(trace.calls)} calls: the weights are shared, the computation is not", Fault.SHARING
        )
    uses = sum(trace.uses.get(value, 0) for value in trace.calls[0].writes)
    if uses < 2 and trace.outputs_reached < 2:
        raise CheckFailed(
            asked, "an output that is used once" if uses else "an output that nothing uses", Fault.CONNECTED
        )


def check_symmetric(model: Any, inputs: Any, swap: tuple[Hashable, Hashable] = (0, 1), tolerance: float = 1e-6) -> None:
    """Exchanging two inputs changes none of the outputs.

    Args:
        model: a model with two inputs or more.
        inputs: arrays as the model takes them, a list, a tuple or a dict. The two to exchange must differ.
        swap: which two: places, or the keys of a dict.
        tolerance: the largest difference that still counts as the same.

    Raises:
        CheckFailed: naming the largest difference.
        ValueError: the two arrays are equal, so that exchanging them shows nothing.
    """
    check_model(model)
    first, second = swap
    if np.array_equal(inputs[first], inputs[second]):
        raise ValueError(f"The arrays for {first!r} and {second!r} are equal: exchanging them shows nothing.")
    exchanged: Any = dict(inputs) if isinstance(inputs, Mapping) else list(inputs)
    exchanged[first], exchanged[second] = inputs[second], inputs[first]
    if isinstance(inputs, tuple):
        exchanged = tuple(exchanged)
    largest = largest_difference(outputs_of(model, inputs), outputs_of(model, exchanged))
    if not largest <= tolerance:
        raise CheckFailed(
            "the same outputs when two inputs are exchanged", f"differences of up to {largest:.2g}", Fault.NUMBERS
        )


def check_sharing_survives_saving(model: Any, inputs: object, tolerance: float = 1e-5) -> None:
    """The model, saved as ``.keras`` and loaded again, gives the same numbers and shares what it shared.

    Equal outputs alone do not show that: two copies of a weight start equal and part in training. So the loaded model
    has to have as many weights as before and, once the weights of both are changed alike, again the same outputs.

    Args:
        model: a built model. Its weights are put back.
        inputs: arrays as the model takes them.
        tolerance: the largest difference that still counts as the same.

    Raises:
        CheckFailed: it cannot be saved or loaded, computes something else, or no longer shares.
    """
    loaded = saved_and_loaded(model)
    largest = largest_difference(outputs_of(model, inputs), outputs_of(loaded, inputs))
    if not largest <= tolerance:
        raise CheckFailed("the same outputs after save and load", f"differences of up to {largest:.2g}", Fault.SAVED)
    before, after = [_shapes(model), _shapes(loaded)]
    if before != after:
        raise CheckFailed(
            f"{model.count_params():,} parameters in {len(before)} arrays after save and load, as before",
            f"{loaded.count_params():,} in {len(after)}: what was shared no longer is",
            Fault.SAVED,
        )
    numbers = np.random.default_rng(0)
    changed = [weight + 0.1 * numbers.normal(size=weight.shape) for weight in model.get_weights()]
    with weights_kept(model):
        for each in (model, loaded):
            each.set_weights(changed)
        largest = largest_difference(outputs_of(model, inputs), outputs_of(loaded, inputs))
    if not largest <= tolerance:
        raise CheckFailed(
            "the same outputs when the saved and the loaded model get the same new weights",
            f"differences of up to {largest:.2g}: the loaded model uses other weights",
            Fault.SAVED,
        )


def check_one_encoder(model: Any, sides: tuple[str, str] = ("left", "right")) -> None:
    """Two inputs go through one and the same encoder, not through two that look alike.

    The encoder is whatever has weights and reads one side alone: a nested model, or layers that are called one by one.
    Each of these layers has to be called on the one side as often as on the other. What reads both sides, such as a
    layer behind the comparison, may have weights of its own.

    Two encoders that begin with equal weights give equal codes until they are trained, so this reads the graph.

    Args:
        model: a functional model.
        sides: the names of the two inputs.

    Raises:
        CheckFailed: naming a layer that only one of the sides goes through, or saying that there is no encoder.

    Example:

    >>> left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    >>> shared = keras.layers.Dense(4)
    >>> check_one_encoder(keras.Model([left, right], keras.ops.abs(shared(left) - shared(right))))
    """
    check_model(model)
    asked = f"one encoder for {sides[0]!r} and for {sides[1]!r}"
    seen = False
    for layer in _with_weights(model):
        trace = _traced(model, layer)
        unknown = set(sides) - trace.inputs
        if unknown:
            known = ", ".join(map(repr, sorted(trace.inputs)))
            raise CheckFailed(f"an input {sorted(unknown)[0]!r}", f"inputs {known}", Fault.NAME)
        reads = [{call.reads for call in trace.calls if call.sources & set(sides) == {side}} for side in sides]
        # A holder that reads both at once may call the layer on each of them.
        held = any(call.hidden and call.sources >= set(sides) for call in trace.calls)
        if len(reads[0]) != len(reads[1]) and not held:
            counts = " and ".join(f"{len(each)}× from {side!r}" for each, side in zip(reads, sides, strict=True))
            raise CheckFailed(asked, f"{layer.name!r}, with weights of its own, called {counts}", Fault.SHARING)
        seen = seen or bool(reads[0]) or held
    if not seen:
        raise CheckFailed(asked, "no layer with weights that reads one of them alone", Fault.SHARING)


def inputs_by_name(model: Any, **arrays: np.ndarray) -> dict[str, np.ndarray] | list[np.ndarray]:
    """Arrays as this model takes them: a dict if it was built on a dict, else a list in the order of its inputs.

    Args:
        model: a functional or a built Sequential model.
        **arrays: one for each input, by its name, of shape ``(rows, ...)``.

    Raises:
        CheckFailed: its inputs have other names.

    Example:

    >>> a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
    >>> [array.shape for array in inputs_by_name(keras.Model([b, a], b - a), a=np.ones((3, 8)), b=np.ones((2, 8)))]
    [(2, 8), (3, 8)]
    """
    check_model(model)
    graph = _graph_of(model)
    names = graph.input_names if graph is not None else ()
    if sorted(names) != sorted(arrays):
        raise CheckFailed(
            f"inputs {', '.join(map(repr, arrays))}", ", ".join(map(repr, names)) or "no graph", Fault.NAME
        )
    if isinstance(input_structure(model), dict):
        return arrays
    return [arrays[name] for name in names]


@dataclass(frozen=True)
class _Call:
    """One call of the layer that is looked for: what feeds it, which values it reads and writes.

    ``hidden``: the call is one of a holder without a graph, in which the layer is.
    """

    sources: frozenset[str]
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    hidden: bool


@dataclass
class _Trace:
    """A walk through a model and the models in it.

    Each tensor gets the number of its value. The same operation on the same values gives the same value, so a layer
    that is called again on one tensor is seen to compute nothing new, at whatever depth.
    """

    layer: keras.Layer
    labels: dict[int, str]
    inputs: set[str] = field(default_factory=set)
    calls: list[_Call] = field(default_factory=list)
    uses: dict[int, int] = field(default_factory=dict)
    outputs_reached: int = 0
    sources: dict[int, frozenset[str]] = field(default_factory=dict)
    numbers: dict[Hashable, int] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)

    @property
    def known(self) -> set[str]:
        return self.inputs | set(self.labels.values())

    def value(self, key: Hashable, sources: frozenset[str]) -> int:
        number = self.numbers.setdefault(key, len(self.numbers))
        self.sources.setdefault(number, sources)
        return number

    def walk(self, graph: Graph, given: Sequence[int]) -> list[int]:
        """Follow a graph whose inputs have these values, and return the values of its outputs."""
        values = {id(tensor): number for tensor, number in zip(graph.inputs, given, strict=True)}
        for call in graph.calls:
            if all(id(tensor) in values for tensor in call.outputs):
                continue  # an input
            reads = tuple(values[id(tensor)] for tensor in call.inputs)
            sources = frozenset().union(*(self.sources[number] for number in reads))
            inside = graph.inside(call) if call.operation is not self.layer else None
            if inside is not None:
                writes = self.walk(inside.graph, [self._handed(given, values) for given in inside.given])
            else:
                writes = [self.value((id(call.operation), reads, place), sources) for place in range(len(call.outputs))]
                for number in reads:
                    self.uses[number] = self.uses.get(number, 0) + 1
                if self.reached.intersection(reads):
                    self.reached.update(writes)
                self._look_at(call.operation, sources, reads, tuple(writes))
            for tensor, number in zip(call.outputs, writes, strict=True):
                label = self.labels.get(id(tensor))
                values[id(tensor)] = number if label is None else self._labelled(number, label)
        return [values[id(tensor)] for tensor in graph.outputs]

    def _handed(self, given: object, values: Mapping[int, int]) -> int:
        # A constant depends on nothing.
        return values[id(given)] if id(given) in values else self.value(("constant", id(given)), frozenset())

    def _labelled(self, number: int, label: str) -> int:
        self.sources[number] = frozenset([label])
        return number

    def _look_at(self, operation: keras.Operation, sources, reads, writes) -> None:
        hidden = operation is not self.layer
        if hidden and not _holds(operation, self.layer):
            return
        self.calls.append(_Call(sources, reads, writes, hidden))
        self.reached.update(writes)


def _traced(model: Any, layer: keras.Layer, tensors: Iterable[keras.KerasTensor] = ()) -> _Trace:
    check_model(model)
    graph = _graph_of(model)
    if graph is None:
        raise CheckFailed("a model with a graph", f"{type(model).__name__} {model.name!r} without one", Fault.KIND)
    trace = _Trace(layer, {id(tensor): tensor.name for tensor in tensors})
    given = []
    for tensor, name in zip(graph.inputs, graph.input_names, strict=True):
        label = trace.labels.get(id(tensor), name)
        trace.inputs.add(label)
        given.append(trace.value(id(tensor), frozenset([label])))
    outputs = trace.walk(graph, given)
    for number in outputs:
        trace.uses[number] = trace.uses.get(number, 0) + 1
    trace.outputs_reached = sum(number in trace.reached for number in outputs)
    return trace


def _of_calls(model: keras.Model, layer: keras.Layer, trace: _Trace, asked: Sequence[frozenset[str]]) -> Fault:
    """Why a layer isn't called from where it should be: it isn't in the model, or is called elsewhere."""
    held = {id(weight) for weight in model.weights}
    if not trace.calls and layer.weights and not any(id(weight) in held for weight in layer.weights):
        return Fault.COPY
    return Fault.SHARING if len(trace.calls) != len(asked) else Fault.CONNECTED


def _graph_of(operation: object) -> Graph | None:
    try:
        return Graph(operation) if isinstance(operation, keras.Model) else None
    except NoGraphError:
        return None


def _holds(operation: keras.Operation, layer: keras.Layer) -> bool:
    """Whether a layer without a graph has the layer inside. Keras's own walk also sees what a wrapper wraps."""
    inside = keras_private.layers_inside(operation) if isinstance(operation, keras.Layer) else ()
    return any(each is layer for each in inside)


def _with_weights(model: keras.Model) -> list[keras.Layer]:
    """The innermost layers of a model that have weights."""
    inside = {id(layer): layer for layer in keras_private.layers_inside(model)}.values()
    return [layer for layer in inside if layer.weights and not _inner_weights(layer)]


def _inner_weights(layer: keras.Layer) -> bool:
    return any(inner.weights for inner in keras_private.layers_inside(layer))


def _entries(entry: Source | Iterable[Source]) -> list[Source]:
    return [entry] if isinstance(entry, (str, keras.KerasTensor)) else list(entry)


def _names(entry: Source | Iterable[Source]) -> frozenset[str]:
    return frozenset(each if isinstance(each, str) else each.name for each in _entries(entry))


def _listed(calls: Sequence[frozenset[str]]) -> str:
    if not calls:
        return "never"
    return " and ".join("from " + (" with ".join(map(repr, sorted(names))) or "no input") for names in calls)


def _shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]
