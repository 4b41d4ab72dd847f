"""The criteria of a task, out of what its test showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from functional_course.grading.reporting.plain_text import LONGEST_MESSAGE, one_line
from functional_course.grading.reporting.report import Criterion
from functional_course.grading.taking_in.finite import is_finite
from functional_course.rubric import MIME_TYPE

_MOST_CRITERIA, _LONGEST_TITLE = 100, 200


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
    return Criterion(one_line(title, _LONGEST_TITLE), earned >= points, one_line(message, LONGEST_MESSAGE), hidden)
