"""What a class says of each task: who answered, how hard it was, whom it told apart, and what failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import fmean, median

from functional_course.class_report.items import (
    Discrimination,
    Taken,
    Thirds,
    discrimination,
    thirds,
    turned_round,
)
from functional_course.class_report.reading import ClassResults, Learner
from functional_course.grading.reporting.report import BY_HAND, RUBRIC, TEST, TaskResult
from functional_course.rubric.wording import NOT_ANSWERED

_MOST_MESSAGES = 3
_NOT_ANSWERED_ERROR = "NotImplementedError"
_SAYS_NOTHING = ("", "not so")
_NUMBER = re.compile(r"\d[\d,.]*")
_CRASHED = "the test ended before it gave points"


@dataclass(frozen=True)
class FailedCriterion:
    """A criterion that some learners failed.

    Attributes:
        title: what it asks for.
        failed: how many failed it, of those who answered.
        hidden: whether learners cannot see it before they hand in.
        messages: what they were told, each with how many were, the commonest first. Messages that differ in numbers
            alone count as one, of which the commonest is given.
    """

    title: str
    failed: int
    hidden: bool
    messages: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class TaskStatistics:
    """One task over the class.

    Attributes:
        notebook: the notebook's name.
        task: the task's: the grade id of its test without ``test-``.
        kind: how its points come about: ``rubric``, ``test`` or ``by hand``.
        most: the points that there are.
        handed_in: how many handed in its notebook with an answer to any task in it.
        answered: how many of them answered this one, as far as that is known.
        answers_known: of how many that is known.
        waiting: how many wait for the teacher; they count nowhere below.
        judged: how many the figures are of.
        difficulty: the mean share of its points, from 0 to 1; None if nobody has any or none yet.
        passed: how many have all of its points.
        discrimination: how well it tells strong learners from weak ones; None where a teacher gives the points.
        thirds: the strongest and the weakest by the other tasks; None if the class cannot be told apart so.
        suspect: whether strong learners fail it more often than weak ones.
        criteria: those that were failed, the most often failed first.
        seconds: the median of the processor time that an answer took with its test; None if it is not known.
    """

    notebook: str
    task: str
    kind: str
    most: float
    handed_in: int
    answered: int
    answers_known: int
    waiting: int
    judged: int
    difficulty: float | None
    passed: int
    discrimination: Discrimination | None
    thirds: Thirds | None
    suspect: bool
    criteria: tuple[FailedCriterion, ...]
    seconds: float | None

    @property
    def name(self) -> str:
        """What a teacher calls it."""
        return f"{self.notebook} / {self.task}"


@dataclass(frozen=True)
class ChapterReport:
    """A chapter over the class.

    Attributes:
        chapter: the assignment.
        learners: how many there are in the gradebook or handed in something.
        tasks: in the order of the notebooks.
        nothing: who handed in nothing.
        untouched: who handed in a notebook without an answer, by notebook.
        unread: whose notebook is missing or could not be read, by notebook.
        ungraded: who handed in something that has no score yet.
        damaged: whose verdicts are not known.
    """

    chapter: str
    learners: int
    tasks: tuple[TaskStatistics, ...]
    nothing: tuple[str, ...]
    untouched: dict[str, tuple[str, ...]]
    unread: dict[str, tuple[str, ...]]
    ungraded: tuple[str, ...]
    damaged: tuple[str, ...]


_Key = tuple[str, str]


def chapter_report(found: ClassResults) -> ChapterReport:
    """What a class says of the tasks of a chapter.

    Whoever did not hand in a notebook, or handed it in without any answer, counts in none of its figures, and is named
    instead. An unanswered task of a notebook with answers counts as no points.
    """
    # Sums of fractions depend on their order in the last digit.
    found = replace(found, learners=tuple(sorted(found.learners, key=lambda learner: learner.student)))
    by_task: dict[_Key, dict[str, TaskResult]] = {}
    unread: dict[str, list[str]] = {}
    untouched: dict[str, list[str]] = {}
    for learner in found.learners:
        for notebook, results in _by_notebook(learner).items():
            if notebook in learner.unread:
                unread.setdefault(notebook, []).append(learner.student)
            elif learner.verdicts and all(_answered(each) is False for each in results if each.kind != BY_HAND):
                untouched.setdefault(notebook, []).append(learner.student)
            else:
                for each in results:
                    by_task.setdefault((notebook, each.cell), {})[learner.student] = each
    by_task = dict(sorted(by_task.items(), key=lambda item: _place(found, item[0])))
    known = {learner.student for learner in found.learners if learner.verdicts}
    tasks = [_task(key, mine, by_task, known) for key, mine in by_task.items()]
    count = len(found.learners) + len(found.nothing) + len(found.ungraded)
    return ChapterReport(
        found.chapter,
        count,
        tuple(tasks),
        found.nothing,
        {name: tuple(who) for name, who in sorted(untouched.items())},
        {name: tuple(who) for name, who in sorted(unread.items())},
        found.ungraded,
        found.damaged,
    )


def _by_notebook(learner: Learner) -> dict[str, list[TaskResult]]:
    found: dict[str, list[TaskResult]] = {}
    for result in learner.results:
        found.setdefault(result.notebook, []).append(result)
    return found


def _place(found: ClassResults, key: _Key) -> tuple[str, int, str]:
    """By notebook, and in it in the order in which a submission with verdicts has its cells."""
    for learner in found.learners:
        if learner.verdicts:
            cells = [each.cell for each in learner.results if each.notebook == key[0]]
            if key[1] in cells:
                return key[0], cells.index(key[1]), key[1]
    return key[0], len(found.learners), key[1]


def _task(
    key: _Key, mine: dict[str, TaskResult], by_task: dict[_Key, dict[str, TaskResult]], known: set[str]
) -> TaskStatistics:
    kinds = {result.kind for result in mine.values()}
    kind = next(each for each in (BY_HAND, RUBRIC, TEST) if each in kinds)
    judged = {student: result for student, result in mine.items() if _counts(result)}
    shares = {student: _share(result) for student, result in judged.items()}
    answers = [_answered(mine[student]) for student in mine if student in known]
    taken = [
        Taken(student, share, rest)
        for student, share in shares.items()
        if (rest := _rest(student, key, by_task)) is not None
    ]
    found, groups = (None, None) if kind == BY_HAND else (discrimination(taken), thirds(taken))
    seconds = [result.seconds for result in mine.values() if result.seconds is not None and _answered(result)]
    short = key[1].removeprefix("test-")
    return TaskStatistics(
        key[0],
        # A cell for an answer may have points itself, besides those of its test.
        key[1] if (key[0], short) in by_task else short,
        kind,
        max(result.most for result in mine.values()),
        len(mine),
        sum(answer is not False for answer in answers),
        len(answers),
        sum(bool(result.waits) for result in mine.values()),
        len(judged),
        fmean(shares.values()) if shares else None,
        sum((result.points or 0.0) >= result.most for result in judged.values()),
        found,
        groups,
        found is not None and turned_round(found, groups),
        _failed(judged.values()),
        median(seconds) if seconds else None,
    )


def _counts(result: TaskResult) -> bool:
    return result.points is not None and not result.waits and result.most > 0


def _share(result: TaskResult) -> float:
    # A teacher may have given extra credit.
    return min(1.0, max(0.0, (result.points or 0.0) / result.most))


def _rest(student: str, key: _Key, by_task: dict[_Key, dict[str, TaskResult]]) -> float | None:
    """A learner's share of the points of the other tasks that the grader judges; None if there are none."""
    others = [mine[student] for other, mine in by_task.items() if other != key and student in mine]
    others = [each for each in others if each.kind != BY_HAND and _counts(each)]
    return sum(_share(each) * each.most for each in others) / sum(each.most for each in others) if others else None


def _answered(result: TaskResult) -> bool | None:
    """Whether there is an answer; None if nobody can tell."""
    if result.kind == BY_HAND:
        return None
    wrong = [each.message for each in result.criteria if not each.passed]
    return not (NOT_ANSWERED in (result.stopped, *wrong) or result.stopped.startswith(_NOT_ANSWERED_ERROR))


def _failed(results: Iterable[TaskResult]) -> tuple[FailedCriterion, ...]:
    """The criteria that were failed in answers which the grader judged."""
    counts: Counter[str] = Counter()
    hidden: dict[str, bool] = {}
    messages: dict[str, Counter[str]] = {}
    for result in results:
        if result.given or result.kind == BY_HAND or not _answered(result):
            continue
        wrong = {each.title: each for each in result.criteria if not each.passed}
        for title, each in wrong.items():
            counts[title] += 1
            hidden[title] = hidden.get(title, False) or bool(each.hidden)
            messages.setdefault(title, Counter())[each.message] += each.message not in _SAYS_NOTHING
        if result.stopped and not wrong:
            counts[_CRASHED] += 1
            messages.setdefault(_CRASHED, Counter())[result.stopped] += 1
    # Those met equally often in the order of the alphabet, so that a report can be compared with the next one.
    return tuple(
        FailedCriterion(title, count, hidden.get(title, False), _commonest(messages[title]))
        for title, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _commonest(messages: Counter[str]) -> tuple[tuple[str, int], ...]:
    told = sorted(((text, count) for text, count in messages.items() if count), key=lambda item: (-item[1], item[0]))
    alike: dict[str, tuple[str, int]] = {}
    for text, count in told:
        shape = _NUMBER.sub("0", text)
        first, so_far = alike.get(shape, (text, 0))
        alike[shape] = first, so_far + count
    return tuple(sorted(alike.values(), key=lambda item: (-item[1], item[0]))[:_MOST_MESSAGES])
