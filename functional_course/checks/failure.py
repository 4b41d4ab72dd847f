"""How a check says that something is not as asked."""

from __future__ import annotations

from functional_course.errors import lines_of
from functional_course.faults import Fault


class CheckFailed(AssertionError):
    """A property that was asked for does not hold.

    Args:
        asked: what the check asked for, as a phrase.
        found: what it found instead, as a phrase.
        fault: what kind of difference that is, which is all that a hidden criterion says of it.

    Example:

    >>> raise CheckFailed("an output of shape (None, 10)", "(None, 26, 26, 10)", Fault.SHAPE)
    Traceback (most recent call last):
    ...
    functional_course.checks.failure.CheckFailed: asked for an output of shape (None, 10); found (None, 26, 26, 10)
    """

    def __init__(self, asked: str, found: str, fault: Fault) -> None:
        super().__init__(f"asked for {asked}; found {found}")
        self.asked = asked
        self.found = found
        self.fault = fault


def first_line_of(error: BaseException) -> str:
    """An error's type and the first line of what it says, if it says anything.

    Example:

    >>> first_line_of(ValueError("two\\nlines")), first_line_of(NotImplementedError())
    ('ValueError: two', 'NotImplementedError')
    """
    lines = lines_of(error)
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
