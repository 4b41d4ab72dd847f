"""What the judging side asks for with :attr:`~functional_course.boundary.tags.Command.RUN`, and what is answered.

Each message is made and read here alone. ``to_json`` gives plain values, and arrays in the place of bytes, for the
boundary to encode; ``from_json`` takes what it decoded there, and refuses whatever ``to_json`` does not make: an answer
comes from a learner's process.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from functional_course.boundary.wire import BoundaryError

import numpy as np


@dataclass(frozen=True)
class RunRequest:
    """Run one cell, and tell what some names stand for then.

    Attributes:
        index: the cell's place in the notebook.
        source: what is run.
        seconds: how long it may take.
        tell: the names.
        own: whether the cell is the teacher's, so that the judging side makes the same objects itself.
        note: whether the judging side comes back to the moment after it.
    """

    index: int
    source: str
    seconds: float
    tell: tuple[str, ...] = ()
    own: bool = False
    note: bool = False

    def to_json(self) -> dict[str, Any]:
        """What is sent."""
        return {
            "index": self.index,
            "source": self.source,
            "seconds": self.seconds,
            "tell": list(self.tell),
            "own": self.own,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: Any) -> RunRequest:
        """The request that :meth:`to_json` wrote.

        Raises:
            BoundaryError: it is none.
        """
        data = _with_keys(data, {"index", "source", "seconds", "tell", "own", "note"}, "a request to run a cell")
        right = (
            type(data["index"]) is int
            and type(data["source"]) is str
            and type(data["seconds"]) in (int, float)
            and type(data["tell"]) is list
            and all(type(name) is str for name in data["tell"])
            and type(data["own"]) is bool
            and type(data["note"]) is bool
        )
        if not right:
            raise BoundaryError("a request to run a cell has a value of another type")
        return cls(**{**data, "tell": tuple(data["tell"])})


@dataclass(frozen=True)
class ToldValue:
    """What is told of one name.

    Attributes:
        name: the name.
        body: the header of a message with what it stands for, as JSON; None if that cannot be told.
        arrays: the bytes of the arrays in that message.
        failed: why it cannot be told; None if it is.
    """

    name: str
    body: str | None
    arrays: tuple[bytes, ...] = ()
    failed: str | None = None

    def to_json(self) -> list[Any]:
        """What is sent: an array of uint8 for the bytes of each array."""
        return [self.name, self.body, [np.frombuffer(each, np.uint8) for each in self.arrays], self.failed]

    @classmethod
    def from_json(cls, data: Any) -> ToldValue:
        """What :meth:`to_json` wrote. What is said of a failure counts only if it is a text.

        Raises:
            BoundaryError: it did not write this.
        """
        if type(data) is not list or len(data) != 4:
            raise BoundaryError("what was told is no answer")
        name, body, arrays, failed = data
        # By their types: an array of one text is equal to a name, and is none.
        if type(name) is not str or not (body is None or type(body) is str) or type(arrays) is not list:
            raise BoundaryError("what was told is no answer")
        if not all(type(each) is np.ndarray for each in arrays):
            raise BoundaryError("what was told is no answer")
        return cls(name, body, tuple(each.tobytes() for each in arrays), failed if type(failed) is str else None)


@dataclass(frozen=True)
class RunAnswer:
    """What came of a cell.

    Attributes:
        outputs: what it showed, as a notebook holds it; of one that came it is not known yet whether a notebook may
            hold it, see :func:`functional_course.grading.judging.judging_side.checked_outputs`.
        told: what the names stand for that were asked for and that there are.
    """

    outputs: Any
    told: tuple[ToldValue, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What is sent."""
        return {"outputs": json.dumps(self.outputs), "told": [each.to_json() for each in self.told]}

    @classmethod
    def from_json(cls, data: Any, names: Collection[str]) -> RunAnswer:
        """The answer that :meth:`to_json` wrote.

        Args:
            data: what came.
            names: those that were asked for. Others would be the names of what the tests are made of.

        Raises:
            BoundaryError: it is none, or tells what was not asked for.
        """
        data = _with_keys(data, {"outputs", "told"}, "an answer about a cell")
        if type(data["outputs"]) is not str or type(data["told"]) is not list:
            raise BoundaryError("an answer about a cell has a value of another type")
        try:
            outputs = json.loads(data["outputs"])
        except (ValueError, RecursionError) as error:
            raise BoundaryError("what a cell showed is no output") from error
        told = tuple(ToldValue.from_json(each) for each in data["told"])
        if not all(each.name in names for each in told):
            raise BoundaryError("what was told was not asked for")
        return cls(outputs, told)


def _with_keys(data: Any, keys: set[str], what: str) -> dict[str, Any]:
    if type(data) is not dict or not keys <= data.keys():
        raise BoundaryError(f"{what} lacks some of {', '.join(sorted(keys))}")
    return {key: data[key] for key in keys}
