"""What is reported of a submission: the points are the gradebook's, and the reasons those of the execution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from functional_course.grading.gradebook.scoring import Mark, Standing
from functional_course.grading.judging import basis as bases
from functional_course.grading.reporting.report import AGAIN, BY_HAND, PROVISIONAL, TEST, Change, Row, TaskResult
from functional_course.grading.running.ledger import Graded
from functional_course.grading.taking_in.repairs import WAITING


def results_of(standing: Standing, shown: Mapping[tuple[str, str], TaskResult]) -> list[TaskResult]:
    """A submission's results.

    Args:
        standing: what the gradebook has.
        shown: by notebook and grade id, in order, what the cells showed.
    """
    places = {key: place for place, key in enumerate(shown)}
    marks = sorted(standing.marks, key=lambda each: (places.get((each.notebook, each.cell), len(places)), each.cell))
    return [_result(mark, shown.get((mark.notebook, mark.cell))) for mark in marks]


def _result(mark: Mark, shown: TaskResult | None) -> TaskResult:
    kind = BY_HAND if mark.by_hand else TEST
    result = TaskResult(
        mark.notebook, mark.cell, mark.points, mark.most, given=mark.given, kind=kind, judged=mark.judged
    )
    if mark.waits:
        result = replace(result, waits=AGAIN if mark.given else BY_HAND if mark.points is None else PROVISIONAL)
    if shown is None or mark.by_hand:
        return result
    return replace(result, criteria=shown.criteria, stopped=shown.stopped, kind=shown.kind, seconds=shown.seconds)


def as_it_stands(row: Row, standing: Standing) -> Row:
    """A row with what the gradebook has: what a teacher has looked at since waits no longer."""
    waiting = {(mark.notebook, mark.cell) for mark in standing.marks if mark.waits}
    kept = tuple(each for each in row.repairs if each.severity != WAITING or (each.notebook, each.cell) in waiting)
    return replace(
        row,
        repairs=kept,
        points=standing.points,
        most=standing.most,
        late=standing.late,
        waiting=len(waiting),
    )


def changes(
    student: str, before: Graded | None, results: Sequence[TaskResult], basis: Mapping[str, str]
) -> Iterator[Change]:
    """The scores that are others than those that are remembered.

    Args:
        student: whose.
        before: how the last submission was graded, if that is known.
        results: what came of this one.
        basis: on what its verdicts rest.
    """
    if before is None:
        return
    earlier = before.by_cell
    why = bases.why(before.basis, basis) or "the submission changed or was graded once more"
    for each in results:
        one = earlier.get((each.notebook, each.cell))
        points = None if one is None else one.judged
        if points is not None and each.judged is not None and points != each.judged:
            task = f"{each.notebook} / {each.cell.removeprefix('test-')}"
            yield Change(student, task, points, each.judged, why)
