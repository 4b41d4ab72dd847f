"""What ``course check`` found last, notebook by notebook, so that ``course progress`` need not run anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from functional_course.checking import Report, answers_digest, read_exercise
from functional_course.notebooks.course_root import assignment_notebooks
from functional_course.notebooks.reading import NotebookError
from functional_course.writing import write_whole

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None

STORE = Path(".course") / "progress.json"


@dataclass(frozen=True)
class Standing:
    """How one exercise notebook stood when it was last checked.

    Attributes:
        earned: points earned.
        judged: points that a check can judge.
        points: points in all.
        when: local date and time, ISO 8601.
        answers: a digest of the answers' text at that time.
    """

    earned: float
    judged: float
    points: float
    when: str
    answers: str


def remember(root: Path, path: Path, report: Report) -> None:
    """Keep what a check found, for the notebook at ``path`` below ``root``.

    What counts is the notebook as it was executed: one that was saved in the meantime has changed since.
    """
    earned, judged, points = report.points
    now = datetime.now().isoformat(timespec="minutes")
    key = path.resolve().relative_to(root.resolve()).as_posix()
    with _locked(root):
        standings = {key: asdict(value) for key, value in recall(root).items()}
        standings[key] = asdict(Standing(earned, judged, points, now, report.answers))
        write_whole(root / STORE, json.dumps(standings, indent=1) + "\n")


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


def recall(root: Path) -> dict[str, Standing]:
    """What was kept, by the notebook's path below ``root``. A damaged store counts as empty: it can be made anew."""
    try:
        stored = json.loads((root / STORE).read_text(encoding="utf-8"))
        return {key: Standing(**value) for key, value in stored.items()}
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError):
        return {}


def overview(root: Path) -> list[tuple[str, Standing | None, str]]:
    """Every exercise notebook with its last standing and a word on it.

    Returns:
        Rows of path below ``root``, standing or ``None``, and one of ``"not checked yet"``, ``"changed since"``,
        ``"open"``, ``"done"``, or what is wrong with the file.
    """
    standings = recall(root)
    rows = []
    for path in assignment_notebooks(root, "exercises"):
        key = path.relative_to(root).as_posix()
        standing = standings.get(key)
        try:
            digest = answers_digest(read_exercise(path))
        except NotebookError as error:
            rows.append((key, standing, str(error)))
            continue
        if standing is None:
            word = "not checked yet"
        elif standing.answers != digest:
            word = "changed since"
        else:
            word = "done" if standing.earned >= standing.judged else "open"
        rows.append((key, standing, word))
    return rows
