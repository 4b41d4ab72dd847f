"""What a run does with the text of one learner: take it in, score it, make its pages.

A run has it done in a process apart, see :mod:`functional_course.grading.running.apart`; what comes back is plain data.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from typing import Any

from functional_course.grading.running.assignment import Assignment
from functional_course.grading.running.pieces import Finish, MakePages, TakeIn, WriteScores, from_json
from functional_course.grading.running.submission import Submission
from functional_course.grading.taking_in.cleaning import clean
from functional_course.grading.taking_in.intake import take_in
from functional_course.grading.taking_in.released import brought_to_date
from functional_course.grading.taking_in.submitted import SubmittedNotebook


class Handling:
    """The work on submissions of one assignment.

    Args:
        assignment: what they were handed in for, prepared.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment, self.scorer = assignment, assignment.scorer()

    def __call__(self, data: Sequence[Any]) -> dict[str, Any] | None:
        """Do one piece of work, which :func:`functional_course.grading.running.pieces.as_json` told."""
        match from_json(data):
            case TakeIn() as piece:
                return self.take_in(piece)
            case WriteScores() as piece:
                self.score(piece)
            case MakePages() as piece:
                self.make_pages(piece)
            case Finish(scoring):
                self.score(scoring)
                self.make_pages(MakePages(scoring.student))
        return None

    def prepare(self) -> None:
        """Have done once what the intake, nbgrader, nbconvert and SQLAlchemy would do again for each submission."""
        released, plans = self.assignment.released, self.assignment.plans
        for name, notebook in released.items():
            cleaned = clean(name, brought_to_date(name, notebook), SubmittedNotebook([]), [])
            plans[name].cells(cleaned.notebook, cleaned.roles)
        self.scorer.prepare(list(released.values()))

    def take_in(self, piece: TakeIn) -> dict[str, Any]:
        """Take in a submission and write its clean notebooks.

        Returns:
            What :class:`~functional_course.grading.running.submission.Submission` reads.
        """
        assignment, student = self.assignment, piece.student
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
        parts = [piece.rests_on, intake.digest, str(intake.timestamp)]
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

    def score(self, piece: WriteScores) -> None:
        """Write the autograded notebooks and the scores of a submission that was taken in and executed."""
        student = piece.student
        executed = {name: self.assignment.ledger.just_executed(student, name).outputs for name in piece.said}
        self.scorer.score(student, executed, piece.said, piece.provisional, piece.same)

    def make_pages(self, piece: MakePages) -> None:
        """Write the pages for a learner."""
        self.scorer.feedback(piece.student, piece.style)
