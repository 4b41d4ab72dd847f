"""What is remembered between the runs of one assignment, and the one place that reads and writes it.

Below the run's folder, ``executed/STUDENT/NOTEBOOK.json`` holds what was last executed of a submission,
``graded/STUDENT.json`` how it was graded, and ``generated.json`` from what the release was made. A file that is
missing, damaged or of another shape says nothing: then the work is done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from functional_course.grading.judging.result import Result
from functional_course.grading.reporting.report import Criterion, Row, TaskResult
from functional_course.grading.taking_in.finite import is_finite
from functional_course.grading.taking_in.repairs import Repair
from functional_course.writing import write_whole

FORMAT = 4
"""Changes when what is stored between runs does."""


def run_folder(root: Path, assignment: str) -> Path:
    """Where the runs of the grader keep what they know of an assignment."""
    return root / ".course" / "grading" / assignment


@dataclass(frozen=True)
class Graded:
    """How one submission was graded.

    Attributes:
        digest: of the submission and all that its verdicts rest on: the same one means that there is nothing to judge.
        handed_in: the digest of the submission alone.
        basis: on what the verdicts rest besides, see :func:`functional_course.grading.judging.basis.basis`.
        states: by notebook, whether its file was read, see :mod:`functional_course.grading.taking_in.intake`.
        row: what the report said. Its points are the gradebook's of then.
        results: what the graded cells showed, in order.
        feedback: whether it has feedback pages.
    """

    digest: str
    handed_in: str
    basis: Mapping[str, str]
    states: Mapping[str, str]
    row: Row
    results: tuple[TaskResult, ...]
    feedback: bool

    @property
    def by_cell(self) -> dict[tuple[str, str], TaskResult]:
        """The results by notebook and grade id, in order."""
        return {(each.notebook, each.cell): each for each in self.results}

    def with_feedback(self, found: tuple[Repair, ...]) -> Graded:
        """The same with pages, and with what was found when they were made."""
        return replace(self, feedback=True, row=replace(self.row, repairs=self.row.repairs + found))

    def as_json(self) -> dict[str, Any]:
        """The record as plain data."""
        return {
            "digest": self.digest,
            "handed_in": self.handed_in,
            "basis": dict(self.basis),
            "states": dict(self.states),
            "row": asdict(self.row),
            "results": [asdict(each) for each in self.results],
            "feedback": self.feedback,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Graded:
        """The record that :meth:`as_json` wrote. Earlier runs left out on what it rests and what was not read.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: it is no such record.
        """
        results = tuple(_task_result(each) for each in data["results"])
        repairs = tuple(Repair(**each) for each in data["row"]["repairs"])
        row = Row(**{**data["row"], "repairs": repairs})
        if not isinstance(data["feedback"], bool):
            raise TypeError("whether there are pages is not said")
        return cls(
            data.get("digest", ""),
            data.get("handed_in", ""),
            dict(data.get("basis") or {}),
            dict(data.get("states") or {}),
            row,
            results,
            data["feedback"],
        )


def _task_result(data: Mapping[str, Any]) -> TaskResult:
    criteria = tuple(Criterion(**each) for each in data["criteria"])
    result = TaskResult(**{**data, "criteria": criteria})
    texts = [result.stopped, *(text for each in criteria for text in (each.title, each.message))]
    if not all(isinstance(text, str) for text in texts) or not (result.seconds is None or is_finite(result.seconds)):
        raise TypeError("these are no verdicts")
    return result


class Ledger:
    """What the runs of one assignment remember.

    Args:
        work: the run's own folder, see :func:`run_folder`.
    """

    def __init__(self, work: Path) -> None:
        self.work = work

    # --- graded submissions ------------------------------------------------------------------------------------------

    def has(self, student: str) -> bool:
        """Whether a submission of this student was graded before, by whatever version of the course."""
        return self._graded_file(student).exists()

    def graded(self, student: str) -> Graded | None:
        """How the student's submission was graded; None if that is not known."""
        data = _read(self._graded_file(student))
        try:
            return Graded.from_json(data) if data else None
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def basis(self, student: str) -> Mapping[str, str] | None:
        """On what the student's verdicts rest, also in a record that is else of another shape.

        Returns:
            None if nothing was graded, and nothing in it if a version did so that did not write it down.
        """
        data = _read(self._graded_file(student))
        if not data:
            return None
        basis = data.get("basis")
        return basis if isinstance(basis, dict) else {}

    def handed_in(self, student: str) -> str | None:
        """The digest of the submission that was graded, also in a record that is else of another shape."""
        return (_read(self._graded_file(student)) or {}).get("handed_in")

    def remember(self, student: str, graded: Graded) -> None:
        """Write down how a submission was graded, in one step."""
        _write(self._graded_file(student), graded.as_json())

    # --- what was executed -------------------------------------------------------------------------------------------

    def store(self, student: str, notebook: str, key: str, result: Result) -> None:
        """Write down what was executed, in one step.

        Args:
            student: whose submission.
            notebook: which of its notebooks.
            key: of all that the result rests on.
            result: what came of it.
        """
        _write(self._executed_file(student, notebook), {"key": key, "result": result.as_json()})

    def executed(self, student: str, notebook: str, key: str) -> Result | None:
        """What was executed under this key; None if that is not known, or was something else."""
        data = _read(self._executed_file(student, notebook))
        try:
            return Result.from_json(data["result"]) if data and data.get("key") == key else None
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def just_executed(self, student: str, notebook: str) -> Result:
        """What the run has just stored, under whichever key.

        Raises:
            OSError, ValueError: it is not there.
        """
        text = self._executed_file(student, notebook).read_text(encoding="utf-8")
        return Result.from_json(json.loads(text)["result"])

    # --- the release -------------------------------------------------------------------------------------------------

    def made_from(self, parts: Mapping[str, str]) -> bool:
        """Whether the release was made from these parts, by a run that stored what this one does."""
        return _read(self._generated_file()) == {"format": FORMAT, **parts}

    def make_from(self, parts: Mapping[str, str]) -> None:
        """Write down from what the release was made."""
        _write(self._generated_file(), {"format": FORMAT, **parts})

    def _generated_file(self) -> Path:
        return self.work / "generated.json"

    def _graded_file(self, student: str) -> Path:
        return self.work / "graded" / f"{student}.json"

    def _executed_file(self, student: str, notebook: str) -> Path:
        return self.work / "executed" / student / f"{notebook}.json"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(data))
