"""What a check says of a notebook, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from functional_course.rubric import Verdict


@dataclass(frozen=True)
class TaskReport:
    """How one task stands.

    Attributes:
        name: the task, as in its grade id.
        points: what it is worth.
        judged: the points that this check can judge; the rest is judged when the notebook is graded.
        earned: the points earned of those judged.
        verdicts: what became of its criteria.
        read: where in the book to read on.
        stopped: what stopped the answer's cell or the test's, empty if nothing did.
        blocked_by: the given cell without which the task cannot be judged, because it stopped; empty if none did.
        by_hand: whether a teacher gives the points, and nothing can be said of them here.
        provisional: whether a part of it could not be judged safely, so that a teacher would look at it.
        when: local date and time, ISO 8601, if this is the verdict of an earlier check.
    """

    name: str
    points: float
    judged: float
    earned: float
    verdicts: tuple[Verdict, ...] = ()
    read: str = ""
    stopped: str = ""
    blocked_by: str = ""
    by_hand: bool = False
    provisional: bool = False
    when: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything that can be judged here is as it should be."""
        return not self.stopped and not self.blocked_by and self.earned >= self.judged


@dataclass(frozen=True)
class Report:
    """How one notebook stands.

    Attributes:
        chapter: the chapter's folder.
        notebook: the notebook's name.
        tasks: its tasks in order.
        stopped: for each given cell that stopped and should not have, what stopped it.
        answers: a digest of the code that was executed, see :func:`.reading.answers_digest`.
        said: sentences on the notebook as a whole.
        whole: whether it was judged by all its criteria, the hidden ones too.
    """

    chapter: str
    notebook: str
    tasks: tuple[TaskReport, ...] = field(default=())
    stopped: tuple[str, ...] = ()
    answers: str = ""
    said: tuple[str, ...] = ()
    whole: bool = False

    @property
    def passed(self) -> bool:
        """Whether every task passed."""
        return all(task.passed for task in self.tasks)

    @property
    def points(self) -> tuple[float, float, float]:
        """Points earned, points judged here, points in all."""
        return tuple(sum(getattr(task, key) for task in self.tasks) for key in ("earned", "judged", "points"))
