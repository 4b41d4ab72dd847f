"""The tasks of an instructor's notebook: each one's test, its points, and the section that it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

HEADING = "## "
"""Begins a section. What stands before the first is the set-up, which belongs to all tasks."""
PREFIX = "test-"


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        name: the grade id of its test, without ``test-``.
        points: what it is worth.
        test: the place of its graded cell.
        section: the places of the cells of its section, from heading to heading; empty if it stands in the set-up.
    """

    name: str
    points: float
    test: int
    section: range


def tasks_of(notebook: NotebookNode) -> dict[str, Task]:
    """The tasks of a notebook by name, in order.

    Example:

    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> test = new_code_cell("", metadata={"nbgrader": {"grade": True, "grade_id": "test-sum", "points": 2}})
    >>> tasks_of(new_notebook(cells=[new_markdown_cell("## 1. A sum"), test]))
    {'sum': Task(name='sum', points=2.0, test=1, section=range(0, 2))}
    """
    cells = notebook.cells
    heads = [place for place, cell in enumerate(cells) if is_heading(cell)]
    found = {}
    for place, cell in enumerate(cells):
        marks = cell.metadata.get("nbgrader", {})
        if not marks.get("grade") and not marks.get("task"):
            continue
        begin = max((head for head in heads if head <= place), default=None)
        end = min((head for head in heads if head > place), default=len(cells))
        name = str(marks["grade_id"]).removeprefix(PREFIX)
        section = range(0) if begin is None else range(begin, end)
        found[name] = Task(name, float(marks.get("points", 0)), place, section)
    return found


def is_heading(cell: NotebookNode) -> bool:
    """Whether a cell begins a section."""
    return cell.cell_type == "markdown" and cell.source.startswith(HEADING)
