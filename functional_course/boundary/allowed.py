"""What a message may have built or called on this side: what Keras ships for models, known by identity.

A message names things; what counts is the object that is found under the name, in a table that was made before anything
was received. Whatever is not in it cannot be named, however it is spelled.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from functional_course.boundary.wire import CannotCross
from functional_course.models import keras_private

import keras

_NAMESPACES = (
    "layers",
    "activations",
    "ops",
    "ops.nn",
    "ops.numpy",
    "ops.linalg",
    "ops.image",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "initializers",
    "regularizers",
    "constraints",
    "dtype_policies",
    "quantizers",
)
_RUN_OTHER_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "Pipeline")
_MAKE_ANYTHING = ("deserialize", "serialize", "get", "Input")

RUNS_OTHER_CODE: dict[str, type] = {
    name: getattr(keras.layers, name) for name in _RUN_OTHER_CODE if hasattr(keras.layers, name)
}
"""Layers of Keras that run whatever they are given."""


def _modules() -> Iterator[tuple[str, Any]]:
    for path in _NAMESPACES:
        module: Any = keras
        for part in path.split("."):
            module = getattr(module, part, None)
        if module is not None:
            yield f"keras.{path}", module


def _shipped() -> Iterator[tuple[str, str, Any]]:
    for path, module in _modules():
        for name, value in list(vars(module).items()):
            of_keras = keras_private.is_of_keras(getattr(value, "__module__", None))
            if of_keras and (inspect.isclass(value) or inspect.isfunction(value)):
                yield path, name, value
    yield "keras.random", "SeedGenerator", keras.random.SeedGenerator
    pending: list[type] = [keras.Operation]
    met: set[type] = set()
    while pending:
        kind = pending.pop()
        if kind in met:
            continue
        met.add(kind)
        pending += kind.__subclasses__()
        home = sys.modules.get(kind.__module__)
        of_keras = any(
            keras_private.is_of_keras(kind.__module__, room) for room in ("ops", "layers", "random", "activations")
        )
        if of_keras and vars(home).get(kind.__name__) is kind:
            yield kind.__module__, kind.__name__, kind


def _made_as(value: Any) -> Any:
    """The class of what is made by calling an optimizer's class; any other value itself.

    On PyTorch, ``keras.optimizers.SGD(0.1)`` is of a subclass with the same name and no public one.
    """
    if not inspect.isclass(value) or not issubclass(value, keras.optimizers.Optimizer):
        return value
    made = type(value.__new__(value))  # never initialized: to make one would count in the names of those that follow
    return made if keras_private.is_of_keras(made.__module__) else value


_BY_NAME: dict[tuple[str, str], Any] = {}
_NAMES: dict[int, tuple[str, str]] = {}
_ACTIVATIONS: set[int] = set()


def _fill() -> None:
    # Whatever else it is exported as, and whatever else makes the same of a text.
    refused = {id(kind) for kind in RUNS_OTHER_CODE.values()}
    refused |= {id(getattr(module, name, None)) for _, module in _modules() for name in _MAKE_ANYTHING}
    for path, name, value in _shipped():
        if id(value) in refused or name.startswith("_") or not name.isidentifier():
            continue
        _BY_NAME[path, name] = value
        # What Keras looks it up by.
        place, _, last = (keras_private.exported_name(value) or f"{path}.{name}").rpartition(".")
        exported = place, last
        _BY_NAME[exported] = value
        _NAMES[id(value)] = exported
        made = _made_as(value)
        if made is not value:
            # Saved by where it is written, and built again by calling the class that has a public name.
            _BY_NAME[made.__module__, made.__name__] = value
            _NAMES[id(made)] = exported
    _ACTIVATIONS.update(id(value) for value in vars(keras.activations).values() if id(value) in _NAMES)


_fill()


def name_of(value: Any) -> tuple[str, str] | None:
    """Module and name by which both sides know a value that is a class or function of Keras; None for any other."""
    return _NAMES.get(id(value))


def named(module: Any, name: Any) -> Any:
    """The class or function of Keras with a name.

    Args:
        module: a public one, such as ``"keras.layers"``, or where an operation is defined.
        name: an identifier.

    Raises:
        CannotCross: it is none, or none that may be used.
    """
    known = isinstance(module, str) and isinstance(name, str) and name.isidentifier()
    found = _BY_NAME.get((module, name)) if known else None
    if found is None:
        raise CannotCross(f"{str(name)[:40]!r} cannot be judged: it is none of Keras's own layers and functions")
    return found


def is_shipped(value: Any) -> bool:
    """Whether a value is of a class of Keras that may be built here."""
    return id(type(value)) in _NAMES


def is_activation(value: Any) -> bool:
    """Whether a value is one of the functions of ``keras.activations``."""
    return id(value) in _ACTIVATIONS
