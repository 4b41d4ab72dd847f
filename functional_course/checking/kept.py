"""The verdicts of earlier checks, task by task, each with a digest of all that it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from functional_course.checking.reports import TaskReport
from functional_course.grading.taking_in.cell import Cell
from functional_course.rubric import Verdict
from functional_course.writing import write_whole

FOLDER = Path(".course") / "checks"
FORMAT = 1
"""Changes when what is stored does, or what a check makes of it."""


@dataclass(frozen=True)
class KeptVerdict:
    """The verdict on one task.

    Attributes:
        rests_on: see :func:`digest`.
        report: how the task stood; ``when`` says at what time.
        stopped: for each given cell that the task needs and that stopped, what stopped it.
    """

    rests_on: str
    report: TaskReport
    stopped: tuple[str, ...] = ()


def digest(cells: Iterable[Cell], basis: Mapping[str, str]) -> str:
    """A fingerprint of what a verdict rests on.

    Args:
        cells: the cells that the task needs, in order.
        basis: the versions, the options, and whatever else, by name.
    """
    # Where in the notebook a cell is does not matter, so that one may be added above.
    texts = [{name: value for name, value in cell.as_json().items() if name not in ("index", "name")} for cell in cells]
    return _sum([FORMAT, dict(basis), texts])


def recall(root: Path, chapter: str, notebook: str) -> dict[str, KeptVerdict]:
    """What was kept for a notebook, by task. A damaged store counts as empty: it can be made anew."""
    try:
        stored = json.loads(_file(root, chapter, notebook).read_text(encoding="utf-8"))
        if stored["sum"] != _sum(stored["tasks"]):
            return {}
        return {name: _kept(each) for name, each in stored["tasks"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def remember(root: Path, chapter: str, notebook: str, tasks: Mapping[str, KeptVerdict]) -> None:
    """Keep these verdicts for a notebook, in the place of all earlier ones, unless this folder can't be written."""
    plain = {name: asdict(kept) for name, kept in tasks.items()}
    text = json.dumps({"sum": _sum(plain), "tasks": plain}, indent=1)
    with suppress(OSError):
        write_whole(_file(root, chapter, notebook), text + "\n")


def _kept(stored: Mapping[str, Any]) -> KeptVerdict:
    report = TaskReport(**stored["report"])
    report = replace(report, verdicts=tuple(Verdict(**each) for each in stored["report"]["verdicts"]))
    return KeptVerdict(stored["rests_on"], report, tuple(stored["stopped"]))


def _file(root: Path, chapter: str, notebook: str) -> Path:
    return root / FOLDER / chapter / f"{notebook}.json"


def _sum(value: Mapping[str, Any] | Sequence[Any]) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
