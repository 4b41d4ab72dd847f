"""One end of the boundary: it calls what is on the other side, and serves what the other side may call."""

from __future__ import annotations

import builtins
import collections
import contextlib
import io
import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from functional_course.boundary.calls import Spec, Tapes, applied, is_tensor, weights_of
from functional_course.boundary.graphs import Packer, Unpacker, about
from functional_course.boundary.handed import hand_back, is_in_sight
from functional_course.boundary.known import Known
from functional_course.boundary.layers import (
    Computation,
    MirroredLayer,
    Recording,
    check_is_layer,
    readable,
    saved_by_reference,
    spec_of,
    with_signature,
)
from functional_course.boundary.reaching import layers_read
from functional_course.boundary.wire import BoundaryError, CannotCross, Channel
from functional_course.errors import lines_of
from functional_course.rubric import ASKED_TO_EXIT, TOO_LONG, hidden_begun

import keras
import numpy as np
from keras import tree
from keras.src.backend.common import global_state

OBJECT_NAME_UIDS = "object_name_uids"
"""Where Keras counts the names that it gives."""

MOST_PRINTED = 20_000
"""Characters that a function may print while it is called from the other side."""

PRINTS_LEFT_OUT = "[what the answer prints is left out from here on: it has seen hidden inputs]"
TEXT_LEFT_OUT = "(the error's text is left out: the answer has seen hidden inputs)"

MOST_ASKED_BACK = 5_000
"""How often the other side may ask for something itself before it answers."""

TELL_NOTHING = ("sync", "judge", "at", "enter")
"""Commands by which the other side hears nothing that it should not, unless the state of something goes along."""


class Peer:
    """One end.

    Args:
        channel: to the other end.
        side: one letter, another one on the other side.
        trusting: whether the other side may have code run here: functions that were never sent to it, its own
            commands. The learner's side trusts the judging side, never the other way round.
    """

    def __init__(self, channel: Channel, side: str, *, trusting: bool) -> None:
        self.channel, self.trusting = channel, trusting
        self.known = Known(side)
        self.commands: dict[str, Callable[[Any], Any]] = {}
        """What the other side may ask for besides calls, if it is trusted."""
        self.calls_until: tuple[float, float] | None = None
        """When the other side shall give up on calls (of :func:`time.monotonic`), and the seconds that each has."""
        self.limited: Callable[[float], contextlib.AbstractContextManager[None]] = lambda seconds: (
            contextlib.nullcontext()
        )
        """Ends what this side does for a trusted other one after some seconds."""
        self.asked_of: Any = None
        """The key of what the other side was last asked about."""
        self.tapes = Tapes()
        self._lock = threading.RLock()
        self._depth = 0
        self._remote_functions: dict[int, Callable[..., Any]] = {}
        self._given: set[tuple[type, str]] = set()
        self._hidden_before = hidden_begun()
        self.changed = 0
        """How many calls of the other side's functions changed lists or arrays there that are as they were here."""
        self.heard = False
        """Whether the other side was asked anything since a hidden test began: it may know hidden inputs."""
        self.frank = False
        """Whether it may know them, and its texts may quote them: where a learner has the solutions anyway."""

    @property
    def discreet(self) -> bool:
        """Whether texts of the other side may quote hidden inputs: it could keep what a hidden criterion gave it."""
        return not self.trusting and not self.frank and hidden_begun() > self._hidden_before

    # --- asking ------------------------------------------------------------------------------------------------------

    def request(self, command: str, value: Any, *, may_change: bool = True, only_new: bool = False) -> Any:
        """Ask the other side for something and wait for the answer.

        Args:
            command: what for.
            value: with what.
            may_change: whether the other side may change the state of the models and layers in ``value``.
            only_new: whether the answer leaves alone what is known here: what was asked for changes nothing.

        Raises:
            BoundaryError: the other side does not answer as it should.
            Exception: what was asked for raised it; of the same class where that is one of Python's own.
        """
        header, arrays, sent = self._exchange(command, value)
        printed = header.get("printed")
        if isinstance(printed, str) and printed:
            print(PRINTS_LEFT_OUT + "\n" if self.discreet else printed[:MOST_PRINTED], end="")
        try:
            value = Unpacker(self, header, arrays).value(sent if may_change else (), only_new=only_new)
        except Exception as error:  # of Keras too, which quotes what it cannot read
            if not self.discreet:
                raise
            raise BoundaryError(f"what came cannot be read ({type(error).__name__})") from None
        if header["kind"] == "error":
            error = _raised(header.get("error"), self.discreet)
            if command == "call":
                # What a function raises when it is called is its own; what it raises when it is recorded may be ours.
                error.of_the_answer = True
                # Also where its name was left out: a name that only the test makes would be there in one kernel.
                error.missing = _missing_name(header.get("error"))
            raise error
        return value

    def request_unread(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Ask as :meth:`request` does, and leave the answer packed."""
        return self._exchange(command, value)[:2]

    def _exchange(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
        # A model that is run as a graph asks from several threads at once.
        with self._lock:
            return self._exchanged(command, value)

    def _exchanged(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
        packer = Packer(self)
        body = packer.message(value)
        # Random numbers on the other side follow from those here, so that a seeded test is the same each time.
        seed = None if self.trusting else random.getrandbits(31)
        limit = {}
        if self.calls_until is not None:
            until, least = self.calls_until
            limit = {"seconds": max(least, until - time.monotonic())}
        self.asked_of = value[0] if isinstance(value, list) and value else None
        if command in TELL_NOTHING and not body["states"] and not body["definitions"]:
            seed = None
        elif self.discreet:
            self.heard = True
        self._send({"kind": "request", "command": command, "seed": seed, **limit, **body}, packer.encoder.arrays)
        try:
            asked_back = 0
            while True:
                header, arrays = self._receive()
                if header.get("kind") == "request":
                    asked_back += 1
                    if asked_back > MOST_ASKED_BACK and not self.trusting:
                        raise BoundaryError("it asks for ever, and does not answer")
                    self._serve(header, arrays)
                elif header.get("kind") in ("answer", "error"):
                    return header, arrays, frozenset(packer.met)
                else:
                    raise BoundaryError("what came is no answer")
        except BaseException:
            # The answer may still come, and must not be taken for the answer to something else.
            self.channel.broken = True
            raise

    def recorded(self, key: str, args: Any, kwargs: Any) -> Computation:
        """What a layer or a function of the other side does with tensors of these shapes."""
        coded_args, coded_kwargs = tree.map_structure(_as_plain, (args, kwargs))
        answer = self.request("record", [key, coded_args, coded_kwargs], only_new=True)
        if type(answer) is not list or len(answer) != 3 or not all(type(each) is list for each in answer[::2]):
            raise BoundaryError("what came is no recording")
        nodes, result, reads = answer
        if not all(type(node) is list and len(node) == 4 and type(node[3]) is list for node in nodes):
            raise BoundaryError("what came is no recording")
        return Computation([tuple(node) for node in nodes], result, reads)

    def layers_read(self, key: str) -> list[keras.layers.Layer]:
        """The layers whose weights something on the other side uses without their being parts of it."""
        found = self.request("reads", [key], only_new=True)
        if not isinstance(found, list):
            raise BoundaryError("what came names no layers")
        return [check_is_layer(each) for each in found]

    def outlined(self, key: str, args: Any, kwargs: Any) -> Any:
        """The shapes and dtypes that a layer of the other side returns for such tensors."""
        asked = [key, *tree.map_structure(_as_plain, (args, kwargs))]
        return _told_specs(self.request("outline", asked, only_new=True))

    def applied_outline(self, key: str, args: Any, kwargs: Any) -> list[Any]:
        """What a call of the other side returns for such tensors, and the losses that it adds, by shape and dtype."""
        asked = [key, *tree.map_structure(_as_plain, (args, kwargs))]
        return _told_specs(self.request("apply_outline", asked, only_new=True))

    def built_for(self, key: str, args: Any, kwargs: Any) -> None:
        """Build a layer of the other side for such tensors; the answer brings its weights along."""
        self.request("build_for", [key, *tree.map_structure(_as_plain, (args, kwargs))])

    def constructed(self, key: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Make an object of a class of the other side: its key, and what there is to know about it."""
        answer = self.request("construct", [key, args, kwargs])
        made, about = answer if type(answer) is list and len(answer) == 2 else (None, None)
        if not isinstance(made, str) or type(about) is not dict:
            raise BoundaryError("what came is no layer")
        return made, about

    def built(self, key: str, input_shape: Any) -> None:
        """Build a layer of the other side; the answer brings its weights along."""
        self.request("build", [key, input_shape])

    def asked(self, key: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of something on the other side."""
        return self.request("method", [key, method, args, kwargs])

    def saved(self, key: str, layer: keras.layers.Layer) -> dict[str, np.ndarray]:
        """What a layer of the other side writes into a file, with the weights that ``layer``, its mirror, has here."""
        store = self.request("store", [key, layer], only_new=True)
        if type(store) is not dict or not all(isinstance(name, str) for name in store):
            raise BoundaryError("what came is no file of weights")
        if not all(type(array) is np.ndarray for array in store.values()):
            raise BoundaryError("what came is no file of weights")
        return store

    def loaded(self, key: str, layer: keras.layers.Layer, store: dict[str, np.ndarray]) -> None:
        """Have a layer of the other side read its weights from a file; the answer brings them along."""
        self.request("load", [key, layer, store])

    def _called(self, key: str, args: Any, kwargs: Any, given: tuple[Any, Any]) -> Any:
        """Call a function of the other side, and see what it did to what it was ``given``."""
        value = self.request("call", [key, args, kwargs])
        if self.trusting:
            return value
        if type(value) is not list or len(value) != 2 or type(value[1]) is not list:
            raise BoundaryError("what came is no answer to a call")
        answer, now = value
        self.changed += hand_back(given, tuple(now[1:])) and not is_in_sight()
        return answer

    def may_name(self, key: Any) -> bool:
        """Whether the other side may say what a key stands for: not if it begins as this side's own do."""
        return self.trusting or (isinstance(key, str) and not key.startswith((self.known.side, "cell")))

    def check_is_theirs(self, key: Any) -> None:
        """See that the other side may have something known by this key.

        Raises:
            BoundaryError: it is this side's.
        """
        if not self.may_name(key):
            raise BoundaryError(f"{str(key)[:40]!r} is no key for what the other side makes")

    # --- what stands here for what is there --------------------------------------------------------------------------

    def remote_function(self, key: str, name: str) -> Callable[..., Any]:
        """A function that calls one of the other side."""

        unrecorded: set[str] = set()
        reads: list[list[keras.layers.Layer]] = []
        label = f"the function {name!r}"

        def remote(*args: Any, **kwargs: Any) -> Any:
            try:
                return answered(*args, **kwargs)
            except Exception as error:
                # What only stands here for the function has another name in a traceback. A name could quote, too.
                error.in_function = "" if self.discreet else name
                raise

        def answered(*args: Any, **kwargs: Any) -> Any:
            given = args, kwargs
            args, kwargs = tree.map_structure(_as_tensor, (args, kwargs))
            flat = tree.flatten((args, kwargs))
            tensors = any(keras.ops.is_tensor(leaf) for leaf in flat)
            if not tensors or any(isinstance(leaf, (keras.KerasTensor, keras.Operation)) for leaf in flat):
                return self._called(key, args, kwargs, given)
            specs = tree.map_structure(spec_of, (args, kwargs))
            signature = repr(tree.map_structure(readable, specs))
            if signature not in unrecorded:
                try:
                    leaves = [leaf for leaf in flat if is_tensor(leaf)]
                    computation = self.recorded(key, *specs)
                    return computation.run(leaves, known=self.known)
                except Exception:  # it computes with more than Keras's operations, or fails: see what a call says
                    if self.channel.broken:
                        raise
                    unrecorded.add(signature)
            if keras.backend.backend() != "tensorflow":
                return self._called(key, args, kwargs, given)
            if not reads:
                reads.append(self.layers_read(key))
            return applied(self, key, args, kwargs, weights_of(None, reads[0]), label)

        remote.__name__ = remote.__qualname__ = name if name.isidentifier() else "function"
        self._remote_functions[id(remote)] = remote
        return remote

    def is_remote_function(self, value: Any) -> bool:
        """Whether a value stands here for a function of the other side."""
        return id(value) in self._remote_functions

    def remote_class(
        self, key: str, name: str, registered: str | None, parameters: Any = None, base: type | None = None
    ) -> type:
        """A layer class that makes layers of a class of the other side.

        Args:
            key: of the class.
            name: its name.
            registered: the name that it is registered by, if it is.
            parameters: of its ``call``.
            base: what it derives from, if that is more than a layer.
        """
        members: dict[str, Any] = {"remote": (self, key), "__module__": "__main__", "call": with_signature(parameters)}
        bases = (MirroredLayer,) if base is None else (MirroredLayer, base)
        made = type(name if name.isidentifier() else "Layer", bases, members)
        if isinstance(registered, str) and ">" in registered:
            package, _, short = registered.partition(">")
            taken = keras.saving.get_registered_object(registered)
            ours = taken is None or (isinstance(taken, type) and issubclass(taken, MirroredLayer))
            if ours and package not in ("keras", "functional_course"):
                with contextlib.suppress(ValueError):
                    keras.saving.register_keras_serializable(package, short)(made)
        return made

    def mirrored(self, key: str, kind: Any, about: dict[str, Any]) -> keras.layers.Layer:
        """The layer on this side of a layer that somebody wrote on the other."""
        if not isinstance(kind, type) or not issubclass(kind, MirroredLayer):
            raise BoundaryError("a layer of no class")
        return kind.of_original(self, key, about)

    # --- serving -----------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer requests until the other side is gone.

        Raises:
            BoundaryError: it is gone, or did not keep to the protocol.
        """
        while True:
            header, arrays = self._receive()
            if header.get("kind") != "request":
                raise BoundaryError("what came is no request")
            self._serve(header, arrays)

    def _serve(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        # What is asked while this is served is asked within it, whichever thread does.
        outer, self._lock = self._lock, threading.RLock()
        try:
            self._serve_one(header, arrays)
        finally:
            self._lock = outer

    def _serve_one(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        printed = io.StringIO()
        value = None
        self._depth += 1
        try:
            if self._depth > 20:
                raise BoundaryError("calls that call back too deep")
            if self.trusting and header.get("command") in ("call", "construct", "apply"):
                keras.utils.set_random_seed(int(header["seed"]))
            with contextlib.redirect_stdout(printed), self._in_time(header):
                value = Unpacker(self, header, arrays).value()
                answer = self._answer(header.get("command"), value)
                recording = answer if isinstance(answer, Recording) else None
                packer = Packer(self, recording.names if recording else None)
                # The arguments too: a function may have changed the models that it was given.
                body = packer.message([recording.value if recording else answer, value])
                if not self._hands_back(header.get("command")):
                    body["value"] = body["value"][0]
        except BaseException as error:
            if not self.trusting and isinstance(error, KeyboardInterrupt):
                raise  # it is this side's own time that is up
            packer, told = self._told_of(value)
            body = {"kind": "error", "error": _described(error), **told}
        finally:
            self._depth -= 1
        with self._lock:
            self._send({"kind": "answer", **body, "printed": printed.getvalue()[:MOST_PRINTED]}, packer.encoder.arrays)

    def _told_of(self, value: Any) -> tuple[Packer, dict[str, Any]]:
        """Pack what was given: also a function that failed may have changed the models in it."""
        try:
            packer = Packer(self)
            return packer, packer.message(value)
        except Exception:  # made while something is traced, say: then the error is all there is to tell
            packer = Packer(self)
            return packer, packer.message(None)

    def _hands_back(self, command: Any) -> bool:
        """Whether the answer says what became of the arguments, see :func:`hand_back`: a learner's function's does."""
        return self.trusting and command == "call"

    def _in_time(self, header: dict[str, Any]) -> contextlib.AbstractContextManager[None]:
        seconds = header.get("seconds")
        if self.trusting and self._depth == 1 and isinstance(seconds, (int, float)):
            return self.limited(seconds)
        return contextlib.nullcontext()

    def _send(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        self.channel.send({**header, "names": _names_given()}, arrays)

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        header, arrays = self.channel.receive()
        _go_on_from(header.get("names"))
        return header, arrays

    def _answer(self, command: Any, value: Any) -> Any:
        if command in self.commands and self.trusting:
            return self.commands[command](value)
        if not isinstance(value, list) or not value:
            raise BoundaryError(f"nothing answers to {str(command)[:40]!r}")
        subject = self._subject(value[0])
        if not self.trusting:
            _check_may_be_asked(command, subject)
        if command == "call":
            return subject(*value[1], **value[2])
        if command == "record":
            return self._record(subject, value[1], value[2])
        if command == "outline":
            return _outline(check_is_layer(subject), _as_symbols(value[1]), _as_symbols(value[2]))
        if command == "build":
            self.known.digests.clear()  # the answer is to bring the weights along, told before or not
            return _build(check_is_layer(subject), value[1])
        if command == "build_for":
            self.known.digests.clear()
            layer = check_is_layer(subject)
            if not layer.built:
                layer(*_as_symbols(value[1]), **_as_symbols(value[2]))
            return layer
        if command in ("store", "load") and self.trusting:
            return _stored(check_is_layer(subject), *value[2:])
        if command == "reads":
            return self._reads(subject)
        if command == "apply":
            layer = subject if isinstance(subject, keras.layers.Layer) else None
            args, kwargs, weights = value[1:]
            # Its weights are set to what they are there: of this side's own, none.
            variables = weights_of(layer, self._reads(subject)) if self.trusting else []
            return self.tapes.apply(subject, args, kwargs, weights, variables)
        if command == "apply_outline":
            return tree.map_structure(_as_plain, self.tapes.outline(subject, _as_specs(value[1]), _as_specs(value[2])))
        if command == "pull":
            return self.tapes.pull(*value[1:])
        if command == "construct":
            layer = check_is_layer(subject(*value[1], **value[2]))
            key = self.known.key_of(layer)
            self.known.shared.add(key)
            return [key, about(layer)]
        if command == "method" and value[1] in ("get_config", "from_config"):
            return self._configured(subject, *value[1:])
        raise BoundaryError(f"nothing answers to {str(command)[:40]!r}")

    def _configured(self, subject: Any, method: str, args: Any, kwargs: Any) -> Any:
        """Give a layer's configuration, or make a layer from one."""
        with saved_by_reference():
            if method == "get_config":
                config = check_is_layer(subject).get_config(*args, **kwargs)
                given = _as_text(type(subject), config)
                if given is not None:
                    self._given.add(given)
                return config
            # What is made from a configuration is whatever stands in it: only this side's own are safe.
            if not self.trusting and (len(args) != 1 or kwargs or _as_text(subject, args[0]) not in self._given):
                raise BoundaryError("a configuration that was not given")
            return subject.from_config(*args, **kwargs)

    def _subject(self, key: Any) -> Any:
        """What the other side speaks of; it may speak only of what it was sent."""
        if not isinstance(key, str) or key not in self.known.shared:
            raise BoundaryError("nothing of that key was sent")
        return self.known.get(key)

    def _reads(self, subject: Any) -> list[keras.layers.Layer]:
        """The layers that something here reads, for the other side; what it was never sent stays unknown to it."""
        found = layers_read(subject)
        return found if self.trusting else [each for each in found if self.known.known_as(each) in self.known.shared]

    def _record(self, subject: Any, args: Any, kwargs: Any) -> Any:
        args, kwargs = _as_specs(args), _as_specs(kwargs)
        layer = subject if isinstance(subject, keras.layers.Layer) else None
        function = layer.call if layer is not None else subject
        if layer is not None and not layer.built:
            raise BoundaryError("a layer that is not built")
        return Recording(function, layer, tuple(args), dict(kwargs), self._reads(subject))


def _check_may_be_asked(command: Any, subject: Any) -> None:
    """See that a side that is not trusted has no layer of this side run: it would set weights, or statistics.

    Raises:
        BoundaryError: it asks for more than calls of functions and objects of classes that it was sent.
    """
    of_layers = isinstance(subject, keras.Operation)
    if command in ("call", "apply", "apply_outline") and (of_layers or isinstance(subject, type)):
        raise BoundaryError("a layer of this side is not called from the other")
    if command == "construct" and not (isinstance(subject, type) and issubclass(subject, keras.layers.Layer)):
        raise BoundaryError("what was sent is no class of layers")


def _as_text(kind: type, config: Any) -> tuple[type, str] | None:
    """A class with a configuration of it, to compare; None if there is more in it than plain values."""
    try:
        return kind, json.dumps(config, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None


def _names_given() -> dict[str, int]:
    """How many layers of each kind Keras has named here."""
    return dict(_counters())


def _counters() -> dict[str, int]:
    new: dict[str, int] = collections.defaultdict(int)
    return global_state.get_global_attribute(OBJECT_NAME_UIDS, default=new, set_to_default=True)


def _go_on_from(names: Any) -> None:
    """Name layers as if both sides were one process: no name twice."""
    given = _counters()
    for name, count in names.items() if isinstance(names, dict) and len(names) < 10_000 else ():
        if type(count) is int and given.get(name, 0) < count < 1_000_000_000:
            given[name] = count


def _build(layer: keras.layers.Layer, input_shape: Any) -> keras.layers.Layer:
    if not layer.built:

        def symbolic(shape: Any) -> Any:
            return keras.KerasTensor(tuple(shape))

        if isinstance(input_shape, dict):
            given: Any = {name: symbolic(shape) for name, shape in input_shape.items()}
        elif input_shape and isinstance(input_shape[0], (list, tuple)):
            given = [symbolic(shape) for shape in input_shape]
        else:
            given = symbolic(input_shape)
        layer(given)
    return layer


def _stored(layer: keras.layers.Layer, store: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray] | None:
    """What a layer writes into a file; or have it read what is in one."""
    if store is not None:
        layer.load_own_variables(store)
        return None
    store = {}
    layer.save_own_variables(store)
    return {str(name): np.asarray(keras.ops.convert_to_numpy(value)) for name, value in store.items()}


def _outline(layer: keras.layers.Layer, args: Any, kwargs: Any) -> Any:
    made = layer.compute_output_spec(*args, **kwargs)
    return tree.map_structure(lambda leaf: _as_plain(Spec(tuple(leaf.shape), leaf.dtype)), made)


def _as_tensor(leaf: Any) -> Any:
    return keras.ops.convert_to_tensor(leaf) if isinstance(leaf, keras.Variable) else leaf


def _as_symbols(value: Any) -> Any:
    def symbol(leaf: Any) -> Any:
        return keras.KerasTensor(leaf.shape, dtype=leaf.dtype) if isinstance(leaf, Spec) else leaf

    return tree.map_structure(symbol, _as_specs(value))


def _as_plain(leaf: Any) -> Any:
    return {"shape": list(leaf.shape), "dtype": leaf.dtype, "is": "spec"} if isinstance(leaf, Spec) else leaf


def _as_specs(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("is") == "spec":
            return Spec(tuple(value["shape"]), value["dtype"])
        return {name: _as_specs(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_as_specs(each) for each in value)
    return value


def _told_specs(value: Any) -> Any:
    """As :func:`_as_specs`, of what the other side answers."""
    try:
        return _as_specs(value)
    except (TypeError, ValueError, KeyError) as error:
        raise BoundaryError("what came is no outline") from error


def _described(error: BaseException) -> dict[str, Any]:
    try:
        # Before a stack takes its place, which says nothing to learners.
        message = "\n".join(lines_of(error))[:4000]
    except BaseException:  # an error of a learner's own class may not know what to say
        message = ""
    return {
        "kinds": [kind.__name__ for kind in type(error).__mro__],
        "message": message,
        "name": str(error.name)[:200] if isinstance(error, NameError) and error.name else None,
        "boundary": isinstance(error, BoundaryError),
        "cannot_cross": isinstance(error, CannotCross),
    }


def _missing_name(described: Any) -> str:
    """The name that a :class:`NameError` of the other side is about; empty if it is about none."""
    name = described.get("name") if isinstance(described, dict) else None
    return name[:200] if isinstance(name, str) else ""


def _raised(described: Any, discreet: bool = False) -> Exception:
    """The exception to raise here for one that was raised there.

    Of a class that Python has: the name of a class that a learner made up could say anything.

    Args:
        described: what was told of it.
        discreet: whether its text is left out.
    """
    if not isinstance(described, dict) or not isinstance(described.get("kinds"), list):
        return BoundaryError("what came is no answer")
    if discreet:
        late = described["kinds"][:1] == ["KeyboardInterrupt"]
        said = TOO_LONG if late else TEXT_LEFT_OUT if described.get("message") else ""
        described = {**described, "message": said, "name": None}
    message = str(described.get("message") or "")[:4000].encode("utf-8", "replace").decode()
    if described.get("boundary"):
        return (CannotCross if described.get("cannot_cross") else BoundaryError)(message)
    if "SystemExit" in described["kinds"]:
        return RuntimeError(ASKED_TO_EXIT)
    for name in described["kinds"]:
        kind = getattr(builtins, name, None) if isinstance(name, str) else None
        # One that ends loops and generators would end those of a test.
        ends_loops = isinstance(kind, type) and issubclass(kind, (StopIteration, StopAsyncIteration))
        if isinstance(kind, type) and issubclass(kind, Exception) and not ends_loops:
            break
    else:
        kind = RuntimeError
    try:
        error = kind(message) if message else kind()
    except TypeError:  # UnicodeDecodeError wants five arguments
        error = RuntimeError(message)
    if isinstance(error, NameError) and isinstance(described.get("name"), str):
        error.name = described["name"]
    return error
