"""What stands for a tensor where there are no numbers: its shape and dtype, or its place in a computation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functional_course.boundary import tags
from functional_course.boundary.wire import BoundaryError

import keras
import numpy as np
from keras import tree


@dataclass(frozen=True, eq=False)
class Spec:
    """The shape and dtype of a tensor that a computation is recorded for.

    Args:
        shape: its sizes, with None for one that is open.
        dtype: its name.
    """

    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True, eq=False)
class Named:
    """The place of a tensor or a variable in a recorded computation."""

    place: int


def is_tensor(leaf: Any) -> bool:
    """Whether a leaf of a nested value is an array, a tensor with numbers or a variable."""
    return isinstance(leaf, (np.ndarray, keras.Variable)) or keras.ops.is_tensor(leaf)


def is_float(tensor: Any) -> bool:
    """Whether a tensor's numbers have a fraction, so that there are gradients for it."""
    return keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype))


def is_tensor_or_symbol(leaf: Any) -> bool:
    """Whether a leaf of a nested value is an array, or a tensor with numbers or without."""
    return isinstance(leaf, (keras.KerasTensor, np.ndarray)) or keras.ops.is_tensor(leaf)


def spec_of(leaf: Any) -> Any:
    """The :class:`Spec` of a leaf that is a tensor; any other leaf as it is."""
    return Spec(tuple(leaf.shape), keras.backend.standardize_dtype(leaf.dtype)) if is_tensor_or_symbol(leaf) else leaf


def of_any_rows(leaf: Any) -> Any:
    """A leaf that is a :class:`Spec`, with its first size open; any other leaf as it is."""
    return Spec((None, *leaf.shape[1:]), leaf.dtype) if isinstance(leaf, Spec) else leaf


def readable(leaf: Any) -> Any:
    """Shape and dtype of a leaf that is a :class:`Spec`, which tell two apart; any other leaf as it is."""
    return (leaf.shape, leaf.dtype) if isinstance(leaf, Spec) else leaf


def as_tensor(leaf: Any) -> Any:
    """The value of a leaf that is a variable, as a tensor; any other leaf as it is."""
    return keras.ops.convert_to_tensor(leaf) if isinstance(leaf, keras.Variable) else leaf


def as_symbols(value: Any) -> Any:
    """A value as :func:`as_specs` makes it, with a symbolic tensor in the place of each :class:`Spec`.

    Raises:
        KeyError, TypeError: what is said to be a :class:`Spec` has no shape or dtype.
    """

    def symbol(leaf: Any) -> Any:
        return keras.KerasTensor(leaf.shape, dtype=leaf.dtype) if isinstance(leaf, Spec) else leaf

    return tree.map_structure(symbol, as_specs(value))


def as_plain(leaf: Any) -> Any:
    """What is sent of a leaf that is a :class:`Spec`; any other leaf as it is."""
    return (
        {tags.Spec.SHAPE: list(leaf.shape), tags.Spec.DTYPE: leaf.dtype, tags.Spec.IS: tags.Spec.SPEC}
        if isinstance(leaf, Spec)
        else leaf
    )


def as_specs(value: Any) -> Any:
    """A value that came, with a :class:`Spec` in the place of what is sent of one.

    Raises:
        KeyError, TypeError: what is said to be one has no shape or dtype.
    """
    if isinstance(value, dict):
        if value.get(tags.Spec.IS) == tags.Spec.SPEC:
            return Spec(tuple(value[tags.Spec.SHAPE]), value[tags.Spec.DTYPE])
        return {name: as_specs(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(as_specs(each) for each in value)
    return value


def told_specs(value: Any) -> Any:
    """A value that the other side answered, as :func:`as_specs` makes it.

    Raises:
        BoundaryError: what is said to be a :class:`Spec` is none.
    """
    try:
        return as_specs(value)
    except (TypeError, ValueError, KeyError) as error:
        raise BoundaryError("what came is no outline") from error
