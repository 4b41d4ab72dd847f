"""Read in the outputs of an executed notebook how each of its tasks stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functional_course.checking.reading import grade_ids
from functional_course.checking.reports import TaskReport
from functional_course.grading.taking_in.finite import is_finite
from functional_course.notebooks.execution import name_of
from functional_course.rubric import MIME_TYPE, Verdict
from functional_course.rubric.wording import NOT_ANSWERED

import nbformat


def task_reports(
    notebook: nbformat.NotebookNode, points: Mapping[str, float | None]
) -> tuple[tuple[TaskReport, ...], tuple[str, ...]]:
    """How the tasks of an executed notebook stand.

    Args:
        notebook: with outputs.
        points: what each graded cell is worth, by its grade id; None for one that is not graded.

    Returns:
        The tasks in order, and for each given cell that stopped and should not have, what stopped it.
    """
    worth = {name: most for name, most in points.items() if most is not None}
    graded = [name for name in grade_ids(notebook) if name in worth]
    broken = _stopped_given_cells(notebook, [name.removeprefix("test-") for name in graded])
    tasks = [_task_report(notebook, name, worth[name], broken) for name in graded]
    blocked = [broken[task.name] for task in tasks if task.blocked_by]
    stopped = {cell: message for given in blocked for cell, message in given.items()}
    return tuple(tasks), tuple(stopped.values())


def _stopped_given_cells(notebook: nbformat.NotebookNode, tasks: list[str]) -> dict[str, dict[str, str]]:
    """For each task that lacks something given: the given cell that stopped, and what stopped it.

    A cell whose grade id ends with a task's name is given for that task, any other for all the tasks after it.
    """
    found: dict[str, dict[str, str]] = {}
    open_tasks = list(tasks)
    for index, cell in enumerate(notebook.cells):
        mark = cell.metadata.get("nbgrader")
        mark = mark if isinstance(mark, dict) else {}
        name = str(mark.get("grade_id", ""))
        if mark.get("grade") and name.removeprefix("test-") in open_tasks:
            open_tasks.remove(name.removeprefix("test-"))
        given = cell.cell_type == "code" and mark.get("locked") and not mark.get("grade") and not mark.get("solution")
        if not given or "raises-exception" in cell.metadata.get("tags", []):
            continue
        message = _error(cell, index)
        if message:
            own = [task for task in open_tasks if name.endswith(f"-{task}")]
            for task in own or open_tasks:
                # The first that stopped says it: what follows fails for want of it.
                found.setdefault(task, {name: message})
    return found


def _task_report(
    notebook: nbformat.NotebookNode, test_id: str, points: float, broken: dict[str, dict[str, str]]
) -> TaskReport:
    numbered = enumerate(notebook.cells)
    cells = dict(zip(grade_ids(notebook), numbered, strict=True))
    index, test = cells[test_id]
    name = test_id.removeprefix("test-")
    answer_index, answer = cells.get(name, (index, test))
    stopped = _error(answer, answer_index)
    blocked_by = next(iter(broken.get(name, {})), "")
    mark = test.metadata.nbgrader
    if test.cell_type != "code" or mark.get("solution") or mark.get("task"):
        return TaskReport(name, points, 0, 0, stopped=stopped, by_hand=True)
    result = result_of(test.outputs, points)
    if result is None:
        result = _plain_result(test, points)
    if result is None:
        stopped = stopped or _error(test, index) or "its test gave no points"
        return TaskReport(name, points, points, 0, stopped="" if blocked_by else stopped, blocked_by=blocked_by)
    if result.earned >= result.judged:
        # A test that passes all the same says enough: the error did not matter.
        stopped = blocked_by = ""
    return TaskReport(
        name,
        points,
        result.judged,
        result.earned,
        result.verdicts,
        result.read,
        "" if blocked_by else stopped,
        blocked_by,
    )


def _plain_result(test: nbformat.NotebookNode, points: float) -> Result | None:
    """What a test without a rubric gives, by nbgrader's rule; None if it stopped, or is no such test.

    A number that the cell returns is the points, and any other end is all of them. A cell that asserts nothing any more
    and returns no number has not been a test.
    """
    if any(each.output_type == "error" for each in test.outputs):
        return None
    try:
        nodes = list(ast.walk(ast.parse(test.source)))
    except (SyntaxError, ValueError):
        return None
    if any(isinstance(node, ast.Attribute) and node.attr == "criterion" for node in nodes):
        return None
    returned = next((each for each in test.outputs if each.output_type == "execute_result"), None)
    if returned is not None:
        try:
            earned = float(returned.data.get("text/plain", ""))
        except ValueError:
            pass
        else:
            return Result(earned, points, (), "") if is_finite(earned) and 0 <= earned <= points else None
    asserts = any(isinstance(node, (ast.Assert, ast.Raise)) for node in nodes)
    return Result(points, points, (), "") if asserts else None


@dataclass(frozen=True)
class Result:
    """What a rubric said: points earned of those judged, verdicts, and where to read on."""

    earned: float
    judged: float
    verdicts: tuple[Verdict, ...]
    read: str


def result_of(outputs: Sequence[Mapping[str, Any]], points: float) -> Result | None:
    """A rubric's result among the outputs of a test cell; None if there is none, or one that no rubric makes.

    Args:
        outputs: of a notebook that anybody may have written.
        points: what the task is worth.
    """
    said: Any = next((output["data"][MIME_TYPE] for output in outputs if MIME_TYPE in output.get("data", {})), None)
    try:
        verdicts = tuple(Verdict(**each) for each in said["verdicts"])
        result = Result(said["earned"], said["judged"], verdicts, said["read"])
    except (TypeError, KeyError):
        return None
    numbers = [result.earned, result.judged, *(number for each in verdicts for number in (each.points, each.earned))]
    texts = [result.read, *(text for each in verdicts for text in (each.title, each.message))]
    sound = all(map(is_finite, numbers))
    if not sound or not all(isinstance(text, str) for text in texts):
        return None
    return result if 0 <= result.earned <= result.judged + 1e-6 and result.judged <= points + 1e-6 else None


def _error(cell: nbformat.NotebookNode, index: int) -> str:
    error: dict[str, Any] | None = next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)
    if error is None:
        return ""
    if error["ename"] == "NotImplementedError" and not error["evalue"]:
        return NOT_ANSWERED
    first = (error["evalue"].strip().splitlines() or [""])[0]
    # IPython compiles a cell under a made-up file name.
    first = re.sub(r"\((?:\d+\.py|<ipython-input-[^>]*>), (line \d+)\)", r"(\1 of the cell)", first)
    return f"{name_of(cell, index)} stopped with {error['ename']}: {first}".rstrip(": ")
