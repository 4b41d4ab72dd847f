"""Leave tasks out of an instructor's notebook, each with its whole section, unless another task needs a part of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from functional_course.grading.analysis.scope import python_of, read_at_once, read_later, stored
from functional_course.grading.releasing.unsolved import SOLUTION_ONLY
from functional_course.own_course.tasks import Task, is_heading, tasks_of

from nbformat.notebooknode import NotebookNode


class NeededError(ValueError):
    """A task can't be left out. The message says which one and why, as a sentence."""


def leave_out(notebook: NotebookNode, drop: Collection[str]) -> None:
    """Take the sections of tasks out of a notebook.

    A cell needs a section if it reads a name that was bound there last: in the set-up of the whole notebook or in a
    section that stays, it would be missing or stand for something else. What one section only changes in a value of
    the set-up is not looked at, because tasks are not to depend on each other. A cell that only the instructor sees
    takes the imports along that it needs.

    Args:
        notebook: changed in place.
        drop: the names of its tasks.

    Raises:
        NeededError: a task has no section of its own, or one that stays needs its section.
    """
    tasks = tasks_of(notebook)
    gone = {place for name in drop for place in _section(tasks, name, drop)}
    for place, cell in enumerate(notebook.cells):
        if place in gone or place < min(gone, default=0) or cell.cell_type != "code":
            continue
        for name, maker in sorted(_makers(notebook, place, gone)):
            imported = _import_of(name, notebook.cells[maker].source)
            if imported is None or SOLUTION_ONLY not in cell.metadata.get("tags", []):
                raise NeededError(
                    f"{_task_at(tasks, maker)} can't be left out: {_task_at(tasks, place)} needs `{name}`, which its "
                    "section makes. Leave out both, or neither."
                )
            cell.source = f"{imported}\n{cell.source}"
    notebook.cells = [cell for place, cell in enumerate(notebook.cells) if place not in gone]


def spoken_of(notebook: NotebookNode, numbers: Collection[str]) -> list[str]:
    """The headings of sections whose text speaks of tasks by these numbers, as “task 2” does, each with the number.

    Args:
        notebook: without the sections of those tasks.
        numbers: of tasks that are left out.
    """
    found = []
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type != "markdown" or SOLUTION_ONLY in cell.metadata.get("tags", []):
            continue
        if is_heading(cell):
            heading = cell.source.splitlines()[0].lstrip("# ")
        spoken = set(re.findall(r"\btasks? (\d+)", cell.source)) & set(numbers)
        found += [f"“{heading}” speaks of task {number}" for number in sorted(spoken) if heading]
    return found


def number_of(notebook: NotebookNode, task: Task) -> str:
    """The number in the heading of a task's section; empty if it has none."""
    match = re.match(r"## (\d+)", notebook.cells[task.section.start].source) if task.section else None
    return match[1] if match else ""


def _section(tasks: dict[str, Task], name: str, drop: Collection[str]) -> range:
    section = tasks[name].section
    if not section:
        raise NeededError(f"{name} can't be left out: it stands before the first heading, so it has no section.")
    others = [other.name for other in tasks.values() if other.test in section and other.name not in drop]
    if others:
        raise NeededError(f"{name} can't be left out alone: {', '.join(others)} is in the same section.")
    return section


def _makers(notebook: NotebookNode, place: int, gone: Collection[int]) -> Iterator[tuple[str, int]]:
    """The names that a cell needs of cells that are gone, each with the cell that made it last."""
    own = _own_section(notebook, place)
    source = notebook.cells[place].source
    # A function may be called when a later cell of its section has made what it reads.
    made_here = frozenset().union(*(_stored(notebook.cells[each]) for each in own))
    for name in read_at_once(source) | (read_later(source) - made_here):
        for before in range(place - 1, -1, -1):
            if name in _stored(notebook.cells[before]):
                if before in gone:
                    yield name, before
                break


def _own_section(notebook: NotebookNode, place: int) -> range:
    heads = [each for each, cell in enumerate(notebook.cells) if is_heading(cell)]
    begin = max((head for head in heads if head <= place), default=0)
    return range(begin, min((head for head in heads if head > place), default=len(notebook.cells)))


def _stored(cell: NotebookNode) -> frozenset[str]:
    return stored(cell.source) if cell.cell_type == "code" else frozenset()


def _import_of(name: str, source: str) -> str | None:
    """The statement by which a cell imports a name; None if it gets it in another way as well."""
    tree = ast.parse(python_of(source))
    found = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            aliases = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) == name]
            if aliases and node in tree.body:
                module = f"from {'.' * node.level}{node.module or ''} " if isinstance(node, ast.ImportFrom) else ""
                found = f"{module}import {ast.unparse(aliases[0])}"
        elif isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return None
    return found


def _task_at(tasks: dict[str, Task], place: int) -> str:
    return next((task.name for task in tasks.values() if place in task.section), "the set-up")
