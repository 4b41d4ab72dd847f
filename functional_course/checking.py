"""Check one exercise notebook: execute it in a scratch folder and read what its rubrics say.

Needs no nbgrader. The notebook names its own tasks (``course release`` writes them into its metadata), so a learner
needs nothing but the file.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from functional_course.grading.finite import is_finite
from functional_course.grading.opening import Unreadable
from functional_course.grading.submitted import as_notebook, parse_notebook
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.beside import found_beside, put_copies
from functional_course.notebooks.execution import execute, name_of
from functional_course.notebooks.reading import NotebookError, read_bytes
from functional_course.notebooks.sandboxed import NoSandbox, execute_apart
from functional_course.rubric import MIME_TYPE, NOT_ANSWERED, Verdict
from functional_course.scratch import scratch_folder

import nbformat


@dataclass(frozen=True)
class TaskReport:
    """How one task stands.

    Attributes:
        name: the task, as in its grade id.
        points: what it is worth.
        judged: the points that this notebook can judge; the rest is judged when it is graded.
        earned: the points earned of those judged.
        verdicts: what became of its criteria.
        read: where in the book to read on.
        stopped: what stopped the answer's cell or the test's, empty if nothing did.
        blocked_by: the given cell without which the task cannot be judged, because it stopped; empty if none did.
        by_hand: whether a teacher gives the points, and nothing can be said of them here.
    """

    name: str
    points: float
    judged: float
    earned: float
    verdicts: tuple[Verdict, ...] = ()
    read: str = ""
    stopped: str = ""
    blocked_by: str = ""
    by_hand: bool = False

    @property
    def passed(self) -> bool:
        """Whether everything that can be judged here is as it should be."""
        return not self.stopped and not self.blocked_by and self.earned >= self.judged


@dataclass(frozen=True)
class Report:
    """How one notebook stands.

    Attributes:
        chapter: the chapter's folder.
        notebook: the notebook's name.
        tasks: its tasks in order.
        stopped: for each given cell that stopped and should not have, what stopped it.
        answers: a digest of the code that was executed, see :func:`answers_digest`.
    """

    chapter: str
    notebook: str
    tasks: tuple[TaskReport, ...] = field(default=())
    stopped: tuple[str, ...] = ()
    answers: str = ""

    @property
    def passed(self) -> bool:
        """Whether every task passed."""
        return all(task.passed for task in self.tasks)

    @property
    def points(self) -> tuple[float, float, float]:
        """Points earned, points judged here, points in all."""
        return tuple(sum(getattr(task, key) for task in self.tasks) for key in ("earned", "judged", "points"))


def read_exercise(path: str | Path) -> nbformat.NotebookNode:
    """Read an exercise notebook as ``course grade`` reads it, and see that none of its tasks is missing.

    Returns:
        Its texts and nbgrader's marks, without outputs; see :func:`functional_course.grading.submitted.as_notebook`.

    Raises:
        NotebookError: it cannot be read, is not one of the course's exercises, or lacks or repeats a cell of a task.
    """
    try:
        content = parse_notebook(read_bytes(Path(path)))
    except Unreadable as error:
        raise NotebookError(f"{path} {error.reason}. {error.advice}") from error
    notebook, cells = as_notebook(content), content.tasks
    if not cells:
        raise NotebookError(
            f"{path} is a notebook, but not an exercise of this course. "
            "Give one from exercises/, such as exercises/01_sequential_vs_functional/build.ipynb."
        )
    present = _grade_ids(notebook)
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


def check_notebook(
    path: str | Path,
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
    warn: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Execute an exercise notebook and report on its tasks. The file and its folder stay as they are.

    Args:
        path: an exercise notebook, with or without answers, of whoever.
        timeout: seconds a cell.
        report: called as ``report(done, cells)`` while it runs.
        sandbox: whether to execute it in a sandbox, if this machine has one.
        hide: what it may not see there.
        warn: called with a sentence: before it is executed without one though it was to be, and where a file that
            was handed out with it is not beside it.

    Raises:
        NotebookError: see :func:`read_exercise`.
        functional_course.notebooks.execution.ExecutionError: a cell ran too long, printed without end, or ended the
            kernel.
    """
    notebook = read_exercise(path)
    answers = answers_digest(notebook)
    beside, missing = found_beside(Path(path), notebook.metadata.functional_course.get("files", ()), hide)
    if missing:
        warn(_missing(missing, Path(path)))
    try:
        if sandbox:
            execute_apart(notebook, timeout, report, hide, beside)
    except NoSandbox as error:
        warn(
            f"There is no sandbox on this machine ({error}), so the notebook's code can do everything that you can. "
            "Check only what you trust."
        )
        sandbox = False
    if not sandbox:
        with scratch_folder("check") as scratch:
            put_copies(beside, Path(scratch))
            execute(notebook, scratch, timeout, report, alone=True)
    about = notebook.metadata.functional_course
    graded = [name for name in _grade_ids(notebook) if about.cells.get(name) is not None]
    broken = _stopped_given_cells(notebook, [name.removeprefix("test-") for name in graded])
    tasks = [_task_report(notebook, name, about.cells[name], broken) for name in graded]
    blocked = [broken[task.name] for task in tasks if task.blocked_by]
    stopped = {cell: message for given in blocked for cell, message in given.items()}
    chapter, name = about.chapter, about.notebook or Path(path).stem
    return Report(chapter, name, tuple(tasks), tuple(stopped.values()), answers=answers)


def _missing(names: list[str], path: Path) -> str:
    was, it, is_ = ("was", "it", "is") if len(names) == 1 else ("were", "them", "are")
    listed = ", ".join(f"`{name}`" for name in names)
    return (
        f"{listed} {was} handed out with {path.name} but {is_} not next to it. Put {it} there, because a cell that "
        f"reads {it} fails here, although it won't when the notebook is graded."
    )


def _grade_ids(notebook: nbformat.NotebookNode) -> list[str | None]:
    marks = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    return [mark.get("grade_id") if isinstance(mark, dict) else None for mark in marks]


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
    cells = dict(zip(_grade_ids(notebook), numbered, strict=True))
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
    said = next((output["data"][MIME_TYPE] for output in outputs if MIME_TYPE in output.get("data", {})), None)
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
