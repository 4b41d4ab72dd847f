"""What a run does with the text of one learner: take it in, score it, make its pages.

A run has it done in a process apart, see :mod:`functional_course.grading.running.apart`; what comes back is plain data.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from functional_course.grading.running.assignment import Assignment
from functional_course.grading.running.submission import Submission
from functional_course.grading.taking_in.cleaning import clean
from functional_course.grading.taking_in.intake import take_in
from functional_course.grading.taking_in.released import brought_to_date
from functional_course.grading.taking_in.submitted import SubmittedNotebook

TAKE_IN, SCORE, FEEDBACK, FINISH = "take in", "score", "feedback", "finish"


class Handling:
    """The work on submissions of one assignment.

    Args:
        assignment: what they were handed in for, prepared.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment, self.scorer = assignment, assignment.scorer()

    def __call__(self, job: dict[str, Any]) -> Any:
        """Do one piece of work: ``do`` says which, and the rest is what it takes."""
        job = dict(job)
        do: dict[str, Callable[..., Any]] = {
            TAKE_IN: self.take_in,
            SCORE: self.score,
            FEEDBACK: self.feedback,
            FINISH: self.finish,
        }
        return do[job.pop("do")](**job)

    def prepare(self) -> None:
        """Have done once what the intake, nbgrader, nbconvert and SQLAlchemy would do again for each submission."""
        released, plans = self.assignment.released, self.assignment.plans
        for name, notebook in released.items():
            cleaned = clean(name, brought_to_date(name, notebook), SubmittedNotebook([]), [])
            plans[name].cells(cleaned.notebook, cleaned.roles)
        self.scorer.prepare(list(released.values()))

    def take_in(self, student: str, rests_on: str) -> dict[str, Any]:
        """Take in a submission and write its clean notebooks.

        Args:
            student: whose.
            rests_on: what else the verdicts come from.

        Returns:
            What :class:`~functional_course.grading.running.submission.Submission` reads.
        """
        assignment = self.assignment
        intake = take_in(
            assignment.folders.submitted(student, assignment.name),
            assignment.released,
            below=assignment.folders.submissions,
            given=[path.name for path in assignment.given],
        )
        folder = self.scorer.clean_folder(student)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        intake.write(folder)
        parts = [rests_on, intake.digest, str(intake.timestamp)]
        return Submission(
            student,
            digest=hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
            handed_in=intake.digest,
            found=tuple(intake.found),
            states=intake.states,
            cells={
                name: tuple(assignment.plans[name].cells(notebook, intake.roles[name]))
                for name, notebook in intake.notebooks.items()
            },
            marks={
                name: {
                    index: cell.metadata["nbgrader"]
                    for index, cell in enumerate(notebook.cells)
                    if cell.metadata.get("nbgrader", {}).get("grade_id")
                }
                for name, notebook in intake.notebooks.items()
            },
        ).as_json()

    def score(
        self,
        student: str,
        said: Mapping[str, list[str]],
        provisional: Mapping[str, Mapping[str, float]],
        same: bool = False,
    ) -> None:
        """Write the autograded notebooks and the scores of a submission that was taken in and executed.

        Args:
            student: whose.
            said: by notebook, what the learner is told about it.
            provisional: by notebook and grade id, the points of what waits for a teacher.
            same: whether it was scored before as it is.
        """
        executed = {name: self.assignment.ledger.just_executed(student, name).outputs for name in said}
        self.scorer.score(student, executed, said, provisional, same)

    def feedback(self, student: str, style: str = "") -> None:
        """Write the pages for a learner, in one of the styles of :mod:`functional_course.grading.gradebook.pages`."""
        if style:
            self.scorer.feedback(student, style)
        else:
            self.scorer.feedback(student)

    def finish(self, student: str, **scoring: Any) -> None:
        """Score (see :meth:`score`) and write the pages in one go: what nbgrader loads for the one serves the other."""
        self.score(student=student, **scoring)
        self.feedback(student=student)
