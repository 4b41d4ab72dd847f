"""A task's criteria: blocks of a test that earn their points if they run to their end."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterable

from functional_course.rubric.doubting import criterion_begins
from functional_course.rubric.drawing import draw_anew
from functional_course.rubric.earlier import Earlier
from functional_course.rubric.hidden import begin_hidden
from functional_course.rubric.listening import Said, say
from functional_course.rubric.telling import tell
from functional_course.rubric.verdict import Points, Verdict

_ROUNDING = 1e-6
"""Points as fractions are no exact floats: 0.1 + 0.2 is more than 0.3."""


class Rubric:
    """The criteria of one task.

    With a rubric random numbers begin anew, from a seed that follows from the task's name: the same answer has the same
    verdict in every run, whatever ran before the test.

    Args:
        task: the task's name, as in the grade id of its test cell.
        points: what the whole task is worth. Criteria may add up to less in a released notebook: the others
            run when the notebook is graded.
        read: where in the book to read on, as chapter and section.

    Example:

    >>> rubric = Rubric("sum", points=2, read="Chapter 1, section 1")
    >>> with rubric.criterion(2, "the sum is 3"):
    ...     assert 1 + 1 == 3, "1 + 1 was 2"
    ✗ 0/2  the sum is 3: 1 + 1 was 2
    >>> float(rubric.score())
    Read on: Chapter 1, section 1
    0.0
    """

    def __init__(self, task: str, points: float, read: str) -> None:
        self.task = task
        self.points = points
        self.read = read
        self.verdicts: list[Verdict] = []
        self._earlier = Earlier()
        draw_anew(task)

    def criterion(self, points: float, title: str, *, hidden: bool = False) -> contextlib.AbstractContextManager[None]:
        """A block that earns its points if it runs to its end.

        Whatever the block raises, the notebook goes on. What it prints, on stdout or stderr, is shown below a visible
        verdict and dropped from a hidden one, since a learner's function could print the hidden inputs.

        Args:
            points: what the criterion is worth.
            title: what it asks for, as the learner reads it.
            hidden: whether the criterion is left out of the released notebook. Its message gives the error's
                type, or which :class:`~functional_course.faults.Fault` a check found, and no more, unless a
                :class:`~functional_course.rubric.listening.Listener` is frank: texts of errors quote inputs.
        """
        return _Criterion(self.verdicts, self._earlier, points, title, hidden)

    def score(self) -> Points:
        """Print where to read on, if anything failed, and return the points earned.

        Raises:
            ValueError: the criteria add up to more than the task is worth.
        """
        judged = _total(verdict.points for verdict in self.verdicts)
        if judged > self.points + _ROUNDING:
            raise ValueError(f"the criteria of {self.task!r} add up to {judged:g} points, the task has {self.points:g}")
        if any(verdict.earned < verdict.points for verdict in self.verdicts):
            say(Said(f"Read on: {self.read}\n"))
        if judged < self.points - _ROUNDING:
            say(Said(f"{self.points - judged:g} more points are judged when the notebook is graded.\n"))
        earned = _total(verdict.earned for verdict in self.verdicts)
        return Points(
            earned,
            {
                "task": self.task,
                "points": self.points,
                "judged": judged,
                "earned": earned,
                "read": self.read,
                "verdicts": [verdict.as_json() for verdict in self.verdicts],
            },
        )


class _Criterion(contextlib.AbstractContextManager):
    def __init__(self, verdicts: list[Verdict], earlier: Earlier, points: float, title: str, hidden: bool) -> None:
        self._verdicts, self._earlier = verdicts, earlier
        self._points, self._title, self._hidden = points, title, hidden

    def __enter__(self) -> None:
        if self._hidden:
            begin_hidden()
        self._doubt = criterion_begins()
        self._printed = io.StringIO()
        self._streams = contextlib.ExitStack()
        self._streams.enter_context(contextlib.redirect_stdout(self._printed))
        self._streams.enter_context(contextlib.redirect_stderr(self._printed))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        self._streams.close()
        if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
            return False
        told = tell(self._title, error, self._printed.getvalue(), self._earlier, hidden=self._hidden)
        if error is not None:
            self._earlier.failed(error)
        earned = 0 if error is not None else self._points
        self._verdicts.append(Verdict(told.title, self._points, earned, told.message, self._doubt(error)))
        mark = "✓" if error is None else "✗"
        line = f"{mark} {earned:g}/{self._points:g}  {told.title}" + (f": {told.message}" if told.message else "")
        say(Said(f"{line}\n{told.printed}", told.title, self._points, earned, told.message, told.left_out))
        return True


def _total(points: Iterable[float]) -> float:
    """A sum as a person writes it: 0.3 for 0.1 and 0.2, so that what is full marks reads as full marks."""
    return round(math.fsum(points), 6)
