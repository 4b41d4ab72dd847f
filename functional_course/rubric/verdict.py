"""What became of a task and of each of its criteria: a number for nbgrader, with the verdicts behind it as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MIME_TYPE = "application/vnd.functional-course.rubric+json"
"""Under which a cell's output holds the verdicts, see :class:`Points`."""


@dataclass(frozen=True)
class Verdict:
    """What became of one criterion: its points, what it asked for, and why it failed (empty if it did not).

    ``doubt`` says, in a word for programs, that it was not judged or may not have been; see
    :func:`functional_course.rubric.doubting.watch_criteria`.
    """

    title: str
    points: float
    earned: float
    message: str
    doubt: str = ""

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data; a doubt only if there is one, so that what notebooks store tells of none."""
        return {name: value for name, value in asdict(self).items() if name != "doubt" or value}


class Points(float):
    """The points of a task: a number to nbgrader, the verdicts behind it to ``course check``."""

    rubric: dict[str, Any]

    def __new__(cls, value: float, rubric: dict[str, Any]) -> Points:
        points = super().__new__(cls, value)
        points.rubric = rubric
        return points

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": f"{float(self):g}", MIME_TYPE: self.rubric}
