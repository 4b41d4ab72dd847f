"""Check a notebook by all its criteria, the hidden ones too, as ``course grade`` judges it: in two processes.

The learner's text is taken in as a submission is, the learner's cells run in one process and the tests in another. No
gradebook is needed and none is made. What a hidden test found is shown, because whoever checks has the solutions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from functional_course.checking.instructors import Instructors, NoInstructors
from functional_course.checking.reports import TaskReport
from functional_course.checking.sandboxed import kept
from functional_course.checking.verdicts import task_reports
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.cleaning import clean
from functional_course.grading.taking_in.repairs import Repair
from functional_course.grading.taking_in.roles import Role
from functional_course.grading.taking_in.submitted import parse_notebook
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.rubric.wording import TOO_LONG

from nbformat.notebooknode import NotebookNode

if TYPE_CHECKING:
    from functional_course.grading.judging.result import Result


@dataclass(frozen=True)
class GradedCell:
    """A cell that has points.

    Attributes:
        cell: its place in the notebook.
        points: what it is worth.
        roots: the places of the code cells that make up the task: the test and its answer.
    """

    cell: int
    points: float
    roots: frozenset[int]


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

    @cached_property
    def graded(self) -> dict[str, GradedCell]:
        """The cells that have points, by grade id, in order."""
        marks = [cell.metadata.get("nbgrader", {}) for cell in self.notebook.cells]
        places = {mark.get("grade_id"): index for index, mark in enumerate(marks)}
        code = {cell.index for cell in self.cells}
        found = {}
        for index, mark in enumerate(marks):
            if mark.get("grade") or mark.get("task"):
                roots = {index, places.get(mark["grade_id"].removeprefix("test-"), index)} & code
                found[mark["grade_id"]] = GradedCell(index, float(mark["points"]), frozenset(roots))
        return found


@dataclass(frozen=True)
class Judged:
    """What came of judging one task.

    Attributes:
        report: how it stands.
        stopped: for each given cell that it needs and that stopped, what stopped it.
        lasting: whether another run would say the same: none of its cells ended its process or ran out of time.
    """

    report: TaskReport
    stopped: tuple[str, ...]
    lasting: bool


def take_in(data: bytes, instructors: Instructors, timeout: int = CELL_TIMEOUT) -> TakenIn:
    """Put a learner's answers into the released notebook, as a submission is taken in.

    Args:
        data: the learner's file.
        instructors: the instructor's notebook.
        timeout: seconds a cell.

    Raises:
        functional_course.grading.taking_in.opening.Unreadable: there is no notebook in the file.
    """
    found: list[Repair] = []
    cleaned = clean(instructors.path.stem, instructors.released, parse_notebook(data), found)
    cells = instructors.plan(timeout).cells(cleaned.notebook, cleaned.roles)
    said = tuple(each.learner for each in found if each.learner)
    return TakenIn(cleaned.notebook, cleaned.roles, tuple(cells), said)


def judge(
    taken: TakenIn,
    instructors: Instructors,
    needed: Mapping[str, Collection[int]],
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    everything: bool = False,
    timeout: int = CELL_TIMEOUT,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
) -> dict[str, Judged]:
    """Execute what some tasks of a notebook need, and judge them by all their criteria.

    Args:
        taken: the notebook.
        instructors: the instructor's.
        needed: for each graded cell to judge, by its grade id, the places of the cells that it needs.
        report: called as ``report(done, steps)`` while it runs.
        everything: whether to execute the other cells too, exactly as ``course grade`` does.
        timeout: seconds a cell.
        sandbox: whether to execute the learner's cells in a sandbox.
        hide: what they may not see there.

    Returns:
        By grade id what became of each.

    Raises:
        NoInstructors: the two processes could not be started here, and nothing was executed.
    """
    from functional_course.grading.judging import execution
    from functional_course.kernels.warm_process import NoWarmProcess

    places = frozenset().union(*needed.values())
    chosen = [cell for cell in taken.cells if everything or cell.index in places]
    seconds = max(execution.NOTEBOOK_SECONDS, 2 * timeout)
    kind = execution.NAMESPACES if sandbox else execution.NONE
    rules = execution.policy(kind, hide, seconds, instructors.beside)
    job = execution.Job(chosen, kind, rules, seconds, frank=True)
    # A test is gone to once, any other cell once to run and once more beside the tests; a second try begins anew.
    steps = sum(1 if cell.role == Role.TEST else 2 for cell in chosen)
    begun = 0

    def at(index: int) -> None:
        nonlocal begun
        report(begun % steps, steps)
        begun += 1

    try:
        result = execution.execute(job, at) if chosen else execution.Result()
    except (execution.NotStartedError, NoWarmProcess) as error:
        raise NoInstructors(f"{error}, so only the visible criteria are judged.") from error
    report(steps, steps)
    return {name: _judged(taken, result, name, places) for name, places in needed.items()}


def _judged(taken: TakenIn, result: Result, name: str, places: Collection[int]) -> Judged:
    """What became of one task, seen by itself: another task's cell that stopped is nothing to it."""
    executed = deepcopy(taken.notebook)
    sources = {cell.index: cell.source for cell in taken.cells if cell.role == Role.TEST}
    interrupted = False
    for index, cell in enumerate(executed.cells):
        if cell.cell_type == "code":
            cell.outputs = kept(result.outputs.get(index, [])) if index in places else []
            cell.source = sources.get(index, cell.source)
            interrupted = interrupted or any(output.get("ename") == "KeyboardInterrupt" for output in cell.outputs)
    (report,), stopped = task_reports(executed, {name: taken.graded[name].points})
    root = taken.graded[name].cell
    if root in result.provisional:
        points = min(result.provisional[root].kept, report.points)
        report = replace(report, earned=points, judged=report.points, provisional=True)
    out_of_time = any(TOO_LONG in verdict.message for verdict in report.verdicts)
    lost = result.trouble or set(result.ended) & set(places)
    return Judged(report, stopped, not (lost or interrupted or out_of_time))
