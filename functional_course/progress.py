"""What ``course check`` found last, notebook by notebook, so that ``course progress`` need not run anything."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from functional_course.checking import Report, read_exercise
from functional_course.notebooks.course_root import assignment_notebooks
from functional_course.notebooks.reading import NotebookError
from functional_course.writing import write_whole

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


def answers_digest(path: Path) -> str:
    """A digest of the text of a notebook's code cells: it changes when an answer does, not when outputs do.

    Raises:
        NotebookError: see :func:`functional_course.checking.read_exercise`.
    """
    cells = [cell.source for cell in read_exercise(path).cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def remember(root: Path, path: Path, report: Report) -> None:
    """Keep what a check found, for the notebook at ``path`` below ``root``."""
    standings = {key: asdict(value) for key, value in recall(root).items()}
    earned, judged, points = report.points
    now = datetime.now().isoformat(timespec="minutes")
    key = path.resolve().relative_to(root.resolve()).as_posix()
    standings[key] = asdict(Standing(earned, judged, points, now, answers_digest(path)))
    write_whole(root / STORE, json.dumps(standings, indent=1) + "\n")


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
            digest = answers_digest(path)
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
