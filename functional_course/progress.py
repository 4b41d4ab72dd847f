"""What ``course check`` found last, notebook by notebook, so that ``course progress`` need not run anything."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from functional_course.checking import Report, answers_digest, read_exercise
from functional_course.checking.instructors import SOLUTIONS
from functional_course.my_work import FOLDER
from functional_course.notebooks.course_root import assignment_notebooks
from functional_course.notebooks.reading import NotebookError
from functional_course.writing import write_whole

from nbformat.notebooknode import NotebookNode

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None  # type: ignore[assignment]

STORE = Path(".course") / "progress.json"


@dataclass(frozen=True)
class LastCheck:
    """How one exercise notebook stood when it was last checked.

    Attributes:
        earned: points earned.
        judged: points that a check can judge.
        points: points in all.
        when: local date and time, ISO 8601.
        answers: a digest of the answers' text at that time.
        open: the tasks that did not pass, in order.
        whole: whether it was judged by all its criteria, the hidden ones too.
    """

    earned: float
    judged: float
    points: float
    when: str
    answers: str
    open: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Progress:
    """How one exercise notebook stands now.

    Attributes:
        path: below the course's folder.
        last: what its last check said; None if there was none.
        word: one of :data:`NOT_CHECKED`, :data:`CHANGED`, :data:`OPEN`, :data:`VISIBLE`, :data:`DONE`, or what is
            wrong with the file.
        next_task: the first task that is open; empty if none is, or none is known.
    """

    path: str
    last: LastCheck | None
    word: str
    next_task: str = ""


NOT_CHECKED, CHANGED, OPEN, DONE = "not checked yet", "changed since", "open", "done"
VISIBLE = "done, by the visible criteria alone"
"""So it is if there are solutions to judge the others with."""


def remember(root: Path, path: Path, report: Report) -> None:
    """Keep what a check found, for the notebook at ``path`` below ``root``.

    What counts is the notebook as it was executed: one that was saved in the meantime has changed since.
    """
    earned, judged, points = report.points
    now = datetime.now().isoformat(timespec="minutes")
    key = path.resolve().relative_to(root.resolve()).as_posix()
    open_ones = tuple(task.name for task in report.tasks if not task.passed)
    with _locked(root):
        checks = {key: asdict(value) for key, value in recall(root).items()}
        checks[key] = asdict(LastCheck(earned, judged, points, now, report.answers, open_ones, report.whole))
        write_whole(root / STORE, json.dumps(checks, indent=1) + "\n")


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One check at a time changes the store. Where files cannot be locked, the last one wins."""
    lock = (root / STORE).with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w") as file:
        if fcntl is not None:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def recall(root: Path) -> dict[str, LastCheck]:
    """What was kept, by the notebook's path below ``root``. A damaged store counts as empty: it can be made anew."""
    try:
        stored = json.loads((root / STORE).read_text(encoding="utf-8"))
        return {key: LastCheck(**{**value, "open": tuple(value.get("open", ()))}) for key, value in stored.items()}
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError):
        return {}


def overview(root: Path) -> list[Progress]:
    """Every exercise notebook, in the course's order: the learner's own, where there is a folder of them."""
    checks = recall(root)
    rows = []
    for path in assignment_notebooks(root, FOLDER if (root / FOLDER).is_dir() else "exercises"):
        key = path.relative_to(root).as_posix()
        last = checks.get(key)
        try:
            notebook = read_exercise(path)
        except NotebookError as error:
            rows.append(Progress(key, last, str(error)))
            continue
        hidden = (root / SOLUTIONS / path.parent.name / path.name).is_file()
        word = _word(last, answers_digest(notebook), hidden)
        rows.append(Progress(key, last, word, _next_task(last, word, notebook)))
    return rows


def next_step(rows: Sequence[Progress], root: Path | None = None) -> str:
    """What to do next, in a sentence or two: the first task that is open, or that there is none.

    Args:
        rows: how the notebooks stand.
        root: the folder that their paths are below; by default the one in which the reader is.
    """
    row = next((row for row in rows if row.word != DONE), None)
    if row is None:
        return "Everything is done." if rows else "There are no exercises here."
    chapter, notebook = Path(row.path).parent.name, Path(row.path).stem
    path = row.path if root is None else os.path.relpath(root / row.path)
    command = f"course check {path}"
    if row.word == VISIBLE:
        return f"Next: have the hidden criteria of chapter {chapter}, notebook {notebook} judged: {command}"
    if row.word not in (NOT_CHECKED, CHANGED, OPEN):
        return f"Next: take a fresh copy of {path} and put your answers into it, because it can't be checked."
    if not row.next_task:
        return f"Next: see how chapter {chapter}, notebook {notebook} stands: {command}"
    return (
        f"Next: chapter {chapter}, notebook {notebook}, task {row.next_task}. Put your answer into its cell and "
        f"run: {command}"
    )


def _word(last: LastCheck | None, answers: str, hidden: bool) -> str:
    if last is None:
        return NOT_CHECKED
    if last.answers != answers:
        return CHANGED
    if last.open or last.earned < last.judged:
        return OPEN
    return VISIBLE if hidden and not last.whole else DONE


def _next_task(last: LastCheck | None, word: str, notebook: NotebookNode) -> str:
    """The first task that is open: by the last check, or else by the stubs that are still there."""
    stubs = [
        cell.metadata.nbgrader.grade_id
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and _STUB in cell.source
    ]
    known = last.open if last is not None else ()
    if word == CHANGED:
        # What did not pass and is answered now may pass: only a check tells.
        known = tuple(name for name in known if name in stubs)
    return next(iter((*known, *stubs)), "") if word in (NOT_CHECKED, CHANGED, OPEN) else ""


_STUB = "raise NotImplementedError()"
