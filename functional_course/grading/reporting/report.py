"""What the teacher's report of a run is made of: learners, tasks, and scores that changed. All of it plain data."""

from __future__ import annotations

from dataclasses import dataclass

from functional_course.grading.taking_in.repairs import Repair

RUBRIC, TEST, BY_HAND = "rubric", "test", "by hand"
PROVISIONAL, AGAIN = "provisional", "again"


@dataclass(frozen=True)
class Criterion:
    """What became of one criterion of a task.

    Attributes:
        title: what it asks for.
        passed: whether it earned all of its points.
        message: why it failed; empty if it did not.
        hidden: whether learners cannot see it before they hand in; None if that is not known.
    """

    title: str
    passed: bool
    message: str
    hidden: bool | None = None


@dataclass(frozen=True)
class TaskResult:
    """One learner's result in one task.

    Attributes:
        notebook: the notebook's name.
        cell: the grade id of the cell that has the points.
        points: the points earned, as the gradebook has them; None if nobody has given any yet.
        most: the points that there are.
        criteria: what became of its criteria.
        stopped: what ended the test before it gave points; empty if nothing did.
        kind: how the points come about: ``RUBRIC``, ``TEST`` (all or nothing, or what the test says) or ``BY_HAND``.
        given: whether the points are a teacher's.
        judged: the grader's own points, whatever a teacher has given besides; None if it has none.
        waits: what the teacher is waited for: ``BY_HAND`` (there are no points yet), ``PROVISIONAL`` (they could not
            be judged safely), ``AGAIN`` (the answer has changed since); empty if it does not wait.
        seconds: processor time that the answer and its test took; None if it is not known.
    """

    notebook: str
    cell: str
    points: float | None
    most: float
    criteria: tuple[Criterion, ...] = ()
    stopped: str = ""
    kind: str = TEST
    given: bool = False
    judged: float | None = None
    waits: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class TaskRow:
    """One task over all learners.

    Attributes:
        notebook: the notebook's name.
        task: the task's name: the grade id of its test without ``test-``.
        points: the points that were earned on average, of those who have any or none; None if nobody has yet.
        most: the points that there are.
        failed: how many learners have less than all points; those who wait for the teacher not among them.
        learners: how many have a result.
        messages: the commonest reasons, each with the number of learners who met it, the commonest first.
        kind: ``RUBRIC``, ``TEST`` or ``BY_HAND``, see :class:`TaskResult`.
        waiting: who waits for the teacher, and what for: ``BY_HAND``, ``PROVISIONAL`` or ``AGAIN``.
    """

    notebook: str
    task: str
    points: float | None
    most: float
    failed: int
    learners: int
    messages: tuple[tuple[str, int], ...] = ()
    kind: str = RUBRIC
    waiting: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Row:
    """One learner.

    Attributes:
        student: who it is.
        points: the points earned, less what lateness costs; None if there is no score.
        most: the points that there are.
        seconds: how long the execution took; None if nothing was executed.
        status: one word or two, such as ``graded``, ``unchanged`` or ``out of time``.
        repairs: what the intake or the run found.
        late: the points that lateness costs.
        waiting: how many cells wait for the teacher.
    """

    student: str
    points: float | None
    most: float
    seconds: float | None
    status: str
    repairs: tuple[Repair, ...] = ()
    late: float = 0.0
    waiting: int = 0

    def count(self, *severities: str) -> int:
        """How many of its repairs are of these severities."""
        return sum(repair.severity in severities for repair in self.repairs)


@dataclass(frozen=True)
class Change:
    """A score of a task that another judging has changed.

    Attributes:
        student: whose.
        task: the notebook's and the task's name.
        before: the points that there were.
        now: the points that there are.
        why: what made the difference, as a clause.
    """

    student: str
    task: str
    before: float
    now: float
    why: str


@dataclass(frozen=True)
class RunReport:
    """A run of the grader.

    Attributes:
        chapter: the assignment.
        rows: the learners.
        tasks: the tasks.
        about: sentences on the run as a whole: how long it took, in which sandbox.
        warnings: sentences that must not be overlooked, such as that there was no sandbox.
        changes: the scores that are others than before.
    """

    chapter: str
    rows: tuple[Row, ...]
    tasks: tuple[TaskRow, ...] = ()
    about: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
