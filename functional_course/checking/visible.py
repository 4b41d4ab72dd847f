"""Check a notebook by the criteria that learners see: execute it in one process, with the tests that stand in it.

Needs nothing but the file: it names its own tasks, which ``course release`` wrote into its metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from functional_course.checking.reading import answers_digest, read_exercise
from functional_course.checking.reports import Report
from functional_course.checking.sandboxed import NoSandbox, execute_apart, without_sandbox
from functional_course.checking.verdicts import task_reports
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.beside import found_beside, put_copies
from functional_course.notebooks.execution import execute
from functional_course.scratch import scratch_folder


def check_visible(
    path: str | Path,
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
    warn: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Execute an exercise notebook and report on its tasks, by the tests that stand in it.

    Args:
        path: an exercise notebook, with or without answers, of whoever.
        timeout: seconds a cell.
        report: called as ``report(done, cells)`` while it runs.
        sandbox: whether to execute it in a sandbox, if this machine has one.
        hide: what it may not see there.
        warn: called with a sentence: before it is executed without one though it was to be, and where a file that
            was handed out with it is not beside it.

    Raises:
        NotebookError: see :func:`.reading.read_exercise`.
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
        warn(without_sandbox(str(error)))
        sandbox = False
    if not sandbox:
        with scratch_folder("check") as scratch:
            put_copies(beside, Path(scratch))
            execute(notebook, scratch, timeout, report, alone=True)
    about = notebook.metadata.functional_course
    tasks, stopped = task_reports(notebook, about.cells)
    chapter, name = about.chapter, about.notebook or Path(path).stem
    return Report(chapter, name, tasks, stopped, answers=answers)


def _missing(names: list[str], path: Path) -> str:
    was, it, is_ = ("was", "it", "is") if len(names) == 1 else ("were", "them", "are")
    listed = ", ".join(f"`{name}`" for name in names)
    return (
        f"{listed} {was} handed out with {path.name} but {is_} not next to it. Put {it} there, because a cell that "
        f"reads {it} fails here, although it won't when the notebook is graded."
    )
