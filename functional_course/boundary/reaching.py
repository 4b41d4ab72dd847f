"""What a function reaches besides its arguments: layers and tensors in its closure, its defaults, its globals."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from functional_course.models import keras_private

import keras

MOST_OBJECTS = 2_000
_PLAIN = (type(None), bool, int, float, complex, str, bytes, type, types.ModuleType, types.BuiltinFunctionType)


def reached(start: Any) -> Iterator[Any]:
    """Layers and symbolic tensors that a function reaches by itself; not what is in those.

    Args:
        start: a function, a method, a partial, an object that is called; or a layer, for what its ``call`` and its
            attributes reach.
    """
    met: set[int] = set()
    pending = list(_inside(start))
    while pending and len(met) < MOST_OBJECTS:
        value = pending.pop(0)
        if isinstance(value, _PLAIN) or id(value) in met:
            continue
        met.add(id(value))
        if isinstance(value, (keras.layers.Layer, keras.KerasTensor)):
            yield value
        else:
            pending.extend(_inside(value))


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, types.FunctionType):
        code = value.__code__
        names = set(code.co_names).union(
            *(each.co_names for each in code.co_consts if isinstance(each, types.CodeType))
        )
        found = [value.__globals__[name] for name in names if name in value.__globals__]
        for cell in value.__closure__ or ():
            try:
                found.append(cell.cell_contents)
            except ValueError:  # not yet filled
                continue
        return [*found, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    if isinstance(value, types.MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if isinstance(value, keras.layers.Layer):
        own = [each for name, each in vars(value).items() if name not in keras_private.BOOKKEEPING]
        return [type(value).call, *own]
    module = str(getattr(type(value), "__module__", ""))
    if module.startswith(("keras", "tensorflow", "numpy")) or not hasattr(value, "__dict__"):
        return []
    return [vars(type(value)).get("__call__"), *vars(value).values()]


def layers_read(subject: Any) -> list[keras.layers.Layer]:
    """The layers that a function, or a layer's ``call``, reads without their being parts of it.

    Args:
        subject: the function or the layer.
    """
    parts = (
        {id(part) for part in keras_private.layers_inside(subject, itself=True)}
        if isinstance(subject, keras.layers.Layer)
        else set()
    )
    found: dict[int, keras.layers.Layer] = {}
    for value in reached(subject):
        if isinstance(value, keras.layers.Layer) and id(value) not in parts and value.weights:
            found[id(value)] = value
    return list(found.values())


def reaches_computation(function: Any) -> bool:
    """Whether a function reaches symbolic tensors or layers, so that it means nothing outside of what computes them."""
    return any(True for _ in reached(function))


def weights_of(layer: keras.layers.Layer | None, reads: Sequence[keras.layers.Layer]) -> list[keras.Variable]:
    """The weights that a computation uses: of a layer, and of those that it reads, each once.

    Args:
        layer: whose computation it is; None for a function's.
        reads: the layers that it reads besides.
    """
    weights = [weight for each in ([layer] if layer is not None else []) + list(reads) for weight in each.weights]
    return list({id(weight): weight for weight in weights}.values())
