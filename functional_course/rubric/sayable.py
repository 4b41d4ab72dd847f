"""What may be said of an error by which an answer could tell hidden inputs: one of a closed list of messages."""

from __future__ import annotations

from functional_course.faults import Fault
from functional_course.rubric.explaining import explain
from functional_course.rubric.wording import (
    AN_ERROR,
    ASKED_TO_EXIT,
    IN_HIDDEN,
    LEFT_OUT,
    NOT_ANSWERED,
    NOT_SO,
    RESTS_ON_EARLIER,
    TOO_LONG,
)

_COMMON = (TypeError, ValueError, AttributeError, KeyError, IndexError, NameError, ZeroDivisionError)

SAYABLE = frozenset(
    {NOT_ANSWERED, TOO_LONG, ASKED_TO_EXIT, NOT_SO, RESTS_ON_EARLIER}
    | {f"{name}{IN_HIDDEN}" for name in (AN_ERROR, *(kind.__name__ for kind in _COMMON))}
    | {f"{NOT_SO}: {fault.value}" for fault in Fault}
)
"""All that is said of an error by which an answer could tell hidden inputs."""


def sayable(error: BaseException) -> str:
    """What a hidden criterion says of an error by which an answer could tell hidden inputs: one of :data:`SAYABLE`."""
    if isinstance(error, SystemExit):
        return ASKED_TO_EXIT
    if str(error) in (TOO_LONG, ASKED_TO_EXIT):
        return str(error)
    said = explain(error, hidden=True)
    return said if said in SAYABLE else f"{AN_ERROR}{IN_HIDDEN}"


def sayable_in_visible(error: BaseException) -> str:
    """The same of a visible criterion, which says that it would tell more."""
    said = sayable(error).removesuffix(IN_HIDDEN)
    return said if said in (NOT_ANSWERED, TOO_LONG, ASKED_TO_EXIT, RESTS_ON_EARLIER) else f"{said} ({LEFT_OUT})"
