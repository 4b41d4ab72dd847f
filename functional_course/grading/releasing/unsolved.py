"""An instructor's notebook as learners get it, made without nbgrader: a learner's environment need not have it.

``course release`` makes the exercises themselves, with nbgrader. This is the same text, for what only compares with it.
"""

from __future__ import annotations

import copy
import re

from functional_course.grading.taking_in.plan import MARKERS
from functional_course.grading.taking_in.roles import Role, released_roles

from nbformat.notebooknode import NotebookNode

SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
SOLUTION_ONLY = "solution-only"
STUBS = {"code": "# YOUR CODE HERE\nraise NotImplementedError()"}
OTHER_STUB = "YOUR ANSWER HERE"
OWN_WORDS = re.compile(r"(?:delimeter|delimiter|_stub)\b")
"""Settings of nbgrader's that change what is between which marks, or what stands for it."""


def unsolved(source: NotebookNode) -> NotebookNode:
    """The instructor's notebook without solutions, hidden tests, outputs and the cells that only the instructor sees.

    Args:
        source: stays as it is. Its marks are nbgrader's usual ones.
    """
    notebook = copy.deepcopy(source)
    notebook.cells = [cell for cell in notebook.cells if SOLUTION_ONLY not in cell.metadata.get("tags", [])]
    for role, cell in zip(released_roles(notebook), notebook.cells, strict=True):
        if role == Role.ANSWER:
            stub = STUBS.get(cell.cell_type, OTHER_STUB)
            cleared = _without(cell.source, SOLUTION, stub)
            cell.source = stub if cleared == cell.source else cleared
        elif role == Role.TEST:
            cell.source = _without(cell.source, MARKERS, "")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _without(text: str, marks: tuple[str, str], stub: str) -> str:
    """A text with a stub, indented as the mark is, in the place of each region; without a stub, nothing is."""
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        if marks[0] in line:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + each for each in stub.split("\n")] if stub else []
        elif marks[1] in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
