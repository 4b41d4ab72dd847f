"""Read an exercise notebook as a check needs it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from functional_course.grading.taking_in.opening import Unreadable
from functional_course.grading.taking_in.submitted import as_notebook, parse_notebook
from functional_course.notebooks.reading import NotebookError, read_bytes

import nbformat


def read_exercise(path: str | Path) -> nbformat.NotebookNode:
    """Read an exercise notebook as ``course grade`` reads it, and see that none of its tasks is missing.

    Returns:
        Its texts and nbgrader's marks, without outputs; see
        :func:`functional_course.grading.taking_in.submitted.as_notebook`.

    Raises:
        NotebookError: it cannot be read, is not one of the course's exercises, or lacks or repeats a cell of a task.
    """
    return exercise_in(read_bytes(Path(path)), path)


def exercise_in(data: bytes, path: str | Path) -> nbformat.NotebookNode:
    """The exercise notebook that :func:`read_exercise` finds in what a file holds.

    Args:
        data: the file's bytes.
        path: the file, for messages.

    Raises:
        NotebookError: see :func:`read_exercise`.
    """
    try:
        content = parse_notebook(data)
    except Unreadable as error:
        raise NotebookError(f"{path} {error.reason}. {error.advice}") from error
    notebook, cells = as_notebook(content), content.tasks
    if not cells:
        raise NotebookError(
            f"{path} is a notebook, but not an exercise of this course. "
            "Give one from exercises/, such as exercises/01_sequential_vs_functional/build.ipynb."
        )
    present = grade_ids(notebook)
    for what, wrong in (
        ("lacks", [name for name in cells if name not in present]),
        ("repeats", [name for name in cells if present.count(name) > 1]),
    ):
        if wrong:
            plural = "s" if len(wrong) > 1 else ""
            raise NotebookError(
                f"{path} {what} the cell{plural} {', '.join(wrong)}. "
                "Take a fresh copy of the notebook and put your answers into its cells."
            )
    return notebook


def answers_digest(notebook: nbformat.NotebookNode) -> str:
    """A digest of the text of a notebook's code cells: it changes when an answer does, not when outputs do."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def grade_ids(notebook: nbformat.NotebookNode) -> list[str | None]:
    """nbgrader's name of each cell; None where it has none."""
    marks = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    return [mark.get("grade_id") if isinstance(mark, dict) else None for mark in marks]
