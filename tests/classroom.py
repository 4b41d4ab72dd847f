"""A class in a scratch folder: the course, its students, and nbgrader's own command line."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import nbgrader_command
from conftest import ROOT

CHAPTERS = sorted({path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb")})
NOTEBOOKS = {
    chapter: sorted(path.stem for path in (ROOT / "solutions" / chapter).glob("*.ipynb")) for chapter in CHAPTERS
}
EACH_NOTEBOOK = [(chapter, name) for chapter, names in NOTEBOOKS.items() for name in names]

_SETTINGS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
_MARKERS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Graded:
    """What nbgrader made of one test cell: its points, and what the cell shows."""

    points: float
    text: str


class Classroom:
    """A course folder with students, driven through ``nbgrader`` as a teacher drives it.

    Args:
        folder: an empty folder.
        chapter: the assignment.
    """

    def __init__(self, folder: Path, chapter: str) -> None:
        self.folder, self.chapter = folder, chapter
        self.exchange = folder / "exchange"
        self.exchange.mkdir(parents=True)
        self.exchange.chmod(0o777)
        (folder / "home").mkdir()
        self.course = folder / "course"
        shutil.copytree(ROOT / "solutions" / chapter, self.course / "solutions" / chapter)
        settings = (ROOT / "nbgrader_config.py").read_text() + f"\nc.Exchange.root = {str(self.exchange)!r}\n"
        (self.course / "nbgrader_config.py").write_text(settings)

    def nbgrader(self, *arguments: str, at: Path | None = None) -> str:
        """Run one nbgrader command and return what it said; a failing one fails the test with its output."""
        return nbgrader(at or self.course, self.folder / "home", *arguments)

    @contextlib.contextmanager
    def source(self, name: str) -> Iterator[nbformat.NotebookNode]:
        """The instructor's notebook of this class, to change before it is released."""
        path = self.course / "solutions" / self.chapter / f"{name}.ipynb"
        notebook = nbformat.read(path, 4)
        yield notebook
        nbformat.write(notebook, path)

    def released(self, name: str) -> nbformat.NotebookNode:
        """A fresh copy of a released notebook."""
        return nbformat.read(self.course / "exercises" / self.chapter / f"{name}.ipynb", 4)

    def answered(self, name: str, answers: Mapping[str, str]) -> nbformat.NotebookNode:
        """A released notebook with the text of some answer cells replaced."""
        notebook = self.released(name)
        cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
        unknown = set(answers) - set(cells)
        assert not unknown, f"no such tasks in {name}: {unknown}"
        for task, source in answers.items():
            cells[task].source = source
        return notebook

    def hand_in(self, student: str, answers: Mapping[str, Mapping[str, str]]) -> None:
        """Put a student's notebooks where ``nbgrader collect`` puts them."""
        folder = self.course / "submitted" / student / self.chapter
        shutil.copytree(self.course / "exercises" / self.chapter, folder)
        for name, given in answers.items():
            nbformat.write(self.answered(name, given), folder / f"{name}.ipynb")

    def graded(self, student: str, name: str) -> dict[str, Graded]:
        """What became of each test cell of a student's notebook, by task, from gradebook and autograded file."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as gradebook:
            grades = gradebook.find_submission_notebook(name, self.chapter, student).grades
            points = {grade.name: grade.score for grade in grades}
        notebook = nbformat.read(self.course / "autograded" / student / self.chapter / f"{name}.ipynb", 4)
        shown = {cell.metadata.get("nbgrader", {}).get("grade_id"): _shown(cell) for cell in notebook.cells}
        return {test.removeprefix("test-"): Graded(points[test], shown[test]) for test in points}

    def exported(self) -> dict[str, tuple[float, float]]:
        """``nbgrader export``: from student to score and the most there is."""
        self.nbgrader("export")
        with open(self.course / "grades.csv", newline="") as file:
            return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}


def course_of(
    course: Path, chapter: str, names: Sequence[str], answers: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> None:
    """Make a course of some notebooks of a chapter, and hand them in, from what is committed and without nbgrader.

    Args:
        course: an empty folder, or none yet.
        chapter: which.
        names: of its notebooks.
        answers: by student and notebook, the text of answer cells; the others stay as they were released.
    """
    source = course / "solutions" / chapter
    shutil.copytree(ROOT / "solutions" / chapter, source)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    for path in source.glob("*.ipynb"):
        if path.stem not in names:
            path.unlink()
    for student, given in answers.items():
        folder = course / "submitted" / student / chapter
        folder.mkdir(parents=True)
        for name in names:
            notebook = nbformat.read(ROOT / "exercises" / chapter / f"{name}.ipynb", 4)
            for cell in notebook.cells:
                cell.source = given[name].get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
            nbformat.write(notebook, folder / f"{name}.ipynb")


def nbgrader(course: Path, home: Path, *arguments: str) -> str:
    """Run one nbgrader command in a course and return what it said; a failing one fails the test with its output.

    Args:
        course: where it runs.
        home: a folder that stands for the settings of this machine's user.
        arguments: of the command.
    """
    environment = {
        **os.environ,
        # One thread a kernel: the tests run on all cores already.
        **{name: str(home) for name in _SETTINGS},
        **dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"),
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
    }
    status, said = nbgrader_command.run(arguments, course, environment)
    assert status == 0, f"nbgrader {' '.join(arguments)}:\n{said[-6000:]}"
    return said


def solution_answers(chapter: str, name: str) -> dict[str, str]:
    """The answers of the instructor's notebook, by task."""
    notebook = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
    marked = [(cell.metadata.get("nbgrader", {}), cell.source) for cell in notebook.cells]
    return {mark["grade_id"]: without_markers(source) for mark, source in marked if mark.get("solution")}


def without_markers(source: str) -> str:
    """The text of a solution's cell as a learner writes it."""
    return _MARKERS.sub("", source)


def hidden_lines(chapter: str, name: str) -> list[str]:
    """The lines of hidden tests in the instructor's notebook that say something."""
    notebook = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
    regions = re.findall(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", _sources(notebook), re.DOTALL)
    visible = re.sub(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", "", _sources(notebook), flags=re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return sorted(line for line in lines if len(line) > 20 and line not in visible)


def _sources(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def _shown(cell: nbformat.NotebookNode) -> str:
    parts = [output.get("text", "") or "\n".join(output.get("traceback", [])) for output in cell.get("outputs", [])]
    return "\n".join(parts)
