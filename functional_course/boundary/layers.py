"""A layer of the other side, run on this side from the operations that its ``call`` recorded."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from functional_course.boundary.calls import Spec, applied, weights_of
from functional_course.boundary.graphs import Named, check_is_operation
from functional_course.boundary.known import Known, nodes_before
from functional_course.boundary.reaching import reaches_computation
from functional_course.boundary.wire import BoundaryError

import keras
import numpy as np
from keras import tree
from keras.src.backend.common import global_state
from keras.src.layers.layer import CallContext

if TYPE_CHECKING:
    from functional_course.boundary.peer import Peer


class Computation:
    """Operations that were recorded on the other side, ready to run on tensors here.

    Args:
        nodes: ``(operation, args, kwargs, places of its outputs)``, each after what it depends on; tensors are
            :class:`~functional_course.boundary.graphs.Named` places.
        result: what it returns, with places for tensors.
        reads: layers whose weights it uses besides those of the layer that it is the computation of.
    """

    def __init__(
        self, nodes: list[tuple[Any, Any, Any, list[int]]], result: Any, reads: Sequence[keras.layers.Layer] = ()
    ) -> None:
        for operation, *_ in nodes:
            check_is_operation(operation)
        self.nodes, self.result = nodes, result
        self.reads = [check_is_layer(each) for each in reads]

    def run(self, tensors: list[Any], layer: keras.layers.Layer | None = None, known: Known | None = None) -> Any:
        """The result for some tensors.

        Args:
            tensors: those in the arguments.
            layer: whose computation it is.
            known: what the other side was told; none of it changes its state, unless the layer is trained here.
        """
        values = dict(enumerate([*tensors, *weights_of(layer, self.reads)]))

        def filled(part: Any) -> Any:
            return tree.map_structure(lambda leaf: values[leaf.place] if isinstance(leaf, Named) else leaf, part)

        layers = [each for each, *_ in self.nodes if isinstance(each, keras.layers.Layer)]
        own = known.own_variables() if known is not None and layers and not _is_trained() else {}
        for operation, args, kwargs, places in self.nodes:
            outputs = tree.flatten(_run(operation, filled(args), filled(kwargs), own))
            values.update(zip(places, outputs, strict=True))
        return filled(self.result)


def _run(operation: keras.Operation, args: Any, kwargs: Any, own: Mapping[int, keras.Variable]) -> Any:
    """Call an operation; the variables of this side's ``own`` stay as they are, also where the call is only traced.

    A layer that normalises or draws numbers would change them, if the other side has recorded it as it is in training.
    """
    variables = operation.variables if own and isinstance(operation, keras.layers.Layer) else ()
    if not any(id(variable) in own for variable in variables):
        return operation(*args, **kwargs)
    with keras.StatelessScope() as scope:
        made = operation(*args, **kwargs)
    for variable in variables:
        if id(variable) not in own and scope.get_current_value(variable) is not None:
            variable.assign(scope.get_current_value(variable))
    return made


def _is_trained() -> bool:
    """Whether this side trains: then it means its layers to change."""
    return bool(getattr(global_state.get_global_attribute("current_call_ctx"), "training", None))


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
        reads: layers whose weights it uses besides.

    The names 0, 1, ... are the tensors of the arguments, then the layer's variables, then what was computed.
    """

    def __init__(
        self,
        function: Any,
        layer: keras.layers.Layer | None,
        args: Any,
        kwargs: Any,
        reads: Sequence[keras.layers.Layer] = (),
    ) -> None:
        given: list[keras.KerasTensor] = []

        def symbolic(leaf: Any) -> Any:
            if isinstance(leaf, Spec):
                given.append(_StandIn(leaf.shape, dtype=leaf.dtype))
                return given[-1]
            return leaf

        args, kwargs = tree.map_structure(symbolic, (args, kwargs))
        variables = weights_of(layer, reads)
        stand_ins = [_StandIn(tuple(each.shape), dtype=each.dtype) for each in variables]
        exchange = {id(each): stand_in for each, stand_in in zip(variables, stand_ins, strict=True)}
        try:
            with (
                _Exchanged([each for one in (layer, *reads) for each in _with_parts(one)], exchange),
                _inheriting_training(),
            ):
                result = function(*args, **kwargs)
        except Exception:
            # A layer inside that computes its output's shape from its weights has to keep them.
            with _Exchanged([each for each in (layer, *reads) if each is not None], exchange), _inheriting_training():
                result = function(*args, **kwargs)
        self.names = {id(tensor): place for place, tensor in enumerate([*given, *stand_ins])}
        self.names |= {id(variable): len(given) + place for place, variable in enumerate(variables)}
        tensors = [leaf for leaf in tree.flatten(result) if isinstance(leaf, keras.KerasTensor)]
        nodes = [node for node in nodes_before(tensors) if any(id(output) not in self.names for output in node.outputs)]
        if any(_holds_a_part(node) for node in nodes):
            raise BoundaryError("a computation with a function that belongs to it")
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
                    {name: each for name, each in node.arguments.kwargs.items() if each is not _INHERITED},
                    [self.names[id(out)] for out in node.outputs],
                ]
                for node in nodes
            ],
            result,
            reads,
        ]


def _holds_a_part(node: Any) -> bool:
    """Whether an operation was given a function that uses what is around it, as those of ``ops.cond`` do."""
    if isinstance(node.operation, keras.layers.Layer):
        return False
    given = [*vars(node.operation).values(), *tree.flatten([node.arguments.args, node.arguments.kwargs])]
    functions = [value for value in given if callable(value) and not isinstance(value, keras.KerasTensor)]
    return any(reaches_computation(function) for function in functions)


class _Inherited:
    """Stands for whether a layer is trained, where that follows from who calls it."""

    def __bool__(self) -> bool:
        return False


_INHERITED = _Inherited()


@contextlib.contextmanager
def _inheriting_training() -> Iterator[None]:
    """While it lasts, layers that are called as they are where they stand leave open whether they are trained.

    Keras would write down that they are not, since nobody says here that they are.
    """
    before = global_state.get_global_attribute("current_call_ctx")
    context = CallContext(entry_layer=None)
    context.training = _INHERITED
    global_state.set_global_attribute("current_call_ctx", context)
    try:
        yield
    finally:
        global_state.set_global_attribute("current_call_ctx", before)


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
        self.computations: dict[str, Computation | None] = {}
        """What was recorded for tensors of some shapes; None where that was not possible."""
        self.reads: list[keras.layers.Layer] | None = None
        self.outlines: dict[str, Any] = {}
        self.saves = False
        """Whether it is the original that writes its weights into a file and reads them."""

    def build(self, args: Any, kwargs: Any) -> None:
        """Have the original built for what it is called with."""
        self.peer.built_for(self.key, *tree.map_structure(spec_of, (args, kwargs)))
        self.layer.built = True

    def outline(self, args: Any, kwargs: Any) -> Any:
        """The symbolic tensors that the original returns for tensors of these shapes.

        It is asked once, for any number of rows: asking runs the original's ``call``.
        """
        specs = tree.map_structure(spec_of, (args, kwargs))
        shapes = [leaf.shape for leaf in tree.flatten(specs) if isinstance(leaf, Spec)]
        rows = shapes[0][0] if shapes and all(shape and shape[0] == shapes[0][0] for shape in shapes) else None
        if rows is not None:
            specs = tree.map_structure(_of_any_rows, specs)
        signature = repr(tree.map_structure(readable, specs))
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
        # Built there. To ask for it once more would bring the weights of then along.
        self.layer.built = True

    def call(self, args: Any, kwargs: Any) -> Any:
        """What the original's ``call`` returns for these tensors."""
        leaves = [leaf for leaf in tree.flatten((args, kwargs)) if _is_tensor(leaf)]
        specs = tree.map_structure(spec_of, (args, kwargs))
        signature = repr(tree.map_structure(readable, specs))
        if signature not in self.computations:
            try:
                self.computations[signature] = self.peer.recorded(self.key, *specs)
            except Exception:
                # It computes with more than Keras's operations, or fails: see what a call says.
                if self.peer.channel.broken:
                    raise
                self.computations[signature] = None
        computation = self.computations[signature]
        if computation is not None:
            return computation.run(leaves, self.layer, self.peer.known)
        training = getattr(global_state.get_global_attribute("current_call_ctx"), "training", None)
        if training is not None:
            kwargs = {"training": bool(training), **kwargs}
        if self.reads is None:
            self.reads = self.peer.layers_read(self.key)
        weights = weights_of(self.layer, self.reads)
        return applied(self.peer, self.key, args, kwargs, weights, f"the layer {self.layer.name!r}", self.layer)


class MirroredLayer(keras.layers.Layer):
    """A layer that runs what its original recorded. Made by :class:`~functional_course.boundary.peer.Peer`."""

    mirror: Mirror
    remote: tuple[Any, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        peer, key = self.remote
        made, about = peer.constructed(key, args, kwargs)
        peer.check_is_theirs(made)
        self._begin(peer, made, about)
        peer.known.put(made, self)
        peer.known.shared.add(made)

    @classmethod
    def of_original(cls, peer: Peer, key: str, about: dict[str, Any]) -> MirroredLayer:
        """The layer on this side of an original that exists already.

        Args:
            peer: this side.
            key: the original.
            about: what :func:`~functional_course.boundary.graphs.about` says of it.
        """
        layer = cls.__new__(cls)
        layer._begin(peer, key, about)
        return layer

    def _begin(self, peer: Peer, key: str, about: dict[str, Any]) -> None:
        kind = keras.Model if isinstance(self, keras.Model) else keras.layers.Layer
        try:
            kind.__init__(self, name=str(about["name"]), dtype=about["dtype"])
            self._become(peer, key, about)
        except BoundaryError:
            raise
        except Exception as error:  # of Keras too, about a name or a dtype
            raise BoundaryError(f"a layer that cannot be made again: {type(error).__name__}: {error}") from error

    def _become(self, peer: Peer, key: str, about: dict[str, Any]) -> None:
        self.mirror = Mirror(peer, key, self)
        self.supports_jit = False
        self.supports_masking = bool(about["masking"])
        self.built = bool(about["built"])
        self.mirror.saves = bool(about.get("saves")) and not peer.trusting
        for name in ("state_size", "output_size"):
            if about[name] is not None:
                setattr(self, name, about[name])
        if about["layers"]:
            self.original_layers = [check_is_layer(each) for each in about["layers"]]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.built:
            self.mirror.build(args, kwargs)
        return super().__call__(*args, **kwargs)

    def build(self, input_shape: Any) -> None:
        self.mirror.peer.built(self.mirror.key, input_shape)
        self.built = True

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return self.mirror.outline(args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        given = tree.map_shape_structure(lambda shape: keras.KerasTensor(tuple(shape)), input_shape)
        return tree.map_structure(lambda leaf: tuple(leaf.shape), self.mirror.outline((given,), {}))

    def call(self, *args: Any, **kwargs: Any) -> Any:
        return self.mirror.call(args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return keras.layers.Layer.compute_mask(self, inputs, previous_mask)

    def get_config(self) -> dict[str, Any]:
        config = self.mirror.peer.asked(self.mirror.key, "get_config", (), {})
        # A layer in the configuration is saved here, where Keras knows where else in the model it stands.
        return tree.map_structure(
            lambda leaf: keras.saving.serialize_keras_object(leaf) if isinstance(leaf, keras.Operation) else leaf,
            config,
        )

    def save_own_variables(self, store: Any) -> None:
        if self.mirror.saves:
            for name, array in self.mirror.peer.saved(self.mirror.key, self).items():
                store[name] = array
        else:
            super().save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        if self.mirror.saves:
            arrays = {name: np.asarray(store[name]) for name in list(store.keys())}
            self.mirror.peer.loaded(self.mirror.key, self, arrays)
        else:
            super().load_own_variables(store)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MirroredLayer:
        peer, key = cls.remote
        return peer.asked(key, "from_config", (_with_layers(config),), {})


def with_signature(parameters: Any) -> Any:
    """A ``call`` with the parameters that the original's has, so that Keras treats its arguments alike.

    Args:
        parameters: name, kind and default of each; None if that is not known.

    Raises:
        BoundaryError: there can be no such function.
    """

    def call(self: MirroredLayer, *args: Any, **kwargs: Any) -> Any:
        return self.mirror.call(args, kwargs)

    if parameters is not None:
        try:
            made = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
            for name, kind, *default in parameters:
                made.append(
                    inspect.Parameter(name, _KINDS[kind], default=default[0] if default else inspect.Parameter.empty)
                )
            if len({parameter.name for parameter in made}) < len(made):
                raise ValueError("two parameters of one name")
            call.__signature__ = inspect.Signature(made)
        except (ValueError, TypeError, KeyError) as error:
            raise BoundaryError("a layer that cannot be called") from error
    return call


_KINDS = {kind.name: kind for kind in type(inspect.Parameter.POSITIONAL_ONLY)}


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


def readable(leaf: Any) -> Any:
    """What tells two :class:`Spec` apart; anything else as it is."""
    return (leaf.shape, leaf.dtype) if isinstance(leaf, Spec) else leaf


def check_is_layer(value: Any) -> keras.layers.Layer:
    """The value, if it is a layer.

    Raises:
        BoundaryError: it is none.
    """
    if not isinstance(value, keras.layers.Layer):
        raise BoundaryError("what came is no layer")
    return value
