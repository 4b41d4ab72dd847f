"""Grade a class: take in, execute, score, write feedback. What was done stays done, so a run can be cut off anywhere.

Learner code runs in :mod:`functional_course.grading.judging.execution` only, several submissions at a time. As many are
scored at a time as there are processors, and while one writes to the gradebook, the others wait.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from functional_course.grading.executing.clocks import BY_THE_CLOCK
from functional_course.grading.judging import backends
from functional_course.grading.judging import basis as bases
from functional_course.grading.judging.execution import NONE, Job
from functional_course.grading.judging.executors import Executor
from functional_course.grading.judging.result import Result
from functional_course.grading.reporting import sentences
from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.statistics import task_rows
from functional_course.grading.running.apart import Apart
from functional_course.grading.running.assignment import Assignment, GradeError
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.finishing import Finishing, processors
from functional_course.grading.running.handling import Handling
from functional_course.grading.running.one_by_one import Finished, OneByOne
from functional_course.grading.running.outcome import Outcome

_USUAL = Conditions()


class Run:
    """The grading of one assignment.

    Args:
        root: the course.
        assignment: the chapter.
        conditions: in which sandbox, within which limits, and what counts of what waits for a teacher.

    Raises:
        GradeError: there is no such chapter, or one of its notebooks cannot be read.
    """

    def __init__(self, root: Path, assignment: str, conditions: Conditions = _USUAL) -> None:
        self.assignment = Assignment(root, assignment, conditions)

    def prepare(self) -> None:
        """Have nbgrader know the assignment and its tests: generate it again if it changed since the last run.

        Raises:
            GradeError: it cannot be released.
        """
        self.assignment.prepare()

    def remembers(self, students: Iterable[str]) -> bool:
        """Whether all of these were graded before, which does not say that nothing has changed since."""
        return all(self.assignment.ledger.has(student) for student in students)

    def on_another_basis(self, students: Iterable[str]) -> dict[str, int]:
        """How many of these were graded on another basis and will be judged again, by the reason why."""
        reasons: dict[str, int] = {}
        for student in students:
            before = self.assignment.ledger.basis(student)
            reason = "" if before is None else bases.why(before, self.assignment.basis)
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
        return reasons

    def grade(
        self,
        executor: Executor,
        students: Sequence[str],
        *,
        feedback: bool = True,
        again: bool = False,
        report: Callable[[str, str], None] = lambda student, status: None,
        keep: Collection[int] = (),
    ) -> RunReport:
        """Grade these students.

        Args:
            executor: where notebooks are executed.
            students: whom.
            feedback: whether to write feedback pages.
            again: grade also what is graded and unchanged.
            report: called with a student and what became of the submission.
            keep: file descriptors of a lock that lasts as long as a process of the run.

        Returns:
            The teacher's report, of these students.

        Raises:
            GradeError: a notebook could not be executed, for a reason that is no submission's.
        """
        about = sentences.other_backend(backends.chosen(self.assignment.conditions.backend))
        about += sentences.judged_again(self.on_another_basis(students))
        work, beside = Handling(self.assignment), processors()
        finishing: Finishing[Outcome, Finished] = Finishing(beside)
        # One desk more, where the next submission is taken in.
        with finishing, Apart(work, keep, work.prepare, desks=beside + 1) as apart:
            graded, late = _Class(OneByOne(self.assignment, apart, feedback), finishing, report), []
            for key, result in _executed(executor, graded.jobs(students, again)):
                if result.ended_by == BY_THE_CLOCK and graded.begun > 1:
                    late.append(key)
                else:
                    graded.keep(key, result)
            # One at a time: what was slow beside others has the machine to itself. What is the same as a notebook that
            # was cut off may fare better.
            alone = [*late]
            while alone or graded.unlike:
                key = alone.pop(0) if alone else graded.unlike.pop(0)
                for _, result in _executed(executor, [(key, graded.job(key))]):
                    graded.keep(key, result)
            finishing.wait()
        shutil.rmtree(self.assignment.work / "clean", ignore_errors=True)
        ordered = [graded.finished[student] for student in students if student in graded.finished]
        return RunReport(
            self.assignment.name,
            tuple(each.row for each in ordered),
            task_rows((each.row.student, each.results) for each in ordered),
            about=tuple(
                about
                + sentences.run_alone(len(late))
                + sentences.executed_before(graded.before)
                + sentences.executed_once(graded.alike)
            ),
            warnings=sentences.NO_SANDBOX if self.assignment.conditions.sandbox == NONE else (),
            changes=tuple(change for each in ordered for change in each.changes),
        )


_Key = tuple[str, str]
"""A notebook to execute: the student and the notebook's name."""


class _Class:
    """The submissions of a class on their way: those that wait for an execution, and what became of the others.

    A notebook that two handed in word for word is executed once, and so are those that nobody touched.

    Attributes:
        finished: by student, what the report says.
        begun: how many notebooks were given away to be executed.
        alike: how many were not, since another's is the same.
        before: how many were not, since an earlier run executed them and they would be judged alike now.
        unlike: those that are the same as one that was cut off, and wait for an execution of their own.
    """

    def __init__(
        self, one_by_one: OneByOne, finishing: Finishing[Outcome, Finished], report: Callable[[str, str], None]
    ) -> None:
        self.finished: dict[str, Finished] = {}
        self.begun = self.alike = self.before = 0
        self.unlike: list[_Key] = []
        self._one_by_one, self._finishing, self._report = one_by_one, finishing, report
        self._open: dict[str, Outcome] = {}
        self._first: dict[str, _Key] = {}  # whose notebook is executed, by what its result rests on
        self._as_it: dict[_Key, list[_Key]] = {}  # whose are the same as one that is being executed

    def jobs(self, students: Iterable[str], again: bool) -> Iterator[tuple[_Key, Job]]:
        """What there is to execute, as it is asked for: a submission is taken in when it is its turn."""
        for student in students:
            begun = self._one_by_one.begin(student, again)
            if isinstance(begun, Finished):
                self._done(begun)
                continue
            self.before += len(begun.results)
            if not (missing := self._one_by_one.missing(begun)):
                self._finish(begun)
                continue
            self._open[student] = begun
            for name in missing:
                yield from self._to_execute((student, name))

    def _to_execute(self, key: _Key) -> Iterator[tuple[_Key, Job]]:
        """The notebook, unless one like it was executed in this run, or is being executed."""
        student, name = key
        rests_on = self._one_by_one.key(self._open[student], name)
        first = self._first.setdefault(rests_on, key)
        if first in self._as_it:
            self._as_it[first].append(key)
        elif first != key and (result := self._one_by_one.ledger.executed(*first, rests_on)) and result.is_whole:
            self._copy(key, result)
        else:
            self._as_it[key] = []
            self._first[rests_on] = key
            self.begun += 1
            yield key, self.job(key)

    def job(self, key: _Key) -> Job:
        """What there is to execute of a notebook of a submission that waits for it."""
        student, name = key
        return self._one_by_one.job(self._open[student], name)

    def keep(self, key: _Key, result: Result) -> None:
        """Keep what was executed, also for those whose notebooks are the same; finish submissions that are complete."""
        self._keep(key, result)
        same = self._as_it.pop(key, [])
        if not result.is_whole:
            self.unlike += same
            return
        for other in same:
            self._copy(other, result)

    def _copy(self, key: _Key, result: Result) -> None:
        """Keep the result of another notebook that is the same. It took no time of its own."""
        self.alike += 1
        self._keep(key, replace(result, seconds=0.0, processor=0.0, taken={}))

    def _keep(self, key: _Key, result: Result) -> None:
        student, name = key
        outcome = self._open[student]
        self._one_by_one.keep(outcome, name, result)
        if not self._one_by_one.missing(outcome):
            del self._open[student]
            self._finish(outcome)

    def _finish(self, outcome: Outcome) -> None:
        self._finishing.add(self._one_by_one.finish, outcome, self._done)

    def _done(self, finished: Finished) -> None:
        self.finished[finished.row.student] = finished
        self._report(finished.row.student, finished.row.status)


def _executed(executor: Executor, jobs: Iterable[tuple[_Key, Job]]) -> Iterator[tuple[_Key, Result]]:
    for (student, name), result in executor.run(jobs):
        if isinstance(result, Exception):
            raise GradeError(f"{student}/{name} could not be executed: {result}") from result
        yield (student, name), result
