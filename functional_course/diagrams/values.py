"""A value in a few letters, of whatever type: a layer of somebody's own keeps in its config what it likes."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

_LONGEST = 60
_MOST_NUMBERS = 4


def plain(text: str, longest: int = _LONGEST) -> str:
    """Text as one line of letters that every picture and page can hold; what is longer is cut.

    Args:
        text: anything, control characters and halves of letters too.
        longest: the most letters of the line.

    Example:

    >>> plain("two\\nlines")
    'two lines'
    """
    line = "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def setting(value: Any) -> str:
    """A setting in a few letters, whatever it is.

    Example:

    >>> setting(0.25), setting((2, 2)), setting(None), setting(np.float32(1 / 3)), setting(np.ones((3, 5)))
    ('0.25', '(2, 2)', 'None', '0.3333', 'array (3, 5)')
    """
    return _value(value, setting)


def times(value: Any) -> str:
    """A size along several axes.

    Example:

    >>> times((3, 5)), times(2)
    ('3×5', '2')
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return "×".join(map(setting, value)) if isinstance(value, (tuple, list)) else setting(value)


def as_argument(value: Any) -> str:
    """An argument as one would write it in Python; ``"x"`` for a tensor.

    Example:

    >>> as_argument(2.0), as_argument((0, 2, 1)), as_argument(None)
    ('2.0', '(0, 2, 1)', 'None')
    """
    if is_tensor(value):
        return "x"
    number = _scalar(value)
    if isinstance(number, float) and math.isfinite(number) and number == int(number):
        return repr(number)  # 2.0, which is not 2
    return _value(value, as_argument)


def as_index(item: Any) -> str:
    """An index as it stands between brackets in Python.

    Example:

    >>> as_index((slice(None), slice(0, 2)))
    ':, 0:2'
    """
    if isinstance(item, tuple):
        return ", ".join(as_index(part) for part in item)
    if isinstance(item, slice):
        start, stop = ("" if bound is None else as_argument(bound) for bound in (item.start, item.stop))
        return f"{start}:{stop}" + (f":{as_argument(item.step)}" if item.step is not None else "")
    return "..." if item is Ellipsis else as_argument(item)


def is_tensor(value: Any) -> bool:
    """Whether a value is a symbolic tensor, or a list of nothing else."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(is_tensor(item) for item in value)
    return isinstance(value, keras.KerasTensor)


def is_zero(value: Any) -> bool:
    """Whether a value is one number, and 0."""
    number = _scalar(value)
    return number is not None and not isinstance(number, bool) and number == 0


def _value(value: Any, inside: Callable[[Any], str]) -> str:
    number = _scalar(value)
    if isinstance(number, (bool, int)):
        return str(number)
    if isinstance(number, float):
        return f"{number:.4g}"
    if isinstance(value, str):
        return plain(value, 30)
    if isinstance(value, (tuple, list)):
        if len(value) > _MOST_NUMBERS and all(_scalar(item) is not None for item in value):
            return f"{len(value)} numbers"
        listed = ", ".join(inside(item) for item in value)
        if isinstance(value, list):
            return f"[{listed}]"
        return f"({listed},)" if len(value) == 1 else f"({listed})"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"array {tuple(value.shape)}"
    if isinstance(value, Mapping):
        kind = value.get("class_name")
        if kind in ("__numpy__", "__tensor__"):  # as Keras keeps arrays in a config
            return inside(np.asarray(value["config"]["value"]))
        return kind if isinstance(kind, str) else f"{len(value)} settings"
    if callable(value):
        return function_name(value)
    return "None" if value is None else re.sub(r" at 0x[0-9a-f]+", "", str(value))[:20]


def _scalar(value: Any) -> bool | int | float | None:
    """A Python number for what is one number: of Python, of NumPy, or in an array or tensor without axes."""
    if isinstance(value, (bool, int, float)):
        return float(value) if isinstance(value, float) else value
    if isinstance(value, np.generic) or (getattr(value, "shape", None) == () and hasattr(value, "dtype")):
        if isinstance(value, keras.KerasTensor):
            return None
        try:
            value = np.asarray(keras.ops.convert_to_numpy(value)).item()
        except Exception:  # a tensor that has no numbers yet
            return None
        return value if isinstance(value, (bool, int, float)) else None
    return None


def function_name(function: Any) -> str:
    """What a function is called; ``"lambda"`` if nothing."""
    if isinstance(function, functools.partial):
        return function_name(function.func)
    name = getattr(function, "__name__", None) or type(function).__name__
    return "lambda" if name == "<lambda>" else str(name)
