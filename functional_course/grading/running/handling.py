"""What a run does with the text of one learner: take it in, score it, make its pages.

A run has it done in a process apart, see :mod:`functional_course.grading.running.apart`; what comes back is plain data.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from functional_course.grading.gradebook.folders import Folders
from functional_course.grading.gradebook.scoring import Scorer
from functional_course.grading.judging.execution import Result
from functional_course.grading.taking_in.cleaning import clean
from functional_course.grading.taking_in.intake import take_in
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.released import brought_to_date
from functional_course.grading.taking_in.submitted import SubmittedNotebook

from nbformat.notebooknode import NotebookNode

TAKE_IN, SCORE, FEEDBACK, FINISH = "take in", "score", "feedback", "finish"


class Handling:
    """The work on submissions of one assignment.

    Args:
        folders: the course's.
        work: the run's own folder, in which clean notebooks and what was executed lie.
        assignment: the chapter.
        released: its released notebooks.
        plans: how each of them is judged.
        given: names of files and folders that were released with the notebooks.
        scorer: what writes scores and pages.
    """

    def __init__(
        self,
        folders: Folders,
        work: Path,
        assignment: str,
        released: Mapping[str, NotebookNode],
        plans: Mapping[str, Plan],
        given: Collection[str],
        scorer: Scorer,
    ) -> None:
        self.folders, self.work, self.assignment = folders, work, assignment
        self.released, self.plans, self.given, self.scorer = released, plans, given, scorer

    def __call__(self, job: dict[str, Any]) -> Any:
        """Do one piece of work: ``do`` says which, and the rest is what it takes."""
        job = dict(job)
        do = {TAKE_IN: self.take_in, SCORE: self.score, FEEDBACK: self.feedback, FINISH: self.finish}
        return do[job.pop("do")](**job)

    def prepare(self) -> None:
        """Have done once what the intake, nbgrader, nbconvert and SQLAlchemy would do again for each submission."""
        for name, notebook in self.released.items():
            cleaned = clean(name, brought_to_date(name, notebook), SubmittedNotebook([]), [])
            self.plans[name].cells(cleaned.notebook, cleaned.roles)
        self.scorer.prepare(list(self.released.values()))

    def take_in(self, student: str, rests_on: str) -> dict[str, Any]:
        """Take in a submission and write its clean notebooks.

        Args:
            student: whose.
            rests_on: what else the verdicts come from.

        Returns:
            ``digest`` (the same one means that there is nothing new to judge), ``handed_in`` (that of the submission
            alone), ``found`` (all repairs), and for each notebook ``states`` (whether its file was read), ``cells`` (as
            :class:`~functional_course.grading.taking_in.plan.Cell` has them) and ``marks``: by a cell's place what
            nbgrader knows about it.
        """
        intake = take_in(
            self.folders.submitted(student, self.assignment),
            self.released,
            below=self.folders.submissions,
            given=self.given,
        )
        folder = self.scorer.clean_folder(student)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        intake.write(folder)
        parts = [rests_on, intake.digest, str(intake.timestamp)]
        return {
            "digest": hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
            "handed_in": intake.digest,
            "found": [asdict(each) for each in intake.found],
            "states": intake.states,
            "cells": {
                name: [cell.as_json() for cell in self.plans[name].cells(notebook, intake.roles[name])]
                for name, notebook in intake.notebooks.items()
            },
            "marks": {
                name: {
                    str(index): cell.metadata["nbgrader"]
                    for index, cell in enumerate(notebook.cells)
                    if cell.metadata.get("nbgrader", {}).get("grade_id")
                }
                for name, notebook in intake.notebooks.items()
            },
        }

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
        executed = {}
        for name in said:
            stored = json.loads(executed_file(self.work, student, name).read_text(encoding="utf-8"))
            executed[name] = Result.from_json(stored["result"]).outputs
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


def executed_file(work: Path, student: str, name: str) -> Path:
    """Where the result of an execution lies until it is scored."""
    return work / "executed" / student / f"{name}.json"
