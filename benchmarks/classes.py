"""Classes to measure with: learners who hand in what learners do, right, wrong and untouched."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import nbformat
from answer_files import RIGHT, WRONG, variant
from classroom import NOTEBOOKS, course_of
from conftest import ROOT

UNTOUCHED = "untouched"
MIXTURE = (RIGHT[0], WRONG[0], RIGHT[1], WRONG[1], UNTOUCHED, RIGHT[2], WRONG[2], WRONG[3], WRONG[4])
"""Who sits in a class, again and again from the first: three learners in nine are right, and one did nothing."""


def make_class(course: Path, chapter: str, students: int, notebooks: Sequence[str] = ()) -> None:
    """Make a course of one chapter, and a class that hands it in.

    Each answer has a line that says whose it is: word for word the same as another's, a notebook would be executed once
    for both.

    Args:
        course: an empty folder, or none yet.
        chapter: which.
        students: how many, see :data:`MIXTURE`.
        notebooks: which of the chapter's; all if left out.
    """
    names = list(notebooks) or NOTEBOOKS[chapter]
    answers = {
        f"student_{number:04d}": {name: _answers(chapter, name, number) for name in names} for number in range(students)
    }
    course_of(course, chapter, names, answers)


def _answers(chapter: str, name: str, number: int) -> dict[str, str]:
    given = variant(chapter, name, MIXTURE[number % len(MIXTURE)])
    notebook = nbformat.read(ROOT / "exercises" / chapter / f"{name}.ipynb", 4)
    answers = {}
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution") and cell.cell_type == "code":
            answer = given.get(mark["grade_id"])
            answers[mark["grade_id"]] = f"{answer.source if answer else cell.source}\n# {number}"
    return answers
