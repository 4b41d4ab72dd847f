"""What a class did, task by task, with the commonest reasons, and the spread of points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from functional_course.grading.reporting.plain_text import LONGEST_MESSAGE, one_line
from functional_course.grading.reporting.report import BY_HAND, RUBRIC, TEST, Row, TaskResult, TaskRow
from functional_course.rubric.wording import NOT_ANSWERED

_MOST_MESSAGES = 3


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
    return reasons or {one_line(result.stopped or "its test gave no points", LONGEST_MESSAGE)}


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
