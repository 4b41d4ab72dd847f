"""Plain values to JSON and back: exact types only, so that nothing with a method of its own crosses.

Numbers, strings, bytes, None, lists, tuples, dicts, sets, slices, NumPy arrays and scalars of plain dtypes, tensors.
What else a learner may hold crosses as :class:`Opaque`: the name of its type.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from typing import Any

from functional_course.boundary.tags import Tag
from functional_course.boundary.wire import BoundaryError, CannotCross

import numpy as np

MOST_DEPTH = 40
"""How deep containers may stand in one another."""

_PLAIN_KINDS = "biufcUS"
_KEYWORDS = {"None": None, "Ellipsis": ..., "NotImplemented": NotImplemented}
_COLLECTIONS: dict[Any, Callable[..., Any]] = {Tag.TUPLE: tuple, Tag.SET: set, Tag.FROZENSET: frozenset}


class Opaque:
    """Something of a type that cannot be judged from outside: whatever a test asks of it is an error.

    Also whether it is equal to something, or different, or of a type: a test may ask for either.

    Args:
        kind: the name of its type.
    """

    __hash__ = None  # type: ignore[assignment]
    _kind: str
    lost = 0
    """How many values this process has sent or received as something opaque."""
    met = 0
    """How often this process has asked something of one."""

    def __init__(self, kind: str) -> None:
        object.__setattr__(self, "_kind", str(kind)[:80])

    def _why(self) -> str:
        return f"a value of type {self._kind} cannot be judged: give numbers, arrays, models or functions"

    def _refused(self, *_: Any, **__: Any) -> Any:
        Opaque.met += 1
        raise CannotCross(self._why())

    __class__ = property(_refused)
    __getattr__ = __setattr__ = __delattr__ = __call__ = __bool__ = __array__ = _refused
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __len__ = __iter__ = __next__ = _refused
    __getitem__ = __setitem__ = __delitem__ = __reversed__ = __enter__ = __exit__ = __await__ = _refused
    __int__ = __float__ = __complex__ = __index__ = __bytes__ = __neg__ = __pos__ = __abs__ = __invert__ = _refused
    __round__ = __trunc__ = __floor__ = __ceil__ = __divmod__ = __rdivmod__ = _refused

    def __repr__(self) -> str:
        return f"<{self._kind}>"


class Encoder:
    """Turns values into JSON and a list of byte strings.

    Args:
        others: called with what is no plain value; returns its JSON, or None if it knows no better.
    """

    def __init__(self, others: Callable[[Any], Any | None] = lambda value: None) -> None:
        self.arrays: list[bytes] = []
        self._others = others

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The JSON of a value.

        Args:
            value: anything. What is no plain value, unless ``others`` knows better, and what stands more than
                :data:`MOST_DEPTH` deep becomes what is decoded as :class:`Opaque`.
            depth: how many containers it stands in.

        Returns:
            None, a bool, an int, a float, a text, a list, or a dict with a :class:`~.tags.Tag`.

        Raises:
            Exception: ``others`` raised it.
        """
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if issubclass(kind, Opaque):  # which answers no question
            return self._opaque(repr(value)[1:-1])
        if kind is int:
            return value if abs(value) < 1 << 53 else {Tag.TAG: Tag.INT, Tag.VALUE: hex(value)[:4000]}
        if kind is float:
            return value if math.isfinite(value) else {Tag.TAG: Tag.FLOAT, Tag.VALUE: repr(value)}
        if depth > MOST_DEPTH:
            return self._opaque("a nest of containers that is too deep")
        if kind is list:
            return [self.encode(each, depth + 1) for each in value]
        if kind in (tuple, set, frozenset):
            return {Tag.TAG: kind.__name__, Tag.VALUE: [self.encode(each, depth + 1) for each in value]}
        if kind is dict:
            pairs = [[self.encode(key, depth + 1), self.encode(each, depth + 1)] for key, each in value.items()]
            return {Tag.TAG: Tag.DICT, Tag.VALUE: pairs}
        if kind is slice:
            return {
                Tag.TAG: Tag.SLICE,
                Tag.VALUE: [self.encode(each, depth + 1) for each in (value.start, value.stop, value.step)],
            }
        if kind is bytes:
            return {Tag.TAG: Tag.BYTES, Tag.VALUE: base64.b64encode(value).decode()}
        if kind is complex:
            return {Tag.TAG: Tag.COMPLEX, Tag.VALUE: [self.encode(value.real), self.encode(value.imag)]}
        if kind is range:
            return {Tag.TAG: Tag.RANGE, Tag.VALUE: [value.start, value.stop, value.step]}
        if kind is np.ndarray and value.dtype.kind in _PLAIN_KINDS:
            return self._array(Tag.ARRAY, value)
        if isinstance(value, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in _PLAIN_KINDS:
            return self._array(Tag.SCALAR, np.asarray(value))
        for name, keyword in _KEYWORDS.items():
            if value is keyword:
                return {Tag.TAG: Tag.KEYWORD, Tag.VALUE: name}
        encoded = self._others(value)
        return self._opaque(kind.__name__) if encoded is None else encoded

    @staticmethod
    def _opaque(kind: str) -> dict[str, Any]:
        Opaque.lost += 1
        return {Tag.TAG: Tag.OPAQUE, Tag.VALUE: kind}

    def _array(self, tag: str, array: np.ndarray) -> dict[str, Any]:
        # Not tobytes() of an object of a class with ideas of its own: kind was checked to be exact.
        self.arrays.append(np.ascontiguousarray(array).tobytes())
        return {Tag.TAG: tag, Tag.DTYPE: array.dtype.str, Tag.SHAPE: list(array.shape), Tag.VALUE: len(self.arrays) - 1}

    def tensor(self, array: np.ndarray) -> dict[str, Any]:
        """The JSON of a backend tensor with the numbers of an array, of any shape."""
        return self._array(Tag.TENSOR, array)


class Decoder:
    """Turns JSON and byte strings into values again.

    Args:
        arrays: the byte strings.
        others: called with a tagged object that is no plain value.
    """

    def __init__(self, arrays: Sequence[bytes], others: Callable[[dict[str, Any]], Any]) -> None:
        self._arrays, self._others = arrays, others

    def decode(self, coded: Any, depth: int = 0) -> Any:
        """The value.

        Args:
            coded: what :meth:`Encoder.encode` returns, read from JSON again.
            depth: how many containers it stands in.

        Raises:
            BoundaryError: this is not what an :class:`Encoder` makes, or more than :data:`MOST_DEPTH` + 5 deep.
            Exception: ``others`` raised it, and it is none of Python's for a wrong value.
        """
        if coded is None or isinstance(coded, (bool, int, float, str)):
            return coded
        if depth > MOST_DEPTH + 5:
            raise BoundaryError("a nest of containers that is too deep")
        if isinstance(coded, list):
            return [self.decode(each, depth + 1) for each in coded]
        if not isinstance(coded, dict):
            raise BoundaryError("what came is no value")
        try:
            return self._tagged(coded, depth + 1)
        except (KeyError, ValueError, TypeError, IndexError, OverflowError, AttributeError) as error:
            raise BoundaryError(f"what came is no value ({error})") from error

    def _tagged(self, coded: dict[str, Any], depth: int) -> Any:
        tag: Any = coded.get(Tag.TAG)
        value: Any = coded.get(Tag.VALUE)
        if tag in _COLLECTIONS:
            made = _COLLECTIONS[tag]
            return made(self.decode(each, depth) for each in value)
        if tag == Tag.DICT:
            return {self.decode(key, depth): self.decode(each, depth) for key, each in value}
        if tag == Tag.INT:
            return int(value, 16)
        if tag == Tag.FLOAT:
            return float(value)
        if tag == Tag.SLICE:
            return slice(*(self.decode(each, depth) for each in value))
        if tag == Tag.BYTES:
            return base64.b64decode(value)
        if tag == Tag.COMPLEX:
            return complex(*(self.decode(each) for each in value))
        if tag == Tag.RANGE:
            return range(*value)
        if tag == Tag.ARRAY:
            return self.array(coded)
        if tag == Tag.SCALAR:
            return self.array(coded)[()]
        if tag == Tag.KEYWORD:
            return _KEYWORDS[value]
        if tag == Tag.OPAQUE:
            Opaque.lost += 1
            return Opaque(value)
        if tag == Tag.TENSOR:
            import keras

            return keras.ops.convert_to_tensor(self.array(coded))
        return self._others(coded)

    def array(self, coded: dict[str, Any]) -> np.ndarray:
        """The array behind the JSON of one.

        Args:
            coded: a dict with its dtype, its shape, and its place among the byte strings.

        Returns:
            a copy, which may be written to.

        Raises:
            BoundaryError: its dtype is none of plain values.
            Exception: it is no array, or does not fit its bytes.
        """
        dtype = np.dtype(coded[Tag.DTYPE])
        if dtype.kind not in _PLAIN_KINDS:
            raise BoundaryError("an array of Python objects")
        return np.frombuffer(self._arrays[coded[Tag.VALUE]], dtype).reshape(coded[Tag.SHAPE]).copy()
