"""What the other side has to know of a layer that somebody wrote, and of its class."""

from __future__ import annotations

import inspect
from typing import Any

import keras

OF_FILES = ("save_own_variables", "load_own_variables")
"""The methods by which a layer's weights get into a file and out of it."""

_SIZES = ("state_size", "output_size")


def signature_of(function: Any) -> list[list[Any]] | None:
    """Name, kind and default of a method's parameters after the first; None if they are not known."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    empty = inspect.Parameter.empty
    return [[each.name, each.kind.name, *([] if each.default is empty else [each.default])] for each in parameters]


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
