"""Keras layers, models and tensors to JSON and back.

A model crosses as the calls that it records. The other side makes the same layers with Keras's own classes and calls
them again, so one layer called twice is one layer called twice there too, in one model or in several.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from functional_course.boundary import allowed, configs
from functional_course.boundary.known import nodes_before
from functional_course.boundary.values import Decoder, Encoder
from functional_course.boundary.wire import BoundaryError, CannotCross

import keras
import numpy as np
from keras import tree

if TYPE_CHECKING:
    from functional_course.boundary.peer import Peer

_INPUT = keras.layers.InputLayer
_PLAIN = (bool, int, float, str)
MOST_NODES = 20_000


def signature_of(function: Any) -> list[list[Any]] | None:
    """Name, kind and default of a method's parameters after the first; None if they are not known."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    empty = inspect.Parameter.empty
    return [[each.name, each.kind.name, *([] if each.default is empty else [each.default])] for each in parameters]


_SIZES = ("state_size", "output_size")


def about(layer: keras.layers.Layer) -> dict[str, Any]:
    """What the other side has to know of a layer that somebody wrote."""
    sizes = {name: getattr(layer, name, None) for name in _SIZES}
    return {
        "name": layer.name,
        "dtype": layer.dtype_policy.name if type(layer.dtype_policy) is keras.DTypePolicy else None,
        "masking": bool(layer.supports_masking),
        "built": bool(layer.built),
        "layers": list(layer._layers),
        "saves": _saves_itself(layer),
        **{name: size if isinstance(size, (int, list, tuple)) else None for name, size in sizes.items()},
    }


def _saves_itself(layer: keras.layers.Layer) -> bool:
    """Whether a layer has ways of its own to and from a file, as a ``Dense`` has and what derives from it."""
    usual = keras.layers.Layer
    return any(getattr(type(layer), name) is not getattr(usual, name) for name in OF_FILES)


OF_FILES = ("save_own_variables", "load_own_variables")
"""The methods by which a layer's weights get into a file and out of it."""


def is_kerass_own(value: Any) -> bool:
    """Whether an operation is of a class that Keras ships and that runs nothing but what it was configured for."""
    return isinstance(value, keras.Operation) and allowed.is_shipped(value)


class Packer:
    """Makes one message: a value, and what the other side has to know to understand it.

    Args:
        peer: this side.
        names: tensors and variables that stand for themselves in a recorded computation.
    """

    def __init__(self, peer: Peer, names: dict[int, int] | None = None) -> None:
        self.peer, self.known = peer, peer.known
        self.encoder = Encoder(self._other)
        self.definitions: list[dict[str, Any]] = []
        self._names = names or {}
        self.met: dict[str, Any] = {}

    def message(self, value: Any) -> dict[str, Any]:
        """The parts of a message that say this value. Take :attr:`encoder` ``.arrays`` along."""
        coded = self.encoder.encode(value)
        return {"value": coded, "definitions": self.definitions, "states": self._states()}

    def _other(self, value: Any) -> Any | None:
        if id(value) in self._names:
            return {"t": "name", "v": self._names[id(value)]}
        if isinstance(value, keras.KerasTensor):
            return {"t": "symbol", "v": self._symbol(value)}
        if isinstance(value, keras.Operation):
            return {"t": "operation", "v": self._operation(value)}
        if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
            return self.encoder.tensor(keras.ops.convert_to_numpy(value))
        kind = type(value)
        if kind.__module__ == "keras.src.utils.tracking" and isinstance(value, (list, dict, set)):
            plain = next(each for each in (list, dict, set) if isinstance(value, each))
            return self.encoder.encode(plain(value))
        if allowed.is_shipped(value):
            return {"t": "saved", "v": self.encoder.encode(configs.saved(value))}
        return self._callable(value) if callable(value) else None

    def _callable(self, value: Any) -> dict[str, Any]:
        shipped = allowed.name_of(value)
        if shipped:
            return {"t": "named", "v": list(shipped)}
        name = getattr(value, "__name__", "")
        key = self.known.key_of(value)
        self.known.shared.add(key)
        if inspect.isclass(value) and issubclass(value, keras.layers.Layer):
            registered = keras.saving.get_registered_name(value)
            found = keras.saving.get_registered_object(registered) is value
            return {
                "t": "class",
                "v": key,
                "name": name,
                "registered": registered if found else None,
                "parameters": self.encoder.encode(signature_of(value.call)),
                "base": self._base(value),
            }
        return {"t": "function", "v": key, "name": str(name)[:80]}

    @staticmethod
    def _base(kind: type) -> str | None:
        shipped = next((name for name, other in allowed.RUNS_OTHER_CODE.items() if other is kind), None)
        return shipped or ("Model" if issubclass(kind, keras.Model) else None)

    def _symbol(self, tensor: keras.KerasTensor) -> str:
        key = self.known.key_of(tensor)
        if key in self.known.shared:
            return key
        for node in nodes_before([tensor]):
            keys = [self.known.key_of(output) for output in node.outputs]
            if set(keys) <= self.known.shared:
                continue
            operation = self._operation(node.operation)
            if isinstance(node.operation, _INPUT):
                continue
            coded = {
                "kind": "call",
                "operation": operation,
                "args": self.encoder.encode(node.arguments.args),
                "kwargs": self.encoder.encode(node.arguments.kwargs),
                "out": keys,
            }
            self.known.shared.update(keys)
            self.definitions.append(coded)
        if key not in self.known.shared:
            self.known.shared.add(key)
            loose = {"kind": "tensor", "key": key, "shape": list(tensor.shape), "dtype": tensor.dtype}
            self.definitions.append(loose)
        return key

    def _operation(self, value: keras.Operation) -> str:
        key = self.known.key_of(value)
        if key in self.met:
            return key
        self.met[key] = value
        if key not in self.known.shared:
            self.known.shared.add(key)
            self.definitions.append({"key": key, **self._definition(value)})
        for layer in _parts(value):
            self._operation(layer)
        return key

    def _definition(self, value: keras.Operation) -> dict[str, Any]:
        kind = type(value)
        if kind is _INPUT:
            config = {
                name: getattr(value, name, None) for name in ("batch_shape", "name", "dtype", "sparse", "optional")
            }
            out = self.known.key_of(value.output)
            self.known.shared.add(out)
            return {"kind": "input", "config": self.encoder.encode(config), "out": [out]}
        if is_sequential(value):
            layers = [self._operation(layer) for layer in value._layers]
            if not value._functional:  # damaged, or never built: its layers still remember where they were called
                for layer in value._layers:
                    for node in layer._inbound_nodes[:1]:
                        for tensor in node.outputs:
                            self._symbol(tensor)
            own = {"name": value.name, "class": kind.__name__, "own": _own_methods(value)}
            return {"kind": "sequential", **own, "layers": layers, "out": self._inside(value)}
        if is_functional(value):
            inputs, outputs = (self.encoder.encode(each) for each in (value._inputs_struct, value._outputs_struct))
            own = {"name": value.name, "class": kind.__name__, "own": _own_methods(value)}
            return {"kind": "functional", **own, "inputs": inputs, "outputs": outputs}
        if is_kerass_own(value):
            return self._own(value)
        if isinstance(value, keras.layers.Layer):
            return {"kind": "written", "class": self._callable(kind), "about": self.encoder.encode(about(value))}
        raise CannotCross(f"an operation of the class {kind.__name__} cannot be judged")

    def _own(self, value: keras.Operation) -> dict[str, Any]:
        if not is_wrapper(value):
            saved = configs.saved(value)
            saved["config"].update(_first_config(value))
            return {"kind": "own", "saved": self.encoder.encode(saved)}
        config = configs.saved_config(lambda: keras.layers.Layer.get_config(value))
        return {
            "kind": "wrapper",
            "class": list(allowed.name_of(type(value))),
            "config": self.encoder.encode(config),
            "wrapped": self._operation(value.layer),
        }

    def _inside(self, model: keras.Sequential) -> list[str]:
        keys = [self.known.key_of(tensor) for tensor in _tensors_inside(model)]
        self.known.shared.update(keys)
        return keys

    def _states(self) -> dict[str, Any]:
        """The state of everything that this message speaks of, where the other side does not know it yet."""
        states = {}
        for key, value in list(self.met.items()):
            if not isinstance(value, keras.layers.Layer) or isinstance(value, _INPUT):
                continue
            digest = self.digest(value)
            if self.known.digests.get(key) != digest:
                self.known.digests[key] = digest
                states[key] = self._state(value)
        return states

    def _state(self, layer: keras.layers.Layer) -> dict[str, Any]:
        state: dict[str, Any] = {"trainable": bool(layer._trainable), "config": _plain_config(layer)}
        weights = own_weights(layer)
        if weights:
            state["weights"] = [self.encoder.encode(keras.ops.convert_to_numpy(weight)) for weight in weights]
            if is_kerass_own(layer):
                state["build"] = self.encoder.encode(layer.get_build_config())
            else:
                state["names"] = [[weight.name, bool(weight.trainable), weight.dtype] for weight in weights]
        if is_sequential(layer):
            state["layers"] = [self._operation(each) for each in layer._layers]
            state["out"] = self._inside(layer)
        if isinstance(layer, keras.Model) and layer.compiled and getattr(layer, "_compile_config", None):
            state["compile"] = self.encoder.encode(dict(layer._compile_config.config))
        return state

    @staticmethod
    def digest(layer: keras.layers.Layer) -> bytes:
        """Changes with whatever :meth:`_state` would say."""
        made = hashlib.blake2b(digest_size=16)
        made.update(repr((bool(layer._trainable), sorted(_plain_config(layer).items()))).encode())
        for weight in own_weights(layer):
            made.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
        if is_sequential(layer):
            made.update(repr([id(each) for each in layer._layers]).encode())
        if isinstance(layer, keras.Model):
            made.update(repr(id(getattr(layer, "_compile_config", None))).encode())
        return made.digest()


class Unpacker:
    """Reads one message.

    Args:
        peer: this side.
        header: what :meth:`Packer.message` made.
        arrays: the bytes that came with it.
    """

    def __init__(self, peer: Peer, header: dict[str, Any], arrays: list[bytes]) -> None:
        self.peer, self.known = peer, peer.known
        self.decoder = Decoder(arrays, self._other)
        self._header = header

    def value(self, may_change: Collection[str] = (), *, only_new: bool = False) -> Any:
        """The value, after everything that it needs has been made.

        Args:
            may_change: the keys of this side's objects whose state the other side may change: those that it was
                given to work on. A side that is trusted may change all.
            only_new: whether it may say the state only of what was not known here.
        """
        try:
            definitions = self._header.get("definitions", [])
            if len(definitions) > MOST_NODES:
                raise BoundaryError(f"more than {MOST_NODES:,} calls of layers cannot be judged")
            new = {coded["key"] for coded in definitions if "key" in coded and not self.known.has(coded["key"])}
            for coded in definitions:
                self._define(coded)
            for key, state in self._header.get("states", {}).items():
                if key in new or (not only_new and (self._theirs(key) or key in may_change)):
                    self._apply(self.known.get(key), state)
                    self.known.digests[key] = Packer.digest(self.known.get(key))
            return self.decoder.decode(self._header.get("value"))
        except BoundaryError:
            raise
        except Exception as error:  # whatever Keras says to a graph that it would not have made
            raise CannotCross(f"the answer cannot be made again: {type(error).__name__}: {error}") from error

    def _theirs(self, key: Any) -> bool:
        """Whether the other side may say what this key stands for: not if it begins as this side's own do."""
        return self.peer.may_name(key)

    def _spoken_of(self, key: Any) -> Any:
        """What a key stands for. The other side may speak of what it made and of what it was sent: of nothing else."""
        if not self._theirs(key) and key not in self.known.shared:
            raise BoundaryError(f"{str(key)[:40]!r} was never sent")
        return self.known.get(key)

    def _put(self, key: Any, made: Any) -> None:
        self.peer.check_is_theirs(key)
        before = self.known.known_as(made)
        if before is not None and not self._theirs(before):
            raise BoundaryError("what this side made cannot become the other side's")
        self.known.put(key, made)
        self.known.shared.add(key)

    def _other(self, coded: dict[str, Any]) -> Any:
        tag, value = coded.get("t"), coded.get("v")
        if tag in ("symbol", "operation"):
            return self._spoken_of(value)
        if tag == "named":
            return allowed.named(*value)
        if tag == "saved":
            return configs.made(self.decoder.decode(value), self._may_hold)
        if tag == "name":
            return Named(int(value))
        if tag in ("function", "class"):
            if self.known.has(value):
                return self._spoken_of(value)
            name = str(coded.get("name"))[:80]
            if tag == "class":
                base = {**allowed.RUNS_OTHER_CODE, "Model": keras.Model}.get(str(coded.get("base")))
                parameters = self.decoder.decode(coded.get("parameters"))
                made = self.peer.remote_class(value, name, coded.get("registered"), parameters, base)
            else:
                made = self.peer.remote_function(value, name)
            self._put(value, made)
            return made
        raise BoundaryError(f"nothing is tagged {str(tag)[:40]!r}")

    def _define(self, coded: dict[str, Any]) -> None:
        kind, out = coded["kind"], coded.get("out", [])
        if kind == "call":
            if all(self.known.has(key) for key in out):
                return
            operation = check_is_operation(self._spoken_of(coded["operation"]))
            args, kwargs = self.decoder.decode(coded["args"]), self.decoder.decode(coded["kwargs"])
            check_is_symbolic(args, kwargs)
            self._name(tree.flatten(operation(*args, **kwargs)), out)
            return
        if self.known.has(coded["key"]):
            return
        if kind == "tensor":
            made = keras.KerasTensor(tuple(coded["shape"]), dtype=coded["dtype"])
        elif kind == "input":
            config = {name: each for name, each in self.decoder.decode(coded["config"]).items() if each is not None}
            made = _INPUT(**config)
            self._name([made.output], out)
        elif kind == "sequential":
            made = _refusing(keras.Sequential, coded)(name=coded["name"])
            self._fill(made, coded["layers"], out)
        elif kind == "functional":
            inputs, outputs = self.decoder.decode(coded["inputs"]), self.decoder.decode(coded["outputs"])
            made = _refusing(type(_functional()), coded)(inputs, outputs, name=coded["name"])
        elif kind == "own":
            saved = self.decoder.decode(coded["saved"])
            made = check_is_operation(configs.made(saved, self._may_hold))
        elif kind == "wrapper":
            made = self._wrapper(coded)
        elif kind == "written":
            made = self.peer.mirrored(coded["key"], self._other(coded["class"]), self.decoder.decode(coded["about"]))
        else:
            raise BoundaryError(f"nothing is of the kind {str(kind)[:40]!r}")
        self._put(coded["key"], made)

    def _layers(self, coded: dict[str, Any]) -> list[keras.layers.Layer]:
        return [self._spoken_of(key) for key in coded["layers"]]

    def _wrapper(self, coded: dict[str, Any]) -> keras.layers.Layer:
        kind = allowed.named(*coded["class"])
        if not inspect.isclass(kind) or not issubclass(kind, keras.layers.Wrapper):
            raise BoundaryError(f"{str(coded['class'])[:60]} is no wrapper")
        wrapped = check_is_operation(self._spoken_of(coded["wrapped"]))
        config = configs.checked(self.decoder.decode(coded["config"]), self._may_hold)
        with configs.building():
            return kind.from_config({**config, "layer": wrapped})

    def _may_hold(self, value: Any) -> bool:
        """Whether something may stand in a configuration: what stands here for a function or a layer of the other side.

        The weights of such a layer are told with itself alone.
        """
        mirrored = isinstance(value, keras.layers.Layer) and hasattr(value, "mirror")
        return self.peer.is_remote_function(value) or (mirrored and self._theirs(self.known.known_as(value)))

    def _name(self, tensors: list[Any], keys: list[str]) -> None:
        if len(tensors) != len(keys):
            raise BoundaryError("a call gave another number of tensors than it was said to")
        for tensor, key in zip(tensors, keys, strict=True):
            if not self.known.has(key):
                self._put(key, tensor)
            elif key not in self.known.shared and not self._theirs(key):
                raise BoundaryError(f"{str(key)[:40]!r} was never sent")

    def _fill(self, model: keras.Sequential, keys: list[str], out: list[str]) -> None:
        model._layers = []
        model._functional = None
        model.built = False
        for key in keys:
            model.add(self._spoken_of(key), rebuild=False)
        # A damaged model stays damaged: what Keras could not build on the other side is not built here.
        if out:
            model._maybe_rebuild() if isinstance(model._layers[0], _INPUT) else None
            self._name(list(_tensors_inside(model)), out)

    def _apply(self, layer: keras.layers.Layer, state: dict[str, Any]) -> None:
        if "layers" in state and is_sequential(layer):
            wanted = self._layers(state)
            same = len(wanted) == len(layer._layers) and all(a is b for a, b in zip(wanted, layer._layers, strict=True))
            if not same or bool(state["out"]) != bool(layer._functional):
                self._fill(layer, state["layers"], state["out"])
        if state.get("weights"):
            self._apply_weights(layer, state)
        for name, value in state["config"].items():
            if _plain_config(layer).get(name, value) != value and type(value) in _PLAIN:
                setattr(layer, name, value)
        if bool(layer._trainable) != state["trainable"]:
            layer._trainable = bool(state["trainable"])
        if isinstance(layer, keras.layers.Layer) and not _is_container(layer):
            for variable in layer._trainable_variables:
                variable.trainable = bool(layer._trainable)
            parts = {id(part) for part in _parts(layer)}
            for part in [] if is_wrapper(layer) else [part for part in layer._layers if id(part) not in parts]:
                part.trainable = bool(layer._trainable)
        if state.get("compile") is not None and isinstance(layer, keras.Model):
            with configs.building():
                layer.compile(**_compiling(self.decoder.decode(state["compile"])))

    def _apply_weights(self, layer: keras.layers.Layer, state: dict[str, Any]) -> None:
        values = [self.decoder.decode(each) for each in state["weights"]]
        if "names" in state and hasattr(layer, "mirror"):
            layer.mirror.hold(values, state["names"])
        elif not layer.built and state.get("build"):
            layer.build_from_config(self.decoder.decode(state["build"]))
        weights = own_weights(layer)
        if len(weights) < len(values) and state.get("build"):
            # A layer in the place of its activation is made when it is first called.
            shape = self.decoder.decode(state["build"]).get("input_shape")
            if all(type(size) is int for size in shape[1:]) and np.prod(shape[1:]) < MOST_NODES:
                layer(np.zeros((1, *shape[1:]), layer.compute_dtype))
            weights = own_weights(layer)
        if len(weights) != len(values):
            raise BoundaryError(f"a layer of {len(weights)} weights was said to have {len(values)}")
        for weight, value in zip(weights, values, strict=True):
            if tuple(weight.shape) != value.shape:
                weight = _exchanged(layer, weight, value)
            weight.assign(value)
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


_COMPILES = inspect.signature(keras.Model.compile).parameters


def _compiling(config: Any) -> dict[str, Any]:
    """The arguments of ``compile``; a text in them names nothing that somebody registered on this side."""
    if not isinstance(config, dict) or not set(config) <= set(_COMPILES):
        raise BoundaryError("what came compiles no model")
    if any(isinstance(each, str) and ">" in each for each in tree.flatten(config)):
        raise CannotCross("a model compiled with the registered name of a loss or metric cannot be judged")
    return config


def check_is_operation(value: Any) -> keras.Operation:
    """The value, if it is a layer or another operation of Keras.

    Raises:
        BoundaryError: it is something else that could be called.
    """
    if not isinstance(value, keras.Operation):
        raise BoundaryError("what came is no layer")
    return value


def check_is_symbolic(args: Any, kwargs: Any) -> None:
    """See that a call is recorded: with numbers a layer of this side's would run, and could change its state.

    Raises:
        BoundaryError: no argument is a symbolic tensor.
    """
    if not any(isinstance(each, keras.KerasTensor) for each in tree.flatten((args, kwargs))):
        raise BoundaryError("a call of a layer without a symbolic tensor")


class Named:
    """The place of a tensor or a variable in a recorded computation."""

    def __init__(self, place: int) -> None:
        self.place = place


def is_wrapper(layer: Any) -> bool:
    """Whether a layer is one of Keras's around one other layer."""
    wraps = isinstance(layer, keras.layers.Wrapper) and not isinstance(layer, keras.layers.Bidirectional)
    return wraps and is_kerass_own(layer)


def _written_in(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    found, pending = [], list(layer._layers)
    while pending:
        part = pending.pop(0)
        if is_kerass_own(part):
            pending = [*part._layers, *pending]
        else:
            found.append(part)
    return found


def own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The weights that belong to a layer and to none of the layers that cross on their own."""
    if _is_container(layer):
        return []
    others = {id(weight) for part in _parts(layer) for weight in part.weights}
    return [weight for weight in layer.weights if id(weight) not in others]


def _is_container(layer: keras.layers.Layer) -> bool:
    return is_sequential(layer) or is_functional(layer)


def _parts(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers in a layer that have a key of their own."""
    if is_sequential(layer):
        return list(layer._layers)
    if is_functional(layer):
        return list(layer._layers)
    if is_kerass_own(layer):
        if is_wrapper(layer):
            return [layer.layer]
        # A cell that somebody wrote, in a layer of Keras's that goes along a sequence.
        return _written_in(layer) if isinstance(layer, keras.layers.Layer) else []
    if isinstance(layer, keras.layers.Layer) and not isinstance(layer, _INPUT):
        return list(layer._layers)
    return []


_EXAMPLE: list[keras.Model] = []


def _functional() -> keras.Model:
    """A functional model: ``keras.Model(inputs, outputs)`` is of a class that Keras gives no public name."""
    if not _EXAMPLE:
        entry = keras.Input((1,))
        # Keras before 3.13 refuses a model without a layer between input and output.
        _EXAMPLE.append(keras.Model(entry, keras.layers.Identity(name="example")(entry)))
    return _EXAMPLE[0]


def is_sequential(value: Any) -> bool:
    """Whether a value is a stack of layers and computes as such: of a subclass too, unless it is called otherwise."""
    return isinstance(value, keras.Sequential) and _calls_as(value, keras.Sequential)


def is_functional(value: Any) -> bool:
    """Whether a value is a functional model and computes its graph, be it of a subclass."""
    kind = type(_functional())
    return isinstance(value, kind) and _calls_as(value, kind)


def _calls_as(value: Any, kind: type) -> bool:
    return all(getattr(type(value), name) is getattr(kind, name) for name in ("call", "__call__"))


_STEPS = (
    "train_step",
    "test_step",
    "predict_step",
    "compute_loss",
    "compute_metrics",
    "compile",
    "fit",
    "evaluate",
    "predict",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
)
"""What a test may have a model do that a subclass may do otherwise."""


def _own_methods(model: keras.Model) -> list[str]:
    kind = type(model)
    return [name for name in _STEPS if getattr(kind, name, None) is not getattr(keras.Model, name, None)]


def _refusing(kind: type, coded: dict[str, Any]) -> type:
    """A subclass in which what a learner's class does otherwise is refused; the class itself if there is nothing."""
    names = [name for name in _STEPS if name in coded.get("own", [])]
    if not names:
        return kind
    own = str(coded.get("class"))[:40]

    def refused(name: str) -> Any:
        def refuse(self: Any, *_: Any, **__: Any) -> Any:
            raise CannotCross(f"`{own}.{name}` runs only where it was written, and cannot be judged here")

        return refuse

    return type(kind.__name__, (kind,), {name: refused(name) for name in names})


def _plain_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """The numbers and strings of a layer's configuration, as far as attributes of the same name hold them."""
    if _is_container(layer) or not is_kerass_own(layer):
        return {}
    with configs.kept_apart():
        config = keras.layers.Layer.get_config(layer) if is_wrapper(layer) else layer.get_config()
    config.pop("trainable", None)
    config.pop("name", None)
    return {
        name: value
        for name, value in config.items()
        if type(value) in _PLAIN and type(getattr(layer, name, None)) is type(value)
    }


def _first_config(layer: keras.Operation) -> dict[str, Any]:
    """What was written into a layer's attributes after it was made, as it was when it was made.

    The layer is made again with it, so that it fits the weights that it has; the state then says what it is now.
    """
    made = getattr(getattr(layer, "_auto_config", None), "config", {})
    now = _plain_config(layer) if isinstance(layer, keras.layers.Layer) else {}
    return {name: made[name] for name in now if type(made.get(name)) in _PLAIN and made[name] != now[name]}


def _exchanged(layer: keras.layers.Layer, weight: keras.Variable, value: np.ndarray) -> keras.Variable:
    """Another variable in the place of one whose shape follows from a configuration that was changed afterwards."""
    made = keras.Variable(value, dtype=weight.dtype, trainable=weight.trainable, name=weight.name)
    for variables in (layer._trainable_variables, layer._non_trainable_variables):
        for place, each in enumerate(variables):
            if each is weight:
                variables[place] = made
    for name, each in list(vars(layer).items()):
        if each is weight:
            object.__setattr__(layer, name, made)
    return made


def _tensors_inside(model: keras.Sequential) -> Iterable[keras.KerasTensor]:
    functional = model._functional
    return [tensor for node in nodes_before(functional.outputs) for tensor in node.outputs] if functional else []
