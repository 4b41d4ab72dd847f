"""A course of one small assignment, and classes that hand it in: for tests of grading that need no network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from functional_course.grading.releasing.unsolved import unsolved

import nbformat
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT = "00_small"

SETUP = """\
from functional_course.rubric import Rubric

offset = 2"""

ANSWERS = {
    "total": ("### BEGIN SOLUTION\ntotal = 40 + offset\n### END SOLUTION", "total = 40 + offset"),
    "twice": (
        "def twice(number):\n    ### BEGIN SOLUTION\n    return 2 * number\n    ### END SOLUTION",
        "def twice(number):\n    return 2 * number",
    ),
}
"""By task: the instructor's cell, and an answer that earns all points."""

TESTS = {
    "total": """\
rubric = Rubric("total", points=3, read="Chapter 0, section 1")
with rubric.criterion(1, "total is a number"):
    assert isinstance(total, int), f"found a {type(total).__name__}"
### BEGIN HIDDEN TESTS
with rubric.criterion(2, "total is right", hidden=True):
    assert total == 42
### END HIDDEN TESTS
rubric.score()""",
    "twice": """\
rubric = Rubric("twice", points=3, read="Chapter 0, section 2")
with rubric.criterion(1, "twice 1 is 2"):
    assert twice(1) == 2, f"found {twice(1)}"
### BEGIN HIDDEN TESTS
with rubric.criterion(2, "twice other numbers", hidden=True):
    assert [twice(each) for each in (0, -3, 2.5)] == [0, -6, 5.0]
### END HIDDEN TESTS
rubric.score()""",
}
POINTS = 6.0


def mark(grade_id: str, **more: object) -> dict[str, object]:
    """nbgrader's mark of a cell."""
    common = {"schema_version": 3, "task": False, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": {**common, "grade_id": grade_id, **more}}


def make_course(folder: Path, more: Mapping[str, tuple[str, str]] | None = None) -> Path:
    """Write the course and return its folder.

    Args:
        folder: where to.
        more: other tasks of one point: by name the instructor's answer and the test.
    """
    cells = [new_markdown_cell("# Small", id="title"), new_code_cell(SETUP, id="setup")]
    for task, (answer, _) in ANSWERS.items():
        cells.append(new_code_cell(answer, id=task, metadata=mark(task, solution=True)))
        test = mark(f"test-{task}", grade=True, locked=True, points=3)
        cells.append(new_code_cell(TESTS[task], id=f"test-{task}", metadata=test))
    for task, (answer, test) in (more or {}).items():
        source = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells.append(new_code_cell(source, id=task, metadata=mark(task, solution=True)))
        marks = mark(f"test-{task}", grade=True, locked=True, points=1)
        cells.append(new_code_cell(test, id=f"test-{task}", metadata=marks))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["functional_course"] = {"chapter": ASSIGNMENT, "notebook": "small"}
    source = folder / "solutions" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(notebook, source / "small.ipynb")
    (folder / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    return folder


def hand_in(course: Path, student: str, answers: Mapping[str, str] | None = None, *, own: bool = True) -> Path:
    """Hand in the released notebook with some answers, all right ones if left out.

    Args:
        course: its folder.
        student: who does.
        answers: by task.
        own: whether a comment in each answer says whose it is, so that no two hand-ins are the same word for word.
    """
    notebook = nbformat.read(course / "solutions" / ASSIGNMENT / "small.ipynb", 4)
    given = {task: right for task, (_, right) in ANSWERS.items()} if answers is None else answers
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = given.get(grade_id, "raise NotImplementedError")
            if own and grade_id in given:
                cell.source += f"\n# {student!a}"
        elif grade_id:
            shown, hidden, _ = cell.source.partition("### BEGIN HIDDEN")
            cell.source = shown + "rubric.score()" if hidden else shown
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "small.ipynb")
    return folder


def put_exercise(course: Path, answers: Mapping[str, str] | None = None) -> Path:
    """Put the released notebook with some answers, all right ones if left out, where a clone has it."""
    notebook = unsolved(nbformat.read(course / "solutions" / ASSIGNMENT / "small.ipynb", 4))
    given = {task: right for task, (_, right) in ANSWERS.items()} if answers is None else answers
    tasks = {}
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark:
            tasks[mark["grade_id"]] = mark.get("points") if mark["grade"] or mark["task"] else None
        if mark.get("solution"):
            cell.source = given.get(mark["grade_id"], cell.source)
    notebook.metadata["functional_course"]["cells"] = tasks
    path = course / "exercises" / ASSIGNMENT / "small.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
