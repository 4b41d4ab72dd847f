"""What the judging side answers about a notebook, and the keys of its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_BY_CELL = ("outputs", "spoken", "doubted")


@dataclass(frozen=True)
class Answer:
    """What came of one try at a notebook.

    Attributes:
        started: whether the learner's side did.
        judged: whether the tests ran.
        stopped: the place of the cell that ended the learner's side, if one did.
        why: what ended it, as an error says it.
        outputs: of each cell, by its place in the notebook.
        said: what could not be judged: the ``cell``'s place, the ``name`` and ``why``.
        spoken: of each test, what its rubrics said, as :class:`functional_course.rubric.listening.Said` has it.
        doubted: of each test, what is in doubt, see :meth:`functional_course.grading.judging.doubt.Doubts.of`.
        seconds: how long it took.
    """

    started: bool
    judged: bool = False
    stopped: int | None = None
    why: str | None = None
    outputs: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    spoken: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)
    doubted: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The answer as plain data."""
        by_cell = {name: {str(index): each for index, each in getattr(self, name).items()} for name in _BY_CELL}
        return {**vars(self), **by_cell}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """The answer that :meth:`as_json` wrote."""
        by_cell = {name: {int(index): each for index, each in data[name].items()} for name in _BY_CELL}
        return cls(**{**data, **by_cell})
