"""What a class did, task by task: criteria out of the outputs of tests, commonest reasons, and the spread of points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from functional_course.grading.reporting.plain_text import LONGEST_MESSAGE, plain
from functional_course.grading.reporting.report import BY_HAND, RUBRIC, TEST, Criterion, Row, TaskResult, TaskRow
from functional_course.grading.taking_in.finite import is_finite
from functional_course.rubric import MIME_TYPE
from functional_course.rubric.wording import NOT_ANSWERED

_MOST_CRITERIA, _LONGEST_TITLE = 100, 200
_MOST_MESSAGES = 3


def criteria_of(outputs: Iterable[Any], released: str | None = None) -> tuple[Criterion, ...]:
    """The criteria in the result of a test cell. Whatever is not what a rubric writes is left out.

    Args:
        outputs: the cell's outputs. They say nothing about points: those are what nbgrader scored.
        released: the text of the released test cell. A criterion whose title is not in it is a hidden one.

    Returns:
        The criteria of the last result that is a rubric's; none if there is none.
    """
    found: tuple[Criterion, ...] = ()
    for output in outputs if isinstance(outputs, (list, tuple)) else ():
        if not isinstance(output, Mapping) or output.get("output_type") != "execute_result":
            continue
        data = output.get("data")
        rubric = data.get(MIME_TYPE) if isinstance(data, Mapping) else None
        verdicts = rubric.get("verdicts") if isinstance(rubric, Mapping) else None
        if isinstance(verdicts, (list, tuple)):
            found = tuple(
                criterion for verdict in verdicts[:_MOST_CRITERIA] if (criterion := _criterion(verdict, released))
            )
    return found


def _criterion(verdict: Any, released: str | None) -> Criterion | None:
    if not isinstance(verdict, Mapping):
        return None
    title, message = verdict.get("title"), verdict.get("message")
    points, earned = verdict.get("points"), verdict.get("earned")
    if not isinstance(title, str) or not isinstance(message, str) or not (is_finite(points) and is_finite(earned)):
        return None
    hidden = None if released is None else title not in released
    return Criterion(plain(title, _LONGEST_TITLE), earned >= points, plain(message, LONGEST_MESSAGE), hidden)


def task_rows(results: Iterable[tuple[str, Iterable[TaskResult]]]) -> tuple[TaskRow, ...]:
    """Put the results of all learners together, task by task, in the order in which the tasks first appear.

    Args:
        results: each learner with the results in all tasks.
    """
    together: dict[tuple[str, str], list[tuple[str, TaskResult]]] = {}
    for student, learner in results:
        for result in learner:
            together.setdefault((result.notebook, result.cell), []).append((student, result))
    rows = []
    for (notebook, cell), mine in together.items():
        # A cell for an answer may have points itself, besides those of its test.
        short = cell.removeprefix("test-")
        task = cell if (notebook, short) in together else short
        scored = [(result, result.points) for _, result in mine if result.points is not None]
        failed = [result for result, points in scored if not points >= result.most and not result.waits]
        messages = Counter(reason for result in failed for reason in _reasons(result))
        # Those met equally often in the order of the alphabet, so that a report can be compared with the next one.
        commonest = sorted(messages.items(), key=lambda item: (-item[1], item[0]))[:_MOST_MESSAGES]
        mean = sum(points for _, points in scored) / len(scored) if scored else None
        most = max(result.most for _, result in mine)
        kinds = {result.kind for _, result in mine}
        kind = next(each for each in (BY_HAND, RUBRIC, TEST) if each in kinds)
        waiting = tuple((student, result.waits) for student, result in mine if result.waits)
        rows.append(TaskRow(notebook, task, mean, most, len(failed), len(mine), tuple(commonest), kind, waiting))
    return tuple(rows)


def _reasons(result: TaskResult) -> set[str]:
    """Why a learner failed in a task, each reason once."""
    if result.given or result.kind == BY_HAND:
        return set()
    wrong = [criterion for criterion in result.criteria if not criterion.passed]
    if any(criterion.message == NOT_ANSWERED for criterion in wrong) or result.stopped == NOT_ANSWERED:
        return {NOT_ANSWERED}
    reasons = {f"{one.title}: {one.message}" if one.message else one.title for one in wrong}
    return reasons or {plain(result.stopped or "its test gave no points", LONGEST_MESSAGE)}


def histogram(rows: Iterable[Row], bins: int = 10) -> list[tuple[float, float, int]]:
    """How many learners have how many points: lower end, upper end and count of each bin; the last holds full marks."""
    scored = [(row.points, row.most) for row in rows if row.points is not None]
    most = max((most for _, most in scored), default=0.0)
    if not most > 0:
        return []
    counts = [0] * bins
    for points, _ in scored:
        counts[min(bins - 1, max(0, int(points / most * bins)))] += 1
    return [(most * place / bins, most * (place + 1) / bins, count) for place, count in enumerate(counts)]
