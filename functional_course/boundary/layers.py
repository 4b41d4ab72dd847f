"""A layer of the other side, run on this side from the operations that its ``call`` recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from functional_course.boundary.graphs import Named
from functional_course.boundary.known import nodes_before
from functional_course.boundary.wire import BoundaryError

import keras
import numpy as np
from keras import tree

if TYPE_CHECKING:
    from functional_course.boundary.peer import Peer


class Spec:
    """The shape and dtype of a tensor that a computation is recorded for."""

    def __init__(self, shape: tuple[int | None, ...], dtype: str) -> None:
        self.shape, self.dtype = shape, dtype


class Computation:
    """Operations that were recorded on the other side, ready to run on tensors here.

    Args:
        nodes: ``(operation, args, kwargs, places of its outputs)``, each after what it depends on; tensors are
            :class:`~functional_course.boundary.graphs.Named` places.
        result: what it returns, with places for tensors.
    """

    def __init__(self, nodes: list[tuple[Any, Any, Any, list[int]]], result: Any) -> None:
        self.nodes, self.result = nodes, result

    def run(self, values: dict[int, Any]) -> Any:
        """The result, given the values at the places of inputs and variables."""
        values = dict(values)

        def filled(part: Any) -> Any:
            return tree.map_structure(lambda leaf: values[leaf.place] if isinstance(leaf, Named) else leaf, part)

        for operation, args, kwargs, places in self.nodes:
            outputs = tree.flatten(operation(*filled(args), **filled(kwargs)))
            values.update(zip(places, outputs, strict=True))
        return filled(self.result)


class _StandIn(keras.KerasTensor):
    """A symbolic tensor that takes what a variable takes."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__((key,) if key is None or key is Ellipsis else key)

    @property
    def value(self) -> Any:
        """A variable's own value; here the tensor itself."""
        return self


class Recording:
    """What a function did with symbolic tensors: :attr:`value` to be sent, with :attr:`names` for its tensors.

    Args:
        function: what to call: a layer's ``call``, or a function of tensors.
        layer: whose variables it uses, or None.
        args: arguments, with :class:`Spec` for tensors.
        kwargs: named arguments.

    The names 0, 1, ... are the tensors of the arguments, then the layer's variables, then what was computed.
    """

    def __init__(self, function: Any, layer: keras.layers.Layer | None, args: Any, kwargs: Any) -> None:
        given: list[keras.KerasTensor] = []

        def symbolic(leaf: Any) -> Any:
            if isinstance(leaf, Spec):
                given.append(_StandIn(leaf.shape, dtype=leaf.dtype))
                return given[-1]
            return leaf

        args, kwargs = tree.map_structure(symbolic, (args, kwargs))
        variables = list(layer.weights) if layer is not None else []
        stand_ins = [_StandIn(tuple(each.shape), dtype=each.dtype) for each in variables]
        exchange = {id(each): stand_in for each, stand_in in zip(variables, stand_ins, strict=True)}
        try:
            with _Exchanged(_with_parts(layer), exchange):
                result = function(*args, **kwargs)
        except Exception:
            # A layer inside that computes its output's shape from its weights has to keep them.
            with _Exchanged([layer] if layer is not None else [], exchange):
                result = function(*args, **kwargs)
        self.names = {id(tensor): place for place, tensor in enumerate([*given, *stand_ins])}
        self.names |= {id(variable): len(given) + place for place, variable in enumerate(variables)}
        tensors = [leaf for leaf in tree.flatten(result) if isinstance(leaf, keras.KerasTensor)]
        nodes = [node for node in nodes_before(tensors) if any(id(output) not in self.names for output in node.outputs)]
        places = len(given) + len(stand_ins)
        for node in nodes:
            for output in node.outputs:
                self.names[id(output)] = places
                places += 1
        self._kept = [given, stand_ins, nodes]  # identities are names here, so nothing may be collected
        self.value = [
            [
                [
                    node.operation,
                    node.arguments.args,
                    node.arguments.kwargs,
                    [self.names[id(out)] for out in node.outputs],
                ]
                for node in nodes
            ],
            result,
        ]


def _with_parts(layer: keras.layers.Layer | None) -> list[keras.layers.Layer]:
    return [] if layer is None else [layer, *layer._flatten_layers(include_self=False)]


class _Exchanged:
    """Puts symbolic tensors in the place of layers' variables, so that what is computed from them is recorded too.

    Args:
        layers: whose attributes hold variables.
        exchange: a tensor for each, by the variable's ``id``.
    """

    def __init__(self, layers: list[keras.layers.Layer], exchange: dict[int, keras.KerasTensor]) -> None:
        self.layers, self.exchange = layers, exchange
        self.kept: list[tuple[dict[str, Any], str, Any]] = []

    def __enter__(self) -> None:
        for layer in self.layers:
            attributes = vars(layer)
            for name, value in list(attributes.items()):
                if name in ("_trainable_variables", "_non_trainable_variables", "_tracker"):
                    continue
                exchanged = self._exchanged(value)
                if exchanged is not value:
                    self.kept.append((attributes, name, value))
                    attributes[name] = exchanged

    def _exchanged(self, value: Any) -> Any:
        if isinstance(value, keras.Variable):
            return self.exchange.get(id(value), value)
        if isinstance(value, (list, tuple)) and any(id(each) in self.exchange for each in value):
            return [self._exchanged(each) for each in value]
        if isinstance(value, dict) and any(id(each) in self.exchange for each in value.values()):
            return {name: self._exchanged(each) for name, each in value.items()}
        return value

    def __exit__(self, *_: object) -> None:
        for attributes, name, value in self.kept:
            attributes[name] = value


class Mirror:
    """What a mirrored layer knows of its original, kept where Keras does not look for layers and variables.

    Args:
        peer: this side.
        key: the original.
        layer: the layer on this side.
    """

    def __init__(self, peer: Peer, key: str, layer: keras.layers.Layer) -> None:
        self.peer, self.key, self.layer = peer, key, layer
        self.computations: dict[str, Computation] = {}
        self.outlines: dict[str, Any] = {}

    def outline(self, args: Any, kwargs: Any) -> Any:
        """The symbolic tensors that the original returns for tensors of these shapes.

        It is asked once, for any number of rows: asking runs the original's ``call``.
        """
        specs = tree.map_structure(spec_of, (args, kwargs))
        shapes = [leaf.shape for leaf in tree.flatten(specs) if isinstance(leaf, Spec)]
        rows = shapes[0][0] if shapes and all(shape and shape[0] == shapes[0][0] for shape in shapes) else None
        if rows is not None:
            specs = tree.map_structure(_of_any_rows, specs)
        signature = repr(tree.map_structure(_readable, specs))
        if signature not in self.outlines:
            self.outlines[signature] = self.peer.outlined(self.key, *specs)

        def made(leaf: Any) -> Any:
            shape = (rows, *leaf.shape[1:]) if leaf.shape and leaf.shape[0] is None else leaf.shape
            return keras.KerasTensor(shape, dtype=leaf.dtype)

        return tree.map_structure(lambda leaf: made(leaf) if isinstance(leaf, Spec) else leaf, self.outlines[signature])

    def hold(self, values: list[np.ndarray], names: list[list[Any]]) -> None:
        """Make the variables that the original has."""
        if len(self.layer._trainable_variables) + len(self.layer._non_trainable_variables) == len(values):
            return
        for value, (name, trainable, dtype) in zip(values, names, strict=True):
            variable = self.layer.add_weight(
                shape=value.shape, dtype=dtype, trainable=bool(trainable), name=str(name)[:80].replace("/", "_")
            )
            variable.assign(value)

    def call(self, args: Any, kwargs: Any) -> Any:
        """What the original's ``call`` returns for these tensors."""
        leaves = [leaf for leaf in tree.flatten((args, kwargs)) if _is_tensor(leaf)]
        specs = tree.map_structure(spec_of, (args, kwargs))
        signature = repr(tree.map_structure(_readable, specs))
        if signature not in self.computations:
            self.computations[signature] = self.peer.recorded(self.key, *specs)
        return self.computations[signature].run(dict(enumerate([*leaves, *self.layer.weights])))


class MirroredLayer(keras.layers.Layer):
    """A layer that runs what its original recorded. Made by :class:`~functional_course.boundary.peer.Peer`."""

    mirror: Mirror
    remote: tuple[Any, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        peer, key = self.remote
        made, name, layers = peer.constructed(key, args, kwargs)
        self._begin(peer, made, name, layers)
        peer.known.put(made, self)
        peer.known.shared.add(made)

    @classmethod
    def of_original(cls, peer: Peer, key: str, name: str, layers: list[keras.layers.Layer]) -> MirroredLayer:
        """The layer on this side of an original that exists already."""
        layer = cls.__new__(cls)
        layer._begin(peer, key, name, layers)
        return layer

    def _begin(self, peer: Peer, key: str, name: str, layers: list[keras.layers.Layer]) -> None:
        keras.layers.Layer.__init__(self, name=name)
        self.mirror = Mirror(peer, key, self)
        if layers:
            self.original_layers = list(layers)

    def build(self, input_shape: Any) -> None:
        self.mirror.peer.built(self.mirror.key, input_shape)
        self.built = True

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return self.mirror.outline((inputs, *args), kwargs)

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return self.mirror.call((inputs, *args), kwargs)

    def call_in_mode(self, inputs: Any, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """The ``call`` of a layer that does something else while it is trained."""
        return self.mirror.call((inputs, *args), {**kwargs, "training": training})

    def get_config(self) -> dict[str, Any]:
        config = self.mirror.peer.asked(self.mirror.key, "get_config", (), {})
        # A layer in the configuration is saved here, where Keras knows where else in the model it stands.
        return tree.map_structure(
            lambda leaf: keras.saving.serialize_keras_object(leaf) if isinstance(leaf, keras.Operation) else leaf,
            config,
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MirroredLayer:
        peer, key = cls.remote
        return peer.asked(key, "from_config", (_with_layers(config),), {})


def _with_layers(config: Any) -> Any:
    """A configuration with layers in the place of what Keras saved of them."""
    if isinstance(config, dict):
        if "class_name" in config and "config" in config and config.get("class_name") != "DTypePolicy":
            with contextlib.suppress(Exception):
                made = keras.saving.deserialize_keras_object(config)
                if isinstance(made, keras.Operation):
                    return made
        return {name: _with_layers(each) for name, each in config.items()}
    return [_with_layers(each) for each in config] if isinstance(config, list) else config


@contextlib.contextmanager
def saved_by_reference() -> Iterator[None]:
    """While a configuration is made or read, a layer in it stands for itself: it is the other side that saves it."""

    def kept_or(function: Any) -> Any:
        return lambda value, *args, **kwargs: (
            value if isinstance(value, keras.Operation) else function(value, *args, **kwargs)
        )

    places = [
        (module, name)
        for module, names in ((keras.saving, _SAVING), (keras.layers, ("serialize", "deserialize")))
        for name in names
    ]
    before = [getattr(*place) for place in places]
    for (module, name), function in zip(places, before, strict=True):
        setattr(module, name, kept_or(function))
    try:
        yield
    finally:
        for (module, name), function in zip(places, before, strict=True):
            setattr(module, name, function)


_SAVING = ("serialize_keras_object", "deserialize_keras_object")


def _is_tensor(leaf: Any) -> bool:
    return isinstance(leaf, (keras.KerasTensor, np.ndarray)) or keras.ops.is_tensor(leaf)


def spec_of(leaf: Any) -> Any:
    """A tensor's :class:`Spec`; anything else as it is."""
    return Spec(tuple(leaf.shape), keras.backend.standardize_dtype(leaf.dtype)) if _is_tensor(leaf) else leaf


def _of_any_rows(leaf: Any) -> Any:
    return Spec((None, *leaf.shape[1:]), leaf.dtype) if isinstance(leaf, Spec) else leaf


def _readable(leaf: Any) -> Any:
    return (leaf.shape, leaf.dtype) if isinstance(leaf, Spec) else leaf


def check_is_layer(value: Any) -> keras.layers.Layer:
    """The value, if it is a layer.

    Raises:
        BoundaryError: it is none.
    """
    if not isinstance(value, keras.layers.Layer):
        raise BoundaryError("what came is no layer")
    return value
