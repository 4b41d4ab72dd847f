"""Check a notebook by the criteria that learners see: execute it in one process, with the tests that stand in it.

Needs nothing but the file: it names its own tasks, which ``course release`` wrote into its metadata.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from functional_course.checking.reading import answers_digest, read_exercise
from functional_course.checking.reports import Report
from functional_course.checking.sandboxed import NoSandbox, execute_apart, without_sandbox
from functional_course.checking.verdicts import task_reports
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.beside import found_beside, put_copies
from functional_course.notebooks.execution import execute
from functional_course.scratch import scratch_folder

import nbformat


def check_visible(
    path: str | Path,
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    begin: Callable[[Sequence[str]], None] = lambda tasks: None,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
    warn: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Execute an exercise notebook and report on its tasks, by the tests that stand in it.

    Args:
        path: an exercise notebook, with or without answers, of whoever.
        timeout: seconds a cell.
        report: called as ``report(done, cells)`` while it runs.
        begin: called with the tasks, which are all judged, before they are.
        sandbox: whether to execute it in a sandbox, if this machine has one.
        hide: what it may not see there.
        warn: called with a sentence: before it is executed without one though it was to be, and where a file that
            was handed out with it and that a cell may read is not beside it.

    Raises:
        NotebookError: see :func:`.reading.read_exercise`.
        functional_course.notebooks.execution.ExecutionError: a cell ran too long, printed without end, or ended the
            kernel.
    """
    notebook = read_exercise(path)
    answers = answers_digest(notebook)
    beside, missing = found_beside(Path(path), notebook.metadata.functional_course.get("files", ()), hide)
    read = [name for name in missing if _may_be_read(name, notebook)]
    if read:
        warn(_missing(read, Path(path)))
    about = notebook.metadata.functional_course
    begin([name.removeprefix("test-") for name, points in about.cells.items() if points is not None])
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
    tasks, stopped = task_reports(notebook, about.cells)
    chapter, name = about.chapter, about.notebook or Path(path).stem
    return Report(chapter, name, tasks, stopped, answers=answers)


def _may_be_read(name: str, notebook: nbformat.NotebookNode) -> bool:
    """Whether a cell could lack a file or a folder, and not only a text that shows its pictures."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    named = rf"[\"'](\./)?{re.escape(name)}[/\"']|\b(import|from)\s+{re.escape(Path(name).stem)}\b"
    return re.search(rf"{named}|\b(glob|iterdir|listdir|scandir|walk)\b", code) is not None


def _missing(names: list[str], path: Path) -> str:
    was, it, is_ = ("was", "it", "is") if len(names) == 1 else ("were", "them", "are")
    listed = ", ".join(f"`{name}`" for name in names)
    return (
        f"{listed} {was} handed out with {path.name} but {is_} not next to it. Put {it} there, because a cell that "
        f"reads {it} fails here, although it won't when the notebook is graded."
    )
