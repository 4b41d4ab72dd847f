"""The answers of a class as statements, and what everybody was given: nothing is executed or imported.

Learners' files are opened by the intake of the grader, and their texts read in a process with limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.running.apart import Apart, Limits, OverLimitError, WorkFailedError
from functional_course.grading.running.ledger import run_folder
from functional_course.grading.taking_in.cleaning import clean
from functional_course.grading.taking_in.intake import MISSING, UNREADABLE, take_in
from functional_course.grading.taking_in.released import ReleasedError, read_released
from functional_course.grading.taking_in.roles import Role, with_roles
from functional_course.grading.taking_in.submitted import SubmittedNotebook
from functional_course.likeness.tokens import Line, lines, words
from functional_course.notebooks.beside import handed_out

from nbformat.notebooknode import NotebookNode

LIMITS = Limits(cpu_seconds=20, seconds=120.0, memory_bytes=512 * 1024**2)
"""What reading one submission may take: a hundred times what ordinary ones need."""

_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


class LikenessError(RuntimeError):
    """The answers cannot be compared; the message says why and what to do."""


@dataclass(frozen=True)
class Answers:
    """What a class answered to one task.

    Attributes:
        notebook: the notebook's name.
        task: the answer's grade id.
        given: the statements that all were given.
        solution: those of the instructor's answer.
        by_student: the statements of each answer.
    """

    notebook: str
    task: str
    given: tuple[Line, ...]
    solution: tuple[Line, ...]
    by_student: Mapping[str, tuple[Line, ...]]


@dataclass(frozen=True)
class ClassAnswers:
    """What a class answered in a chapter.

    Attributes:
        chapter: the assignment.
        tasks: in the order of the notebooks.
        students: how many handed in something.
        skipped: whose notebook, or whose whole submission, could not be read, and why.
    """

    chapter: str
    tasks: tuple[Answers, ...]
    students: int
    skipped: tuple[str, ...] = ()


def read_answers(
    root: Path, chapter: str, progress: Callable[[int, int], None] = lambda done, of: None
) -> ClassAnswers:
    """What was handed in for a chapter.

    Args:
        root: the course.
        chapter: the assignment.
        progress: called with how many submissions are read, of how many.

    Raises:
        LikenessError: there is no such chapter, it was not released, or nobody handed in anything.
    """
    try:
        folders = Folders(load_config(root))
    except FoldersError as error:
        raise LikenessError(str(error)) from error
    known = folders.assignments()
    if chapter not in known:
        raise LikenessError(f"There is no chapter {chapter}. There are: {', '.join(known) or 'none'}.")
    students = folders.students(chapter)
    if not students:
        raise LikenessError(f"Nobody has handed in {chapter} yet. Run nbgrader collect.")
    reading = _Reading(root, folders, chapter)
    answers: dict[tuple[str, str], dict[str, tuple[Line, ...]]] = {key: {} for key in reading.solutions}
    skipped = []
    with Apart(reading, prepare=reading.prepare) as apart:
        for done, student in enumerate(students):
            progress(done, len(students))
            try:
                found = apart(student, LIMITS)
            except (OverLimitError, WorkFailedError) as error:
                skipped.append(f"{student} ({error})")
                continue
            skipped += [f"{student}, {name} ({state})" for name, state in found["unread"].items()]
            for name, task, statements in found["answers"]:
                answers[name, task][student] = tuple(Line(text, tuple(tokens)) for text, tokens in statements)
    tasks = [Answers(*key, reading.given[key[0]], reading.solutions[key], mine) for key, mine in answers.items()]
    return ClassAnswers(chapter, tuple(tasks), len(students), tuple(skipped))


class _Reading:
    """Reads one submission; called in a process apart."""

    def __init__(self, root: Path, folders: Folders, chapter: str) -> None:
        self._folders, self._chapter = folders, chapter
        self._released = _released(root, folders, chapter)
        source = folders.source(chapter)
        self._beside = [path.name for path in handed_out(source)]
        self._words: dict[str, frozenset[str]] = {}
        self.given: dict[str, tuple[Line, ...]] = {}
        self.solutions: dict[tuple[str, str], tuple[Line, ...]] = {}
        for name, notebook in self._released.items():
            texts = [cell.source for cell in notebook.cells]
            code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
            code += [part for text in texts for part in _FENCED.findall(text)]
            self._words[name] = words(texts)
            self.given[name] = tuple(line for text in code for line in lines(text, self._words[name]))
            for task, answer in _solved(read_released(source / f"{name}.ipynb")).items():
                self.solutions[name, task] = tuple(lines(answer, self._words[name]))

    def prepare(self) -> None:
        """Have done once what the intake would do again for each submission."""
        for name, notebook in self._released.items():
            clean(name, notebook, SubmittedNotebook([]), [])

    def __call__(self, student: str) -> dict[str, Any]:
        """The answers of a student, and the notebooks that could not be read with what became of them."""
        intake = take_in(
            self._folders.submitted(student, self._chapter),
            self._released,
            below=self._folders.submissions,
            given=self._beside,
        )
        answers = []
        for name, notebook in intake.notebooks.items():
            for task, text in _answered(notebook, intake.roles[name]).items():
                if (name, task) in self.solutions:
                    found = [[line.text, line.tokens] for line in lines(text, self._words[name])]
                    answers.append([name, task, found])
        why = {MISSING: "there is none", UNREADABLE: "it can't be read"}
        return {
            "answers": answers,
            "unread": {name: why[state] for name, state in intake.states.items() if state in why},
        }


def _released(root: Path, folders: Folders, chapter: str) -> dict[str, NotebookNode]:
    """The released notebooks: those that the class was graded with, or else those that were handed out."""
    for place in (run_folder(root, chapter) / "released" / chapter, folders.release(chapter)):
        paths = sorted(place.glob("*.ipynb"))
        if paths:
            try:
                return {path.stem: read_released(path) for path in paths}
            except ReleasedError as error:
                raise LikenessError(str(error)) from error
    raise LikenessError(f"{chapter} has not been released. Run course release {chapter}.")


def _solved(notebook: NotebookNode) -> dict[str, str]:
    """The instructor's answers in code, by task. The lines that mark them are comments."""
    cells = [(cell.metadata.get("nbgrader", {}), cell) for cell in notebook.cells if cell.cell_type == "code"]
    return {mark["grade_id"]: cell.source for mark, cell in cells if mark.get("solution")}


def _answered(notebook: NotebookNode, roles: tuple[Role, ...]) -> dict[str, str]:
    """A learner's answers, by task. A cell that the learner added goes with the next answer, or with the last."""
    answers: dict[str, str] = {}
    added: list[str] = []
    last = ""
    for role, cell in with_roles(notebook, roles):
        if role == Role.ADDED:
            added.append(cell.source)
        elif role == Role.ANSWER and cell.cell_type == "code":
            last = cell.metadata["nbgrader"]["grade_id"]
            answers[last] = "\n".join([*added, cell.source])
            added = []
    if added and last:
        answers[last] = "\n".join([answers[last], *added])
    return answers
