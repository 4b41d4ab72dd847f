"""The judging side of the fuzzer: objects of its own, what must not change, and what must not be called."""

from __future__ import annotations

import builtins
import contextlib
import copy
import hashlib
import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functional_course.boundary.judging_peer import JudgingPeer
from functional_course.boundary.layers import MirroredLayer
from functional_course.boundary.unpacking import Unpacker
from functional_course.boundary.wire import BoundaryError
from functional_course.grading.judging.discretion import since_hidden

import keras
import numpy as np
from keras import layers
from keras.src.backend.common import global_state
from keras.src.saving import object_registration, serialization_lib


class Faulty(AssertionError):
    """A property does not hold."""


SECRET = np.full((2, 2), 424242.25, "float32").tobytes()
"""The weights of a layer of the judging side that the other side was never sent."""


class Line:
    """A channel whose other side says what it was told to say, and is gone then."""

    def __init__(self) -> None:
        self.waiting: list[tuple[dict[str, Any], list[bytes]]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        """What it answers to each command, one after the other, when nothing is waiting; the last one for ever."""
        self.arrays: list[bytes] = []
        self.broken = False
        self.sent = 0
        self._open: list[str] = []

    def begin(self) -> None:
        """Another exchange."""
        self.waiting, self.answers, self.broken, self.sent, self._open = [], {}, False, 0, []

    def send(self, header: dict[str, Any], arrays: Any = ()) -> None:
        json.dumps(header)
        self.sent += 1
        if header["kind"] == "request":
            self._open.append(header["command"])
        if self.sent > MOST_SENT:
            raise BoundaryError("the other side is gone")
        if any(SECRET in bytes(array) for array in arrays):
            CALLED.append("weights were sent that the other side never had")

    def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        if self.waiting:
            header, arrays = self.waiting.pop(0)
            if header.get("kind") != "request" and self._open:
                self._open.pop()
            return header, arrays
        answers = self.answers.get(self._open.pop() if self._open else "")
        if not answers:
            raise BoundaryError("the other side is gone")
        return copy.deepcopy(answers.pop(0) if len(answers) > 1 else answers[0]), list(self.arrays)


def teachers_function(*_: Any, **__: Any) -> None:
    """The judging side's: no message may have it called that was not sent it."""
    CALLED.append("a function of the judging side")


MOST_SENT = 60
"""What one exchange may be asked."""


def shown_function(*_: Any, **__: Any) -> int:
    """The judging side's, and sent to the other side, which may call it."""
    return 3


class Shown(layers.Layer):
    """A layer of the judging side's own, sent to the other side."""

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=(3,), initializer="ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


CALLED: list[str] = []
"""What was called that should not have been."""

OWN = {
    "cell0:given": "given",
    "S1": "model",
    "S2": "dense",
    "S3": "normal",
    "S6": "symbol",
}


class World:
    """A peer that has told the other side some objects, as a notebook does."""

    def __init__(self) -> None:
        self.line = Line()
        self.peer = JudgingPeer(self.line, since_hidden())  # type: ignore[arg-type]
        known = self.peer.known
        self.given = keras.Sequential(
            [keras.Input((4,)), layers.Dense(4, name="inside"), layers.BatchNormalization(name="normal")], name="given"
        )
        known.link("cell0:given", self.given)
        row = keras.Input((3,), name="teachers")
        self.dense, self.normal = layers.Dense(2), layers.BatchNormalization()
        self.model = keras.Model(row, self.normal(self.dense(row)), name="model")
        self.model.compile("sgd", "mse")
        self.secret = layers.Dense(2)
        self.secret.build((None, 2))
        self.secret.kernel.assign(np.frombuffer(SECRET, "float32").reshape(2, 2))
        self.shown = Shown()
        self.shown.build((None, 3))
        own = {
            "S1": self.model,
            "S2": self.dense,
            "S3": self.normal,
            "S4": teachers_function,
            "S5": type(self.dense),
            "S6": row,
            "S7": shown_function,
            "S8": self.secret,
            "S9": self.shown,
            "S10": Shown,
        }
        for key, value in own.items():
            known.put(key, value)
        known._count = 50
        known.shared |= {"S1", "S2", "S3", "S6", "S7", "S9", "S10"}
        self.own = [self.given, self.model, self.dense, self.normal, self.secret, self.shown, *self.given.layers]
        self.keys = list(known._objects)
        self.containers = _containers()
        """What a test hands to a function of the other side."""

    @contextmanager
    def containers_may_change(self) -> Iterator[None]:
        """In one kernel, too, a function may do with these what it likes."""
        kept = self.containers
        self.containers = _containers()
        try:
            yield
        finally:
            self.containers = kept

    def state(self) -> dict[str, Any]:
        """All of the judging side's that a message could change, to compare."""
        known = self.peer.known
        objects = {key: id(known._objects.get(key)) for key in self.keys}
        state: dict[str, Any] = {"keys": objects, "config": _configuration()}
        for name, each in self.containers.items():
            state[f"container {name}"] = {"is": id(each), "holds": repr(each), "parts": _parts(each)}
        for place, layer in enumerate(self.own):
            state[f"object {place}"] = _about(layer)
        return state


def _containers() -> dict[str, Any]:
    return {"rows": [3, 1, [2]], "numbers": np.arange(6.0, dtype="float32").reshape(2, 3), "table": {"a": [1, {2}]}}


def _parts(container: Any) -> list[int]:
    return [id(each) for each in container] if isinstance(container, list) else []


def _about(layer: keras.layers.Layer) -> dict[str, Any]:
    weights = {weight.path: hashlib.sha256(np.asarray(weight).tobytes()).hexdigest() for weight in layer.weights}
    return {
        "weights": weights,
        "ids": [id(weight) for weight in layer.weights],
        "name": layer.name,
        "trainable": [layer.trainable, [weight.trainable for weight in layer.weights]],
        "config": repr(
            {
                name: each
                for name, each in vars(layer).items()
                if isinstance(each, (int, float, str, bool)) and not name.startswith("_")
            }
        ),
        "parts": [id(part) for part in layer._layers],
        "compiled": id(getattr(layer, "_compile_config", None)),
        "call": [id(getattr(layer, name)) if name in vars(layer) else 0 for name in ("call", "build", "__call__")],
    }


def _mirrors(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, MirroredLayer)


_WATCHED = (
    layers.Layer,
    layers.Dense,
    keras.Model,
    keras.Sequential,
    keras.Operation,
    keras.Variable,
    *(kind for kind in JudgingPeer.__mro__ if kind.__module__.startswith("functional_course.")),
    Unpacker,
    np.ndarray,
)


def _configuration() -> dict[str, Any]:
    return {
        "epsilon": keras.config.epsilon(),
        "floatx": keras.config.floatx(),
        "format": keras.config.image_data_format(),
        "policy": keras.config.dtype_policy().name,
        "unsafe": serialization_lib.in_safe_mode(),
        # The other side may register classes of its own, which stand for themselves and take nobody's name.
        "registered": sorted(
            (name, id(each)) for name, each in object_registration.GLOBAL_CUSTOM_OBJECTS.items() if not _mirrors(each)
        ),
        "names": sorted(
            (id(each), name) for each, name in object_registration.GLOBAL_CUSTOM_NAMES.items() if not _mirrors(each)
        ),
        "scope": repr(sorted(global_state.get_global_attribute("custom_objects_scope_dict", {}) or {})),
        "classes": [
            hash(
                tuple(
                    sorted(
                        (name, id(each))
                        for name, each in vars(kind).items()
                        if callable(each) and not name.startswith("_abc")
                    )
                )
            )
            for kind in _WATCHED
        ],
        "builtins": len(vars(builtins)),
        "path": list(sys.path),
    }


_TRIPS = {
    keras.config: (
        "set_epsilon",
        "set_floatx",
        "set_image_data_format",
        "set_dtype_policy",
        "set_backend",
        "enable_unsafe_deserialization",
        "disable_traceback_filtering",
        "enable_interactive_logging",
    ),
    keras.utils: (
        "get_file",
        "set_random_seed",
        "clear_session",
        "custom_object_scope",
        "pack_x_y_sample_weight",
        "plot_model",
        "image_dataset_from_directory",
    ),
    keras.saving: ("load_model", "load_weights", "save_model"),
    keras.models: ("load_model", "clone_model", "model_from_json"),
    keras.backend: ("clear_session",),
    keras.datasets.mnist: ("load_data",),
}
_EVENTS = (
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "socket.connect",
    "socket.bind",
    "pickle.find_class",
    "shutil.rmtree",
    "ctypes.dlopen",
    "urllib.Request",
)
_armed = False


def _heard(event: str, args: tuple[Any, ...]) -> None:
    if not _armed:
        return
    if event in _EVENTS:
        CALLED.append(f"{event} {args!r:.200}")
    elif event == "open":
        writes = isinstance(args[1], str) and set(args[1]) & set("wax+")
        if writes or str(args[0]).startswith(("/etc", "/proc/self/environ", "/fuzz")):
            CALLED.append(f"open {args!r:.200}")


def _codes() -> dict[Any, str]:
    """The code of functions that no message may have called, by what they are."""
    found = {}
    for module, names in _TRIPS.items():
        for name in names:
            function = getattr(module, name, None)
            if hasattr(function, "__code__"):
                found[function.__code__] = f"{module.__name__}.{name}"
    for kind in (layers.Lambda, layers.TFSMLayer, *filter(None, [getattr(layers, "TorchModuleWrapper", None)])):
        found[kind.__init__.__code__] = f"{kind.__name__} is made"
    found[layers.Lambda.call.__code__] = "Lambda is called"
    found.pop(teachers_function.__code__, None)
    return found


@contextmanager
def watched(permitted: frozenset[str] = frozenset()) -> Iterator[None]:
    """See every Python function that is called, every event of Python's own audit, and every object found by a name."""
    global _armed
    if not _HOOKED:
        sys.addaudithook(_heard)
        _HOOKED.append(True)
    forbidden = _codes()
    before = serialization_lib._retrieve_class_or_fn

    def retrieved(*args: Any, **kwargs: Any) -> Any:
        found = before(*args, **kwargs)
        if not is_of_models(found):
            CALLED.append(f"{found!r:.100} was found by its name")
        return found

    def called(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in forbidden and forbidden[frame.f_code] not in permitted:
            CALLED.append(forbidden[frame.f_code])

    CALLED.clear()
    serialization_lib._retrieve_class_or_fn = retrieved
    _armed = True
    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(None)
        _armed = False
        serialization_lib._retrieve_class_or_fn = before


_HOOKED: list[bool] = []
_KINDS: tuple[type, ...] = (
    keras.Operation,
    keras.Initializer,
    keras.Regularizer,
    keras.constraints.Constraint,
    keras.Loss,
    keras.Metric,
    keras.Optimizer,
    keras.optimizers.schedules.LearningRateSchedule,
    keras.dtype_policies.DTypePolicy,
    keras.random.SeedGenerator,
    keras.quantizers.Quantizer,
)
_RUN_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "Pipeline")
_PLACES: tuple[Any, ...] = (
    keras.activations,
    keras.losses,
    keras.metrics,
    keras.ops,
    keras.initializers,
    keras.regularizers,
    keras.constraints,
    keras.layers,
)


def is_of_models(found: Any) -> bool:
    """Whether a class or a function is one that models are made of. Not the grader's own list: another one."""
    if isinstance(found, type):
        return issubclass(found, _KINDS) and found.__name__ not in _RUN_CODE
    name = getattr(found, "__name__", "")
    makes = name in ("deserialize", "serialize", "get") or name.startswith("_")
    return not makes and any(found is each for place in _PLACES for each in vars(place).values())


def use(value: Any) -> None:
    """Do with a value what tests do: run a model on a few numbers. Its errors are the test's to see."""
    for model in value if isinstance(value, list) else [value]:
        with contextlib.suppress(Exception):
            shapes = [[each or 2 for each in tensor.shape] for tensor in model.inputs]
            if max(map(math.prod, shapes)) < 1000:
                model([np.zeros(shape, "float32") for shape in shapes])


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What changed, in words."""
    found = []
    for name in before:
        if before[name] != after[name]:
            parts = before[name]
            which = [each for each in parts if before[name][each] != after[name].get(each)]
            found.append(f"{name}: {which}")
    return found
