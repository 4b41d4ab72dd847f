"""What a diagram shows, without places: the boxes of a model and the wires between them.

This module decides which layers are boxes of their own, which facts a box has, and which calls a wire joins. It reads
:class:`functional_course.models.Graph`; nothing here knows about coordinates or matplotlib, and words are left to
:mod:`functional_course.diagrams.labels`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from functional_course.diagrams.facts import (
    Detail,
    Folded,
    LayersInside,
    Parameters,
    SharedWeights,
    class_name,
    given_name,
    held_by,
    layer_details,
    made_up,
    operation_details,
)
from functional_course.diagrams.values import plain
from functional_course.models import Call, Graph, NoGraphError

import keras

LARGEST_UNFOLDED = 16
"""A model of more boxes than this is folded, unless you say otherwise."""


@dataclass(frozen=True)
class End:
    """Where a wire meets a box: at which of its calls, and at which place among that call's tensors."""

    box: str
    call: int
    place: int


@dataclass(frozen=True)
class Wire:
    """One tensor.

    Attributes:
        source: where it comes from.
        targets: every place that it goes to; none for an input that is not used.
        shape: its shape, ``None`` along axes of any length, the batch among them.
        dtype: the type of its numbers, as Keras names it.
        output: which output of its call it is, from 1, where a call has several; else 0.
    """

    source: End
    targets: tuple[End, ...]
    shape: tuple[int | None, ...]
    dtype: str
    output: int = 0


@dataclass(frozen=True)
class Box:
    """One layer, operation, input, output, model or block of layers.

    Attributes:
        key: its name inside this diagram, for example ``"3"``, or ``"3/1"`` for the first box inside box 3.
        kind: ``"input"``, ``"output"``, ``"layer"``, ``"operation"``, ``"model"`` or ``"block"``.
        title: the class of the layer, or the operation.
        name: the name that the author of the model gave, or ``""``.
        details: what distinguishes it from others of its class, for example the size of its window.
        parameters: how many numbers it holds.
        frozen: it has weights and none of them trains.
        calls: how often the model calls it.
        inner: what the opened model holds, or ``None``.
    """

    key: str
    kind: str
    title: str
    name: str = ""
    details: tuple[Detail, ...] = ()
    parameters: Parameters = Parameters()
    frozen: bool = False
    calls: int = 1
    inner: Scene | None = None

    def __post_init__(self) -> None:
        # What somebody wrote may hold anything; a label is one line of letters.
        object.__setattr__(self, "title", plain(self.title))
        object.__setattr__(self, "name", plain(self.name))


@dataclass(frozen=True)
class Scene:
    """A model as boxes, in the order of their first call, and wires.

    Attributes:
        kind: the class of the model.
        name: the name that its author gave, or ``""``.
        parameters: how many numbers it holds.
        layers: how many layers and operations it calls, its inputs apart.
        boxes: inputs first, outputs last.
        wires: one for each tensor that goes from a box to another.
    """

    kind: str
    name: str
    parameters: Parameters
    layers: int
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


@dataclass
class Choice:
    """What to open and what to fold; see :func:`functional_course.diagrams.draw`."""

    depth: int = 0
    expand: frozenset[str] = frozenset()
    fold: bool | None = None
    found: set[str] = field(default_factory=set)
    weights: dict[str, frozenset[int]] = field(default_factory=dict)
    """Which weights each box holds, by identity."""

    def names(self, layer: Any) -> bool:
        """Whether the layer is to be opened by its name."""
        if layer.name not in self.expand:
            return False
        self.found.add(layer.name)
        return True

    def opens_block(self, prefix: str) -> bool:
        if prefix in self.expand:
            self.found.add(prefix)
            return True
        return False


def scene_of(model: keras.Model, choice: Choice) -> Scene:
    """Turn a model into boxes and wires.

    Args:
        model: a functional model, or a Sequential one that knows its input shape.
        choice: what to open and what to fold. What of it was found in the model is noted in it.

    Raises:
        NoGraphError: the model records no graph, or a model inside that is to be opened by its name doesn't.
    """
    return _with_shared_weights(_scene(model, choice, ""), choice.weights)


def _scene(model: keras.Model, choice: Choice, path: str) -> Scene:
    graph = Graph(model)
    inputs = {id(tensor): number for number, tensor in enumerate(graph.inputs)}
    calls = [call for call in graph.calls if not all(id(tensor) in inputs for tensor in call.outputs)]
    blocks = _blocks(graph, calls, choice)
    order = list(dict.fromkeys(blocks.get(id(call.operation), id(call.operation)) for call in calls))
    keys = {group: f"{path}{number}" for number, group in enumerate(order, start=1)}
    members: dict[str, list[Call]] = {key: [] for key in keys.values()}
    owner: dict[int, str] = {}
    for call in calls:
        key = keys[blocks.get(id(call.operation), id(call.operation))]
        owner[id(call.operation)] = key
        members[key].append(call)

    input_names = _names(graph, "input", graph.inputs)
    output_names = _names(graph, "output", graph.outputs)
    boxes = [
        Box(f"{path}in{number}", "input", _counted("Input", number, len(inputs), name), name)
        for number, name in enumerate(input_names)
    ]
    folded = set(blocks.values())
    for group, key in keys.items():
        make = _block_box if group in folded else _box
        layers = [call.operation for call in members[key] if isinstance(call.operation, keras.layers.Layer)]
        choice.weights[key] = frozenset(id(weight) for layer in layers for weight in layer.weights)
        boxes.append(make(key, members[key], choice))
    boxes += [
        Box(f"{path}out{number}", "output", _counted("Output", number, len(graph.outputs), name), name)
        for number, name in enumerate(output_names)
    ]
    wires = _wires(graph, calls, owner, {keys[group] for group in folded}, path)
    return Scene(
        kind="Sequential" if isinstance(model, keras.Sequential) else class_name(model),
        name=plain(given_name(model)),
        parameters=parameters(model),
        layers=sum(1 for operation in graph.operations if not isinstance(operation, keras.layers.InputLayer)),
        boxes=tuple(boxes),
        wires=wires,
    )


def _counted(word: str, number: int, count: int, name: str) -> str:
    return f"{word} {number + 1}" if count > 1 and not name else word


def _names(graph: Graph, side: str, tensors: Iterable[keras.KerasTensor]) -> list[str]:
    """Names of inputs or outputs: the keys of a dictionary, else the names that somebody gave."""
    structure = getattr(graph.model, side, None)
    keys = {}
    if isinstance(structure, dict):
        keys = {id(tensor): str(key) for key, tensor in structure.items() if isinstance(tensor, keras.KerasTensor)}
    names = []
    for tensor in tensors:
        operation = graph.operation_of(tensor)
        if id(tensor) in keys:
            names.append(keys[id(tensor)])
        elif side == "input" and isinstance(operation, keras.layers.InputLayer):
            names.append("" if made_up(tensor.name, "KerasTensor") else tensor.name)
        else:
            names.append(given_name(operation))
    return names


def _wires(graph: Graph, calls: list[Call], owner: dict[int, str], blocks: set[str], path: str) -> tuple[Wire, ...]:
    sources: dict[int, End] = {id(tensor): End(f"{path}in{n}", 0, 0) for n, tensor in enumerate(graph.inputs)}
    targets: dict[int, list[End]] = {}
    tensors: dict[int, Any] = {id(tensor): tensor for tensor in graph.inputs}
    taken: Counter[str] = Counter()  # places used at a block, whose own calls do not show
    given: Counter[str] = Counter()
    entered: dict[str, set[int]] = {}
    which: dict[int, int] = {}  # which output of its call a tensor is, where there are several
    for call in calls:
        key = owner[id(call.operation)]
        for place, tensor in enumerate(call.inputs):
            if key in blocks:
                inside = sources[id(tensor)].box == key
                if inside or id(tensor) in entered.setdefault(key, set()):
                    continue
                entered[key].add(id(tensor))
                end = End(key, 0, taken[key])
                taken[key] += 1
            else:
                end = End(key, call.number, place)
            targets.setdefault(id(tensor), []).append(end)
        for place, tensor in enumerate(call.outputs):
            tensors[id(tensor)] = tensor
            if len(call.outputs) > 1 and key not in blocks:
                which[id(tensor)] = place + 1
            sources[id(tensor)] = End(key, 0 if key in blocks else call.number, place)
    for number, tensor in enumerate(graph.outputs):
        targets.setdefault(id(tensor), []).append(End(f"{path}out{number}", 0, 0))
    wires = []
    for identity, source in sources.items():
        ends = targets.get(identity, [])
        if source.box in blocks:
            if not ends:
                continue
            source = End(source.box, 0, given[source.box])
            given[source.box] += 1
        if ends or source.box.startswith(f"{path}in"):
            tensor = tensors[identity]
            dtype = keras.backend.standardize_dtype(tensor.dtype)
            wires.append(Wire(source, tuple(ends), tuple(tensor.shape), dtype, which.get(identity, 0)))
    return tuple(wires)


def _with_shared_weights(scene: Scene, weights: dict[str, frozenset[int]]) -> Scene:
    """Say on every box which other boxes hold weights of its own, as a layer that also stands inside a nested model."""
    closed = list(_closed(scene))

    def marked(box: Box) -> Box:
        if box.inner is not None:
            return replace(box, inner=everywhere(box.inner))
        others = [
            other for other in closed if other.key != box.key and weights[other.key] & weights.get(box.key, frozenset())
        ]
        shared = dict.fromkeys(SharedWeights(other.title, other.name) for other in others)
        return replace(box, details=(*box.details, *shared))

    def everywhere(part: Scene) -> Scene:
        return replace(part, boxes=tuple(marked(box) for box in part.boxes))

    return everywhere(scene)


def _closed(scene: Scene) -> Iterable[Box]:
    """The boxes with weights that are not opened, at every level."""
    for box in scene.boxes:
        if box.inner is not None:
            yield from _closed(box.inner)
        elif box.kind not in ("input", "output"):
            yield box


# What stands on a box.


def _box(key: str, calls: list[Call], choice: Choice) -> Box:
    layer = calls[0].operation
    if not isinstance(layer, keras.layers.Layer):
        title, details = operation_details(calls[0])
        return Box(key, "operation", title, given_name(layer), details, calls=len(calls))
    inner = None
    details = layer_details(layer)
    held = layer if _is_model(layer) else held_by(layer)
    if _is_model(held):
        details = (*details, LayersInside(_layers_in(held)))
        named = choice.names(held)
        if named or choice.depth > 0:
            below = replace(choice, depth=choice.depth - 1)
            try:
                inner = _scene(held, below, f"{key}/")
            except NoGraphError:  # a subclassed model stays closed, unless it was asked for by name
                if named:
                    raise
    return Box(
        key,
        "model" if _is_model(held) else "layer",
        class_name(layer),
        given_name(layer),
        details,
        parameters(layer),
        frozen(layer),
        len(calls),
        inner,
    )


def _block_box(key: str, calls: list[Call], choice: Choice) -> Box:
    layers = [call.operation for call in calls]
    kinds = Counter(class_name(layer) for layer in layers)
    weighty = [layer for layer in layers if layer.weights]
    return Box(
        key,
        "block",
        prefix(layers[0].name),
        details=(Folded(tuple(kinds.items())),),
        parameters=parameters(*layers),
        frozen=bool(weighty) and all(frozen(layer) for layer in weighty),
    )


def _is_model(layer: Any) -> bool:
    return isinstance(layer, keras.Model)


def _layers_in(model: keras.Model) -> int:
    return sum(1 for layer in model.layers if not isinstance(layer, keras.layers.InputLayer))


def frozen(layer: Any) -> bool:
    """Whether the layer has weights, none of them trains, and that is by choice (not by kind, as of a moving mean)."""
    if not layer.weights or layer.trainable_weights:
        return False
    return all(not leaf.trainable for leaf in _leaves(layer) if leaf.weights)


def parameters(*layers: Any) -> Parameters:
    """How many numbers layers or models hold together; a weight that several of them hold counts once."""
    trainable = _size(weight for layer in layers for weight in layer.trainable_weights)
    fixed = _size(weight for layer in layers for weight in layer.non_trainable_weights)
    leaves = [leaf for layer in layers for leaf in _leaves(layer) if not leaf.trainable]
    still = _size(weight for leaf in leaves for weight in leaf.weights)
    # What does not train is frozen on purpose, or never trains, as the moving averages of BatchNormalization.
    return Parameters(trainable, still, fixed - still)


def _leaves(layer: Any) -> list[Any]:
    """The layers that hold the weights of a model or of a wrapper."""
    parts = getattr(layer, "layers", None)
    parts = parts if isinstance(parts, (list, tuple)) else [getattr(layer, "layer", None)]
    parts = [part for part in parts if isinstance(part, keras.layers.Layer)]
    return [leaf for part in parts for leaf in _leaves(part)] if parts else [layer]


def _size(weights: Iterable[Any]) -> int:
    unique = {id(weight): weight for weight in weights}
    return sum(math.prod(weight.shape) for weight in unique.values())


# Folding.


def prefix(name: str) -> str:
    """The first word of a layer's name: ``"block1"`` of ``"block1_conv2"``; ``""`` if the name has only one word."""
    first, underscore, rest = name.partition("_")
    return first if underscore and rest else ""


def _blocks(graph: Graph, calls: list[Call], choice: Choice) -> dict[int, str]:
    """Which layers are folded, by identity, and into which block.

    The rule: layers whose given names begin with the same word before the first underscore form a block, if there are
    at least two, none of them is called twice or is a model, and no path leaves the block and comes back.
    """
    operations = {id(call.operation): call.operation for call in calls}
    if choice.fold is False or (choice.fold is None and len(operations) <= LARGEST_UNFOLDED):
        return {}
    groups: dict[str, list[int]] = {}
    for identity, operation in operations.items():
        single = len(graph.calls_of(operation)) == 1
        if isinstance(operation, keras.layers.Layer) and single and not _is_model(operation):
            groups.setdefault(prefix(given_name(operation)), []).append(identity)
    blocks: dict[int, str] = {}
    for word, group in groups.items():
        if word and len(group) > 1 and not choice.opens_block(word) and _is_closed(graph, calls, set(group)):
            blocks.update((identity, f"block {word}") for identity in group)
    return blocks


def _is_closed(graph: Graph, calls: list[Call], group: set[int]) -> bool:
    """Whether no path leaves the group and enters it again."""
    outside: set[int] = set()  # tensors that depend on the group through something outside it
    inside: set[int] = set()
    for call in calls:
        tensors = {id(tensor) for tensor in call.inputs}
        if id(call.operation) in group:
            if tensors & outside:
                return False
            inside.update(id(tensor) for tensor in call.outputs)
        elif tensors & (inside | outside):
            outside.update(id(tensor) for tensor in call.outputs)
    return True
