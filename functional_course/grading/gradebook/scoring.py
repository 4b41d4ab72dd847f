"""Put executed notebooks into nbgrader's gradebook with nbgrader's own steps, and make its feedback pages.

Scores stay nbgrader's: it determines them from the outputs, late penalties and all. Only its execution is left out,
since that has been done.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import re
import sqlite3
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functional_course.grading.gradebook import notes, pages, rehearsing
from functional_course.grading.gradebook.connecting import KeptEngine
from functional_course.grading.gradebook.folders import Folders
from functional_course.grading.gradebook.naming import plainly_named
from functional_course.grading.judging.showable import showable

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.api import (
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    SolutionCell,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from PIL import Image
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

BUSY_SECONDS = 30
"""How long to wait for another program that writes to the gradebook."""

LOCKED = "database is locked"
"""What SQLite says after that."""

_LOCKED = re.compile(
    r"(NbGraderException: )?((sqlalchemy\.exc\.)?OperationalError|(nbgrader\.api\.)?InvalidEntry): "
    rf"\(sqlite3\.OperationalError\) {LOCKED}"
)


def is_locked(error: Exception) -> bool:
    """Whether scoring failed because another program would not let go of the gradebook."""
    return _LOCKED.match(str(error)) is not None


@event.listens_for(Engine, "connect")
def _wait_for_others(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {1000 * BUSY_SECONDS}")


Outputs = Mapping[int, list[dict[str, Any]]]


@contextlib.contextmanager
def _quiet(log: logging.Logger) -> Iterator[None]:
    """Have a log say nothing: what nbgrader says there with a traceback, it raises as well."""
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before


class _Errors(logging.Handler):
    """Keeps of the last traceback that was logged the line that says what happened."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        lines = record.getMessage().strip().splitlines()
        if lines and lines[0].startswith("Traceback"):
            self.last = next(line for line in reversed(lines) if line and line[0] not in " [(")


class InsertOutputs(NbGraderPreprocessor):
    """Stands where nbgrader executes: it puts in the outputs of an execution that is over, and above them what the
    learner is told about the submission."""

    executed: Mapping[str, Outputs] = {}
    said: Mapping[str, Sequence[str]] = {}

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Set outputs and counts of all code cells, and add a cell of notes where there are any."""
        outputs = self.executed.get(resources["unique_key"], {})
        count = 0
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            count += 1
            cell.execution_count = count
            cell.outputs = [nbformat.from_dict(showable(output)) for output in outputs.get(index, [])]
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
        said = self.said.get(resources["unique_key"])
        if said:
            notebook.cells.insert(0, notes.cell(said))
        return notebook, resources


class SaveScores(SaveAutoGrades):
    """nbgrader's step that writes scores; what could not be judged safely waits for a teacher."""

    provisional: Mapping[str, Mapping[str, float]] = {}
    same = False

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        waited = grade.needs_manual_grade
        super()._add_score(cell, resources)
        points = self.provisional.get(self.notebook_id, {}).get(name)
        if points is not None:
            # A manual score stands beside it and counts instead.
            grade.auto_score, grade.needs_manual_grade = points, True
        if self.same and grade.manual_score is not None:
            # nbgrader asks a teacher to look again at what is judged again, though it be what the teacher has seen.
            grade.needs_manual_grade = waited
        self.gradebook.db.commit()


@dataclass(frozen=True)
class Mark:
    """What the gradebook has of one graded cell of a submission.

    Attributes:
        notebook: the notebook's name.
        cell: the grade id.
        points: the points earned; None if nobody has given any yet.
        most: the points that there are.
        by_hand: whether only a teacher can give points for it.
        given: whether a teacher has given the points.
        judged: the points by nbgrader's own steps; None if it gives none.
        waits: whether it waits for a teacher.
    """

    notebook: str
    cell: str
    points: float | None
    most: float
    by_hand: bool = False
    given: bool = False
    judged: float | None = None
    waits: bool = False


@dataclass(frozen=True)
class Standing:
    """What the gradebook has of a submission.

    Attributes:
        points: the points earned, less what lateness costs.
        most: the points that there are.
        late: what lateness costs.
        marks: of the graded cells.
    """

    points: float
    most: float
    late: float = 0.0
    marks: tuple[Mark, ...] = ()


def _score(
    executed: Mapping[str, Outputs],
    said: Mapping[str, Sequence[str]],
    provisional: Mapping[str, Mapping[str, float]],
    same: bool,
) -> type[Autograde]:
    """nbgrader's converter, with its execution replaced."""
    insert = type("InsertOutputs", (InsertOutputs,), {"executed": executed, "said": said})
    save = type("SaveScores", (SaveScores,), {"provisional": provisional, "same": same})
    steps = [
        insert,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        save,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    return type("Score", (Autograde,), {"autograde_preprocessors": steps})


def _marks(gradebook: Gradebook, submission: str) -> Iterator[Mark]:
    """The marks of all graded cells of a submission, in no order that one could rely on."""
    mine = (
        gradebook.db.query(Grade, BaseCell, Notebook)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .filter(SubmittedNotebook.assignment_id == submission)
        .all()
    )
    notebooks = {notebook.id for *_, notebook in mine}
    written = gradebook.db.query(SolutionCell.notebook_id, SolutionCell.name)
    answers = set(map(tuple, written.filter(SolutionCell.notebook_id.in_(notebooks)).all()))
    for grade, cell, notebook in mine:
        given = grade.manual_score is not None
        by_hand = isinstance(cell, TaskCell) or cell.cell_type != "code" or (notebook.id, cell.name) in answers
        points = float(grade.score) if given or grade.auto_score is not None else None
        most, waits = float(cell.max_score), bool(grade.needs_manual_grade)
        yield Mark(notebook.name, cell.name, points, most, by_hand, given, grade.auto_score, waits)


class Scorer:
    """Writes scores, one submission at a time.

    Args:
        config: nbgrader's configuration of the course.
        clean: the folder with clean submissions, in the place of nbgrader's ``submitted``: it sees no others.
        assignment: the chapter.
    """

    def __init__(self, config: Config, clean: Path, assignment: str) -> None:
        self.config, self.clean, self.assignment = config, clean, assignment
        self.folders = Folders(config)
        self._engine: KeptEngine | None = None

    def score(
        self,
        student: str,
        executed: Mapping[str, Outputs],
        said: Mapping[str, Sequence[str]] | None = None,
        provisional: Mapping[str, Mapping[str, float]] | None = None,
        same: bool = False,
    ) -> None:
        """Write the autograded notebooks and the scores of one submission.

        Args:
            student: who handed it in.
            executed: by notebook, the outputs of its cells.
            said: by notebook, what the learner is told about it.
            provisional: by notebook and grade id, the points of what waits for a teacher.
            same: whether it was scored before as it is: then nothing waits that a teacher has given points for.

        Raises:
            Exception: whatever nbgrader says to what it cannot do.
        """
        self._remove_link(self.folders.autograded(student, self.assignment), student)
        self._run(_score(executed, said or {}, provisional or {}, same), self._clean_config(student))

    def clean_folder(self, student: str) -> Path:
        """Where :meth:`score` looks for the clean submission of a student."""
        return Folders(self._clean_config(student)).submitted(student, self.assignment)

    def feedback(self, student: str, style: str = pages.FULL) -> None:
        """Write the feedback pages of a submission, in a style of :mod:`functional_course.grading.gradebook.pages`."""
        self._remove_link(self.folders.feedback(student, self.assignment), student)
        config = self._config(student)
        pages.configure(style, config)
        self._run(GenerateFeedback, config)

    def prepare(self, notebooks: Sequence[NotebookNode]) -> None:
        """Have read and compiled what all pages and scores need: templates, lexers, schemas, the database's SQL."""
        config = self._config("")
        GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
        pages.prepare(notebooks[:1], config)
        Image.preinit()
        self.keep_engine()
        if self._engine is not None:
            for notebook in notebooks[:1]:
                rehearsing.rehearse(notebook, self._engine, self._rehearsal)

    def keep_engine(self) -> None:
        """From here on open the gradebook without looking whether it has its tables, and compile its SQL once.

        If nbgrader doesn't know the assignment, or the gradebook is no SQLite file, all stays as it was.
        """
        if self._engine is None and self.known():
            self._engine = KeptEngine.of(self.folders.db_url)

    def _rehearsal(self, config: Config, clean: Path) -> None:
        scorer = Scorer(config, clean, rehearsing.ASSIGNMENT)
        scorer._engine = self._engine
        scorer.score(rehearsing.STUDENT, {rehearsing.NOTEBOOK: {}})
        scorer.feedback(rehearsing.STUDENT)

    def standing(self, student: str) -> Standing | None:
        """What the gradebook has of a student's submission; None if there is none."""
        with self._gradebook() as gradebook:
            return self._standing(gradebook, student)

    def standings(self) -> dict[str, Standing | None]:
        """What the gradebook has of everybody's submission, by student, in order; None where there is none."""
        with self._gradebook() as gradebook:
            students = sorted(student.id for student in gradebook.students)
            return {student: self._standing(gradebook, student) for student in students}

    def _standing(self, gradebook: Gradebook, student: str) -> Standing | None:
        try:
            submission = gradebook.find_submission(self.assignment, student)
        except MissingEntry:
            return None
        late = float(submission.late_submission_penalty or 0.0)
        earned = max(0.0, float(submission.score) - late)
        return Standing(earned, float(submission.max_score), late, tuple(_marks(gradebook, submission.id)))

    def known(self) -> bool:
        """Whether nbgrader knows the assignment."""
        with self._gradebook() as gradebook:
            try:
                return bool(gradebook.find_assignment(self.assignment).notebooks)
            except MissingEntry:
                return False

    def graded(self, student: str) -> bool:
        """Whether the gradebook has scores of this student and the autograded notebooks are there."""
        return self.standing(student) is not None and any(
            self.folders.autograded(student, self.assignment).glob("*.ipynb")
        )

    def has_feedback(self, student: str, names: Iterable[str]) -> bool:
        """Whether the feedback pages are there."""
        folder = self.folders.feedback(student, self.assignment)
        return all((folder / f"{name}.html").is_file() for name in names)

    @staticmethod
    def _remove_link(place: Path, student: str) -> None:
        """A link in the place of a folder that nbgrader is to replace leads elsewhere; nbgrader would follow it."""
        for path in (place.parent, place):
            if path.is_symlink() and (path == place or path.name == student):
                path.unlink()

    def _gradebook(self) -> Gradebook:
        if self._engine is None:
            return Gradebook(self.folders.db_url, self.folders.course_id)
        return self._engine.gradebook(self.folders.course_id)

    def _clean_config(self, student: str) -> Config:
        config = self._config(student)
        config.CourseDirectory.submitted_directory = str(self.clean)
        return config

    def _config(self, student: str) -> Config:
        config = copy.deepcopy(self.config)  # Config(...) would share its sections
        config.CourseDirectory.student_id = student
        config.CourseDirectory.assignment_id = self.assignment
        return config

    def _run(self, kind: type, config: Config) -> None:
        log, errors = logging.getLogger("functional_course.grading"), _Errors()
        log.setLevel(logging.ERROR)
        log.propagate = False
        log.addHandler(errors)
        config = copy.deepcopy(config)
        try:
            with (
                warnings.catch_warnings(),
                _quiet(logging.getLogger("tornado.application")),
                plainly_named(self.folders.root, self.clean) as (root, clean),
                contextlib.nullcontext() if self._engine is None else self._engine.opening(),
            ):
                config.CourseDirectory.root = str(root)
                if config.CourseDirectory.get("submitted_directory") == str(self.clean):
                    config.CourseDirectory.submitted_directory = str(clean)
                course = CourseDirectory(config=config, log=log)
                # nbgrader makes rows of its database in an order that SQLAlchemy warns about, each time.
                warnings.simplefilter("ignore", SAWarning)
                kind(coursedir=course, config=config, log=log, force=True).start()
        except NbGraderException as error:
            # It says no more than that there is a log; what happened stands there.
            raise NbGraderException(errors.last or str(error)) from error
        finally:
            log.removeHandler(errors)
