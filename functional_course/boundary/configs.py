"""Configurations of Keras's objects: saved with what is not Keras's own in them apart, checked, and built from.

Keras saves a function by its name, and finds whatever bears that name when it builds. Here a function that is not the
very one that Keras ships stays a function of the side that it is on.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from functional_course.boundary import allowed
from functional_course.boundary.values import MOST_DEPTH, Opaque
from functional_course.boundary.wire import BoundaryError, CannotCross
from functional_course.models import keras_private

import keras
import numpy as np

_APART = "__apart__"
_MARKS = {"__slice__", "__ellipsis__", "__tensor__", "__numpy__", "__bytes__"}
_PLAIN = (bool, int, float, str, bytes, complex, slice, type(...), np.ndarray, np.generic)


# --- saving -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def kept_apart() -> Iterator[list[Any]]:
    """While Keras makes a configuration, what is not its own is listed, and a mark stands in its place."""
    held: list[Any] = []

    def serializing(before: Callable[..., Any]) -> Callable[..., Any]:
        def serialize(value: Any, *args: Any, **kwargs: Any) -> Any:
            return _mark(value, held) if _is_foreign(value) else before(value, *args, **kwargs)

        return serialize

    with keras_private.serializing_by(serializing):
        yield held


def _mark(value: Any, held: list[Any]) -> dict[str, Any]:
    held.append(value)
    # `config` is a text that no function of Keras's is called by: Keras would take it for that one.
    return {"class_name": _APART, "module": None, "config": "\0", "registered_name": None, "place": len(held) - 1}


def _marked(part: Any, held: list[Any]) -> Any:
    if isinstance(part, dict):
        return {name: _marked(each, held) for name, each in part.items()}
    if isinstance(part, (list, tuple)):
        return type(part)(_marked(each, held) for each in part)
    return _mark(part, held) if isinstance(part, keras.Operation) else part


def _is_foreign(value: Any) -> bool:
    if isinstance(value, (keras.Operation, type)):
        return not allowed.is_shipped(value)
    if not callable(value) or allowed.is_shipped(value):
        return False
    return not allowed.is_activation(value)


def saved(value: Any) -> dict[str, Any]:
    """What Keras saves of an object of its own, with the functions and layers in it that are not Keras's as they are.

    Args:
        value: a layer, an operation, an optimizer, a loss and the like, of a class that Keras ships.

    Raises:
        Exception: what Keras raises when it cannot save it.
    """
    with kept_apart() as held:
        return _put_back(json.loads(json.dumps(keras_private.serialized(value))), held)


def saved_config(config: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``get_config`` returns, as :func:`saved` would have it.

    Args:
        config: a layer's ``get_config``.
    """
    with kept_apart() as held:
        return _put_back(json.loads(json.dumps(keras_private.serialized(config()))), held)


def _put_back(part: Any, held: list[Any]) -> Any:
    if isinstance(part, dict):
        if part.get("class_name") == _APART and type(part.get("place")) is int:
            return held[part["place"]]
        left_out = ("build_config", "compile_config", "shared_object_id") if "class_name" in part else ()
        return {name: _put_back(each, held) for name, each in part.items() if name not in left_out}
    return [_put_back(each, held) for each in part] if isinstance(part, list) else part


# --- building ---------------------------------------------------------------------------------------------------------


def made(config: Any, may_hold: Callable[[Any], bool]) -> Any:
    """Build what Keras saved of an object of its own.

    Args:
        config: with ``module``, ``class_name`` and ``config``; the same for what is in it.
        may_hold: whether something that is no plain value may stand in it: a function of the other side.

    Raises:
        CannotCross: it is made of something that is not on the list, at any depth.
    """
    ready = checked(config, may_hold)
    with building() as held:
        # Keras copies configurations, and with them what is in them, but for functions.
        value = keras_private.built(_marked(ready, held)) if isinstance(ready, dict) else ready
    if not allowed.is_shipped(value) and allowed.name_of(value) is None:
        raise CannotCross(f"an object of the class {type(value).__name__[:40]} cannot be judged")
    return value


def checked(part: Any, may_hold: Callable[[Any], bool], depth: int = 0) -> Any:
    """A configuration whose every name was found on the list, written as Keras writes it.

    Args:
        part: the configuration, or a part of it.
        may_hold: see :func:`made`.
        depth: how deep the part stands.

    Raises:
        CannotCross: it names or holds something else.
        BoundaryError: it is none.
    """
    if depth > MOST_DEPTH:
        raise BoundaryError("a nest of configurations that is too deep")
    if part is None or isinstance(part, _PLAIN):
        return part
    if isinstance(part, (list, tuple)):
        return type(part)(checked(each, may_hold, depth + 1) for each in part)
    if isinstance(part, dict):
        return _checked_dict(part, may_hold, depth + 1)
    if isinstance(part, Opaque):
        raise CannotCross(f"a configuration holds a value of the type {part!r}, which cannot be judged")
    if allowed.name_of(part) is not None or may_hold(part):
        return part
    raise CannotCross("a configuration holds an object that cannot be made again")


def _checked_dict(part: dict[Any, Any], may_hold: Callable[[Any], bool], depth: int) -> dict[Any, Any] | Any:
    if not all(isinstance(name, (str, int)) for name in part):
        raise BoundaryError("a configuration with keys that are no names")
    if isinstance(part.get("vocabulary"), str):
        raise CannotCross("a vocabulary in a file cannot be judged: give a list")
    if "class_name" not in part:
        return {name: checked(each, may_hold, depth) for name, each in part.items()}
    name, config = part["class_name"], part.get("config")
    if not isinstance(name, str):
        raise BoundaryError("a configuration of no class")
    # Registered names are those of classes that somebody wrote, and of none that could be meant here.
    if part.get("registered_name") not in (None, name, config if isinstance(config, str) else None):
        raise CannotCross(f"{str(part['registered_name'])[:40]!r} cannot be judged")
    if name in _MARKS:
        return {"class_name": name, "config": checked(config, may_hold, depth)}
    if name == "function":
        return _function(part.get("module"), config)
    kind = allowed.named(part.get("module"), name)
    if not isinstance(kind, type):
        raise CannotCross(f"{name[:40]!r} is no class")
    exported = allowed.name_of(kind)
    if exported is None:
        raise CannotCross(f"{name[:40]!r} cannot be judged")
    module, name = exported
    inner = checked(config, may_hold, depth)
    if not isinstance(inner, (dict, type(None))) or (isinstance(config, dict) and "class_name" in config):
        raise BoundaryError("a configuration of a class that is no dictionary")
    return {"class_name": name, "module": module, "config": inner, "registered_name": None}


def _function(module: Any, name: Any) -> Any:
    for place in (module, "keras.activations", "keras.losses", "keras.metrics") if module == "builtins" else (module,):
        with contextlib.suppress(CannotCross):
            found = allowed.named(place, name)
            if not isinstance(found, type):
                return found
    raise CannotCross(f"the function {str(name)[:40]!r} cannot be judged: it is none of Keras's own")


@contextlib.contextmanager
def building() -> Iterator[list[Any]]:
    """While Keras builds from a configuration, no name means a class or function that somebody registered.

    What is in a configuration as an object stays that object; the list holds those that marks stand for.
    """

    def deserializing(before: Callable[..., Any]) -> Callable[..., Any]:
        def deserialize(value: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(value, dict) and value.get("class_name") == _APART:
                return held[value["place"]]
            is_made = isinstance(value, (keras.Operation, type)) or callable(value)
            return value if is_made else before(value, *args, **kwargs)

        return deserialize

    # Some layers are made of copies of what they are given.
    with keras_private.nothing_registered(), keras_private.building_by(deserializing), kept_apart() as held:
        yield held


_SAVING = ("serialize_keras_object", "deserialize_keras_object")


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
