"""Check a notebook by all its criteria, the hidden ones too, as ``course grade`` judges it: in two processes.

The learner's text is taken in as a submission is, the learner's cells run in one process and the tests in another. No
gradebook is needed and none is made. What a hidden test found is shown, because whoever checks has the solutions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from functional_course import sandbox as sandboxes
from functional_course.checking.instructors import Instructors, NoInstructors
from functional_course.checking.reports import TaskReport
from functional_course.checking.verdicts import task_reports
from functional_course.grading.cleaning import clean
from functional_course.grading.plan import Cell
from functional_course.grading.repairs import Repair
from functional_course.grading.roles import Role
from functional_course.grading.submitted import parse_notebook
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.sandboxed import kept, without_sandbox

from nbformat.notebooknode import NotebookNode


@dataclass(frozen=True)
class TakenIn:
    """A learner's notebook, ready to be judged.

    Attributes:
        notebook: the released notebook with the learner's answers and added cells.
        roles: of each of its cells.
        cells: its code cells, as they are judged.
        said: what the intake put right, in sentences to the learner.
    """

    notebook: NotebookNode
    roles: tuple[Role, ...]
    cells: tuple[Cell, ...]
    said: tuple[str, ...]

    @property
    def points(self) -> dict[str, float]:
        """What each graded cell is worth, by its grade id."""
        marks = [cell.metadata.get("nbgrader", {}) for cell in self.notebook.cells]
        return {mark["grade_id"]: float(mark["points"]) for mark in marks if mark.get("grade") or mark.get("task")}


@dataclass(frozen=True)
class Judged:
    """What came of judging a notebook or a part of it.

    Attributes:
        tasks: the tasks that were judged, in order.
        stopped: for each given cell that stopped and should not have, what stopped it.
        lasting: whether another run would say the same: no time was over and no process was lost.
    """

    tasks: tuple[TaskReport, ...]
    stopped: tuple[str, ...]
    lasting: bool


def take_in(data: bytes, instructors: Instructors, timeout: int = CELL_TIMEOUT) -> TakenIn:
    """Put a learner's answers into the released notebook, as a submission is taken in.

    Args:
        data: the learner's file.
        instructors: the instructor's notebook.
        timeout: seconds a cell.

    Raises:
        functional_course.grading.opening.Unreadable: there is no notebook in the file.
    """
    found: list[Repair] = []
    cleaned = clean(instructors.path.stem, instructors.released, parse_notebook(data), found)
    cells = instructors.plan(timeout).cells(cleaned.notebook, cleaned.roles)
    said = tuple(each.learner for each in found if each.learner)
    return TakenIn(cleaned.notebook, cleaned.roles, tuple(cells), said)


def judge(
    taken: TakenIn,
    instructors: Instructors,
    only: Iterable[int] | None = None,
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    timeout: int = CELL_TIMEOUT,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
    warn: Callable[[str], None] = lambda sentence: None,
) -> Judged:
    """Execute a notebook and judge it by all its criteria.

    Args:
        taken: the notebook.
        instructors: the instructor's.
        only: the places of the cells to execute; all if left out. The tasks whose tests are among them are judged.
        report: called as ``report(done, steps)`` while it runs.
        timeout: seconds a cell.
        sandbox: whether to execute the learner's cells in a sandbox, if this machine has one.
        hide: what they may not see there.
        warn: called with a sentence before they are executed without one though they were to be.

    Raises:
        NoInstructors: the two processes could not be started here, and nothing was executed.
    """
    if os.name != "posix":
        raise NoInstructors("This system can't judge hidden criteria, so only the visible ones are judged.")
    from functional_course.grading.execution import (
        NAMESPACES,
        NONE,
        NOTEBOOK_SECONDS,
        NotStartedError,
        Task,
        execute,
        policy,
    )
    from functional_course.kernels.warm_process import NoWarmProcess

    why_not = sandboxes.available() if sandbox else None
    if why_not is not None:
        warn(without_sandbox(why_not))
    kind = NAMESPACES if sandbox and why_not is None else NONE
    chosen = [cell for cell in taken.cells if only is None or cell.index in only]
    seconds = max(NOTEBOOK_SECONDS, 2 * timeout)
    task = Task(
        [cell.as_json() for cell in chosen],
        kind,
        policy(kind, hide, seconds, instructors.beside),
        seconds,
        frank=True,
    )
    # A test is gone to once, any other cell once to run and once more beside the tests.
    steps = sum(1 if cell.role == Role.TEST else 2 for cell in chosen)
    begun = 0

    def at(index: int) -> None:
        nonlocal begun
        report(begun, steps)
        begun += 1

    try:
        result = execute(task, at)
    except (NotStartedError, NoWarmProcess) as error:
        raise NoInstructors(f"{error}, so only the visible criteria are judged.") from error
    report(steps, steps)
    executed = _with_outputs(taken, result.outputs)
    left_out = _tests(taken, taken.cells) - _tests(taken, chosen)
    points = {name: most for name, most in taken.points.items() if name not in left_out}
    tasks, stopped = task_reports(executed, points)
    waits = {_grade_id(taken, index): each.kept for index, each in result.provisional.items()}
    tasks = tuple(_provisional(task, waits.get(f"test-{task.name}", waits.get(task.name))) for task in tasks)
    return Judged(tasks, stopped, not (result.trouble or result.ended or result.ended_by))


def _with_outputs(taken: TakenIn, outputs: Mapping[int, list]) -> NotebookNode:
    """The notebook as if it had been executed in one kernel, with the whole tests in it."""
    executed = deepcopy(taken.notebook)
    sources = {cell.index: cell.source for cell in taken.cells if cell.role == Role.TEST}
    for index, cell in enumerate(executed.cells):
        if cell.cell_type == "code":
            cell.outputs = kept(outputs.get(index, []))
            cell.source = sources.get(index, cell.source)
    return executed


def _tests(taken: TakenIn, cells: Iterable[Cell]) -> set[str]:
    return {_grade_id(taken, cell.index) for cell in cells if cell.role == Role.TEST}


def _grade_id(taken: TakenIn, index: int) -> str:
    return taken.notebook.cells[index].metadata.get("nbgrader", {}).get("grade_id", "")


def _provisional(task: TaskReport, points: float | None) -> TaskReport:
    if points is None:
        return task
    return replace(task, earned=min(points, task.points), judged=task.points, provisional=True)
