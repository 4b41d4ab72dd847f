"""The pieces of work on one submission that a run has done in a process apart, and their form on the way there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from functional_course.grading.gradebook import pages


@dataclass(frozen=True)
class TakeIn:
    """Take in a submission and write its clean notebooks.

    Attributes:
        student: whose.
        rests_on: what else the verdicts come from.
    """

    student: str
    rests_on: str


@dataclass(frozen=True)
class WriteScores:
    """Write the autograded notebooks and the scores of a submission that was taken in and executed.

    Attributes:
        student: whose.
        said: by notebook, what the learner is told about it.
        provisional: by notebook and grade id, the points of what waits for a teacher.
        same: whether it was scored before as it is.
    """

    student: str
    said: Mapping[str, Sequence[str]]
    provisional: Mapping[str, Mapping[str, float]]
    same: bool = False


@dataclass(frozen=True)
class MakePages:
    """Write the pages for a learner.

    Attributes:
        student: whose.
        style: one of :mod:`functional_course.grading.gradebook.pages`.
    """

    student: str
    style: str = pages.FULL


@dataclass(frozen=True)
class Finish:
    """Score a submission and write its pages in one go: what nbgrader loads for the one serves the other.

    Attributes:
        scoring: what there is to score.
    """

    scoring: WriteScores


Piece = TakeIn | WriteScores | MakePages | Finish


def as_json(piece: Piece) -> list[Any]:
    """A piece of work as plain data."""
    return [type(piece).__name__, asdict(piece)]


def from_json(data: Sequence[Any]) -> Piece:
    """The piece of work that :func:`as_json` told.

    Raises:
        KeyError, TypeError, ValueError: it is none.

    Example:

    >>> from_json(as_json(MakePages("ann")))
    MakePages(student='ann', style='')
    """
    name, values = data
    if name == Finish.__name__:
        return Finish(WriteScores(**values["scoring"]))
    kinds: dict[str, type[TakeIn] | type[WriteScores] | type[MakePages]] = {
        kind.__name__: kind for kind in (TakeIn, WriteScores, MakePages)
    }
    return kinds[name](**values)
