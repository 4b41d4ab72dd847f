"""What the other side has to know of a layer that somebody wrote, and of its class."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from functional_course.boundary import tags
from functional_course.boundary.kinds import check_is_layer
from functional_course.boundary.wire import BoundaryError
from functional_course.models import keras_private

import keras

OF_FILES = ("save_own_variables", "load_own_variables")
"""The methods by which a layer's weights get into a file and out of it."""


def signature_of(function: Any) -> list[list[Any]] | None:
    """The parameters of a method, as Keras has to see them on the other side.

    Args:
        function: the method as its class has it: its first parameter is left out.

    Returns:
        for each parameter its name, the name of its kind and, if it has one, its default; None if that is not known.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    empty = inspect.Parameter.empty
    return [[each.name, each.kind.name, *([] if each.default is empty else [each.default])] for each in parameters]


@dataclass(frozen=True)
class About:
    """What the other side has to know of a layer that somebody wrote.

    Args:
        name: its name.
        dtype: the name of its dtype policy; None if that is not one of Keras's plain ones.
        masking: whether it takes masks.
        built: whether it is built.
        layers: the layers in it.
        saves: whether it has ways of its own to and from a file.
        state_size: of a cell, the size of its state, or one for each; None for others.
        output_size: the same of its output.
    """

    name: Any
    dtype: Any
    masking: bool
    built: bool
    layers: Sequence[Any]
    saves: bool
    state_size: Any
    output_size: Any

    def to_value(self) -> dict[str, Any]:
        """What is encoded and sent."""
        tag = tags.About
        return {
            tag.NAME: self.name,
            tag.DTYPE: self.dtype,
            tag.MASKING: self.masking,
            tag.BUILT: self.built,
            tag.LAYERS: list(self.layers),
            tag.SAVES: self.saves,
            tag.STATE_SIZE: self.state_size,
            tag.OUTPUT_SIZE: self.output_size,
        }

    @classmethod
    def of(cls, value: Any) -> About:
        """What came, decoded.

        Args:
            value: what :meth:`to_value` makes; whether the layer saves itself may be missing.

        Raises:
            BoundaryError: it is no dict, says too little, its layers are no list of layers, or a size of it is none.
        """
        tag = tags.About
        needed = (tag.NAME, tag.DTYPE, tag.MASKING, tag.BUILT, tag.LAYERS, tag.STATE_SIZE, tag.OUTPUT_SIZE)
        missing = [key for key in needed if key not in value] if isinstance(value, dict) else list(needed)
        if missing:
            raise BoundaryError(f"a layer of which nothing says {missing[0]!r}")
        for key in (tag.MASKING, tag.BUILT, tag.SAVES):
            if type(value.get(key, False)) is not bool:
                raise BoundaryError(f"a layer whose {key!r} is neither true nor false")
        if not isinstance(value[tag.LAYERS], (list, tuple)):
            raise BoundaryError(f"a layer whose {tag.LAYERS!r} are no list")
        return cls(
            value[tag.NAME],
            value[tag.DTYPE],
            value[tag.MASKING],
            value[tag.BUILT],
            [check_is_layer(each) for each in value[tag.LAYERS]],
            value.get(tag.SAVES, False),
            _size(value[tag.STATE_SIZE], tag.STATE_SIZE),
            _size(value[tag.OUTPUT_SIZE], tag.OUTPUT_SIZE),
        )


def _size(value: Any, key: str) -> Any:
    if not isinstance(value, (int, list, tuple, type(None))):
        raise BoundaryError(f"a layer whose {key!r} is no size")
    return value


def about(layer: keras.layers.Layer) -> About:
    """What the other side has to know of a layer that somebody wrote."""
    state, output = (getattr(layer, name, None) for name in (tags.About.STATE_SIZE, tags.About.OUTPUT_SIZE))
    return About(
        name=layer.name,
        dtype=layer.dtype_policy.name if type(layer.dtype_policy) is keras.DTypePolicy else None,
        masking=bool(layer.supports_masking),
        built=bool(layer.built),
        layers=list(keras_private.parts_of(layer)),
        saves=_saves_itself(layer),
        state_size=state if isinstance(state, (int, list, tuple)) else None,
        output_size=output if isinstance(output, (int, list, tuple)) else None,
    )


def _saves_itself(layer: keras.layers.Layer) -> bool:
    """Whether a layer has ways of its own to and from a file, as a ``Dense`` has and what derives from it."""
    usual = keras.layers.Layer
    return any(getattr(type(layer), name) is not getattr(usual, name) for name in OF_FILES)
