"""What is remembered of a submission that was graded: what its tests showed. Its points are the gradebook's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from functional_course.grading.gradebook.scoring import Mark, Standing
from functional_course.grading.reporting.report import AGAIN, BY_HAND, PROVISIONAL, TEST, Criterion, TaskResult


def run_folder(root: Path, assignment: str) -> Path:
    """Where the runs of the grader keep what they know of an assignment."""
    return root / ".course" / "grading" / assignment


def remembered_file(work: Path, student: str) -> Path:
    """Where the grading of a student's submission is remembered, below the run's folder."""
    return work / "graded" / f"{student}.json"


def read_json(path: Path) -> dict[str, Any] | None:
    """What a file holds; None if it is missing or damaged."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def is_whole(data: Mapping[str, Any]) -> bool:
    """Whether what was read of a submission is what a run remembers."""
    try:
        stored_results(data)
        return isinstance(data["row"]["repairs"], list) and isinstance(data["feedback"], bool)
    except (KeyError, TypeError):
        return False


def stored_results(data: Mapping[str, Any]) -> dict[tuple[str, str], TaskResult]:
    """By notebook and grade id, in order, what is remembered of the tasks of a submission.

    Raises:
        KeyError, TypeError: it is not what a run remembers.
    """
    stored = [
        TaskResult(**{**each, "criteria": tuple(Criterion(**one) for one in each["criteria"])})
        for each in data["results"]
    ]
    return {(each.notebook, each.cell): each for each in stored}


def results_of(standing: Standing, judged: Mapping[tuple[str, str], TaskResult]) -> list[TaskResult]:
    """A submission's results: the points are the gradebook's, and the reasons those of the execution.

    Args:
        standing: what the gradebook has.
        judged: by notebook and grade id, in order, what the cells showed.
    """
    places = {key: place for place, key in enumerate(judged)}
    marks = sorted(standing.marks, key=lambda each: (places.get((each.notebook, each.cell), len(places)), each.cell))
    return [_result(mark, judged.get((mark.notebook, mark.cell))) for mark in marks]


def _result(mark: Mark, judged: TaskResult | None) -> TaskResult:
    kind = BY_HAND if mark.by_hand else TEST
    result = TaskResult(
        mark.notebook, mark.cell, mark.points, mark.most, given=mark.given, kind=kind, judged=mark.judged
    )
    if mark.waits:
        result = replace(result, waits=AGAIN if mark.given else BY_HAND if mark.points is None else PROVISIONAL)
    if judged is None or mark.by_hand:
        return result
    return replace(result, criteria=judged.criteria, stopped=judged.stopped, kind=judged.kind, seconds=judged.seconds)
