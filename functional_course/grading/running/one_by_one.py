"""What a run does with one submission: take it in, and once it is executed, score it, make its pages, remember it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from dataclasses import dataclass, replace

from functional_course.grading.gradebook import pages
from functional_course.grading.gradebook.naming import why_no_student
from functional_course.grading.gradebook.scoring import Standing, is_locked
from functional_course.grading.judging import basis as bases
from functional_course.grading.judging.execution import Job
from functional_course.grading.judging.result import Result
from functional_course.grading.reporting.report import Change, Row, TaskResult
from functional_course.grading.running.apart import Apart, Limits, OverLimitError, WorkFailedError
from functional_course.grading.running.assignment import Assignment
from functional_course.grading.running.conditions import ZERO
from functional_course.grading.running.ledger import FORMAT, Graded
from functional_course.grading.running.outcome import Outcome
from functional_course.grading.running.pieces import Finish, MakePages, TakeIn, WriteScores, as_json
from functional_course.grading.running.standing import as_it_stands, changes, results_of
from functional_course.grading.running.submission import Submission
from functional_course.grading.taking_in.repairs import Repair, noted

TAKING_IN = Limits(cpu_seconds=60, memory_bytes=1024**3)
SCORING = Limits(cpu_seconds=60, memory_bytes=1024**3)
PAGES = ((pages.FULL, Limits(cpu_seconds=20)), (pages.PLAIN, Limits(cpu_seconds=20)), (pages.BARE, Limits()))
"""What the work on one submission may take. It is a hundred times what honest ones need."""


@dataclass(frozen=True)
class Finished:
    """What the report says of a submission, and which scores are others than before."""

    row: Row
    results: tuple[TaskResult, ...] = ()
    changes: tuple[Change, ...] = ()


class OneByOne:
    """The submissions of an assignment, one at a time.

    Args:
        assignment: what they were handed in for.
        apart: does what touches a learner's text.
        feedback: whether to write feedback pages.
    """

    def __init__(self, assignment: Assignment, apart: Apart, feedback: bool) -> None:
        self.assignment, self.ledger = assignment, assignment.ledger
        self.scorer = assignment.scorer()
        self.scorer.keep_engine()
        self._apart, self._feedback = apart, feedback
        self._strict = assignment.conditions.provisional == ZERO
        basis = {name: each for name, each in assignment.basis.items() if name != bases.SOURCES}
        self._rests_on = json.dumps([FORMAT, basis], sort_keys=True)

    def begin(self, student: str, again: bool) -> Finished | Outcome:
        """Take in a submission.

        Args:
            student: whose.
            again: whether to grade also what is graded and unchanged.

        Returns:
            What the report says, if there is nothing to execute or it can't be; else the submission with what an
            earlier run executed of it that would be the same now: it did not come to score it, or something changed
            that only other notebooks rest on.
        """
        why_not = why_no_student(student)
        if why_not is not None:
            return self._unscored(student, (), noted("no-name", why=why_not))
        try:
            submission = self._taken_in(student)
        except (OverLimitError, WorkFailedError) as error:
            return self._unscored(student, (), noted("not-taken-in", why=error))
        if again:
            return Outcome(submission, self._strict)
        graded = self.ledger.graded(student)
        if graded is not None and graded.digest == submission.digest and self.scorer.graded(student):
            return self._unchanged(submission, graded)
        outcome = Outcome(submission, self._strict)
        for name in self.assignment.released:
            result = self.ledger.executed(student, name, self.key(outcome, name))
            # What was cut off may have been so for want of time or memory, of which there may be more now.
            if result is not None and result.is_whole:
                outcome.results[name] = result
        return outcome

    def job(self, outcome: Outcome, name: str) -> Job:
        """What there is to execute of one notebook of a submission."""
        submission, conditions = outcome.submission, self.assignment.conditions
        return Job(
            submission.cells[name],
            conditions.sandbox,
            self.assignment.policy(),
            conditions.seconds,
            f"{submission.student}/{name}",
            conditions.image,
            backend=conditions.backend,
        )

    def key(self, outcome: Outcome, name: str) -> str:
        """A digest of all that the result of executing a notebook of a submission rests on, whoever handed it in.

        That is its cells as they are run, tests among them, but not when it was handed in, nor what the instructor's
        other notebooks say.
        """
        return hashlib.sha256(
            json.dumps([self._rests_on, replace(self.job(outcome, name), name="").as_json()]).encode()
        ).hexdigest()

    def missing(self, outcome: Outcome) -> list[str]:
        """The notebooks of a submission that are yet to be executed."""
        return [name for name in self.assignment.released if name not in outcome.results]

    def keep(self, outcome: Outcome, name: str, result: Result) -> None:
        """Keep what was executed of one notebook of a submission."""
        outcome.results[name] = result
        self.ledger.store(outcome.submission.student, name, self.key(outcome, name), result)

    def finish(self, outcome: Outcome) -> Finished:
        """Score a submission all of which was executed, and remember it. Cut off anywhere, it is done again."""
        submission, student = outcome.submission, outcome.submission.student
        before = self.ledger.graded(student)
        repairs = (*submission.found, *outcome.repairs())
        try:
            same = self.ledger.handed_in(student) == submission.handed_in
            scoring = WriteScores(student, outcome.told(repairs), outcome.provisional(), same)
            repairs = (*repairs, *self._scored(scoring))
        except Exception as error:  # what one submission does to nbgrader is not to end the run for a whole class
            if is_locked(error):  # that is no fault of this submission's, and the next ones would wait as long
                raise
            return self._unscored(student, submission.found, _no_score(error))
        basis = self.assignment.basis
        standing = self.scorer.standing(student) or Standing(0.0, 0.0)
        results = tuple(results_of(standing, outcome.shown(self.assignment.released)))
        row = as_it_stands(Row(student, None, 0.0, outcome.seconds, "graded", repairs), standing)
        finished = Finished(row, results, tuple(changes(student, before, results, basis)))
        graded = Graded(submission.digest, submission.handed_in, basis, submission.states, row, results, self._feedback)
        self.ledger.remember(student, graded)
        # Another submission may have been taken in already, and wait for its execution.
        shutil.rmtree(self.scorer.clean_folder(student), ignore_errors=True)
        return finished

    def _taken_in(self, student: str) -> Submission:
        conditions = self.assignment.conditions
        rests_on = json.dumps([FORMAT, self.assignment.basis, conditions.provisional], sort_keys=True)
        return Submission.from_json(self._apart(as_json(TakeIn(student, rests_on)), TAKING_IN))

    def _unchanged(self, submission: Submission, graded: Graded) -> Finished:
        student = submission.student
        has_pages = graded.feedback and self.scorer.has_feedback(student, self.assignment.released)
        if self._feedback and not has_pages:
            try:
                found = self._make_pages(student)
            except Exception as error:  # as in finish: one submission does not end the run
                return self._unscored(student, submission.found, _no_score(error))
            graded = graded.with_feedback(tuple(found))
            self.ledger.remember(student, graded)
        # The points are the gradebook's: a teacher may have given some since.
        standing = self.scorer.standing(student) or Standing(0.0, 0.0)
        row = as_it_stands(replace(graded.row, status="unchanged"), standing)
        return Finished(row, tuple(results_of(standing, graded.by_cell)))

    def _scored(self, scoring: WriteScores) -> list[Repair]:
        """Score a submission and write its pages; returns what to say of the pages.

        Raises:
            OverLimitError: it could not be scored, or not even the simplest pages could be made.
        """
        if self._feedback:
            with contextlib.suppress(OverLimitError):
                self._apart(as_json(Finish(scoring)), PAGES[0][1])
                return []
        # One by one, each has limits of its own, and it is known for what they were too little.
        self._apart(as_json(scoring), SCORING)
        return self._make_pages(scoring.student) if self._feedback else []

    def _make_pages(self, student: str) -> list[Repair]:
        """Write feedback pages, simpler ones if what the learner handed in takes too much; returns what to say of it.

        Raises:
            OverLimitError: not even the simplest could be made.
        """
        over: list[OverLimitError] = []
        for style, limits in PAGES:
            try:
                self._apart(as_json(MakePages(student, style)), limits)
            except OverLimitError as error:
                over.append(error)
                continue
            return [] if style == pages.FULL else [_simpler_pages(over[-1], style)]
        raise over[-1]

    def _unscored(self, student: str, found: tuple[Repair, ...], why: Repair) -> Finished:
        """What the report says of a submission that nbgrader could not score. It is tried again in the next run."""
        return Finished(Row(student, None, self.assignment.most(), None, "not scored", (*found, why)))


def _simpler_pages(error: Exception, style: str) -> Repair:
    without = "colours and long outputs" if style == pages.PLAIN else "the learner's own cells"
    return noted("simpler-pages", without=without, why=error)


def _no_score(error: Exception) -> Repair:
    of_its_own = isinstance(error, (OverLimitError, WorkFailedError))
    return noted("unscored", why=error if of_its_own else f"{type(error).__name__}: {error}")
