"""Check one exercise notebook, by all its criteria where the solutions are there, else by those that learners see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from functional_course.checking.by_task import check_whole
from functional_course.checking.instructors import NoInstructors
from functional_course.checking.reports import Report
from functional_course.checking.visible import check_visible
from functional_course.grading.taking_in.released import ReleasedError
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.course_root import find_root


def check_notebook(
    path: str | Path,
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    begin: Callable[[Sequence[str]], None] = lambda tasks: None,
    visible: bool = False,
    again: bool = False,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
    warn: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Judge an exercise notebook and report on its tasks. The file stays as it is.

    Where the solutions are there, a task that has not changed since an earlier check is not executed again.

    Args:
        path: an exercise notebook, with or without answers, of whoever.
        timeout: seconds a cell.
        report: called as ``report(done, cells)`` while it runs.
        begin: called with the tasks that are judged now, before they are.
        visible: whether to judge by the visible criteria alone, although there are solutions.
        again: whether to judge tasks again that are unchanged since an earlier check.
        sandbox: whether to execute it in a sandbox, if this machine has one.
        hide: what it may not see there.
        warn: called with a sentence: before it is executed without a sandbox though it was to be in one, where hidden
            criteria can't be judged, and where a file that was handed out with the notebook is not beside it.

    Raises:
        NotebookError: see :func:`.reading.read_exercise`.
        functional_course.notebooks.execution.ExecutionError: by the visible criteria alone: a cell ran too long,
            printed without end, or ended the kernel.
    """
    path, hide = Path(path), list(hide)
    if not visible:
        try:
            root = find_root(path.parent)
            return check_whole(
                path, root, timeout, report, begin=begin, again=again, sandbox=sandbox, hide=hide, warn=warn
            )
        except NoInstructors as error:
            if str(error):
                warn(str(error))
        except ReleasedError as error:
            warn(f"{error} Only the visible criteria are judged.")
    return check_visible(path, timeout, report, begin=begin, sandbox=sandbox, hide=hide, warn=warn)
