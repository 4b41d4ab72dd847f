"""Judge a notebook by all its criteria, and execute only what the tasks need that changed since an earlier check."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from functional_course import sandbox as sandboxes
from functional_course.checking.instructors import Instructors, NoInstructors, instructors_of
from functional_course.checking.kept import KeptVerdict, digest, recall, remember
from functional_course.checking.reading import answers_digest, exercise_in
from functional_course.checking.reports import Report
from functional_course.checking.sandboxed import without_sandbox
from functional_course.checking.whole import Judged, TakenIn, judge, take_in
from functional_course.grading.judging import basis as bases
from functional_course.grading.taking_in.needs import Needs
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.reading import read_bytes


def check_whole(
    path: Path,
    root: Path | None,
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    *,
    begin: Callable[[Sequence[str]], None] = lambda tasks: None,
    again: bool = False,
    sandbox: bool = True,
    hide: Iterable[Path] = (),
    warn: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Report on the tasks of a notebook by all their criteria.

    Args:
        path: the notebook.
        root: the course that it lies in; None if it lies in none.
        timeout: seconds a cell.
        report: called as ``report(done, steps)`` while it runs.
        begin: called with the tasks that are judged now, before they are.
        again: whether to judge tasks again that are unchanged.
        sandbox: whether to execute it in a sandbox, if this machine has one.
        hide: what it may not see there.
        warn: called with a sentence before it is executed without a sandbox though it was to be in one.

    Raises:
        NotebookError: see :func:`.reading.read_exercise`.
        NoInstructors: it can't be judged here by all its criteria.
        functional_course.grading.taking_in.released.ReleasedError: the instructor's notebook is damaged.
    """
    data = read_bytes(path)
    notebook = exercise_in(data, path)
    chapter, name = notebook.metadata.functional_course.chapter, notebook.metadata.functional_course.notebook
    name = name or path.stem
    instructors = instructors_of(root, chapter, name)
    assert root is not None, "whoever lies in no course has no instructors"
    if os.name != "posix":
        raise NoInstructors("This system can't judge hidden criteria, so only the visible ones are judged.")
    taken = take_in(data, instructors, timeout)
    why_not = sandboxes.available() if sandbox else None
    sandbox = sandbox and why_not is None
    tasks = _tasks(taken, instructors, sandbox)
    was = {} if again else recall(root, chapter, name)
    kept = {each: was[each] for each in tasks if each in was and was[each].rests_on == tasks[each].rests_on}
    changed = {each: task.places for each, task in tasks.items() if each not in kept}
    begin([each.removeprefix("test-") for each in changed])
    if changed and why_not is not None:
        warn(without_sandbox(why_not))
    judged: dict[str, Judged] = {}
    if changed:
        everything = len(changed) == len(tasks)
        judged = judge(
            taken,
            instructors,
            changed,
            report,
            everything=everything,
            timeout=timeout,
            sandbox=sandbox,
            hide=hide,
        )
    found: dict[str, KeptVerdict | Judged] = {**kept, **judged}
    if judged:
        now = datetime.now().isoformat(timespec="minutes")
        for each, one in judged.items():
            if one.lasting:
                kept[each] = KeptVerdict(tasks[each].rests_on, replace(one.report, when=now), one.stopped)
        remember(root, chapter, name, kept)
    stopped = dict.fromkeys(sentence for each in tasks for sentence in found[each].stopped)
    reports = tuple(found[each].report for each in tasks)
    return Report(chapter, name, reports, tuple(stopped), answers=answers_digest(notebook), said=taken.said, whole=True)


@dataclass(frozen=True)
class _Task:
    """The places of the cells that a task needs, and a digest of what its verdict rests on."""

    places: frozenset[int]
    rests_on: str


def _tasks(taken: TakenIn, instructors: Instructors, sandbox: bool) -> dict[str, _Task]:
    """By the grade ids of the cells that have points, in order."""
    needs = Needs(taken.cells)
    basis = {
        **bases.made_with(),
        "the files beside the instructor's notebook": bases.digest(instructors.beside),
        "the sandbox": str(sandbox),
    }
    tasks = {}
    for name, graded in taken.graded.items():
        places = needs.of(graded.roots) if graded.roots else frozenset()
        cells = [cell for cell in taken.cells if cell.index in places]
        tasks[name] = _Task(places, digest(cells, {**basis, "the task": name}))
    return tasks
