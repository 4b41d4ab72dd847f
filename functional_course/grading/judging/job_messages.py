"""What the process that grades a notebook and the judging side say to each other.

First comes a :class:`JudgeRequest`; then a :class:`Begun` for each cell that is begun, and at last an
:class:`~functional_course.grading.judging.answer.Answer`. Each is plain data, made and read here alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functional_course.grading.judging.answer import Answer
from functional_course.grading.taking_in.cell import Cell


@dataclass(frozen=True)
class JudgeRequest:
    """Judge a notebook.

    Attributes:
        cells: its code cells.
        frank: whether tests may tell what they found with hidden inputs: to a learner who has the solutions.
    """

    cells: tuple[Cell, ...]
    frank: bool = False

    def to_json(self) -> dict[str, Any]:
        """What is sent."""
        return {"job": {"cells": [cell.as_json() for cell in self.cells], "frank": self.frank}}

    @classmethod
    def from_json(cls, header: Mapping[str, Any]) -> JudgeRequest:
        """The request that :meth:`to_json` wrote."""
        job = header["job"]
        return cls(tuple(Cell.from_json(each) for each in job["cells"]), job["frank"])


@dataclass(frozen=True)
class Begun:
    """A cell is begun.

    Attributes:
        index: its place in the notebook.
    """

    index: int

    def to_json(self) -> dict[str, Any]:
        """What is sent."""
        return {"at": self.index}


def with_answer(answer: Answer) -> dict[str, Any]:
    """What is sent at last."""
    return {"result": answer.as_json()}


def begun_or_answer(header: Mapping[str, Any]) -> Begun | Answer:
    """What the judging side says."""
    return Answer.from_json(header["result"]) if "result" in header else Begun(header["at"])
