"""The instructor's notebook of an exercise, where a learner's folder holds it, as every clone of the course does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from functional_course.grading.releasing.unsolved import OWN_WORDS, unsolved
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.released import brought_to_date, read_released
from functional_course.notebooks.beside import handed_out
from functional_course.notebooks.course_root import MARK

from nbformat.notebooknode import NotebookNode

SOLUTIONS = "solutions"


class NoInstructors(RuntimeError):
    """There is nothing to judge hidden criteria with. The message says why, as a sentence; it is empty where a learner
    has the released folder alone, which is nothing to wonder about."""


@dataclass(frozen=True)
class Instructors:
    """The instructor's notebook of one exercise.

    Attributes:
        path: its file.
        source: its cells.
    """

    path: Path
    source: NotebookNode

    @cached_property
    def released(self) -> NotebookNode:
        """The notebook as learners get it."""
        return brought_to_date(self.path.stem, unsolved(self.source))

    @property
    def beside(self) -> list[Path]:
        """The files and folders that are handed out with it."""
        return handed_out(self.path.parent)

    def plan(self, seconds: int) -> Plan:
        """How it is judged.

        Args:
            seconds: how long a cell may take.
        """
        return Plan(self.source, seconds=seconds)


def instructors_of(root: Path | None, chapter: str, notebook: str) -> Instructors:
    """Find the instructor's notebook of an exercise.

    Args:
        root: the course; None if there is none.
        chapter: the exercise's chapter, as its file says: a stranger may have written it.
        notebook: its name.

    Raises:
        NoInstructors: there is none, or it cannot be used without nbgrader.
        functional_course.grading.taking_in.released.ReleasedError: it is damaged.
    """
    if root is None or not (root / SOLUTIONS).is_dir():
        raise NoInstructors("")
    plain = all(name and Path(name).name == name and name not in (".", "..") for name in (chapter, notebook))
    path = root / SOLUTIONS / chapter / f"{notebook}.ipynb"
    if not plain or not path.is_file():
        raise NoInstructors(f"There is no notebook for it in {SOLUTIONS}, so only the visible criteria are judged.")
    if OWN_WORDS.search((root / MARK).read_text(encoding="utf-8", errors="replace")):
        raise NoInstructors(
            f"{MARK} sets markers of its own for solutions or tests, which only nbgrader reads, so only the visible "
            "criteria are judged."
        )
    return Instructors(path, read_released(path))
