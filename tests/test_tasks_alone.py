"""The tasks of a notebook do not depend on each other: each needs the set-up and its own cells, in any order."""

from __future__ import annotations

import builtins

import nbformat
import pytest
from bare_notebooks import HEADING, names_of
from classroom import EACH_NOTEBOOK
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell

OF_PYTHON = {*vars(builtins), "get_ipython", "__name__"}
PROMISE = "The tasks do not depend on each other."


def parts(cells: list[nbformat.NotebookNode]) -> list[list[nbformat.NotebookNode]]:
    """The code cells of the set-up, then those of each task, as learners have them but with the hidden tests."""
    found: list[list[nbformat.NotebookNode]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and HEADING.match(cell.source):
            found.append([])
        elif cell.cell_type == "code" and "solution-only" not in cell.metadata.get("tags", []):
            found[-1].append(cell)
    return found


def faults(cells: list[nbformat.NotebookNode]) -> list[str]:
    """The names by which one task depends on another."""
    set_up, *tasks = ([(cell, *names_of(cell.source)) for cell in part] for part in parts(cells))
    given = OF_PYTHON.union(*(made for _, made, _ in set_up))
    made_by = [set().union(*(made for _, made, _ in task)) for task in tasks]
    found = []
    for number, task in enumerate(tasks):
        known = set(given)
        others = set().union(*(names for other, names in enumerate(made_by) if other != number))
        for cell, made, needed in task:
            found += [f"task {number + 1} needs {name} of another one" for name in sorted(needed - known)]
            if cell.metadata.get("nbgrader", {}).get("grade"):
                changed = sorted(needed & others & known)
                found += [f"the check of task {number + 1} needs {name}, which another changes" for name in changed]
            known |= made
    return found


@pytest.mark.parametrize(("chapter", "name"), EACH_NOTEBOOK)
def test_each_task_stands_alone(chapter: str, name: str):
    notebook = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(parts(notebook.cells)) == 1 + len(tests)
    assert PROMISE in " ".join(notebook.cells[0].source.split())
    assert faults(notebook.cells) == []


def test_a_name_of_another_task_is_found():
    check = {"nbgrader": {"grade": True}}
    cells = [
        new_code_cell("import math\nimages = [1]"),
        new_markdown_cell("## 1. One"),
        new_code_cell("largest = max(images)"),
        new_code_cell("assert largest\nmoved = 1", metadata=check),
        new_markdown_cell("## 2. Two"),
        new_code_cell("moved = [2]"),
        new_code_cell("assert math.pi and moved", metadata=check),
    ]
    assert faults(cells) == ["the check of task 2 needs moved, which another changes"]
    cells[5].source = "moved = [largest]"
    assert faults(cells)[0] == "task 2 needs largest of another one"
    cells[5].source, cells[6].source = "two = [2]", "assert math.pi and two"
    assert faults(cells) == []
