"""A submission that was taken in, as it passes from the process that read it to the run that grades it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.repairs import Repair

Marks = Mapping[int, Mapping[str, Any]]
"""nbgrader's metadata of the cells of a notebook that have a grade id, by their places."""


@dataclass(frozen=True)
class Submission:
    """What the intake made of a submission.

    Attributes:
        student: whose.
        digest: of the submission and all that its verdicts rest on: the same one means that there is nothing to judge.
        handed_in: the digest of the submission alone.
        found: what was put right, left out or refused.
        states: by notebook, whether its file was read, see :mod:`functional_course.grading.taking_in.intake`.
        cells: by notebook, its code cells.
        marks: by notebook, what nbgrader knows of its cells.
    """

    student: str
    digest: str
    handed_in: str
    found: tuple[Repair, ...]
    states: Mapping[str, str]
    cells: Mapping[str, tuple[Cell, ...]]
    marks: Mapping[str, Marks]

    def as_json(self) -> dict[str, Any]:
        """The submission as plain data."""
        return {
            "student": self.student,
            "digest": self.digest,
            "handed_in": self.handed_in,
            "found": [asdict(each) for each in self.found],
            "states": dict(self.states),
            "cells": {name: [cell.as_json() for cell in cells] for name, cells in self.cells.items()},
            "marks": {name: {str(index): mark for index, mark in each.items()} for name, each in self.marks.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Submission:
        """The submission that :meth:`as_json` wrote."""
        return cls(
            data["student"],
            data["digest"],
            data["handed_in"],
            tuple(Repair(**each) for each in data["found"]),
            data["states"],
            {name: tuple(map(Cell.from_json, cells)) for name, cells in data["cells"].items()},
            {name: {int(index): mark for index, mark in each.items()} for name, each in data["marks"].items()},
        )
